"""findings list|accept|reopen: what is open, what a person accepts with a note, or takes back. I/O: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.plans import Mappings
from syncctl.cli.sections import group

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Decide"


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("What is open, with its age; accept what may stay.")
    commands.command("list")(list_)
    commands.command()(accept)
    commands.command()(reopen)
    app.add_typer(commands, name="findings", rich_help_panel=PANEL)


def list_(
    context: typer.Context,
    mappings: Mappings = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what was accepted: why, by whom and when.")] = False,
) -> None:
    """Show every open finding with its number and age."""
    from syncctl.report.plans import findings_report
    from syncctl.run.planning import open_code
    from syncctl.run.review import findings_list

    session: Session = context.obj
    with session.project() as project:
        found = findings_list(project, mappings or ())
        session.show(findings_report(found, now=project.clock.now(), everything=everything))
    raise typer.Exit(open_code((), found))


def accept(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The finding's number in `findings list`.")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why it may stay; kept with your name.")],
) -> None:
    """Accept a finding until it changes. It stays in the statement, explained by your note."""
    from syncctl.report.findings import said_of
    from syncctl.run.review import findings_accept

    session: Session = context.obj
    with session.project() as project:
        accepted = findings_accept(project, number, note)
    session.say(f"finding {number} is accepted until it changes")
    for one in accepted.with_it:
        session.say(f"finding {one.number} is one thing with it, and accepted too: {said_of(one)}")
    for one in accepted.others:
        session.say(f"finding {one.number} of the same two records is open still: {said_of(one)}")


def reopen(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The finding's number in `findings list --all`.")],
) -> None:
    """Take an acceptance back: the finding is open again."""
    from syncctl.run.review import findings_reopen

    session: Session = context.obj
    with session.project() as project:
        findings_reopen(project, number)
    session.say(f"finding {number} is open again")
