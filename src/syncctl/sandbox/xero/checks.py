"""Is this body one that Xero would read? Unknown properties, types, words, lengths. No I/O."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from syncctl.sandbox.xero.answers import Invalid, Raw, unreadable
from syncctl.sandbox.xero.moments import day_of
from syncctl.sandbox.xero.shapes import SHAPES, Property


def read_body(shape: str, body: Any) -> Raw:
    """A checked copy of a body: numbers as Decimal, dates as days, nulls and the server's own gone.

    Raises Refusal for what cannot be read, Invalid for a text that is too long.
    """
    if not isinstance(body, dict):
        raise unreadable(f"Error converting value {body!r} to type '{shape}'")
    found: Raw = {}
    for name, value in body.items():
        known = SHAPES[shape].get(name)
        if known is None:
            raise unreadable(f"Could not find member '{name}' on object of type '{shape}'")
        if value is not None and known.sign != "-":
            found[name] = _read(name, known, value)
    return found


def _read(name: str, known: Property, value: Any) -> Any:
    if known.sign == ">":
        return read_body(known.holds, value)
    if known.sign == "[":
        if not isinstance(value, list):
            raise unreadable(f"Cannot deserialize the value of '{name}' into a list")
        return [read_body(known.holds, element) for element in value]
    if isinstance(value, dict | list):
        raise unreadable(f"Unexpected token where a value was expected: '{name}'")
    if known.sign == "n":
        return _number(name, value)
    if known.sign == "b":
        return _flag(name, value)
    if known.sign == "d":
        return _day(name, value)
    text = str(value)
    if known.sign == "=" and text not in known.words:
        raise unreadable(f"Error converting value \"{text}\" to type '{name}'")
    if known.length is not None and len(text) > known.length:
        raise Invalid(f"The {name} field must be no longer than {known.length} characters")
    return text


def _number(name: str, value: Any) -> Decimal:
    try:
        found = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise unreadable(f"Could not convert '{value}' to a decimal: '{name}'")
    return found


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise unreadable(f"Could not convert '{value}' to a boolean: '{name}'")


def _day(name: str, value: Any) -> Any:
    if value == "":
        return ""
    try:
        return day_of(value)
    except ValueError as error:
        raise unreadable(f"Could not convert '{value}' to a date: '{name}'") from error
