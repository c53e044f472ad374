"""Numbers as vendors and people write them, without the tails of binary floats. No I/O."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import Any, Final

from syncctl.fields.undecodable import Undecodable, excerpt
from syncctl.model import Money

DOUBLE_DIGITS: Final = 15
"""Decimal digits that survive a binary double; more of them are a float tail (HubSpot sends such numbers)."""
CLEAN_DIGITS: Final = 13
"""A number of 16 digits is a float tail when rounding leaves no more than these: 0.7999999999999999 is 0.8, while
12345678901234.56 is meant as it stands."""
CENTS: Final = 2
"""Numbers with no more decimals than these are never taken for a float tail."""
EXACT_DIGITS: Final = 28
"""What decimal arithmetic keeps; a longer number could not be added up exactly, so it is refused."""
SMALLEST_EXPONENT: Final = -100
_LONG: Final = Context(prec=1_000)
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED_NUMBER = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")


def parse_number(text: str) -> Decimal:
    """A number as people and vendors write it: `15000`, `15000.00`, `15,000`; anything doubtful raises Undecodable.

    Digits beyond what a double holds are a float tail and are rounded away.
    """
    stripped = text.strip()
    if _GROUPED_NUMBER.fullmatch(stripped):
        stripped = stripped.replace(",", "")
    if not _PLAIN_NUMBER.fullmatch(stripped):
        raise Undecodable(f"not a number: {excerpt(text)}")
    return exact_number(Decimal(stripped))


def number_in(value: Any) -> Decimal | None:
    """The number of money, of a number or of its text; None of anything else. Raises Undecodable for another text."""
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, Decimal):
        return value
    return parse_number(value) if isinstance(value, str) else None


def exact_number(value: Decimal) -> Decimal:
    """The value without a float tail. Raises Undecodable when it is too long to be reckoned with."""
    text = str(value)
    if len(text) <= DOUBLE_DIGITS and "E" not in text and text[-1].isdigit():
        return value
    _, digits, exponent_ = value.as_tuple()
    if not isinstance(exponent_, int) or exponent_ < SMALLEST_EXPONENT:
        raise Undecodable(f"not a number to reckon with: {excerpt(value)}")
    if len(digits) > DOUBLE_DIGITS and exponent_ < -CENTS:
        value = _without_tail(value, len(digits))
    if len(value.as_tuple().digits) > EXACT_DIGITS or value.adjusted() >= EXACT_DIGITS:
        raise Undecodable(f"a number of more than {EXACT_DIGITS} digits: {excerpt(value)}")
    return value


def _without_tail(value: Decimal, digits: int) -> Decimal:
    shift = value.adjusted() - DOUBLE_DIGITS + 1
    rounded = value.quantize(Decimal((0, (1,), min(shift, 0))), context=_LONG)
    short = len(rounded.normalize(_LONG).as_tuple().digits) <= CLEAN_DIGITS
    return rounded if short or digits > DOUBLE_DIGITS + 1 else value


def plain_number(value: Decimal) -> str:
    """A number without exponent and trailing zeros: 12.50 and 1.25E+1 are both `12.5`."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
