"""The demo: the whole job, the same page every time, and a second run that writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from house import alone

from syncctl.settings import load_settings


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shared = Path("/dev/shm")
    monkeypatch.setattr("tempfile.tempdir", str(shared if shared.is_dir() else tmp_path))


@pytest.mark.usefixtures("in_memory")
def test_the_json_counts_what_happened() -> None:
    said = alone("demo", "--json", "-q")
    assert said.code == 0
    found = json.loads(said.out.splitlines()[-1])
    assert found["breaks"] >= 12
    assert found["applied"] > 0
    assert found["second_run_writes"] == 0
    assert found["open"] > 0


@pytest.mark.usefixtures("in_memory")
def test_the_same_seed_prints_the_same_page_and_another_one_does_not() -> None:
    one, two, other = (alone("demo", "-q", "--scale", "0.01", "--seed", seed).out for seed in ("1", "1", "2"))
    assert one == two != other
    assert one.startswith("DRY RUN")
    assert "STATEMENT" in one
    assert "the second run wrote 0" in one
    assert max(map(len, one.splitlines())) <= 120


def test_a_kept_demo_is_a_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said = alone("demo", "--keep", "--json", "-q", "--scale", "0.01")
    folder = Path(said.json["folder"])
    settings = load_settings(folder, environment={}, user_file=folder / "none")
    assert set(settings.systems) == {"stripe", "quickbooks", "hubspot"}
    assert alone("runs", "list", "--project", str(folder), "--json").json["rows"]
