"""What a connector is: a card, a handful of methods, and nothing that decides. No I/O here.

A connector knows how its vendor spells things. It never retries a write, never chooses what to write and never keeps
state between calls beyond its HTTP client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from syncctl.auth.store import TokenStore, own_tokens
from syncctl.clock import Clock
from syncctl.connectors.reservations import Reservations, own_reservations
from syncctl.fields.schema import Schema
from syncctl.model import Action, Change, Page, Raw, Record, Request, Window, WriteReceipt
from syncctl.redact import Redactor

if TYPE_CHECKING:
    import httpx


READ_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """The vendor's rate limit as the client keeps it. `concurrent` is requests at once."""

    per_second: float
    per_minute: float | None = None
    concurrent: int = 4


@dataclass(frozen=True, slots=True)
class Card:
    """What this vendor can do. Numbers carry their source beside the constant they come from.

    `retention_seconds`: how long the vendor remembers an idempotency key, so that the same bytes may be sent again
    (0: never). `versions`: updates carry a version that the vendor checks. `batch`: rows in one write request, per
    action (absent: 1). `key_length`: longest idempotency key. `replays_server_errors`: a saved 5xx is replayed under
    the same key, so an unknown outcome must be probed. `absence_seconds`: how long after the last moment a request
    could still be applied a probe that finds nothing proves absence; None where it never does.
    """

    connector: str
    kinds: tuple[str, ...]
    limits: Limits
    retention_seconds: float = 0
    versions: bool = False
    batch: Mapping[Action, int] = field(default_factory=dict)
    key_length: int = 64
    replays_server_errors: bool = False
    absence_seconds: float | None = 120
    send_seconds: float = 60


@dataclass(frozen=True, slots=True)
class Company:
    """Which company the credential opens: pinned per ledger. `live` is False for a vendor's sandbox or test mode."""

    id: str
    name: str
    live: bool


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests a vendor still allows, and for how long: `today`, `in these 10 seconds`."""

    left: int
    span: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A vendor's whole answer to a write: how many bytes it had, their SHA-256, and the text redacted (the beginning of
    a long one)."""

    status: int
    bytes: int
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class DateTold:
    """The Date header of an answer, and what this machine's clock said when it came."""

    date: str
    at: datetime


@dataclass
class Meter:
    """The allowance that a vendor's last answer told, and the answer to the last write; None while there is none."""

    last: Allowance | None = None
    answered: Answered | None = None
    told: DateTold | None = None


def never(_rejected: str) -> bool:
    """A secret that somebody else keeps fresh cannot be renewed here."""
    return False


@dataclass(frozen=True)
class Access:
    """What a connector is made with. `token` reads the credential when it is needed; `options` are the system's own
    settings of syncctl.yaml. An empty `base_url` is the vendor's own; `live` is what syncctl.yaml says of the company;
    `meter` is where its HTTP client writes down what answers tell. `renew` is told a token that the
    vendor rejected and answers whether there is another one now; `facts` are what the vendor said at the sign-in.
    `reservations` gives the moments of a limit by its name (empty: the system's main one), which every process on the
    ledger shares; `tokens` is where they keep the token that the connector gets for itself as a client. `kinds` are
    those that mappings name, for vendors where every company has kinds of its own. A read is tried `read_attempts`
    times.
    """

    name: str
    token: Callable[[], str]
    clock: Clock
    redact: Redactor
    base_url: str = ""
    company: str = ""
    live: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    transport: httpx.BaseTransport | None = None
    read_only: bool = False
    meter: Meter = field(default_factory=Meter)
    renew: Callable[[str], bool] = never
    facts: Callable[[], Mapping[str, str]] = dict
    kinds: tuple[str, ...] = ()
    reservations: Callable[[str], Reservations] = own_reservations
    tokens: Callable[[str], TokenStore] = own_tokens
    read_attempts: int = READ_ATTEMPTS


def alike(change: Change) -> str:
    """The request key of vendors whose batches take any changes of one kind and action."""
    return f"{change.action} {change.target.kind}"


class Connector(Protocol):
    """One configured system."""

    name: str
    card: Card

    def close(self) -> None:
        """Gives the connections back; the connector may still be used, and opens them again."""
        ...

    def company(self) -> Company:
        """Asks the vendor which company this credential opens. Raises VendorError."""
        ...

    def describe(self) -> tuple[Schema, ...]:
        """The live schema of every kind: custom fields, picklists, limits. Raises VendorError."""
        ...

    def state(self, kind: str, raw: Raw) -> str:
        """Pure: draft, open, part_paid, paid, void, archived or deleted."""
        ...

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
        """All records (`windows` None) or what changed since; inactive and archived ones included.

        A windows value whose pull was cut short goes on where it stopped. Raises VendorError.
        """
        ...

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        """Reads by the id field or another field the vendor can look up, in as few calls as the vendor allows.

        What does not exist (any more) is absent from the answer. Raises VendorError.
        """
        ...

    def parts(self, change: Change) -> tuple[Change, ...]:
        """Pure: the change cut into changes that one request each can carry; most vendors need no cutting.

        The first part keeps the intent; the others have it among their parents.
        """
        ...

    def request_key(self, change: Change) -> str:
        """Pure: changes with the same key may be given to `prepare` together."""
        ...

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """Pure: the exact bytes for these changes of one kind and action, without authentication.

        `current` are the fresh records of updates (None for creates); `rows` the operation ids, one per change.
        """
        ...

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        """Sends one request once: no retry, no decision. One receipt per row; never raises for what a vendor says."""
        ...

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        """Did it happen? Lists by creation time and compares markers here; never asks a search index.

        Answers APPLIED with the record for rows that were found, UNKNOWN for rows that were not. Raises VendorError.
        """
        ...
