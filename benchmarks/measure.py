"""Seconds, CPU seconds and peak memory, each taken in a fresh process. I/O: starts processes, reads /proc."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = Path(__file__).resolve().parent / "data"

Facts = dict[str, float]
"""What one process measured: `seconds`, `cpu`, `peak_mb`, and whatever else its part counts."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result: what was measured, the value and what it must be. `met` None: nothing is asked."""

    benchmark: str
    what: str
    value: float
    unit: str
    target: str = ""
    met: bool | None = None


def at_most(benchmark: str, what: str, value: float, limit: float, unit: str) -> Row:
    """A row with an upper bound."""
    return Row(benchmark, what, value, unit, f"<= {limit:g}", value <= limit)


def at_least(benchmark: str, what: str, value: float, limit: float, unit: str) -> Row:
    """A row with a lower bound."""
    return Row(benchmark, what, value, unit, f">= {limit:g}", value >= limit)


def timed(action: Callable[[], object]) -> Facts:
    """Wall and CPU seconds of an action in this process."""
    start, cpu = time.perf_counter(), time.process_time()
    action()
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}


def peak_mb() -> float:
    """This process's own peak; `ru_maxrss` would count what its parent had when it started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)


_fresh = [True]


def stay_here() -> None:
    """From now on parts run in this process: quick, and no measure of memory."""
    _fresh[0] = False


def in_process(module: str, part: str, *arguments: object) -> Facts:
    """Runs `PARTS[part]` of a benchmark's module in a fresh process."""
    if not _fresh[0]:
        facts: Facts = import_module(f"benchmarks.{module}").PARTS[part](*map(str, arguments))
        return {**facts, "peak_mb": peak_mb()}
    command = [sys.executable, "-m", "benchmarks.child", module, part, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    measured: Facts = json.loads(done.stdout)
    return measured


def median(runs: Sequence[Facts], fact: str) -> float:
    """The median of one fact over several runs."""
    return statistics.median(run[fact] for run in runs)


def ratio(ours: Sequence[Facts], theirs: Sequence[Facts], fact: str) -> float:
    """The median of the ratios of runs made one right after the other: what slows both cancels out."""
    return statistics.median(one[fact] / other[fact] for one, other in zip(ours, theirs, strict=True))
