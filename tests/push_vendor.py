"""A small vendor with every way a write can go wrong, and a connector for it. Kept in memory, or in one file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from syncctl.clock import Clock
from syncctl.connectors.base import Card, Company, Limits, alike
from syncctl.edits import apply_edits
from syncctl.errors import Exchange, VendorUnavailable
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.schema import Field, Schema
from syncctl.model import Action, Change, Outcome, Page, Raw, Record, Ref, Request, Window, WriteReceipt

SERVER_OWNED = ("id", "version", "created", "tag", "state")

BOOKS = Card("books", ("customer", "invoice"), Limits(100), retention_seconds=86_400, versions=True)
PAY = Card("pay", ("credit", "charge"), Limits(100), retention_seconds=86_400, replays_server_errors=True)
PLAIN = Card("plain", ("memo",), Limits(100))
"""Remembers no keys and knows no unique values: only looking and waiting helps."""
CRM = Card("crm", ("contact", "deal"), Limits(100), batch={Action.CREATE: 10, Action.UPDATE: 10}, key_length=32)


class NoAnswerError(Exception):
    """The client hears nothing. `sent` is False when the vendor never heard anything either."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__("no answer")
        self.sent = sent


@dataclass
class FakeVendor:
    """The truth. `faults` are taken one per write request; the log lists what was done, not what was asked."""

    card: Card
    clock: Clock
    path: Path | None = None
    records: dict[str, Raw] = field(default_factory=dict)
    keys: dict[str, list[Any]] = field(default_factory=dict)
    late: list[list[str]] = field(default_factory=list)
    log: list[list[str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    requests: int = 0
    moment: str = ""
    down: bool = False
    names_holder: bool = True
    before_write: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            kept = json.loads(self.path.read_text())
            for name in ("records", "keys", "late", "log", "faults", "requests"):
                setattr(self, name, kept[name])

    def save(self) -> None:
        """Everything in one file, replaced whole."""
        if self.path is None:
            return
        names = ("records", "keys", "late", "log", "faults", "requests")
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps({name: getattr(self, name) for name in names}))
        temporary.replace(self.path)

    def now(self) -> str:
        """Now, or the moment at which a late request arrived although nobody asked until later."""
        return self.moment or self.clock.now().isoformat()

    # --- people and other programs ---

    def seed(self, kind: str, **values: Any) -> str:
        identity = str(len(self.records) + 1)
        self.records[identity] = {
            "id": identity,
            "kind": kind,
            "version": "0",
            "created": self.now(),
            "state": "open",
            "tag": "",
            **values,
        }
        self.save()
        return identity

    def edit(self, identity: str, **values: Any) -> None:
        """Somebody else changes a record."""
        held = self.records[identity]
        held.update(values, version=str(int(held["version"]) + 1))
        self.save()

    def arrive(self) -> None:
        """Requests that were on their way when their sender gave up."""
        due = sorted(entry for entry in self.late if entry[0] <= self.now())
        self.late = [entry for entry in self.late if entry not in due]
        for at, key, body in due:
            self.moment = at
            self._answer(key, body)
            self.moment = ""

    def of_kind(self, kind: str) -> list[Raw]:
        self.arrive()
        return [raw for raw in self.records.values() if raw["kind"] == kind]

    # --- requests ---

    def handle(self, key: str, body: str) -> list[dict[str, Any]]:
        """One write request; raises NoAnswerError."""
        self.requests += 1
        self.arrive()
        self.before_write()
        fault, _, number = (self.faults.pop(0) if self.faults else "ok").partition(":")
        try:
            return self._faulty(fault, float(number or 0), key, body)
        finally:
            self.save()

    def _faulty(self, fault: str, number: float, key: str, body: str) -> list[dict[str, Any]]:
        rows = json.loads(body)["rows"]
        if fault in ("429", "stop", "later", "quota"):
            named = {"429": "later", "later": "later", "quota": "later", "stop": "stop"}[fault]
            waits = {"429": 3, "later": 600}.get(fault)
            return [{"outcome": named, "wait": waits, "code": fault, "status": 429} for _ in rows]
        if fault == "unreached":
            raise NoAnswerError(sent=False)
        if fault == "drop":
            raise NoAnswerError(sent=True)
        if fault == "late":
            self.late.append([(self.clock.now() + timedelta(seconds=number)).isoformat(), key, body])
            raise NoAnswerError(sent=True)
        if fault == "500 before":
            broken = [{"outcome": "unknown", "status": 500} for _ in rows]
            return self._remember(key, body, broken) if self.card.replays_server_errors else broken
        answer = self._answer(key, body)
        if fault == "lost":
            raise NoAnswerError(sent=True)
        if fault == "500 after":
            broken = [{"outcome": "unknown", "status": 500} for _ in rows]
            return self._remember(key, body, broken) if self.card.replays_server_errors else broken
        if fault == "half":  # one row's answer is missing
            return answer[:-1]
        if fault == "anonymous":  # done, and the answer does not say what
            return [{"outcome": row["outcome"], "status": 200} for row in answer]
        if fault == "mute":  # done, and the answer does not hold the record
            return [{name: value for name, value in row.items() if name != "record"} for row in answer]
        return answer

    def _remember(self, key: str, body: str, answer: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.keys[key] = [self.now(), body, answer]
        return answer

    def _answer(self, key: str, body: str) -> list[dict[str, Any]]:
        held = self.keys.get(key)
        limit = timedelta(seconds=self.card.retention_seconds)
        if held is not None and datetime.fromisoformat(self.now()) - datetime.fromisoformat(held[0]) < limit:
            if held[1] == body:
                return list(held[2])
            return [{"outcome": "key_mismatch", "status": 400, "code": "other bytes"} for _ in json.loads(body)["rows"]]
        asked = json.loads(body)
        answer = [self._do(asked["kind"], asked["action"], row) for row in asked["rows"]]
        return self._remember(key, body, answer) if self.card.retention_seconds else answer

    def _do(self, kind: str, action: str, row: dict[str, Any]) -> dict[str, Any]:
        refusal = self._refusal(kind, action, row)
        if refusal:
            return refusal
        if action == "create":
            identity = self.seed(kind, **row["fields"], tag=row["tag"])
            self.log.append([self.now(), action, kind, identity, str(row["fields"].get("note", ""))])
            return {"outcome": "applied", "status": 200, "id": identity, "record": dict(self.records[identity])}
        held = self.records[row["id"]]
        state = {"void": "void", "archive": "archived", "reactivate": "open"}.get(action, held["state"])
        held.update(row["fields"], state=state, version=str(int(held["version"]) + 1))
        self.log.append([self.now(), action, kind, row["id"], json.dumps(row["fields"], sort_keys=True)])
        return {"outcome": "applied", "status": 200, "id": row["id"], "record": dict(held)}

    def _refusal(self, kind: str, action: str, row: dict[str, Any]) -> dict[str, Any] | None:
        fields = row["fields"]
        if fields.get("amount") == -1:
            return {"outcome": "rejected", "status": 400, "code": "bad amount", "message": "amount must be positive"}
        for raw in self.records.values():
            taken = raw.get("number") and raw.get("number") == fields.get("number") and raw["id"] != row["id"]
            if raw["kind"] == kind and taken:
                named = raw["id"] if self.names_holder else None
                return {"outcome": "duplicate", "status": 400, "code": "6240", "taken_by": named}
        if action == "create":
            # HubSpot's way: a unique property of ours makes a second create find the first.
            mine = next((raw for raw in self.records.values() if raw["tag"] == row["tag"]), None)
            if self.card.connector == "crm" and mine is not None:
                return {"outcome": "applied", "status": 200, "id": mine["id"], "record": dict(mine)}
            if kind == "invoice" and fields.get("customer", {}).get("value") not in self.records:
                return {"outcome": "rejected", "status": 400, "code": "2500", "message": "no such customer"}
            return None
        if row["id"] not in self.records:
            return {"outcome": "rejected", "status": 404, "code": "610", "message": "no such record"}
        if self.card.versions and self.records[row["id"]]["version"] != row["version"]:
            return {"outcome": "conflict", "status": 400, "code": "5010", "message": "stale version"}
        return None


TEXT = Field("note", "text", writable="always")
FIELDS = {
    "id": Field("id", "id"),
    "number": Field("number", "text", writable="always", unique=True),
    "note": TEXT,
    "stage": Field("stage", "text", writable="always"),
    "amount": Field("amount", "money", currency="currency", currency_default="USD", writable="always"),
    "customer": Field("customer", "ref.value", target="customer", writable="always"),
    "created": Field("created", "instant.iso"),
    "day": Field("day", "date", writable="always"),
    "linked": Field("linked", "text", writable="always"),
    "lines": Field("lines", "object", many=True),
}
ACTIONS = frozenset(Action)


def schema(system: str, kind: str) -> Schema:
    """The schema of every kind here."""
    return Schema(system, kind, FIELDS, identity="id", marker="note", name=("number",), actions=ACTIONS)


@dataclass
class FakeConnector:
    """A real connector for the fake vendor. `mute` answers without records, so that they must be read again."""

    name: str
    vendor: FakeVendor
    card: Card
    mute: bool = False
    reads: int = 0

    def close(self) -> None:
        """There are no connections."""

    def company(self) -> Company:
        return Company("1", "Fake", live=False)

    def describe(self) -> tuple[Schema, ...]:
        return tuple(schema(self.name, kind) for kind in self.card.kinds)

    def state(self, kind: str, raw: Raw) -> str:
        return str(raw["state"])

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
        yield Page(records=tuple(map(self._record, self.vendor.of_kind(kind))), complete=True)

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        self._reachable()
        return tuple(self._record(raw) for raw in self.vendor.of_kind(kind) if str(raw.get(field, "")) in values)

    def parts(self, change: Change) -> tuple[Change, ...]:
        """Pure: every change is one request here."""
        return (change,)

    def request_key(self, change: Change) -> str:
        """Pure: changes with the same key may share a request."""
        return alike(change)

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        body = {
            "kind": changes[0].target.kind,
            "action": str(changes[0].action),
            "rows": [self._row(*one) for one in zip(changes, current, rows, strict=True)],
        }
        target, action = changes[0].target, changes[0].action
        return Request(
            self.name, target.kind, action, "POST", "/write", body=encode_json(body), key=key, rows=tuple(rows)
        )

    def _row(self, change: Change, current: Record | None, row: str) -> dict[str, Any]:
        if any(edit.after == "unwritable" for edit in change.edits):
            raise ValueError("a value that cannot be written")
        raw = apply_edits(decode_json(current.raw) if current else {}, change.edits)
        touched = {edit.path.partition(".")[0].partition("(")[0] for edit in change.edits}
        fields = {name: value for name, value in raw.items() if name in touched and name not in SERVER_OWNED}
        return {"tag": row, "id": change.target.id, "version": change.version, "fields": fields}

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        try:
            answers = self.vendor.handle(request.key, request.body.decode())
        except NoAnswerError as error:
            outcome = Outcome.UNKNOWN if error.sent else Outcome.LATER
            wait = None if error.sent else 1.0
            return tuple(WriteReceipt(row, outcome, message="no answer", wait_seconds=wait) for row in request.rows)
        return tuple(
            self._receipt(request.kind, row, answer) for row, answer in zip(request.rows, answers, strict=False)
        )

    def _receipt(self, kind: str, row: str, answer: dict[str, Any]) -> WriteReceipt:
        held = answer.get("record")
        record = self._record({**held, "kind": kind}) if held and not self.mute else None
        taken = answer.get("taken_by")
        identity = answer.get("id") or taken
        return WriteReceipt(
            row,
            Outcome(answer["outcome"]),
            Ref(self.name, kind, identity) if identity else None,
            record,
            answer.get("code", ""),
            answer.get("message", ""),
            status=answer.get("status"),
            wait_seconds=answer.get("wait"),
        )

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        self._reachable()
        begin = (since - timedelta(minutes=10)).isoformat()
        recent = [raw for raw in self.vendor.of_kind(request.kind) if raw["created"] >= begin]
        by_tag = {raw["tag"]: raw for raw in recent}
        return tuple(
            WriteReceipt(
                row, Outcome.APPLIED, Ref(self.name, request.kind, by_tag[row]["id"]), self._record(by_tag[row])
            )
            if row in by_tag
            else WriteReceipt(row, Outcome.UNKNOWN)
            for row in request.rows
        )

    def _record(self, raw: Raw) -> Record:
        return Record(Ref(self.name, raw["kind"], raw["id"]), encode_json(raw), raw["version"], "")

    def _reachable(self) -> None:
        self.reads += 1
        if self.vendor.down:
            raise VendorUnavailable(f"{self.name} did not answer", Exchange(self.name, "GET /"))


@dataclass
class Systems:
    """Four systems, as a test sees them."""

    clock: Clock
    folder: Path | None = None
    cards: dict[str, Card] = field(default_factory=lambda: {"books": BOOKS, "pay": PAY, "crm": CRM, "plain": PLAIN})

    def __post_init__(self) -> None:
        self.vendors = {
            name: FakeVendor(card, self.clock, self.folder / f"{name}.json" if self.folder else None)
            for name, card in self.cards.items()
        }
        self.connectors = {name: FakeConnector(name, vendor, vendor.card) for name, vendor in self.vendors.items()}
