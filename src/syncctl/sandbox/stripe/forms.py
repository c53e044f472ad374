"""Reads form-encoded names with brackets: `lines[0][type]`, `expand[]`. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from syncctl.sandbox.stripe.refusals import Refusal

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Pairs as nested dicts; `name[]` collects under the key "" as a list. Raises Refusal for a crooked name."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise Refusal(f"Invalid parameter name: {name}", param=name)
        _put(found, [match[1], *_PART.findall(match[2])], value, name)
    return found


def _put(target: dict[str, Any], keys: list[str], value: str, name: str) -> None:
    for key in keys[:-1]:
        inner = target.setdefault(key, {})
        if not isinstance(inner, dict):
            raise Refusal(f"Invalid parameter name: {name}", param=name)
        target = inner
    last = keys[-1]
    if last == "":
        target.setdefault("", []).append(value)
    else:
        target[last] = value
