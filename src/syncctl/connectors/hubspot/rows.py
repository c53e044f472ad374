"""Rows of an answer: each kept as the vendor's exact bytes, with only its head decoded. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from syncctl.connectors.http import Answer
from syncctl.errors import AnswerUnreadable, Exchange, RequestRefused
from syncctl.model import Poison, Record, Ref, digest


class NextPage(msgspec.Struct):
    after: str = ""


class Paging(msgspec.Struct):
    next: NextPage | None = None


class RowError(msgspec.Struct):
    category: str = ""
    message: str = ""


class RowPage(msgspec.Struct):
    """A list, a batch read or a search: rows as raw slices."""

    results: list[msgspec.Raw]
    paging: Paging | None = None
    total: int = 0
    errors: list[RowError] = []

    @property
    def after(self) -> str:
        return self.paging.next.after if self.paging is not None and self.paging.next is not None else ""


class _Properties(msgspec.Struct):
    hs_merged_object_ids: str | None = None


class Head(msgspec.Struct, rename="camel"):
    """What the connector itself needs of a row."""

    id: str
    updated_at: str = ""
    archived: bool = False
    archived_at: str | None = None
    properties: _Properties = msgspec.field(default_factory=_Properties)


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its head."""

    head: Head
    raw: msgspec.Raw


_pages: Final = msgspec.json.Decoder(RowPage)
_heads: Final = msgspec.json.Decoder(Head)
_ID: Final = re.compile(rb'"id"\s*:\s*"?([^",}]{1,40})')


def decode_rows(system: str, answer: Answer) -> RowPage:
    """The rows of an answer. Raises AnswerUnreadable when it has another shape, RequestRefused when a read failed."""
    try:
        page = _pages.decode(answer.body)
    except msgspec.DecodeError as error:
        where = Exchange(system, answer.request, answer.status)
        raise AnswerUnreadable(
            f"{system} answered {answer.request} with something that is no list of rows: {error}", where
        ) from error
    refused = [error for error in page.errors if error.category != "OBJECT_NOT_FOUND"]
    if refused:
        where = Exchange(system, answer.request, answer.status, code=refused[0].category)
        raise RequestRefused(
            f"{system} could not read some rows: {refused[0].message}",
            where,
            fix="look at them in HubSpot, then pull again",
        )
    return page


def split_rows(system: str, kind: str, raws: Iterable[msgspec.Raw]) -> tuple[list[Row], list[Poison]]:
    """Rows whose head can be read, and the others set aside."""
    rows: list[Row] = []
    poison: list[Poison] = []
    for raw in raws:
        try:
            rows.append(Row(_heads.decode(raw), raw))
        except msgspec.DecodeError as error:
            poison.append(_set_aside(system, kind, bytes(raw), str(error)))
    return rows, poison


def _set_aside(system: str, kind: str, raw: bytes, reason: str) -> Poison:
    found = _ID.search(raw)
    identity = found.group(1).decode("utf-8", "replace") if found else f"unreadable-{digest(raw)[:12]}"
    return Poison(system, kind, identity, f"the row cannot be read: {reason}", raw)


def to_record(system: str, kind: str, row: Row, links: bytes = b"") -> Record:
    """The row as a record; `links` is the JSON of its associations, added as the last member of the object."""
    raw = b"".join((memoryview(row.raw)[:-1], b',"associations":', links, b"}")) if links else bytes(row.raw)
    return Record(Ref(system, kind, row.head.id), raw, "", whole_instant(row.head.updated_at))


def whole_instant(text: str) -> str:
    """The vendor's time with milliseconds always, so that two of them compare as text: it leaves out `.000`."""
    return text if "." in text or not text.endswith("Z") else text[:-1] + ".000Z"


def merged_away(system: str, kind: str, rows: Iterable[Row]) -> tuple[tuple[Ref, Ref], ...]:
    """Records that were merged into these rows, each with the row it lives on in: their ids lead there now."""
    return tuple(
        (Ref(system, kind, identity), Ref(system, kind, row.head.id))
        for row in rows
        if row.head.properties.hs_merged_object_ids
        for identity in row.head.properties.hs_merged_object_ids.split(";")
        if identity and identity != row.head.id
    )


def associated_json(links: Mapping[str, Any]) -> bytes:
    """Associations as they are published with a record."""
    return msgspec.json.encode(links)
