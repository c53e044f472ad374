"""Answers into records: each row keeps its exact bytes; what names and dates it is read where the file says. No I/O."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from syncctl.connectors.rest.addresses import usable
from syncctl.connectors.rest.language import Keys, KindDeclaration
from syncctl.fields.codecs import decode
from syncctl.fields.jsontext import decode_json, decode_record
from syncctl.fields.undecodable import Undecodable, excerpt
from syncctl.model import Poison, Raw, Record, Ref
from syncctl.paths import as_text, parse_path, read

_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BROKEN: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_elements: Final = msgspec.json.Decoder(list[msgspec.Raw])


def inside(body: bytes, keys: Keys) -> bytes | None:
    """What stands at a place in an answer, undecoded; None where it is missing or null. Raises Undecodable."""
    found: bytes | msgspec.Raw = body
    for place, key in enumerate(keys):
        try:
            members = _members.decode(found)
        except _BROKEN as error:
            raise Undecodable(f"there is no {'.'.join(keys[: place + 1])}: {error}") from error
        if key not in members:
            return None
        found = members[key]
    return None if bytes(found).strip() == b"null" else bytes(found)


def value_at(body: bytes, keys: Keys) -> Any:
    """The decoded value at a place in an answer; None where there is none, or where the answer is no JSON."""
    try:
        found = inside(body, keys)
        return None if found is None else decode_json(found)
    except Undecodable:
        return None


def text_at(body: bytes, keys: Keys) -> str:
    """A text or number at a place in an answer; empty where there is none."""
    found = value_at(body, keys) if keys else None
    return as_text(found) if isinstance(found, str | int | Decimal) else ""


def listed(body: bytes, keys: Keys) -> list[bytes]:
    """The rows of a list, undecoded. Raises Undecodable where the place holds no list."""
    found = inside(body, keys)
    where = ".".join(keys) or "the answer"
    if found is None:
        raise Undecodable(f"{where} holds no list")
    try:
        return [bytes(row) for row in _elements.decode(found)]
    except _BROKEN as error:
        raise Undecodable(f"{where} holds no list: {error}") from error


def scalar(raw: Raw, path: str) -> str:
    """The one text or number at a path of a record; empty where there is none, or anything else."""
    values = list(read(raw, parse_path(path))) if path else []
    found = values[0] if len(values) == 1 else None
    return as_text(found) if isinstance(found, str | int | Decimal) and not isinstance(found, bool) else ""


def identity_of(raw: Raw, kind: KindDeclaration) -> str:
    """The record's id, a text or a whole number that can be asked for. Raises Undecodable."""
    values = list(read(raw, parse_path(kind.id)))
    found = values[0] if len(values) == 1 else None
    identity = as_text(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not usable(identity):
        raise Undecodable(f"`{kind.id}` holds no id: {excerpt(found)}")
    return identity


def record_of(system: str, kind: KindDeclaration, row: bytes, etag: str = "") -> Record:
    """The record that a row is. Raises Undecodable."""
    raw = decode_record(row)
    identity = identity_of(raw, kind)
    version = etag
    if kind.version is not None and kind.version.field:
        version = scalar(raw, kind.version.field)
    return Record(Ref(system, kind.name, identity), row, version, _updated(raw, kind))


def _updated(raw: Raw, kind: KindDeclaration) -> str:
    """The time of the last change as ISO-8601 in UTC; empty where the record has none. Raises Undecodable."""
    values = list(read(raw, parse_path(kind.updated))) if kind.updated else []
    try:
        found = decode(kind.fields[kind.updated].codec, values[0]) if len(values) == 1 else None
    except Undecodable as error:
        raise Undecodable(f"`{kind.updated}`: {error}") from error
    if isinstance(found, datetime):
        return stamp(found)
    return found.isoformat() if isinstance(found, date) else ""


def stamp(moment: datetime) -> str:
    """A moment as windows and records keep it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_row(system: str, kind: KindDeclaration, row: bytes) -> Record | Poison:
    """A row as a record, or set aside with its id, if even that can be read."""
    try:
        return record_of(system, kind, row)
    except Undecodable as error:
        return Poison(system, kind.name, _id_if_any(kind, row), str(error), row)


def _id_if_any(kind: KindDeclaration, row: bytes) -> str:
    try:
        return scalar(decode_record(row), kind.id)
    except Undecodable:
        return ""
