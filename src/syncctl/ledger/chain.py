"""Walks the audit chain and says where it first breaks, and how. I/O: SQL, one event in memory at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from syncctl.ledger import audit
from syncctl.ledger.audit import Event
from syncctl.ledger.redactions import is_emptied, redactions

BACKUP: Final = "compare with a backup: syncctl ledger restore FILE puts one back"
EDITED: Final = "somebody changed the ledger's history by hand; nothing in syncctl does that"

NOT_AS_PURGED: Final = "a purge took texts out of it, and it is not as that purge left it"


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that contradicts the chain. `number`, `at` and `event` name the event; 0 and empty where there is none.

    `what` says what differs, `meaning` what that tells, `fix` what to do.
    """

    check: str
    what: str
    meaning: str = EDITED
    fix: str = BACKUP
    number: int = 0
    at: str = ""
    event: str = ""


def _nobody(_event: Event) -> None:
    """Whoever does not want to see the events."""


def first_break(db: sqlite3.Connection, see: Callable[[Event], None] = _nobody) -> Broken | None:
    """The first event that is altered, missing, inserted or out of order, or None; `see` is shown every event.

    An event that a purge took texts out of is whole when it says exactly what the purge left of it.
    """
    purged = redactions(db)
    broken: Broken | None = None
    before: Event | None = None
    found: Event | None = None
    for after in audit.events(db):
        if found is not None:
            broken = broken or _break(db, before, found, after, purged)
            see(found)
        before, found = found, after
    if found is not None:
        broken = broken or _break(db, before, found, None, purged)
        see(found)
    return broken


def _break(
    db: sqlite3.Connection, before: Event | None, found: Event, after: Event | None, purged: Mapping[int, str]
) -> Broken | None:
    """What is wrong with `found`, seen from its neighbours."""
    number, link = (before.number, before.hash) if before else (0, "")
    if found.number != number + 1:
        return _gap(number + 1, found)
    if found.number in purged and found.previous == link:
        left = found.link(link) == purged[found.number] and is_emptied(found)
        return None if left else _at(found, NOT_AS_PURGED)
    if found.previous == link:
        return None if found.link(link) == found.hash else _altered(found, after)
    return _elsewhere(db, before, found, after)


def _gap(expected: int, found: Event) -> Broken:
    if found.number < expected:
        return _at(found, "it stands before the first event: it was inserted")
    last = found.number - 1
    missing = f"event {expected} is missing" if last == expected else f"events {expected} to {last} are missing"
    return Broken("chain", f"{missing}; the next one is {found.event} at {found.at}", number=expected)


def _altered(found: Event, after: Event | None) -> Broken:
    """Its link to the event before is right, its hash is not that of its content."""
    if after is None:
        return _at(found, "its time, run, kind, text or hash was changed after it was written")
    if after.previous == found.link(found.previous):
        return _at(found, "its hash was changed; the rest is as it was written")
    return _at(found, "its time, run, kind or text was changed after it was written")


def _elsewhere(db: sqlite3.Connection, before: Event | None, found: Event, after: Event | None) -> Broken:
    """It says that it follows another event than the one before it."""
    link = before.hash if before else ""
    if found.link(link) == found.hash:
        return _at(found, "its link to the event before it was changed; the rest is as it was written")
    if found.link(found.previous) != found.hash:
        return _at(found, "its link to the event before it was changed, and so was its hash or its content")
    if after is not None and after.previous == found.link(link):
        return _at(found, "its link to the event before it and its hash were calculated anew")
    return _misplaced(db, before, found)


def _misplaced(db: sqlite3.Connection, before: Event | None, found: Event) -> Broken:
    """It is whole in itself, and was written after an event that is not the one before it."""
    row = db.execute("SELECT id FROM audit WHERE hash = ?", (found.previous,)).fetchone()
    origin = 0 if not found.previous else int(row[0]) if row else None
    if origin is not None and origin < found.number - 1:
        return _inserted(db, origin + 1, found.number - 1)
    if origin is not None:
        return _at(found, f"events were put in another order: it was written after event {origin}")
    if before is None:
        return _at(found, "it is not the first event that was written: those before it were removed")
    return _at(
        before, f"it was rewritten, or an event after it was removed: event {found.number} was written after another"
    )


def _inserted(db: sqlite3.Connection, first: int, last: int) -> Broken:
    event = next(audit.events(db, after=first - 1))
    which = "it was" if first == last else f"it and those up to event {last} were"
    return _at(event, f"{which} inserted: event {last + 1} was written after event {first - 1}")


def _at(event: Event, what: str) -> Broken:
    return Broken("chain", what, number=event.number, at=event.at, event=event.event)
