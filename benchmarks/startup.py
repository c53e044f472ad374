"""Start-up: CPU of `--version` and `--help` against a bare `import typer`, all compiled. I/O: starts processes."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.measure import ROOT, Facts, Row, at_most, median, ratio, timed

NAME: Final = "startup"
VERSION: Final = 1.3
HELP: Final = 2.3
SYNCCTL: Final = str(Path(sys.executable).with_name("syncctl"))
COMMANDS: Final[dict[str, Sequence[str]]] = {
    "typer": (sys.executable, "-c", "import typer"),
    "version": (SYNCCTL, "--version"),
    "help": (SYNCCTL, "--help"),
}


def run(scale: int, rounds: int) -> list[Row]:
    """User and system time; `scale` 0 leaves the installed packages as they are compiled."""
    folders = [str(ROOT / "src"), *([sysconfig.get_path("purelib")] if scale else [])]
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "-j", "0", *folders], stdout=subprocess.DEVNULL, check=False
    )
    found: dict[str, list[Facts]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            found[name].append(_cpu(command))
    return [
        at_most(
            NAME, "syncctl --version against import typer", ratio(found["version"], found["typer"], "cpu"), VERSION, "x"
        ),
        at_most(NAME, "syncctl --help against import typer", ratio(found["help"], found["typer"], "cpu"), HELP, "x"),
        *(Row(NAME, f"{name}: CPU", median(runs, "cpu") * 1000, "ms") for name, runs in found.items()),
    ]


def _cpu(command: Sequence[str]) -> Facts:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return {"cpu": used.ru_utime + used.ru_stime}


def _nothing() -> Facts:
    """What any fresh process costs before it measures."""
    return timed(lambda: None)


PARTS: Final[dict[str, Callable[[], Facts]]] = {"nothing": _nothing}
