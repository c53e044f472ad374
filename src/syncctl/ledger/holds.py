"""Records on hold: an undo took something of them back, and until a person releases them nothing is planned for their
pairs. I/O: SQL.

A hold is put down in the transaction that writes the undo's own state, so that no crash lies between the two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syncctl.ledger import audit
from syncctl.ledger.engine import Engine
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import OPEN, State
from syncctl.model import HOLD_NOTE, Ref

HOLDING: Final = OPEN | {State.APPLIED}
"""States of an undo that hold its record: it was written, or may have been."""
_HELD: Final = (
    "SELECT r.id FROM holds h JOIN kinds k ON k.system = h.system AND k.kind = h.kind"
    " JOIN records r ON r.kind = k.id AND r.rid = h.rid"
)
_ABOUT: Final = (
    "mapping = :mapping AND (subject IN (SELECT 'pair:' || pair FROM pair_members WHERE mapping = :mapping"
    f" AND record IN ({_HELD})) OR subject IN (SELECT side || ':' || id FROM ({_HELD}),"
    " (SELECT 'left' AS side UNION SELECT 'right')))"
)

_OF_RUN: Final = (
    "WITH written AS (SELECT id FROM operations WHERE plan = :plan)"
    " SELECT h.operation, h.system, h.kind, h.rid, h.run, h.at FROM holds h LEFT JOIN operations o"
    " ON o.id = h.operation WHERE h.run = :run OR o.id IN written OR json_extract(o.change, '$.undoes') IN written"
    " OR EXISTS (SELECT 1 FROM written w WHERE h.operation = h.run || ':' || w.id) ORDER BY 2, 3, 4"
)
"""The holds of an undo, found by its own run and plan or by those of the run it undid. What somebody had taken back by
hand is held in the name of the undo's run and the operation that it took back."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A record on hold, and the run that took it back."""

    ref: Ref
    run: str
    at: str


class Holds:
    """The holds of one ledger. Methods that write join the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def follow(self, db: sqlite3.Connection, operation: Operation, to: State, run: str, at: str) -> None:
        """What the next state of an undo's operation does to the hold of its record. An undo that is taken back itself
        leaves none: the two systems agree again.
        """
        undoes = operation.change.undoes
        taken_back = "SELECT 1 FROM operations WHERE id = ? AND json_extract(change, '$.undoes') <> ''"
        if db.execute(taken_back, (undoes,)).fetchone():
            if to is State.APPLIED:
                self._lift(undoes, run, at)
        elif to in HOLDING:
            self.put(operation.change.target, operation.id, run, at)
        else:
            self._lift(operation.id, run, at)

    def put(self, ref: Ref, operation: str, run: str, at: str) -> None:
        """Puts a record on hold, for the sake of one operation."""
        db = self.engine.db
        made = db.execute(
            "INSERT OR IGNORE INTO holds VALUES (?, ?, ?, ?, ?, ?)", (operation, ref.system, ref.kind, ref.id, run, at)
        )
        if made.rowcount:
            body = {"record": str(ref), "operation": operation}
            audit.append(db, at, run, "hold.put", body, [("holds", (operation,))])

    def _lift(self, operation: str, run: str, at: str) -> None:
        """What an operation put on hold is free again."""
        db = self.engine.db
        if db.execute("DELETE FROM holds WHERE operation = ?", (operation,)).rowcount:
            audit.append(db, at, run, "hold.lifted", {"operation": operation}, [("holds", (operation,))])

    def of(self, ref: Ref) -> Hold | None:
        """The newest hold of a record, or None."""
        row = self.engine.db.execute(
            "SELECT run, at FROM holds WHERE system = ? AND kind = ? AND rid = ? ORDER BY at DESC LIMIT 1",
            (ref.system, ref.kind, ref.id),
        ).fetchone()
        return Hold(ref, *row) if row else None

    def holders(self) -> dict[Ref, str]:
        """Every record on hold, with the run of its newest hold."""
        rows = self.engine.db.execute("SELECT system, kind, rid, run FROM holds ORDER BY at")
        return {Ref(*row[:3]): row[3] for row in rows}

    def release(self, ref: Ref, *, by: str, at: str, named: Mapping[str, str]) -> Hold | None:
        """Takes every hold of a record off; returns the newest, None where there was none. `named` is the mapping and
        the two records that somebody named, for the audit.
        """
        found = self.of(ref)
        if found is not None:
            where = (ref.system, ref.kind, ref.id)
            gone = self.engine.db.execute(
                "DELETE FROM holds WHERE system = ? AND kind = ? AND rid = ? RETURNING operation", where
            ).fetchall()
            body = {"record": str(ref), "held_by": found.run, "held_at": found.at, "by": by, **named}
            audit.append(self.engine.db, at, "", "hold.released", body, [("holds", (row[0],)) for row in gone])
        return found

    def release_run(self, run: str, plan: str, *, by: str, at: str) -> tuple[Hold, ...]:
        """Takes off every hold of an undo, whether `run` with its `plan` is the undo or what it undid; returns them."""
        words = {"run": run, "plan": plan}
        held = [(row[0], Hold(Ref(*row[1:4]), *row[4:])) for row in self.engine.db.execute(_OF_RUN, words).fetchall()]
        for operation, hold in held:
            self.engine.db.execute("DELETE FROM holds WHERE operation = ?", (operation,))
            body = {"record": str(hold.ref), "held_by": hold.run, "held_at": hold.at, "by": by}
            audit.append(self.engine.db, at, "", "hold.released", body, [("holds", (operation,))])
        return tuple({hold.ref: hold for _, hold in held}.values())

    def quiet(self, mapping: int) -> None:
        """Findings about a record on hold count as accepted while the hold lasts, and not a moment longer."""
        db = self.engine.db
        words = {"mapping": mapping, "note": f"{HOLD_NOTE}: syncctl match release ends it", "held": f"{HOLD_NOTE}*"}
        released = (
            "UPDATE findings SET accepted = '', note = '' WHERE mapping = :mapping AND note <> '' AND note GLOB :held"
        )
        if not db.execute("SELECT 1 FROM holds LIMIT 1").fetchone():
            db.execute(released, words)
            return
        db.execute(f"{released} AND NOT ({_ABOUT})", words)
        db.execute(f"UPDATE findings SET accepted = print, note = :note WHERE accepted = '' AND {_ABOUT}", words)
