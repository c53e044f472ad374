"""All records of a kind, or what changed since. I/O: network, through the client.

A listing goes by pages in the order of ids. Records that are inserted or deleted meanwhile move the pages, so each
page begins a few rows early and must show one of the last ids of the page before; else it goes back. At the end the
vendor's own count is compared. The change feed has no pages: it answers at most 1000 records, and which ones it leaves
out is not promised. So a full answer is never trusted: lists, which cannot be deleted, are then queried by their time
of change; transactions are read anew as a whole, because only a full comparison shows what was deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import msgspec

from syncctl.connectors.quickbooks import queries
from syncctl.connectors.quickbooks.client import Client
from syncctl.connectors.quickbooks.kinds import KINDS
from syncctl.connectors.quickbooks.rows import Head, Listed, read_rows, utc
from syncctl.errors import AnswerUnreadable, Exchange
from syncctl.model import Page, Poison, Record, Ref, Window

FULL: Final = "full"
SINCE: Final = "since"
CHANGED: Final = "changed"
OVERLAP_ROWS: Final = 10
TURNS: Final = 3
FEED_DAYS: Final = 30
"""How far back the change feed goes (Intuit's page on change data capture)."""
FEED_ROWS: Final = 1000
"""The most records one answer of the change feed holds (same page)."""
_MARGIN: Final = timedelta(hours=1)

Rows = list[tuple[Head | None, Record | Poison]]


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a listing is: where the next page begins, rows seen, which attempt this is, the last ids seen."""

    start: int = 1
    seen: int = 0
    turn: int = 1
    last: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Place:
        """A stored place; the beginning for an empty text."""
        return msgspec.json.decode(text, type=cls) if text else cls()

    def text(self) -> str:
        """As it is stored."""
        return msgspec.json.encode(self).decode()

    def back(self, rows: int) -> Place:
        """A page earlier; before the first page comes another turn from the beginning."""
        if self.start == 1:
            return Place(turn=self.turn + 1)
        return msgspec.structs.replace(self, start=max(1, self.start - rows))

    def after(self, rows: Rows, fresh: Rows, page_rows: int) -> Place:
        """Where the next page begins when this one showed `rows`, the last of them `fresh`."""
        overlap = min(OVERLAP_ROWS, page_rows // 2)
        ids = tuple(head.id for head, _ in rows if head is not None)
        start = max(1, self.start + len(rows) - overlap)
        return Place(start, self.seen + len(fresh), self.turn, ids[-overlap:] if overlap else ())


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull of one kind."""

    client: Client
    system: str
    kind: str
    now: datetime

    def run(self, windows: Sequence[Window] | None) -> Iterator[Page]:
        """Pages from where the windows stand. Raises VendorError."""
        window = windows[0] if windows else Window(FULL)
        if window.name == SINCE and self._fits_feed(window.since):
            yield from self._feed(window)
        elif window.name == SINCE:
            if KINDS[self.kind].feed:
                yield Page(anew=f"the last pull is too long ago: changes are told for {FEED_DAYS} days")
            yield from self._list(Window(FULL))
        else:
            yield from self._list(window)

    def _fits_feed(self, since: str) -> bool:
        if not KINDS[self.kind].feed or not since:
            return False
        return datetime.fromisoformat(since) > self.now - timedelta(days=FEED_DAYS) + _MARGIN

    # --- listings -----------------------------------------------------------------------------------------------------

    def _list(self, window: Window) -> Iterator[Page]:
        conditions = self._conditions(window)
        place = Place.read(window.position)
        while True:
            self._check_turn(place)
            listed = self._page(conditions, place.start)
            if window.name == FULL and not window.since:
                window = replace(window, since=listed.time or utc(self.now))
            rows = read_rows(self.system, self.kind, listed.rows)
            fresh = _after(rows, place)
            if fresh is None:
                place = place.back(self.client.options.page_rows)
                continue
            place = place.after(rows, fresh, self.client.options.page_rows)
            short = len(rows) < self.client.options.page_rows
            done = short and self._whole(conditions, place, window)
            if short and not done and not fresh:
                place = Place(turn=place.turn + 1)
            yield self._listed_page(fresh, window, place, done=done)
            if done:
                return

    def _conditions(self, window: Window) -> tuple[str, ...]:
        stamp = "MetaData.LastUpdatedTime"
        between = (
            f"{stamp} >= {queries.quoted(window.since)} AND {stamp} <= {queries.quoted(window.until)}"
            if window.name == CHANGED
            else ""
        )
        return (queries.everything(self.kind), between)

    def _page(self, conditions: Sequence[str], start: int) -> Listed:
        tail = queries.page(start, self.client.options.page_rows)
        text = queries.select(self.kind, conditions, columns=self.client.columns(self.kind), tail=tail)
        return self.client.query(self.kind, text)

    def _whole(self, conditions: Sequence[str], place: Place, window: Window) -> bool:
        """Whether the vendor counts no more than was seen, apart from what was made since this listing began."""
        missing = self.client.count(self.kind, conditions) - place.seen
        if missing > 0 and window.name == FULL:
            made = f"MetaData.CreateTime >= {queries.quoted(window.since)}"
            missing -= self.client.count(self.kind, (*conditions, made))
        return missing <= 0

    def _check_turn(self, place: Place) -> None:
        if place.turn > TURNS:
            where = Exchange(self.system, f"query {self.kind}")
            raise AnswerUnreadable(
                f"{self.system} counts more of {self.kind} than it lists, {TURNS} times over", where,
                fix="pull again when nobody works in the books",
            )  # fmt: skip

    def _listed_page(self, rows: Rows, window: Window, place: Place, *, done: bool) -> Page:
        following = replace(window, position=place.text())
        if done:
            following = Window(SINCE, since=window.until or window.since)
        page = _page_of(rows)
        return replace(page, windows=(following,), complete=done and window.name == FULL)

    # --- the change feed ----------------------------------------------------------------------------------------------

    def _feed(self, window: Window) -> Iterator[Page]:
        begin = datetime.fromisoformat(window.since) - timedelta(seconds=self.client.options.overlap_seconds)
        begin = max(begin, self.now - timedelta(days=FEED_DAYS) + _MARGIN / 2)
        listed = self.client.changes(self.kind, queries.instant(begin))
        until = listed.time or utc(self.now)
        if len(listed.rows) >= FEED_ROWS:
            narrowed = Window(CHANGED, since=queries.instant(begin), until=until)
            yield from self._list(narrowed if KINDS[self.kind].listed else Window(FULL))
            return
        rows = read_rows(self.system, self.kind, listed.rows)
        gone = [head.id for head, _ in rows if head is not None and head.deleted]
        rows = [(head, row) for head, row in rows if head is None or not head.deleted]
        rows, missing = self._confirmed(rows, gone)
        deleted = tuple(Ref(self.system, self.kind, identity) for identity in missing)
        yield replace(_page_of(rows), deleted=deleted, windows=(Window(SINCE, since=until),))

    def _confirmed(self, rows: Rows, gone: list[str]) -> tuple[Rows, list[str]]:
        """What the feed calls deleted is read before it is believed; items are read whole, for their Sku."""
        again = list(gone)
        if self.client.columns(self.kind) != "*":
            again += [head.id for head, _ in rows if head is not None]
            rows = [(head, row) for head, row in rows if head is None]
        if not again:
            return rows, []
        found = read_rows(self.system, self.kind, self.client.rows_by_id(self.kind, again).rows)
        there = {head.id for head, _ in found if head is not None}
        return [*rows, *found], [identity for identity in gone if identity not in there]


def _after(rows: Rows, place: Place) -> Rows | None:
    """The rows behind the last one that the page before showed too; None when the page shows none of its last ids."""
    if not place.last:
        return rows
    known = set(place.last)
    for at in range(len(rows) - 1, -1, -1):
        head = rows[at][0]
        if head is not None and head.id in known:
            return rows[at + 1 :]
    return None


def _page_of(rows: Rows) -> Page:
    records = tuple(row for _, row in rows if isinstance(row, Record))
    return Page(records, poison=tuple(row for _, row in rows if isinstance(row, Poison)))
