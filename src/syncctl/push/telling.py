"""What is said of writes without an answer: which record, which request, since when, until when, why, and how each of
them ends. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from syncctl.ledger.operation import Operation
from syncctl.ledger.requests import SentRequest

RECORDS_NAMED_MAX: Final = 3
"""Records of one request that are named; a batch can hold 30."""

UNDECIDED: Final = (
    "nothing to decide: the next run (syncctl reconcile) asks the vendor, and sends it again only if it is proven not"
    " to be there. Only if the vendor cannot tell, it comes to review: `syncctl ops list` then says what to type"
)
"""How a write without a clear answer ends: by itself, unless its vendor cannot be asked about it."""
_AGAIN: Final = "try again later"
"""What a connector says where a read had no answer; of a write it would be wrong: nobody tries it again by hand."""


def way_on(fix: str) -> str:
    """What to do about a write without a clear answer: what its connector knows beyond that (sign in), then how it
    ends."""
    own = fix.removeprefix(_AGAIN).lstrip("; ").rstrip(".")
    return f"{own}. Then {UNDECIDED}" if own else UNDECIDED


def way_to_resume(fix: str, run: str) -> str:
    """What to do about writes that a run did not send because their vendor gave no answer."""
    again = f"nothing of this was sent: once the vendor answers again, syncctl runs resume {run}"
    return fix if fix and fix != _AGAIN else again


def unanswered(sent: SentRequest, operations: Sequence[Operation]) -> dict[str, Any]:
    """One request without a clear answer: what it writes, since when, and why nobody knows."""
    changes = [operation.change for operation in operations]
    named = [change.name or str(change.source or change.target) for change in changes[:RECORDS_NAMED_MAX]]
    more = len(changes) - len(named)
    request = sent.request
    return {
        "system": request.system,
        "mapping": ", ".join(dict.fromkeys(change.mapping for change in changes)),
        "record": ", ".join(named) + (f" and {more} more" if more else ""),
        "request": f"{request.action} {request.kind}",
        "operations": [operation.id for operation in operations],
        "sent": sent.first_sent_at.isoformat(timespec="seconds"),
        "why": next((operation.message for operation in operations if operation.message), "no clear answer"),
    }


def waited_for(sent: SentRequest, operations: Sequence[Operation], seconds: float, until: datetime) -> dict[str, Any]:
    """The same, and how long is waited until it can no longer be made unseen."""
    return {
        **unanswered(sent, operations),
        "seconds": round(seconds),
        "until": until.isoformat(timespec="seconds"),
    }
