"""The list of open writes: every state with its way out, what is not listed, and what a person's word did."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from paper import shown
from plans import CUSTOMER, DEAL, INVOICE, PHONE, TOTAL, VOID

from syncctl.ledger.operation import Operation
from syncctl.ledger.states import State
from syncctl.model import Change, Ref
from syncctl.redact import Redactor
from syncctl.report.open_writes import DECISIONS, decided_report, open_writes_report
from syncctl.run.history import OpenWrites

REDACT = Redactor(["hunter2-hunter2"])
REFUSAL = "the deposit account is no bank account, token hunter2-hunter2"


def operation(identity: str, change: Change, state: State, message: str = "", ref: Ref | None = None) -> Operation:
    return Operation(
        identity, change.intent, "plan-1", "run-7c31", 0, state, 1, change, None, b"", ref, False, "", message,
        "", "", "2026-11-20T03:00:00+00:00",
    )  # fmt: skip


OPEN = (
    operation("op-1", INVOICE, State.REJECTED, REFUSAL),
    operation("op-2", TOTAL, State.UNKNOWN, "ReadTimeout: no answer within 60 seconds"),
    operation("op-3", VOID, State.REVIEW, "two invoices carry the mark"),
    operation("op-4", DEAL, State.HELD, "waits for create INV-1042 · Acme GmbH, which was refused"),
    operation("op-5", CUSTOMER, State.PLANNED),
)
HISTORY = (operation("op-0", PHONE, State.CONFLICT, "PrimaryPhone is (555) 010-0142 now"),)


@pytest.mark.parametrize("width", [80, 160])
def test_open_writes_as_they_are_seen(golden: Callable[[str, str], None], width: int) -> None:
    report = open_writes_report(OpenWrites(OPEN, HISTORY), REDACT, everything=True)
    golden(f"open_writes_{width}", shown(report, width))


def test_every_open_write_says_how_it_ends() -> None:
    (cut,) = open_writes_report(OpenWrites((operation("op-6", TOTAL, State.UNKNOWN),)), REDACT).rows
    assert cut["message"] == "the run ended while this was being sent"
    fixes = {row["state"]: row["fix"] for row in open_writes_report(OpenWrites(OPEN), REDACT).rows}
    assert "syncctl ops retry op-1" in fixes["rejected"]
    assert "nothing to decide" in fixes["unknown"]
    assert "syncctl ops settle op-3 --as written|refused|never --note WHY" in fixes["review"]
    assert "nothing to do here" in fixes["held"]
    assert "syncctl runs resume run-7c31" in fixes["planned"]


def test_the_list_says_what_it_leaves_out_also_when_it_is_empty() -> None:
    for found in (OpenWrites(OPEN), OpenWrites(())):
        said = " ".join(shown(open_writes_report(found, REDACT), 80).split())
        assert "What was written is in `syncctl runs show RUN`" in said
        assert "what nobody waits for any more is in `syncctl ops list --all`" in said
    assert "Nothing is open" in said
    assert "NEXT" not in said


@pytest.mark.parametrize("width", [80, 160])
def test_decisions_as_they_are_seen(golden: Callable[[str, str], None], width: int) -> None:
    made = Ref("quickbooks", "Invoice", "2071")
    before = {"released": (State.LAPSED, REFUSAL), "written": (State.APPLIED, "settled by hand: found its number")}
    pages = []
    for decision in DECISIONS:
        state, message = before.get(decision, (State.LAPSED, "settled by hand: looked, nothing there"))
        ref = made if decision == "written" else None
        pages.append(shown(decided_report(operation("op-1", INVOICE, state, message, ref), decision, REDACT), width))
    golden(f"decisions_{width}", "\n".join(pages))


def test_a_released_write_is_not_told_as_a_new_refusal() -> None:
    report = decided_report(OPEN[0], "released", REDACT)
    (row,) = report.rows
    assert (row["decision"], row["next"]) == ("released", "syncctl reconcile")
    assert "message" not in row
    assert row["before"].startswith("the deposit account")
    page = shown(report, 80)
    assert page.startswith("RELEASED")
    assert "Nothing was sent now" in page
    assert "refused before" in page
    assert "hunter2-hunter2" not in page + str(row)
