"""The run summary: every outcome, and every trouble with its cause, its redacted payload and its fix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from paper import on_paper
from plans import CUSTOMER, DEAL, INVOICE, PHONE, TOTAL, VOID, edit

from syncctl.ledger.states import State
from syncctl.model import Change, Ref
from syncctl.redact import Redactor
from syncctl.report.plans import change_rows
from syncctl.report.summary import run_summary

SECRET = "hunter2-hunter2"


@dataclass(frozen=True)
class Became:
    change: Change
    state: State
    ref: Ref | None = None
    code: str = ""
    message: str = ""
    fix: str = ""
    body: str = ""


ROWS = (
    Became(CUSTOMER, State.APPLIED, Ref("quickbooks", "Customer", "93")),
    Became(PHONE, State.CONFLICT, message="PrimaryPhone.FreeFormNumber is (555) 010-0142 now"),
    Became(
        INVOICE,
        State.REJECTED,
        code="6540",
        message="the deposit account is not a bank account",
        fix="choose a bank account in books: accounts: clearing",
        body='{"Fault": {"Error": [{"code": "6540", "Detail": "token ' + SECRET + ' in \x1b[31m it"}]}}',
    ),
    Became(TOTAL, State.UNKNOWN, message="ReadTimeout: no answer within 60 seconds"),
    Became(VOID, State.REVIEW, message="two invoices carry the mark", fix="syncctl ops list"),
    Became(DEAL, State.HELD, message="waits for create INV-1042 · Acme GmbH, which was refused"),
    Became(PHONE, State.PLANNED, message="the daily limit of quickbooks is reached"),
)


def printed(rows: tuple[Became, ...], width: int) -> str:
    return on_paper(run_summary(rows, run="7c31", width=width, redact=Redactor([SECRET])), width)


def test_on_a_narrow_page_no_amount_of_what_was_written_is_cut() -> None:
    written = tuple(replace(row, state=State.APPLIED) for row in ROWS)
    wide = {word for word in printed(written, 160).split() if word[0].isdigit() and "." in word}
    assert wide
    assert wide <= set(printed(written, 38).split())


@pytest.mark.parametrize("width", [80, 160])
def test_the_summary_as_it_is_seen(golden: Callable[[str, str], None], width: int) -> None:
    golden(f"summary_{width}", printed(ROWS, width))


def test_a_payload_is_redacted_and_its_escapes_are_visible() -> None:
    text = printed(ROWS, 80)
    assert SECRET not in text
    assert "[redacted]" in text
    assert "\x1b" not in text


def test_all_written_needs_nothing_more() -> None:
    text = printed(ROWS[:1], 80)
    assert "1 of 1 change written" in text
    assert "NEXT" not in text


def test_a_record_that_was_not_made_is_called_by_its_name_where_another_would_have_named_it() -> None:
    made_up = "new-customers.0123456789ab"
    customer = replace(CUSTOMER, target=Ref("quickbooks", "Customer", made_up))
    edits = (edit("CustomerRef", "", made_up, "ref.value"), edit("ItemRef", "", "new-products.0123456789ab"))
    invoice = replace(INVOICE, edits=edits)
    text = printed((Became(customer, State.PLANNED), Became(invoice, State.PLANNED)), 160)
    assert "CustomerRef: Acme GmbH, new in quickbooks" in text
    assert "ItemRef: a new record of products" in text
    (row, other) = change_rows({invoice.intent: 1}, invoice)
    assert (row["target"], row["after"], other["after"]) == (
        "new in quickbooks", "a new record of customers", "a new record of products",
    )  # fmt: skip
