"""Which records may have one value of a field that is unique: two suppliers' bills may have one number. No I/O."""

from __future__ import annotations

from syncctl.fields.schema import Field
from syncctl.model import Edit, Raw
from syncctl.paths import as_text, parse_path, read


def sharers(found: Field, raw: Raw) -> str:
    """Among whom the value of a record must be unique: records with another answer may have the same value."""
    if not found.unique_among:
        return ""
    rule, path = found.unique_among
    place, _, value = rule.partition("=")
    return f"{rule} {_text(raw, path)}" if _text(raw, place) == value else ""


def decides(found: Field, edit: Edit) -> bool:
    """True for an edit of the value, or of what says among whom it must be unique."""
    decisive = (found.place, found.unique_among[1]) if found.unique_among else (found.place,)
    return any(f"{place}.".startswith(f"{edit.path}.") for place in decisive)


def _text(raw: Raw, path: str) -> str:
    return ",".join(map(as_text, read(raw, parse_path(path))))
