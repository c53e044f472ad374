"""Help pages in plain text, commands under headings. No I/O."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup


class Sections(TyperGroup):
    """A help page in plain text, its commands under the headings they belong to.

    Typer's own sections come with rich's Markdown and syntax colours, which take four times as long to load as all
    the rest of the page.
    """

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the commands by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            found: Any = self.get_command(ctx, name)
            section = getattr(found, "rich_help_panel", None)
            title = section if isinstance(section, str) else "Commands"
            sections.setdefault(title, []).append((name, found.get_short_help_str(limit=200)))
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)


def group(about: str) -> typer.Typer:
    """A group of commands; without one of them it shows its help page."""
    return typer.Typer(cls=Sections, rich_markup_mode=None, no_args_is_help=True, help=about)
