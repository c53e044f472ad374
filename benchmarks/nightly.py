"""The nightly diff: what a pass costs when nothing, ten or a thousand records changed. I/O: benchmarks/data."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import made
from benchmarks.desk import Desk, open_desk
from benchmarks.history import ledger
from benchmarks.measure import Facts, Row, at_most, in_process, median, ratio, timed

NAME: Final = "nightly"
NOTHING_MS: Final = 1.0
SHARE: Final = 1 / 20


def run(scale: int, rounds: int) -> list[Row]:
    """Against the full diff of the same ledger, taken in turn: the join of what changed against the join of all, and
    the whole pass (project, match, judge, save, commit) against judging and saving everything anew.
    """
    book = ledger(scale)
    changes = (10, min(1_000, scale // 100))
    most = max(changes)
    full, joined, none, few = [], [], [], []
    some: dict[int, list[Facts]] = {count: [] for count in changes}
    for number in range(rounds):
        joined.append(in_process("diff", "joined", book))
        few.append(in_process(NAME, "joined", book, scale, most, number))
        full.append(in_process("diff", "ours", book))
        none.append(in_process(NAME, "changed", book, scale, 0, number))
        for count in changes:
            some[count].append(in_process(NAME, "changed", book, scale, count, number))
    return [
        at_most(NAME, f"0 changes in {scale:,}", median(none, "seconds") * 1000, NOTHING_MS, "ms"),
        at_most(NAME, f"{most:,} changes: join, share of the full join", ratio(few, joined, "seconds"), SHARE, "x"),
        Row(NAME, f"{most:,} changes: join", median(few, "seconds") * 1000, "ms"),
        *(
            Row(NAME, f"{count:,} changes: whole pass", median(some[count], "seconds") * 1000, "ms")
            for count in changes
        ),
        Row(NAME, f"{most:,} changes: CPU", median(some[most], "cpu") * 1000, "ms"),
        Row(NAME, f"{most:,} changes: until the commit", median(some[most], "engine") * 1000, "ms"),
        Row(NAME, f"{most:,} changes: share of judging all anew", ratio(some[most], full, "seconds"), "x"),
        Row(NAME, "all judged anew", median(full, "seconds") * 1000, "ms"),
    ]


def _joined(path: str, scale: str, changes: str, seed: str) -> Facts:
    """The comparison of the pairs that some changed records have."""
    desk = open_desk(Path(path))
    numbers = random.Random(int(seed)).sample(range(1, int(scale)), int(changes))
    desk.books.lookups.refresh()
    return timed(lambda: list(desk.books.comparing.unequal_of(desk.number, set(numbers))))


def _changed(path: str, scale: str, changes: str, seed: str) -> Facts:
    """Changes some invoices, times the pass, and changes them back."""
    desk = open_desk(Path(path))
    desk.refresh()  # catches up with a verdict version that another benchmark left
    numbers = sorted(random.Random(int(seed)).sample(range(int(scale)), int(changes)))
    _write(desk, numbers, f"changed {secrets.token_hex(4)}")
    facts = _pass(desk)
    _write(desk, numbers, "")
    desk.refresh()
    return facts


def _pass(desk: Desk) -> Facts:
    """One pass; `engine` are its seconds before the file system was asked to make it durable."""
    engine = [0.0]
    start = time.perf_counter()
    desk.engine.db.set_trace_callback(lambda sql: engine.append(time.perf_counter()) if sql == "COMMIT" else None)
    facts = timed(desk.refresh)
    return facts | {"engine": engine[-1] - start}


def _write(desk: Desk, numbers: list[int], note: str) -> None:
    if numbers:
        rows = [(f"in_{number:012}", made.stripe_invoice(number, note=note)) for number in numbers]
        desk.put("stripe", "invoice", rows)


PARTS: Final[dict[str, Callable[..., Facts]]] = {"changed": _changed, "joined": _joined}
