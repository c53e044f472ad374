"""Random nights against the vendors' truth. A seed is all that is needed to see a failure again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from push_desk import Desk
from push_vendor import PLAIN, FakeConnector
from push_world import World
from syncctl.model import Outcome, Record, Request, WriteReceipt

SEEDS = 40


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_no_duplicate_no_loss_no_wrong_order_whatever_goes_wrong(first: int) -> None:
    for seed in range(first, first + 10):
        world = World(seed)
        world.live()
        assert world.verdict() == [], f"seed {seed}"


# --- the judge is no rubber stamp: each step left out must show ------------------------------------------------------


class Blind(FakeConnector):
    """Never looks."""

    def probe(self, request: Request, changes: Any, since: datetime) -> tuple[WriteReceipt, ...]:
        return tuple(WriteReceipt(row, Outcome.UNKNOWN) for row in request.rows)


class Trusting(FakeConnector):
    """Takes no answer for a refusal."""

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        receipts = super().send(request)
        return tuple(
            replace(receipt, outcome=Outcome.LATER, wait_seconds=1.0) if receipt.outcome is Outcome.UNKNOWN else receipt
            for receipt in receipts
        )


class Stale(FakeConnector):
    """Reads deals from memory."""

    def find(self, kind: str, field: str, values: Any) -> tuple[Record, ...]:
        if kind != "deal":
            return super().find(kind, field, values)
        return tuple(self.remembered[value] for value in values)

    def pull(self, kind: str, windows: Any) -> Any:
        for page in super().pull(kind, windows):
            self.remembered = getattr(self, "remembered", {}) | {one.ref.id: one for one in page.records}
            yield page


def with_connector(kind: type[FakeConnector], *systems: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        for system in systems:
            vendor = world.desk.vendor(system)
            world.desk.systems.connectors[system] = kind(system, vendor, vendor.card)

    return change


def nothing_waits(world: World) -> None:
    world.in_plan = lambda _made, _change: ()


LEFT_OUT: dict[str, tuple[dict[str, Any], Callable[[World], None] | None]] = {
    "wait before believing absence": ({"plain": replace(PLAIN, absence_seconds=0, send_seconds=-105)}, None),
    "replay only inside retention": ({"plain": replace(PLAIN, retention_seconds=1e9)}, None),
    "probe": ({}, with_connector(Blind, "pay", "plain")),
    "no answer is unknown": ({}, with_connector(Trusting, "plain")),
    "fresh read": ({}, with_connector(Stale, "crm")),
    "dependency gate": ({}, nothing_waits),
}


@pytest.mark.parametrize("step", LEFT_OUT)
def test_a_step_left_out_is_seen(step: str) -> None:
    assert any(damage_without(step, seed) for seed in range(150)), f"150 seeds do not notice that `{step}` is missing"


def damage_without(step: str, seed: int) -> list[str]:
    """What a life goes wrong by when one step of the protocol is not there."""
    cards, change = LEFT_OUT[step]
    world = World(seed, cards=cards)
    if change is not None:
        change(world)
    world.live()
    return world.verdict()


# --- the n-th commit fails ------------------------------------------------------------------------------------------


class Brittle:
    """A connection whose n-th commit fails, as on a full disk."""

    def __init__(self, connection: Any, nth: int) -> None:
        self._connection = connection
        self._left = nth

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *words: Any) -> Any:
        if sql == "COMMIT":
            self._left -= 1
            if self._left == 0:
                raise OSError("disk full")
        return self._connection.execute(sql, *words)


def test_whichever_commit_fails_a_rerun_leaves_one_record_each() -> None:
    from push_kills import missing, wanted
    from syncctl.push import push, resolve_open

    for nth in count(1):
        desk = Desk()
        desk.vendor("crm").seed("deal", linked="")
        desk.vendor("books").faults = ["ok", "drop", "lost"]
        desk.pull()
        plan, means = desk.plan(*wanted()), desk.means()
        whole = desk.engine.db
        desk.engine.db = Brittle(whole, nth)  # type: ignore[assignment]  # all that the engine uses of a connection
        try:
            push(plan, means)
            failed = False
        except OSError:
            failed = True
        desk.engine.db = whole
        desk.clock.advance(90_000)
        desk.restart()
        for _ in range(3):
            resolve_open(desk.means())
            desk.pull()
            push(desk.plan(*missing(desk)), desk.means())
        assert sorted(raw["kind"] for raw in desk.vendor("books").records.values()) == [
            "customer",
            "customer",
            "invoice",
        ]
        assert len(desk.vendor("plain").records) == 1, f"commit {nth}"
        assert desk.vendor("crm").records["1"]["linked"] != "", f"commit {nth}"
        assert desk.journal.open_intents() == {}
        assert desk.journal.verify() is None
        if not failed:
            assert nth > 10
            return
