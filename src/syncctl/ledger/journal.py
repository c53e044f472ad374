"""The journal: plans, operations, requests and runs of one ledger behind one name. I/O: SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Final

from syncctl.clock import Clock
from syncctl.errors import NotHere, StalePlanError, UsageError
from syncctl.ledger import audit
from syncctl.ledger.chain import Broken, first_break
from syncctl.ledger.engine import Engine
from syncctl.ledger.operation import Detail, Operation
from syncctl.ledger.operations import Operations
from syncctl.ledger.plans import SHOW_RUNS, Plans
from syncctl.ledger.requests import Requests
from syncctl.ledger.runs import Runs
from syncctl.ledger.sealing import Row
from syncctl.ledger.states import LEFT, State
from syncctl.model import Plan, Ref
from syncctl.person import Operator, system_operator

NOTHING_LEFT: Final[Mapping[str, str]] = {}
SETTLED: Final = frozenset({State.APPLIED, State.REJECTED, State.LAPSED})
"""What a person may say about an operation in REVIEW: it happened; it was refused; it never happened, try again."""
WHAT_WAITS: Final = "`syncctl ops list` shows what waits, and how each ends"


class Journal:
    """What was and will be written. `clock` stamps every row; `operator` says who makes and approves plans."""

    def __init__(self, engine: Engine, clock: Clock, operator: Operator = system_operator) -> None:
        self.engine = engine
        self.clock = clock
        self.plans = Plans(engine, clock, operator)
        self.operations = Operations(engine, clock)
        self.requests = Requests(engine)
        self.runs = Runs(engine, clock)

    @property
    def lineage(self) -> str:
        """The ledger's birth mark: part of every key."""
        return self.engine.lineage

    def write(self) -> AbstractContextManager[sqlite3.Connection]:
        """One transaction; must not be nested."""
        return self.engine.write()

    # --- the life of a plan ---

    def begin(self, plan: Plan, run: str, ids: Callable[[], str], left: Mapping[str, str] = NOTHING_LEFT) -> None:
        """Takes a saved plan for this run: one PLANNED operation per change; another plan's unsent ones lapse. So do
        those a person left out: `left` is intent to reason.

        Raises StalePlanError when the plan is not the saved one or was used.
        """
        identities = [ids() for _ in plan.changes]
        with self.write() as db:
            self.plans.take(db, plan, run)
            # What this plan writes may be what another saved plan meant to write: from now on that one is stale.
            self.engine.bump_serial()
            lapsed = self.operations.open_for(db, plan, run, identities)
            self._leave(db, run, plan.id, left)
            self._tie(db, run, plan.id)
            body = {"plan": plan.id, "digest": plan.digest, "operations": len(identities), "lapsed": len(lapsed)}
            operations = [("operations", (one,)) for one in (*identities, *lapsed)]
            self.note(db, run, "plan.applied", body, [("plans", (plan.id,)), ("runs", (run,)), *operations])

    def _leave(self, db: sqlite3.Connection, run: str, plan: str, left: Mapping[str, str]) -> None:
        for operation in self.operations.of_plan(plan) if left else ():
            if operation.intent in left:
                detail = Detail(code=LEFT, message=left[operation.intent])
                self.operations.move(db, run, operation, State.LAPSED, detail)

    def resume(self, run: str, by: str) -> str:
        """Takes the unsent rest of a run's plan for the run `by`; returns the plan's id.

        Raises UsageError when the run applied no plan, StalePlanError when nothing of it can be sent any more.
        """
        plan = self.runs.plan_of(run)
        if not plan:
            raise NotHere(f"run {run} applied no plan", fix=SHOW_RUNS)
        if not self.operations.unsent(plan):
            raise StalePlanError(f"nothing is left to send of the plan of run {run}", fix=SHOW_RUNS)
        with self.write() as db:
            self._tie(db, by, plan)
            self.note(db, by, "plan.resumed", {"plan": plan, "run": run}, [("runs", (by,))])
        return plan

    def _tie(self, db: sqlite3.Connection, run: str, plan: str) -> None:
        db.execute("UPDATE runs SET plan = ? WHERE id = ?", (plan, run))

    # --- what a planner asks ---

    def open_intents(self) -> dict[str, State]:
        """Intents whose fate is open (SENDING, UNKNOWN, REVIEW): they and their dependents must not be planned."""
        return self.operations.open_intents()

    def rejected_fingerprint(self, intent: str) -> str:
        """What `push.fingerprint` gave when the vendor refused this intent last; empty unless its last operation was
        refused. An equal fingerprint means: the same content again, so leave it out and report it."""
        return self.operations.rejected_fingerprint(intent)

    # --- what a person decides ---

    def settle(
        self, operation: str, to: State, run: str, note: str, *, ref: Ref | None = None, fingerprint: str = ""
    ) -> Operation:
        """Ends a REVIEW: APPLIED (with the record's Ref for a create), REJECTED (with `push.fingerprint`, so that the
        same is not sent again), or LAPSED (it never happened; the next plan decides anew).

        Raises UsageError when the operation is not in REVIEW, or a created record is not named.
        """
        found = self.operations.get(operation)
        if found.state is not State.REVIEW or to not in SETTLED:
            raise UsageError(
                f"operation {operation} is {found.state}; only one in review can be settled", fix=WHAT_WAITS
            )
        real = found.change.target if not found.change.target.provisional else ref
        if to is State.APPLIED and real is None:
            raise UsageError(f"operation {operation} created a record", fix="name it: system:kind:id")
        with self.write() as db:
            ref = real if to is State.APPLIED else None
            detail = Detail(ref=ref, fingerprint=fingerprint or None, message=f"settled by hand: {note}")
            self.operations.move(db, run, found, to, detail)
            self.note(db, run, "operation.settled", {"operation": operation, "to": str(to), "note": note})
        return self.operations.get(operation)

    def release(self, operation: str, run: str) -> Operation:
        """Lets a REJECTED change be tried again although nothing about it moved. Raises UsageError otherwise."""
        found = self.operations.get(operation)
        if found.state is not State.REJECTED:
            raise UsageError(
                f"operation {operation} is {found.state}; only a rejected one can be retried", fix=WHAT_WAITS
            )
        with self.write() as db:
            detail = Detail(code=found.code, message=found.message, fix=found.fix, body=found.body)
            self.operations.move(db, run, found, State.LAPSED, detail)
            self.note(db, run, "operation.released", {"operation": operation})
        return self.operations.get(operation)

    def note(
        self, db: sqlite3.Connection, run: str, event: str, body: Mapping[str, object], rows: Iterable[Row] = ()
    ) -> None:
        """Adds an event to the audit chain, in the caller's transaction; it answers for `rows`."""
        audit.append(db, self.clock.now().isoformat(), run, event, body, rows)

    def head(self) -> audit.Head:
        """Where the audit chain ends now."""
        return audit.head(self.engine.db)

    def verify(self) -> Broken | None:
        """The first break of the audit chain, or None."""
        return first_break(self.engine.db)
