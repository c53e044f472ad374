"""A HubSpot connector in front of a pretend HubSpot, for the tests of both. No network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from syncctl.connectors.base import Access
from syncctl.connectors.hubspot import HubSpot
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Change, Edit, Page, Record, Ref, Request, Window, WriteReceipt
from syncctl.redact import Redactor
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot import HubSpotSandbox
from syncctl.sandbox.hubspot.limits import Allowance

EXTERNAL_ID = {"name": "syncctl_external_id", "label": "syncctl external ID", "hasUniqueValue": True}
GENEROUS = Allowance(per_ten_seconds=100_000, per_day=10_000_000, searches_per_second=1_000)


@dataclass
class World:
    """One account, seen from both sides."""

    clock: FakeClock
    vendor: HubSpotSandbox
    sandbox: Sandbox
    hubspot: HubSpot
    redactor: Redactor = field(default_factory=Redactor)

    def pull(self, kind: str, windows: Sequence[Window] | None = None) -> list[Page]:
        return list(self.hubspot.pull(kind, windows))

    def raws(self, kind: str, windows: Sequence[Window] | None = None) -> dict[str, dict[str, Any]]:
        """What a pull brings, decoded, by id."""
        return {record.ref.id: decode_json(record.raw) for record in records(self.pull(kind, windows))}

    def read(self, kind: str, identity: str) -> dict[str, Any]:
        (found,) = self.hubspot.find(kind, "id", [identity])
        return dict(decode_json(found.raw))

    def request(self, *changes: Change, rows: Sequence[str] = (), current: Sequence[Record | None] = ()) -> Request:
        names = rows or [f"op-{number}" for number in range(1, len(changes) + 1)]
        return self.hubspot.prepare(changes, current or [None] * len(changes), "key", names)

    def write(self, *changes: Change, rows: Sequence[str] = ()) -> tuple[WriteReceipt, ...]:
        return self.hubspot.send(self.request(*changes, rows=rows))

    def fault(self, fault: str, **words: Any) -> None:
        self.sandbox.faults.append(Fault(fault, **words))

    def sent(self, path: str) -> list[dict[str, Any]]:
        """The log's requests whose path contains this."""
        return [entry for entry in self.sandbox.log if path in entry["path"]]


PACE: Final = {"requests_per_10_seconds": "10000", "searches_per_second": "1000"}


def make_world(
    clock: FakeClock,
    *,
    options: Mapping[str, str] | None = None,
    read_only: bool = False,
    external_id: bool = True,
    token: str = "",
    transport: Callable[[Sandbox], httpx.BaseTransport] = SandboxTransport,
    **vendor_words: Any,
) -> World:
    """An account with our unique property on every writable kind, unless told otherwise. `token`: a wrong one."""
    vendor_words.setdefault("allowance", GENEROUS)
    vendor = HubSpotSandbox(clock, **vendor_words)
    if external_id:
        for kind in ("contact", "company", "deal"):
            vendor.define_property(kind, EXTERNAL_ID)
    sandbox = Sandbox(vendor)
    redactor = Redactor()
    access = Access(
        "hubspot",
        lambda: token or vendor.token,
        clock,
        redactor,
        options={**PACE, "association_batch": "100", **(options or {})},
        transport=transport(sandbox),
        read_only=read_only,
    )
    return World(clock, vendor, sandbox, HubSpot(access), redactor)


def records(pages: Iterable[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def change(action: Action, kind: str, identity: str, edits: Sequence[Edit] = (), *, intent: str = "intent") -> Change:
    return Change(intent, "deals", action, Ref("hubspot", kind, identity), None, "a record", tuple(edits))


def create(kind: str, values: Mapping[str, Any], *, number: int = 1) -> Change:
    return change(Action.CREATE, kind, f"new-{number}", [put(name, value) for name, value in values.items()])


def update(kind: str, identity: str, *edits: Edit) -> Change:
    return change(Action.UPDATE, kind, identity, edits)


def put(name: str, value: Any, *, codec: str = "text", before: Any = None) -> Edit:
    return Edit(f"properties.{name}", before, value, codec=codec)
