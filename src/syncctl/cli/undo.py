"""undo: what a run wrote, taken back, with the same table, question and guards. I/O: vendors, ledger, a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.plans import Amounts, Changes, FailFast, Ratio, sides_of

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Every day"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel=PANEL)(undo)


def undo(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id in `runs list`.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Everything but the writing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Never overrides a guard.")] = False,
    max_changes: Changes = None,
    max_ratio: Ratio = "",
    max_amount: Amounts = None,
    fail_fast: FailFast = False,
) -> None:
    """Take back what a run wrote: fields as they were, new records voided or archived. Nothing is deleted.

    What somebody changed since stays, and the table says why. The pairs are on hold from then on: the next run proposes
    nothing for them until `match release`.
    """
    from syncctl.cli.options import as_overrides
    from syncctl.cli.reconcile import Asking, answer
    from syncctl.cli.signals import READING, stopping
    from syncctl.run import Choices
    from syncctl.run import undo as take_back

    session: Session = context.obj
    session.begins("undo --dry-run" if dry_run else "undo", [run])
    choices = Choices(as_overrides(max_changes, max_ratio, max_amount or ()), fail_fast=fail_fast)
    cut = READING.format(where="by this run", again=f"undo {run}")
    with stopping(session.say, cut) as stop, session.project(a_run=True) as project:
        asking = Asking(session, project, stop, choices.overrides, yes=yes)
        stop.writing = True  # it begins with writes that an earlier run left open
        with session.progress(stop) as progress:
            report = take_back(
                project, run, dry_run=dry_run, confirm=asking, choices=choices, progress=progress, stop=stop
            )
        session.ended(report, sides_of(project))
        answer(session, project, report, table_shown=asking.shown)
    raise typer.Exit(report.exit_code)
