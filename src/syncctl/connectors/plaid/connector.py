"""Plaid as a Connector: reads items, accounts and transactions, writes nothing. I/O: network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from syncctl.auth.linked import Linking
from syncctl.connectors.base import Access, Card, Company, Limits, alike
from syncctl.connectors.plaid.client import client_for
from syncctl.connectors.plaid.linking import HostedLink
from syncctl.connectors.plaid.options import read_options
from syncctl.connectors.plaid.pulling import ACCOUNT, KIND, Accounts, Pull
from syncctl.connectors.plaid.rows import record_of
from syncctl.connectors.plaid.schemas import KINDS, READ_ONLY, schemas, state_of
from syncctl.errors import Exchange, RequestRefused
from syncctl.fields.schema import Schema
from syncctl.model import Change, Outcome, Page, Poison, Raw, Record, Request, Window, WriteReceipt

SNAPSHOT_SECONDS: Final = 120.0
"""How long one reading of all transactions answers questions for single ones: Plaid cannot be asked for one."""
_IDENTITY: Final = {"item": "item_id", "account": "account_id", "transaction": "id"}


class Plaid:
    """The banks that one credential opens. Options: see options.Options."""

    linked: Final = True

    def __init__(self, access: Access) -> None:
        self.name = access.name
        options = read_options(access)
        limits = Limits(per_second=4, per_minute=options.per_minute, concurrent=1)
        self.card = Card("plaid", KINDS, limits)
        self._access = access
        self._client = client_for(access, options, limits)
        self._snapshot: tuple[float, dict[str, Record]] | None = None

    @property
    def linking(self) -> Linking:
        """How banks are connected."""
        return HostedLink(self._client)

    def close(self) -> None:
        """Gives the connections back."""
        self._client.http.close()

    def company(self) -> Company:
        """Who asks: Plaid's client. The access tokens say whether the banks are real. Raises VendorError."""
        credential = self._client.credential()
        banks = len(self._client.items())
        live = credential.tokens[0].startswith("access-production-")
        return Company(credential.client_id, f"Plaid, {banks} bank{'s' if banks > 1 else ''}", live)

    def describe(self) -> tuple[Schema, ...]:
        """The schema of every kind; nothing is asked."""
        return schemas(self.name)

    def state(self, kind: str, raw: Raw) -> str:
        """Pure: draft for a pending transaction, else open."""
        return state_of(kind, raw)

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
        """Items and accounts whole every time, transactions from the cursors on. Raises VendorError."""
        if kind == KIND:
            self._snapshot = None  # what was read before this pull must not vouch for what it did not bring
            yield from Pull(self._client).run(windows)
        elif kind == ACCOUNT:
            yield from Accounts(self._client).run()
        else:
            yield self._whole(kind)

    def _whole(self, kind: str) -> Page:
        if kind == "item":
            rows = [(row, item) for item, row in self._client.item_rows()]
        else:
            rows = [(row, item) for item, token in self._client.items().items() for row in self._client.accounts(token)]
        found = [record_of(self.name, kind, row, item) for row, item in rows]
        return Page(
            tuple(row for row in found if isinstance(row, Record)),
            poison=tuple(row for row in found if isinstance(row, Poison)),
            windows=(Window("whole"),),
            complete=True,
        )

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        """By id, out of everything there is. Raises VendorError."""
        if field != _IDENTITY[kind]:
            where = Exchange(self.name, f"find {kind}")
            raise RequestRefused(f"{self.name} cannot look up {kind} by {field}", where, fix=f"use {_IDENTITY[kind]}")
        held = self._transactions() if kind == KIND else {one.ref.id: one for one in self._whole(kind).records}
        return tuple(held[value] for value in dict.fromkeys(values) if value in held)

    def _transactions(self) -> dict[str, Record]:
        now = self._access.clock.boottime()
        if self._snapshot is None or now - self._snapshot[0] > SNAPSHOT_SECONDS:
            pages = Pull(self._client).run(None)
            self._snapshot = now, {record.ref.id: record for page in pages for record in page.records}
        return self._snapshot[1]

    def parts(self, change: Change) -> tuple[Change, ...]:
        """Pure: nothing is written here."""
        return (change,)

    def request_key(self, change: Change) -> str:
        """Pure: nothing is written here."""
        return alike(change)

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """Raises ValueError: Plaid is read only."""
        del changes, current, key, rows
        raise ValueError(READ_ONLY)

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        """Sends nothing."""
        return tuple(WriteReceipt(row, Outcome.REJECTED, code="read only", message=READ_ONLY) for row in request.rows)

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        """Nothing was ever sent."""
        del changes, since
        return tuple(WriteReceipt(row, Outcome.UNKNOWN, message=READ_ONLY) for row in request.rows)
