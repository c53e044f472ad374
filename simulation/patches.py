"""Replaces names of production modules for as long as a block runs. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

Patch: TypeAlias = tuple[Any, str, Any]
"""Where (a module or class), which name, and what stands there meanwhile."""


@contextmanager
def patched(*patches: Patch) -> Iterator[None]:
    """Puts everything back as it was, whatever happens inside."""
    before = [(place, name, getattr(place, name)) for place, name, _ in patches]
    try:
        for place, name, value in patches:
            setattr(place, name, value)
        yield
    finally:
        for place, name, value in reversed(before):
            setattr(place, name, value)
