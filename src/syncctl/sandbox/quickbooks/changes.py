"""The change feed (CDC): what was changed or deleted since, at most 1000 records an answer. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from syncctl.sandbox.quickbooks.answers import Refusal, missing, moment_of, stamp, unsupported
from syncctl.sandbox.quickbooks.sales import shown
from syncctl.sandbox.quickbooks.shapes import BY_PATH, NOT_IN_CDC
from syncctl.sandbox.quickbooks.store import Books, Raw

ROWS_MAX: Final = 1000


def change_feed(
    books: Books, options: Mapping[str, str], days: int | None, falsely_deleted: set[tuple[str, str]]
) -> dict[str, Any]:
    """The body of a CDC answer. Which records a full answer leaves out is not promised. Raises Refusal."""
    since = _since(books, options, days)
    found, left = [], ROWS_MAX
    for word in options.get("entities", "").split(","):
        kind = BY_PATH.get(word.strip().lower())
        if kind is None or kind in NOT_IN_CDC:
            raise unsupported(f"cdc with entity {word}")
        rows = _changed(books, kind, since, options, falsely_deleted)[:left]
        left -= len(rows)
        found.append({kind: rows, "startPosition": 1, "maxResults": len(rows)} if rows else {})
    return {"CDCResponse": [{"QueryResponse": found}]}


def _since(books: Books, options: Mapping[str, str], days: int | None) -> datetime:
    if not options.get("entities"):
        raise missing("entities")
    text = options.get("changedSince", "")
    try:
        since = moment_of(text)
    except ValueError as error:
        raise Refusal("4001", "Invalid query", f"changedSince {text} is not a time") from error
    if days is not None and since < books.clock.now() - timedelta(days=days):
        raise unsupported(f"cdc with changedSince date {text} which is older than fixed days")
    return since


def _changed(
    books: Books, kind: str, since: datetime, options: Mapping[str, str], falsely_deleted: set[tuple[str, str]]
) -> list[Raw]:
    rows = [
        _deleted(identity, raw["MetaData"]["LastUpdatedTime"])
        if (kind, identity) in falsely_deleted
        else shown(books, raw, options)
        for identity, raw in books.all(kind).items()
        if moment_of(raw["MetaData"]["LastUpdatedTime"]) >= since
    ]
    gone = [_deleted(identity, stamp(at)) for each, identity, at in books.gone if each == kind and at >= since]
    return sorted(gone + rows, key=lambda raw: str(raw.get("TxnDate", raw["Id"])), reverse=True)


def _deleted(identity: str, moment: str) -> Raw:
    return {"domain": "QBO", "status": "Deleted", "Id": identity, "MetaData": {"LastUpdatedTime": moment}}
