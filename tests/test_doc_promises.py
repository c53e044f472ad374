"""docs/promises.md names only tests that exist, and shows the figures that `make sim` and `make kill` wrote."""

from __future__ import annotations

import ast
import json
import re

import pytest

from conftest import ROOT

PAGE = ROOT / "docs" / "promises.md"
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE.read_text())))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_a_promise_names_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text())
    assert not name or name in {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def test_every_promise_names_a_test() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and "shown by" not in line]
    assert len(rows) > 20
    assert all("`tests/" in row for row in rows)


def test_the_figures_on_the_page_are_those_of_the_last_runs_and_without_damage() -> None:
    kept = json.loads((ROOT / "simulation" / "figures.json").read_text())
    assert set(kept["damage"].values()) == {0}
    assert kept["seeds_with_damage"] == []
    shown = dict(re.findall(r"(?m)^([a-z][a-z: ]*?)  +([\d,]+)$", PAGE.read_text()))
    told = {name: kept[name] for name in ("seeds", "requests", "writes", "operations")}
    told |= kept["damage"] | {f"kill matrix: {name}": number for name, number in kept["kill matrix"].items()}
    assert {name: f"{number:,}" for name, number in told.items()}.items() <= shown.items()
