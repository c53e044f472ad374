"""Any history of edits, deletions, merges and cut pulls: what was pulled is what the org holds."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from connectors.salesforce_world import World, make_world
from syncctl.errors import VendorError
from syncctl.model import Window
from syncctl.sandbox.clock import FakeClock


class Copy:
    """What a ledger keeps: the newest of each record, without what is gone, and the cursor."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.held: dict[str, bytes] = {}
        self.seen: set[str] = set()
        self.windows: tuple[Window, ...] | None = None
        self.first_whole_pull = True

    def pull(self, cut: int | None) -> bool:
        """One pull, cut after so many pages; True when it came to its end."""
        if not self.first_whole_pull:
            self.seen = (
                set()
            )  # a whole pull of the connector's own accord may be cut: what it saw before is asked again
        stream = self.world.salesforce.pull("Account", self.windows)
        for number, page in enumerate(stream, start=1):
            for ref in page.deleted:
                self.held.pop(ref.id, None)
            for record in page.records:
                self.held[record.ref.id] = record.lasting
                self.seen.add(record.ref.id)
            self.windows = page.windows
            if page.complete:
                self.first_whole_pull = False
                self._sweep()
            if number == cut:
                stream.close()  # type: ignore[attr-defined]
                return False
        return True

    def _sweep(self) -> None:
        unseen = [one for one in self.held if one not in self.seen]
        found = {one.ref.id: one.lasting for one in self.world.salesforce.find("Account", "Id", unseen)}
        for identity in unseen:
            if identity in found:
                self.held[identity] = found[identity]
            else:
                del self.held[identity]


def happen(world: World, chance: random.Random, live: list[str], bin_: list[str]) -> None:
    """One thing that people do."""
    deed = chance.choice(("make", "make", "edit", "edit", "edit", "delete", "merge", "undelete", "purge"))
    if deed == "make" or len(live) < 3:
        live.append(world.seed("Account", Name=f"Account {chance.random()}"))
    elif deed == "edit":
        world.vendor.edit("Account", chance.choice(live), {"Phone": str(chance.random())})
    elif deed == "delete":
        bin_.append(live.pop(chance.randrange(len(live))))
        world.vendor.delete("Account", bin_[-1])
    elif deed == "merge":
        bin_.append(live.pop(chance.randrange(len(live))))
        world.vendor.merge("Account", chance.choice(live), bin_[-1])
    elif bin_:
        identity = bin_.pop(chance.randrange(len(bin_)))
        if deed == "purge":
            world.vendor.purge("Account", identity)
        else:
            world.vendor.undelete("Account", identity)
            live.append(identity)


def truth(world: World, live: Sequence[str]) -> dict[str, bytes]:
    return {one.ref.id: one.lasting for one in world.salesforce.find("Account", "Id", live)}


@pytest.mark.parametrize("seed", range(12))
def test_after_any_history_the_copy_is_the_org(clock: FakeClock, seed: int) -> None:
    chance = random.Random(seed)
    options = {"bulk_threshold": chance.choice(("0", "20", "1000")), "bulk_rows": "7"}
    world = make_world(clock, page_rows=chance.choice((5, 11, 2_000)), options=options)
    live: list[str] = []
    bin_: list[str] = []
    copy = Copy(world)
    for _ in range(12):
        for _ in range(chance.randrange(12)):
            happen(world, chance, live, bin_)
            clock.advance(chance.choice((0, 1, 30, 600)))
        if chance.random() < 0.2:
            world.fault(chance.choice(("500 before", "lost", "truncated")), method="GET", times=chance.randrange(1, 8))
        try:
            copy.pull(chance.choice((None, 1, 2, 3)))
        except VendorError:
            world.sandbox.faults.clear()
        clock.advance(chance.choice((60, 3_600, 24 * 3600, 16 * 24 * 3600)))
    world.sandbox.faults.clear()
    while not copy.pull(None):
        clock.advance(60)
    clock.advance(700)
    copy.pull(None)
    assert copy.held == truth(world, live)
