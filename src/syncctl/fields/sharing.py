"""Which records may have one value of a field that is unique: two suppliers' bills may have one number. No I/O."""

from __future__ import annotations

from typing import Any

from syncctl.fields.placeholder import unknown_in
from syncctl.fields.schema import Field
from syncctl.model import Raw, Unknown
from syncctl.paths import as_text, parse_path, read


def sharers(found: Field, raw: Raw) -> str:
    """Among whom the value of a record must be unique: records with another answer may have the same value."""
    if not found.unique_among:
        return ""
    rule, path = found.unique_among
    place, _, value = rule.partition("=")
    return f"{rule} {_text(raw, path)}" if _text(raw, place) == value else ""


def _text(raw: Raw, path: str) -> str:
    return ",".join(map(_said, read(raw, parse_path(path))))


def _said(value: Any) -> str:
    """The value as text; what is known after apply as what it will be, so that two new records are two."""
    unknown = value if isinstance(value, Unknown) else unknown_in(value)
    return as_text(value) if unknown is None else f"{unknown.ref}#{unknown.path}"
