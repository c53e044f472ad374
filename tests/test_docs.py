"""README and docs tell the truth: every command shown is run, and the table shown is the demo's own."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cli.house import House, Said, Stream, alone, house
from syncctl.cli.app import run
from syncctl.cli.session import Session
from syncctl.connectors.rest.grammar import system_json_schema
from syncctl.mapping.jsonschema import mapping_json_schema

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
COMMAND = re.compile(r"^\$ (syncctl [^\n#]+)", re.MULTILINE)
INDENTED = re.compile(r"^    (syncctl [^\n#]+)", re.MULTILINE)
"""How docs/commands.md shows them."""
IN_A_SENTENCE = re.compile(r"`(syncctl [^`]+)`")
WITHOUT_A_PROJECT = ("init", "demo", "connector", "sandbox")
NOT_IN_THE_HOUSE = frozenset({"bank", "salesforce", "xero"})
"""Systems of pages that have a project of their own: tests/test_docs_systems.py."""
WITHOUT_ITS_WORDS = ("syncctl ops settle", "syncctl ops retry", "syncctl connector test", "syncctl setup")
"""The name of a command in a sentence; the whole command stands on another page."""
LEAVING = 'syncctl approve {}--except 3 --note "waiting for the customer" PLAN'
RUNS = ("RUN", "4f1b2c3d5e6f")
NOT_RUN = {
    **{LEAVING.format(yes): "the house has no such row any more: tests/cli/test_approve.py" for yes in ("", "--yes ")},
    "syncctl ledger purge hubspot:contact:501": "no vendor of the house deleted one: tests/cli/test_ledger_trust.py",
    **{f"syncctl match release --run {run}": "nothing is undone here: tests/cli/test_undo_command.py" for run in RUNS},
    "syncctl --version": "answers before anything is loaded, so in a process of its own: tests/cli/test_lazy.py",
    "syncctl alerts test": "the house has no channel: tests/cli/test_alert_nights.py",
    "syncctl reconcile 3< secret": "a shell opens the file; tests/test_credentials.py reads one that is open",
}
NORMAL_ENDS = frozenset({0, 2, 5, 6})
"""In sync, open items, partly applied, not approved: every one of them is a normal end of a night."""
STALE = 8


def shown_on(page: Path) -> list[str]:
    """The commands of a page in their order, each once."""
    text = page.read_text()
    kinds = (COMMAND, INDENTED) if page.name == "commands.md" else (COMMAND, IN_A_SENTENCE)
    found = sorted((match.start(), match.group(1).strip()) for kind in kinds for match in kind.finditer(text))
    return [command for command in dict.fromkeys(command for _, command in found) if command not in WITHOUT_ITS_WORDS]


def commands() -> list[str]:
    """Every command of every page, each once."""
    return list(dict.fromkeys(command for page in PAGES for command in shown_on(page)))


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
                **dict.fromkeys(RUNS, applied),
                **dict.fromkeys(("NUMBER", "12"), str(finding["number"])),
                **dict.fromkeys(("MAPPING", "customers", "invoices"), match["mapping"]),
                **dict.fromkeys(("LEFT", "REF", "STRIPE-CUSTOMER"), match["left"]),
                **dict.fromkeys(("RIGHT", "NEW-CUSTOMER"), match["right"]),
                "SYSTEM": "stripe",
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
    """An invoice of the first night, put into the state that a command is about."""
    with closing(sqlite3.connect(house.folder / "ledger.db")) as ledger, ledger:
        written = "SELECT id FROM operations WHERE target LIKE 'quickbooks:Invoice:%' LIMIT 1"
        (found,) = ledger.execute(written).fetchone()
        ledger.execute("UPDATE operations SET state = ? WHERE id = ?", (state, found))
    return str(found)


def in_a_project() -> list[str]:
    return [one for one in commands() if one not in NOT_RUN and not without_a_project(one) and not for_one_system(one)]


def without_a_project(command: str) -> bool:
    return command.split()[1] in WITHOUT_A_PROJECT


def for_one_system(command: str) -> bool:
    """Signs somebody in or out, or names a system that the house has not."""
    words = command.split()[1:]
    signs = words[0] == "auth" and words[1] in ("login", "logout")
    return signs or (not without_a_project(command) and bool(NOT_IN_THE_HOUSE.intersection(words)))


LEDGER_FILES = (["ledger", "verify"], ["ledger", "backup"], ["ledger", "restore"])
"""What other examples do to the ledger by hand, these would tell of: each has a project of its own."""


def with_its_ledger(words: list[str]) -> Said:
    with house() as fresh:
        backup = fresh.folder / "ledger-2026-10.db"
        if words[1] == "restore":
            fresh.run("ledger", "backup", str(backup))
        if "--accept-loss" in words:
            fresh.run("plan")
            backup.replace(fresh.folder / "ledger.db")
        return fresh.run(*(str(backup) if word in (backup.name, "FILE") else word for word in words))


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
    if words[:2] == ["runs", "retry"]:
        a_refused_write(place.house, "rejected")
    words = [str(place.house.folder / word) if word == "friday.plan" else word for word in real(place, words)]
    if words[:2] == ["match", "release"]:
        place.house.run("match", "reject", *words[2:])
    if words[:2] == ["findings", "reopen"]:
        place.house.run("findings", "accept", words[2], "--note", "seen")
    said = place.house.run(*words) if words[:2] not in LEDGER_FILES else with_its_ledger(words)
    overtaken = words[:2] == ["runs", "resume"] and said.code == STALE  # another example pulled or applied since
    assert said.code in NORMAL_ENDS or overtaken, said.err


@pytest.mark.parametrize("command", [one for one in commands() if without_a_project(one)])
def test_commands_that_need_no_project_work_as_shown(tmp_path: Path, command: str) -> None:
    ready = tmp_path / "vendors.json"
    ready.write_text(json.dumps({"stripe": "http://127.0.0.1:8101", "quickbooks": "http://127.0.0.1:8102"}))
    folder = str(tmp_path / "books")
    places = {"books": folder, "DIR": folder, "vendors.json": str(ready), "ready.json": str(ready)}
    words = [places.get(word, word) for word in shlex.split(command)[1:]]
    if words == ["demo"]:
        assert the_demo().code == 0
    elif words[0] == "sandbox":
        assert interrupted(*words, "--port-base", "0", "--scale", "0.01") == 128 + signal.SIGTERM
    else:
        assert alone(*words).code == 0


class Interrupting(Stream):
    """Standard output, and somebody who has read the addresses and ends the command."""

    def write(self, text: str) -> int:
        if "http://127.0.0.1" in text:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().write(text)


def interrupted(*words: str) -> int:
    """The exit code of a command line that serves until it is interrupted."""
    return run(words, Session(out=Interrupting(), err=Stream(), environment={"SYNCCTL_CONFIG": "/nonexistent"}))


def test_what_is_left_out_here_is_still_shown_somewhere() -> None:
    assert set(NOT_RUN) <= set(commands())
    assert all(any(one.startswith(f"{name} ") for one in commands()) for name in WITHOUT_ITS_WORDS)


@pytest.mark.parametrize(("page", "name"), [("README.md", "dry run"), ("docs/tasks.md", "statement")])
def test_a_sample_is_what_the_demo_prints(page: str, name: str) -> None:
    sample = re.compile(rf"<!-- {name}.*?```text\n(.*?)```\n<!-- end", re.DOTALL)
    shown = sample.search((ROOT / page).read_text())
    assert shown is not None
    for part in shown.group(1).strip("\n").split("\n  ⋮\n"):
        assert part in the_demo().out, "run `make docs` and read what changed"


@pytest.mark.parametrize(("name", "made"), [("mapping", mapping_json_schema), ("system", system_json_schema)])
def test_the_schema_for_editors_is_what_the_loader_reads(name: str, made: Callable[[], dict[str, Any]]) -> None:
    kept = json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text())
    assert kept == made(), "run `make docs`"


@cache
def the_demo() -> Said:
    return alone("demo", environment={"COLUMNS": "80"})
