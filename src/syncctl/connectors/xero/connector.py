"""The Xero connector. I/O: network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from syncctl.connectors.base import Access, Card, Company, alike
from syncctl.connectors.xero.allocations import ALLOCATION
from syncctl.connectors.xero.bodies import KEY_LENGTH, Writer
from syncctl.connectors.xero.books import Books, books_from
from syncctl.connectors.xero.client import CONNECTIONS, TIMEOUT_SECONDS, client_for
from syncctl.connectors.xero.finding import Finder
from syncctl.connectors.xero.kinds import KINDS
from syncctl.connectors.xero.limiter import limits
from syncctl.connectors.xero.options import Options, read_options
from syncctl.connectors.xero.probing import Prober
from syncctl.connectors.xero.pulling import Pull
from syncctl.connectors.xero.schemas import schemas
from syncctl.connectors.xero.scopes import scopes_for
from syncctl.connectors.xero.sending import Sender
from syncctl.connectors.xero.sign_in import CARD
from syncctl.connectors.xero.states import state_of
from syncctl.errors import AuthenticationFailed, Exchange
from syncctl.fields.jsontext import decode_json
from syncctl.fields.schema import Schema
from syncctl.model import Action, Change, Page, Raw, Record, Request, Window, WriteReceipt


class Xero:
    """One Xero organisation."""

    sign_in: ClassVar = CARD

    def __init__(self, access: Access) -> None:
        self.name = access.name
        self.options = read_options(access)
        self.card = _card(self.options)
        self._access = access
        self._client = client_for(access, self.options)
        self._writer = Writer(access.name, tuple(self._client.tenancy().items()))

    def close(self) -> None:
        """Gives the connections back."""
        self._client.http.close()

    def company(self) -> Company:
        """The organisation behind the tenant id, which this credential must open. Live unless Xero's demo company."""
        tenant = self._access.company.lower()
        opened = self._client.connections()
        if tenant not in {str(each.get("tenantId", "")).lower() for each in opened}:
            names = ", ".join(f"{each.get('tenantName') or '?'} ({each.get('tenantId')})" for each in opened)
            raise AuthenticationFailed(
                f"{self.name}: this connection does not open the organisation {self._access.company}",
                Exchange(self.name, f"GET {CONNECTIONS}", 200),
                fix=f"it opens {names or 'none'}: set `company`, or connect the organisation to the app",
            )
        books = self._books()
        return Company(tenant, books.name, live=not books.demo)

    def describe(self) -> tuple[Schema, ...]:
        """Every kind's schema, with this organisation's currency, lock dates and tracking categories."""
        return schemas(self.name, self._books(), self.options)

    def _books(self) -> Books:
        listed = self._client.page("TrackingCategory", 1)
        return books_from(self._client.one("Organisation"), (decode_json(row) for row in listed.rows))

    def scopes_for(self, kind: str, writes: bool) -> tuple[str, ...]:
        """The scopes any one of which is enough to read, or to write, a kind."""
        return scopes_for(KINDS[kind].lister.plural, writes=writes) if kind in KINDS else ()

    def state(self, kind: str, raw: Raw) -> str:
        """draft, open, part_paid, paid, void, archived or deleted."""
        return state_of(kind, raw)

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
        """All records, or what changed since."""
        return Pull(self._client, self.name, kind, self._access.clock.now()).run(windows)

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        """By id, or by a field that Xero can look up."""
        return Finder(self._client, self.name).find(kind, field, values)

    def parts(self, change: Change) -> tuple[Change, ...]:
        """Pure: every change is one request here."""
        return (change,)

    def request_key(self, change: Change) -> str:
        """Pure: changes with the same key may share a request. A payment is deleted alone, a credit note allocated
        alone.
        """
        alone = (change.target.kind == "Payment" and change.action is Action.VOID) or change.target.kind == ALLOCATION
        return f"{change.action} {change.target}" if alone else alike(change)

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """The exact bytes for these changes."""
        return self._writer.prepare(changes, current, key, rows, self._client.writing(changes[0].target.kind))

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        """One attempt at a write."""
        return Sender(self.name, self._client).send(request)

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        """Did it happen?"""
        return Prober(self.name, self._client).probe(request, changes, since)


def _card(options: Options) -> Card:
    return Card(
        connector="xero",
        kinds=tuple(KINDS),
        limits=limits(options.calls_per_minute),
        retention_seconds=options.retention_seconds,
        versions=False,
        batch=dict.fromkeys((Action.CREATE, Action.UPDATE, Action.ARCHIVE, Action.VOID), options.batch_rows),
        key_length=KEY_LENGTH,
        # Xero keeps an internal error under the key too, so a replay after one tells nothing.
        replays_server_errors=True,
        absence_seconds=TIMEOUT_SECONDS,
        send_seconds=TIMEOUT_SECONDS,
    )
