"""Puts a report on a terminal or into a file: width, colour, no blanks at line ends. I/O: writes to its stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

if TYPE_CHECKING:
    from rich.console import RenderableType

_LINE_END = re.compile(r"[ ]+((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)


def console_for(stream: TextIO, *, color: str = "auto", width: int | None = None) -> Console:
    """A console that reads no markup, no emoji codes and highlights nothing: text is printed as it is.

    `auto` leaves it to the terminal, NO_COLOR and TERM.
    """
    return Console(
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
