"""The nouns: frozen values that every other module passes around. No I/O."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias

Raw: TypeAlias = dict[str, Any]
"""A vendor's JSON object, numbers decoded as int or Decimal."""

SideName: TypeAlias = Literal["left", "right"]
NEW = "new-"
"""Ids of provisional records (planned, not yet written) start with this."""


def digest(*parts: str | bytes) -> str:
    """Hex SHA-256 over the parts, each preceded by its length, so that no two lists of parts collide."""
    state = hashlib.sha256()
    for part in parts:
        block = part.encode() if isinstance(part, str) else part
        state.update(len(block).to_bytes(8, "big"))
        state.update(block)
    return state.hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """Which record: `system` is the configured name, so two Stripe accounts are two systems."""

    system: str
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.system}:{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Reads `system:kind:id`; raises ValueError when a part is missing."""
        system, kind, identity = text.split(":", 2)
        if not (system and kind and identity):
            raise ValueError(f"not a record reference: {text!r}")
        return cls(system, kind, identity)

    @property
    def provisional(self) -> bool:
        """True for a record that a plan creates and no vendor has yet."""
        return self.id.startswith(NEW)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units. Equality needs the same currency; scale does not matter."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        one_decimal = self.amount.as_tuple().exponent == -1  # a vendor's 9800.0; no currency is written so
        return f"{self.amount:,f}{'0' if one_decimal else ''} {self.currency}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only the vendor's answer to another change will tell: `(known after apply)`.

    An empty path is the record's id itself.
    """

    ref: Ref
    path: str

    def __str__(self) -> str:
        return "(known after apply)"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the vendor sent it. `raw` is the vendor's JSON, byte for byte where the answer allows it.

    `version` is what the vendor wants back on an update (SyncToken) or "" where it has none; `updated_at` is the
    vendor's own stamp as ISO-8601 UTC text, or "" where the vendor has none. `lasting` is what of `raw` tells one state
    from another, where a vendor makes part of it anew on every read (signed links); empty: all of it.
    """

    ref: Ref
    raw: bytes
    version: str = ""
    updated_at: str = ""
    lasting: bytes = b""


@dataclass(frozen=True, slots=True)
class Poison:
    """A row that could not be read: set aside with its reason, never dropped."""

    system: str
    kind: str
    id: str
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of a stream's cursor. `position` is the connector's own; times are ISO-8601 UTC."""

    name: str
    position: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer brought: rows and the cursor that follows them are stored in one transaction.

    `deleted` are records the vendor says are gone; `dirty` are records of any kind to be read again;
    `merged` are (record that was merged away, record it lives on in); the first is also in `deleted`.
    `windows` is the whole cursor after this page. The last page of a complete full pull has `complete=True`:
    rows not seen in that pull are then read again by id before they count as gone. A page with `anew` brings nothing:
    it says why everything is read again although there was a cursor, and comes before the pages that do so.
    """

    records: tuple[Record, ...] = ()
    deleted: tuple[Ref, ...] = ()
    poison: tuple[Poison, ...] = ()
    dirty: tuple[Ref, ...] = ()
    windows: tuple[Window, ...] = ()
    complete: bool = False
    merged: tuple[tuple[Ref, Ref], ...] = ()
    anew: str = ""


class FindingKind(StrEnum):
    """What can be wrong with a pair or a record."""

    DIFFERENCE = "difference"
    MISSING = "missing"
    DUPLICATE = "duplicate"
    TIE = "tie"
    PROPOSAL = "proposal"
    CONFLICT = "conflict"
    LEFT_SCOPE = "left_scope"
    GONE = "gone"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    POISON = "poison"


Reason: TypeAlias = Literal["", "amount", "rounding", "timing", "fee", "fx", "tax", "period", "text", "currency"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One place in a record that a change writes, in the vendor's own encoding.

    `set` writes `after` at `path`; `add` appends the element `after` to the list at `path`; `remove` takes the element
    at `path` away. `path` may select an element: `Line(Id=3).Amount`. `before` is what the plan saw there.
    `shown` is (before, after) as canonical text for people. `codec` names how the value is read (see fields/codecs.py).
    """

    path: str
    before: Any
    after: Any
    action: Literal["set", "add", "remove"] = "set"
    codec: str = "text"
    field: str = ""
    owner: str = ""
    reason: Reason = ""
    shown: tuple[str, str] = ("", "")


class Action(StrEnum):
    """What a change does to its target. Nothing here deletes."""

    CREATE = "create"
    UPDATE = "update"
    VOID = "void"
    ARCHIVE = "archive"
    REACTIVATE = "reactivate"


@dataclass(frozen=True, slots=True)
class Change:
    """One write to one record. `target` is provisional for a create. `parents` are the intents it waits for.

    `undo` is the action that would take it back; empty where none can, and `final` says why. `undoes` is the id of the
    operation that this change takes back. Where several mappings write to one record, `also` are the mappings and
    sources of the others.
    """

    intent: str
    mapping: str
    action: Action
    target: Ref
    source: Ref | None
    name: str
    edits: tuple[Edit, ...] = ()
    amount: Money | None = None
    amount_before: Money | None = None
    parents: tuple[str, ...] = ()
    pair: int | None = None
    version: str = ""
    reason: str = ""
    undo: str = ""
    final: str = ""
    undoes: str = ""
    also: tuple[tuple[str, Ref], ...] = ()

    @property
    def sources(self) -> tuple[tuple[str, Ref], ...]:
        """Every (mapping, record) that this change was made from."""
        first = ((self.mapping, self.source),) if self.source is not None else ()
        return (*first, *self.also)

    @property
    def mappings(self) -> frozenset[str]:
        """Every mapping that had a part in this change."""
        return frozenset((self.mapping, *(mapping for mapping, _ in self.also)))


@dataclass(frozen=True, slots=True)
class Choice:
    """Records of both sides that may belong together, by which rule, and how alike in percent (0: equal by it)."""

    rule: str
    left: tuple[Ref, ...]
    right: tuple[Ref, ...]
    score: int = 0


HOLD_NOTE: Final = "on hold since an undo"
"""How the note of a finding begins that the hold of an undo keeps quiet, and no person accepted."""
STAYS: Final = "cannot be undone: "
"""How the hint of a finding begins that says why an undo leaves a record as it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person may want to know: about a pair, or about one record that has none.

    `number` is the ledger's own: what `findings accept` takes; 0 for a finding that no ledger holds. `choice` is what a
    tie or a proposal is between. `planned`: a plan made now corrects it.
    """

    mapping: str
    kind: FindingKind
    left: Ref | None
    right: Ref | None
    field: str = ""
    left_shown: str = ""
    right_shown: str = ""
    base_shown: str = ""
    reason: Reason = ""
    since: str = ""
    note: str = ""
    accepted: bool = False
    name: str = ""
    amount: Money | None = None
    hint: str = ""
    number: int = 0
    choice: Choice | None = None
    accepted_by: str = ""
    accepted_at: str = ""
    planned: bool = False

    @property
    def open(self) -> bool:
        """True when it needs a person: nobody accepted it, and no plan corrects it."""
        return not self.accepted and not self.planned

    @property
    def on_hold(self) -> bool:
        """True for what nobody accepted, and an undo keeps quiet."""
        return self.accepted and self.note.startswith(HOLD_NOTE)

    @property
    def stays(self) -> bool:
        """True for what an undo leaves as it is; no ledger holds such a finding."""
        return self.hint.startswith(STAYS)


@dataclass(frozen=True, slots=True)
class Person:
    """An operating-system user: the number counts, the name is for people."""

    uid: int
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes in the order they are sent, with what they were decided from. Push takes it as it is.

    `made_by` is filled in where the plan is saved; uid -1 before.
    """

    id: str
    created_at: str
    lineage: str
    serial: int
    config_hash: str
    tool_version: str
    pins: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    digest: str = ""
    made_by: Person = Person(-1, "")


class Outcome(StrEnum):
    """What a vendor's answer to one operation means; decided by a table per vendor code."""

    APPLIED = "applied"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    LATER = "later"
    STOP = "stop"
    KEY_MISMATCH = "key_mismatch"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Request:
    """The exact bytes of one HTTP request, without authentication. `rows` are the operations it carries, in order."""

    system: str
    kind: str
    action: Action
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    key: str = ""
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteReceipt:
    """What became of one row of a Request. `record` is set when the answer holds it in the shape of a pull."""

    row: str
    outcome: Outcome
    ref: Ref | None = None
    record: Record | None = None
    code: str = ""
    message: str = ""
    fix: str = ""
    status: int | None = None
    vendor_request_id: str = ""
    body: str = ""
    wait_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Wrong input: where (`file:line:column` or a Ref), what, and how to mend it."""

    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True, slots=True)
class Run:
    """One command's run; its id is on every log line."""

    id: str
    command: str
    started_at: str
    finished_at: str = ""
    outcome: str = ""
    exit_code: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
