"""Operations: one change each, on its way to the vendor. I/O: SQL.

Every move from one state to the next goes through `move`, which knows the allowed ones and writes the audit event.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from syncctl.clock import Clock
from syncctl.errors import LedgerError, NotHere
from syncctl.ledger import audit
from syncctl.ledger.engine import Engine
from syncctl.ledger.holds import Holds
from syncctl.ledger.made import wake_source
from syncctl.ledger.operation import CHECKED, COLUMNS, NO_DETAIL, Detail, Operation, event_of, operation_from
from syncctl.ledger.states import MOVES, OPEN, UNSENT, State
from syncctl.model import Action, Plan, Ref
from syncctl.planfile import change_to_json


class Operations:
    """The operations of one ledger. Methods that take `db` join the caller's transaction."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.holds = Holds(engine)

    def open_for(self, db: sqlite3.Connection, plan: Plan, run: str, identities: Sequence[str]) -> tuple[str, ...]:
        """One PLANNED operation per change; what other plans left unsent lapses. Returns the ids of those that did."""
        at = self.clock.now().isoformat()
        rows = [
            (identity, change.intent, plan.id, run, position, change.target.system, str(change.target))
            for position, (identity, change) in enumerate(zip(identities, plan.changes, strict=True))
        ]
        bodies = [(change_to_json(change).decode(), at) for change in plan.changes]
        lapsed = db.execute(
            "UPDATE operations SET state = 'lapsed', updated_at = ? WHERE state IN ('held', 'planned') AND plan <> ?"
            " RETURNING id",
            (at, plan.id),
        ).fetchall()
        try:
            db.executemany(
                "INSERT INTO operations (id, intent, plan, run, position, system, target, change, updated_at, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned')",
                [(*row, *body) for row, body in zip(rows, bodies, strict=True)],
            )
        except sqlite3.IntegrityError as error:
            raise LedgerError(f"the plan {plan.id} has two changes with one intent, or a known id: {error}") from error
        return tuple(row[0] for row in lapsed)

    def move(
        self, db: sqlite3.Connection, run: str, operation: Operation, to: State, detail: Detail = NO_DETAIL
    ) -> None:
        """From the state that `operation` shows to another. Raises LedgerError when that is not allowed, the row has
        moved meanwhile, or another operation of the same intent is open."""
        if to not in MOVES[operation.state]:
            raise LedgerError(f"operation {operation.id} cannot go from {operation.state} to {to}")
        at = self.clock.now().isoformat()
        columns = {"state": str(to), "updated_at": at, **detail.columns()}
        assignments = ", ".join(f"{name} = :{name}" for name in columns)
        where = {"where_id": operation.id, "where_state": str(operation.state)}
        try:
            done = db.execute(
                f"UPDATE operations SET {assignments} WHERE id = :where_id AND state = :where_state",
                {**columns, **where},
            )
        except sqlite3.IntegrityError as error:
            raise LedgerError(f"another operation for {operation.intent} is open already") from error
        if done.rowcount != 1:
            raise LedgerError(f"operation {operation.id} is {operation.state} no more")
        if operation.change.undoes:
            self.holds.follow(db, operation, to, run, at)
        if to is State.APPLIED and operation.change.action is Action.CREATE:
            wake_source(db, operation.change)
        audit.append(db, at, run, f"operation.{to}", event_of(operation, detail), [("operations", (operation.id,))])

    def explain(self, db: sqlite3.Connection, run: str, operation: Operation, detail: Detail) -> None:
        """Replaces the reason of an operation that stays in its state."""
        columns = detail.columns()
        assignments = ", ".join(f"{name} = :{name}" for name in columns)
        db.execute(
            f"UPDATE operations SET {assignments} WHERE id = :where_id",
            {**columns, "where_id": operation.id},
        )
        body = {"operation": operation.id, "code": detail.code, "message": detail.message}
        self._note(db, run, "operation.explained", body, [operation])

    def _note(
        self, db: sqlite3.Connection, run: str, event: str, body: Mapping[str, object], about: Iterable[Operation]
    ) -> None:
        rows = [("operations", (operation.id,)) for operation in about]
        audit.append(db, self.clock.now().isoformat(), run, event, body, rows)

    # --- finding them again ---

    def find(self, identity: str) -> Operation | None:
        """One operation, or None."""
        found = self._select("id = ?", (identity,))
        return found[0] if found else None

    def get(self, identity: str) -> Operation:
        """One operation. Raises UsageError when there is none."""
        found = self.find(identity)
        if found is None:
            raise NotHere(f"there is no operation {identity}", fix="see `syncctl ops list`")
        return found

    def again(self, operations: Iterable[Operation]) -> tuple[Operation, ...]:
        """The same operations as they are now."""
        return self.by_ids(operation.id for operation in operations)

    def by_ids(self, identities: Iterable[str]) -> tuple[Operation, ...]:
        """These operations, in this order."""
        return tuple(map(self.get, identities))

    def of_plan(self, plan: str, states: Iterable[State] = ()) -> tuple[Operation, ...]:
        """A plan's operations in their order, all or those in some states."""
        return self._select(f"plan = ?{_in_states(states)} ORDER BY position", (plan,))

    def in_states(self, states: Iterable[State]) -> tuple[Operation, ...]:
        """Every operation in these states, oldest first."""
        return self._select(f"1{_in_states(states)} ORDER BY number", ())

    def newest(self, states: Iterable[State]) -> tuple[Operation, ...]:
        """The newest operation of every intent, where that is in one of these states; oldest first."""
        newest = "number IN (SELECT max(number) FROM operations GROUP BY intent)"
        return self._select(f"{newest}{_in_states(states)} ORDER BY number", ())

    def states_of(self, plan: str) -> frozenset[State]:
        """The states that a plan's operations are in."""
        rows = self.engine.db.execute("SELECT DISTINCT state FROM operations WHERE plan = ?", (plan,))
        return frozenset(State(row[0]) for row in rows)

    def last(self, intent: str, plan: str = "") -> Operation | None:
        """The newest operation of an intent, in one plan or at all."""
        within = " AND plan = ?" if plan else ""
        words = (intent, plan) if plan else (intent,)
        found = self._select(f"intent = ?{within} ORDER BY number DESC LIMIT 1", words)
        return found[0] if found else None

    def open_of(self, intent: str) -> Operation | None:
        """The operation of an intent whose fate is open; there is one at most."""
        found = self._select(f"intent = ?{_in_states(OPEN)}", (intent,))
        return found[0] if found else None

    def of_target(self, plan: str, target: Ref) -> tuple[Operation, ...]:
        """The plan's operations on a record, in their order: its creation first."""
        return self._select("plan = ? AND target = ? ORDER BY position", (plan, str(target)))

    def applied_creates(self, plan: str) -> dict[Ref, Ref]:
        """The plan's provisional records that exist by now: provisional Ref to real one."""
        done = self._select("plan = ? AND state = 'applied' AND ref <> ''", (plan,))
        return {
            operation.change.target: operation.ref
            for operation in done
            if operation.ref is not None and operation.change.action is Action.CREATE
        }

    def creators(self, refs: Iterable[Ref]) -> dict[Ref, str]:
        """Of these records those that a write of ours made, each with the intent of that write."""
        rows = self.engine.db.execute(
            "SELECT ref, intent FROM operations WHERE state = 'applied' AND ref IN (SELECT value FROM json_each(?))"
            " AND json_extract(change, '$.action') = 'create'",
            (json.dumps([str(ref) for ref in refs]),),
        )
        return {Ref.parse(row[0]): str(row[1]) for row in rows}

    def undone(self, operations: Iterable[Operation]) -> dict[str, str]:
        """Of these operations those that were taken back for good, each with the run that did: an undo that was
        itself taken back does not count."""
        undos = {one.id: self._undo_of(one.id) for one in operations}
        return {identity: undo.run for identity, undo in undos.items() if undo is not None}

    def _undo_of(self, identity: str) -> Operation | None:
        """The operation that takes another one back and stands."""
        found = self._last_undo_of(identity)
        return None if found is None or self._undo_of(found.id) is not None else found

    def _last_undo_of(self, identity: str) -> Operation | None:
        where = "json_extract(change, '$.undoes') = ? AND json_extract(change, '$.undoes') <> ''"
        sent = "state NOT IN ('planned', 'held', 'lapsed')"
        found = self._select(f"{where} AND {sent} ORDER BY number DESC", (identity,))
        parts = [one for one in found if one.plan == found[0].plan]
        return parts[0] if parts and all(one.state is State.APPLIED for one in parts) else None

    def later_writers(self, plan: str, refs: Iterable[Ref]) -> dict[Ref, str]:
        """Of these records those that another plan wrote after this one, each with the newest run that did."""
        rows = self.engine.db.execute(
            "SELECT ref, run FROM operations WHERE state = 'applied' AND sent <> ''"
            " AND number > (SELECT max(number) FROM operations WHERE plan = ?)"
            " AND ref IN (SELECT value FROM json_each(?)) ORDER BY number",
            (plan, json.dumps([str(ref) for ref in refs])),
        )
        return {Ref.parse(row[0]): str(row[1]) for row in rows}

    def made_at(self, refs: Iterable[Ref]) -> dict[Ref, datetime]:
        """Of these records those that a write of ours made, each with when that was known."""
        rows = self.engine.db.execute(
            "SELECT ref, max(updated_at) FROM operations WHERE state = 'applied'"
            " AND ref IN (SELECT value FROM json_each(?)) AND json_extract(change, '$.action') = 'create' GROUP BY ref",
            (json.dumps([str(ref) for ref in refs]),),
        )
        return {Ref.parse(row[0]): datetime.fromisoformat(row[1]) for row in rows}

    def plans_record(self, plan: str, identity: str) -> bool:
        """True when the plan creates a record under this made-up id."""
        row = self.engine.db.execute(
            "SELECT 1 FROM operations WHERE plan = ? AND json_extract(change, '$.target.id') = ?", (plan, identity)
        ).fetchone()
        return row is not None

    def mark_read_back(self, db: sqlite3.Connection, run: str, operations: Sequence[Operation]) -> None:
        """The ledger now holds their record as it is after the write."""
        db.executemany(
            "UPDATE operations SET read_back = 1 WHERE id = ?", [(operation.id,) for operation in operations]
        )
        if operations:
            self._note(db, run, "operation.read_back", {"operations": [one.id for one in operations]}, operations)

    def unchecked(self) -> tuple[Operation, ...]:
        """Applied operations of which nobody has looked yet whether the vendor kept what was written; oldest first."""
        return self._select("state = 'applied' AND checked = 0 ORDER BY number", ())

    def mark_checked(self, db: sqlite3.Connection, operations: Sequence[Operation]) -> None:
        """It was looked at whether the vendor kept what these wrote: looked at again, a person's later edit would
        count as what the vendor made of it."""
        db.executemany("UPDATE operations SET checked = 1 WHERE id = ?", [(operation.id,) for operation in operations])
        if operations:
            self._note(db, "", CHECKED, {"operations": [one.id for one in operations]}, operations)

    def open_intents(self) -> dict[str, State]:
        """Intents that may not be sent again now, and why: SENDING, UNKNOWN or REVIEW."""
        rows = self.engine.db.execute(f"SELECT intent, state FROM operations WHERE 1{_in_states(OPEN)}")
        return {row[0]: State(row[1]) for row in rows}

    def rejected_fingerprint(self, intent: str) -> str:
        """The fingerprint of the intent's last operation if the vendor refused it; else empty."""
        row = self.engine.db.execute(
            "SELECT state, fingerprint FROM operations WHERE intent = ? ORDER BY number DESC LIMIT 1", (intent,)
        ).fetchone()
        return str(row[1]) if row and row[0] == State.REJECTED else ""

    def unsent(self, plan: str) -> int:
        """How many of a plan's operations could still be sent."""
        row = self.engine.db.execute(
            f"SELECT count(*) FROM operations WHERE plan = ?{_in_states(UNSENT)}",
            (plan,),
        ).fetchone()
        return int(row[0])

    def _select(self, where: str, words: tuple[str, ...]) -> tuple[Operation, ...]:
        rows = self.engine.db.execute(f"SELECT {COLUMNS} FROM operations WHERE {where}", words)
        return tuple(map(operation_from, rows))


def _in_states(states: Iterable[State]) -> str:
    named = ", ".join(f"'{state}'" for state in sorted(states))
    return f" AND state IN ({named})" if named else ""
