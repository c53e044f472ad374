"""The Salesforce connector. I/O: network, through its client only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from syncctl.connectors.base import Access, Card, Company, alike
from syncctl.connectors.http import NoAnswer
from syncctl.connectors.salesforce import soql
from syncctl.connectors.salesforce.client import TIMEOUT_SECONDS, invisible, limits, make_client
from syncctl.connectors.salesforce.complaints import MEANINGS, Explain
from syncctl.connectors.salesforce.finding import find_records
from syncctl.connectors.salesforce.probing import probe_request
from syncctl.connectors.salesforce.pulling import pull_object
from syncctl.connectors.salesforce.receipts import Reading, expired, read_answer, undecided
from syncctl.connectors.salesforce.schema import Org, object_schema
from syncctl.connectors.salesforce.settings import Settings, read_settings
from syncctl.connectors.salesforce.setup import setup_requests
from syncctl.connectors.salesforce.sign_in import CARD
from syncctl.connectors.salesforce.writing import Writer
from syncctl.errors import (
    AnswerUnreadable,
    AuthenticationFailed,
    ConfigError,
    CredentialError,
    Exchange,
    RequestRefused,
    SyncctlError,
)
from syncctl.fields.jsontext import decode_json
from syncctl.fields.salesforce_ids import id18, known_id
from syncctl.fields.schema import Schema
from syncctl.model import Action, Change, Outcome, Page, Raw, Record, Request, Window, WriteReceipt

RETENTION_SECONDS: Final = 86_400.0
"""An External ID is remembered for ever; but a write that is older than its plan may be is not sent again."""
SIGN_IN_SECONDS: Final = 30.0
"""How long a write waits when the sign-in server does not answer."""
PAUSE_SECONDS_MAX: Final = 90.0
"""A longer wait than this is left to the caller."""


class Salesforce:
    """One Salesforce org.

    Its objects cannot be told from a list: `card.kinds` are the standard ones, those of the option `objects` and those
    that mappings are about.
    """

    sign_in: ClassVar = CARD

    def __init__(self, access: Access) -> None:
        self.name = access.name
        self.access = access
        self.settings = read_settings(access.name, access.options, access.kinds)
        _check_company(access)
        self.client = make_client(access, self.settings)
        self.card = _card(self.settings)
        self._writer = Writer(access.name, self.client.at, self.settings.external_id_field)

    def close(self) -> None:
        """Gives the connections back."""
        self.client.close()

    def company(self) -> Company:
        query = soql.select("Organization", ("Id", "Name", "IsSandbox", "OrganizationType"))
        rows = [decode_json(bytes(row)) for page in self.client.query(query) for row in page.rows]
        if len(rows) != 1:
            raise AnswerUnreadable(
                f"{self.name} has {len(rows)} organizations", Exchange(self.name, "query Organization")
            )
        test = {name.strip() for name in self.settings.test_editions.split(",")}
        live = not rows[0].get("IsSandbox") and rows[0].get("OrganizationType") not in test
        return Company(id18(str(rows[0]["Id"])), str(rows[0].get("Name") or ""), live)

    def describe(self) -> tuple[Schema, ...]:
        self.client.forget()
        visible = self.client.objects()
        prefixes = {name: str(one.get("keyPrefix") or "") for name, one in visible.items()}
        kinds = self._visible(visible)
        org = Org(self._currency(visible), prefixes, kinds)
        return tuple(object_schema(self.name, self.settings, self.client.describe(kind), org) for kind in kinds)

    def _visible(self, visible: Mapping[str, Any]) -> tuple[str, ...]:
        """The objects to look at. A standard one may be hidden from the user; one that syncctl.yaml names may not."""
        missing = [name for name in self.settings.named if name not in visible]
        if missing:
            raise ConfigError(
                f"{self.name} has no object {missing[0]} that this user sees",
                fix="check the API name in the option objects, or let an admin grant read access to the object",
            )
        return tuple(name for name in self.settings.kinds if name in visible)

    def _currency(self, visible: Mapping[str, Any]) -> str:
        """The org's own currency. Only an org with several of them has the object CurrencyType, and names it there."""
        if self.settings.currency or "CurrencyType" not in visible:
            return self.settings.currency
        query = soql.select("CurrencyType", ("IsoCode",), ("IsCorporate = true",))
        found = [decode_json(bytes(row)).get("IsoCode") for page in self.client.query(query) for row in page.rows]
        return str(found[0]) if found else ""

    def scopes_for(self, kind: str, writes: bool) -> tuple[str, ...]:  # noqa: ARG002
        """`api` lets an app call at all; what it may read and write is its user's permissions."""
        return ("api", "full")

    def state(self, kind: str, raw: Raw) -> str:  # noqa: ARG002
        """deleted, archived (switched off: a product, a price, a user) or open: stages are fields, not states."""
        if raw.get("IsDeleted") is True:
            return "deleted"
        return "archived" if raw.get("IsActive") is False else "open"

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
        try:
            yield from pull_object(self.client, kind, windows)
        except RequestRefused as error:
            if error.exchange.code == "NOT_FOUND" and error.exchange.request.endswith("/describe"):
                raise invisible(self.name, kind, "", MEANINGS["INVALID_TYPE"].fix) from error
            raise

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        return find_records(self.client, kind, field, values)

    def parts(self, change: Change) -> tuple[Change, ...]:
        """Pure: every change is one request here."""
        return (change,)

    def request_key(self, change: Change) -> str:
        """Pure: changes with the same key may share a request."""
        return alike(change)

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """Pure. Raises ValueError for what one request cannot write."""
        return self._writer.prepare(changes, current, key, rows)

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        if self.client.usage.spent:
            found = self.client.usage.complaint()
            return undecided(request, Outcome.LATER, found.message, code=found.code, fix=found.fix)
        try:
            # Signing in happens before the write's own request: when it fails, nothing was sent.
            http = self.client.http
        except SyncctlError as error:
            refused = isinstance(error, AuthenticationFailed | CredentialError)
            wait = {} if refused else {"wait_seconds": SIGN_IN_SECONDS}
            return undecided(request, Outcome.STOP if refused else Outcome.LATER, error.message, fix=error.fix, **wait)
        try:
            answer = http.send(request)
        except NoAnswer as error:
            return undecided(request, Outcome.UNKNOWN if error.sent else Outcome.LATER, str(error))
        receipts = read_answer(Reading(self.name, request, answer, self._explain, self.access.redact))
        return self._renewed(request, receipts, answer.token)

    @property
    def _explain(self) -> Explain:
        return Explain(self.settings.lock_wait_seconds)

    def _renewed(self, request: Request, receipts: tuple[WriteReceipt, ...], token: str) -> tuple[WriteReceipt, ...]:
        """A token that expired was refused before anything was done: the next attempt has a new one.

        One that never worked is wrong in itself (another org, a locked address), and so would the next one be.
        """
        if not expired(receipts):
            self.client.proved = token
        elif token == self.client.proved and self.access.renew(token):
            return undecided(request, Outcome.LATER, "the session had expired", code=receipts[0].code, wait_seconds=0.0)
        waits = [one.wait_seconds for one in receipts if one.wait_seconds and len(receipts) == 1]
        if waits:
            self.client.http.limiter.pause(min(waits[0], PAUSE_SECONDS_MAX))
        return receipts

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:  # noqa: ARG002
        return probe_request(self.client, request, changes)

    def setup(self) -> tuple[Request, ...]:
        """What `syncctl setup` shows and sends: our External ID field where it is missing, and who may see it."""
        self.client.forget()
        kinds = self._visible(self.client.objects())
        descriptions = [self.client.describe(kind) for kind in kinds]
        hidden = self._hidden()
        return setup_requests(self.name, self.settings, self.client.at, descriptions, hidden)

    def _hidden(self) -> tuple[str, ...]:
        """The objects that have our field, seen or not."""
        name = self.settings.external_id_field.removesuffix("__c")
        query = soql.select("CustomField", ("TableEnumOrId",), (f"DeveloperName = {soql.quoted(name)}",))
        found = self.client.read_object(self.client.at.tooling_query, "records", (("q", query),))
        return tuple(str(one.get("TableEnumOrId")) for one in found["records"] if isinstance(one, dict))


def _card(settings: Settings) -> Card:
    return Card(
        "salesforce",
        settings.kinds,
        limits(settings),
        retention_seconds=RETENTION_SECONDS,
        versions=settings.update_batch == 1,
        batch={
            Action.CREATE: settings.create_batch,
            Action.UPDATE: settings.update_batch,
            Action.ARCHIVE: settings.update_batch,
            Action.REACTIVATE: settings.update_batch,
        },
        send_seconds=TIMEOUT_SECONDS,
    )


def _check_company(access: Access) -> None:
    """The page Company Information shows 15 letters of the org's id; the API and the ledger use 18."""
    whole = known_id(access.company)
    if access.company and whole != access.company:
        raise ConfigError(
            f"{access.name}: company {access.company!r} is no org id of 18 letters",
            fix=f"write company: {whole}" if whole else "Setup, Company Information, Organization ID",
        )
