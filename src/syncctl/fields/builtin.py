"""The codecs that vendors share: each a vendor's JSON value to a canonical value and back. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from syncctl.fields.currency import currency_code
from syncctl.fields.numbers import exact_number, number_in, parse_number
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable, excerpt
from syncctl.model import Money, Ref
from syncctl.money import STRIPE_READ_ONLY_CURRENCIES, STRIPE_WHOLE_CURRENCIES, exponent, from_minor, to_minor

SHORT: Final = 10**14
"""Whole numbers below it have no float tail and need no look at their digits."""


@dataclass(frozen=True, slots=True)
class Codec:
    """`decode(raw, currency)` and `encode(value, currency)`; both raise Undecodable. None never reaches either."""

    decode: Callable[[Any, str], Any]
    encode: Callable[[Any, str], Any]


def _text(raw: Any, _: str) -> str:
    if type(raw) is str:
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | Decimal):
        return format(raw, "f") if isinstance(raw, Decimal) else str(raw)
    raise Undecodable(f"not a text: {excerpt(raw)}")


def _decimal(raw: Any, _: str) -> Decimal:
    if type(raw) is int and -SHORT < raw < SHORT:
        return Decimal(raw)
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return exact_number(Decimal(raw))
    if isinstance(raw, str):
        return parse_number(raw)
    raise Undecodable(f"not a number: {excerpt(raw)}")


def _money(vendor: str) -> Codec:
    def decode(raw: Any, currency: str) -> Money:
        if type(raw) is not int and (isinstance(raw, bool) or not isinstance(raw, (int, Decimal, str))):
            raise Undecodable(f"not an amount: {excerpt(raw)}")
        minor = _decimal(raw, "")
        return Money(from_minor(minor, exponent(vendor, currency)), currency)

    def encode(value: Any, currency: str) -> int:
        if currency in STRIPE_READ_ONLY_CURRENCIES:
            raise Undecodable(f"amounts in {currency} are read only: the vendor's number of decimals is unresolved")
        amount = amount_of(value)
        return (
            to_minor(amount, 0) * 100
            if currency in STRIPE_WHOLE_CURRENCIES
            else to_minor(amount, exponent(vendor, currency))
        )

    return Codec(decode, encode)


def amount_of(value: Any) -> Decimal:
    """The number to write: of money, of a number or of its text. Raises Undecodable."""
    found = number_in(value)
    if found is None:
        raise Undecodable(f"not an amount: {excerpt(value)}")
    return found


def _decode_money(raw: Any, currency: str) -> Money:
    return Money(_decimal(raw, ""), currency)


def _flip(money: Money) -> Money:
    return replace(money, amount=-money.amount)


def _text_number(value: Any, _: str) -> str:
    return format(amount_of(value), "f")


def _json_number(value: Any, _: str) -> int | Decimal:
    amount = amount_of(value)
    return int(amount) if amount == amount.to_integral_value() else amount


def _date(raw: Any, _: str) -> date:
    """The day of a date or of a time as it is written: the offset never moves it to another day."""
    if not isinstance(raw, str) or raw[10:11] not in ("", "T", " "):
        raise Undecodable(f"not a date: {excerpt(raw)}")
    try:
        return date.fromisoformat(raw[:10])
    except ValueError as error:
        raise Undecodable(f"not a date: {excerpt(raw)}") from error


def _instant_epoch(raw: Any, _: str) -> datetime:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Undecodable(f"not a Unix time: {excerpt(raw)}")
    try:
        return datetime.fromtimestamp(raw, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Undecodable(f"not a Unix time: {excerpt(raw)}") from error


def _instant_iso(raw: Any, _: str) -> datetime:
    if not isinstance(raw, str):
        raise Undecodable(f"not a time: {excerpt(raw)}")
    try:
        found = datetime.fromisoformat(raw)
        if found.tzinfo is None:
            raise Undecodable(f"a time without an offset: {excerpt(raw)}")
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, Undecodable) else Undecodable(f"not a time: {excerpt(raw)}") from error


def _as_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return _date(value, "")


def _as_instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    return _instant_iso(value, "")


def _bool(raw: Any, _: str) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in ("true", "false"):
        return bool(raw == "true")
    raise Undecodable(f"not true or false: {excerpt(raw)}")


def _reference(raw: Any, _: str) -> str:
    """The id a reference holds: bare, as `{"value": id}`, or as an object with its `id`."""
    if type(raw) is str:
        return raw
    inner = raw.get("value", raw.get("id")) if isinstance(raw, dict) else raw
    if inner is None and ("value" in raw or "id" in raw):
        return ""
    if isinstance(inner, bool) or not isinstance(inner, str | int):
        raise Undecodable(f"not a reference: {excerpt(raw)}")
    return str(inner)


def _identity(value: Any) -> str:
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, str):
        return value
    raise Undecodable(f"not a reference: {excerpt(value)}")


def _plain_text(value: Any, _: str) -> str:
    return show(value)


CODECS: Final[Mapping[str, Codec]] = {
    "text": Codec(_text, _plain_text),
    "enum": Codec(_text, _plain_text),
    "id": Codec(_text, _plain_text),
    "number": Codec(_decimal, _json_number),
    "number.text": Codec(_decimal, _text_number),
    "money": Codec(_decode_money, _json_number),
    "money.text": Codec(_decode_money, _text_number),
    "money.flipped": Codec(
        lambda raw, currency: _flip(_decode_money(raw, currency)),
        lambda value, _: _json_number(-amount_of(value), ""),
    ),
    "money.minor.stripe": _money("stripe"),
    "date": Codec(_date, lambda value, _: _as_date(value).isoformat()),
    "date.midnight": Codec(_date, lambda value, _: f"{_as_date(value).isoformat()}T00:00:00Z"),
    "date.epoch": Codec(
        lambda raw, _: _instant_epoch(raw, "").date(),
        lambda value, _: int(datetime.combine(_as_date(value), time.min, UTC).timestamp()),
    ),
    "instant.epoch": Codec(_instant_epoch, lambda value, _: int(_as_instant(value).timestamp())),
    "instant.iso": Codec(
        _instant_iso, lambda value, _: _as_instant(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    ),
    "bool": Codec(_bool, lambda value, _: _bool(value, "")),
    "bool.text": Codec(_bool, lambda value, _: "true" if _bool(value, "") else "false"),
    "currency": Codec(currency_code, lambda value, _: show(value).upper()),
    "currency.lower": Codec(currency_code, lambda value, _: show(value).lower()),
    "currency.value": Codec(currency_code, lambda value, _: {"value": show(value).upper()}),
    "ref": Codec(_reference, lambda value, _: _identity(value)),
    "ref.value": Codec(_reference, lambda value, _: {"value": _identity(value)}),
    "ref.element": Codec(_reference, lambda value, _: {"id": _identity(value)}),
    "object": Codec(lambda raw, _: raw, lambda value, _: value),
}
"""Every way a value is kept that no file declares. `money.flipped` has the other sign. `date.epoch` is a day, as the
Unix time of its midnight in UTC. `ref.element` is a reference inside a list of `{"id": …, "label": …}`.
"""
