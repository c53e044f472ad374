"""Values that fit any field of a type, and how values are compared. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from syncctl.fields.codecs import decode, encode
from syncctl.fields.schema import Field
from syncctl.model import Money

CURRENCY: Final = "USD"
VALUES: Final[dict[str, list[Any]]] = {
    "number": [Decimal("12.5")],
    "money": [Money(Decimal("1234.56"), CURRENCY)],
    "date": [date(2026, 12, 31)],
    "instant": [datetime(2026, 12, 31, 23, 30, 1, 332_000, tzinfo=UTC)],
    "bool": [True, False],
    "currency": [CURRENCY],
}
"""By type; for texts and options see `general_values`."""
TEXT: Final = 'Ärger & Söhne, "x"'
_WILD: Final = ".*"


def place_of(field: Field) -> str:
    """Where a field is written; one that stands for any key is tried as the key `contract`."""
    return field.place.replace(_WILD, ".contract") if field.path.endswith(_WILD) else field.place


def general_values(field: Field) -> list[Any]:
    """Values that any field of this type can hold, in the vendor's encoding: two where one of them may be what the
    field is without us.
    """
    if field.options:
        values = list(dict.fromkeys((field.options[0][0], field.options[-1][0])))
    else:
        values = VALUES.get(field.type, [TEXT[: field.max_length]])
    encoded = [encode(field.codec, value, CURRENCY) for value in values]
    return [[value] for value in encoded] if field.many else encoded


def canonical(field: Field, raws: Iterable[Any]) -> list[Any]:
    """Raw values as they are compared, lists flattened and empty ones left out. Raises Undecodable."""
    flat = [one for raw in raws for one in (raw if isinstance(raw, list) else [raw])]
    return [found for found in (decode(field.codec, raw, CURRENCY) for raw in flat) if found is not None]
