"""What is not needed is not loaded: `--version` and `--help` answer before anything heavy is imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "httpx", "rich", "ruamel", "sqlite3", "sqlite_utils", "stripe", "rapidfuzz", "phonenumbers", "pycountry", "msgspec",
    "tenacity", "platformdirs", "keyring", "structlog", "apprise", "requests", "syncctl.model", "syncctl.project",
    "syncctl.sandbox",
)  # fmt: skip
PROGRAM = """
import sys
from syncctl.cli import main
code = main(sys.argv[1:])
heavy = [name for name in {heavy!r} if name in sys.modules]
assert code == 0, code
assert not heavy, heavy
{more}
"""


def check(words: list[str], more: str = "") -> str:
    program = PROGRAM.format(heavy=HEAVY, more=more)
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_version_needs_nothing_at_all() -> None:
    assert check(["--version"], "assert 'typer' not in sys.modules").startswith("syncctl 0.")


@pytest.mark.parametrize("words", [["--help"], ["reconcile", "--help"], ["match", "-h"]])
def test_help_needs_typer_and_nothing_else(words: list[str]) -> None:
    assert "Usage: syncctl" in check(words)
