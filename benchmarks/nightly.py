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
    """Like against like: the whole pass (project, match, judge, save, commit) over what changed against the whole pass
    over everything, which takes minutes, so that there is one of it. Beside it, the share of the shortest thing that
    may be called a full diff: nothing projected, every pair joined and judged anew.
    """
    book = ledger(scale)
    changes = (10, min(1_000, scale // 100))
    most = max(changes)
    judged, none = [], []
    some: dict[int, list[Facts]] = {count: [] for count in changes}
    for number in range(rounds):
        for count in changes:
            some[count].append(in_process(NAME, "changed", book, scale, count, number))
        judged.append(in_process("diff", "ours", book))
        none.append(in_process(NAME, "changed", book, scale, 0, number))
    whole = in_process(NAME, "whole", book)["seconds"]
    return [
        at_most(NAME, f"0 changes in {scale:,}", median(none, "seconds") * 1000, NOTHING_MS, "ms"),
        at_most(
            NAME, f"{most:,} changes: pass, share of the full pass", median(some[most], "seconds") / whole, SHARE, "x"
        ),
        *(
            Row(NAME, f"{count:,} changes: whole pass", median(some[count], "seconds") * 1000, "ms")
            for count in changes
        ),
        Row(NAME, f"{most:,} changes: CPU", median(some[most], "cpu") * 1000, "ms"),
        Row(NAME, f"{most:,} changes: until the commit", median(some[most], "engine") * 1000, "ms"),
        Row(NAME, f"{most:,} changes: share of judging all anew", ratio(some[most], judged, "seconds"), "x"),
        Row(NAME, "all judged anew", median(judged, "seconds") * 1000, "ms"),
        Row(NAME, "all projected, matched and judged anew", whole * 1000, "ms"),
    ]


def _whole(path: str) -> Facts:
    """The pass after a mapping was edited in every field; the ledger then looks as it did before."""
    desk = open_desk(Path(path))
    desk.refresh()
    before = desk.books.passes.last(desk.number)
    facts = timed(lambda: desk.refresh(sides=secrets.token_hex(4)))
    with desk.engine.write():
        desk.books.passes.set(desk.number, before)
    return facts


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


PARTS: Final[dict[str, Callable[..., Facts]]] = {"changed": _changed, "whole": _whole}
