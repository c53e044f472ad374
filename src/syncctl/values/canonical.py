"""Canonical values made one: the single one of several, a number, a sum, a day. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from syncctl.fields.codecs import decode
from syncctl.fields.numbers import number_in
from syncctl.fields.text import show
from syncctl.fields.undecodable import Several, Undecodable
from syncctl.model import Money


def one(value: Any) -> Any:
    """The single value of a tuple of equal ones. Raises Undecodable when they differ."""
    if not isinstance(value, tuple):
        return value
    try:
        distinct = list(dict.fromkeys(value))
    except TypeError as error:
        raise Undecodable("a list of objects where one value is wanted") from error
    if len(distinct) > 1:
        raise Several(f"several values where one is wanted: {', '.join(map(show, distinct[:3]))}")
    return distinct[0] if distinct else None


def flat(value: Any) -> Iterable[Any]:
    """Every value in a value: the elements of tuples, however deep; nothing of None."""
    if type(value) is tuple:
        return chain.from_iterable(map(flat, value))
    return () if value is None else (value,)


def number_of(value: Any) -> Decimal:
    """The number in a canonical value. Raises Undecodable."""
    found = number_in(value)
    if found is None:
        raise Undecodable(f"not a number: {show(value)}")
    return found


def add_up(amounts: list[tuple[int, Any]]) -> Money | Decimal | None:
    """A signed sum in one currency; None of nothing. Raises Undecodable over two currencies."""
    if not amounts:
        return None
    currencies = {value.currency for _, value in amounts if isinstance(value, Money)}
    if len(currencies) > 1:
        raise Undecodable(f"a sum over {' and '.join(sorted(currencies))}")
    total = sum((sign * number_of(value) for sign, value in amounts), Decimal(0))
    return Money(total, currencies.pop()) if currencies else total


def local_date(value: Any, time_zone: ZoneInfo) -> date | None:
    """The accounting date of an instant in the books' time zone; a date stays as it is. Raises Undecodable."""
    if value is None:
        return None
    if isinstance(value, datetime):
        try:
            return value.astimezone(time_zone).date()
        except OverflowError as error:
            raise Undecodable(f"not a day of the calendar: {value}") from error
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        found: date | None = decode("date", value)
        return found
    raise Undecodable(f"not a date: {show(value)}")
