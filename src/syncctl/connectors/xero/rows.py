"""Answers into records: each row keeps its bytes but for its dates, only its head is read. No I/O.

Xero writes dates as `/Date(1563753600000+0000)/`. In a stored row they are ISO-8601 text in UTC: a calendar date is
midnight UTC of that day, so its first ten characters are the day, on any host. Nothing else is changed, but for
payments of credit notes (see `refunded`) and allocations, which are made from credit notes (see `allocations`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import msgspec

from syncctl.connectors.xero.allocations import allocations_in
from syncctl.connectors.xero.kinds import KINDS, ROWS
from syncctl.connectors.xero.refunded import as_written
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Poison, Record, Ref

_DATE: Final = re.compile(rb'("\w*Date\w*"\s*:\s*)"\\?/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/"')
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Head(msgspec.Struct):
    """What is read of every row; `updated_at` is empty where a kind has no time of change."""

    id: str
    updated_at: str = ""
    merged_into: str = ""


class Listed(msgspec.Struct):
    """The rows of one answer, undecoded; Xero's time of it as ISO text (empty where it gave none); how many records
    and pages there are in all (None where the kind has no pages).
    """

    rows: list[bytes]
    time: str
    pages: int | None = None
    count: int | None = None


class _Pagination(msgspec.Struct):
    pages: int = msgspec.field(name="pageCount", default=0)
    count: int = msgspec.field(name="itemCount", default=0)


_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_elements: Final = msgspec.json.Decoder(list[msgspec.Raw])
_pagination: Final = msgspec.json.Decoder(_Pagination)
_text: Final = msgspec.json.Decoder(str)


def readable_dates(body: bytes) -> bytes:
    """JSON with every `/Date(…)/` of a date field as ISO-8601 text."""
    return _DATE.sub(_readable, body)


def _readable(found: re.Match[bytes]) -> bytes:
    moment = iso(int(found[2]))
    return found[0] if moment is None else found[1] + b'"' + moment.encode() + b'"'


def iso(milliseconds: int) -> str | None:
    """`2019-07-22T00:00:00Z`; None for a moment that no calendar has."""
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[Any]:
    names = {"id": KINDS[kind].identity, "updated": "UpdatedDateUTC", "merged": "MergedToContactID"}
    members: list[Any] = [("id", str), ("updated", str | None, None), ("merged", str | None, None)]
    return msgspec.json.Decoder(msgspec.defstruct("Row", members, rename=names))


def head_of(kind: str, row: bytes) -> Head:
    """A row's head. Raises Undecodable."""
    try:
        found = _decoder(kind).decode(row)
    except msgspec.DecodeError as error:
        raise Undecodable(f"not a Xero {kind}: {error}") from error
    if not found.id:
        raise Undecodable(f"not a Xero {kind}: its {KINDS[kind].identity} is empty")
    return Head(found.id, found.updated or "", found.merged or "")


def members(body: bytes) -> dict[str, msgspec.Raw]:
    """An object's members, undecoded. Raises Undecodable."""
    try:
        return _members.decode(body)
    except msgspec.DecodeError as error:
        raise Undecodable(f"not an object: {error}") from error


def listed(body: bytes, kind: str) -> Listed:
    """The rows of a list. Raises Undecodable when it holds none."""
    return _rows(body, ROWS[kind])


def written(body: bytes, kind: str) -> list[bytes]:
    """The rows of the answer to a write. Raises Undecodable when it holds none."""
    return _rows(body, KINDS[kind].plural).rows


def _rows(body: bytes, name: str) -> Listed:
    parts = members(readable_dates(body))
    rows = parts.get(name)
    if rows is None:
        raise Undecodable(f"the answer holds no {name}")
    try:
        found = [bytes(row) for row in _elements.decode(rows)]
        moment = _text.decode(parts["DateTimeUTC"]) if "DateTimeUTC" in parts else ""
        pages = _pagination.decode(parts["pagination"]) if "pagination" in parts else None
    except msgspec.DecodeError as error:
        raise Undecodable(f"not a list of {name}: {error}") from error
    if pages is None:
        return Listed(found, moment)
    return Listed(found, moment, pages.pages, pages.count)


def record_of(system: str, kind: str, row: bytes, head: Head) -> Record:
    """The record of a row whose head was read."""
    return Record(Ref(system, kind, head.id), row, "", head.updated_at)


def read_rows(system: str, kind: str, rows: list[bytes]) -> list[tuple[Head | None, Record | Poison]]:
    """Every row as a record, or set aside with its reason."""
    found: list[tuple[Head | None, Record | Poison]] = []
    for row in rows:
        try:
            made = _records_in(kind, row)
            heads = [head_of(kind, each) for each in made]
        except Undecodable as error:
            found.append((None, Poison(system, kind, _id_if_any(kind, row), str(error), row)))
        else:
            found += [(head, record_of(system, kind, each, head)) for head, each in zip(heads, made, strict=True)]
    return found


def _records_in(kind: str, row: bytes) -> list[bytes]:
    """The records that a row of a list holds. Raises Undecodable."""
    if KINDS[kind].inside:
        return allocations_in(row)
    return [as_written(row)] if kind == "Payment" else [row]


def _id_if_any(kind: str, row: bytes) -> str:
    try:
        found: Any = msgspec.json.decode(row)
    except msgspec.DecodeError:
        return ""
    identity = found.get(KINDS[kind].lister.identity, "") if isinstance(found, dict) else ""
    return str(identity) if isinstance(identity, str | int) else ""
