"""Rows of an answer: each kept as the vendor's exact bytes, with only its head decoded. No I/O.

The same record may come from a query, from a read by id or as a line of a bulk job's table, spelled a little
differently; `lasting` is the same for all three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from syncctl.connectors.http import Answer
from syncctl.errors import AnswerUnreadable, Exchange
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.numbers import plain_number
from syncctl.fields.salesforce_ids import known_id
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Poison, Record, Ref, digest

ATTRIBUTES: Final = "attributes"


class _Queried(msgspec.Struct, rename="camel"):
    records: list[msgspec.Raw]
    done: bool
    total_size: int = 0
    next_records_url: str = ""


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows as raw slices. `done`: there is no more; else `next_url` leads on. `total` is the vendor's count."""

    rows: list[msgspec.Raw]
    done: bool = True
    next_url: str = ""
    total: int = 0


class Head(msgspec.Struct):
    """What the connector itself needs of a row."""

    id: str = msgspec.field(name="Id")
    stamp: str | None = msgspec.field(name="SystemModstamp", default=None)
    deleted: bool = msgspec.field(name="IsDeleted", default=False)
    master: str | None = msgspec.field(name="MasterRecordId", default=None)


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its head; `raw` is a JSON object."""

    head: Head
    raw: bytes


_queried: Final = msgspec.json.Decoder(_Queried)
_listed: Final = msgspec.json.Decoder(list[msgspec.Raw])
_heads: Final = msgspec.json.Decoder(Head)
_ID: Final = re.compile(rb'"Id"\s*:\s*"([A-Za-z0-9]{15,18})"')
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)")


def decode_page(system: str, answer: Answer) -> RowPage:
    """The rows of a query or of a read by id, whose missing records are null. Raises AnswerUnreadable."""
    try:
        if answer.body.lstrip()[:1] == b"[":
            return RowPage([row for row in _listed.decode(answer.body) if bytes(row) != b"null"])
        page = _queried.decode(answer.body)
    except msgspec.DecodeError as error:
        where = Exchange(system, answer.request, answer.status)
        raise AnswerUnreadable(
            f"{system} answered {answer.request} with something that is no list of rows: {error}", where
        ) from error
    return RowPage(page.records, page.done, page.next_records_url, page.total_size)


def split_rows(system: str, kind: str, raws: Iterable[msgspec.Raw | bytes]) -> tuple[list[Row], list[Poison]]:
    """Rows whose head can be read, and the others set aside."""
    rows: list[Row] = []
    poison: list[Poison] = []
    for raw in raws:
        try:
            head = _heads.decode(raw)
            identity = known_id(head.id)
            if not identity:
                raise Undecodable(f"{head.id!r} is no id")
            rows.append(Row(msgspec.structs.replace(head, id=identity), bytes(raw)))
        except (msgspec.DecodeError, Undecodable) as error:
            poison.append(set_aside(system, kind, bytes(raw), str(error)))
    return rows, poison


def set_aside(system: str, kind: str, raw: bytes, reason: str) -> Poison:
    """A row that cannot be read, with its id if even that much can be told."""
    found = _ID.search(raw)
    identity = known_id(found.group(1).decode()) if found else ""
    return Poison(system, kind, identity or f"unreadable-{digest(raw)[:12]}", f"the row cannot be read: {reason}", raw)


def to_record(system: str, kind: str, row: Row) -> Record:
    """The row as a record. Raises Undecodable."""
    ref = Ref(system, kind, row.head.id)
    return Record(ref, row.raw, "", whole_instant(row.head.stamp or ""), lasting(decode_json(row.raw)))


def lasting(raw: Mapping[str, Any]) -> bytes:
    """What of a record tells one state from another: values in one spelling, without the address it was read at."""
    return encode_json([(name, _spelled(raw[name])) for name in sorted(raw) if name != ATTRIBUTES])


def _spelled(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return whole_instant(value) if value[10:11] == "T" and value[4:5] == "-" else value
    return {"number": plain_number(Decimal(value))} if kind is int or kind is Decimal else value


def whole_instant(text: str) -> str:
    """`2026-05-06T11:30:49.000+0000` as `2026-05-06T11:30:49.000Z`; any other text as it is."""
    found = _STAMP.fullmatch(text)
    if found is None or found.group(3) not in ("Z", "+0000", "+00:00", "-0000"):
        return text
    return f"{found.group(1)}{(found.group(2) or '.000')[:4]:0<4}Z"
