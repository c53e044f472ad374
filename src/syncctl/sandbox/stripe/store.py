"""Where the pretend vendor keeps its records: newest first, with ids that look like the vendor's. No I/O."""

from __future__ import annotations

import random
import string
from bisect import bisect_left, insort
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import msgspec

from syncctl.clock import Clock
from syncctl.sandbox.stripe.refusals import missing

Thing: TypeAlias = dict[str, Any]
"""One record as the vendor would send it, whole."""

_PREFIXES: Final = {
    "balance_transaction": ("txn_1", 23),
    "bank_account": ("ba_1", 23),
    "charge": ("ch_3", 23),
    "credit_note": ("cn_1", 23),
    "credit_note_line_item": ("cnli_1", 23),
    "customer": ("cus_", 14),
    "dispute": ("du_1", 23),
    "event": ("evt_1", 23),
    "invoice": ("in_1", 23),
    "invoice_payment": ("inpay_1", 23),
    "invoiceitem": ("ii_1", 23),
    "line_item": ("il_1", 23),
    "payment_intent": ("pi_3", 23),
    "payment_method": ("pm_1", 23),
    "payout": ("po_1", 23),
    "price": ("price_1", 23),
    "product": ("prod_", 14),
    "refund": ("re_3", 23),
    "request": ("req_", 14),
    "tax_rate": ("txr_1", 23),
}
KINDS: Final = tuple(
    kind
    for kind in _PREFIXES
    if kind not in ("bank_account", "credit_note_line_item", "dispute", "line_item", "payment_method", "request")
)
"""What is kept; everything else lives inside another record."""


class Store:
    """Records by kind and id. `deleted` keeps what a retrieve of a deleted record answers."""

    def __init__(self, clock: Clock, seed: int, account: str, account_name: str, version: str) -> None:
        self.clock = clock
        self.account = account
        self.account_name = account_name
        self.account_version = version
        """The API version that events are written in: the account's, whatever a request asks for."""
        self.request: dict[str, str | None] = {"id": None, "idempotency_key": None}
        """The request under way, as its events name it."""
        self.news: list[tuple[datetime, str, str, msgspec.Raw | None]] = []
        """(when, kind, id, the record or None) of each change, for the search index."""
        self.opened = False
        """Whether anybody has asked for anything yet: what is seeded before that is history, later it is news."""
        self.random = random.Random(seed)  # noqa: S311  ids, not secrets
        self.things: dict[str, dict[str, Thing]] = {kind: {} for kind in KINDS}
        self.deleted: dict[str, dict[str, Thing]] = {kind: {} for kind in KINDS}
        self.inline: set[str] = set()
        """Prices made for items with a bare amount: lists leave them out."""
        self.paid_out: dict[str, list[str]] = {}
        """Balance transactions of each automatic payout."""
        self._order: dict[str, list[tuple[int, int, str]]] = {kind: [] for kind in KINDS}
        self._places: dict[str, dict[str, tuple[int, int, str]]] = {kind: {} for kind in KINDS}
        self._sequence = 0

    def now(self) -> int:
        """Unix seconds."""
        return int(self.clock.now().timestamp())

    def day(self, seconds: int, days: int = 0) -> int:
        """Midnight UTC of the day of an instant, some days later."""
        midnight = datetime.fromtimestamp(seconds, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(midnight.timestamp()) + days * 86_400

    def new_id(self, kind: str) -> str:
        prefix, length = _PREFIXES[kind]
        return prefix + "".join(self.random.choices(string.ascii_letters + string.digits, k=length))

    def add(self, kind: str, thing: Thing) -> Thing:
        """Keeps a new record in its place by creation time."""
        self._sequence += 1
        made = int(thing["created"] if "created" in thing else thing["date"])
        place = (made, self._sequence, str(thing["id"]))
        insort(self._order[kind], place)
        self._places[kind][thing["id"]] = place
        self.things[kind][thing["id"]] = thing
        self.deleted[kind].pop(thing["id"], None)
        return thing

    def get(self, kind: str, identity: str, *, param: str = "id", in_path: bool = True) -> Thing:
        """A record that exists; raises Refusal."""
        found = self.things[kind].get(identity)
        if found is None:
            raise missing(kind, identity, param=param, in_path=in_path)
        return found

    def remove(self, kind: str, identity: str) -> Thing:
        """Deletes a record and answers what the vendor does."""
        self._forget(kind, identity)
        tombstone = {"id": identity, "object": kind, "deleted": True}
        self.deleted[kind][identity] = tombstone
        return tombstone

    def _forget(self, kind: str, identity: str) -> None:
        place = self._places[kind].pop(identity)
        order = self._order[kind]
        del order[bisect_left(order, place)]
        del self.things[kind][identity]

    def newest_first(self, kind: str, after: str = "") -> Iterator[Thing]:
        """Records behind one, in list order; raises Refusal when that one does not exist."""
        order = self._order[kind]
        start = self._index(kind, after, "starting_after") if after else len(order)
        for number in range(start - 1, -1, -1):
            yield self.things[kind][order[number][2]]

    def oldest_first(self, kind: str, before: str) -> Iterator[Thing]:
        """Records before one in list order, the nearest first; raises Refusal when that one does not exist."""
        order = self._order[kind]
        for number in range(self._index(kind, before, "ending_before") + 1, len(order)):
            yield self.things[kind][order[number][2]]

    def _index(self, kind: str, identity: str, param: str) -> int:
        place = self._places[kind].get(identity)
        if place is None:
            raise missing(kind, identity, param=param, in_path=False)
        return bisect_left(self._order[kind], place)
