"""Records that were deleted in a stretch of time, even if the recycle bin was emptied since. I/O: network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from syncctl.connectors.salesforce.client import Client
from syncctl.connectors.salesforce.describing import Shape
from syncctl.errors import RequestRefused
from syncctl.fields.salesforce_ids import known_id

SHORTEST: Final = timedelta(seconds=61)
"""The start must be more than a minute before the end (developer.salesforce.com, getDeleted)."""
TOO_MANY: Final = "EXCEEDED_ID_LIMIT"
LONG_AGO: Final = frozenset({"INVALID_REPLICATION_DATE"})


class TooLate(Exception):
    """The vendor's list of deletions begins after our cursor: only a full pull shows what is gone."""


@dataclass(frozen=True, slots=True)
class Deletions:
    """Ids, and until when the list is complete."""

    ids: tuple[str, ...]
    covered: datetime


def deleted_since(client: Client, shape: Shape, start: datetime, end: datetime, *, since: datetime) -> Deletions:
    """Deletions between two moments. `since` is our cursor: the list must reach back that far.

    Raises TooLate, VendorError.
    """
    if not shape.replicable:
        return Deletions((), end)
    return _between(client, shape.kind, min(start, end - SHORTEST), end, since)


def _between(client: Client, kind: str, start: datetime, end: datetime, since: datetime) -> Deletions:
    query = (("start", _iso(start)), ("end", _iso(end)))
    try:
        found = client.read_object(client.at.deletions(kind), "deletedRecords", query)
    except RequestRefused as error:
        if error.exchange.code in LONG_AGO:
            raise TooLate from error
        if error.exchange.code != TOO_MANY or end - start < 2 * SHORTEST:
            raise
        middle = start + (end - start) / 2
        first = _between(client, kind, start, middle, since)
        second = _between(client, kind, middle, end, since)
        return Deletions(tuple(dict.fromkeys((*first.ids, *second.ids))), second.covered)
    earliest = found.get("earliestDateAvailable")
    if isinstance(earliest, str) and datetime.fromisoformat(earliest) > since:
        raise TooLate
    ids = [known_id(str(one.get("id", ""))) for one in found["deletedRecords"] if isinstance(one, dict)]
    covered = found.get("latestDateCovered")
    return Deletions(
        tuple(dict.fromkeys(filter(None, ids))),
        min(end, datetime.fromisoformat(covered)) if isinstance(covered, str) else end,
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
