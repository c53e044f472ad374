"""One operation of the journal as a value, and what a move writes beside its state. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.ledger.states import State
from syncctl.model import Change, Ref
from syncctl.planfile import change_from_json, change_to_json

COLUMNS: Final = (
    "id, intent, plan, run, position, state, generation, change, sent, base, ref, read_back, code,"
    " message, fix, body, updated_at"
)
ERASED: Final = "erased"
"""The reason of a change whose values a purge took out: what it wrote is not known any more."""
CHECKED: Final = "operation.checked"
"""The event that answers for which applied writes were looked at afterwards."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the journal. `change` is as planned; `sent` as it went out, references filled in; `base` is the raw
    record right before an update. `ref` is set once APPLIED; `read_back` says that the ledger holds the record as it
    is after the write. `code`, `message`, `fix` and `body` tell the last answer or the reason of a hold.
    """

    id: str
    intent: str
    plan: str
    run: str
    position: int
    state: State
    generation: int
    change: Change
    sent: Change | None
    base: bytes
    ref: Ref | None
    read_back: bool
    code: str
    message: str
    fix: str
    body: str
    updated_at: str

    @property
    def system(self) -> str:
        return self.change.target.system

    @property
    def erased(self) -> bool:
        """True when a purge took its values out."""
        return self.change.reason == ERASED


@dataclass(frozen=True, slots=True)
class Detail:
    """What a move writes beside the state; None leaves a column as it is."""

    ref: Ref | None = None
    read_back: bool | None = None
    generation: int | None = None
    sent: Change | None = None
    base: bytes | None = None
    fingerprint: str | None = None
    code: str = ""
    message: str = ""
    fix: str = ""
    body: str = ""

    def columns(self) -> Mapping[str, Any]:
        """Column and value of everything that is written."""
        given: dict[str, Any] = {
            "ref": None if self.ref is None else str(self.ref),
            "read_back": None if self.read_back is None else int(self.read_back),
            "generation": self.generation,
            "sent": None if self.sent is None else change_to_json(self.sent).decode(),
            "base": self.base,
            "fingerprint": self.fingerprint,
        }
        kept = {name: value for name, value in given.items() if value is not None}
        return {**kept, "code": self.code, "message": self.message, "fix": self.fix, "body": self.body}


NO_DETAIL: Final = Detail()


def erased_change(change: Change) -> Change:
    """A change without what it says: which record, which action, by which mapping and the amounts stay."""
    return replace(change, name="", edits=(), reason=ERASED, final="")


def operation_from(row: Sequence[Any]) -> Operation:
    """The operation of a row with `COLUMNS`."""
    values = list(row)
    values[5] = State(row[5])
    values[7] = change_from_json(row[7])
    values[8] = change_from_json(row[8]) if row[8] else None
    values[10] = Ref.parse(row[10]) if row[10] else None
    values[11] = bool(row[11])
    return Operation(*values)


def event_of(operation: Operation, detail: Detail) -> dict[str, Any]:
    """What the audit chain keeps of a move; the vendor's words stay in the operation."""
    event: dict[str, Any] = {"operation": operation.id, "intent": operation.intent, "from": operation.state}
    if detail.ref is not None:
        event["ref"] = str(detail.ref)
    if detail.code:
        event["code"] = detail.code
    return event
