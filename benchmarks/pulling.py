"""Pull from a server on loopback: the client's CPU, ours against the Stripe SDK's auto-paging. I/O: loopback, files.

Everybody asks for one page before the clock starts: imports and the first TLS context cost the same for any number of
records, and only what a record costs is compared here; benchmarks/startup.py measures imports.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.desk import AT, open_desk
from benchmarks.measure import DATA, Facts, Row, at_least, in_process, median, ratio, timed
from benchmarks.pages import page_file, served
from syncctl.clock import SystemClock
from syncctl.connectors.base import Access
from syncctl.connectors.stripe import Stripe
from syncctl.redact import Redactor

NAME: Final = "pulling"
ALONE: Final = 20.0
STORED: Final = 6.0
KEY: Final = "sk_test_benchmark0000"
NO_LIMIT: Final = "1000000"


def run(scale: int, rounds: int) -> list[Row]:
    """The same pages to everybody; the server is another process and does not count."""
    found: dict[str, list[Facts]] = {part: [] for part in PARTS}
    with served(page_file(scale)) as url:
        for _ in range(rounds):
            for part, runs in found.items():
                runs.append(in_process(NAME, part, url))
    alone, stored, sdk = found["alone"], found["stored"], found["sdk"]
    assert {run["count"] for runs in found.values() for run in runs} == {scale}
    micro = 1_000_000 / scale
    rows = [
        at_least(NAME, "pull alone: records per CPU second against the SDK", 1 / ratio(alone, sdk, "cpu"), ALONE, "x"),
        at_least(NAME, "pull into the ledger, likewise", 1 / ratio(stored, sdk, "cpu"), STORED, "x"),
    ]
    names = {
        "alone": "syncctl: pull alone",
        "stored": "syncctl: pull into the ledger",
        "sdk": "Stripe SDK: auto-paging",
    }
    for part, who in names.items():
        rows += [
            Row(NAME, f"{who}, CPU a record", median(found[part], "cpu") * micro, "µs"),
            Row(NAME, f"{who}, wall", scale / median(found[part], "seconds"), "records/s"),
        ]
    return rows


def _connector(url: str) -> Stripe:
    options = {"requests_per_second": NO_LIMIT}
    return Stripe(Access("stripe", lambda: KEY, SystemClock(), Redactor(), base_url=url, options=options))


def _first_page(url: str) -> None:
    next(iter(_connector(url).pull("invoice", None)))


def _alone(url: str) -> Facts:
    count = [0]

    def pull() -> None:
        count[0] = sum(len(page.records) for page in _connector(url).pull("invoice", None))

    _first_page(url)
    return timed(pull) | {"count": count[0]}


def _stored(url: str) -> Facts:
    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        desk = open_desk(Path(folder) / "ledger.db")

        def pull() -> None:
            for page in _connector(url).pull("invoice", None):
                desk.books.records.store_page("stripe", "invoice", page, AT)

        _first_page(url)
        facts = timed(pull) | {"count": desk.books.records.count("stripe", "invoice")}
        desk.engine.close()
    return facts


def _sdk(url: str) -> Facts:
    import stripe

    client = stripe.StripeClient(KEY, base_addresses={"api": url})
    count = [0]

    def pull() -> None:
        count[0] = sum(1 for _ in client.v1.invoices.list({"limit": 100}).auto_paging_iter())

    client.v1.invoices.list({"limit": 100})
    return timed(pull) | {"count": count[0]}


PARTS: Final[dict[str, Callable[[str], Facts]]] = {"alone": _alone, "stored": _stored, "sdk": _sdk}
