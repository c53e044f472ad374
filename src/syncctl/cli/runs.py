"""runs list|show|resume|retry: what ran, what it did, going on with what was cut short. I/O: the ledger, vendors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.sections import group

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Look inside"
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id in `runs list`.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("What ran and what it did; go on with what was cut short.")
    commands.command("list")(list_)
    commands.command()(show)
    commands.command()(resume)
    commands.command()(retry)
    app.add_typer(commands, name="runs", rich_help_panel=PANEL)


def list_(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many.")] = 20,
) -> None:
    """Show the last runs, newest first."""
    from syncctl.report.runs import runs_report
    from syncctl.run.history import runs_list
    from syncctl.run.pausing import paused

    session: Session = context.obj
    with session.project() as project:
        session.show(runs_report(runs_list(project, limit), paused=session.redact(paused(project))))


def show(context: typer.Context, run: RunId) -> None:
    """Show the plan that a run carried out: each change, and what became of it."""
    from syncctl.report.carried import run_report
    from syncctl.run.history import runs_show

    session: Session = context.obj
    with session.project() as project:
        session.show(run_report(runs_show(project, run), session.redact))


def resume(context: typer.Context, run: RunId) -> None:
    """Send what a run left unsent of its plan. What is unknown is found out first; nothing is written twice."""
    from syncctl.cli.plans import tell_unread
    from syncctl.cli.signals import stopping
    from syncctl.report.runs import applied_report
    from syncctl.run import resume as go_on

    session: Session = context.obj
    session.begins("runs resume")
    with stopping(session.say) as stop, session.project(a_run=True) as project:
        stop.writing = True
        with session.progress() as progress:
            report = go_on(project, run, progress=progress, stop=stop)
        session.ended(report)
        session.show(applied_report(report, session.redact))
    tell_unread(session, report)
    raise typer.Exit(report.exit_code)


def retry(context: typer.Context, run: RunId) -> None:
    """Release every refused write of a run: the next plan may propose them again as they are. Sends nothing."""
    from syncctl.report.open_writes import released_report
    from syncctl.run.settling import retry_run

    session: Session = context.obj
    with session.project(a_run=True) as project:
        session.show(released_report(retry_run(project, run), session.redact))
