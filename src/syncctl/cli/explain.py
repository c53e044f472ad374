"""explain: why a record matched or not, and why each value is as it is. I/O: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.exits import USAGE

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Decide"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel=PANEL)(explain)


def explain(
    context: typer.Context,
    record: Annotated[
        str, typer.Argument(metavar="RECORD", help="A reference (stripe:invoice:in_1), or an exact name or number.")
    ],
) -> None:
    """Say why a record matched, why not, and why each of its values is as it is."""
    from syncctl.cli.plans import sides_of
    from syncctl.report.explanation import candidates_report, explanation_report
    from syncctl.run.explaining import explain as told
    from syncctl.run.explaining import named_records, one_thing

    session: Session = context.obj
    with session.project() as project:
        found = named_records(project, record)
        if one_thing(project, found):
            session.show(explanation_report(told(project, found), sides_of(project)))
            return
    session.say(f"{len(found)} records are called {record!r}: type one of the commands shown")
    session.show(candidates_report(record, found))
    raise typer.Exit(USAGE)
