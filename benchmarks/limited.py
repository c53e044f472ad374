"""Pull at the vendor's pace: served sandboxes with their rate limits on, one process, into the ledger that ships.

A pull is fast enough when it asks as often as its limiter allows, or brings 8,000 records a second. The sandbox is
another process and its CPU does not count; the wall does hold its work. I/O: loopback, a project in benchmarks/data.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from benchmarks.measure import DATA, Facts, Row, at_least, at_most, in_process, median, timed

NAME: Final = "limited"
SHARE: Final = 0.9
RECORDS_PER_SECOND: Final = 8_000
CPU_MICROSECONDS: Final = 80
SYNCCTL: Final = str(Path(sys.executable).with_name("syncctl"))


@dataclass(frozen=True, slots=True)
class Pulled:
    """A kind that is pulled, and a small kind that is pulled before the clock starts."""

    kind: str
    first: str


STACKS: Final = (
    {
        "stripe": Pulled("invoice", "product"),
        "quickbooks": Pulled("Invoice", "Item"),
        "hubspot": Pulled("contact", "owner"),
    },
    {"xero": Pulled("Invoice", "Item"), "salesforce": Pulled("Contact", "User")},
)


def run(scale: int, rounds: int) -> list[Row]:
    """`scale` is the sandbox company's, in hundredths. A quick run, of one round, looks at the usual stack only."""
    found: dict[str, list[Facts]] = {}
    for stack in STACKS if rounds > 1 else STACKS[:1]:
        with served(tuple(stack), scale / 100) as ready:
            for _ in range(rounds):
                for system, pulled in stack.items():
                    facts = in_process(NAME, "pulled", ready, system, pulled.kind, pulled.first)
                    found.setdefault(system, []).append(facts)
    return [row for system, runs in found.items() for row in _rows(system, runs)]


def _rows(system: str, runs: Sequence[Facts]) -> list[Row]:
    told = [_told(facts) for facts in runs]
    what = f"{system}: share of its limiter, or of {RECORDS_PER_SECOND:,} records/s"
    return [
        at_least(NAME, what, median(told, "share"), SHARE, "x"),
        at_most(NAME, f"{system}: CPU a record, into the ledger", median(told, "cpu"), CPU_MICROSECONDS, "µs"),
        Row(NAME, f"{system}: {median(runs, 'count'):,.0f} records", median(told, "records"), "records/s"),
        Row(NAME, f"{system}: requests, of {median(runs, 'limit'):g} a second", median(told, "requests"), "a second"),
    ]


def _told(facts: Facts) -> Facts:
    requests, records = facts["requests"] / facts["seconds"], facts["count"] / facts["seconds"]
    share = max(requests / facts["limit"], records / RECORDS_PER_SECOND)
    cpu = facts["cpu"] / facts["count"] * 1_000_000
    return {"requests": requests, "records": records, "share": share, "cpu": cpu}


@contextmanager
def served(systems: Sequence[str], scale: float) -> Iterator[Path]:
    """The ready file of a server process for these sandboxes."""
    DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        ready = Path(folder) / "ready.json"
        command = [SYNCCTL, "-q", "sandbox", "serve", *systems, "--port-base", "0", "--scale", str(scale)]
        with subprocess.Popen([*command, "--ready-file", str(ready)], stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            try:
                server.stdout.readline()
                threading.Thread(target=server.stdout.read, daemon=True).start()
                yield ready
            finally:
                server.terminate()


def _pulled(ready: str, system: str, kind: str, first: str) -> Facts:
    from syncctl.project import open_project
    from syncctl.run.pull import pull

    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        subprocess.run([SYNCCTL, "-q", "init", folder, "--sandbox", ready], check=True, stdout=subprocess.DEVNULL)
        project = open_project(Path(folder))
        pull(project, [f"{system}.{first}"])
        before = _requests(ready, system)
        facts = timed(lambda: pull(project, [f"{system}.{kind}"]))
        limits = project.connector(system).card.limits
        count = project.records.count(system, kind)
        project.close()
        return facts | {
            "count": count,
            "requests": _requests(ready, system) - before,
            "limit": min(limits.per_second, (limits.per_minute or math.inf) / 60),
        }


def _requests(ready: str, system: str) -> int:
    url = json.loads(Path(ready).read_text())[system]
    with urlopen(f"{url}/_sandbox/log") as answer:
        return len(json.load(answer))


PARTS: Final = {"pulled": _pulled}
