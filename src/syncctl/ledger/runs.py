"""Runs: which command ran when, with what end. I/O: SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from syncctl.clock import Clock
from syncctl.errors import NotHere
from syncctl.ledger import audit
from syncctl.ledger.engine import Engine
from syncctl.model import Run

_COLUMNS: Final = "id, command, started_at, finished_at, outcome, exit_code, counts"


class Runs:
    """The runs of one ledger. Every method that writes has a transaction of its own."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock

    def start(self, identity: str, command: str) -> Run:
        """Writes down that a run begins."""
        run = Run(identity, command, self.clock.now().isoformat())
        with self.engine.write() as db:
            db.execute(
                "INSERT INTO runs (id, command, started_at) VALUES (?, ?, ?)", (run.id, run.command, run.started_at)
            )
            body = {"command": command, "lineage": self.engine.lineage}
            audit.append(db, run.started_at, run.id, "run.started", body, [("runs", (run.id,))])
        return run

    def finish(self, identity: str, outcome: str, exit_code: int, counts: Mapping[str, int]) -> Run:
        """Writes down how it ended."""
        at = self.clock.now().isoformat()
        with self.engine.write() as db:
            db.execute(
                "UPDATE runs SET finished_at = ?, outcome = ?, exit_code = ?, counts = ? WHERE id = ?",
                (at, outcome, exit_code, json.dumps(dict(counts), sort_keys=True), identity),
            )
            body = {"outcome": outcome, "exit_code": exit_code, "counts": dict(counts)}
            audit.append(db, at, identity, "run.finished", body, [("runs", (identity,))])
        return self.show(identity)

    def note(self, identity: str, event: str, body: Mapping[str, object]) -> None:
        """Adds an event of the run's own to the audit chain: an override, a confirmation."""
        with self.engine.write() as db:
            audit.append(db, self.clock.now().isoformat(), identity, event, body)

    def show(self, identity: str) -> Run:
        """One run; one without `finished_at` was cut short or is still going. Raises UsageError when there is none."""
        row = self.engine.db.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise NotHere(f"there is no run {identity}", fix="see `syncctl runs list`")
        return _run(row)

    def list(self, limit: int = 20) -> tuple[Run, ...]:
        """The last runs, newest first."""
        rows = self.engine.db.execute(
            f"SELECT {_COLUMNS} FROM runs ORDER BY started_at DESC, id DESC LIMIT ?",
            (limit,),
        )
        return tuple(map(_run, rows))

    def ended(self, commands: Iterable[str], outcomes: Iterable[str]) -> bool:
        """True when a run of one of these commands ever ended so."""
        row = self.engine.db.execute(
            "SELECT 1 FROM runs WHERE command IN (SELECT value FROM json_each(?))"
            " AND outcome IN (SELECT value FROM json_each(?)) LIMIT 1",
            (json.dumps(list(commands)), json.dumps(list(outcomes))),
        ).fetchone()
        return row is not None

    def plan_of(self, identity: str) -> str:
        """The id of the plan that the run applied or went on with; empty when it applied none."""
        row = self.engine.db.execute("SELECT plan FROM runs WHERE id = ?", (identity,)).fetchone()
        return str(row[0]) if row else ""


def _run(row: tuple[str, str, str, str, str, int | None, str]) -> Run:
    return Run(*row[:6], counts=json.loads(row[6]))
