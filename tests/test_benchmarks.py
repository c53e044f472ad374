"""The benchmarks run: a small turn of each, without a word about how fast."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from conftest import ROOT

if find_spec("duckdb") is None:
    pytest.skip("the benchmarks' own dependencies are a group of their own", allow_module_level=True)


def run(*words: str) -> str:
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=120).stdout


def test_a_quick_run_measures_everything_that_is_promised(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    printed = run("benchmarks", "--quick", "--result", str(result))
    report = json.loads(result.read_text())
    promised = [row["benchmark"] for row in report["rows"] if row["met"] is not None]
    assert sorted(promised) == sorted(
        ["diff"] * 2
        + ["nightly"] * 2
        + ["ingest"] * 3
        + ["pulling"] * 2
        + ["limited"] * 6
        + ["writing"] * 6
        + ["startup"] * 2
    )
    assert all(row["value"] >= 0 for row in report["rows"])
    assert report["quick"]
    assert "target" in printed
    found = {row["what"]: row["value"] for row in report["rows"]}
    assert found["syncctl: pairs that differ"] == found["DuckDB: pairs that differ"] > 0


def test_a_part_in_a_fresh_process_tells_seconds_and_peak_memory() -> None:
    facts = json.loads(run("benchmarks.child", "startup", "nothing"))
    assert facts["seconds"] >= 0
    assert facts["peak_mb"] > 1
