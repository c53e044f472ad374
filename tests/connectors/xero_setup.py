"""A connector before a pretend organisation, and changes as a plan would make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from syncctl.connectors.base import Access
from syncctl.connectors.xero import Xero
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Change, Edit, Page, Record, Ref, Request, Window, WriteReceipt
from syncctl.redact import Redactor
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.xero import XeroSandbox
from syncctl.sandbox.xero.shapes import IDENTITY

NAME = "xero"
TENANT = "a46fcb6f-2773-40c4-a119-8aa08bca1e8e"


@dataclass(frozen=True)
class Exchange:
    """One request with its answer."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    answer: bytes


class Recorder(httpx.BaseTransport):
    """Keeps every exchange."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        seen = Exchange(
            request.method, request.url.path, dict(request.url.params), headers, request.read(), response.read()
        )
        self.exchanges.append(seen)
        return response


@dataclass
class Organisation:
    """The pretend organisation, the connector before it and what went between them."""

    vendor: XeroSandbox
    sandbox: Sandbox
    connector: Xero
    clock: FakeClock
    wire: Recorder

    def seed(self, kind: str, **body: Any) -> Ref:
        """A record made by somebody else."""
        return Ref(NAME, kind, self.vendor.seed(kind, body)[IDENTITY[kind]])

    def held(self, ref: Ref) -> dict[str, Any]:
        """What the vendor holds now."""
        found: dict[str, Any] = self.vendor.state()[ref.kind][ref.id]
        return found

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Everything of a kind that the vendor holds."""
        return list(self.vendor.state().get(kind, {}).values())

    def read(self, ref: Ref) -> Record:
        """A fresh read of one record."""
        (record,) = self.connector.find(ref.kind, IDENTITY[ref.kind], [ref.id])
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

    def sent(self) -> dict[str, Any]:
        """The body of the last write."""
        found: dict[str, Any] = decode_json([each.body for each in self.wire.exchanges if each.body][-1])
        return found


def organisation(
    clock: FakeClock,
    options: Mapping[str, str] | None = None,
    *,
    read_only: bool = False,
    presented: str = "",
    company: str = TENANT,
    **words: Any,
) -> Organisation:
    """A pretend organisation with a connector before it; `words` go to the sandbox. `presented` is another credential
    than the organisation's, which nobody told the redactor of.
    """
    vendor = XeroSandbox(clock, **words)
    sandbox = Sandbox(vendor)
    wire = Recorder(SandboxTransport(sandbox))
    access = Access(
        NAME,
        lambda: presented or vendor.token,
        clock,
        Redactor([vendor.token]),
        company=company,
        options=options or {},
        transport=wire,
        read_only=read_only,
    )
    return Organisation(vendor, sandbox, Xero(access), clock, wire)


def change(action: Action, target: Ref, *edits: Edit) -> Change:
    """One change as a plan holds it."""
    return Change(f"intent {target}", "m", action, target, None, str(target), edits)


def create(kind: str, **body: Any) -> Change:
    """A create: one edit per top-level value; `__` stands for a dot."""
    edits = tuple(Edit(path.replace("__", "."), None, after) for path, after in body.items())
    return change(Action.CREATE, Ref(NAME, kind, "new-1"), *edits)


def update(target: Ref, **values: Any) -> Change:
    """An update: one edit per path; `__` stands for a dot."""
    edits = tuple(Edit(path.replace("__", "."), None, after) for path, after in values.items())
    return change(Action.UPDATE, target, *edits)


def line(amount: object, **more: Any) -> dict[str, Any]:
    """A line that sells something for so much, with 15 % tax unless it says otherwise."""
    return {"Description": "seats", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200", **more}


def raw(record: Record | None) -> dict[str, Any]:
    """A record's decoded JSON."""
    assert record is not None
    found: dict[str, Any] = decode_json(record.raw)
    return found


def ids(pages: Iterable[Page]) -> set[str]:
    """The ids of all records in some pages."""
    return {record.ref.id for page in pages for record in page.records}


def only(receipts: tuple[WriteReceipt, ...]) -> WriteReceipt:
    """The one receipt."""
    (receipt,) = receipts
    return receipt
