"""Whether two raw values of a record mean the same. No I/O."""

from __future__ import annotations

from typing import Any

from syncctl.fields.codecs import codec_named, decode
from syncctl.fields.text import clean_text
from syncctl.fields.undecodable import Undecodable


def holds(element: Any, wanted: Any) -> bool:
    """True when `element` says everything that `wanted` says; vendors add ids and defaults of their own, and some keep
    the one object that a path names in a list (`LinkedTxn` of a QuickBooks payment's line)."""
    if isinstance(wanted, dict) and isinstance(element, list):
        return any(holds(one, wanted) for one in element)
    if isinstance(wanted, dict):
        return isinstance(element, dict) and all(holds(element.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(element, list)
            and len(element) == len(wanted)
            and all(holds(one, other) for one, other in zip(element, wanted, strict=True))
        )
    return same("text", element, wanted)


def same(codec: str, left: Any, right: Any) -> bool:
    """True when two raw values mean the same to this codec; raw equality where it cannot read one of them.

    The currency does not matter here: both are amounts in the same place of the same record.
    """
    if left == right:
        return True
    if codec == "object":
        left, right = _single(left), _single(right)
    left, right = _empty(left), _empty(right)
    if left is None or right is None or left == right:
        return bool(left == right)
    try:
        codec_named(codec)
    except KeyError:
        return False
    try:
        one, other = decode(codec, left), decode(codec, right)
    except Undecodable:
        return False
    if isinstance(one, str) and isinstance(other, str):
        return clean_text(one) == clean_text(other)
    return bool(one == other)


def _empty(value: Any) -> Any:
    return None if value in ("", [], {}) else value


def _single(value: Any) -> Any:
    """The element of a list of one: a place with one value is read as that value, a list of lines is written whole."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
