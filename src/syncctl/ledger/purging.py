"""Takes the personal data of one record out of the ledger; ids, amounts, days and the writes themselves stay. I/O: SQL.

Nothing is replaced by value, and nothing of other records changes but what was sent in one request with this one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from syncctl.errors import LedgerError, NotHere, StalePlanError, UsageError
from syncctl.fields.jsontext import encode_json
from syncctl.ledger import audit
from syncctl.ledger.as_of import KEEP_FINDINGS
from syncctl.ledger.engine import Engine
from syncctl.ledger.lookups import MARK_USERS
from syncctl.ledger.operation import erased_change
from syncctl.ledger.records import content_hash
from syncctl.ledger.redactions import EVENTS, PURGED, redact_events
from syncctl.ledger.requests import emptied
from syncctl.ledger.sealing import Row
from syncctl.ledger.states import OPEN, UNSENT, State
from syncctl.model import Change, Finding, Plan, Ref
from syncctl.planfile import change_from_json, change_to_json, plan_from_json, plan_to_json, sealed

EMPTY: Final = b"{}"
"""What is left of a record's text."""
_COLUMNS: Final = ("state", "change", "sent", "base", "message", "fix", "body")
_WENT: Final = frozenset({"deleted", "archived", "void"})
ALERT: Final = "erased: it named a person whose record was purged"
_KEPT_WORDS: Final = frozenset({"records", "lefts", "rights", "toward", "rule", "score"})
"""Of a finding's body: which records it is about, by their numbers here, and why."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows of each kind were emptied."""

    counts: Mapping[str, int]

    @property
    def any(self) -> bool:
        """False when nothing was left to empty."""
        return any(self.counts.values())


@dataclass(frozen=True, slots=True)
class _About:
    """What of the journal is about one record: operations, plans, and the requests that carried them."""

    operations: tuple[str, ...]
    plans: Mapping[str, Plan | None]
    requests: tuple[int, ...]


class Purging:
    """One record of one ledger, on its way out. `words` are the person's own (mail, phone, name): alerts are not kept
    by record, and are found by them. `past`: its vendor keeps it, so its present state stays."""

    def __init__(self, engine: Engine, ref: Ref, words: Iterable[str], *, past: bool) -> None:
        self.engine = engine
        self.ref = ref
        self.words = (*words, str(ref))
        row = engine.db.execute(
            "SELECT r.id, r.kind, r.gone FROM records r JOIN kinds k ON k.id = r.kind"
            " WHERE k.system = ? AND k.kind = ? AND r.rid = ?",
            (ref.system, ref.kind, ref.id),
        ).fetchone()
        if row is None:
            raise NotHere(f"the ledger has no {ref}", fix="copy the reference as tables show it")
        self.record, self.kind, self.gone = int(row[0]), int(row[1]), str(row[2])
        self.stays = past and not self.gone
        self.about = self._about()

    # --- what is refused ---

    def refuse(self) -> None:
        """Raises UsageError while the vendor has the record, or a write about it is under way or can be gone on with.

        An unsent write of a plan that is stale can never be sent: the purge ends it.
        """
        set_aside = self._has("SELECT 1 FROM poison WHERE kind = ? AND rid = ?", self.kind, self.ref.id)
        if set_aside or not (self.gone or self.stays):
            system = self.ref.system
            raise UsageError(
                f"{self.ref} still exists in {system}, as of the last pull: the next one would bring it back",
                fix=f"delete it in {system}, `syncctl pull {system}`, then purge it; where {system} can only overwrite"
                " it: overwrite it there, pull, and purge its past with --past",
            )
        states = ", ".join(f"'{state}'" for state in sorted(OPEN))
        words = {
            "ids": json.dumps(self.about.operations),
            "requests": json.dumps(self.about.requests),
            "plans": json.dumps(list(self.about.plans)),
            "serial": self.engine.serial() - 1,
        }
        row = self.engine.db.execute(
            f"SELECT id, state, run FROM operations WHERE (state IN ({states}) AND (id IN (SELECT value FROM"
            " json_each(:ids)) OR id IN (SELECT operation FROM request_rows WHERE request IN (SELECT value FROM"
            " json_each(:requests))))) OR (state = 'planned' AND plan IN (SELECT value FROM json_each(:plans))"
            " AND plan IN (SELECT id FROM plans WHERE serial = :serial)) ORDER BY number LIMIT 1",
            words,
        ).fetchone()
        if row:
            raise UsageError(f"the write {row[0]} is not over: it is {row[1]}", fix=_ending(*row))

    # --- the purge ---

    def purge(self, at: str, by: str) -> Purged:
        """Empties everything about the record, in a transaction of its own, and says so in the chain; where nothing is
        left to empty, nothing is written."""
        with self.engine.write() as db:
            findings = self._findings(db, at)
            counts = {
                "states": self._states(db),
                "pairs": self._pairs(db),
                "findings": len(findings),
                "alerts": self._alerts(db),
            }
            rows = self._operations(db) + self._requests(db) + self._plans(db)
            for table in ("operations", "requests", "plans"):
                counts[table] = sum(row[0] == table for row in rows)
            named: dict[str, Sequence[int | str]] = {
                "operation": self.about.operations,
                "request": self.about.requests,
                "finding": self._known(db),
            }
            events = redact_events(db, named)
            counts["events"] = len(events)
            purged = Purged(counts)
            if purged.any:
                body = {"record": str(self.ref), "by": by, "counts": counts, EVENTS: events}
                audit.append(db, at, "", PURGED, body, rows)
                self._look_again(db)
                self.engine.bump_serial()
        return purged

    def _look_again(self, db: sqlite3.Connection) -> None:
        """The next pass projects and judges it anew, from what is left of it."""
        row = db.execute("UPDATE counters SET value = value + 1 WHERE name = 'seq' RETURNING value").fetchone()
        db.execute("UPDATE records SET seq = ? WHERE id = ?", (row[0], self.record))

    def _states(self, db: sqlite3.Connection) -> int:
        """The record, its earlier states, and what was made of it. Whoever looked at it is looked at again."""
        done = db.execute("UPDATE versions SET raw = ?1 WHERE record = ?2 AND raw <> ?1", (EMPTY, self.record)).rowcount
        if not self.stays:
            now = (EMPTY, content_hash(EMPTY), self.record)
            done += db.execute("UPDATE records SET raw = ?1, hash = ?2 WHERE id = ?3 AND raw <> ?1", now).rowcount
            found = db.execute("SELECT kind, path || '=' || value FROM lookups WHERE record = ?", (self.record,))
            db.executemany(MARK_USERS, found.fetchall())
            for table in ("lookups", "uses", "sides") if done else ():
                db.execute(f"DELETE FROM {table} WHERE record = ?", (self.record,))
        return done

    def _pairs(self, db: sqlite3.Connection) -> int:
        """The pair stays; the values at its last agreement, and those its vendors did not keep, do not."""
        mine = "id IN (SELECT pair FROM pair_members WHERE record = ?)"
        done = db.execute(f"UPDATE pairs SET base = '{{}}' WHERE base <> '{{}}' AND {mine}", (self.record,)).rowcount
        db.execute(f"UPDATE pairs SET agreed_left = NULL, agreed_right = NULL WHERE {mine}", (self.record,))
        db.execute("DELETE FROM unkept WHERE ? IN (left_record, right_record)", (self.record,))
        return done

    def _findings(self, db: sqlite3.Connection, at: str) -> list[int]:
        """Open findings about it end now; those of the past keep their kind, their field and their days."""
        where = _FINDING.format(record=self.record)
        for number, note, body in db.execute(f"SELECT id, note, body FROM findings WHERE {where}").fetchall():
            if (_kept(body), "") != (body, note):
                db.execute(f"{KEEP_FINDINGS}id = ?", (at, number))
                db.execute("DELETE FROM findings WHERE id = ?", (number,))
        past = f"SELECT rowid, id, note, body FROM past_findings WHERE {where}"
        rows = [row for row in db.execute(past).fetchall() if (_kept(row[3]), "") != (row[3], row[2])]
        words = [(_kept(body), row) for row, _, _, body in rows]
        db.executemany("UPDATE past_findings SET note = '', body = ? WHERE rowid = ?", words)
        return [number for _, number, _, _ in rows]

    def _known(self, db: sqlite3.Connection) -> list[int]:
        where = _FINDING.format(record=self.record)
        return [row[0] for row in db.execute(f"SELECT DISTINCT id FROM past_findings WHERE {where}")]

    def _alerts(self, db: sqlite3.Connection) -> int:
        done = 0
        for word in self.words:
            done += db.execute(
                "UPDATE alerts SET title = ?2, body = '' WHERE instr(title || char(10) || body, ?1) > 0", (word, ALERT)
            ).rowcount
            said = "about || char(10) || what || char(10) || key"
            done += db.execute(f"DELETE FROM alert_troubles WHERE instr({said}, ?) > 0", (word,)).rowcount
        return done

    def _operations(self, db: sqlite3.Connection) -> list[Row]:
        changed: list[Row] = []
        for identity in self.about.operations:
            columns = ", ".join(_COLUMNS)
            was = db.execute(f"SELECT {columns} FROM operations WHERE id = ?", (identity,)).fetchone()
            state = State.LAPSED if was[0] in UNSENT else was[0]
            now = (str(state), _erased(was[1]), _erased(was[2]), b"", "", "", "")
            if now != was:
                assignments = ", ".join(f"{column} = ?" for column in _COLUMNS)
                db.execute(f"UPDATE operations SET {assignments} WHERE id = ?", (*now, identity))
                changed.append(("operations", (identity,)))
        return changed

    def _requests(self, db: sqlite3.Connection) -> list[Row]:
        changed: list[Row] = []
        for number in self.about.requests:
            (was,) = db.execute("SELECT request FROM requests WHERE id = ?", (number,)).fetchone()
            now = emptied(was)
            if now != was:
                db.execute("UPDATE requests SET request = ? WHERE id = ?", (now, number))
                changed.append(("requests", (number,)))
        return changed

    def _plans(self, db: sqlite3.Connection) -> list[Row]:
        """Only what a plan says of this record; its digest follows, so that it is still a plan that can be shown."""
        changed: list[Row] = []
        for identity, plan in self.about.plans.items():
            now = self._plan_without(plan) if plan is not None else None
            if plan is None or now != plan:
                words = (plan_to_json(now).decode(), now.digest) if now is not None else ("", "")
                db.execute("UPDATE plans SET body = ?, digest = ? WHERE id = ?", (*words, identity))
                changed.append(("plans", (identity,)))
        return changed

    def _plan_without(self, plan: Plan) -> Plan:
        changes = tuple(erased_change(one) if self._names(one) else one for one in plan.changes)
        findings = tuple(_erased_finding(one) if self._tells(one) else one for one in plan.findings)
        if (changes, findings) == (plan.changes, plan.findings):
            return plan
        return sealed(replace(plan, changes=changes, findings=findings))

    # --- what is about it ---

    def _about(self) -> _About:
        db, text = self.engine.db, json.dumps(self.ref.id, ensure_ascii=False)
        made = dict(db.execute("SELECT plan, target FROM operations WHERE ref = ? AND ref <> target", (str(self.ref),)))
        self._provisional = {(plan, Ref.parse(target)) for plan, target in made.items()}
        found = [
            row[0]
            for row in db.execute(
                "SELECT id, plan, ref, change FROM operations WHERE ref = ? OR instr(change, ?) > 0"
                " OR plan IN (SELECT value FROM json_each(?)) ORDER BY number",
                (str(self.ref), text, json.dumps(list(made))),
            )
            if row[2] == str(self.ref) or self._names(change_from_json(row[3]), row[1])
        ]
        undos = "json_extract(change, '$.undoes') IN (SELECT value FROM json_each(?))"
        where = f"json_extract(change, '$.undoes') <> '' AND {undos}"
        found += [row[0] for row in db.execute(f"SELECT id FROM operations WHERE {where}", (json.dumps(found),))]
        ids = tuple(dict.fromkeys(found))
        carried = "SELECT DISTINCT request FROM request_rows WHERE operation IN (SELECT value FROM json_each(?))"
        requests = tuple(row[0] for row in db.execute(f"{carried} ORDER BY 1", (json.dumps(ids),)))
        rows = db.execute(
            "SELECT id, body FROM plans WHERE instr(body, ?) > 0 OR id IN (SELECT value FROM json_each(?))",
            (text, json.dumps(list(made))),
        )
        return _About(ids, {identity: _plan_of(body) for identity, body in rows}, requests)

    def _names(self, change: Change, plan: str = "") -> bool:
        """True for a change of the record, or one made from it; in the plan that created it, it has another id."""
        refs = {change.target, *(source for _, source in change.sources)}
        known = {target for one, target in self._provisional if plan in (one, "")}
        return self.ref in refs or bool(refs & known)

    def _tells(self, finding: Finding) -> bool:
        choice = finding.choice
        among = (*choice.left, *choice.right) if choice else ()
        return self.ref in (finding.left, finding.right, *among)

    def _has(self, sql: str, *words: object) -> bool:
        return self.engine.db.execute(sql, words).fetchone() is not None


_FINDING: Final = (
    "(subject IN ('left:{record}', 'right:{record}')"
    " OR ':' || ifnull(json_extract(body, '$.records'), '') || ':' GLOB '*:{record}:*'"
    " OR ',' || ifnull(json_extract(body, '$.lefts'), '') || ',' GLOB '*,{record},*'"
    " OR ',' || ifnull(json_extract(body, '$.rights'), '') || ',' GLOB '*,{record},*')"
)
"""Findings about the record by itself, in a pair, or among those that a tie or a proposal is between."""


def _kept(body: str) -> str:
    """A finding's body without what it says; that a record went is no value."""
    said = json.loads(body)
    if said.get("standing") in _WENT:
        return body
    return encode_json({name: value for name, value in said.items() if name in _KEPT_WORDS}).decode()


def _plan_of(body: str) -> Plan | None:
    """A saved plan; None for one of another syncctl, of which no part can be told from another: all of it goes."""
    try:
        return plan_from_json(body.encode())
    except StalePlanError:
        return None


def _erased(change: str) -> str:
    return change_to_json(erased_change(change_from_json(change))).decode() if change else ""


def _erased_finding(finding: Finding) -> Finding:
    return replace(finding, left_shown="", right_shown="", base_shown="", note="", name="", hint="")


def _ending(operation: str, state: str, run: str) -> str:
    """How an operation that is not over comes to its end."""
    if state == State.REVIEW:
        return f"settle it first: syncctl ops settle {operation}"
    if state == State.PLANNED:
        return f"let its run end first: syncctl runs resume {run}"
    return "the next run asks the vendor what became of it: syncctl reconcile"


def scrub(engine: Engine) -> None:
    """Writes the file anew, so that nothing of what was taken out is left in its free pages or beside it. Raises
    LedgerError while somebody else reads it."""
    try:
        engine.db.execute("PRAGMA secure_delete = ON")
        engine.db.execute("PRAGMA temp_store = FILE")  # in memory it would be as large as the ledger
        engine.db.execute("VACUUM")
        engine.db.execute("PRAGMA temp_store = MEMORY")
        if engine.journal_mode() == "wal":
            (busy, *_) = engine.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise sqlite3.OperationalError("another process reads the ledger")
    except sqlite3.Error as error:
        why = f"what was purged may still stand in free space of the ledger's file: {error}"
        raise LedgerError(why, fix="close what reads the ledger, make room, and run the same command again") from error
