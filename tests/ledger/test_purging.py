"""A person's data goes out of every byte of the ledger, and the audit chain goes on answering for what stays."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from push_desk import Desk, create, states, update
from syncctl.errors import UsageError
from syncctl.ledger import audit
from syncctl.ledger.alerts import Alerts
from syncctl.ledger.audit import hash_at
from syncctl.ledger.backup import back_up
from syncctl.ledger.engine import Engine, open_engine
from syncctl.ledger.findings import Findings, Verdict
from syncctl.ledger.journal import Journal
from syncctl.ledger.lookups import Lookups
from syncctl.ledger.mentions import mentions, words_of
from syncctl.ledger.pairs import Link, Pairs
from syncctl.ledger.purging import Purged, Purging, scrub
from syncctl.ledger.query import query
from syncctl.ledger.redactions import PURGED
from syncctl.ledger.requests import Requests
from syncctl.ledger.states import State
from syncctl.ledger.verifying import Verified, verify
from syncctl.model import Finding, FindingKind, Ref
from syncctl.sandbox.clock import FakeClock

NAME, MAIL, PHONE, STREET = "Zéphyrine Quillfeather", "zephyrine@quill.example", "+16467704821", "77 Canarybird Alley"
CANARIES = ("phyrine", "uillfeather", "quill.example", "7704821", "anarybird")
AT = "2026-11-20T03:00:00+00:00"
NOWHERE = Path("/nonexistent/ledger.heads")


@dataclass
class Held:
    """A ledger in a file that knows one person as `who` and, as we wrote it elsewhere, `made`; `other` was written in
    the same request."""

    engine: Engine
    who: Ref
    other: Ref
    pair: int
    made = Ref("books", "customer", "1")

    @property
    def path(self) -> Path:
        assert self.engine.path is not None
        return self.engine.path

    def purge(self, ref: Ref | None = None, *, past: bool = False) -> Purged:
        ref = ref or self.who
        purging = Purging(self.engine, ref, words_of(self.engine, ref), past=past)
        purging.refuse()
        done = purging.purge(AT, "ana")
        scrub(self.engine)
        return done

    def verified(self) -> Verified:
        return verify(self.engine.db, self.engine.lineage, NOWHERE)

    def canaries(self) -> list[str]:
        """Which of the person's texts stand in some byte of the file, or beside it."""
        held = b"".join(path.read_bytes() for path in self.path.parent.glob("ledger.db*"))
        return [one for one in CANARIES if one.encode() in held]


@cache
def written() -> tuple[bytes, Ref, Ref, int]:
    """The person was written, refused, matched, found, accepted and told of; then the vendor deleted the record."""
    with TemporaryDirectory() as folder:
        desk = Desk(path=Path(folder) / "ledger.db")
        person = {"note": NAME, "email": MAIL, "linked": PHONE, "stage": STREET, "phone": PHONE}
        who, other = (
            Ref("crm", "contact", desk.vendor("crm").seed("contact", **values))
            for values in (person, {"note": "Ben", "linked": "+12125550100"})
        )
        desk.pull()
        both = update(who, linked=(PHONE, PHONE + "9")), update(other, linked=("+12125550100", "1"))
        assert states(desk.push(*both)) == ["applied", "applied"]
        refused = update(who, stage=(STREET, f"{STREET} 2"), amount=(None, -1), mapping="streets")
        assert states(desk.push(replace(refused, name=NAME))) == ["rejected"]
        made = create("books", "customer", "a", number=NAME)
        assert states(desk.push(replace(made, source=who, name=NAME))) == ["applied"]
        pair = _around(desk, who, other)
        desk.vendor("crm").records.pop(who.id)
        with desk.engine.write():
            desk.records.note_gone([who, Held.made], AT)
        body = desk.engine.db.serialize()
        desk.engine.close()
        return body, who, other, pair


def _around(desk: Desk, who: Ref, other: Ref) -> int:
    """What reconciling keeps of the person beside the record itself."""
    engine, one, two = desk.engine, desk.records.number_of(who), desk.records.number_of(other)
    assert one is not None
    assert two is not None
    findings = Findings(engine)
    with engine.write() as db:
        db.execute("INSERT INTO mappings (id, name) VALUES (1, 'people')")
        (pair,) = Pairs(engine, Lookups(engine, desk.records, {})).add(1, [Link((one,), (two,), "mail", 100)], AT)
        db.execute("UPDATE pairs SET base = ?", (json.dumps({"name": NAME}, ensure_ascii=False),))
        side = (
            "INSERT INTO sides (mapping, side, record, pair, hash, scope, name, body, k0) VALUES (1,?,?,?,0,'',?,?,?)"
        )
        db.execute(side, (0, one, pair, NAME, STREET, MAIL))
        db.execute(side, (1, two, pair, "Ben", "Elm", "ben@elm.example"))
        db.execute("INSERT INTO lookups SELECT kind, 'email', ?, id FROM records WHERE id = ?", (MAIL, one))
        verdict = Verdict(f"pair:{pair}", "difference", "name", (("records", f"{one}:{two}"), ("left_shown", NAME)))
        findings.replace(1, None, [verdict], AT)
        findings.accept(findings.newest(), f"{NAME} said so", "ana", AT)
        note = {"finding": findings.newest(), "note": f"{NAME} said so", "by": "ana"}
        desk.journal.note(db, "", "finding.accepted", note)
    Alerts(engine).tell([], desk.clock.now(), "", "trouble", f"{NAME} differs", STREET, ["mail"])
    told = Finding("people", FindingKind.DIFFERENCE, who, other, left_shown=NAME, name=NAME)
    desk.journal.plans.save(replace(desk.plan(), id="plan-told", findings=(told,)))
    return pair


@pytest.fixture
def held(tmp_path: Path) -> Held:
    body, who, other, pair = written()
    (tmp_path / "ledger.db").write_bytes(body)
    return Held(open_engine(tmp_path / "ledger.db"), who, other, pair)


def test_c13_nothing_of_the_person_is_left_in_any_byte_of_the_ledger_and_verify_stays_green(held: Held) -> None:
    assert set(held.canaries()) == set(CANARIES)
    before = held.engine.db.execute("SELECT id, hash FROM audit ORDER BY id").fetchall()
    words = words_of(held.engine, held.who)
    assert {MAIL, PHONE, NAME} <= set(words)
    done = held.purge()
    assert all(done.counts.values()), done
    assert mentions(held.engine, held.who, words) == (held.made,), "listed, and as it was"
    assert held.canaries() == ["phyrine", "uillfeather"]
    held.engine.db.execute("PRAGMA journal_mode = WAL")  # whichever mode the SQLite of a machine is safe with
    held.purge(held.made)
    assert (held.canaries(), held.verified().broken) == ([], ())
    assert held.engine.db.execute("SELECT id, hash FROM audit ORDER BY id").fetchall()[: len(before)] == before
    again = held.purge()
    assert (again.any, held.verified().head) == (False, held.verified().head)


def test_ids_states_and_the_pair_stay_and_so_do_the_values_of_others(held: Held) -> None:
    operations = "SELECT id, intent, state, target, ref, sent <> '' FROM operations ORDER BY number"
    before = held.engine.db.execute(operations).fetchall()
    held.purge()
    assert held.engine.db.execute(operations).fetchall() == before
    journal = Journal(held.engine, FakeClock())
    of_others = [one for one in journal.operations.in_states(State) if one.change.target == held.other]
    assert [(one.erased, [edit.after for edit in one.change.edits]) for one in of_others] == [(False, ["1"])]
    of_them = [one for one in journal.operations.in_states(State) if one not in of_others]
    assert {(one.erased, one.change.edits, one.base) for one in of_them} == {(True, (), b"")}
    request = Requests(held.engine).last_of(of_others[0].id)
    assert request is not None
    assert (request.request.body, len(request.request.rows)) == (b"", 2), "one request carried both"
    for plan in journal.plans.known():
        assert journal.plans.load(plan).id == plan
    members = held.engine.db.execute("SELECT count(*) FROM pair_members WHERE pair = ?", (held.pair,)).fetchone()
    assert members == (2,)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        (
            'UPDATE audit SET body = replace(body, \'"method":"POST"\', \'"method":"PUT"\') WHERE id = ?',
            "as that purge",
        ),
        ("UPDATE audit SET at = '2026-11-19' WHERE id = ?", "as that purge"),
        ("UPDATE audit SET hash = hash || '0' WHERE id = ?", "rewritten"),
        ("UPDATE operations SET message = 'x' WHERE ? AND change GLOB '*erased*'", "not as this event left it"),
        ("UPDATE plans SET body = body || ' ' WHERE ? AND id = 'plan-told'", "not as this event left it"),
    ],
)
def test_whoever_alters_what_a_purge_left_is_named(held: Held, sql: str, what: str) -> None:
    held.purge()
    (number,) = held.engine.db.execute("SELECT min(id) FROM audit WHERE event = 'request.sent'").fetchone()
    held.engine.db.execute(sql, (number,))
    found = held.verified()
    assert what in found.broken[0].what
    assert found.broken[0].check == "rows" or found.broken[0].number == number


def test_a_text_put_back_into_a_purged_event_is_named(held: Held) -> None:
    was = held.engine.db.execute("SELECT body, id FROM audit WHERE event = 'request.sent'").fetchone()
    held.purge()
    held.engine.db.execute("UPDATE audit SET body = ? WHERE id = ?", was)
    assert [one.number for one in held.verified().broken] == [was[1]]


def test_a_purge_can_only_empty_an_event_never_write_another_text_and_verify_names_each(held: Held) -> None:
    number, previous = held.engine.db.execute("SELECT id, previous FROM audit WHERE event = 'request.sent'").fetchone()
    held.engine.db.execute("UPDATE audit SET body = json_set(body, '$.body', 'another') WHERE id = ?", (number,))
    forged = next(event for event in audit.events(held.engine.db) if event.number == number)
    with held.engine.write() as db:
        body = {"record": str(held.who), "by": "eve", "events": {str(number): forged.link(previous)}}
        audit.append(db, AT, "", PURGED, body)
    found = held.verified()
    assert [one.number for one in found.broken] == [number]
    assert [words.endswith("by eve: 1 event holds no texts any more") for words in found.purges] == [True]


def test_the_past_is_still_shown_without_the_person(held: Held) -> None:
    held.purge()
    rows = query(held.path, "SELECT id, gone, raw FROM records_as_of WHERE system = 'crm' ORDER BY id", 10, AT).rows
    assert (rows[0][0], rows[0][2]) == (held.who.id, "{}")
    assert "Ben" in rows[1][2]
    sql = "SELECT left, right, kind, note FROM findings_as_of"
    assert query(held.path, sql, 10, AT).rows == ()
    assert len(query(held.path, "SELECT * FROM pairs_as_of", 10, "9999").rows) == 1


def test_a_backup_of_a_purged_ledger_is_sound_and_one_from_before_is_still_one_of_it(
    held: Held, tmp_path: Path
) -> None:
    old = back_up(held.path, tmp_path / "before.db", replace=False)
    held.purge()
    new = back_up(held.path, tmp_path / "after.db", replace=False)
    assert new.count == old.count + 1
    assert hash_at(held.engine.db, old.count) == old.hash, "the head kept outside stays valid"


def test_a_record_that_its_vendor_has_is_refused_and_only_its_past_can_go(held: Held) -> None:
    with pytest.raises(UsageError, match="still exists in crm") as caught:
        held.purge(held.other)
    assert "--past" in caught.value.fix
    assert held.purge(held.other, past=True).any
    row = held.engine.db.execute("SELECT raw FROM records WHERE rid = ?", (held.other.id,)).fetchone()
    assert b"Ben" in row[0]
    assert held.verified().sound


@pytest.mark.parametrize(
    ("state", "fix"), [("unknown", "asks the vendor"), ("review", "ops settle"), ("planned", "runs resume")]
)
def test_nothing_is_purged_while_a_write_about_it_is_open(held: Held, state: str, fix: str) -> None:
    """Be it that of another record: one request carried both, or one plan that can be gone on with."""
    held.engine.db.execute("UPDATE operations SET state = ? WHERE target = ?", (state, str(held.other)))
    held.engine.db.execute("UPDATE plans SET serial = ?", (held.engine.serial() - 1,))
    with pytest.raises(UsageError, match=f"is not over: it is {state}") as caught:
        held.purge()
    assert fix in caught.value.fix
    assert set(held.canaries()) == set(CANARIES)


def test_what_can_never_be_sent_any_more_ends_with_the_purge(held: Held) -> None:
    """It waits in a plan that is stale: no resume would ever end it."""
    held.engine.db.execute(
        "UPDATE operations SET state = 'held' WHERE state = 'rejected' OR target = ?", (str(held.other),)
    )
    held.purge()
    found = "SELECT target, state FROM operations WHERE state IN ('held', 'lapsed') ORDER BY number"
    assert held.engine.db.execute(found).fetchall() == [(str(held.other), "held"), (str(held.who), "lapsed")]
