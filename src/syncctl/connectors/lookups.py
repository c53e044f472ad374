"""Whether a record holds a value that was looked up: vendors match loosely, so it is compared here. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

from syncctl.fields.jsontext import decode_json
from syncctl.fields.text import clean_text
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Record
from syncctl.paths import as_text, parse_path, read


def lookup_keys(values: Iterable[str]) -> frozenset[str]:
    """The values as they are compared: without regard to case and outer blanks."""
    return frozenset(map(_key, values))


def holds_one(record: Record, field: str, keys: frozenset[str]) -> bool:
    """True when the record's field has one of these keys; a record that cannot be read has none."""
    try:
        raw = decode_json(record.raw)
    except Undecodable:
        return False
    return any(_key(as_text(value)) in keys for value in read(raw, parse_path(field)))


def _key(text: str) -> str:
    return clean_text(text).casefold()
