"""What the chain answers for: whatever column of whatever row changes, verifying names it, and its last event."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from push_desk import Desk, create, states, update
from syncctl.ledger import audit
from syncctl.ledger.audit import Head
from syncctl.ledger.chain import Broken
from syncctl.ledger.heads import KeptHead, keep_head
from syncctl.ledger.holds import Holds
from syncctl.ledger.lookups import Lookups
from syncctl.ledger.operation import CHECKED
from syncctl.ledger.pairs import Decision, Pairs
from syncctl.ledger.restoring import lineage_of
from syncctl.ledger.sealing import SEALED
from syncctl.ledger.states import State
from syncctl.ledger.verifying import Verified, verify
from syncctl.model import Ref
from syncctl.sandbox.clock import FakeClock

NOWHERE = Path("/nonexistent/ledger.heads")
AT = "2026-11-20T03:00:00+00:00"


@cache
def written() -> bytes:
    """A ledger in which every sealed table has rows: written, refused, settled, decided, pinned."""
    desk = Desk()
    ref = Ref("books", "customer", desk.vendor("books").seed("customer", number="1"))
    desk.pull()
    assert states(desk.push(update(ref, number=("1", "2")), create("books", "customer", "a", amount=-1))) == [
        "applied",
        "rejected",
    ]
    desk.records.pin("books", "co-1", "Acme", live=True, at=AT)
    pairs = Pairs(desk.engine, Lookups(desk.engine, desk.records, {}))
    with desk.engine.write():
        Holds(desk.engine).put(ref, "run-1:op-1", "run-1", AT)
        pairs.decide(Decision("people", ref, ref, "confirm", "ana", AT))
        pairs.decide(Decision("people", ref, Ref("books", "customer", "9"), "reject", "ana", AT))
    (refused,) = desk.journal.operations.in_states({State.REJECTED})
    desk.journal.release(refused.id, desk.means().run)
    with desk.engine.write() as db:
        desk.journal.operations.mark_checked(db, desk.journal.operations.unchecked())
    with closing(desk.engine.db) as db:
        return db.serialize()


@pytest.fixture
def ledger() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.deserialize(written())
        yield db


def verified(db: sqlite3.Connection, heads: Path = NOWHERE) -> Verified:
    return verify(db, lineage_of(db), heads)


def only(found: Verified) -> Broken:
    (broken,) = found.broken
    return broken


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def test_a_ledger_that_nobody_touched_is_sound_and_every_sealed_table_has_rows(ledger: sqlite3.Connection) -> None:
    found = verified(ledger)
    assert found.broken == ()
    counts = {table: ledger.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in SEALED}
    assert all(counts.values()), counts
    assert found.rows == sum(counts.values())


def test_verifying_leaves_nothing_behind(ledger: sqlite3.Connection) -> None:
    before = ledger.serialize()
    assert verified(ledger).sound
    assert verified(ledger).sound
    assert ledger.serialize() == before


def test_the_chain_answers_for_every_column_of_its_tables(ledger: sqlite3.Connection) -> None:
    for table, sealed in SEALED.items():
        assert {*sealed.key, *sealed.columns} == set(columns(ledger, table)), table


ALTERED = [
    (table, column)
    for table, sealed in SEALED.items()
    for column in sealed.columns
    if (table, column) != ("operations", "state")  # checked against its own list of words: below
]

OTHERS = {
    ("decisions", "verdict"): "iif(verdict = 'confirm', 'reject', 'confirm')",
    ("operations", "number"): "number + 100",
}


@pytest.mark.parametrize(("table", "column"), ALTERED)
def test_a_column_that_was_changed_by_hand_is_found(ledger: sqlite3.Connection, table: str, column: str) -> None:
    other = OTHERS.get((table, column)) or (
        f"CASE WHEN typeof({column}) IN ('integer', 'real') THEN {column} + 1 ELSE coalesce({column}, 7) || ' ' END"
    )
    key = SEALED[table].key[-1]
    which = "min" if column in SEALED[table].flags else "max"  # the one that has it
    ledger.execute(f"UPDATE {table} SET {column} = {other} WHERE {key} = (SELECT {which}({key}) FROM {table})")
    found = [broken for broken in verified(ledger).broken if broken.check == "rows"]
    (broken,) = found
    assert broken.what.startswith(f"{table} ")
    assert broken.what.endswith("it is not as this event left it")
    assert broken.number > 0
    assert broken.at
    assert broken.event


def test_a_write_that_counts_as_not_looked_at_again_is_named(ledger: sqlite3.Connection) -> None:
    """Looked at a second time, a person's later edit would count as what the vendor made of our write."""
    ((name,),) = ledger.execute("UPDATE operations SET checked = 0 WHERE checked = 1 RETURNING id").fetchall()
    broken = only(verified(ledger))
    assert (broken.what, broken.event) == (f"operations {name}: it is not as this event left it", CHECKED)


def test_a_ledger_from_before_such_notes_were_sealed_is_sound_and_nothing_else_in_it_may_differ() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.deserialize(written())
        db.execute("DELETE FROM audit WHERE event = ?", (CHECKED,))
        assert [one.what for one in verified(db).broken if one.what.startswith("operations")] == []
        db.execute("UPDATE operations SET ref = 'books:customer:999' WHERE checked = 1")
        assert any("is not as this event left it" in one.what for one in verified(db).broken)


@pytest.mark.parametrize("table", SEALED)
def test_a_row_that_is_missing_is_found(ledger: sqlite3.Connection, table: str) -> None:
    sealed = SEALED[table]
    ledger.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM {table} LIMIT 1")
    where = " AND ".join(f"{key} = (SELECT {key} FROM kept)" for key in sealed.key)
    ledger.execute(f"DELETE FROM {table} WHERE {where}")
    missing = [broken.what for broken in verified(ledger).broken if broken.check == "rows"]
    assert [what.endswith("it is missing") for what in missing] == [True]
    assert missing[0].startswith(f"{table} ")


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("INSERT INTO decisions VALUES ('people', 'a:b:1', 'c:d:2', 'reject', 'eve', '2026-11-20')", "decisions"),
        ("INSERT INTO pins VALUES ('pay', 'co-2', 'Other', 1, '2026-11-20')", "pins"),
        ("INSERT INTO runs (id, command, started_at) VALUES ('run-99', 'reconcile', '2026-11-20')", "runs"),
        ("UPDATE runs SET id = 'run-99' WHERE id = (SELECT max(id) FROM runs)", "runs"),
    ],
)
def test_a_row_that_no_event_tells_of_is_found(ledger: sqlite3.Connection, sql: str, table: str) -> None:
    ledger.execute(sql)
    said = [broken.what for broken in verified(ledger).broken if "no event tells of it" in broken.what]
    assert [what.split()[0] for what in said] == [table]


def test_a_state_that_was_changed_by_hand_is_found(ledger: sqlite3.Connection) -> None:
    ledger.execute("UPDATE operations SET state = 'lapsed' WHERE state = 'applied'")
    broken = only(verified(ledger))
    assert (broken.event, "is not as this event left it" in broken.what) == (CHECKED, True)


def test_a_finding_that_nobody_accepted_does_not_count_as_accepted_unseen(ledger: sqlite3.Connection) -> None:
    ledger.execute("INSERT INTO mappings (id, name) VALUES (1, 'people')")
    ledger.execute(
        "INSERT INTO findings (mapping, subject, field, kind, print, since, accepted, note, body)"
        " VALUES (1, 'left:1', '', 'missing', 'p', '2026-11-20', 'p', 'fine', '{}')"
    )
    assert "no event tells that a person accepted it" in only(verified(ledger)).what


def test_a_field_is_not_held_back_as_not_kept_where_nothing_was_written_unseen(ledger: sqlite3.Connection) -> None:
    (wrote,) = ledger.execute("SELECT min(id) FROM records").fetchone()
    other = wrote + 1_000
    ledger.execute("INSERT INTO mappings (id, name) VALUES (1, 'people')")
    ledger.execute(
        "INSERT INTO records (id, kind, rid, seq, hash, version, updated_at, raw)"
        " SELECT ?, kind, 'never-written', seq, hash, version, updated_at, raw FROM records WHERE id = ?",
        (other, wrote),
    )
    for toward in ("left", "right"):
        row = (1, wrote, other, toward, "number", "", "", "")
        ledger.execute("INSERT INTO unkept VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    said = "unkept books:customer:never-written: number is held back as not kept there, and no write of ours"
    assert only(verified(ledger)).what.startswith(said)


def test_another_lineage_than_the_chain_tells_is_found(ledger: sqlite3.Connection) -> None:
    ledger.execute("UPDATE meta SET value = 'other' WHERE key = 'lineage'")
    assert only(verified(ledger)).what.startswith("meta lineage: it is other")


def test_a_row_that_names_nothing_is_found(ledger: sqlite3.Connection) -> None:
    ledger.execute("UPDATE records SET kind = 99")
    assert only(verified(ledger)).what == "1 row of records names a row of kinds that is not there"


def test_many_contradictions_are_counted_after_the_first_ones(ledger: sqlite3.Connection) -> None:
    rows = [(f"run-{number}", "pull", AT) for number in range(100, 150)]
    ledger.executemany("INSERT INTO runs (id, command, started_at) VALUES (?, ?, ?)", rows)
    found = verified(ledger).broken
    assert len(found) == 21
    assert found[-1].what == "30 more rows of runs contradict the chain"


def test_what_the_chain_keeps_of_requests_is_redacted_and_the_digest_is_of_the_exact_bytes() -> None:
    desk = Desk()
    assert states(desk.push(create("books", "customer", "a", number="sk_live_0123456789abcdef"))) == ["applied"]
    (operation,) = desk.journal.operations.in_states({State.APPLIED})
    sent = desk.journal.requests.last_of(operation.id)
    assert sent is not None
    (text,) = desk.engine.db.execute("SELECT body FROM audit WHERE event = 'request.sent'").fetchone()
    assert "sk_live_0123456789abcdef" not in text
    told = json.loads(text)
    assert told["sha256"] == sha256(sent.request.body).hexdigest()
    assert (told["bytes"], "[redacted]" in told["body"]) == (len(sent.request.body), True)
    desk.engine.close()


# --- what is kept outside -------------------------------------------------------------------------------------------


@pytest.fixture
def heads(ledger: sqlite3.Connection, tmp_path: Path) -> Path:
    """Heads of three runs: after 5 events, after 9, and of now."""
    path = tmp_path / "ledger.heads"
    count = verified(ledger).head.count
    for run, at in (("night-1", 5), ("night-2", 9), ("night-3", count)):
        keep_head(path, KeptHead(AT, run, head_at(ledger, at), lineage_of(ledger)))
    return path


def head_at(db: sqlite3.Connection, count: int) -> Head:
    return Head(count, str(audit.hash_at(db, count)))


def test_heads_that_agree_are_named(ledger: sqlite3.Connection, heads: Path) -> None:
    found = verified(ledger, heads)
    assert found.sound
    assert found.kept is not None
    assert (found.kept.run, found.kept.head) == ("night-3", found.head)


def test_a_cut_end_is_found_by_the_head_outside(ledger: sqlite3.Connection, heads: Path) -> None:
    count = verified(ledger).head.count
    ledger.execute("DELETE FROM audit WHERE id > ?", (count - 3,))
    first = verified(ledger, heads).broken[0]
    assert (first.check, first.number) == ("heads", count - 2)
    assert first.what == f"the end was cut off: run night-3 ended with event {count}, the last one here is {count - 3}"


def test_a_chain_that_was_rewritten_as_a_whole_is_found_by_the_head_outside(
    ledger: sqlite3.Connection, heads: Path
) -> None:
    ledger.execute("UPDATE audit SET run = 'nobody' WHERE id = 7")
    previous = ""
    for event in list(audit.events(ledger)):
        link = event.link(previous)
        ledger.execute("UPDATE audit SET previous = ?, hash = ? WHERE id = ?", (previous, link, event.number))
        previous = link
    broken = only(verified(ledger, heads))
    assert (broken.check, broken.number) == ("heads", 6)
    assert "an event from 6 to 9 was rewritten" in broken.what


def test_a_torn_line_and_lines_of_other_ledgers_do_not_disturb(ledger: sqlite3.Connection, heads: Path) -> None:
    whole = heads.read_bytes()
    heads.write_bytes(whole + whole.replace(lineage_of(ledger).encode(), b"feed") + whole[:70])
    assert verified(ledger, heads).sound
    now = verified(ledger).head
    keep_head(heads, KeptHead(AT, "night-4", now, lineage_of(ledger)))
    found = verified(ledger, heads)
    assert found.kept is not None
    assert (found.sound, found.kept.run) == (True, "night-4")


def test_the_heads_are_private(ledger: sqlite3.Connection, heads: Path) -> None:
    assert heads.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_told_as_that(ledger: sqlite3.Connection, tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "ledger.db"
    body = bytearray(written())
    middle = len(body) // 2 // 4096 * 4096
    body[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(bytes(body))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        found = verified(db)
    assert {broken.check for broken in found.broken} == {"file"}
    assert "the file is damaged" in found.broken[0].meaning
