"""A Salesforce connector in front of a pretend Salesforce, for the tests of both. No network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from syncctl.connectors.base import Access
from syncctl.connectors.salesforce import Salesforce
from syncctl.fields.jsontext import decode_json
from syncctl.fields.schema import Schema
from syncctl.model import Action, Change, Edit, Page, Record, Ref, Request, Window, WriteReceipt
from syncctl.redact import Redactor
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.salesforce import SalesforceSandbox

FIELD = "syncctl_External_Id__c"
EXTERNAL_ID = {
    "name": FIELD,
    "label": "syncctl external ID",
    "length": 64,
    "externalId": True,
    "unique": True,
    "caseSensitive": True,
}
MADE = ("Account", "Contact", "Opportunity", "OpportunityLineItem", "Product2")
MY_DOMAIN = "https://northwind.my.salesforce.com"


@dataclass
class World:
    """One org, seen from both sides."""

    clock: FakeClock
    vendor: SalesforceSandbox
    sandbox: Sandbox
    salesforce: Salesforce
    redactor: Redactor = field(default_factory=Redactor)

    def pull(self, kind: str, windows: Sequence[Window] | None = None) -> list[Page]:
        return list(self.salesforce.pull(kind, windows))

    def read(self, kind: str, identity: str) -> dict[str, Any]:
        (found,) = self.salesforce.find(kind, "Id", [identity])
        return dict(decode_json(found.raw))

    def schema(self, kind: str) -> Schema:
        return next(one for one in self.salesforce.describe() if one.kind == kind)

    def seed(self, kind: str, **values: Any) -> str:
        """The id of a record made outside the API."""
        return str(self.vendor.seed(kind, {**_NEEDED.get(kind, {}), **values})["Id"])

    def request(self, *changes: Change, rows: Sequence[str] = (), current: Sequence[Record | None] = ()) -> Request:
        names = rows or [f"op-{number}" for number in range(1, len(changes) + 1)]
        return self.salesforce.prepare(changes, current or [None] * len(changes), "key", names)

    def write(self, *changes: Change, rows: Sequence[str] = ()) -> tuple[WriteReceipt, ...]:
        return self.salesforce.send(self.request(*changes, rows=rows))

    def fault(self, fault: str, **words: Any) -> None:
        self.sandbox.faults.append(Fault(fault, **words))

    def sent(self, path: str, method: str = "") -> list[dict[str, Any]]:
        """The log's requests whose path contains this."""
        return [one for one in self.sandbox.log if path in one["path"] and method in ("", one["method"])]


_NEEDED: Mapping[str, Mapping[str, Any]] = {
    "Account": {"Name": "Acme"},
    "Contact": {"LastName": "Lovelace"},
    "Opportunity": {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31"},
}


def make_world(
    clock: FakeClock,
    *,
    options: Mapping[str, str] | None = None,
    read_only: bool = False,
    external_id: bool = True,
    token: str = "",
    company: str = "",
    transport: Callable[[Sandbox], httpx.BaseTransport] = SandboxTransport,
    **vendor_words: Any,
) -> World:
    """An org with our External ID on every object that is made, unless told otherwise. `token`: another credential."""
    vendor = SalesforceSandbox(clock, **vendor_words)
    if external_id:
        for kind in MADE:
            vendor.seed(f"field:{kind}", EXTERNAL_ID)
    sandbox = Sandbox(vendor)
    redactor = Redactor()
    access = Access(
        "salesforce",
        lambda: token or vendor.token,
        clock,
        redactor,
        MY_DOMAIN,
        company,
        options={"currency": "USD", "requests_per_second": "1000", **(options or {})},
        transport=transport(sandbox),
        read_only=read_only,
    )
    return World(clock, vendor, sandbox, Salesforce(access), redactor)


def records(pages: Iterable[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def ids(pages: Iterable[Page]) -> list[str]:
    return [record.ref.id for record in records(pages)]


def change(action: Action, kind: str, identity: str, edits: Sequence[Edit] = (), *, intent: str = "intent") -> Change:
    return Change(intent, "opportunities", action, Ref("salesforce", kind, identity), None, "a record", tuple(edits))


def create(kind: str, values: Mapping[str, Any], *, number: int = 1) -> Change:
    given = {**_NEEDED.get(kind, {}), **values}
    return change(Action.CREATE, kind, f"new-{number}", [put(name, value) for name, value in given.items()])


def update(kind: str, identity: str, *edits: Edit) -> Change:
    return change(Action.UPDATE, kind, identity, edits)


def put(name: str, value: Any, *, codec: str = "text", before: Any = None) -> Edit:
    return Edit(name, before, value, codec=codec)
