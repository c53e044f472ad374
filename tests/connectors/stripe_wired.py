"""A Stripe connector wired to a sandbox in the same process, and every request that went between them. No network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from syncctl.connectors.base import Access
from syncctl.connectors.stripe import Stripe
from syncctl.fields.jsontext import decode_json
from syncctl.model import Page, Record, Window
from syncctl.redact import Redactor
from syncctl.sandbox.base import Fault, Sandbox, SandboxAnswer, SandboxRequest, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.stripe import StripeSandbox


class Recording(Sandbox):
    """A sandbox that keeps the requests themselves."""

    def __init__(self, vendor: StripeSandbox) -> None:
        super().__init__(vendor)
        self.seen: list[SandboxRequest] = []

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        self.seen.append(request)
        return super().handle(request)

    def paths(self) -> list[str]:
        return [request.path for request in self.seen]


@dataclass
class Wired:
    """Both ends of the wire."""

    clock: FakeClock
    vendor: StripeSandbox
    sandbox: Recording
    stripe: Stripe
    redact: Redactor = field(default_factory=Redactor)

    def pull(self, kind: str, windows: Iterable[Window] | None = None) -> list[Page]:
        return list(self.stripe.pull(kind, None if windows is None else tuple(windows)))

    def fault(self, fault: str, **words: Any) -> None:
        self.sandbox.faults.append(Fault(fault, **words))


def wired(
    clock: FakeClock,
    *,
    token: str = "",
    options: Mapping[str, str] | None = None,
    read_only: bool = False,
    **vendor: Any,
) -> Wired:
    """A fresh sandbox and a connector with the sandbox's own key, unless another is given."""
    pretend = StripeSandbox(clock, **vendor)
    sandbox, redact = Recording(pretend), Redactor()
    access = Access(
        name="stripe",
        token=lambda: token or pretend.token,
        clock=clock,
        redact=redact,
        options=options or {},
        transport=SandboxTransport(sandbox),
        read_only=read_only,
    )
    return Wired(clock, pretend, sandbox, Stripe(access), redact)


def ids(pages: Iterable[Page]) -> list[str]:
    """The ids of all records, in the order they came."""
    return [record.ref.id for page in pages for record in page.records]


def raws(pages: Iterable[Page]) -> dict[str, dict[str, Any]]:
    """The decoded records by id; the last of several versions."""
    return {record.ref.id: decode_json(record.raw) for page in pages for record in page.records}


def cursor(pages: list[Page]) -> tuple[Window, ...]:
    """The cursor after the last page."""
    return pages[-1].windows


def decoded(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = decode_json(record.raw)
    return found


def post(wire: Wired, path: str, **values: str) -> dict[str, Any]:
    """Somebody else's write, straight to the vendor; fails the test when it is refused."""
    return _ask(wire, "POST", path, urlencode(values).encode())


def delete(wire: Wired, path: str) -> dict[str, Any]:
    """Somebody else's delete."""
    return _ask(wire, "DELETE", path, b"")


def _ask(wire: Wired, method: str, path: str, body: bytes) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {wire.vendor.token}"}
    answer = wire.vendor.handle(SandboxRequest(method, path, (), headers, body))
    assert answer.status == 200, answer.body
    found: dict[str, Any] = decode_json(answer.body)
    return found


def customers(wire: Wired, count: int, *, apart_seconds: int = 60) -> list[str]:
    """Ids of customers made one after the other, the oldest first."""
    start = int(wire.clock.now().timestamp()) - count * apart_seconds
    return [
        wire.vendor.seed("customer", {"name": f"Customer {number}", "created": start + number * apart_seconds})["id"]
        for number in range(count)
    ]
