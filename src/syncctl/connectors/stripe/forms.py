"""Form encoding as Stripe reads it: nested keys in brackets, an empty value clears. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from syncctl.fields.undecodable import Undecodable


def form(values: Mapping[str, Any]) -> bytes:
    """`{"address": {"city": "Oslo"}}` as `address[city]=Oslo`; None and empty lists are sent empty.

    Raises Undecodable for a key with a square bracket: the vendor would read another key.
    """
    pairs = [pair for name, value in values.items() for pair in _pairs(_key(name), value)]
    return urlencode(pairs).encode()


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _pairs(f"{name}[{_key(key)}]", inner)
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from _pairs(f"{name}[{number}]", inner)
    else:
        yield name, _scalar(value)


def _key(name: str) -> str:
    if "[" in name or "]" in name:
        raise Undecodable(f"stripe keeps no key with square brackets: {name}")
    return name


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None or value in ({}, []) else str(value)
