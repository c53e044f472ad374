"""A pull: the whole list first, later what is new and what events say has changed. I/O: through a Reader.

Every page carries the cursor that follows it, so a pull that is cut short goes on behind its last stored page. What
happens to a list meanwhile cannot hide a record: lists run from the newest record to the oldest, so what is added
comes before the page that is read, and what changes is told by an event newer than the start of the pull.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from syncctl.connectors.stripe import cursor
from syncctl.connectors.stripe.card import EVENT_DAYS
from syncctl.connectors.stripe.kinds import KINDS, Filter, Kind
from syncctl.connectors.stripe.reader import PositionGone, Reader
from syncctl.connectors.stripe.rows import Event, ListPage, read_event
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Page, Poison, Record, Ref, Window

EVENTS_PATH: Final = "/v1/events"


def pull(
    reader: Reader, name: str, windows: Sequence[Window] | None, now: datetime, overlap_seconds: int
) -> Iterator[Page]:
    """Pages until the cursor is closed. Raises VendorError."""
    kind = KINDS[name]
    if not windows:
        at = cursor.begin_full(kind, now)
    elif cursor.expired(kind, windows, now):
        yield Page(anew=f"the last pull is too long ago: events are kept for {EVENT_DAYS} days")
        at = cursor.begin_full(kind, now)
    elif cursor.unfinished(windows):
        at = tuple(windows)
    else:
        at = cursor.begin_since(kind, windows, now, overlap_seconds)
    while cursor.unfinished(at):
        here = cursor.current(at)
        page, at = _events(reader, name, at) if here.name == cursor.EVENTS else _list(reader, name, at)
        yield page


def _list(reader: Reader, name: str, at: Sequence[Window]) -> tuple[Page, tuple[Window, ...]]:
    """The next page of a list, and the cursor after it."""
    here = cursor.current(at)
    listed, at = _next_page(reader, KINDS[name].path, cursor.filter_of(here), at)
    records, poison, heads = reader.rows(name, listed.data)
    unsettled = KINDS[name].unsettled
    pending = [head.created for head in heads if unsettled and head.status == unsettled]
    at = cursor.with_pending(_moved(at, listed, heads[-1].created if heads else 0), pending)
    complete = here.name.startswith(cursor.FULL) and not cursor.unfinished(at)
    return Page(tuple(records), poison=tuple(poison), windows=at, complete=complete), at


def _next_page(reader: Reader, path: str, query: Filter, at: Sequence[Window]) -> tuple[ListPage, tuple[Window, ...]]:
    """The page behind the cursor's position; by time where the record at that position is gone."""
    here = cursor.current(at)
    since = (("created[gte]", str(cursor.seconds_of(here.since))),) if here.since else ()
    try:
        return reader.page(path, (*query, *since, *_until(here)), here.position), tuple(at)
    except PositionGone:
        at = cursor.restarted(at)
        return reader.page(path, (*query, *since, *_until(cursor.current(at)))), at


def _until(here: Window) -> Filter:
    """Bounds a walk that lost its position: everything from the second of the last record on is read again."""
    return (("created[lte]", str(cursor.seconds_of(here.until))),) if here.until and not here.position else ()


def _moved(at: Sequence[Window], listed: ListPage, until: int) -> tuple[Window, ...]:
    """The cursor after a page: behind its last row, or without the stretch that ended there."""
    return cursor.advanced(at, listed.position, until) if listed.has_more else cursor.closed(at)


def _events(reader: Reader, name: str, at: Sequence[Window]) -> tuple[Page, tuple[Window, ...]]:
    """The next page of events: every record they are about, read now. What they say about it is not used."""
    kind, here = KINDS[name], cursor.current(at)
    types = tuple(("types[]", event) for event in kind.events)
    listed, at = _next_page(reader, EVENTS_PATH, types, at)
    events, poison = _decoded(reader.http.system, name, listed.data)
    since = cursor.seconds_of(here.since)
    records: list[Record] = []
    deleted: list[Ref] = []
    for identity in dict.fromkeys(filter(None, (_about(name, kind, event, since) for event in events))):
        found, bad, gone = _reread(reader, name, identity)
        records += found
        poison += bad
        deleted += gone
    at = _moved(at, listed, events[-1].created if events else 0)
    return Page(tuple(records), tuple(deleted), tuple(poison), windows=at), at


def _decoded(system: str, name: str, rows: Sequence[msgspec.Raw]) -> tuple[list[Event], list[Poison]]:
    events: list[Event] = []
    poison: list[Poison] = []
    for row in rows:
        try:
            events.append(read_event(row))
        except Undecodable as error:
            poison.append(Poison(system, name, "", f"an event that cannot be read: {error}", bytes(row)))
    return events, poison


def _about(name: str, kind: Kind, event: Event, since: int) -> str:
    """The id to read again: of the record, or of its invoice; empty where the list of new records has it already."""
    what = event.data.object
    if kind.by_invoice:
        return what.id if what.object == "invoice" else _text(what.invoice)
    if what.object == name:
        listed = what.created >= since and not event.type.endswith(".deleted")
        return "" if listed else what.id
    return _text(what.charge if name == "charge" else what.invoice)


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def _reread(reader: Reader, name: str, identity: str) -> tuple[list[Record], list[Poison], list[Ref]]:
    if KINDS[name].by_invoice:
        return *reader.by_invoice(name, identity), []
    found = reader.retrieve(name, identity)
    if found is None:
        return [], [], [Ref(reader.http.system, name, identity)]
    return ([found], [], []) if isinstance(found, Record) else ([], [found], [])
