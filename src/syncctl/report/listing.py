"""A plain list of rows as a table: runs, operations, matches, pages pulled, checks. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.report.formats import Report, cell
from syncctl.report.style import QUIET, STRONG
from syncctl.report.text import moment_text, short

if TYPE_CHECKING:
    from rich.console import RenderableType

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[^ ]*")


def listing(
    kind: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    empty: str,
    fields: Mapping[str, Any] | None = None,
) -> Report:
    """A report whose rows are all there is; `empty` is said when there are none. Numbers stand to the right."""

    def show(_width: int) -> RenderableType:
        return rows_table(rows, columns) if rows else Group(Text(empty))

    return Report(kind, show, rows, fields or {}, columns)


def rows_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> RenderableType:
    """The rows under dim headings; columns that are empty everywhere are left out."""
    used = [column for column in columns if any(cell(row.get(column)) for row in rows)]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style=QUIET)
    for column in used:
        numbers = all(isinstance(row.get(column), int) and not isinstance(row.get(column), bool) for row in rows)
        table.add_column(column.replace("_", " "), justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        cells = [_shown(row.get(column)) for column in used]
        table.add_row(Text(cells[0], STRONG), *(Text(text) for text in cells[1:]))
    return table


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    shown = cell(value)
    return moment_text(shown) if _INSTANT.fullmatch(shown) else short(shown)
