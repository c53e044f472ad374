"""The audit chain: what was written down can be added to, and not changed unseen."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncctl.ledger import audit
from syncctl.ledger.engine import Engine, open_engine


@pytest.fixture
def engine() -> Engine:
    engine = open_engine(None)
    with engine.write() as db:
        for number in range(5):
            audit.append(db, f"2026-11-20T03:00:0{number}+00:00", "run-1", "plan.saved", {"plan": number, "b": "ä"})
    return engine


def test_an_untouched_chain_is_whole(engine: Engine) -> None:
    assert audit.verify(engine.db) is None


def test_an_empty_chain_is_whole() -> None:
    assert audit.verify(open_engine(None).db) is None


@pytest.mark.parametrize(
    ("sql", "event"),
    [
        ("UPDATE audit SET body = '{}' WHERE id = 3", "audit event 3"),
        ("UPDATE audit SET at = '2026-11-20T04:00:00+00:00' WHERE id = 1", "audit event 1"),
        ("UPDATE audit SET run = 'run-2' WHERE id = 5", "audit event 5"),
        ("UPDATE audit SET event = 'run.started' WHERE id = 2", "audit event 2"),
        ("UPDATE audit SET hash = previous WHERE id = 4", "audit event 4"),
        ("DELETE FROM audit WHERE id = 2", "audit event 2"),
        ("DELETE FROM audit WHERE id = 1", "audit event 1"),
        ("UPDATE audit SET id = 9 WHERE id = 4", "audit event 4"),
    ],
)
def test_any_change_of_the_past_is_found(engine: Engine, sql: str, event: str) -> None:
    engine.db.execute(sql)
    problem = audit.verify(engine.db)
    assert problem is not None
    assert problem.where == event


def test_a_link_that_was_calculated_anew_breaks_the_next_one(engine: Engine) -> None:
    from syncctl.model import digest

    row = engine.db.execute("SELECT previous, at, run, event FROM audit WHERE id = 3").fetchone()
    forged = digest(*row, '{"plan":99}')
    engine.db.execute("UPDATE audit SET body = '{\"plan\":99}', hash = ? WHERE id = 3", (forged,))
    problem = audit.verify(engine.db)
    assert problem is not None
    assert problem.where == "audit event 4"


def test_an_event_is_written_with_its_transaction_or_not_at_all(engine: Engine) -> None:
    before = audit.head(engine.db)

    def fail_after_the_event() -> None:
        with engine.write() as db:
            audit.append(db, "2026-11-20T05:00:00+00:00", "run-1", "plan.saved", {})
            db.execute("SELECT * FROM no_such_table")

    with pytest.raises(sqlite3.OperationalError):
        fail_after_the_event()
    assert audit.head(engine.db) == before
    assert audit.verify(engine.db) is None


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1), st.text(st.characters(exclude_categories=["Cs"])), min_size=2))
def test_the_order_of_keys_does_not_matter_to_the_hash(body: dict[str, str]) -> None:
    turned = dict(reversed(body.items()))
    hashes = []
    for given_body in (body, turned):
        engine = open_engine(None)
        with engine.write() as db:
            hashes.append(audit.append(db, "2026-11-20T03:00:00+00:00", "run", "event", given_body))
        engine.close()
    assert hashes[0] == hashes[1]
