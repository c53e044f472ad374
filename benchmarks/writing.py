"""What a write costs of our own time: intent, send and outcome, in the journal mode that ships, on local disk.

The connector is the real one; its vendor answers in this process, and the seconds it takes to do so do not count. What
is left is from the plan to the last commit: keys, bytes, two transactions with their fsync, the audit chain, the
answer. Wall is mostly the disk's: the last row is what a bare commit takes there. I/O: a ledger in benchmarks/data.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path
from typing import Final

import httpx

from benchmarks.measure import DATA, Facts, Row, at_most, in_process, median, timed
from syncctl.connectors.base import Access
from syncctl.connectors.hubspot import HubSpot
from syncctl.ledger.engine import open_engine
from syncctl.ledger.journal import Journal
from syncctl.ledger.records import Records
from syncctl.model import NEW, Action, Change, Edit, Plan, Ref
from syncctl.push import Means, push
from syncctl.push.means import OperationResult
from syncctl.redact import Redactor
from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.world import CREDENTIALS, plan_world

NAME: Final = "writing"
MILLISECONDS: Final = 5.0
BATCHES: Final = (1, 50, 100)
COMMITS: Final = 20
AT: Final = "2026-11-20T03:00:00+00:00"


def run(scale: int, rounds: int) -> list[Row]:
    """`scale` is how many records are written, once per size of a batch."""
    rows = []
    for batch in BATCHES:
        runs = [in_process(NAME, "written", scale, batch) for _ in range(rounds)]
        what = "our own time a single write" if batch == 1 else f"our own time a record, {batch} in a request"
        rows.append(at_most(NAME, what, median(runs, "ours") * 1_000 / scale, MILLISECONDS, "ms"))
        rows.append(at_most(NAME, f"{what}: CPU", median(runs, "cpu") * 1_000 / scale, MILLISECONDS, "ms"))
        rows.append(Row(NAME, f"{what}: commits", median(runs, "commits") / scale, ""))
    floor = [in_process(NAME, "disk", COMMITS) for _ in range(rounds)]
    rows.append(Row(NAME, "this disk: a bare commit of one row", median(floor, "seconds") * 1_000 / COMMITS, "ms"))
    return rows


class Stopwatch(httpx.BaseTransport):
    """The vendor, and how long it took."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.vendor = SandboxTransport(sandbox)
        self.seconds = self.cpu = 0.0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        start, cpu = time.perf_counter(), time.process_time()
        try:
            return self.vendor.handle_request(request)
        finally:
            self.seconds += time.perf_counter() - start
            self.cpu += time.process_time() - cpu


def _written(count: str, batch: str) -> Facts:
    clock, redact = FakeClock(), Redactor()
    transport = Stopwatch(plan_world(clock, scale=0, limits=False).sandboxes(("hubspot",))["hubspot"])
    token = CREDENTIALS["hubspot"].token
    access = Access("hubspot", lambda: token, clock, redact, transport=transport, options={"batch_size": batch})
    connector = HubSpot(access)
    schemas = {(schema.system, schema.kind): schema for schema in connector.describe()}
    numbers = itertools.count()
    DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        engine = open_engine(Path(folder) / "ledger.db")
        journal = Journal(engine, clock)
        means = Means(
            "run", journal, Records(engine), {"hubspot": connector}, lambda system, kind: schemas[system, kind],
            clock, lambda: f"{next(numbers):012x}", redact=redact,
        )  # fmt: skip
        journal.runs.start("run", "reconcile")
        plan = _plan(journal, int(count))
        results: list[OperationResult] = []
        commits: list[str] = []
        engine.db.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
        transport.seconds = transport.cpu = 0.0
        facts = timed(lambda: results.extend(push(plan, means)))
        engine.close()
    assert {str(result.state) for result in results} == {"applied"}
    return facts | {
        "ours": facts["seconds"] - transport.seconds,
        "cpu": facts["cpu"] - transport.cpu,
        "commits": len(commits),
    }


def _disk(count: str) -> Facts:
    """What the machine needs for a commit with nothing of ours in it."""
    DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        engine = open_engine(Path(folder) / "ledger.db")

        def commit() -> None:
            for number in range(int(count)):
                with engine.write():
                    engine.set_meta("floor", str(number))

        facts = timed(commit)
        engine.close()
    return facts


def _plan(journal: Journal, count: int) -> Plan:
    changes = tuple(_change(number) for number in range(count))
    lineage, serial = journal.lineage, journal.engine.serial()
    return journal.plans.save(Plan("plan", AT, lineage, serial, "config", "0", (), changes, ()))


def _change(number: int) -> Change:
    """A contact of four fields."""
    name = f"writer{number}"
    values = {"email": f"{name}@bench.example", "firstname": "Ada", "lastname": name, "phone": "+14155550100"}
    edits = tuple(Edit(f"properties.{field}", None, value) for field, value in values.items())
    source = Ref("stripe", "customer", name)
    target = Ref("hubspot", "contact", f"{NEW}{name}")
    return Change(f"contacts|{source}|create|hubspot:contact", "contacts", Action.CREATE, target, source, name, edits)


PARTS: Final = {"written": _written, "disk": _disk}
