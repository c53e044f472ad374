"""reconcile: the whole job in one command. I/O: vendors, the ledger, a question on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.plans import Amounts, Changes, FailFast, Mappings, Ratio, Shrunk, sides_of, tell_uncapped, tell_unread

if TYPE_CHECKING:
    from syncctl.cli.session import Session
    from syncctl.cli.signals import Stop
    from syncctl.mapping.language import Guards
    from syncctl.model import Plan
    from syncctl.project import Project
    from syncctl.run import ReconcileReport

PANEL: Final = "Every day"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel=PANEL)(reconcile)


def reconcile(
    context: typer.Context,
    mappings: Mappings = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Everything but the writing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Never overrides a guard.")] = False,
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="Pull what changed since then.")] = "",
    max_changes: Changes = None,
    max_ratio: Ratio = "",
    max_amount: Amounts = None,
    allow_shrunk: Shrunk = False,
    fail_fast: FailFast = False,
) -> None:
    """Pull, compare, show the corrections, ask, write them, read them back, and end with the statement.

    Off a terminal nothing is written without --yes: the plan is saved and the exit code is 6.
    """
    from syncctl.cli.options import as_day, as_overrides, beginning
    from syncctl.cli.signals import READING, stopping
    from syncctl.run import Choices
    from syncctl.run import reconcile as run

    session: Session = context.obj
    session.begins("reconcile --dry-run" if dry_run else "reconcile", mappings)
    overrides = as_overrides(max_changes, max_ratio, max_amount or ())
    day = as_day(since)
    choices = Choices(overrides, allow_shrunk=allow_shrunk, fail_fast=fail_fast)
    # Writes that an earlier run left open may have been ended by now: they are not this run's.
    cut = READING.format(where="by this run", again="reconcile --dry-run" if dry_run else "reconcile")
    with stopping(session.say, cut) as stop, session.project(a_run=True) as project:
        asking = Asking(session, project, stop, overrides, yes=yes)
        stop.writing = True  # the run begins with writes that an earlier one left open
        with session.progress(stop) as progress:
            report = run(
                project,
                mappings or (),
                dry_run=dry_run,
                confirm=asking,
                choices=choices,
                since=beginning(day, project.settings.time_zone),
                progress=progress,
                stop=stop,
            )
        session.ended(report, sides_of(project))
        answer(session, project, report, table_shown=asking.shown)
        if dry_run:
            tell_uncapped(session, project, report.plan, overrides)
    raise typer.Exit(report.exit_code)


class Asking:
    """Shows the dry run and asks; answers for itself where nobody can."""

    def __init__(self, session: Session, project: Project, stop: Stop, overrides: Guards, *, yes: bool) -> None:
        self._session = session
        self._project = project
        self._stop = stop
        self._overrides = overrides
        self._yes = yes
        self.shown = False

    def __call__(self, plan: Plan) -> bool:
        from syncctl.cli.signals import ASKED

        if self._stop():
            return False
        self._stop.holds = ASKED.format(plan=plan.id)
        tell_uncapped(self._session, self._project, plan, self._overrides)
        confirmed = self._yes or self._ask(plan)
        self._stop.writing = confirmed
        return confirmed

    def _ask(self, plan: Plan) -> bool:
        from syncctl.report.plans import plan_report
        from syncctl.report.text import plural

        session = self._session
        if not session.asks:
            session.say(f"nothing is written without --yes off a terminal; the plan is saved: syncctl apply {plan.id}")
            return False
        # What to type next is the question below; the page after it says what follows.
        report = plan_report(plan, now=self._project.clock.now(), asks=True)
        with session.paused():
            # The data of `-o json` is the whole run's; the table is then for the person only.
            if session.output == "table":
                session.show(report)
            else:
                session.tell(report.show)
            self.shown = True
            return session.ask(f"Write {plural(len(plan.changes), 'change')}?")


def answer(session: Session, project: Project, report: ReconcileReport, *, table_shown: bool) -> None:
    from syncctl.report.runs import reconcile_report

    page = reconcile_report(
        report, sides=sides_of(project), now=project.clock.now(), redact=session.redact, table_shown=table_shown
    )
    session.show(page)
    session.warn_of_scopes(project, report.plan)
    for trip in report.trips:
        session.tell_error(trip.error())
    if report.applied is not None:
        tell_unread(session, report.applied)
