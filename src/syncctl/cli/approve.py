"""approve: a second person's word on a plan, whole or without some rows. I/O: the ledger, a question on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.exits import NOT_APPROVED
from syncctl.cli.plans import Except, Named, Note, find_plan, left_out

if TYPE_CHECKING:
    from syncctl.cli.session import Session
    from syncctl.model import Plan

PANEL: Final = "Every day"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel=PANEL)(approve)


def approve(
    context: typer.Context,
    named: Named = "",
    leave: Except = "",
    note: Note = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed off a terminal.")] = False,
) -> None:
    """Approve a plan that somebody else made, as `approve_above` in syncctl.yaml asks for; or leave rows out of it.

    The approval is kept with your user name, and goes with exactly this plan. Off a terminal it needs --yes.
    """
    from syncctl.report.approvals import approved_report
    from syncctl.report.plans import plan_report
    from syncctl.run import approve as give
    from syncctl.run.approving import check_approvable

    session: Session = context.obj
    with session.project() as project:
        made = find_plan(project, named)
        intents = left_out(made, leave, note)
        check_approvable(project, made)
        report = plan_report(made, now=project.clock.now(), asks=True)
        if session.output == "table":
            session.show(report)
        else:
            session.tell(report.show)
        if not (yes or _asked(session, made, len(intents))):
            raise typer.Exit(NOT_APPROVED)
        session.show(approved_report(made, give(project, made, intents, note)))


def _asked(session: Session, made: Plan, left: int) -> bool:
    if not session.asks:
        session.say(f"nothing is approved without --yes off a terminal: syncctl approve {made.id} --yes")
        return False
    from syncctl.report.table import these

    but = f" but {left:,} and what waits for them" if left else ""
    return session.ask(f"Approve {these(len(made.changes))}{but}?")
