"""ops list|settle|retry: writes that are open or were refused, and a person's word about one. I/O: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.sections import group

if TYPE_CHECKING:
    from syncctl.cli.session import Session
    from syncctl.ledger.operation import Operation

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
    everything: Annotated[bool, typer.Option("--all", help="Also refusals and conflicts that are settled.")] = False,
) -> None:
    """Show every write that waits: unknown, in review, refused and still the same, held or not sent."""
    from syncctl.report.runs import open_writes_report
    from syncctl.run.history import ops_list

    session: Session = context.obj
    with session.project() as project:
        session.show(open_writes_report(ops_list(project, everything=everything), session.redact))


def settle(
    context: typer.Context,
    operation: OperationId,
    verdict: Annotated[str, typer.Option("--as", metavar="VERDICT", help="written, refused or never.")],
    note: Annotated[str, typer.Option("--note", help="How you know; kept in the audit chain.")],
    record: Annotated[str, typer.Option("--record", metavar="REF", help="The record that was made.")] = "",
) -> None:
    """End a write in review: you looked at the vendor, and it was written, was refused, or never happened."""
    from syncctl.cli.match import as_ref
    from syncctl.run.settling import settle as decide

    session: Session = context.obj
    with session.project(a_run=True) as project:
        _say(session, decide(project, operation, verdict, note, record=as_ref(record) if record else None))


def retry(context: typer.Context, operation: OperationId) -> None:
    """Let a refused write be planned again although nothing about it changed: the vendor's rules did."""
    from syncctl.run.settling import retry as release

    session: Session = context.obj
    with session.project(a_run=True) as project:
        _say(session, release(project, operation))
    session.say("the next plan proposes it again, if it is still wanted")


def _say(session: Session, operation: Operation) -> None:
    from syncctl.report.listing import listing

    row = {"operation": operation.id, "mapping": operation.change.mapping, "name": operation.change.name,
           "state": operation.state, "message": operation.message}  # fmt: skip
    session.show(listing("operation", [row], tuple(row), empty=""))
