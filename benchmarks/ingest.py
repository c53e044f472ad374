"""Ingest: Stripe invoices to raw, twelve canonical columns and hashes, against sqlite-utils. I/O: files.

Everyone gets the same rows as bytes, a thousand at a time, and stores each thousand in one transaction under the
pragmas that ship: with fewer rows the disk's answer to each commit is what is measured. sqlite-utils takes Python
values, so its usual way is to parse a row and give it the value; a second way hands it the bytes as they are, which
nobody could query, and is shown beside it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.desk import Desk, open_desk
from benchmarks.measure import DATA, Facts, Row, at_least, at_most, in_process, median, ratio, timed
from benchmarks.pages import bodies, row_file
from syncctl.ledger.engine import open_engine
from syncctl.ledger.passes import Pass

if TYPE_CHECKING:
    from sqlite_utils.db import Table

NAME: Final = "ingest"
BATCH: Final = 1_000
NO_SLOWER: Final = 1.0
UNCHANGED: Final = 4.0
PEAK_MB: Final = 120
WAYS: Final = {"parsed": "each row as JSON", "bytes": "each row's bytes"}


def run(scale: int, rounds: int) -> list[Row]:
    """CPU seconds decide: all wait for the disk equally often, and the disk is not what is compared."""
    rows_file = row_file(scale)
    ours: list[Facts] = []
    theirs: dict[str, list[Facts]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        ours.append(in_process(NAME, "ours", rows_file))
        for way, runs in theirs.items():
            runs.append(in_process(NAME, way, rows_file))
    parsed = theirs["parsed"]
    rows = [
        at_most(NAME, "new: CPU against sqlite-utils upsert of the raw", ratio(ours, parsed, "cpu"), NO_SLOWER, "x"),
        at_least(
            NAME, "unchanged: times faster than that upsert", 1 / ratio(ours, parsed, "again_cpu"), UNCHANGED, "x"
        ),
        at_most(NAME, "peak memory", median(ours, "peak_mb"), PEAK_MB, "MB"),
        *_rates("syncctl: raw, columns, hashes", ours, scale),
    ]
    for way, runs in theirs.items():
        rows += _rates(f"sqlite-utils: {WAYS[way]}", runs, scale)
    return rows


def _rates(who: str, runs: list[Facts], count: int) -> list[Row]:
    micro = 1_000_000 / count
    return [
        Row(NAME, f"{who}, new, CPU a record", median(runs, "cpu") * micro, "µs"),
        Row(NAME, f"{who}, unchanged, CPU a record", median(runs, "again_cpu") * micro, "µs"),
        Row(NAME, f"{who}, new, wall", count / median(runs, "seconds"), "records/s"),
        Row(NAME, f"{who}, unchanged, wall", count / median(runs, "again_seconds"), "records/s"),
    ]


def _twice(whole: Callable[[], None]) -> Facts:
    facts = timed(whole)
    return facts | {f"again_{name}": value for name, value in timed(whole).items()}


def _batches(path: str) -> Iterator[list[bytes]]:
    rows = bodies(Path(path))
    while batch := list(islice(rows, BATCH)):
        yield batch


def _id(row: bytes) -> str:
    """The id of a made-up invoice, which its connector had read before."""
    return row[7 : row.index(b'"', 7)].decode()


def _ours(path: str) -> Facts:
    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        desk = open_desk(Path(folder) / "ledger.db")

        def whole() -> None:
            desk.books.records.start_full("stripe", "invoice")
            for rows in _batches(path):
                desk.put("stripe", "invoice", [(_id(row), row) for row in rows])
            _project(desk)

        facts = _twice(whole)
        desk.engine.close()
    return facts


def _project(desk: Desk) -> None:
    """Canonical sides of what changed, as the first step of a pass."""
    with desk.engine.write():
        last = desk.books.passes.last(desk.number)
        desk.books.sides.project(desk.number, desk.projection, last.seen, fresh=not last.sides)
        desk.books.passes.set(desk.number, Pass("1", "1", desk.books.passes.newest()))


def _upsert(path: str, store: Callable[[Table, list[bytes]], object]) -> Facts:
    """The same pragmas and transactions, one table `id, raw`."""
    import sqlite_utils

    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        engine = open_engine(Path(folder) / "raw.db")
        table = sqlite_utils.Database(engine.db).table("invoices", pk="id")

        def whole() -> None:
            for rows in _batches(path):
                store(table, rows)

        facts = _twice(whole)
        engine.close()
    return facts


def _parsed(table: Table, rows: list[bytes]) -> object:
    values = [json.loads(row) for row in rows]
    return table.upsert_all(({"id": value["id"], "raw": value} for value in values), pk="id")


def _bytes(table: Table, rows: list[bytes]) -> object:
    return table.upsert_all(({"id": _id(row), "raw": row} for row in rows), pk="id")


PARTS: Final[dict[str, Callable[[str], Facts]]] = {
    "ours": _ours,
    "parsed": lambda path: _upsert(path, _parsed),
    "bytes": lambda path: _upsert(path, _bytes),
}
