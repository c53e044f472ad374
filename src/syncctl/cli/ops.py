"""ops list|settle|retry: writes that are open or were refused, and a person's word about one. I/O: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.sections import group

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Look inside"
OperationId = Annotated[str, typer.Argument(metavar="OPERATION", help="The write's id in `ops list`.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("Writes whose outcome is open or was refused.")
    commands.command("list")(list_)
    commands.command()(settle)
    commands.command()(retry)
    app.add_typer(commands, name="ops", rich_help_panel=PANEL)


def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also what nobody waits for any more.")] = False,
) -> None:
    """Show every write that was planned and has no good end: unknown, in review, refused, held or not sent.

    Not listed: what was written, and what a plan made now would leave out.
    """
    from syncctl.report.open_writes import open_writes_report
    from syncctl.run.history import ops_list

    session: Session = context.obj
    with session.project() as project:
        found = ops_list(project, everything=everything)
        session.show(open_writes_report(found, session.redact, everything=everything))


def settle(
    context: typer.Context,
    operation: OperationId,
    verdict: Annotated[str, typer.Option("--as", metavar="VERDICT", help="What you found: written, refused or never.")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="How you know; kept in the audit chain.")],
    record: Annotated[str, typer.Option("--record", metavar="REF", help="The record that was made.")] = "",
) -> None:
    """End a write in review: you looked at the vendor, and it was written, was refused, or never happened."""
    from syncctl.cli.match import as_ref
    from syncctl.report.open_writes import decided_report
    from syncctl.run.settling import settle as decide

    session: Session = context.obj
    with session.project(a_run=True) as project:
        settled = decide(project, operation, verdict, note, record=as_ref(record) if record else None)
        session.show(decided_report(settled, verdict, session.redact))


def retry(context: typer.Context, operation: OperationId) -> None:
    """Release a refused write: the next plan may propose it again although nothing about it changed. Sends nothing."""
    from syncctl.report.open_writes import decided_report
    from syncctl.run.settling import retry as release

    session: Session = context.obj
    with session.project(a_run=True) as project:
        session.show(decided_report(release(project, operation), "released", session.redact))
