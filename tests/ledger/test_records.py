"""Records as vendors sent them: with their cursor or not at all, never backwards, nothing lost."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.errors import LedgerError
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger import engine as engines
from syncctl.ledger.engine import Engine, open_engine
from syncctl.ledger.records import Records, Stored
from syncctl.model import Page, Poison, Record, Ref, Window

AT = "2026-11-20T03:00:00+00:00"
LATER = "2026-11-21T03:00:00+00:00"


@pytest.fixture
def records() -> Records:
    return Records(open_engine(None))


def bill(identity: str, raw: bytes = b"{}", version: str = "", updated_at: str = "") -> Record:
    return Record(Ref("books", "Bill", identity), raw, version, updated_at)


def store(records: Records, *rows: Record, at: str = AT, **page: Any) -> Stored:
    return records.store_page("books", "Bill", Page(rows, **page), at)


def held(records: Records, identity: str = "1") -> bytes:
    found = records.record(Ref("books", "Bill", identity))
    assert found is not None
    return found.raw


def poison(identity: str, reason: str = "no id", raw: Any = b"{") -> Poison:
    return Poison("books", "Bill", identity, reason, raw)


def versions(records: Records) -> list[tuple[bytes, str]]:
    """(raw, gone) of every earlier version, oldest first."""
    return records.engine.db.execute("SELECT raw, gone FROM versions ORDER BY seq").fetchall()


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_page_and_the_cursor_after_it_are_stored_together(records: Records) -> None:
    window = Window("changes", "cursor-1", since="2026-11-01T00:00:00Z")
    assert store(records, bill("1", b'{"a": 1}'), windows=(window,)) == Stored(records=1, changed=1)
    assert records.windows("books", "Bill") == (window,)
    assert held(records) == b'{"a": 1}'


def test_a_page_that_fails_leaves_neither_rows_nor_cursor(records: Records) -> None:
    store(records, bill("1", b"old"), windows=(Window("changes", "cursor-1"),))
    page = {"poison": (poison("2", raw=object()),), "windows": (Window("changes", "cursor-2"),)}
    with pytest.raises(sqlite3.Error):
        store(records, bill("1", b"new"), bill("3"), **page)
    assert held(records) == b"old"
    assert records.record(Ref("books", "Bill", "3")) is None
    assert records.windows("books", "Bill") == (Window("changes", "cursor-1"),)
    assert versions(records) == []
    assert store(records, bill("1", b"new")).changed == 1


def test_an_unchanged_row_is_skipped_and_takes_no_number(records: Records) -> None:
    store(records, bill("1", b"same", updated_at="2026-11-01T00:00:00Z"))
    before = records.engine.db.execute("SELECT value FROM counters WHERE name = 'seq'").fetchone()
    assert store(records, bill("1", b"same", updated_at="2026-11-02T00:00:00Z")) == Stored(records=1, changed=0)
    assert records.engine.db.execute("SELECT value FROM counters WHERE name = 'seq'").fetchone() == before
    assert versions(records) == []


def test_a_changed_row_takes_a_new_number_and_its_earlier_version_is_kept(records: Records) -> None:
    store(records, bill("1", b"a"), bill("2", b"x"))
    store(records, bill("1", b"b"), at=LATER)
    store(records, bill("1", b"c"), at=LATER)
    assert held(records) == b"c"
    assert versions(records) == [(b"a", ""), (b"b", "")]
    numbers = [row[0] for row in records.engine.db.execute("SELECT seq FROM records ORDER BY seq")]
    assert len(set(numbers)) == 2
    assert numbers == sorted(numbers)


def test_two_systems_with_one_id_are_two_records(records: Records) -> None:
    store(records, bill("1", b"ours"))
    records.store_page("other", "Bill", Page((Record(Ref("other", "Bill", "1"), b"theirs"),)), AT)
    assert held(records) == b"ours"
    assert records.record(Ref("other", "Bill", "1")) == Record(Ref("other", "Bill", "1"), b"theirs")


def test_a_record_is_decoded_as_an_object_or_refused(records: Records) -> None:
    store(records, bill("1", b'{"a": 0.10}'), bill("2", b"[1]"), bill("3", b"{"))
    assert str(records.raw(Ref("books", "Bill", "1"))) == "{'a': Decimal('0.10')}"
    assert records.raw(Ref("books", "Bill", "9")) is None
    for identity in ("2", "3"):
        with pytest.raises(Undecodable):
            records.raw(Ref("books", "Bill", identity))


# --- never backwards --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then", "taken"),
    [
        (("", "2026-11-02T00:00:00Z"), ("", "2026-11-01T00:00:00Z"), False),
        (("", "2026-11-01T00:00:00Z"), ("", "2026-11-02T00:00:00Z"), True),
        (("", "2026-11-01T00:00:00Z"), ("", "2026-11-01T00:00:00Z"), True),
        (("", "2026-11-01T12:00:00Z"), ("", "2026-11-01T12:00:00.332Z"), True),
        (("", "2026-11-01T12:00:00.332Z"), ("", "2026-11-01T12:00:00Z"), False),
        (("", "2026-11-01T12:00:00+00:00"), ("", "2026-11-01T12:00:00.5+00:00"), True),
        (("7", ""), ("6", ""), False),
        (("9", ""), ("10", ""), True),
        (("7", "2026-11-01T00:00:00Z"), ("6", "2026-11-01T00:00:00Z"), False),
        (("7", "2026-11-01T00:00:00Z"), ("0", "2026-11-02T00:00:00Z"), True),
        (("", ""), ("", ""), True),
        (("abc", ""), ("abb", ""), True),
    ],
)
def test_a_record_never_goes_backwards(
    records: Records, first: tuple[str, str], then: tuple[str, str], taken: bool
) -> None:
    store(records, bill("1", b"first", *first))
    assert store(records, bill("1", b"then", *then)).changed == int(taken)
    assert held(records) == (b"then" if taken else b"first")


@given(
    arrivals=st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4), max_size=6).map(
        lambda pages: [page for page in pages if page]
    )
)
def test_whatever_the_order_of_arrival_the_newest_state_stays(arrivals: list[list[int]]) -> None:
    records = Records(open_engine(None))
    newest = -1
    for page in arrivals:
        rows = [bill("1", str(n).encode(), updated_at=f"2026-11-01T00:00:{n:02}.{n:03}Z") for n in page]
        store(records, *rows)
        newest = max(newest, *page)
        assert held(records) == str(newest).encode()


@given(
    pages=st.lists(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from([b"a", b"b"])), max_size=3), max_size=6)
)
def test_every_state_that_was_ever_held_is_held_now_or_among_the_versions(
    pages: list[list[tuple[str, bytes]]],
) -> None:
    records = Records(open_engine(None))
    seen: dict[str, list[bytes]] = {"1": [], "2": []}
    for page in pages:
        store(records, *(bill(identity, raw) for identity, raw in page))
        for identity, raw in dict(page).items():
            if seen[identity][-1:] != [raw]:
                seen[identity].append(raw)
    for identity, states in seen.items():
        rows = records.engine.db.execute(
            "SELECT v.raw FROM versions v JOIN records r ON r.id = v.record WHERE r.rid = ? ORDER BY v.seq", (identity,)
        )
        assert [row[0] for row in rows] == states[:-1]


# --- what went --------------------------------------------------------------------------------------------------------


def test_a_deleted_record_keeps_its_last_state_and_comes_back_when_it_is_sent_again(records: Records) -> None:
    store(records, bill("1", b"last"))
    assert store(records, deleted=(Ref("books", "Bill", "1"), Ref("books", "Bill", "never seen"))).gone == 1
    assert (held(records), records.count("books", "Bill")) == (b"last", 0)
    assert store(records, bill("1", b"last")).changed == 1
    assert records.count("books", "Bill") == 1
    assert versions(records) == [(b"last", ""), (b"last", "deleted")]


def test_a_record_is_marked_gone_once(records: Records) -> None:
    store(records, bill("1"))
    gone = [Ref("books", "Bill", "1")]
    with records.engine.write():
        assert (records.note_gone(gone, AT), records.note_gone(gone, LATER)) == (1, 0)


def test_a_complete_pull_names_what_it_did_not_bring_and_nothing_else(records: Records) -> None:
    store(records, *(bill(str(n)) for n in range(1, 6)))
    store(records, deleted=(Ref("books", "Bill", "5"),))
    records.start_full("books", "Bill")
    assert records.windows("books", "Bill") == ()
    store(records, bill("1"), windows=(Window("w", "p1"),))
    store(records, bill("2"), poison=(poison("3"),), complete=True)
    assert records.unseen("books", "Bill") == ("4",)


def test_a_row_that_is_the_same_as_before_counts_as_seen(records: Records) -> None:
    store(records, bill("1", b"same"))
    records.start_full("books", "Bill")
    assert store(records, bill("1", b"same"), complete=True).changed == 0
    assert records.unseen("books", "Bill") == ()


def test_an_older_row_counts_as_seen_too(records: Records) -> None:
    store(records, bill("1", b"new", "2"))
    records.start_full("books", "Bill")
    store(records, bill("1", b"old", "1"), complete=True)
    assert records.unseen("books", "Bill") == ()


def test_a_full_pull_that_was_cut_short_goes_on_with_what_it_saw(records: Records) -> None:
    store(records, bill("1"), bill("2"))
    records.start_full("books", "Bill")
    store(records, bill("1"), windows=(Window("w", "p1"),))
    records.start_pull("books", "Bill")
    store(records, bill("2"), complete=True)
    assert records.unseen("books", "Bill") == ()
    records.start_pull("books", "Bill")
    assert set(records.unseen("books", "Bill")) == {"1", "2"}


# --- rows set aside, rows to read again -------------------------------------------------------------------------------


def test_a_row_that_could_not_be_read_is_set_aside_with_its_reason_until_it_can(records: Records) -> None:
    store(records, poison=(poison("1", "cut short"), poison("2", "no id")))
    store(records, poison=(poison("1", "still cut short"),), at=LATER)
    assert records.poison() == (
        (Ref("books", "Bill", "1"), "still cut short", AT),
        (Ref("books", "Bill", "2"), "no id", AT),
    )
    store(records, bill("1", b"{}"))
    assert [ref.id for ref, *_ in records.poison()] == ["2"]


def test_of_rows_without_an_id_each_is_set_aside(records: Records) -> None:
    listed = (poison("", raw=b'{"a": 1}'), poison("", raw=b'{"a": 2}'), poison("", raw=b'{"a": 1}'))
    store(records, poison=listed)
    assert len({ref.id for ref, *_ in records.poison()}) == 2
    assert all(ref.id.startswith("#") for ref, *_ in records.poison())


def test_a_row_set_aside_is_forgotten_when_the_vendor_deletes_it(records: Records) -> None:
    store(records, poison=(poison("1"), poison("2")))
    with records.engine.write():
        records.note_gone([Ref("books", "Bill", "1")], AT)
    assert [ref.id for ref, *_ in records.poison()] == ["2"]


def test_a_row_set_aside_is_forgotten_when_a_whole_pull_does_not_bring_it_any_more(records: Records) -> None:
    store(records, poison=(poison("1"), poison("2")))
    records.start_full("books", "Bill")
    store(records, poison=(poison("2"),))
    assert [ref.id for ref, *_ in records.poison()] == ["1", "2"]  # the pull is not over
    store(records, bill("3"), complete=True)
    assert [ref.id for ref, *_ in records.poison()] == ["2"]


def test_a_record_keeps_its_last_good_state_while_a_newer_one_is_set_aside(records: Records) -> None:
    store(records, bill("1", b"good"))
    store(records, poison=(poison("1"),))
    assert (held(records), records.count("books", "Bill")) == (b"good", 1)


def test_what_must_be_read_again_is_kept_until_it_was(records: Records) -> None:
    dirty = (Ref("books", "Bill", "1"), Ref("books", "Person", "2"), Ref("books", "Bill", "3"))
    store(records, bill("9"), dirty=dirty)
    assert records.unread() == tuple(sorted(dirty))
    with records.engine.write():
        records.store_receipt(bill("1", b"receipt"), AT)
    records.clear_unread([dirty[1]])
    assert records.unread() == (dirty[2],)


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "ledger.db"


def in_file(path: Path) -> Engine:
    found = open_engine(path)
    Records(found).store_page("books", "Bill", Page((bill("1", b"kept"),)), AT)
    return found


def test_the_ledger_is_for_its_owner_alone(path: Path) -> None:
    in_file(path).close()
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_the_ledger_is_the_same_when_it_is_opened_again(path: Path) -> None:
    first = in_file(path)
    lineage = first.lineage
    first.close()
    again = open_engine(path)
    assert again.lineage == lineage
    assert held(Records(again)) == b"kept"
    again.close()


@pytest.mark.parametrize(
    ("version", "mode"),
    [((3, 40, 1), "DELETE"), ((3, 51, 2), "DELETE"), ((3, 51, 3), "WAL"), ((3, 52, 0), "WAL")],
)
def test_wal_is_used_only_where_it_cannot_lose_pages(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], mode: str
) -> None:
    monkeypatch.setattr(engines.sqlite3, "sqlite_version_info", version)
    assert engines.journal_mode() == mode


def test_the_file_has_the_journal_mode_and_the_care_that_go_with_this_sqlite(path: Path) -> None:
    found = in_file(path)
    mode = found.db.execute("PRAGMA journal_mode").fetchone()[0]
    synchronous = found.db.execute("PRAGMA synchronous").fetchone()[0]
    assert mode.upper() == engines.journal_mode()
    assert synchronous == (2 if mode == "wal" else 3)
    found.close()


def test_a_ledger_of_a_newer_version_is_refused(path: Path) -> None:
    found = in_file(path)
    found.db.execute(f"PRAGMA user_version = {engines.SCHEMA_VERSION + 1}")
    found.close()
    with pytest.raises(LedgerError, match="newer"):
        open_engine(path)


def test_a_sqlite_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.sqlite3, "sqlite_version_info", (3, 38, 5))
    with pytest.raises(LedgerError, match="too old"):
        open_engine(None)


@pytest.mark.parametrize("what", ["a text", "a folder", "a file in the way"])
def test_what_cannot_be_opened_is_one_error_with_its_fix(tmp_path: Path, what: str) -> None:
    place = tmp_path / "ledger.db"
    if what == "a text":
        place.write_text("this is no ledger, however long it is " * 50, encoding="utf-8")
    elif what == "a folder":
        place.mkdir()
    else:
        place.write_text("", encoding="utf-8")
        place = place / "ledger.db"
    with pytest.raises(LedgerError, match="cannot be opened") as caught:
        open_engine(place)
    assert ("`syncctl ledger restore FILE`" in caught.value.fix) is (what == "a text")
    assert caught.value.fix


def test_a_transaction_that_fails_leaves_no_trace(records: Records) -> None:
    def fail(engine: Engine) -> None:
        with engine.write():
            engine.set_meta("key", "value")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail(records.engine)
    assert records.engine.meta("key") == ""


def test_an_overlay_is_seen_inside_and_never_kept(records: Records) -> None:
    with records.engine.overlay():
        records.store_receipt(bill("1", b"planned"), AT)
        assert held(records) == b"planned"
    assert records.record(Ref("books", "Bill", "1")) is None
    store(records, bill("1", b"real"))
    assert held(records) == b"real"
