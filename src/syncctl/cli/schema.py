"""schema pull|diff|check: what vendors' records look like now, and whether mappings fit. I/O: vendors, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from syncctl.cli.exits import CONFIG, DIFFERENCES, OK
from syncctl.cli.sections import group

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Look inside"


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("What the vendors' records look like, and whether the mappings fit.")
    commands.command()(pull)
    commands.command()(diff)
    commands.command()(check)
    app.add_typer(commands, name="schema", rich_help_panel=PANEL)


def pull(context: typer.Context) -> None:
    """Write every live schema to schemas/SYSTEM/KIND.yaml; keep them in git."""
    from syncctl.report.listing import listing
    from syncctl.run.inspection import schema_pull

    session: Session = context.obj
    with session.project() as project:
        files = schema_pull(project)
    rows = [{"file": str(path)} for path in files]
    session.show(listing("schemas", rows, ("file",), empty="no schema changed"))


def diff(context: typer.Context) -> None:
    """Show what changed at the vendors since the schema files were written."""
    from syncctl.report.listing import listing
    from syncctl.run.inspection import schema_diff

    session: Session = context.obj
    with session.project() as project:
        found = schema_diff(project)
    columns = ("system", "kind", "label", "field", "what")
    rows = [{name: getattr(row, name) for name in columns} for row in found]
    session.show(listing("schema drift", rows, columns, empty="nothing changed"))
    raise typer.Exit(DIFFERENCES if found else OK)


def check(context: typer.Context) -> None:
    """Check every mapping against the schemas as last pulled, and the files in systems/: every problem at once, with
    its place and its fix."""
    from syncctl.report.listing import listing
    from syncctl.run.pull import schema_check

    session: Session = context.obj
    with session.project() as project:
        found = schema_check(project)
    rows = [{"where": problem.where, "problem": problem.message, "fix": problem.hint} for problem in found]
    session.show(listing("problems", rows, ("where", "problem", "fix"), empty="every mapping fits"))
    raise typer.Exit(CONFIG if found else OK)
