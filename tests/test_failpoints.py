"""Failpoints do nothing unless the environment names one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from syncctl import failpoints

SCRIPT = (
    "from syncctl.failpoints import reach\nfor _ in range(3):\n    reach('after-send')\n    print('alive', flush=True)"
)


def run(value: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, failpoints.VARIABLE: value}
    return subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("value", "lines", "code"),
    [("", 3, 0), ("before-probe", 3, 0), ("after-send", 0, -9), ("after-send:3", 2, -9), ("after-send:4", 3, 0)],
)
def test_a_process_dies_the_nth_time_it_comes_there(value: str, lines: int, code: int) -> None:
    ended = run(value)
    assert (ended.stdout.count("alive"), ended.returncode) == (lines, code)


def test_a_name_that_does_not_exist_is_an_error_and_no_silence() -> None:
    assert "there is no failpoint 'nowhere'" in run("nowhere").stderr


def test_every_point_is_reached_somewhere_and_every_reached_point_is_named() -> None:
    source = Path(failpoints.__file__).parent
    reached = {name for file in source.rglob("*.py") for name in re.findall(r'reach\("([a-z-]+)"\)', file.read_text())}
    assert reached == set(failpoints.POINTS)
