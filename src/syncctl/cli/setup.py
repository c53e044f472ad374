"""setup: shows what a vendor needs once, asks, makes it. I/O: a vendor, the ledger, a question on a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from syncctl.cli.exits import NOT_APPROVED, OK

if TYPE_CHECKING:
    from syncctl.cli.session import Session
    from syncctl.model import Request

COLUMNS: Final = ("kind", "makes", "request", "outcome", "message")


def run_setup(session: Session, system: str, *, yes: bool) -> int:
    """The whole command; returns its exit code."""
    from syncctl.cli.signals import stopping
    from syncctl.report.listing import listing
    from syncctl.run.setting_up import exit_code, make_setup, missing_setup

    nothing_made = f"nothing was made in {system}. Next: syncctl setup {system}"
    with stopping(session.say, nothing_made) as stop, session.project(a_run=True) as project:
        requests = missing_setup(project, system)
        rows = [_row(request) for request in requests]
        nothing = f"{system} has everything it needs"
        if not requests or not (yes or _agreed(session, system, rows)):
            session.show(listing("setup", rows, COLUMNS, empty=nothing))
            return NOT_APPROVED if requests else OK
        stop.writing = True
        made = make_setup(project, system, requests)
        rows = [
            {**_row(request), "outcome": receipt.outcome, "message": session.redact(receipt.message)}
            for request, receipt in made
        ]
        session.show(listing("setup", rows, COLUMNS, empty=nothing))
        return session.exit_code(stop(), exit_code(made))


def _row(request: Request) -> dict[str, Any]:
    """What a request makes, as far as its body says."""
    body = json.loads(request.body or b"{}")
    named = [str(body[key]) for key in ("label", "name") if key in body]
    return {"kind": request.kind, "makes": ", ".join(named), "request": f"{request.method} {request.path}"}


def _agreed(session: Session, system: str, rows: Sequence[dict[str, Any]]) -> bool:
    from syncctl.report.listing import rows_table

    if not session.asks:
        session.say(f"nothing is made without --yes off a terminal: syncctl setup {system} --yes")
        return False
    session.tell(lambda width: rows_table(rows, COLUMNS, width))
    return session.ask(f"Make this in {system}?")
