"""Changes into the exact bytes of a request. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncctl.connectors.quickbooks.kinds import KINDS, Kind
from syncctl.connectors.quickbooks.options import Options
from syncctl.edits import apply_edits, touched
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.model import Action, Change, Raw, Record, Request

KEY_LENGTH: Final = 50
"""The longest requestid (Intuit's page on best practices)."""
BATCH_ROWS: Final = 30
"""Intuit's page on limits and throttles; an older one says 10."""
HEADERS: Final = (("Accept", "application/json"), ("Content-Type", "application/json"))
SERVER_ONLY: Final = frozenset({"MetaData", "domain", "sparse", "status", "time"})
SERVER_LINES: Final = frozenset({"SubTotalLineDetail"})
LISTS: Final = frozenset({"Line", "CustomField"})
ADDRESSES: Final = frozenset({"BillAddr", "ShipAddr", "ShipFromAddr"})
_OPERATION: Final = {Action.CREATE: "create"}


@dataclass(frozen=True, slots=True)
class Writer:
    """Prepares the requests of one system."""

    system: str
    options: Options
    parameters: tuple[tuple[str, str], ...]

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """One request for these changes of one kind and action."""
        kind, action = KINDS[changes[0].target.kind], changes[0].action
        bodies = [body_of(kind, change, record) for change, record in zip(changes, current, strict=True)]
        query, path = self._void(kind.name) if action is Action.VOID else (), kind.path
        if len(changes) == 1:
            body = encode_json(bodies[0])
        else:
            path, body = "batch", _batch(kind, action, bodies, rows, dict(self.parameters).get("include", ""))
        return Request(
            self.system,
            kind.name,
            action,
            "POST",
            f"/v3/company/{self.options.realm}/{path}",
            (*self._parameters(action), *query, ("requestid", key[:KEY_LENGTH])),
            HEADERS,
            body,
            key,
            tuple(rows),
        )

    def _parameters(self, action: Action) -> tuple[tuple[str, str], ...]:
        """A void needs `include` for itself."""
        return self.parameters if action is not Action.VOID else self.parameters[:1]

    def _void(self, kind: str) -> tuple[tuple[str, str], ...]:
        """Only an invoice has the operation of that name (recorded); the others are sparse updates that include it."""
        return (("operation", "void"),) if kind == "Invoice" else (("operation", "update"), ("include", "void"))


def _batch(kind: Kind, action: Action, bodies: list[Raw], rows: Sequence[str], include: str) -> bytes:
    options = {"optionsData": include} if include else {}
    return encode_json(
        {
            "BatchItemRequest": [
                {"bId": row, "operation": _OPERATION.get(action, "update"), **options, kind.name: body}
                for row, body in zip(rows, bodies, strict=True)
            ]
        }
    )


def body_of(kind: Kind, change: Change, record: Record | None) -> Raw:
    """What one change sends: a whole new record, or the record's changed parts with its Id and SyncToken."""
    if change.action is Action.CREATE:
        return sendable(apply_edits({}, change.edits), {}, frozenset())
    if record is None:
        raise ValueError(f"{change.target}: an update needs the fresh record")
    named: Raw = {"Id": record.ref.id, "SyncToken": record.version}
    if change.action is Action.VOID:
        return named if kind.name == "Invoice" else {**named, "sparse": True}
    held = decode_json(record.raw)
    active = {Action.ARCHIVE: {"Active": False}, Action.REACTIVATE: {"Active": True}}.get(change.action, {})
    edited = {**apply_edits(held, change.edits), **active}
    changed = dict.fromkeys((*touched(change.edits), *active))
    if any(_emptied(name, edited.get(name)) for name in changed):
        return {**_whole(kind, edited, held, frozenset(changed)), **named}
    names = [*(name for name in kind.repeat if name in edited and name not in changed), *changed]
    part = sendable({name: edited[name] for name in names}, held, frozenset(changed))
    return {**named, "sparse": True, **part}


def _emptied(name: str, value: Any) -> bool:
    """Nothing is left of the value, and a sparse update cannot say so (of a list it can)."""
    return value is None or (value in ("", {}) and name not in LISTS)


def _whole(kind: Kind, edited: Raw, held: Raw, changed: frozenset[str]) -> Raw:
    """The whole record without what was cleared: a sparse update cannot empty a field, a full one blanks what it
    leaves out. What QuickBooks works out itself is left out.
    """
    kept = {
        name: value
        for name, value in edited.items()
        if name not in SERVER_ONLY and name not in kind.computed and not _emptied(name, value)
    }
    return sendable(kept, held, changed)


def sendable(parts: Raw, held: Raw, changed: frozenset[str]) -> Raw:
    """The parts as QuickBooks takes them back."""
    found: Raw = {}
    for name, value in parts.items():
        if name == "Line":
            found[name] = [_line(line) for line in value if line.get("DetailType") not in SERVER_LINES]
        elif name == "CustomField":
            found[name] = _custom_fields(value, held.get(name, []))
        elif name == "TxnTaxDetail" and name in changed:
            # Tax lines would go on saying the old amounts; QuickBooks prorates a new TotalTax itself.
            found[name] = {key: value[key] for key in value if key in ("TxnTaxCodeRef", "TotalTax")}
        elif name in ADDRESSES and name in changed:
            # Where the old address lies says nothing of the new one.
            found[name] = {key: value[key] for key in value if key not in ("Lat", "Long")}
        else:
            found[name] = value
    return found


def _line(line: Raw) -> Raw:
    """A line element: links are a list, whatever the path that wrote them says; the server's own additions go."""
    found = {key: value for key, value in line.items() if key != "LineEx"}
    links = found.get("LinkedTxn")
    if isinstance(links, dict):
        found["LinkedTxn"] = [links]
    return found


def _custom_fields(fields: list[Raw], held: list[Raw]) -> list[Raw]:
    """Every field with a value, and those whose value was taken away with an empty one: a list is taken as a whole."""
    had = {field.get("DefinitionId") for field in held if field.get("StringValue")}
    return [
        field if field.get("StringValue") else {**field, "StringValue": ""}
        for field in fields
        if field.get("StringValue") or field.get("DefinitionId") in had
    ]
