"""The pretend ERP with a connector made from systems/erp.yaml, in the same process. No network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conftest import ROOT
from syncctl.connectors.base import Access
from syncctl.connectors.rest import Rest, rest_connector
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Change, Edit, Page, Record, Ref, Request, WriteReceipt
from syncctl.redact import Redactor
from syncctl.sandbox.base import Fault, Sandbox, SandboxAnswer, SandboxRequest, SandboxTransport, Vendor
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.erp import ErpSandbox

NAME = "erp"
BASE = "http://127.0.0.1:8105/api"
SHIPPED = (ROOT / "systems" / "erp.yaml").read_text()


class Recording(Sandbox):
    """A sandbox that keeps the requests themselves."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(vendor)
        self.seen: list[SandboxRequest] = []

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        self.seen.append(request)
        return super().handle(request)


def edited(text: str, *changes: tuple[str, str]) -> str:
    """A file with some of its text replaced, each of which must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def connector(
    clock: FakeClock,
    sandbox: Sandbox | None,
    text: str = SHIPPED,
    *,
    token: str = "erp-sandbox-key-0001",
    base_url: str = BASE,
    redact: Redactor | None = None,
    **words: Any,
) -> Rest:
    """A connector for a sandbox, from the text of a file."""
    access = Access(
        NAME, lambda: token, clock, redact or Redactor(), base_url=base_url,
        transport=SandboxTransport(sandbox) if sandbox is not None else None, **words,
    )  # fmt: skip
    return rest_connector("systems/erp.yaml", text.encode(), access)


@dataclass
class Erp:
    """Both ends of the wire."""

    clock: FakeClock
    text: str = SHIPPED
    words: Mapping[str, Any] = field(default_factory=dict)
    access: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vendor = ErpSandbox(self.clock, **self.words)
        self.sandbox = Recording(self.vendor)
        self.rest = connector(self.clock, self.sandbox, self.text, **self.access)

    def fault(self, fault: str, **words: Any) -> None:
        self.sandbox.faults.append(Fault(fault, **words))

    def customer(self, name: str = "Muster GmbH", **more: Any) -> dict[str, Any]:
        return self.vendor.seed("customer", {"name": name, **more})

    def held(self, kind: str = "customer") -> dict[str, dict[str, Any]]:
        self.sandbox.catch_up()
        return dict(self.vendor.store.records[kind])

    def record(self, identity: str, kind: str = "customer") -> Record:
        (found,) = self.rest.find(kind, self.rest.system.kinds[kind].id, [identity])
        return found

    def prepared(self, change: Change, current: Record | None = None, key: str = "key-1") -> Request:
        return self.rest.prepare([change], [current], key, ["row-1"])

    def sent(self, change: Change, current: Record | None = None, key: str = "key-1") -> WriteReceipt:
        (receipt,) = self.rest.send(self.prepared(change, current, key))
        return receipt

    def update(self, identity: str, **values: Any) -> WriteReceipt:
        """An update made from what the ERP holds now."""
        return self.sent(update(identity, **values), self.record(identity))


def create(kind: str = "customer", intent: str = "intent 1", **values: Any) -> Change:
    """A create: one edit per top-level value."""
    edits = tuple(Edit(path, None, after) for path, after in values.items())
    source = Ref("stripe", "customer", "cus_1")
    return Change(intent, "m", Action.CREATE, Ref(NAME, kind, "new-1"), source, "a name", edits)


def update(identity: str, kind: str = "customer", **values: Any) -> Change:
    """An update: one edit per top-level value."""
    edits = tuple(Edit(path, None, after) for path, after in values.items())
    return Change(f"intent {identity}", "m", Action.UPDATE, Ref(NAME, kind, identity), None, identity, edits)


def ids(pages: Iterable[Page]) -> list[str]:
    """The ids of all records, in the order they came."""
    return [record.ref.id for page in pages for record in page.records]


def raw(record: Record | None) -> dict[str, Any]:
    assert record is not None
    found: dict[str, Any] = decode_json(record.raw)
    return found
