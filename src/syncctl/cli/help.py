"""help exit-codes: what each exit code means. No I/O but the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from syncctl.cli.exits import MEANINGS, ORDER
from syncctl.cli.sections import group

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.cli.session import Session

PANEL: Final = "First steps"


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("What does not fit into a command's own help.")
    commands.command("exit-codes")(exit_codes)
    app.add_typer(commands, name="help", rich_help_panel=PANEL)


def exit_codes(context: typer.Context) -> None:
    """Show what each exit code means, and which one wins when a command has several results."""
    from rich.console import Group
    from rich.text import Text

    from syncctl.report.formats import Report
    from syncctl.report.listing import rows_table

    session: Session = context.obj
    rows = [{"code": code, "meaning": meaning} for code, meaning in MEANINGS.items()]
    order = Text(f"\nOf several results the first of these is the exit code: {', '.join(map(str, ORDER))}")

    def show(width: int) -> RenderableType:
        return Group(rows_table(rows, ("code", "meaning"), width), order)

    session.show(Report("exit codes", show, rows, {"first_wins": ORDER}))
