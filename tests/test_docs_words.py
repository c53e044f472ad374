"""docs/words.md, the faults and the exit codes of docs/commands.md have every word that the code has, and no other."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

from syncctl.cli.app import command
from syncctl.cli.exits import MEANINGS
from syncctl.cli.signals import ASKED, NOTHING, READING, SENDING
from syncctl.model import Reason
from syncctl.report.advice import ADVICE
from syncctl.report.summary import WORDS
from syncctl.run.applying import NOT_READ_BACK
from syncctl.run.running import OUTCOMES, PAUSED, PLANNED
from syncctl.sandbox.base import FAULTS, Fault
from syncctl.sandbox.control import _ENDPOINTS, PREFIX

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOT_BY_EXIT_CODE = {PLANNED, PAUSED, NOT_READ_BACK, "applied", "stopped", "undone", "settled, released", "restored"}


def table(page: str, title: str) -> list[list[str]]:
    """The cells of the first table below a title, without its head and without backticks."""
    text = (DOCS / page).read_text()
    lines = text[text.index(f"# {title}\n") :].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|--"))
    found = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip().strip("`") for cell in line.strip("|").split(" | ")])
    return found


def first(rows: list[list[str]]) -> list[str]:
    return [row[0].strip("` ") for row in rows]


def test_every_state_of_a_write_is_explained_under_the_word_people_see() -> None:
    rows = {row[1].strip("` "): row[0] for row in table("words.md", "What became of a write")}
    assert rows == {str(state): title.lower() for state, (title, _, _) in WORDS.items()}


def test_every_sort_of_finding_is_explained_under_the_word_people_see() -> None:
    rows = {row[1].strip("` "): row[0] for row in table("words.md", "What can be open")}
    assert rows == {str(kind): advice.title for kind, advice in ADVICE.items()}


def test_every_reason_and_every_outcome_is_explained() -> None:
    assert set(first(table("words.md", "Why values differ"))) == set(get_args(Reason)) - {""}
    assert set(first(table("words.md", "How a run ended"))) == set(OUTCOMES.values()) | NOT_BY_EXIT_CODE


def test_every_fault_field_and_request_of_a_pretend_vendor_is_explained() -> None:
    text = (DOCS / "commands.md").read_text()
    steering = text[text.index("### Steer a pretend vendor") :].partition("\n## ")[0]
    shown = re.findall(r"^\| `([^`]+)`", steering, re.MULTILINE)
    own = {field.name for field in fields(Fault)} - {"method", "path"} | {"match"}
    assert set(shown) == {f"{method} {PREFIX}{name}" for method, name in _ENDPOINTS} | own | set(FAULTS)


def test_the_exit_codes_of_each_command_are_codes_and_its_commands_exist() -> None:
    rows = table("commands.md", "Exit codes")
    assert set(map(int, re.findall(r"\d+", " ".join(first(rows))))) == set(MEANINGS)
    text = (DOCS / "commands.md").read_text()
    by_command = text[text.index("What a command can end with.") :].partition("\n\nAfter 6")[0]
    for names, others in re.findall(r"^\| (`.*`) \| [^|]+ \|(.*)\|$", by_command, re.MULTILINE):
        assert set(map(int, re.findall(r"\d+", others))) <= set(MEANINGS)
        for name in re.findall(r"`([a-z ]+?)(?: --[a-z-]+)?`", names):
            found = command()
            for word in name.split():
                found = found.commands[word]  # type: ignore[assignment]


def test_every_last_line_after_ctrl_c_is_explained() -> None:
    text = " ".join((DOCS / "commands.md").read_text().split())
    for said in (NOTHING, READING.partition(" {")[0], ASKED.partition(". Next")[0], SENDING.partition(".")[0]):
        assert f"| {said}" in text
