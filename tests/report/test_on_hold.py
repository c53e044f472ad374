"""What an undo keeps quiet is told apart from what a person accepted."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from syncctl.model import HOLD_NOTE, STAYS, Finding, FindingKind, Ref
from syncctl.report.page import console_for, print_page
from syncctl.report.plans import finding_fields
from syncctl.report.statement import statement_block

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


def quiet(name: str, note: str, by: str = "") -> Finding:
    ref = Ref("stripe", "invoice", name)
    return Finding("invoices", FindingKind.MISSING, ref, None, name=name, accepted=True, note=note, accepted_by=by)


def test_what_an_undo_put_on_hold_is_not_said_to_be_accepted() -> None:
    findings = [quiet("INV-1", f"{HOLD_NOTE}: syncctl match release ends it"), quiet("INV-2", "paid in cash", "ann")]
    stream = io.StringIO()
    print_page(console_for(stream, color="never", width=80), statement_block((), findings, sides={}, width=80, now=NOW))
    held, _, accepted = stream.getvalue().partition("ON HOLD")[2].partition("ACCEPTED")
    assert "INV-1" in held
    assert "no partner: only in stripe" in held
    assert "accepted" not in held
    assert "accepted by ann: paid in cash" in accepted
    assert "in sync · 1 finding on hold after an undo" in accepted
    said = [{key: finding_fields(one)[key] for key in ("accepted", "on_hold")} for one in findings]
    assert said == [{"accepted": False, "on_hold": True}, {"accepted": True, "on_hold": False}]


def test_what_an_undo_leaves_is_listed_and_counted_as_staying_and_not_as_open() -> None:
    ref = Ref("xero", "Invoice", "7")
    stays = Finding("invoices", FindingKind.BLOCKED, None, ref, name="INV-7", hint=f"{STAYS}it is paid")
    stream = io.StringIO()
    print_page(console_for(stream, color="never", width=80), statement_block((), [stays], sides={}, width=80, now=NOW))
    page = stream.getvalue()
    assert "STAYS  what an undo leaves as it is, and why" in page
    assert "1 stays · nothing unexplained" in page
    assert "open" not in page.lower()
