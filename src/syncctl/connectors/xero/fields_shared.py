"""The building blocks of the field tables. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from syncctl.fields.schema import Field

CURRENCY: Final = "CurrencyCode"
HOME: Final = "BaseCurrency"
"""No record but the organisation's has this key: an amount with it is in the base currency."""
ALWAYS, CREATE, NEVER = "always", "create", "never"
EDITABLE: Final = "while Status=DRAFT|SUBMITTED|AUTHORISED"
UNAPPROVED: Final = "while Status=DRAFT|SUBMITTED"


def text(path: str, writable: str = ALWAYS, *, length: int | None = None, required: bool = False) -> Field:
    """A text."""
    return Field(path, writable=writable, max_length=length, required=required)


def enum(path: str, options: str, writable: str = ALWAYS, *, required: bool = False) -> Field:
    """One of some words, separated by |."""
    known = tuple((option, option) for option in options.split("|"))
    return Field(path, "enum", writable=writable, options=known, open_options=False, required=required)


def ref(path: str, target: str, inner: str, writable: str = ALWAYS, *, required: bool = False) -> Field:
    """A reference, kept as an object that holds the id at `inner`."""
    return Field(path, "ref", access=f"{path}.{inner}", target=target, writable=writable, required=required)


def money(path: str, writable: str = ALWAYS, *, currency: str = CURRENCY, required: bool = False) -> Field:
    """An amount in the record's currency."""
    return Field(path, "money", currency=currency, writable=writable, required=required)


def number(path: str, writable: str = ALWAYS) -> Field:
    """A number."""
    return Field(path, "number", writable=writable)


def date(path: str, writable: str = ALWAYS) -> Field:
    """A calendar date of the books: the day as Xero shows it."""
    return Field(path, "date", writable=writable)


def instant(path: str) -> Field:
    """A moment that Xero sets."""
    return given(Field(path, "instant.iso"))


def flag(path: str, writable: str = ALWAYS) -> Field:
    """True or false."""
    return Field(path, "bool", writable=writable)


def many(path: str, writable: str = NEVER) -> Field:
    """A list of objects."""
    return Field(path, "object", many=True, writable=writable)


def given(field: Field, note: str = "") -> Field:
    """A field that Xero sets itself and nobody writes."""
    return replace(field, writable=NEVER, assigned=True, note=note or field.note)


def identity(path: str) -> Field:
    """The id."""
    return given(Field(path, "id"))


def read_only(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The same fields, none of which can be written."""
    return tuple(replace(field, writable=NEVER, required=False) for field in fields)


UPDATED: Final = instant("UpdatedDateUTC")
