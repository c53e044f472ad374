"""What stops a write is told in one wording, whether a list is made from the ledger or from a plan."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from syncctl.model import Finding, FindingKind, Money, Ref
from syncctl.plan.unfinished import as_listed, as_planned

INVOICE = Ref("stripe", "invoice", "in_1")
BOOKED = Ref("quickbooks", "Invoice", "9")
MISSING = Finding(
    "invoices", FindingKind.MISSING, INVOICE, None, since="2026-11-08", amount=Money(Decimal(5), "USD"), number=7
)
REFUSED = Finding("invoices", FindingKind.REJECTED, INVOICE, None, since="2026-11-20", hint="quickbooks said: no")
MEMO = Finding("invoices", FindingKind.DIFFERENCE, INVOICE, BOOKED, "Memo", since="2026-11-09", number=8)
TOTAL = replace(MEMO, field="TotalAmt", reason="amount", since="2026-11-07", number=9)
BLOCKED = Finding("invoices", FindingKind.BLOCKED, INVOICE, BOOKED, since="2026-11-20", hint="the period is closed")


def test_a_finding_whose_write_is_stopped_says_so_and_keeps_its_number_age_and_amount() -> None:
    (told,) = as_planned([MISSING], [REFUSED])
    assert (told.kind, told.hint) == (FindingKind.REJECTED, "quickbooks said: no")
    assert (told.number, told.since, told.amount) == (7, MISSING.since, MISSING.amount)
    assert as_listed([REFUSED], [MISSING]) == (told,)


def test_what_is_only_reported_or_accepted_stays_what_it_is() -> None:
    accepted = replace(MISSING, accepted=True)
    assert as_planned([accepted], [REFUSED]) == (accepted,)
    memo, total = as_planned([MEMO, TOTAL], [BLOCKED, TOTAL])
    assert (memo.kind, memo.hint) == (FindingKind.BLOCKED, "the period is closed")
    assert total == TOTAL


def test_a_value_that_cannot_be_compared_keeps_its_own_reason_beside_a_write_that_is_stopped() -> None:
    apart = replace(TOTAL, kind=FindingKind.BLOCKED, reason="currency", hint="two currencies")
    memo, total = as_planned([MEMO, apart], [BLOCKED, apart])
    assert total == apart
    assert memo.hint == "the period is closed"


def test_what_a_draft_does_not_list_any_more_is_corrected_by_it_and_not_open() -> None:
    memo, total = as_planned([MEMO, TOTAL], [TOTAL])
    assert (memo.planned, memo.open, total.planned, total.open) == (True, False, False, True)


def test_a_write_that_would_settle_several_findings_has_the_oldest_age_and_no_number_of_one_of_them() -> None:
    (told,) = as_listed([BLOCKED], [MEMO, TOTAL])
    assert (told.number, told.since) == (0, TOTAL.since)
