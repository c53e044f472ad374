"""Answers into records: each row keeps its exact bytes, only its head is read. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from syncctl.fields.undecodable import Undecodable
from syncctl.model import Poison, Record, Ref


class _Meta(msgspec.Struct):
    created: datetime | None = msgspec.field(name="CreateTime", default=None)
    updated: datetime | None = msgspec.field(name="LastUpdatedTime", default=None)


class Head(msgspec.Struct):
    """What is read of every row."""

    id: str = msgspec.field(name="Id")
    token: str = msgspec.field(name="SyncToken", default="")
    status: str = ""
    sparse: bool = False
    meta: _Meta | None = msgspec.field(name="MetaData", default=None)

    @property
    def deleted(self) -> bool:
        """True for what the change feed says is gone."""
        return self.status == "Deleted"

    @property
    def updated_at(self) -> str:
        """The vendor's stamp in UTC; empty where it gives none."""
        return utc(self.meta.updated) if self.meta and self.meta.updated else ""


class _Queried(msgspec.Struct):
    response: dict[str, msgspec.Raw] = msgspec.field(name="QueryResponse")
    time: str = ""


class _Fed(msgspec.Struct):
    response: list[dict[str, msgspec.Raw]] = msgspec.field(name="CDCResponse")
    time: str = ""


class Listed(msgspec.Struct):
    """The rows of one answer, undecoded, and the vendor's time of it (UTC, empty where it gave none)."""

    rows: list[msgspec.Raw]
    time: str


_head: Final = msgspec.json.Decoder(Head)
_queried: Final = msgspec.json.Decoder(_Queried)
_fed: Final = msgspec.json.Decoder(_Fed)
_many: Final = msgspec.json.Decoder(list[msgspec.Raw])
_fields: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_objects: Final = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_whole: Final = msgspec.json.Decoder(int)


def utc(moment: datetime) -> str:
    """ISO-8601 in UTC; a stamp without an offset is taken as UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _time(text: str) -> str:
    try:
        return utc(datetime.fromisoformat(text)) if text else ""
    except ValueError:
        return ""


def queried(body: bytes, kind: str) -> Listed:
    """The rows of a query's answer; none where the kind's key is missing. Raises Undecodable."""
    try:
        found = _queried.decode(body)
        rows = found.response.get(kind)
        return Listed(_many.decode(rows) if rows is not None else [], _time(found.time))
    except msgspec.DecodeError as error:
        raise Undecodable(f"not a query's answer: {error}") from error


def counted(body: bytes) -> int:
    """The number a count query answers. Raises Undecodable."""
    try:
        found = _queried.decode(body).response.get("totalCount")
        return _whole.decode(found) if found is not None else 0
    except msgspec.DecodeError as error:
        raise Undecodable(f"not a count's answer: {error}") from error


def fed(body: bytes, kind: str) -> Listed:
    """The rows of a change feed's answer for one kind. Raises Undecodable."""
    rows: list[msgspec.Raw] = []
    try:
        found = _fed.decode(body)
        for part in found.response:
            for answers in _objects.decode(part["QueryResponse"]) if "QueryResponse" in part else ():
                rows += _many.decode(answers[kind]) if kind in answers else []
    except msgspec.DecodeError as error:
        raise Undecodable(f"not a change feed's answer: {error}") from error
    return Listed(rows, _time(found.time))


def members(body: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """An object's members, undecoded. Raises Undecodable."""
    try:
        return _fields.decode(body)
    except msgspec.DecodeError as error:
        raise Undecodable(f"not an object: {error}") from error


def elements(body: msgspec.Raw) -> list[msgspec.Raw]:
    """A list's elements, undecoded. Raises Undecodable."""
    try:
        return _many.decode(body)
    except msgspec.DecodeError as error:
        raise Undecodable(f"not a list: {error}") from error


def head_of(row: bytes | msgspec.Raw) -> Head:
    """A row's head. Raises Undecodable."""
    try:
        return _head.decode(row)
    except msgspec.DecodeError as error:
        raise Undecodable(f"not a QuickBooks record: {error}") from error


def record_of(system: str, kind: str, row: msgspec.Raw, head: Head) -> Record:
    """The record of a row whose head was read."""
    return Record(Ref(system, kind, head.id), bytes(row), head.token, head.updated_at)


def poison_of(system: str, kind: str, row: msgspec.Raw, reason: Undecodable) -> Poison:
    """A row set aside; with its Id if even that much can be read."""
    raw = bytes(row)
    return Poison(system, kind, _id_if_any(raw), str(reason), raw)


def _id_if_any(raw: bytes) -> str:
    try:
        found: Any = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return ""
    identity = found.get("Id", "") if isinstance(found, dict) else ""
    return str(identity) if isinstance(identity, str | int) else ""


def read_rows(system: str, kind: str, rows: list[msgspec.Raw]) -> list[tuple[Head | None, Record | Poison]]:
    """Every row as a record, or set aside; deleted ones are among them, as their head says."""
    found: list[tuple[Head | None, Record | Poison]] = []
    for row in rows:
        try:
            head = head_of(row)
        except Undecodable as error:
            found.append((None, poison_of(system, kind, row, error)))
        else:
            found.append((head, record_of(system, kind, row, head)))
    return found
