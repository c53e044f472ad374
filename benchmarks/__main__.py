"""Runs the benchmarks, prints a table and writes benchmarks/result.json. I/O: processes, benchmarks/data, stdout."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Row, stay_here
from syncctl.ledger.engine import journal_mode

RESULT: Final = Path(__file__).resolve().parent / "result.json"


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a benchmark is, and how often it is measured."""

    size: int
    rounds: int


FULL: Final = {
    "diff": Scale(1_000_000, 5),
    "nightly": Scale(1_000_000, 5),
    "ingest": Scale(100_000, 5),
    "pulling": Scale(20_000, 5),
    "limited": Scale(3_500, 3),
    "writing": Scale(200, 3),
    "startup": Scale(1, 11),
}
QUICK: Final = {
    "diff": Scale(2_000, 1),
    "nightly": Scale(2_000, 1),
    "ingest": Scale(400, 1),
    "pulling": Scale(400, 1),
    "limited": Scale(2, 1),
    "writing": Scale(4, 1),
    "startup": Scale(0, 1),
}


def main(words: list[str] | None = None) -> int:
    """Runs the named benchmarks, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures what the README promises.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(FULL)}; all without any")
    parser.add_argument("--quick", action="store_true", help="a small run, to see that everything runs")
    parser.add_argument("--result", type=Path, default=RESULT, help="where the numbers go")
    given = parser.parse_args(words)
    scales = QUICK if given.quick else FULL
    if given.quick:
        stay_here()
    unknown = set(given.names) - set(scales)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    rows: list[Row] = []
    console = Console()
    for name in given.names or scales:
        start = time.perf_counter()
        rows += import_module(f"benchmarks.{name}").run(scales[name].size, scales[name].rounds)
        console.print(f"{name} measured in {time.perf_counter() - start:.0f} s", style="dim")
    console.print(_table(rows))
    given.result.write_text(json.dumps(_report(rows, quick=given.quick), indent=2) + "\n", encoding="utf-8")
    return 0


def _table(rows: Iterable[Row]) -> Table:
    table = Table("benchmark", "what", title=f"SQLite {sqlite3.sqlite_version}, journal mode {journal_mode()}")
    for title in ("measured", "target", "met"):
        table.add_column(title, justify="right")
    for row in rows:
        met = "" if row.met is None else "yes" if row.met else "[bold red]no[/]"
        table.add_row(row.benchmark, row.what, f"{row.value:,.3g} {row.unit}".strip(), row.target, met)
    return table


def _report(rows: Iterable[Row], *, quick: bool) -> dict[str, object]:
    listed = [asdict(row) for row in rows]
    return {
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "journal_mode": journal_mode(),
        "quick": quick,
        "missed": [row["what"] for row in listed if row["met"] is False],
        "rows": listed,
    }


if __name__ == "__main__":
    sys.exit(main())
