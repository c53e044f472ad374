"""A ledger that an older syncctl left with open writes: the current code migrates it, resumes and settles them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlite_utils

from push_desk import Desk, create, states
from syncctl.ledger.engine import SCHEMA_VERSION
from syncctl.ledger.migrations import migrations
from syncctl.push import push, resolve_open, resume

NEXT = ("holds", "alerts", "unkept", "past", "made", "acceptances", "joined", "written")
"""The first migration of each version after the first."""


def test_every_schema_version_is_among_the_cases() -> None:
    assert len(NEXT) == SCHEMA_VERSION - 1
    assert [one.name for one in migrations.pending(sqlite_utils.Database(memory=True))][-len(NEXT) :] == list(NEXT)


class Killed(BaseException):
    """The process is gone."""


def half_applied() -> Desk:
    """Three customers: the first has no answer, the second was on its way when the process died, the third waits."""
    sends = iter(range(1, 9))

    def reach(point: str) -> None:
        if point == "after-send" and next(sends) == 2:
            raise Killed

    desk = Desk(reach=reach)
    desk.vendor("books").faults = ["lost"]
    changes = [create("books", "customer", name, number=name) for name in ("a", "b", "c")]
    with pytest.raises(Killed):
        push(desk.plan(*changes), desk.means())
    return desk


def as_written_by(version: int, desk: Desk, path: Path) -> None:
    """The desk's ledger with the tables and columns that this version had."""
    old = sqlite_utils.Database(sqlite3.connect(path, isolation_level=None))
    migrations.apply(old, stop_before=NEXT[version - 1] if version < SCHEMA_VERSION else None)
    for table in old.tables:
        if table.name.startswith(("_", "sqlite_")):
            continue
        columns = ", ".join(column.name for column in table.columns)
        rows = desk.engine.db.execute(f"SELECT {columns} FROM {table.name}").fetchall()
        old.conn.execute(f"DELETE FROM {table.name}")
        holes = ", ".join("?" for _ in table.columns)
        old.conn.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({holes})", rows)
    old.conn.execute(f"PRAGMA user_version = {version}")
    old.conn.close()


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_open_writes_of_an_old_ledger_are_settled_without_a_duplicate(version: int, tmp_path: Path) -> None:
    before = half_applied()
    assert set(before.journal.open_intents().values()) == {"unknown", "sending"}
    as_written_by(version, before, tmp_path / "ledger.db")
    before.engine.close()

    desk = Desk(path=tmp_path / "ledger.db", clock=before.clock, prefix="later-")
    desk.systems = before.systems
    assert desk.engine.db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    (half,) = (run.id for run in desk.journal.runs.list(9) if desk.journal.runs.plan_of(run.id))
    assert states(resolve_open(desk.means())) == ["applied", "applied"]
    resume(half, desk.means())
    assert sorted(raw["number"] for raw in desk.vendor("books").of_kind("customer")) == ["a", "b", "c"]
    assert desk.journal.open_intents() == {}
    assert desk.journal.verify() is None
    desk.engine.close()
