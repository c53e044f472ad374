"""The HubSpot connector. I/O: network, through its client only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from syncctl.connectors.base import Access, Card, Company
from syncctl.connectors.http import NoAnswer
from syncctl.connectors.hubspot import schema, writing
from syncctl.connectors.hubspot.addresses import KINDS, OBJECTS, PLURALS, WRITABLE
from syncctl.connectors.hubspot.client import limits, make_client
from syncctl.connectors.hubspot.finding import find_records
from syncctl.connectors.hubspot.listing import pull_list, read_list
from syncctl.connectors.hubspot.probing import probe_request
from syncctl.connectors.hubspot.pulling import pull_objects
from syncctl.connectors.hubspot.receipts import Reading, read_answer, undecided
from syncctl.connectors.hubspot.settings import read_settings
from syncctl.connectors.hubspot.setup import setup_requests
from syncctl.connectors.hubspot.sign_in import CARD
from syncctl.errors import AuthenticationFailed
from syncctl.fields.jsontext import decode_json
from syncctl.fields.schema import Schema
from syncctl.model import Action, Change, Outcome, Page, Raw, Record, Request, Window, WriteReceipt

MISSING_SCOPES: Final = "MISSING_SCOPES"
PAUSE_SECONDS_MAX: Final = 90.0
"""A longer wait than this is left to the caller."""


class HubSpot:
    """One HubSpot account, reached with a service key or a private app's token.

    Beside the protocol: `parts` and `request_key` (how changes are cut and put together), and `setup`.
    """

    sign_in: ClassVar = CARD

    def __init__(self, access: Access) -> None:
        self.name = access.name
        self.access = access
        self.settings = read_settings(access.name, access.options)
        self.client = make_client(access, self.settings)
        size = self.settings.batch_size
        self.card = Card(
            "hubspot",
            KINDS,
            limits(self.settings),
            # No specification has an idempotency header: our unique property tells what was made.
            retention_seconds=0,
            batch={Action.CREATE: size, Action.UPDATE: size},
        )

    def close(self) -> None:
        """Gives the connections back."""
        self.client.http.close()

    def company(self) -> Company:
        details = self.client.details()
        portal = str(details["portalId"])
        live = details.get("accountType") in self.settings.live_account_types.split(",")
        return Company(portal, f"HubSpot account {portal}", live)

    def describe(self) -> tuple[Schema, ...]:
        details = self.client.details()
        pipelines, _ = read_list(self.client, "pipeline")
        around = schema.surroundings(details, [decode_json(one.raw) for one in pipelines])
        definitions = {kind: found for kind in OBJECTS if (found := self._definitions(kind)) is not None}
        return schema.schemas(self.name, self.settings, definitions, around)

    def _definitions(self, kind: str) -> list[dict[str, Any]] | None:
        """The properties of a kind; None where the key may not read them and no mapping names the kind."""
        try:
            return self.client.definitions(kind)
        except AuthenticationFailed as error:
            if error.exchange.code != MISSING_SCOPES or kind in self.access.kinds:
                raise
            return None

    def scopes_for(self, kind: str, writes: bool) -> tuple[str, ...]:
        """The scopes any one of which is enough to read, or to write, a kind; none for lists that need none."""
        if kind not in PLURALS:
            return ()
        own = f"crm.objects.{PLURALS[kind]}.{'write' if writes else 'read'}"
        return ("e-commerce", own) if kind == "product" else (own,)

    def state(self, kind: str, raw: Raw) -> str:  # noqa: ARG002
        """A record in the recycle bin is archived, any other open: HubSpot's stages are fields, not states."""
        return "archived" if raw.get("archived") is True else "open"

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
        if kind in OBJECTS:
            return pull_objects(self.client, kind, windows)
        return pull_list(self.client, kind)

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        return find_records(self.client, kind, field, values)

    def parts(self, change: Change) -> tuple[Change, ...]:
        """Pure: the change cut into changes that one request each can carry (properties; associations)."""
        return writing.parts(change)

    def request_key(self, change: Change) -> str:
        """Pure: changes with the same key may be given to `prepare` together. Raises ValueError for a mixed one."""
        return writing.request_key(change)

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """Pure. Raises ValueError unless all changes are of one kind, action and sort: see `parts`."""
        property_name = self.settings.external_id_property
        return writing.prepare(self.name, self.client.at, property_name, changes, current, key, rows)

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        try:
            answer = self.client.http.send(request)
        except NoAnswer as error:
            return undecided(request, Outcome.UNKNOWN if error.sent else Outcome.LATER, str(error))
        receipts = read_answer(Reading(self.name, request, answer, self.access.redact))
        waits = [one.wait_seconds for one in receipts if one.wait_seconds]
        if waits:
            self.client.http.limiter.pause(min(waits[0], PAUSE_SECONDS_MAX))
        return receipts

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:  # noqa: ARG002
        return probe_request(self.client, request, changes)

    def setup(self) -> tuple[Request, ...]:
        """What `syncctl setup` shows and sends: a request per writable kind that lacks our unique property.

        Reads the live properties. `send` takes these requests like any other.
        """
        definitions = {kind: self.client.definitions(kind) for kind in WRITABLE}
        return setup_requests(self.name, self.settings, self.client.at, definitions)
