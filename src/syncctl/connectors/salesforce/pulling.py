"""Pulling records: a full pull in the order of ids, and what changed since in the order of stamps. I/O: network.

The first window is the cursor. `full`: position empty, `id:<last>` or `bulk:<job>:<locator>`, since = when it began.
`since`: position `<stamp>|<last id>` while it is under way, until = its frozen upper bound; an empty position means a
finished pull. A second window, `whole`, remembers when an object with calculated fields was last read whole.

A place in the order is kept, not the vendor's own cursor: that one is forgotten after two days. That `Id > …` follows
the order of `ORDER BY Id` is from memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from syncctl.connectors.salesforce import soql
from syncctl.connectors.salesforce.bulk import BulkRefused, bulk_pages
from syncctl.connectors.salesforce.client import Client
from syncctl.connectors.salesforce.deletions import TooLate, deleted_since
from syncctl.connectors.salesforce.describing import Shape, shape_of
from syncctl.connectors.salesforce.rows import Row, RowPage, split_rows, to_record, whole_instant
from syncctl.errors import RequestRefused
from syncctl.fields.jsontext import decode_json
from syncctl.model import Page, Poison, Record, Ref, Window

FULL: Final = "full"
SINCE: Final = "since"
WHOLE: Final = "whole"
LOCATOR_LOST: Final = "INVALID_QUERY_LOCATOR"


@dataclass(frozen=True, slots=True)
class Stream:
    """One object of one system."""

    client: Client
    shape: Shape

    @property
    def kind(self) -> str:
        return self.shape.kind

    @property
    def wide(self) -> bool:
        """True when a query may name every field in its address."""
        longest = soql.after(self.shape.stamp or "Id", "2026-01-01T00:00:00.000Z", "0" * 18)
        return self.client.fits(soql.select(self.kind, self.shape.names, (longest, longest), ("SystemModstamp", "Id")))

    def pages(self, conditions: Sequence[str], order: Sequence[str], *, deleted: bool) -> Iterator[RowPage]:
        """Pages of a query for whole rows, or for their heads where the names are too many."""
        names = self.shape.names if self.wide else self.shape.head
        query = soql.select(self.kind, names, [one for one in conditions if one], order)
        return self.client.query(query, deleted=deleted)

    def read(self, ids: Sequence[str]) -> tuple[list[Row], list[Poison]]:
        """Live records by id; what is not there is left out."""
        rows: list[Row] = []
        poison: list[Poison] = []
        for start in range(0, len(ids), self.client.settings.retrieve_rows):
            some = ids[start : start + self.client.settings.retrieve_rows]
            page = self.client.retrieve(self.kind, some, self.shape.names)
            more, worse = split_rows(self.client.name, self.kind, page.rows)
            rows += more
            poison += worse
        return rows, poison

    def whole(self, page: RowPage) -> tuple[list[Row], list[Row], list[Poison]]:
        """The rows of a page as they lie there, the live ones with all their fields, and what cannot be read."""
        heads, poison = split_rows(self.client.name, self.kind, page.rows)
        live = [row for row in heads if not row.head.deleted]
        if self.wide:
            return heads, live, poison
        rows, worse = self.read([row.head.id for row in live])
        return heads, rows, [*poison, *worse]

    def ref(self, identity: str) -> Ref:
        return Ref(self.client.name, self.kind, identity)

    def records(self, rows: Sequence[Row]) -> tuple[Record, ...]:
        return tuple(to_record(self.client.name, self.kind, row) for row in rows)

    def gone(self, heads: Sequence[Row]) -> tuple[tuple[Ref, ...], tuple[tuple[Ref, Ref], ...]]:
        """Deleted records; and of those that were merged, with what they live on in, which is to be read again."""
        deleted = [row.head for row in heads if row.head.deleted]
        merged = tuple((self.ref(head.id), self.ref(whole)) for head in deleted if (whole := head.master or ""))
        return tuple(self.ref(head.id) for head in deleted), merged


def pull_object(client: Client, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
    """All records of an object, or what changed since; goes on from any windows. Raises VendorError."""
    stream = Stream(client, shape_of(client.describe(kind)))
    window = windows[0] if windows else Window(FULL)
    whole = next((one for one in windows or () if one.name == WHOLE), None)
    if window.name != SINCE or not stream.shape.stamp:
        yield from _full(stream, window if window.name == FULL else Window(FULL))
        return
    try:
        if _too_old(client, window):
            raise TooLate
        yield from _since(stream, window, whole)
    except TooLate:
        yield Page(anew=f"what was deleted since {window.since[:10]} is not all listed any more")
        yield from _full(stream, Window(FULL))
        return
    if whole is not None and stream.shape.calculated and _due(client, whole):
        yield from _full(stream, Window(FULL))


def _too_old(client: Client, window: Window) -> bool:
    """Further back than the vendor lists deletions: only a full pull shows what is gone."""
    return moment(window.since) < client.clock.now() - timedelta(days=client.settings.deleted_days)


def _due(client: Client, whole: Window) -> bool:
    hours = client.settings.calculated_hours
    return hours >= 0 and moment(whole.since) + timedelta(hours=hours) <= client.clock.now()


# --- full -----------------------------------------------------------------------------------------------------------


def _full(stream: Stream, window: Window) -> Iterator[Page]:
    if not window.since:
        window = replace(window, since=soql.instant(stream.client.clock.now()))
    phase, _, place = window.position.partition(":")
    many = not phase and stream.client.count(stream.kind) > stream.client.settings.bulk_threshold
    if many or phase == "bulk":
        try:
            yield from _in_bulk(stream, window, place)
            return
        except BulkRefused:
            place = ""
    yield from _by_id(stream, window, place if phase == "id" else "")


def _in_bulk(stream: Stream, window: Window, place: str) -> Iterator[Page]:
    query = soql.select(stream.kind, stream.shape.names)
    for part in bulk_pages(stream.client, stream.shape, query, place):
        rows, poison = split_rows(stream.client.name, stream.kind, part.rows)
        following = (replace(window, position=f"bulk:{part.following}"),) if part.following else _done(stream, window)
        yield Page(stream.records(rows), (), tuple(poison), (), following, complete=not part.following)


def _by_id(stream: Stream, window: Window, last: str) -> Iterator[Page]:
    """The vendor forgets a cursor that was left too long: then the query goes on behind the last id."""
    lost = 0
    while True:
        conditions = (f"Id > {soql.quoted(last)}" if last else "",)
        try:
            for page in stream.pages(conditions, ("Id",), deleted=False):
                heads, rows, poison = stream.whole(page)
                last = heads[-1].head.id if heads else last
                lost = 0
                following = _done(stream, window) if page.done else (replace(window, position=f"id:{last}"),)
                yield Page(stream.records(rows), (), tuple(poison), (), following, complete=page.done)
        except RequestRefused as error:
            lost += 1
            if error.exchange.code != LOCATOR_LOST or lost > 1:
                raise
            continue
        return


def _done(stream: Stream, window: Window) -> tuple[Window, ...]:
    """The cursor after a full pull: an object without a stamp is always read whole."""
    if not stream.shape.stamp:
        return (Window(FULL),)
    return (Window(SINCE, since=window.since), Window(WHOLE, since=window.since))


# --- since ----------------------------------------------------------------------------------------------------------


def _since(stream: Stream, window: Window, whole: Window | None) -> Iterator[Page]:
    client, shape = stream.client, stream.shape
    beside = (whole,) if whole is not None else ()
    if not window.until:
        window = replace(window, until=soql.instant(client.clock.now()))
    lower = moment(window.since) - timedelta(seconds=client.settings.lookback_seconds)
    upper = moment(window.until)
    deletions = deleted_since(client, shape, lower, upper, since=moment(window.since))
    if not window.position.startswith("gone"):
        yield from _changed(stream, window, lower, upper, beside)
    back, _ = stream.read(deletions.ids)
    there = {row.head.id for row in back}
    gone = tuple(stream.ref(one) for one in deletions.ids if one not in there)
    covered = min(upper, deletions.covered)
    yield Page(stream.records(back), gone, windows=(Window(SINCE, since=soql.instant(covered)), *beside))


def _changed(
    stream: Stream, window: Window, lower: datetime, upper: datetime, beside: tuple[Window, ...]
) -> Iterator[Page]:
    """In the order of (stamp, id), so that any number of rows may share one stamp."""
    stamp, position, lost = stream.shape.stamp, window.position, 0
    while True:
        at, _, last = position.partition("|")
        conditions = (
            soql.after(stamp, at, last) if last else f"{stamp} >= {soql.instant(lower)}",
            f"{stamp} <= {soql.instant(upper)}",
        )
        try:
            for page in stream.pages(conditions, (stamp, "Id"), deleted=stream.shape.deletable):
                heads, rows, poison = stream.whole(page)
                deleted, merged = stream.gone(heads)
                winners = tuple(winner for _, winner in merged)
                position = _place(stream, heads) or position
                lost = 0
                following = replace(window, position="gone" if page.done else position)
                yield Page(stream.records(rows), deleted, tuple(poison), winners, (following, *beside), merged=merged)
        except RequestRefused as error:
            lost += 1
            if error.exchange.code != LOCATOR_LOST or lost > 1:
                raise
            continue
        return


def _place(stream: Stream, heads: Sequence[Row]) -> str:
    if not heads:
        return ""
    held = str(decode_json(heads[-1].raw).get(stream.shape.stamp) or "")
    return f"{whole_instant(held)}|{heads[-1].head.id}"


def moment(text: str) -> datetime:
    """The moment of such a text; without an offset it is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
