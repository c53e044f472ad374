"""The audit chain: what was written down can be added to, and not changed unseen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncctl.ledger import audit
from syncctl.ledger.chain import first_break
from syncctl.ledger.engine import Engine, open_engine
from syncctl.model import digest


def chain() -> Engine:
    engine = open_engine(None)
    with engine.write() as db:
        for number in range(5):
            audit.append(db, f"2026-11-20T03:00:0{number}+00:00", "run-1", "plan.saved", {"plan": number, "b": "ä"})
    return engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = chain()
    yield made
    made.close()


def test_an_untouched_chain_is_whole(engine: Engine) -> None:
    assert first_break(engine.db) is None


def test_an_empty_chain_is_whole() -> None:
    assert first_break(open_engine(None).db) is None


SWAP = (
    "UPDATE audit SET id = -1 WHERE id = {0}; UPDATE audit SET id = {0} WHERE id = {1};"
    " UPDATE audit SET id = {1} WHERE id = -1"
)
SHIFT = "UPDATE audit SET id = id - 100 WHERE id > {0}; UPDATE audit SET id = id + 99 WHERE id < 0"


@pytest.mark.parametrize(
    ("script", "number", "what"),
    [
        ("UPDATE audit SET body = '{}' WHERE id = 3", 3, "its time, run, kind or text was changed"),
        ("UPDATE audit SET at = '2026-11-20T04:00:00+00:00' WHERE id = 1", 1, "its time, run, kind or text"),
        ("UPDATE audit SET event = 'run.started' WHERE id = 2", 2, "its time, run, kind or text was changed"),
        ("UPDATE audit SET run = 'run-2' WHERE id = 5", 5, "its time, run, kind, text or hash was changed"),
        ("UPDATE audit SET hash = previous WHERE id = 4", 4, "its hash was changed"),
        ("UPDATE audit SET hash = previous WHERE id = 5", 5, "its time, run, kind, text or hash was changed"),
        ("UPDATE audit SET previous = hash WHERE id = 4", 4, "its link to the event before it was changed"),
        ("UPDATE audit SET previous = '' WHERE id = 2", 2, "its link to the event before it was changed"),
        ("UPDATE audit SET body = '{}', previous = '' WHERE id = 2", 2, "so was its hash or its content"),
        ("DELETE FROM audit WHERE id = 2", 2, "event 2 is missing; the next one is plan.saved"),
        ("DELETE FROM audit WHERE id IN (2, 3)", 2, "events 2 to 3 are missing"),
        ("DELETE FROM audit WHERE id = 1", 1, "event 1 is missing"),
        ("UPDATE audit SET id = 9 WHERE id = 4", 4, "event 4 is missing"),
        ("UPDATE audit SET id = 0 WHERE id = 4", 0, "it stands before the first event"),
        ("DELETE FROM audit WHERE id = 1;" + SHIFT.format(1), 1, "those before it were removed"),
        ("DELETE FROM audit WHERE id = 3;" + SHIFT.format(3), 2, "an event after it was removed"),
        (SWAP.format(3, 4), 3, "another order: it was written after event 4"),
        (SWAP.format(1, 5), 1, "another order: it was written after event 4"),
    ],
)
def test_the_first_event_that_was_changed_is_named_and_how(engine: Engine, script: str, number: int, what: str) -> None:
    engine.db.executescript(script)
    broken = first_break(engine.db)
    assert broken is not None
    assert (broken.number, what in broken.what) == (number, True), broken


def forged(engine: Engine, number: int, body: str) -> None:
    """Writes an event anew, its hash calculated as if it had always been so."""
    event = next(audit.events(engine.db, after=number - 1))
    link = digest(event.previous, event.at, event.run, event.event, body)
    engine.db.execute("UPDATE audit SET body = ?, hash = ? WHERE id = ?", (body, link, number))


def test_an_event_with_a_hash_that_was_calculated_anew_is_named_itself(engine: Engine) -> None:
    forged(engine, 3, '{"plan":99}')
    broken = first_break(engine.db)
    assert broken is not None
    assert (broken.number, "it was rewritten" in broken.what) == (3, True)


def test_an_event_whose_link_and_hash_were_calculated_anew_is_named_itself(engine: Engine) -> None:
    event = next(audit.events(engine.db, after=2))
    engine.db.execute("UPDATE audit SET previous = '', hash = ? WHERE id = 3", (event.link(""),))
    broken = first_break(engine.db)
    assert broken is not None
    assert (broken.number, "calculated anew" in broken.what) == (3, True)


def test_an_inserted_event_is_named_although_it_follows_well(engine: Engine) -> None:
    before = audit.hash_at(engine.db, 2)
    engine.db.execute("UPDATE audit SET id = id + 100 WHERE id > 2")
    engine.db.execute("UPDATE audit SET id = id - 99 WHERE id > 100")
    words = ("2026-11-20T03:00:02+00:00", "run-1", "plan.saved", "{}")
    link = digest(str(before), *words)
    engine.db.execute("INSERT INTO audit VALUES (3, ?, ?, ?, ?, ?, ?)", (*words, before, link))
    broken = first_break(engine.db)
    assert broken is not None
    assert (broken.number, broken.what) == (3, "it was inserted: event 4 was written after event 2")


@given(number=st.integers(1, 5), column=st.sampled_from(["at", "run", "event", "body", "previous", "hash"]))
def test_whatever_column_of_whatever_event_changes_that_event_is_named(number: int, column: str) -> None:
    made = chain()
    made.db.execute(f"UPDATE audit SET {column} = {column} || 'x' WHERE id = ?", (number,))
    broken = first_break(made.db)
    assert broken is not None
    assert broken.number == number
    made.close()


def test_an_event_is_written_with_its_transaction_or_not_at_all(engine: Engine) -> None:
    before = audit.head(engine.db)

    def fail_after_the_event() -> None:
        with engine.write() as db:
            audit.append(db, "2026-11-20T05:00:00+00:00", "run-1", "plan.saved", {})
            db.execute("SELECT * FROM no_such_table")

    with pytest.raises(sqlite3.OperationalError):
        fail_after_the_event()
    assert audit.head(engine.db) == before
    assert first_break(engine.db) is None


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
