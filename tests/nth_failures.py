"""A night in which the n-th commit, request, fsync or rename fails, then nights that mend: the sandbox is the judge.

`make kill` runs every n until a night passes without reaching it; tests/test_nth_failures.py runs a few.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx
from simulation.patches import patched

from cli.house import House, Said
from kill_matrix import FIGURES
from kill_nights import lasting
from kill_worlds import chain, settled_office
from put_away import put_away, taken_out
from syncctl.ledger import engine
from syncctl.push import Means
from syncctl.run import applying
from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock

YES = ("reconcile", "--yes", "--max-ratio", "100%", "--max-changes", "100")
NIGHT_SECONDS = 7_200
MENDING_NIGHTS = 1


@dataclass
class Trouble:
    """Counts one sort of event while a plan is pushed; the n-th fails. `seen` tells how many there were, `happened`
    that it was reached."""

    sort: str
    nth: int
    seen: int = 0
    tonight: bool = False
    pushing: bool = False
    happened: bool = False

    def reach(self, point: str) -> None:
        """Where the push is: trouble comes from the first write to the last outcome."""
        self.pushing = self.tonight if point == "plan-opened" else self.pushing and point != "before-finish"

    def now(self, sort: str) -> bool:
        """True when this is the one that fails."""
        if not (self.pushing and self.tonight) or sort != self.sort:
            return False
        self.seen += 1
        self.happened |= self.seen == self.nth
        return self.seen == self.nth


def disk_full() -> sqlite3.OperationalError:
    """What SQLite raises when there is no room."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
    return error


@contextmanager
def brittle(trouble: Trouble) -> Iterator[None]:
    """For as long as the block runs, the disk under this process may be full."""

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *words: Any) -> sqlite3.Cursor:
            if sql == "COMMIT" and trouble.now("commit"):
                raise disk_full()
            return super().execute(sql, *words)

    def connect(path: Path | None) -> sqlite3.Connection:
        return sqlite3.connect(path or ":memory:", isolation_level=None, factory=Connection)

    def failing(sort: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **named: Any) -> Any:
            if trouble.now(sort):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*words, **named)

        return call

    renames = [(os, name, failing("rename", getattr(os, name))) for name in ("replace", "rename")]
    with patched((engine, "_connect", connect), (os, "fsync", failing("fsync", os.fsync)), *renames):
        yield


def transport_of(trouble: Trouble) -> Callable[[Sandbox], SandboxTransport]:
    """A network on which the n-th request, of any system, is not taken ("request") or gets no answer ("answer")."""

    class Network(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if trouble.now("request"):
                raise httpx.ConnectError("connection refused", request=request)
            answer = super().handle_request(request)
            if trouble.now("answer"):
                raise httpx.ReadError("connection reset by peer", request=request)
            return answer

    return Network


class Life(NamedTuple):
    """The night of the trouble, the nights after it, what the vendors hold then, and the writes of that first night."""

    night: Said
    mended: list[Said]
    held: dict[str, Any]
    writes: int


@dataclass
class Ground:
    """A company with one invoice to write, settled but for that; every life starts from a copy."""

    folder: Path
    lives: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        office = settled_office(self.folder)
        chain(office)
        self.start, self.project, self.environment = office.clock.now(), office.folder, office.environment
        self.vendors = put_away(office.sandboxes, office.clock)

    def live(self, trouble: Trouble) -> Life:
        """One life on a copy of the ground."""
        folder = shutil.copytree(self.project, self.folder / f"life{next(self.lives)}")
        clock = FakeClock(self.start)
        house = House(folder, None, taken_out(self.vendors, clock), clock)
        said, writes, before = [], [], house.writes
        with brittle(trouble), patched((applying, "Means", partial(Means, reach=trouble.reach))):
            for night in range(1 + MENDING_NIGHTS):
                trouble.tonight = night == 0
                said.append(house.run(*YES, "--json", environment=self.environment, transport=transport_of(trouble)))
                writes.append(house.writes)
                clock.advance(NIGHT_SECONDS)
        held = {
            f"{name}.{kind}": [lasting(one) for one in records.values()] if kind != "event" else len(records)
            for name, box in house.boxes.items()
            for kind, records in box.vendor.state().items()
            if isinstance(records, dict)
        }
        shutil.rmtree(folder)
        return Life(said[0], said[1:], held, writes[0] - before)


def harm(trouble: Trouble, lived: Life, calm: dict[str, Any]) -> list[str]:
    """What is wrong after a night with trouble; empty when all is well."""
    night, mended, held, _ = lived
    wrong = [f"{kind} is not as without trouble" for kind in calm if held[kind] != calm[kind]]
    if mended[-1].code != 0:
        wrong.append(f"the last night ended with {mended[-1].code}: {mended[-1].err[-300:]}")
    if trouble.happened and night.code not in (0, 1, 2, 5, 75):
        wrong.append(f"the night of the trouble ended with {night.code}")
    if "nobody foresaw" in night.err or (night.code == 1 and not night.error.get("event")):
        wrong.append(f"no sentence: {night.err[-300:]}")
    return [f"{trouble.sort} {trouble.nth}: {words}" for words in wrong]


SORTS = ("commit", "request", "answer")
"""A push renames nothing, and only SQLite calls fsync in it: a commit that fails stands for that. The head of the audit
chain is synced after the last of them; one that is not kept is told, and the next run keeps its own."""


def loop(ground: Ground, sort: str) -> tuple[int, list[str]]:
    """Fails the 1st, 2nd, … until a night passes without reaching it; returns how many there were, and the harm."""
    calm = ground.live(Trouble(sort, 0)).held
    wrong: list[str] = []
    for nth in count(1):
        trouble = Trouble(sort, nth)
        lived = ground.live(trouble)
        if not trouble.happened:
            return nth - 1, wrong
        wrong += harm(trouble, lived, calm)
    raise AssertionError("a count never ends")


def main() -> int:
    """Lets every one of them fail, tells what that came to, and keeps it; 1 when anything is wrong."""
    with TemporaryDirectory() as folder:
        ground = Ground(Path(folder))
        found = {sort: loop(ground, sort) for sort in SORTS}
    told = [words for _, wrong in found.values() for words in wrong]
    figures = {sort: number for sort, (number, _) in found.items()} | {"harm": len(told)}
    print("\n".join(f"{name:<26}{value:>12,}" for name, value in figures.items()))
    print("\n".join(told), end="\n" if told else "")
    FIGURES.write_text(json.dumps(json.loads(FIGURES.read_text()) | {"nth failures": figures}, indent=1) + "\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
