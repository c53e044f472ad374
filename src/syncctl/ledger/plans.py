"""Saved plans: the exact bytes of each, and which run used it. I/O: SQL."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final

from syncctl.clock import Clock
from syncctl.errors import StalePlanError
from syncctl.ledger import audit
from syncctl.ledger.engine import Engine
from syncctl.model import Plan
from syncctl.person import Operator
from syncctl.planfile import PLAN_AGAIN, plan_from_json, plan_to_json, sealed

SHOW_RUNS: Final = "see `syncctl runs list`"


class Plans:
    """The plans of one ledger."""

    def __init__(self, engine: Engine, clock: Clock, operator: Operator) -> None:
        self.engine = engine
        self.clock = clock
        self.operator = operator

    def save(self, plan: Plan, run: str = "") -> Plan:
        """Seals a plan under the name of who makes it, and keeps it. Own transaction. Returns the sealed plan: that is
        the one to show and to push."""
        plan = sealed(replace(plan, made_by=self.operator()))
        at = self.clock.now().isoformat()
        with self.engine.write() as db:
            db.execute(
                "INSERT INTO plans (id, created_at, digest, serial, body) VALUES (?, ?, ?, ?, ?)",
                (plan.id, plan.created_at, plan.digest, plan.serial, plan_to_json(plan).decode()),
            )
            by = {"by": plan.made_by.name, "uid": plan.made_by.uid}
            body = {"plan": plan.id, "digest": plan.digest, "changes": len(plan.changes), **by}
            audit.append(db, at, run, "plan.saved", body, [("plans", (plan.id,))])
        return plan

    def load(self, identity: str) -> Plan:
        """A saved plan. Raises StalePlanError when there is none, or its bytes were changed in the ledger."""
        row = self.engine.db.execute("SELECT body FROM plans WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise StalePlanError(f"the ledger holds no plan {identity}", fix=PLAN_AGAIN)
        return plan_from_json(row[0].encode())

    def latest(self) -> str:
        """The id of the newest plan, or empty."""
        row = self.engine.db.execute("SELECT id FROM plans ORDER BY created_at DESC, id DESC LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def current(self, serial: int) -> str:
        """The id of the newest plan that nobody used and that was made from what the ledger holds now, or empty."""
        row = self.engine.db.execute(
            "SELECT id FROM plans WHERE serial = ? AND applied_by = '' ORDER BY created_at DESC, id DESC LIMIT 1",
            (serial,),
        ).fetchone()
        return str(row[0]) if row else ""

    def known(self) -> tuple[str, ...]:
        """The id of every saved plan, newest first."""
        return tuple(str(row[0]) for row in self.engine.db.execute("SELECT id FROM plans ORDER BY created_at DESC"))

    def created_at(self, identity: str) -> str:
        """When the plan was made, ISO-8601 UTC. Raises StalePlanError when there is none."""
        row = self.engine.db.execute("SELECT created_at FROM plans WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise StalePlanError(f"the ledger holds no plan {identity}", fix=PLAN_AGAIN)
        return str(row[0])

    def used_by(self, identity: str) -> str:
        """The run that applied the plan, or empty."""
        row = self.engine.db.execute("SELECT applied_by FROM plans WHERE id = ?", (identity,)).fetchone()
        return str(row[0]) if row else ""

    def made_by(self, run: str) -> str:
        """The id of the plan that the run made, or empty."""
        row = self.engine.db.execute(
            "SELECT json_extract(body, '$.plan') FROM audit WHERE run = ? AND event = 'plan.saved' ORDER BY id DESC",
            (run,),
        ).fetchone()
        return str(row[0]) if row and run else ""

    def take(self, db: sqlite3.Connection, plan: Plan, run: str) -> None:
        """Marks a plan as used, inside the caller's transaction. Raises StalePlanError unless it is exactly the saved
        plan, of this ledger, and unused."""
        row = db.execute("SELECT digest, applied_by FROM plans WHERE id = ?", (plan.id,)).fetchone()
        if row is None or plan.lineage != self.engine.lineage:
            raise StalePlanError(f"the plan {plan.id} was not made from this ledger", fix=PLAN_AGAIN)
        if row[0] != plan.digest or sealed(plan).digest != plan.digest:
            raise StalePlanError(f"the plan {plan.id} is not the one that was saved", fix=PLAN_AGAIN)
        if row[1]:
            raise StalePlanError(f"the plan {plan.id} was used by run {row[1]}", fix=SHOW_RUNS)
        db.execute("UPDATE plans SET applied_by = ? WHERE id = ?", (run, plan.id))
