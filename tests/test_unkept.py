"""What a vendor took and did not keep is told and not sent again, until a side or the mapping moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from deeds import NOTHING, by_hand, quiet_hour, settled_office, vendor
from office import Office, about
from syncctl import run
from syncctl.ledger.verifying import verify
from syncctl.run.review import findings_accept
from test_situations_tax import taxed

TAX = "TxnTaxDetail.TotalTax"


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        found.without_canary()  # it would stop the first night at the tax
        yield found


def reckoned(office: Office) -> dict[str, Any]:
    """A taxed sale, booked by a company that reckons its tax itself: 8.00 where 7.25 was sent."""
    vendor(office, "quickbooks").set_rules(tax_overrides=True)
    sold = taxed(office, "INV-TAX", "exclusive")
    office.reconcile()
    return sold


def test_a24_a_tax_that_the_vendor_does_not_keep_is_written_once_and_told_until_a_person_accepts_it(
    office: Office,
) -> None:
    reckoned(office)
    assert quiet_hour(office) == NOTHING
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, report.plan.changes, writes) == (2, (), NOTHING)
    assert verify(office.project.engine.db, office.project.engine.lineage, office.folder / "no-heads").broken == ()
    (told,) = (one for one in about(report.findings, "difference") if one.field == TAX)
    assert told.hint.startswith(f"{TAX}: quickbooks did not keep it: we wrote 7.25 USD, it holds 8 USD.")
    assert told.amount is not None
    assert told.number
    (line,) = (one for one in report.statement if (one.mapping, one.currency) == ("invoices", "USD"))
    assert (str(line.waiting.amount), line.correcting.items) == ("0.75", 0)
    found = run.diff(office.project).findings
    assert told.hint in {one.hint for one in found}
    for one in found:
        findings_accept(office.project, one.number, "their tax office")
    office.clock.advance(3600)
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, writes) == (0, NOTHING)


def test_a24_it_is_written_again_once_the_source_says_another_value(office: Office) -> None:
    sold = reckoned(office)
    quiet_hour(office)
    office.clock.advance(3600)
    taxes = [{**sold["total_taxes"][0], "amount": 700}]
    vendor(office, "stripe").store.things["invoice"][sold["id"]]["total_taxes"] = taxes
    by_hand(office, "stripe", f"/v1/invoices/{sold['id']}", {"description": "tax put right"})
    (change,) = (one for one in office.plan().changes if one.mapping == "invoices")
    assert {edit.field for edit in change.edits} == {TAX}
    office.reconcile()
    assert quiet_hour(office) == NOTHING


def test_a24_what_was_corrected_there_and_then_moved_back_by_hand_is_written_again(office: Office) -> None:
    """A value that was kept in between is no value that the vendor does not keep."""
    reckoned(office)
    vendor(office, "quickbooks").set_rules(tax_overrides=False)
    assert quiet_hour(office) == NOTHING
    for tax in ("7.25", "8.00"):
        (booked,) = office.booked("INV-TAX")
        office.amend("Invoice", booked, TxnTaxDetail={**booked["TxnTaxDetail"], "TotalTax": tax})
        office.clock.advance(3600)
        report = office.reconcile()
    assert [(one.mapping, one.action) for one in report.plan.changes] == [("invoices", "update")]
    assert office.booked("INV-TAX")[0]["TxnTaxDetail"]["TotalTax"] == "7.25"
    assert quiet_hour(office) == NOTHING


def test_a24_an_edit_of_the_mapping_lets_it_be_written_once_more(office: Office) -> None:
    reckoned(office)
    office.edit("invoices", "tolerance: 0.05, reason: tax", "tolerance: 0.02, reason: tax")
    assert [one.mapping for one in office.plan().changes] == ["invoices"]


def test_what_a_vendor_kept_is_seen_though_its_clock_was_put_back(office: Office) -> None:
    """It stamps what was just written as older than what was there before."""
    buyer = next(iter(vendor(office, "stripe").store.things["customer"].values()))
    by_hand(office, "stripe", f"/v1/customers/{buyer['id']}", {"email": "new@a.example", "phone": "+16175550149"})
    planned = {change.target.system for change in office.plan().changes}
    assert planned == {"quickbooks", "hubspot"}
    office.clock.time -= timedelta(hours=30)
    office.reconcile()
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, about(report.findings, "difference"), writes) == (0, [], NOTHING)
