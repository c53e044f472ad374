"""Groups of commands: help pages in plain text under headings, and what a mistyped name is told. No I/O."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup

from syncctl.cli.mistakes import no_such_command


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

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names. Raises UsageError with the names that exist."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise no_such_command(ctx.command_path, args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


def without_types(found: Any) -> None:
    """Takes Python's names of types (`<list[str]>`) out of the help pages of a command tree: what an argument is says
    its name."""
    for child in getattr(found, "commands", {}).values():
        without_types(child)
    for parameter in found.params:
        if isinstance(parameter, TyperArgument):
            parameter.display_type_rich = lambda ctx: None  # type: ignore[method-assign]  # noqa: ARG005


def group(about: str) -> typer.Typer:
    """A group of commands; without one of them it shows its help page."""
    return typer.Typer(cls=Sections, rich_markup_mode=None, no_args_is_help=True, help=about)
