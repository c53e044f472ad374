"""explain: why a record matched or not, and why each value is as it is. I/O: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.cli.session import Session

PANEL: Final = "Decide"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel=PANEL)(explain)


def explain(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="A record as tables show it: stripe:invoice:in_1.")],
) -> None:
    """Say why a record matched, why not, and why each of its values is as it is."""
    from syncctl.cli.match import as_ref
    from syncctl.report.formats import Report
    from syncctl.run.review import explain as told

    session: Session = context.obj
    with session.project() as project:
        found = told(project, as_ref(ref))
    rows = [{"depth": depth, "text": text} for depth, text in found.lines]
    session.show(Report("explanation", lambda _width: _tree(str(found.ref), found.lines), rows, {"ref": found.ref}))


def _tree(ref: str, lines: tuple[tuple[int, str], ...]) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from syncctl.report.style import STRONG, indented
    from syncctl.report.text import short

    told = [indented(Text(short(text, 1_000)), 2 * (depth + 1)) for depth, text in lines]
    return Group(Text(short(ref), STRONG), *told)
