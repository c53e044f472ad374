"""The QuickBooks Online connector. I/O: network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Final

from syncctl.connectors.base import Access, Card, Company, alike
from syncctl.connectors.quickbooks.bodies import BATCH_ROWS, KEY_LENGTH, Writer
from syncctl.connectors.quickbooks.books import books_from
from syncctl.connectors.quickbooks.client import LIMITS, TIMEOUT_SECONDS, client_for
from syncctl.connectors.quickbooks.finding import find_records
from syncctl.connectors.quickbooks.kinds import KINDS
from syncctl.connectors.quickbooks.options import Options, read_options
from syncctl.connectors.quickbooks.probing import Prober
from syncctl.connectors.quickbooks.pulling import Pull
from syncctl.connectors.quickbooks.schemas import schemas
from syncctl.connectors.quickbooks.sending import Sender
from syncctl.connectors.quickbooks.sign_in import CARD
from syncctl.connectors.quickbooks.states import state_of
from syncctl.fields.schema import Schema
from syncctl.model import Action, Change, Page, Raw, Record, Request, Window, WriteReceipt

_BATCHED: Final = (Action.CREATE, Action.UPDATE, Action.ARCHIVE, Action.REACTIVATE)


class QuickBooks:
    """One QuickBooks company."""

    sign_in: ClassVar = CARD

    def __init__(self, access: Access) -> None:
        self.name = access.name
        self.options = read_options(access)
        self.card = _card(self.options)
        self._access = access
        self._client = client_for(access, self.options)
        self._writer = Writer(access.name, self.options, self._client.parameters())

    def close(self) -> None:
        """Gives the connections back."""
        self._client.http.close()

    def company(self) -> Company:
        """The company behind the realm id."""
        found = self._client.document(f"companyinfo/{self.options.realm}", "CompanyInfo")
        return Company(self.options.realm, str(found.get("CompanyName", "")), self.options.live)

    def describe(self) -> tuple[Schema, ...]:
        """Every kind's schema, with this company's custom fields, numbering and home currency."""
        preferences = self._client.document("preferences", "Preferences")
        return schemas(self.name, books_from(preferences), self.options)

    def scopes_for(self, kind: str, writes: bool) -> tuple[str, ...]:  # noqa: ARG002
        """QuickBooks has one scope for all of the books."""
        return CARD.scopes

    def state(self, kind: str, raw: Raw) -> str:
        """open, part_paid, paid, void, archived or deleted."""
        return state_of(kind, raw)

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
        """All records, or what changed since."""
        return Pull(self._client, self.name, kind, self._access.clock.now()).run(windows)

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        """By Id, or by a field that QuickBooks can query."""
        return find_records(self._client, self.name, kind, field, values)

    def parts(self, change: Change) -> tuple[Change, ...]:
        """Pure: every change is one request here."""
        return (change,)

    def request_key(self, change: Change) -> str:
        """Pure: changes with the same key may share a request."""
        return alike(change)

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """The exact bytes for these changes."""
        return self._writer.prepare(changes, current, key, rows)

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        """One attempt at a write."""
        return Sender(self.name, self._client).send(request)

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        """Did it happen?"""
        return Prober(self.name, self._client).probe(request, changes, since)


def _card(options: Options) -> Card:
    return Card(
        connector="quickbooks",
        kinds=tuple(KINDS),
        limits=LIMITS,
        retention_seconds=options.retention_seconds,
        versions=True,
        batch=dict.fromkeys(_BATCHED, BATCH_ROWS),
        key_length=KEY_LENGTH,
        absence_seconds=TIMEOUT_SECONDS,
        send_seconds=TIMEOUT_SECONDS,
    )
