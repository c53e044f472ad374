"""The ledger as it stood at a moment: records, pairs and findings, whatever came later."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncctl.cli.options import as_moment
from syncctl.errors import UsageError
from syncctl.ledger.engine import Engine, open_engine
from syncctl.ledger.findings import Findings, Verdict
from syncctl.ledger.journal import Journal
from syncctl.ledger.lookups import Lookups
from syncctl.ledger.pairs import Link, Pairs
from syncctl.ledger.query import query
from syncctl.ledger.records import Records
from syncctl.model import Page, Record, Ref
from syncctl.sandbox.clock import FakeClock

DAY = {number: f"2026-10-{number:02}T12:00:00+00:00" for number in range(1, 32)}
RECORDS = "SELECT id, json_extract(raw, '$.n') FROM records_as_of WHERE gone = '' ORDER BY id"
PAIRS = "SELECT mapping, left, right, rule, since FROM pairs_as_of"
FINDINGS = "SELECT number, left, right, accepted, note, json_extract(body, '$.was') FROM findings_as_of"


class Past:
    """A ledger on the 2nd, 10th, 20th and 30th of October."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine: Engine = open_engine(path)
        self.records = Records(self.engine)
        self.pairs = Pairs(self.engine, Lookups(self.engine, self.records, {"people": (("a", "p"), ("b", "q"))}))
        self.findings = Findings(self.engine)
        with self.engine.write() as db:
            db.execute("INSERT INTO mappings (id, name) VALUES (1, 'people')")

    def store(self, day: int, system: str, kind: str, identity: str, number: int) -> None:
        record = Record(Ref(system, kind, identity), f'{{"n": {number}}}'.encode(), str(day))
        self.records.store_page(system, kind, Page((record,)), DAY[day])

    def find(self, day: int, was: str | None) -> None:
        verdicts = [Verdict("pair:1", "difference", "name", (("records", "1:2"), ("was", was)))] if was else []
        with self.engine.write():
            self.findings.replace(1, None, verdicts, DAY[day])

    def ask(self, sql: str, day: int) -> list[tuple[object, ...]]:
        return list(query(self.path, sql, 100, DAY[day]).rows)


@pytest.fixture
def past(tmp_path: Path) -> Past:
    made = Past(tmp_path / "ledger.db")
    made.store(2, "a", "p", "1", 1)
    made.store(2, "b", "q", "9", 1)
    return made


def test_a_record_is_shown_as_it_stood_and_not_before_it_came(past: Past) -> None:
    past.store(10, "a", "p", "1", 2)
    past.store(10, "a", "p", "2", 5)
    with past.engine.write():
        past.records.note_gone([Ref("b", "q", "9")], DAY[20])
    past.store(30, "a", "p", "1", 3)
    assert past.ask(RECORDS, 1) == []
    assert past.ask(RECORDS, 2) == past.ask(RECORDS, 9) == [("1", 1), ("9", 1)]
    assert past.ask(RECORDS, 10) == [("1", 2), ("2", 5), ("9", 1)]
    assert past.ask(RECORDS, 20) == [("1", 2), ("2", 5)]
    assert past.ask(RECORDS, 30) == [("1", 3), ("2", 5)]
    assert query(past.path, RECORDS, 100).rows == (("1", 3), ("2", 5))


def test_a_pair_is_shown_while_it_was_one(past: Past) -> None:
    with past.engine.write():
        (pair,) = past.pairs.add(1, [Link((1,), (2,), "email", 100)], DAY[10])
    with past.engine.write():
        past.pairs.remove(pair, DAY[20])
    with past.engine.write():
        past.pairs.add(1, [Link((1,), (2,), "name", 90)], DAY[30])
    assert past.ask(PAIRS, 9) == past.ask(PAIRS, 20) == past.ask(PAIRS, 29) == []
    assert past.ask(PAIRS, 10) == past.ask(PAIRS, 19) == [("people", "a:p:1", "b:q:9", "email", DAY[10])]
    assert past.ask(PAIRS, 30) == [("people", "a:p:1", "b:q:9", "name", DAY[30])]


def test_a_finding_is_shown_as_it_was_told_and_as_it_was_accepted_then(past: Past) -> None:
    journal = Journal(past.engine, FakeClock())
    past.find(2, "Acme")
    past.find(10, "ACME")
    with past.engine.write() as db:
        past.findings.accept(1, "fine")
        body = {"finding": 1, "note": "fine"}
        from syncctl.ledger import audit

        audit.append(db, DAY[20], "", "finding.accepted", body)
    past.find(30, None)
    refs = (1, "a:p:1", "b:q:9")
    assert past.ask(FINDINGS, 1) == past.ask(FINDINGS, 30) == []
    assert past.ask(FINDINGS, 2) == past.ask(FINDINGS, 9) == [(*refs, 0, "", "Acme")]
    assert past.ask(FINDINGS, 10) == past.ask(FINDINGS, 19) == [(*refs, 0, "", "ACME")]
    assert past.ask(FINDINGS, 20) == past.ask(FINDINGS, 29) == [(*refs, 1, "fine", "ACME")]
    assert journal.verify() is None


def test_a_finding_about_one_record_names_its_side(past: Past) -> None:
    with past.engine.write():
        past.findings.replace_unmatched(1, [Verdict("right:2", "missing")], DAY[10])
    with past.engine.write():
        past.findings.replace_unmatched(1, [], DAY[20])
    sql = "SELECT kind, left, right FROM findings_as_of"
    assert past.ask(sql, 15) == [("missing", None, "b:q:9")]
    assert past.ask(sql, 20) == []


@pytest.mark.parametrize("sql", ["DELETE FROM records_as_of", "DROP VIEW pairs_as_of", "CREATE TEMP TABLE x (y)"])
def test_the_views_open_no_way_to_write(past: Past, sql: str) -> None:
    with pytest.raises(UsageError):
        query(past.path, sql, 1)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("", ""),
        ("2026-10-31", "2026-11-01T03:59:59.999999+00:00"),
        ("2026-10-31T12:00", "2026-10-31T16:00:00+00:00"),
        ("2026-10-31T12:00+02:00", "2026-10-31T10:00:00+00:00"),
        ("2026-10-31 12:00 UTC", "2026-10-31T12:00:00+00:00"),
    ],
)
def test_a_day_means_its_end_in_the_time_zone_of_the_books(text: str, moment: str) -> None:
    assert as_moment(text, "America/New_York") == moment


def test_what_is_no_time_is_refused_with_an_example() -> None:
    with pytest.raises(UsageError, match="--as-of takes a day or a time"):
        as_moment("yesterday'", "UTC")
