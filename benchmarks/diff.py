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
    """`refresh` with a changed verdict version: every pair is joined, the unequal are judged and saved."""
    book = ledger(scale)
    tables = duckdb_tables(book)
    ours, theirs, sums = [], [], []
    for _ in range(rounds):
        ours.append(in_process("diff", "ours", book))
        theirs.append(in_process("diff", "duckdb", tables))
        sums.append(in_process("diff", "statement", book))
    what = f"{scale:,} x {scale:,}"
    return [
        at_most(NAME, f"{what}: against DuckDB's native join", ratio(ours, theirs, "seconds"), LIMIT, "x"),
        at_most(NAME, "peak memory", median(ours, "peak_mb"), PEAK_MB, "MB"),
        Row(NAME, "syncctl: join, judge, save findings", median(ours, "seconds"), "s"),
        Row(NAME, "syncctl: CPU", median(ours, "cpu"), "s"),
        Row(NAME, "DuckDB: join, 12 columns, fetch the unequal", median(theirs, "seconds"), "s"),
        Row(NAME, "DuckDB: CPU", median(theirs, "cpu"), "s"),
        Row(NAME, "DuckDB: peak memory", median(theirs, "peak_mb"), "MB"),
        Row(NAME, "syncctl: pairs that differ", median(ours, "count"), ""),
        Row(NAME, "DuckDB: pairs that differ", median(theirs, "count"), ""),
        Row(NAME, "syncctl: the statement, on its own", median(sums, "seconds"), "s"),
        Row(NAME, "syncctl: the statement, peak memory", median(sums, "peak_mb"), "MB"),
    ]


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


PARTS: Final[dict[str, Callable[[str], Facts]]] = {"ours": _ours, "duckdb": _duckdb, "statement": _statement}
