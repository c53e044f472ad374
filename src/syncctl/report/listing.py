"""A plain list of rows as a table: runs, operations, matches, pages pulled, checks. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.report.formats import Report, cell
from syncctl.report.style import QUIET, STRONG
from syncctl.report.text import BODY_SHOWN_MAX, SHOWN_MAX, moment_text, short

if TYPE_CHECKING:
    from rich.console import RenderableType

GAP: Final = 2
SENTENCES: Final = frozenset({"cause", "problem", "fix"})
"""Columns of our own words: the command to type stands at their end."""
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

    def show(width: int) -> RenderableType:
        return rows_table(rows, columns, width) if rows else Group(Text(empty))

    return Report(kind, show, rows, fields or {}, columns)


def rows_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], width: int) -> RenderableType:
    """The rows under dim headings, or one below the other where they would not fit side by side: an id is never cut.

    Columns that are empty everywhere are left out.
    """
    used = [column for column in columns if any(cell(row.get(column)) for row in rows)]
    table = [[_shown(column, row.get(column)) for column in used] for row in rows]
    sizes = [max(map(cell_len, (column, *cells))) for column, *cells in zip(used, *table, strict=True)]
    if sum(sizes) + GAP * len(sizes) <= width + GAP:
        return _side_by_side(rows, used, table)
    return Group(*(block for cells in table for block in (_stacked(used, cells), Text())))


def _side_by_side(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], table: Sequence[Sequence[str]]
) -> RenderableType:
    grid = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style=QUIET)
    for column in columns:
        numbers = all(isinstance(row.get(column), int) and not isinstance(row.get(column), bool) for row in rows)
        grid.add_column(column.replace("_", " "), justify="right" if numbers else "left", overflow="fold")
    for first, *rest in table:
        grid.add_row(Text(first, STRONG), *(Text(text) for text in rest))
    return grid


def _stacked(columns: Sequence[str], cells: Sequence[str]) -> RenderableType:
    """One row as lines of name and value."""
    grid = Table.grid(padding=(0, GAP, 0, 0))
    grid.add_column(no_wrap=True, style=QUIET)
    grid.add_column(overflow="fold")
    for number, (column, text) in enumerate(zip(columns, cells, strict=True)):
        if text:
            grid.add_row(column.replace("_", " "), Text(text, "" if number else STRONG))
    return grid


def _shown(column: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    shown = cell(value)
    if _INSTANT.fullmatch(shown):
        return moment_text(shown)
    return short(shown, BODY_SHOWN_MAX if column in SENTENCES else SHOWN_MAX)
