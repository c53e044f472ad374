"""Canonical text: two values are equal exactly when their texts are. No I/O.

What is compared how follows from both fields' types, decided once when a mapping is compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from syncctl.fields.numbers import plain_number
from syncctl.fields.schema import Field
from syncctl.fields.text import clean_text, show
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import Table
from syncctl.model import Money, Unknown
from syncctl.values.canonical import local_date, number_of, one
from syncctl.values.forms import ANY

EMPTY: Final = "\x00"
SKIPPED: Final = "\x02"
BLOCKED: Final = "\x01"
UNLINKED: Final = "\x03"
UNTRANSLATED: Final = "\x04"
UNKNOWN: Final = "\x05"
"""Marks at the start of a cell: nothing there; no entry speaks; unreadable, with the reason; a reference without
partner, with its id; a value that the table has not, on the side that is written; known after apply. They cannot begin
a vendor's text: control characters are taken out of it."""

NUMBERS: Final = frozenset({"number", "money"})
TIMES: Final = frozenset({"date", "instant"})


def common_type(left: str, right: str) -> str:
    """The type in which values of two fields are compared: money, number, date, instant, bool, currency, or text."""
    pair = {left, right} - {ANY}
    if not pair:
        return "text"
    if pair == {"money"}:
        return "money" if ANY not in (left, right) else "number"  # a constant has no currency
    if pair & NUMBERS:
        return "number"
    if pair == {"instant"}:
        return "instant"
    if pair & TIMES:
        return "date"
    if pair & {"bool"} and not pair - {"bool", "enum", "text"}:
        return "bool" if pair == {"bool"} else "text"
    if "currency" in pair:
        return "currency"
    return "text"


Compare = Callable[[Any], str]
"""From a canonical value to the text of its cell. Raises Undecodable."""


def comparer(common: str, time_zone: ZoneInfo, normalise: Callable[[str], str] | None = None) -> Compare:
    """How a value of this common type becomes text; `normalise` is the named function of `as`."""
    plain = _PLAIN.get(common)
    if common == "date":

        def as_date(value: Any) -> str:
            found = local_date(value, time_zone)
            return found.isoformat() if found else EMPTY

        plain = as_date
    assert plain is not None

    def compare(value: Any) -> str:
        if type(value) is tuple:
            value = one(value)
        if value is None:
            return EMPTY
        if isinstance(value, Unknown):
            return f"{UNKNOWN}{value.ref}#{value.path}"
        text = plain(value)
        if normalise is not None:
            text = normalise(text)
        return text or EMPTY

    return compare


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def printable(text: str) -> str:
    """The text without the control characters that cells and their marks are divided by."""
    return text if text.isprintable() else " ".join(_CONTROL.sub(" ", text).split())


def _text(value: Any) -> str:
    return printable(clean_text(value if type(value) is str else show(value)))


def _money(value: Any) -> str:
    if isinstance(value, Money):
        return f"{plain_number(value.amount)} {value.currency}"
    return plain_number(number_of(value))


_PLAIN: Final[dict[str, Compare]] = {
    "text": _text,
    "bool": lambda value: show(value).lower(),
    "currency": lambda value: show(value).upper(),
    "number": lambda value: plain_number(number_of(value)),
    "money": _money,
    "instant": show,
    "date": show,
}


@dataclass(frozen=True, slots=True)
class Translation:
    """A table of values made ready: keys and values by option id where the field has a picklist."""

    forward: Mapping[str, str]
    backward: Mapping[str, tuple[str, ...]]
    default: str | None

    def to_right(self, text: str) -> str:
        """The right value of a left one. Raises Undecodable when the table has none."""
        found = self.forward.get(text, self.default)
        if found is None:
            raise Undecodable(f"the table of values has no entry for {text!r}")
        return found

    def to_left(self, text: str, present: str) -> str:
        """The left value of a right one; `present` stays when it fits. Raises Undecodable when the table has none."""
        keys = self.backward.get(text, ())
        if not keys:
            raise Undecodable(f"the table of values has no entry for {text!r}")
        return present if present in keys else keys[0]


def translation(table: Table, left: Field | None, right: Field | None) -> Translation:
    """Makes a table ready; labels of picklist options are replaced by the options' ids."""
    forward: dict[str, str] = {}
    backward: dict[str, tuple[str, ...]] = {}
    for here, there in table.pairs:
        key, value = _option(left, here), _option(right, there)
        forward[key] = value
        backward[value] = (*backward.get(value, ()), key)
    return Translation(forward, backward, None if table.default is None else _option(right, table.default))


def _option(found: Field | None, text: str) -> str:
    """The id of the option with this id or label; the text itself where there are no options."""
    if found is None:
        return text
    for identity, label in found.options:
        if text in (identity, label):
            return identity
    return text


def within_tolerance(left: str, right: str, tolerance: Decimal) -> bool:
    """True when two number or money cells differ by no more than the tolerance, in one currency. Empty counts as 0."""
    try:
        (first, first_currency), (second, second_currency) = _amount(left), _amount(right)
    except ArithmeticError:
        return False
    one_currency = first_currency == second_currency or EMPTY in (left, right)
    return one_currency and abs(first - second) <= tolerance


def _amount(cell: str) -> tuple[Decimal, str]:
    if cell == EMPTY:
        return Decimal(0), ""
    number, _, currency = cell.partition(" ")
    return Decimal(number), currency
