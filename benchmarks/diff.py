"""The whole diff of a large ledger against DuckDB's native join over the same twelve columns. I/O: benchmarks/data."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.desk import FIELDS, open_desk
from benchmarks.history import duckdb_tables, ledger
from benchmarks.measure import Facts, Row, at_most, in_process, median, ratio, timed

NAME: Final = "diff"
LIMIT: Final = 1.2
PEAK_MB: Final = 150


def run(scale: int, rounds: int) -> list[Row]:
    """What DuckDB does, join and fetch what differs, against the ledger's own; and the whole pass beside it: a
    changed verdict version, so that every pair is joined, the unequal are judged and their findings saved.
    """
    book = ledger(scale)
    tables = duckdb_tables(book)
    parts: dict[str, list[Facts]] = {"joined": [], "duckdb": [], "ours": [], "statement": []}
    for _ in range(rounds):
        for part, runs in parts.items():
            runs.append(in_process(NAME, part, tables if part == "duckdb" else book))
    joined, theirs, ours, sums = parts.values()
    what = f"{scale:,} x {scale:,}"
    return [
        at_most(NAME, f"{what}: against DuckDB's native join", ratio(joined, theirs, "seconds"), LIMIT, "x"),
        at_most(NAME, "peak memory", median(ours, "peak_mb"), PEAK_MB, "MB"),
        Row(NAME, "syncctl: join, fetch the unequal", median(joined, "seconds"), "s"),
        Row(NAME, "syncctl: CPU", median(joined, "cpu"), "s"),
        Row(NAME, "DuckDB: join, 12 columns, fetch the unequal", median(theirs, "seconds"), "s"),
        Row(NAME, "DuckDB: CPU", median(theirs, "cpu"), "s"),
        Row(NAME, "DuckDB: peak memory", median(theirs, "peak_mb"), "MB"),
        Row(NAME, "syncctl: pairs that differ", median(joined, "count"), ""),
        Row(NAME, "DuckDB: pairs that differ", median(theirs, "count"), ""),
        Row(NAME, "syncctl: join, judge, save findings", median(ours, "seconds"), "s"),
        Row(NAME, "the same, against DuckDB's join alone", ratio(ours, theirs, "seconds"), "x"),
        Row(NAME, "syncctl: the statement, on its own", median(sums, "seconds"), "s"),
        Row(NAME, "syncctl: the statement, peak memory", median(sums, "peak_mb"), "MB"),
    ]


def _joined(path: str) -> Facts:
    desk = open_desk(Path(path))
    found: list[int] = []
    facts = timed(lambda: found.append(len(list(desk.books.comparing.unequal(desk.number)))))
    return facts | {"count": found[0]}


def _ours(path: str) -> Facts:
    desk = open_desk(Path(path))
    judged: list[int] = []
    facts = timed(lambda: judged.append(desk.refresh(secrets.token_hex(4)).judged))
    return facts | {"count": judged[0]}


def _statement(path: str) -> Facts:
    desk = open_desk(Path(path))
    return timed(desk.statement)


def _duckdb(path: str) -> Facts:
    import duckdb

    columns = [f"c{number}" for number in range(FIELDS)]
    shown = ", ".join(f"l.{column}, r.{column}" for column in columns)
    unequal = " OR ".join(f"l.{column} IS DISTINCT FROM r.{column}" for column in columns)
    found: list[int] = []
    with duckdb.connect(path, read_only=True) as db:
        query = f"SELECT l.pair, {shown} FROM l JOIN r ON r.pair = l.pair WHERE {unequal}"
        facts = timed(lambda: found.append(len(db.execute(query).fetchall())))
    return facts | {"count": found[0]}


PARTS: Final[dict[str, Callable[[str], Facts]]] = {
    "joined": _joined,
    "ours": _ours,
    "duckdb": _duckdb,
    "statement": _statement,
}
