"""Short names for the fields that many of Stripe's kinds have. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from syncctl.connectors.stripe.card import METADATA_VALUE
from syncctl.fields.schema import Field

ADDRESS_LENGTH: Final = 5000
"""maxLength of every part of an address in Stripe's OpenAPI file."""

METADATA: Final = Field(
    "metadata.*",
    writable="always",
    max_length=METADATA_VALUE,
    custom=True,
    note="at most 50 keys of at most 40 characters, without square brackets; an empty value deletes the key",
)


def text(path: str, **words: Any) -> Field:
    return Field(path, **words)


def enum(path: str, *options: str, **words: Any) -> Field:
    """A text with known values; the vendor may add some."""
    return Field(path, "enum", options=tuple((option, option.replace("_", " ")) for option in options), **words)


def money(path: str, **words: Any) -> Field:
    """Minor units of the record's own currency."""
    return Field(path, "money.minor.stripe", **{"currency": "currency", **words})


def instant(path: str, **words: Any) -> Field:
    return Field(path, "instant.epoch", **words)


def day(path: str, **words: Any) -> Field:
    """A calendar day that Stripe sends as midnight UTC: the company's time zone would make it the day before."""
    return Field(path, "date.epoch", **words)


def flag(path: str, **words: Any) -> Field:
    return Field(path, "bool", **words)


def number(path: str, **words: Any) -> Field:
    return Field(path, "number", **words)


def ref(path: str, target: str, **words: Any) -> Field:
    return Field(path, "ref", target=target, **words)


def many(path: str, **words: Any) -> Field:
    """A list of objects, for conditions on whether there are any."""
    return Field(path, "object", many=True, **words)


IDENTITY: Final = Field("id", "id", assigned=True, unique=True, note="given by Stripe")
CREATED: Final = instant("created", assigned=True)
CURRENCY: Final = Field("currency", "currency.lower")
LIVEMODE: Final = flag("livemode", assigned=True)


def address(path: str, writable: str = "never") -> tuple[Field, ...]:
    """An address and its six parts."""
    names = ("line1", "line2", "city", "state", "postal_code", "country")
    parts = (Field(f"{path}.{name}", writable=writable, max_length=ADDRESS_LENGTH) for name in names)
    return (Field(path, "object"), *parts)


def taxes(path: str) -> tuple[Field, ...]:
    """A list of tax amounts, of a document or of one of its lines."""
    return (
        many(path),
        money(f"{path}.amount"),
        money(f"{path}.taxable_amount"),
        enum(f"{path}.tax_behavior", "exclusive", "inclusive"),
        text(f"{path}.tax_rate_details.tax_rate"),
        text(f"{path}.taxability_reason"),
    )


def within(path: str, fields: Iterable[Field]) -> tuple[Field, ...]:
    """These fields as elements of a list at `path`: read only, their money in the currency of the record."""
    return tuple(
        replace(found, path=f"{path}.{found.path}", writable="never", assigned=False, unique=False)
        for found in fields
        if found.reverse is None
    )


def table(*fields: Field) -> dict[str, Field]:
    """Fields by path."""
    return {found.path: found for found in fields}
