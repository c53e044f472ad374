"""What a use case tells while it runs. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Progress: TypeAlias = Callable[[str, dict[str, Any]], None]
"""Called with an event and its facts."""


def quiet(_event: str, _facts: dict[str, Any]) -> None:
    """Progress that nobody looks at."""
