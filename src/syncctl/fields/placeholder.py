"""The JSON that stands for a value known after apply. No I/O."""

from __future__ import annotations

from typing import Any, Final

from syncctl.model import Raw, Ref, Unknown

UNKNOWN_KEY: Final = "$known_after_apply"
EXPECTED: Final = "expected"
"""Beside it in a placeholder: the number that arithmetic tells, as text. For people and states, never written."""


def unknown_in(raw: Any) -> Unknown | None:
    """The placeholder of a value known after apply, if `raw` is one (bare, or as a reference's `value`)."""
    if not isinstance(raw, dict):
        return None
    if UNKNOWN_KEY in raw:
        ref, _, path = raw[UNKNOWN_KEY].rpartition("#")
        return Unknown(Ref.parse(ref), path)
    inner = raw.get("value", raw.get("id"))
    return unknown_in(inner) if isinstance(inner, dict) else None


def placeholder(unknown: Unknown) -> Raw:
    """The JSON that stands for a value known after apply, until a receipt replaces it."""
    return {UNKNOWN_KEY: f"{unknown.ref}#{unknown.path}"}
