"""Puts a report on a terminal or into a file: width, colour, no blanks at line ends, commands that can be copied.

I/O: writes to its stream.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderableType

_LINE_END = re.compile(r"[ ]+((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)
_WORDS = r"syncctl(?: auth)?(?: [a-z]+){1,2}(?: \S*[^a-z\s,.;)]\S*)*"
"""A command that stands bare in a sentence: `syncctl runs resume 4f1b --yes`; it ends at a plain word."""
_COMMAND = re.compile(rf"\S*`[^`\n]+`\S*|\S*\b{_WORDS}\S*")
_KEPT = "\ue000"
"""Stands for a blank at which no line ends. No text that is shown holds it: `visible` writes it as an escape."""


class Page(Console):
    """Ends no line inside a command that fits on one: it is there to be copied."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        if not isinstance(renderable, Text) or not _COMMAND.search(renderable.plain):
            yield from super().render(renderable, options)
            return
        width = (options or self.options).max_width
        for part in super().render(_whole(renderable, width), options):
            yield Segment(part.text.replace(_KEPT, " "), part.style, part.control)


def _whole(text: Text, width: int) -> Text:
    def kept(found: re.Match[str]) -> str:
        return found[0].replace(" ", _KEPT) if len(found[0]) <= width else found[0]

    copied = text.copy()
    copied.plain = _COMMAND.sub(kept, text.plain)  # as long as it was, so every style stays in its place
    return copied


def console_for(stream: TextIO, *, color: str = "auto", width: int | None = None) -> Console:
    """A console that reads no markup, no emoji codes and highlights nothing: text is printed as it is.

    `auto` leaves it to the terminal, NO_COLOR and TERM.
    """
    return Page(
        file=stream,
        width=width,
        force_terminal=True if color == "always" else None,
        color_system={"always": "standard", "never": None}.get(color, "auto"),
        no_color=False if color == "always" else None,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=False,
    )


def print_page(console: Console, block: RenderableType) -> None:
    """Prints a block; blanks at line ends, which only padding makes, are left out, so that copied text is clean."""
    with console.capture() as captured:
        console.print(block)
    console.file.write(_LINE_END.sub(r"\1", captured.get()))
    console.file.flush()
