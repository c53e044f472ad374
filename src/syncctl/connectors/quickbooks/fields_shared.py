"""The building blocks of the field tables. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from syncctl.connectors.quickbooks.kinds import TRANSACTIONS
from syncctl.fields.schema import Field

CURRENCY: Final = "CurrencyRef"
HOME: Final = "HomeCurrency"
"""No record has this key: an amount with it is always in the home currency."""
ALWAYS, CREATE, NEVER = "always", "create", "never"


def text(path: str, writable: str = ALWAYS, *, length: int | None = None, required: bool = False) -> Field:
    """A text."""
    return Field(path, writable=writable, max_length=length, required=required)


def enum(path: str, options: str, writable: str = ALWAYS, *, required: bool = False) -> Field:
    """One of some words, separated by |."""
    known = tuple((option, option) for option in options.split("|"))
    return Field(path, "enum", writable=writable, options=known, open_options=False, required=required)


def ref(path: str, target: str, writable: str = ALWAYS, *, required: bool = False) -> Field:
    """A reference, kept as `{"value": id}`."""
    return Field(path, "ref.value", target=target, writable=writable, required=required)


def link(path: str, target: str, writable: str = ALWAYS) -> Field:
    """A link to another transaction, kept as its bare id. Beside it TxnType names the kind; else it is `target`."""
    note = f"which kind it links says TxnType beside it; {target} where a mapping does not choose"
    targets = tuple((kind, kind) for kind in sorted(TRANSACTIONS))
    return Field(path, "ref", target=target, targets=targets, told_by="TxnType", writable=writable, note=note)


def money(path: str, writable: str = ALWAYS, *, currency: str = CURRENCY, required: bool = False) -> Field:
    """An amount in the record's currency."""
    return Field(path, "money", currency=currency, writable=writable, required=required)


def number(path: str, writable: str = ALWAYS) -> Field:
    """A number."""
    return Field(path, "number", writable=writable)


def date(path: str, writable: str = ALWAYS) -> Field:
    """A calendar date of the books."""
    return Field(path, "date", writable=writable)


def flag(path: str, writable: str = ALWAYS) -> Field:
    """True or false."""
    return Field(path, "bool", writable=writable)


def given(field: Field, note: str = "") -> Field:
    """A field that QuickBooks sets itself and nobody writes."""
    return replace(field, writable=NEVER, assigned=True, note=note or field.note)


def address(path: str) -> tuple[Field, ...]:
    """The parts of an address."""
    parts = ("Line1", "Line2", "Line3", "Line4", "Line5", "City", "CountrySubDivisionCode", "PostalCode", "Country")
    return tuple(text(f"{path}.{part}") for part in parts)


HEAD: Final = (
    given(Field("Id", "id")),
    given(text("SyncToken")),
    given(Field("MetaData.CreateTime", "instant.iso")),
    given(Field("MetaData.LastUpdatedTime", "instant.iso")),
)


def read_only(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The same fields, none of which can be written."""
    return tuple(replace(field, writable=NEVER, required=False) for field in fields)
