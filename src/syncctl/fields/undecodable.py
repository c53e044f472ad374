"""Undecodable: a raw value is not what its field says. No I/O."""

from __future__ import annotations

from typing import Any


class Undecodable(ValueError):
    """A raw value is not what its field says; the message names the value."""


class Several(Undecodable):
    """Values that can all be read, and differ where one is wanted."""


def excerpt(raw: Any) -> str:
    """A raw value as a message shows it: its first 60 characters."""
    shown = repr(raw)
    return shown if len(shown) <= 60 else shown[:57] + "..."
