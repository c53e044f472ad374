"""The currency of a money field, read from its record. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from syncctl.fields.schema import Field
from syncctl.fields.undecodable import Undecodable, excerpt
from syncctl.model import Raw
from syncctl.paths import compile_read, parse_path, read

SEVERAL: Final = "|"
"""Between paths of which the first that is there names the currency."""


def currency_of(raw: Raw, found: Field) -> str:
    """The currency of a money field in this record: ISO code, upper case; empty where the record names none."""
    if not found.currency:
        return ""
    for path in found.currency.split(SEVERAL):
        for value in read(raw, parse_path(path)):
            return currency_code(value, "") or found.currency_default
    return found.currency_default


def currency_reader(found: Field) -> Callable[[Raw], str]:
    """`currency_of` for many records: its path is looked up once."""
    if not found.currency:
        return lambda _raw: ""
    if SEVERAL in found.currency:
        return lambda raw: currency_of(raw, found)
    get, absent = compile_read(parse_path(found.currency)), found.currency_default

    def currency(raw: Raw) -> str:
        value = get(raw)
        if type(value) is str and value.isalpha():
            return value.upper()
        if type(value) is list or type(value) is tuple:
            return currency_of(raw, found)
        return absent if value is None else currency_code(value, "") or absent

    return currency


def currency_code(raw: Any, _: str) -> str:
    text = raw.get("value") if isinstance(raw, dict) else raw
    if text is None and isinstance(raw, dict):
        return ""
    if not isinstance(text, str) or not text.isprintable():
        raise Undecodable(f"not a currency: {excerpt(raw)}")
    return text.strip().upper()
