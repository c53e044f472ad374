"""Side: a record as one mapping sees it. No I/O."""

from __future__ import annotations

from typing import Final, NamedTuple

from syncctl.model import Ref, SideName

SIDES: Final[tuple[SideName, SideName]] = ("left", "right")
OUT: Final = {"left": 1, "right": 2}
"""The hash of a record that is out of scope: unlike any partner's, so that the pair is always looked at."""


class Side(NamedTuple):
    """A record as a mapping sees it. `scope` is empty while the record takes part, else why not: filtered, before,
    void, archived, deleted, or poison: it cannot be read, and `body` says why. `amount` is in millionths.
    """

    scope: str
    hash: int
    body: str
    keys: tuple[str | None, ...]
    amount: int | None
    currency: str
    dated: str
    name: str
    uses: frozenset[Ref]
