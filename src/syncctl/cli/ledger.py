"""ledger query: SQL questions to the ledger, read only. I/O: reads the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.sections import group

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Look inside"


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("Ask the ledger itself.")
    commands.command()(query)
    app.add_typer(commands, name="ledger", rich_help_panel=PANEL)


def query(
    context: typer.Context,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many rows.")] = 100,
) -> None:
    """Ask the ledger in SQL. Nothing can be written this way."""
    from syncctl.ledger.query import query as ask
    from syncctl.report.listing import listing
    from syncctl.settings import load_settings, project_folder

    session: Session = context.obj
    folder = project_folder(session.flags.project, session.environment)
    settings = load_settings(folder, profile=session.flags.preferences.profile, environment=session.environment)
    found = ask(settings.ledger, sql, limit)
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    session.show(listing("query", rows, found.columns, empty="no rows", fields={"more": found.more}))
    if found.more:
        session.say(f"only the first {limit:,} rows; ask for more with --limit")
