"""A ledger with a past: pulled in three nights, out of order, matched by two rules, edited, some pairs made anew.

I/O: writes benchmarks/data. Made once and reused while the tables and the made-up records stay the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import made
from benchmarks.desk import FIELDS, MAPPING, Desk, open_desk
from benchmarks.measure import DATA
from syncctl.comparison import EMPTY
from syncctl.ledger import migrations
from syncctl.projection.cells import CELL

ROWS: Final = 2_000
MISSING_EVERY: Final = 333
"""One invoice in 333 is not in the books."""
APART_AT: Final = "2026-11-20T03:00:00+00:00"
STRIDE: Final = 7_919
"""Walks through all numbers out of order; no scale used here shares a factor with it."""


def ledger(count: int) -> Path:
    """The ledger of `count` invoices a side."""
    source = b"".join(Path(str(file)).read_bytes() for file in (made.__file__, migrations.__file__, __file__))
    mark = hashlib.sha256(source + MAPPING).hexdigest()[:10]
    path = DATA / f"ledger-{count}-{mark}.db"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        for old in DATA.glob(f"*-{count}-*"):
            old.unlink()
        draft = path.with_suffix(".draft")
        _build(draft, count)
        draft.rename(path)
    return path


def _build(path: Path, count: int) -> None:
    desk = open_desk(path)
    _night(desk, _order(count, 0, count * 6 // 10), range(count * 6 // 10))
    _night(desk, range(count * 6 // 10, count), _order(count, count * 6 // 10, count))
    for chunk in _chunks(range(0, count, 40)):
        desk.put("stripe", "invoice", [(_left(n), made.stripe_invoice(n, note="draft text")) for n in chunk])
    desk.refresh()
    _apart(desk, count // 500)
    for chunk in _chunks(range(0, count, 40)):
        desk.put("stripe", "invoice", [(_left(n), made.stripe_invoice(n)) for n in chunk])
    desk.refresh()
    desk.engine.close()


def _night(desk: Desk, lefts: range | list[int], rights: range | list[int]) -> None:
    for chunk in _chunks(lefts):
        desk.put("stripe", "invoice", [(_left(number), made.stripe_invoice(number)) for number in chunk])
    for chunk in _chunks(rights):
        rows = [(str(number), made.quickbooks_invoice(number)) for number in chunk if number % MISSING_EVERY]
        desk.put("quickbooks", "Invoice", rows)
    desk.refresh()


def _left(number: int) -> str:
    return f"in_{number:012}"


def _order(count: int, start: int, stop: int) -> list[int]:
    """The numbers from start to stop, out of order."""
    return [number for place in range(count) if start <= (number := place * STRIDE % count) < stop]


def _chunks(numbers: range | list[int]) -> Iterator[range | list[int]]:
    for start in range(0, len(numbers), ROWS):
        yield numbers[start : start + ROWS]


def _apart(desk: Desk, count: int) -> None:
    """Takes some pairs apart; the next pass makes them anew."""
    with desk.engine.write() as db:
        pairs = [row[0] for row in db.execute("SELECT id FROM pairs WHERE id % 97 = 0 LIMIT ?", (count,))]
        for pair in pairs:
            desk.books.pairs.remove(pair, APART_AT)


def duckdb_tables(ledger_path: Path) -> Path:
    """The same canonical columns as two native DuckDB tables, in the order the ledger has them."""
    import duckdb

    path = ledger_path.with_name(ledger_path.name.replace("ledger-", "duck-"))
    if path.exists():
        return path
    draft, desk = path.with_suffix(".draft"), open_desk(ledger_path)
    draft.unlink(missing_ok=True)
    columns = {"pair": "BIGINT"} | {f"c{number}": "VARCHAR" for number in range(FIELDS)}
    with duckdb.connect(str(draft)) as db:
        for side, table in enumerate(("l", "r")):
            text = path.with_suffix(f".{table}.tsv")
            _write_text(desk, side, text)
            db.execute(
                f"CREATE TABLE {table} AS SELECT * FROM read_csv(?, delim='\t', header=false, quote='', escape='',"
                f" nullstr='{NULL}', columns={columns})",
                [str(text)],
            )
            text.unlink()
    desk.engine.close()
    draft.rename(path)
    return path


NULL: Final = "(null)"


def _write_text(desk: Desk, side: int, path: Path) -> None:
    rows = desk.engine.db.execute(
        "SELECT pair, body FROM sides WHERE mapping = ? AND side = ? AND pair > 0 ORDER BY id", (desk.number, side)
    )
    with path.open("w", encoding="utf-8") as file:
        for pair, body in rows:
            cells = body.replace("\t", " ").replace(EMPTY, NULL).split(CELL)
            file.write("\t".join((str(pair), *cells)) + "\n")
