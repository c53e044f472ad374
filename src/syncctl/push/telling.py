"""What progress says of writes without an answer: which record, which request, since when, until when, why. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from syncctl.ledger.operation import Operation
from syncctl.ledger.requests import SentRequest

RECORDS_NAMED_MAX: Final = 3
"""Records of one request that are named; a batch can hold 30."""


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
