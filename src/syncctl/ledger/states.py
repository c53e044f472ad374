"""The states of an operation and the only ways from one to the next. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where one change is on its way to the vendor."""

    PLANNED = "planned"
    HELD = "held"
    SENDING = "sending"
    APPLIED = "applied"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    REVIEW = "review"
    LAPSED = "lapsed"


OPEN: Final = frozenset({State.SENDING, State.UNKNOWN, State.REVIEW})
"""Nobody knows yet whether the vendor did it: a second operation for the same intent is impossible."""

UNSENT: Final = frozenset({State.PLANNED, State.HELD})
"""Not on its way: lapses when another plan is applied, unless its run is resumed before."""


LEFT: Final = "left"
"""The code of a LAPSED operation that a person left out of its plan."""


def resumable(states: Collection[State]) -> bool:
    """True when going on with a plan whose operations are in these states would find something out or send something.

    What only waits for a refused write stays where it is.
    """
    return bool({State.PLANNED, State.SENDING, State.UNKNOWN} & set(states))


MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.PLANNED: frozenset({State.SENDING, State.HELD, State.APPLIED, State.CONFLICT, State.REJECTED, State.LAPSED}),
    # CONFLICT: what it was made from moved, so waiting any longer is in vain.
    State.HELD: frozenset({State.PLANNED, State.CONFLICT, State.LAPSED}),
    # Back to PLANNED: the vendor said that it did nothing (too fast, not allowed), or nothing left this machine.
    State.SENDING: frozenset(
        {State.APPLIED, State.REJECTED, State.CONFLICT, State.UNKNOWN, State.REVIEW, State.PLANNED}
    ),
    # LAPSED: absence is proven and the plan is too old to be sent from; the next plan proposes it afresh.
    State.UNKNOWN: frozenset(
        {State.SENDING, State.APPLIED, State.CONFLICT, State.REJECTED, State.REVIEW, State.LAPSED}
    ),
    # Only a person leaves REVIEW.
    State.REVIEW: frozenset({State.APPLIED, State.REJECTED, State.LAPSED}),
    State.REJECTED: frozenset({State.LAPSED}),
    # REVIEW: a create whose record the vendor never showed.
    State.APPLIED: frozenset({State.REVIEW}),
    State.CONFLICT: frozenset(),
    State.LAPSED: frozenset(),
}
