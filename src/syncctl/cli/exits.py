"""Exit codes: what each means, which one wins, and which an exception has. No I/O. The only place that decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from syncctl.errors import Interrupted, SyncctlError

OK: Final = 0
ERROR: Final = 1
DIFFERENCES: Final = 2
AUTHENTICATION: Final = 4
NOT_APPROVED: Final = 6
USAGE: Final = 64
CONFIG: Final = 78

MEANINGS: Final[dict[int, str]] = {
    0: "in sync, or everything was applied",
    1: "an error",
    2: "differences or open findings remain",
    4: "authentication needed",
    5: "partly applied: rows were refused, held, or are unknown or in review",
    6: "a guard tripped, the approval is missing, or writing is paused; nothing more was sent",
    7: "another run holds the ledger",
    8: "the plan is stale, edited or used",
    64: "the command cannot be carried out as it was typed: a wrong option, or it names what is not there",
    75: "a vendor's limit is reached; the run can be resumed",
    78: "the configuration is wrong",
    130: "interrupted (SIGINT); the write in flight was finished",
    143: "terminated (SIGTERM); the write in flight was finished",
}
ORDER: Final = (130, 143, 1, 78, 64, 7, 4, 8, 6, 75, 5, 2, 0)
"""Of several results the first in this order is the exit code."""


def winner(codes: Iterable[int]) -> int:
    """The code that several results leave together; 0 for none."""
    return min(codes, key=ORDER.index, default=OK)


def code_of(error: BaseException) -> int:
    """The code of an exception."""
    if isinstance(error, Interrupted | SyncctlError):
        return error.exit_code
    return 130 if isinstance(error, KeyboardInterrupt) else ERROR
