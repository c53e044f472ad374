"""README and docs tell the truth: every command shown is run, and the table shown is the demo's own."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.house import House, alone, house

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
COMMAND = re.compile(r"^\$ (syncctl [^\n#]+)", re.MULTILINE)
INDENTED = re.compile(r"^    (syncctl [^\n#]+)", re.MULTILINE)
"""How docs/commands.md shows them."""
ELSEWHERE = ("sandbox", "init", "demo", "--version")
"""Commands that need no project: tested below, in tests/sandbox/test_serve.py and tests/cli/test_lazy.py."""
WITH_A_BROWSER = ("auth login", "auth logout")
"""Tested with one in tests/cli/test_auth.py."""
NORMAL_ENDS = frozenset({0, 2, 5, 6})
"""In sync, open items, partly applied, not approved: every one of them is a normal end of a night."""
STALE = 8
IN_THE_TABLE = re.compile(r"`(syncctl [^`]+)`")


def commands() -> Iterator[str]:
    seen: set[str] = set()
    for page in PAGES:
        text = page.read_text()
        more = IN_THE_TABLE if page.name == "README.md" else INDENTED
        for found in (*COMMAND.findall(text), *more.findall(text)):
            command = found.strip()
            if command not in seen:
                seen.add(command)
                yield command


@dataclass(frozen=True)
class Place:
    """A project after its first night, and what there is in it to put in place of the examples."""

    house: House
    known: dict[str, str]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with house() as found:
        found.run("reconcile", "--yes", "--max-ratio", "100%")
        match = rows(found, "match", "list")[0]
        finding = rows(found, "findings", "list")[0]
        applied = next(row["run"] for row in rows(found, "runs", "list") if row["command"] == "reconcile")
        yield Place(
            found,
            {
                **dict.fromkeys(("RUN", "4f1b2c3d5e6f"), applied),
                **dict.fromkeys(("NUMBER", "12"), str(finding["number"])),
                **dict.fromkeys(("MAPPING", "customers", "invoices"), match["mapping"]),
                **dict.fromkeys(("LEFT", "REF"), match["left"]),
                "RIGHT": match["right"],
            },
        )


def rows(house: House, *words: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(house.run(*words, "--json").out)["rows"]
    return listed


def real(place: Place, words: list[str]) -> list[str]:
    """The command with what exists in this project in place of the examples."""
    deciding = words[0] == "match" or "MAPPING" in words
    found = [
        place.known.get(word, word) if deciding or word not in ("customers", "invoices") else word for word in words
    ]
    found = [place.known["LEFT"] if re.fullmatch(r"stripe:\w+:\w+_1…?", word) else word for word in found]
    return [place.known["RIGHT"] if re.fullmatch(r"quickbooks:\w+:(145|61)", word) else word for word in found]


def newest_plan(house: House) -> str:
    return str(json.loads(house.run("plan", "--json").out)["plan"]["id"])


def a_refused_write(house: House, state: str) -> str:
    """The invoice that QuickBooks refused, put into the state that a command is about."""
    with closing(sqlite3.connect(house.folder / "ledger.db")) as ledger, ledger:
        refused = "SELECT id FROM operations WHERE fingerprint <> '' AND target LIKE 'quickbooks:Invoice:%' LIMIT 1"
        (found,) = ledger.execute(refused).fetchone()
        ledger.execute("UPDATE operations SET state = ? WHERE id = ?", (state, found))
    return str(found)


def in_a_project() -> list[str]:
    found = ((one, one.split()[1:3]) for one in commands())
    return [one for one, words in found if words[0] not in ELSEWHERE and " ".join(words) not in WITH_A_BROWSER]


@pytest.mark.parametrize("command", in_a_project())
def test_every_command_shown_in_the_docs_works(place: Place, command: str) -> None:
    words = shlex.split(command)[1:]
    if words[-1] == "friday.plan" and "--out" not in words:
        place.house.run("plan", "--out", str(place.house.folder / "friday.plan"))
    if words[-1] == "PLAN":
        words[-1] = newest_plan(place.house)
    if words[:2] == ["schema", "diff"]:
        place.house.run("schema", "pull")
    if words[:2] in (["ops", "settle"], ["ops", "retry"]):
        words[2] = a_refused_write(place.house, "review" if words[1] == "settle" else "rejected")
    words = [str(place.house.folder / word) if word == "friday.plan" else word for word in real(place, words)]
    said = place.house.run(*words)
    overtaken = words[:2] == ["runs", "resume"] and said.code == STALE  # another example pulled or applied since
    assert said.code in NORMAL_ENDS or overtaken, said.err


@pytest.mark.parametrize("command", [one for one in commands() if one.split()[1] in ("init", "demo")])
def test_commands_that_make_a_project_work_as_shown(tmp_path: Path, command: str) -> None:
    ready = tmp_path / "vendors.json"
    ready.write_text(json.dumps({"stripe": "http://127.0.0.1:8101", "quickbooks": "http://127.0.0.1:8102"}))
    places = {"books": str(tmp_path / "books"), "vendors.json": str(ready), "ready.json": str(ready)}
    words = [places.get(word, word) for word in shlex.split(command)[1:]]
    assert alone(*words).code == 0


def test_the_readme_shows_the_demos_own_dry_run() -> None:
    shown = README_TABLE.search((ROOT / "README.md").read_text())
    assert shown is not None
    printed = alone("demo", environment={"COLUMNS": "80"}).out
    for part in shown.group(1).strip("\n").split("\n  ⋮\n"):
        assert part in printed, "run `make docs` and read what changed"


README_TABLE = re.compile(r"<!-- dry run.*?```text\n(.*?)```\n<!-- end", re.DOTALL)
