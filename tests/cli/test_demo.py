"""The demo: the whole job, the same page every time, and a second run that writes nothing."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from cli.house import Stream, alone
from syncctl.cli.app import run
from syncctl.cli.demo import MEANINGS
from syncctl.cli.session import Session
from syncctl.settings import load_settings

SMALL = ("--scale", "0.01", "--seed", "1")


@cache
def piped(*words: str) -> tuple[str, str]:
    """The demo with stdout in a pipe and stderr at a terminal: what went into the pipe, what the person saw."""
    out, err = Stream(), Stream(terminal=True)
    around = {"SYNCCTL_CONFIG": "/nonexistent"}
    assert run(["demo", *words], Session(out=out, err=err, environment=around)) == 0
    return out.getvalue(), err.getvalue()


def test_the_json_is_one_object_that_counts_what_happened_and_the_person_still_reads_it() -> None:
    out, seen = piped("--json")
    found = json.loads(out)
    assert found["breaks"] >= 12
    assert found["applied"] > 0
    assert found["second_run_writes"] == 0
    assert found["open"] > 0
    assert '{"at"' not in seen
    explained = {name: int(count) for count, name in re.findall(r"(\d+)  (\w+): \S", seen)}
    assert explained == {name: found[name] for name in MEANINGS}
    assert set(found) - set(MEANINGS) == {"schema_version", "kind", "in_sync", "seconds"}


def test_the_same_seed_prints_the_same_page_and_another_one_does_not() -> None:
    one, _ = piped(*SMALL)
    two, other = (alone("demo", "-q", *SMALL[:-1], seed).out for seed in ("1", "2"))
    assert one == two != other
    assert one.startswith("DRY RUN")
    assert "STATEMENT" in one
    assert "    0  second_run_writes: " in one
    assert "This project is gone" in one.partition("second_run_writes")[2]
    assert max(map(len, one.splitlines())) <= 120


def test_a_kept_demo_is_a_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said = alone("demo", "--keep", "--json", "-q", "--scale", "0.01")
    folder = Path(said.json["folder"])
    settings = load_settings(folder, environment={}, user_file=folder / "none")
    assert set(settings.systems) == {"stripe", "quickbooks", "hubspot"}
    assert alone("runs", "list", "--project", str(folder), "--json").json["rows"]


def test_a_person_who_pipes_the_pages_away_loses_no_table_and_reads_no_json() -> None:
    out, seen = piped(*SMALL)
    assert all(f"\n{out}".count(title) == 1 for title in ("\nDRY RUN", "\nRUN ", "\nSTATEMENT"))
    assert '{"at"' not in seen
    assert " breaks: mistakes that were planted" in seen
