"""SIGKILL at every failpoint, with a real ledger file: after the reruns there is exactly one record each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from push_kills import POINTS

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What was left, per failpoint and how often it was passed before."""
    script = [sys.executable, str(HERE / "push_kills.py"), str(tmp_path_factory.mktemp("kills"))]
    ended = subprocess.run(script, capture_output=True, text=True, timeout=120, cwd=HERE, check=False)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, dict[str, Any]] = json.loads(ended.stdout)
    return found


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_every_point_is_mended_by_rerunning(cases: dict[str, dict[str, Any]], point: str) -> None:
    here = {name: case for name, case in cases.items() if name.partition(":")[0] == point}
    assert here
    for name, case in here.items():
        assert 9 in case["signals"], f"{name} was never reached"
        assert case["signals"][2:] == [0, 0, 0]
        assert set(case["records"].values()) == {1}, (name, case)
        assert case["invoice names the customer"], (name, case)
        assert case["deal names the invoice"], (name, case)
        assert (case["open"], case["audit"], case["writes in the last run"]) == ([], "", 0), (name, case)
        assert len(case["records"]) == 4, (name, case)
