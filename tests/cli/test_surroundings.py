"""What a night job finds around it: folders that nobody may write to, and clocks that jump. In this process."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.house import YES, House, house
from syncctl.sandbox.base import SandboxTransport
from syncctl.sandbox.clock import FakeClock

NOBODY = 65_534


@pytest.fixture
def fresh() -> Iterator[House]:
    with house() as found:
        yield found


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user whom permissions stop: root is another one meanwhile."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def let_all_read(top: Path, *writable: str) -> None:
    """Everybody may read all of it; of its files only `writable` ones may be written, and none may be made."""
    top.parent.chmod(0o755)
    for path in (top, *top.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o666 if path.name in writable else 0o444)


@pytest.mark.parametrize(
    ("writable", "cause"),
    [
        ((), "ledger.db cannot be opened"),
        (("ledger.db",), "ledger.db.lock cannot be opened"),
        (("ledger.db", "ledger.db.lock"), "the ledger cannot be written"),
    ],
    ids=["nothing", "the ledger alone", "the ledger and its lock, not the folder"],
)
def test_where_nothing_can_be_written_down_nothing_is_sent(fresh: House, writable: tuple[str, ...], cause: str) -> None:
    let_all_read(fresh.folder, *writable)
    with unprivileged():
        said = fresh.run(*YES)
    assert said.code == 1
    assert said.error["error"] == "LedgerError"
    assert cause in said.error["cause"]
    assert fresh.writes == 0
    fresh.folder.chmod(0o755)


class Ours(FakeClock):
    """This machine's clocks, not the vendors': its wall clock jumps, the one that counts since it started does not."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return self.time + self.ahead


@pytest.mark.parametrize("by", [timedelta(hours=30), timedelta(hours=-30)], ids=["forward", "back"])
def test_a_wall_clock_that_jumps_while_a_write_is_on_its_way_makes_no_second_write(fresh: House, by: timedelta) -> None:
    ours = Ours(fresh.clock.now())

    class Jumps(SandboxTransport):
        """The clock jumps when the books have taken their first write; its answer is lost."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if ours.ahead or not fresh.boxes["quickbooks"].writes():
                return answer
            ours.ahead = by
            raise httpx.ReadError("lost", request=request)

    fresh.clock = ours
    assert fresh.run(*YES, transport=Jumps).code == 5  # one row the books refuse
    sent = fresh.writes
    ours.ahead -= timedelta(days=2)
    assert fresh.run("reconcile", "--yes").code == 2
    assert fresh.writes == sent > 1
    states = "SELECT DISTINCT state FROM operations WHERE state NOT IN ('lapsed') ORDER BY state"
    found = fresh.run("ledger", "query", states, "--json").json["rows"]
    assert [row["state"] for row in found] == ["applied", "held", "rejected"]
    vendor: Any = fresh.boxes["quickbooks"].vendor
    names = Counter(one["DisplayName"] for one in vendor.state()["Customer"].values())
    assert names.most_common(1)[0][1] == 1
