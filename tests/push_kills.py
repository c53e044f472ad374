"""Real processes, a real ledger file, a real SIGKILL at every failpoint, and reruns. Prints what was left, as JSON.

Run by tests/test_push_kills.py as its own process: it forks, and a test runner with threads must not.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from push_desk import Desk, create, known_later, marker, update
from syncctl.failpoints import PUSH_POINTS, VARIABLE, reach
from syncctl.ledger.lock import locked
from syncctl.model import Change, Ref
from syncctl.push import push, resolve_open, resume

RUNS_MAX = 5
ONCE = (
    "plan-opened",
    "before-read",
    "before-look",
    "after-unknown",
    "before-replay",
    "before-next-generation",
    "before-finish",
)
"""Points that one run of this company reaches once."""
POINTS = tuple(point for point in PUSH_POINTS if point != "before-canary")
"""tests/test_kill.py has a canary; this company has none, so each point is reached once per write."""
DEAL = Ref("crm", "deal", "1")
KINDS = {"customer": "books", "invoice": "books", "memo": "plain"}


def wanted() -> list[Change]:
    """A customer whose number is taken by our own record, one that never arrives at first, its invoice, a memo
    where keys are unknown, a deal that gets the invoice's id."""
    taken = create("books", "customer", "taken", number="C-1")
    customer = create("books", "customer", "acme", number="C-2")
    invoice = create("books", "invoice", "in", customer, customer={"value": known_later(customer.target)})
    memo = create("plain", "memo", "m")
    return [taken, customer, invoice, memo, update(DEAL, invoice, linked=("", known_later(invoice.target)))]


def desk_of(folder: Path, stage: int) -> Desk:
    desk = Desk(path=folder / "ledger.db", folder=folder, reach=reach, prefix=f"{stage}-")
    desk.clock.time += timedelta(minutes=20) * stage
    return desk


def prepare(folder: Path) -> None:
    """The vendors as they are before the first run."""
    desk = desk_of(folder, 0)
    desk.vendor("crm").seed("deal", linked="")
    desk.vendor("books").seed("customer", number="C-1", note=marker(Ref("source", "customer", "taken")))
    desk.vendor("books").faults = ["ok", "drop", "ok", "lost"]
    desk.vendor("plain").faults = ["drop"]
    desk.vendor("crm").faults = ["lost"]
    for vendor in desk.systems.vendors.values():
        vendor.save()


def night(folder: Path, stage: int) -> None:
    """One whole run."""
    desk = desk_of(folder, stage)
    with locked(desk.path, f"run-{stage}", desk.clock):
        resolve_open(desk.means())
        half = next((run.id for run in desk.journal.runs.list(9) if left(desk, run.id)), "")
        if half:
            resume(half, desk.means())
        desk.pull()
        changes = missing(desk) if stage else wanted()
        if changes:
            push(desk.plan(*changes), desk.means())
    desk.engine.close()


def left(desk: Desk, run: str) -> int:
    plan = desk.journal.runs.plan_of(run)
    return desk.journal.operations.unsent(plan) if plan else 0


def missing(desk: Desk) -> list[Change]:
    """What the ledger lacks after a pull. A target that exists by now is named by its id."""
    blocked = desk.journal.open_intents()
    invoice = found(desk, "invoice", "in")
    changes = [
        change
        for change in wanted()
        if change.source and change.target.provisional and not found(desk, change.target.kind, change.source.id)
    ]
    deal = desk.records.raw(DEAL) or {}
    if invoice and deal.get("linked") != invoice["id"]:
        changes.append(update(DEAL, linked=(deal.get("linked"), invoice["id"])))
    customer = found(desk, "customer", "acme")
    known = [create("books", "invoice", "in", customer={"value": customer["id"]})] if customer else []
    changes = [known[0] if known and change.target.kind == "invoice" else change for change in changes]
    return [change for change in changes if change.intent not in blocked]


def found(desk: Desk, kind: str, name: str) -> dict[str, Any] | None:
    note = marker(Ref("source", kind, name))
    return next((raw for raw in desk.vendor(KINDS[kind]).of_kind(kind) if raw.get("note") == note), None)


def in_child(folder: Path, stage: int, point: str) -> int:
    """Runs a night in a process of its own; returns the signal that ended it, or 0."""
    child = os.fork()
    if child == 0:
        if point:
            os.environ[VARIABLE] = point
        try:
            night(folder, stage)
        except BaseException as error:  # noqa: BLE001  the parent must hear of it whatever it is
            sys.stderr.write(f"{point}: {error!r}\n")
            os._exit(70)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit(f"a run failed at {point}")
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def case(folder: Path, point: str) -> dict[str, Any]:
    """Dies at the point in the first two runs, then runs until nothing is left."""
    folder.mkdir()
    prepare(folder)
    # What a rerun finds out first needs a run that died in the middle of a send.
    deaths = ["after-intent:2", point] if point.startswith("after-unknown") else [point, point]
    signals = [in_child(folder, stage, deaths[stage] if stage < 2 else "") for stage in range(RUNS_MAX)]
    desk = desk_of(folder, RUNS_MAX)
    books, deal = desk.vendor("books"), desk.vendor("crm").records["1"]
    problem = desk.journal.verify()
    invoice = found(desk, "invoice", "in")
    return {
        "signals": signals,
        "records": dict(Counter(raw.get("note") for name in ("books", "plain") for raw in notes(desk, name))),
        "invoice names the customer": invoice is not None and invoice["customer"]["value"] in books.records,
        "deal names the invoice": invoice is not None and deal["linked"] == invoice["id"],
        "open": sorted(desk.journal.open_intents()),
        "audit": str(problem or ""),
        "writes in the last run": len(missing(desk)),
    }


def notes(desk: Desk, system: str) -> list[dict[str, Any]]:
    return list(desk.vendor(system).records.values())


def main(folder: Path) -> None:
    points = [f"{point}:{time}" for point in POINTS for time in ((1,) if point in ONCE else (1, 2))]
    print(json.dumps({point: case(folder / point.replace(":", "-"), point) for point in points}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
