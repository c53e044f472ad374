"""What customers and people do at the pretend vendors, beyond what Office itself can: payments, new customers."""

from __future__ import annotations

import atexit
import copy
import itertools
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, TypeVar
from urllib.parse import urlencode

from simulation.spelled import open_invoice, paid

from office import Office
from put_away import put_away, taken_out
from syncctl.sandbox.base import SandboxRequest
from syncctl.sandbox.clock import FakeClock

Raw = dict[str, Any]
Some = TypeVar("Some", bound=Office)


@contextmanager
def settled_office(sort: type[Some] = Office) -> Iterator[Some]:  # type: ignore[assignment]  # the usual sort
    """An office an hour after its first run, for as long as the block runs: a copy, so that nobody disturbs another."""
    with TemporaryDirectory() as folder:
        office = _copied(*_settled(sort), Path(folder) / "office")
        yield office
        office.project.close()


@cache
def _settled(sort: type[Some]) -> tuple[Some, bytes]:
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder)
    office = sort(folder)
    assert office.reconcile().exit_code == 0
    office.project.close()
    office.clock.advance(3600)
    return office, put_away(office.sandboxes, office.clock)


def _copied(held: Some, vendors: bytes, folder: Path) -> Some:
    """The same office elsewhere, with vendors and a clock of its own."""
    found = copy.copy(held)
    found.folder = shutil.copytree(held.folder, folder)
    found.clock = FakeClock(held.clock.now())
    found.sandboxes = taken_out(vendors, found.clock)
    found._ids = itertools.count(100_000)
    found.project = found.open()
    return found


def pay(office: Office, *parts: tuple[Raw, int], received: int | None = None, hours: int = 1) -> Raw:
    """One charge that pays these (Stripe invoice, smallest units); `received` when more money came than was applied.

    `hours` ago, so that two charges of one customer and amount are told apart.
    """
    total = sum(amount for _, amount in parts) if received is None else received
    charge, _ = paid(office.seed, int(office.clock.now().timestamp()) - hours * 3600, parts, total)
    return charge


def payments_of(office: Office, booked: Raw) -> list[Raw]:
    """The QuickBooks payments that an invoice's LinkedTxn names, oldest first."""
    held = office.records("quickbooks", "Payment")
    return [held[link["TxnId"]] for link in booked["LinkedTxn"] if link["TxnType"] == "Payment"]


def bill(office: Office, who: Raw, number: str, *lines: tuple[str, int], **more: Any) -> Raw:
    """An open Stripe invoice for this customer with these (description, smallest units) lines, due in 30 days."""
    product = next(one for one in office.records("stripe", "product").values() if one["metadata"].get("sku"))
    now = int(office.clock.now().timestamp())
    return office.seed("stripe", "invoice", open_invoice(who, number, lines, product["id"], now, **more))


def join(office: Office, name: str, currency: str = "usd", **more: Any) -> Raw:
    """A customer who signs up at Stripe and whom nobody else knows."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in name).lower()
    email = f"office@{'-'.join(plain.split()) or 'x'}.example"
    return office.seed("stripe", "customer", {"name": name, "email": email, "currency": currency, **more})


def quiet_hour(office: Office) -> dict[str, int]:
    """An hour later, a new process, one more run: how many writes each vendor saw."""
    office.clock.advance(3600)
    office.reopen()
    _, writes = office.count_writes(office.reconcile)
    return writes


def hints(findings: Any, kind: str = "blocked") -> list[str]:
    """What people read beside the findings of a kind."""
    return [finding.hint for finding in findings if finding.kind == kind]


NOTHING = {"stripe": 0, "quickbooks": 0, "hubspot": 0}


def by_hand(office: Office, system: str, path: str, body: Raw | None = None, *, method: str = "POST") -> Raw:
    """What somebody does in a vendor's own web page: the vendor's rules hold, and our request log does not know it."""
    headers = {"authorization": f"Bearer {office.credentials[system].token}", "content-type": "application/json"}
    sent = json.dumps(body or {}, default=str).encode()
    if system == "stripe":
        headers |= {"content-type": "application/x-www-form-urlencoded", "idempotency-key": office.next_id()}
        sent = urlencode(body or {}).encode()
    place, _, query = path.partition("?")
    words = tuple((name, value) for name, _, value in (word.partition("=") for word in query.split("&") if word))
    answer = office.sandboxes[system].vendor.handle(SandboxRequest(method, place, words, headers, sent))
    assert answer.status < 300, answer.body
    found: Raw = json.loads(answer.body)
    return found


def in_books(office: Office, kind: str, body: Raw, operation: str = "") -> Raw:
    """A document that somebody writes, changes (with Id and SyncToken) or voids in QuickBooks."""
    realm = office.credentials["quickbooks"].company
    more = f"&operation={operation}" if operation else ""
    path = f"/v3/company/{realm}/{kind.lower()}?minorversion=75{more}"
    found: Raw = by_hand(office, "quickbooks", path, body)[kind]
    return found


def vendor(office: Office, system: str) -> Any:
    """The pretend vendor itself, with the switches of its own kind."""
    return office.sandboxes[system].vendor
