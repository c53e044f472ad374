"""A command without help or docs fails here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup

from syncctl.cli.app import command

DOCS = Path(__file__).resolve().parents[2] / "docs"
COMMANDS = (
    "alerts list", "alerts test", "apply", "approve", "auth login", "auth logout", "auth status", "connector test",
    "demo", "diff", "doctor", "explain", "findings accept", "findings list", "findings reopen", "help exit-codes",
    "init", "ledger backup", "ledger purge", "ledger query", "ledger restore", "ledger verify", "match confirm",
    "match list", "match reject", "match release", "ops list", "ops retry", "ops settle", "plan", "pull", "reconcile",
    "runs list", "runs resume", "runs retry", "runs show", "sandbox serve", "schema check", "schema diff",
    "schema pull", "setup", "show", "undo",
)  # fmt: skip


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(None):
        found = group.get_command(None, name)
        if isinstance(found, TyperGroup):
            yield from commands(found, f"{before}{name} ")
        else:
            yield before + name, found


def test_the_commands_are_the_designed_ones() -> None:
    assert sorted(name for name, _ in commands(command())) == list(COMMANDS)


@pytest.mark.parametrize(
    ("name", "found"), tuple(commands(command())), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_every_option_has_help(name: str, found: Any) -> None:
    assert found.help
    assert found.help[0].isupper()
    for parameter in found.params:
        assert getattr(parameter, "help", "") or parameter.name == "help", f"{name} {parameter.name}"
        record = parameter.get_help_record(found.make_context(name, ["x"], resilient_parsing=True))
        assert "<" not in record[0], f"{name} {parameter.name}: a name of Python's types"
        assert "--yes" not in parameter.opts or "-y" in parameter.opts, f"{name}: --yes is -y everywhere"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    text = "\n".join(path.read_text() for path in sorted(DOCS.glob("**/*.md")))
    assert f"syncctl {name}" in text


@pytest.mark.parametrize(
    ("name", "found"), tuple(commands(command())), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_option_is_documented_with_its_command(name: str, found: Any) -> None:
    section = (DOCS / "commands.md").read_text().partition(f"## syncctl {name}\n")[2].partition("\n## ")[0]
    for parameter in found.params:
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert f"`{option}" in section, option
