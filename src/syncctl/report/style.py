"""Colours, marks and the small pieces every report is laid out with. No I/O.

Colour never carries a meaning alone: each action has a sign and a word, each difference is also said in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from syncctl.model import Action
from syncctl.report.text import visible

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

WIDE: Final = 120
"""From this many columns on, a change's fields stand beside its record instead of below it."""

SIGNS: Final = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.VOID: ("x", "red"),
    Action.ARCHIVE: ("-", "magenta"),
    Action.REACTIVATE: ("^", "cyan"),
}
OLD: Final = "red"
NEW: Final = "green"
QUIET: Final = "dim"
STRONG: Final = "bold"
WARN: Final = "yellow"
BAD: Final = "bold red"
GOOD: Final = "bold green"
COMMAND: Final = "cyan"
INDENT: Final = 4
COLUMN: Final = 36
GAP: Final = 2
LEFT_MIN: Final = 30
"""Columns that the left text needs beside one at the right margin: `12  ~ update  Acme GmbH` and the gap."""


def heading(title: str, rest: str = "", right: str = "", style: str = STRONG) -> RenderableType:
    """A section's first line: the title, what it means, and something at the right margin."""
    left = Text.assemble((title, style), ("  " + rest if rest else "", ""))
    return two_ends(left, Text(right, style=QUIET))


def two_ends(left: RenderableType, right: Text) -> RenderableType:
    """What is left wraps, the text at the right margin stays whole: on a narrow page on a line of its own."""
    return _TwoEnds(left, right)


@dataclass(frozen=True, slots=True)
class _TwoEnds:
    left: RenderableType
    right: Text

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        if self.right.cell_len + LEFT_MIN <= options.max_width:
            yield _beside(self.left, self.right)
            return
        yield self.left
        yield Text.assemble(self.right, justify="right", overflow="fold")


def _beside(left: RenderableType, right: Text) -> RenderableType:
    grid = Table.grid(expand=True, padding=(0, 0, 0, 2))
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(justify="right", no_wrap=True)
    grid.add_row(left, right)
    return grid


def rule() -> RenderableType:
    """A thin line across the page."""
    return Rule(style=QUIET, characters="─")


def indented(block: RenderableType, by: int = INDENT) -> RenderableType:
    """The block moved to the right."""
    return Padding(block, (0, 0, 0, by))


def flow(cells: Sequence[Text], width: int) -> list[Text]:
    """Short texts packed into equal columns, line by line; a text too long for one column takes several."""
    columns = max(1, (width + GAP) // (COLUMN + GAP))
    size = (width - GAP * (columns - 1)) // columns
    lines: list[Text] = []
    used = columns
    for cell in cells:
        span = min(columns, -(-(cell.cell_len + GAP) // (size + GAP)))
        if used + span > columns:
            lines.append(Text(overflow="fold"))
            used = 0
        line = lines[-1]
        line.append(" " * max(0, used * (size + GAP) - line.cell_len))
        line.append_text(cell)
        used += span
    return lines


def command_text(words: Sequence[str], width: int) -> Text:
    """A command ready to be copied: where it takes several lines each but the last ends in a backslash."""
    lines: list[str] = []
    for number, word in enumerate(words, start=1):
        more = len(" \\") if number < len(words) else 0
        if lines and len(lines[-1]) + 1 + len(word) + more <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}" if lines else word)
    return Text(" \\\n".join(lines), COMMAND)


def pair_text(left: object, right: object, width: int) -> Text:
    """Two Refs side by side, or each on a line of its own: an id is copied, so it is never cut."""
    one, two = visible(str(left)), visible(str(right))
    fits = len(one) + len(two) + len(" ↔ ") <= width
    return Text(f"{one} ↔ {two}" if fits else f"{one}\n↔ {two}")


def joined(parts: Iterable[Text | str], separator: str = " · ") -> Text:
    """The parts that are not empty, with a dim dot between. Each part keeps its own style."""
    texts = [part if isinstance(part, Text) else Text(part) for part in parts]
    line = Text()
    for text in texts:
        if text.plain:
            line.append_text(Text.assemble((separator, QUIET), text) if line.plain else text)
    return line
