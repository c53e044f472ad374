"""ops list: writes whose outcome is open or was refused. I/O: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from syncctl.cli.sections import group

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Look inside"


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("Writes whose outcome is open or was refused.")
    commands.command("list")(list_)
    app.add_typer(commands, name="ops", rich_help_panel=PANEL)


def list_(context: typer.Context) -> None:
    """Show every write that is unknown, in review, refused or in conflict."""
    from syncctl.report.runs import open_operations_report
    from syncctl.run.review import ops_list

    session: Session = context.obj
    with session.project() as project:
        session.show(open_operations_report(ops_list(project), session.redact))
