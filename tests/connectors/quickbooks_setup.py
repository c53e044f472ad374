"""A connector before a pretend company, and changes as a plan would make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from syncctl.connectors.base import Access
from syncctl.connectors.quickbooks import QuickBooks
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Change, Edit, Page, Record, Ref, Request, Window, WriteReceipt
from syncctl.redact import Redactor
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.quickbooks import QuickBooksSandbox

NAME = "quickbooks"


class Recorder(httpx.BaseTransport):
    """Keeps every exchange: (path, query, request body, answer body)."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.exchanges: list[tuple[str, dict[str, str], bytes, bytes]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        query = dict(request.url.params)
        self.exchanges.append((request.url.path, query, request.read(), response.read()))
        return response


@dataclass
class Company:
    """The pretend company, the connector before it and what went between them."""

    vendor: QuickBooksSandbox
    sandbox: Sandbox
    connector: QuickBooks
    clock: FakeClock
    wire: Recorder

    def seed(self, kind: str, **body: Any) -> Ref:
        """A record made by somebody else."""
        return Ref(NAME, kind, self.vendor.seed(kind, body)["Id"])

    def held(self, ref: Ref) -> dict[str, Any]:
        """What the vendor holds now."""
        found: dict[str, Any] = self.vendor.state()[ref.kind][ref.id]
        return found

    def read(self, ref: Ref) -> Record:
        """A fresh read of one record."""
        (record,) = self.connector.find(ref.kind, "Id", [ref.id])
        return record

    def fault(self, name: str, **words: Any) -> None:
        """What goes wrong next."""
        self.sandbox.faults.append(Fault(name, **words))

    def prepare(self, *changes: Change, key: str = "k1") -> Request:
        """The request for these changes, each update on a fresh read."""
        fresh = [None if change.action is Action.CREATE else self.read(change.target) for change in changes]
        return self.connector.prepare(changes, fresh, key, [f"row{place}" for place in range(len(changes))])

    def write(self, *changes: Change, key: str = "") -> tuple[WriteReceipt, ...]:
        """Prepares and sends; each call under a key of its own."""
        return self.connector.send(self.prepare(*changes, key=key or f"key-{len(self.wire.exchanges)}"))

    def pull(self, kind: str, windows: Iterable[Window] | None = None) -> list[Page]:
        """Every page."""
        return list(self.connector.pull(kind, None if windows is None else tuple(windows)))

    def queries(self) -> list[str]:
        """Every query asked so far."""
        asked = [query["query"] for _, query, _, _ in self.wire.exchanges if "query" in query]
        posted = [body.decode() for path, _, body, _ in self.wire.exchanges if path.endswith("/query") and body]
        return asked + posted


def company(
    clock: FakeClock,
    options: Mapping[str, str] | None = None,
    *,
    read_only: bool = False,
    live: bool = False,
    presented: str = "",
    **words: Any,
) -> Company:
    """A pretend company with a connector before it; `words` go to the sandbox. `presented` is another credential than
    the company's, which nobody told the redactor of.
    """
    vendor = QuickBooksSandbox(clock, **words)
    sandbox = Sandbox(vendor)
    wire = Recorder(SandboxTransport(sandbox))
    access = Access(
        NAME,
        lambda: presented or vendor.token,
        clock,
        Redactor([vendor.token]),
        company=vendor.realm,
        live=live,
        options=options or {},
        transport=wire,
        read_only=read_only,
    )
    return Company(vendor, sandbox, QuickBooks(access), clock, wire)


def change(action: Action, target: Ref, *edits: Edit) -> Change:
    """One change as a plan holds it."""
    return Change(f"intent {target}", "m", action, target, None, str(target), edits)


def create(kind: str, body: Mapping[str, Any]) -> Change:
    """A create: one edit per top-level value."""
    edits = tuple(Edit(path, None, after) for path, after in body.items())
    return change(Action.CREATE, Ref(NAME, kind, "new-1"), *edits)


def update(target: Ref, **values: Any) -> Change:
    """An update: one edit per path; `__` stands for a dot."""
    edits = tuple(Edit(path.replace("__", "."), None, after) for path, after in values.items())
    return change(Action.UPDATE, target, *edits)


def sold(amount: object, item: str = "1", **more: Any) -> dict[str, Any]:
    """A line that sells an item."""
    return {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item}},
        **more,
    }


def raw(record: Record | None) -> dict[str, Any]:
    """A record's decoded JSON."""
    assert record is not None
    found: dict[str, Any] = decode_json(record.raw)
    return found


def ids(pages: Iterable[Page]) -> set[str]:
    """The ids of all records in some pages."""
    return {record.ref.id for page in pages for record in page.records}
