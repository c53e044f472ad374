"""What an undo keeps quiet is told apart from what a person accepted."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from syncctl.model import HOLD_NOTE, Finding, FindingKind, Ref
from syncctl.report.page import console_for, print_page
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
    assert "accepted" not in held
    assert "accepted by ann: paid in cash" in accepted
