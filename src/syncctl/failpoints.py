"""Named places where a test may kill the process, to prove that a rerun mends it. I/O: reads one variable, kills.

`SYNCCTL_FAILPOINT=after-intent` dies there the first time, `after-intent:3` the third. Unset, `reach` does nothing.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from functools import cache
from typing import Final

VARIABLE: Final = "SYNCCTL_FAILPOINT"

PUSH_POINTS: Final = (
    "plan-opened",  # operations are written down, nothing was sent
    "before-read",  # a record is about to be read fresh
    "before-intent",  # the request is ready
    "inside-intent",  # the intent is written but not committed
    "after-intent",  # committed; the socket is still closed
    "after-send",  # the vendor answered; nobody wrote it down
    "before-look",  # the vendor said "taken"; we are about to look whose it is
    "inside-outcome",  # between two rows of one answer, not committed
    "after-outcome",  # committed
    "before-canary",  # the first writes are about to be read back
    "after-unknown",  # writes cut short by an earlier death are UNKNOWN now
    "before-probe",
    "after-probe",
    "before-replay",
    "before-next-generation",  # absence is proven, the next key is about to be used
    "before-finish",  # every operation has its outcome; the run is not finished
)

POINTS: Final = (
    *PUSH_POINTS,
    "before-head",  # the ledger's last commit is on the disk; its head is not kept outside yet
    "token-rotated",  # the vendor gave new tokens; the store still holds the old ones
)


@cache
def _wanted() -> tuple[str, int]:
    name, _, count = os.environ.get(VARIABLE, "").partition(":")
    if name and name not in POINTS:
        raise ValueError(f"{VARIABLE}: there is no failpoint {name!r}; there are {', '.join(POINTS)}")
    return name, int(count or 1)


_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Dies here, without any clean-up, when the environment asks for it."""
    wanted, count = _wanted()
    if name != wanted:
        return
    _reached[name] += 1
    if _reached[name] == count:
        os.kill(os.getpid(), signal.SIGKILL)
