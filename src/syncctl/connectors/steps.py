"""A vendor's id as one step of a path: it never becomes more steps, a query, or a way up. No I/O."""

from __future__ import annotations

from urllib.parse import quote


def leads_elsewhere(identity: str) -> bool:
    """True for an id that is no step of a path however it is escaped: every client takes `..` for the step above."""
    return identity in ("", ".", "..")


def step(identity: str) -> str:
    """The id, every sign that means something in an address escaped. Raises ValueError where it leads elsewhere."""
    if leads_elsewhere(identity):
        raise ValueError(f"{identity!r} is no id that an address can hold")
    return quote(identity, safe="")
