"""A Plaid connector wired to the pretend Plaid in the same process. No network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from syncctl.connectors.base import Access
from syncctl.connectors.plaid import Plaid
from syncctl.fields.jsontext import decode_json
from syncctl.model import Page, Record, Window
from syncctl.redact import Redactor
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.plaid import PlaidSandbox


class Wired:
    """Both ends of the wire."""

    def __init__(
        self, clock: FakeClock, *, options: Mapping[str, str] | None = None, credential: str = "", **vendor: Any
    ) -> None:
        self.clock = clock
        self.vendor = PlaidSandbox(clock, **{"limits": False, **vendor})
        self.sandbox = Sandbox(self.vendor)
        self.redact = Redactor()
        self.plaid = Plaid(
            Access(
                "bank",
                lambda: credential or self.vendor.credential,
                clock,
                self.redact,
                options=options or {},
                transport=SandboxTransport(self.sandbox),
            )
        )

    def pull(self, windows: Iterable[Window] | None = None, kind: str = "transaction") -> list[Page]:
        return list(self.plaid.pull(kind, None if windows is None else tuple(windows)))

    def buy(self, **more: Any) -> str:
        """A transaction; its id."""
        return str(self.vendor.seed("transaction", more)["transaction_id"])

    def fault(self, fault: str, **words: Any) -> None:
        self.sandbox.faults.append(Fault(fault, **words))

    def syncs(self) -> int:
        return sum(entry["path"] == "/transactions/sync" for entry in self.sandbox.log)


def ids(pages: Iterable[Page]) -> list[str]:
    """The ids of all records, in the order they came."""
    return [record.ref.id for page in pages for record in page.records]


def raws(pages: Iterable[Page]) -> dict[str, dict[str, Any]]:
    """The decoded records by id; the last of several."""
    return {record.ref.id: decoded(record) for page in pages for record in page.records}


def decoded(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = decode_json(record.raw)
    return found


def deleted(pages: Iterable[Page]) -> set[str]:
    return {ref.id for page in pages for ref in page.deleted}
