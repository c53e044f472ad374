"""Texts taken out of old events, and how the chain goes on answering for those events. I/O: SQL.

An event keeps the hash it was written with, so nothing after it changes. What it says now has another one: that stands
in the event of the purge, which the chain answers for, and an event is believed with that hash and no other.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from syncctl.ledger import audit
from syncctl.ledger.audit import Event

PURGED: Final = "record.purged"
EVENTS: Final = "events"
"""Where the body of a purge keeps number and present hash of every event it took texts out of."""
_REQUEST: Final = ("request.sent", "request.answered", "request.unanswered")
_OPERATION: Final = ("operation.explained", "operation.settled")
_FINDING: Final = ("finding.accepted", "finding.reopened")
ABOUT: Final[Mapping[str, tuple[str, ...]]] = {"request": _REQUEST, "operation": _OPERATION, "finding": _FINDING}
"""The events that hold free text, by what their body names."""
_EMPTY: Final[Mapping[str, Any]] = {"path": "", "query": [], "body": "", "answer": "", "message": "", "note": ""}
_canonical: Final = msgspec.json.Encoder(order="deterministic")


def redact_events(db: sqlite3.Connection, about: Mapping[str, Iterable[int | str]]) -> dict[str, str]:
    """Empties the texts of every event about these (see ABOUT); number to present hash of those that had any. Joins the
    caller's transaction, which appends the event that keeps this answer."""
    changed: dict[str, str] = {}
    for name, keys in about.items():
        for event in _events(db, name, keys):
            body: dict[str, Any] = json.loads(event.body)
            emptied = {**body, **{key: value for key, value in _EMPTY.items() if body.get(key)}}
            if emptied != body:
                now = replace(event, body=_canonical.encode(emptied).decode())
                db.execute("UPDATE audit SET body = ? WHERE id = ?", (now.body, now.number))
                changed[str(event.number)] = now.link(event.previous)
    return changed


def _events(db: sqlite3.Connection, name: str, keys: Iterable[int | str]) -> list[Event]:
    kinds = ", ".join(f"'{kind}'" for kind in ABOUT[name])
    rows = db.execute(
        f"SELECT id, at, run, event, body, previous, hash FROM audit WHERE event IN ({kinds})"
        f" AND json_extract(body, '$.{name}') IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(list(keys)),),
    )
    return [Event(*row) for row in rows]


def is_emptied(event: Event) -> bool:
    """True for an event of a kind that holds texts, without any: a purge may leave nothing else."""
    if not any(event.event in kinds for kinds in ABOUT.values()):
        return False
    try:
        body: dict[str, Any] = json.loads(event.body)
    except ValueError:
        return False
    return isinstance(body, dict) and not any(body.get(key) for key in _EMPTY)


def purge_words(event: Event) -> str:
    """What a purge did, in one line for whoever verifies; empty for another event."""
    if event.event != PURGED:
        return ""
    body: dict[str, Any] = json.loads(event.body)
    told = body.get(EVENTS)
    emptied = len(told) if isinstance(told, dict) else 0
    texts = "1 event holds" if emptied == 1 else f"{emptied:,} events hold"
    return f"{body.get('record')}, event {event.number:,}, by {body.get('by')}: {texts} no texts any more"


def redactions(db: sqlite3.Connection) -> dict[int, str]:
    """Number of every event that a purge took texts out of, and the hash it must have now. A purge itself is never one,
    and no purge speaks for what came after it."""
    found: dict[int, str] = {}
    for event in audit.events_of(db, PURGED):
        try:
            told = {int(number): str(link) for number, link in json.loads(event.body)[EVENTS].items()}
        except (ValueError, KeyError, AttributeError, TypeError):  # altered by hand: then it speaks for nothing
            continue
        found |= {number: link for number, link in told.items() if number < event.number}
    return found
