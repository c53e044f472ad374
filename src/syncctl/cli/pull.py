"""pull: bring the vendors' records into the ledger. I/O: vendors, the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Every day"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel=PANEL)(pull)


def pull(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="SYSTEM[.KIND]", help="What to pull; what mappings need by default."),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Everything again, not only what changed.")] = False,
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="What changed since then: 2026-10-01.")] = "",
) -> None:
    """Bring records from the vendors into the ledger. Writes nothing at any vendor."""
    from syncctl.cli.options import as_day, beginning
    from syncctl.cli.signals import READING, stopping
    from syncctl.report.runs import pull_report
    from syncctl.run import pull as bring
    from syncctl.run.heads import alone

    session: Session = context.obj
    session.begins("pull", targets)
    day = as_day(since)
    cut = READING.format(where="at any vendor", again="pull")
    with (
        stopping(session.say, cut) as stop,
        session.project(a_run=True) as project,
        alone(project, project.new_id()),
        session.progress(stop) as progress,
    ):
        start = beginning(day, project.settings.time_zone)
        report = bring(project, targets or (), full=full, since=start, progress=progress)
    session.ended(report)
    session.show(pull_report(report))
