"""What a connector keeps, promise by promise, as a page. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.report.formats import Report
from syncctl.report.style import BAD, GOOD, QUIET, STRONG
from syncctl.report.text import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

GAP: Final = 2
COLUMNS: Final = ("verdict", "promise", "why", "name")
_STYLES: Final = {"kept": GOOD, "broken": BAD}


def contract_report(connector: str, rows: Sequence[Mapping[str, str]], counts: Mapping[str, int]) -> Report:
    """A row per promise (see COLUMNS), `why` below it; `counts` by verdict."""

    def show(_width: int) -> RenderableType:
        grid = Table.grid(padding=(0, GAP, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for row in rows:
            verdict = row["verdict"]
            grid.add_row(Text(verdict, _STYLES.get(verdict, QUIET)), Text(row["promise"]))
            if row["why"]:
                grid.add_row(Text(), Text(visible(row["why"]), STRONG if verdict == "broken" else QUIET))
        said = ", ".join(f"{verdict} {count}" for verdict, count in counts.items() if count)
        return Group(grid, Text(), Text(f"{connector}: {said}", STRONG))

    fields: dict[str, Any] = {"connector": connector, "counts": dict(counts)}
    return Report("contract", show, rows, fields, COLUMNS)
