"""All records of a kind, or what changed since. I/O: network, through the client.

Rows come and go while a list is read. A list by offset begins each page a few rows early and must show one of the last
ids again, else it goes back. A list by page number cannot overlap: it is read until two turns in a row show the same
ids. A cursor or link is the server's own and is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

import msgspec

from syncctl.connectors.rest.client import Client
from syncctl.connectors.rest.language import KindDeclaration, Query
from syncctl.connectors.rest.paging import overlap_of
from syncctl.connectors.rest.rows import read_row, stamp
from syncctl.errors import AnswerUnreadable, Exchange
from syncctl.fields.codecs import encode
from syncctl.fields.text import show
from syncctl.model import Page, Poison, Record, Window

FULL: Final = "full"
CHANGED: Final = "changed"
SINCE: Final = "since"
TURNS_MAX: Final = 6
"""A list that moved in so many turns of one run is left for the next run, which begins where this one stood."""
STALE_PAGES_MAX: Final = 5
"""So many pages in a row without a new row, and the server ignores the page that is asked for."""
_MARK_BYTES: Final = 16
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a list is: the position of the next page, the last ids of the page before; and the marks of the ids that
    this turn has shown so far and that the turn before showed.
    """

    at: str = ""
    last: tuple[str, ...] = ()
    shown: str = ""
    before: str = ""

    @classmethod
    def read(cls, text: str) -> Place:
        """A stored place; the beginning for an empty text."""
        return msgspec.json.decode(text, type=cls) if text else cls()

    def text(self) -> str:
        """As it is stored."""
        return msgspec.json.encode(self).decode()


@dataclass
class Turn:
    """What one reading of the list has shown so far: ids, pages that held rows, such pages in a row without a new one.

    `number` counts the turns of this run. `whole`: it began at the beginning, not where an earlier run was cut short.
    `shown` marks the ids of this turn, also those before the cut; `before` those of the turn before, empty where there
    was none.
    """

    whole: bool
    number: int = 1
    before: str = ""
    shown: str = ""
    seen: set[str] = field(default_factory=set)
    pages: int = 0
    stale: int = 0

    def again(self, before: str = "") -> Turn:
        """The next one, from the beginning; compared with what was shown `before`."""
        return Turn(whole=True, number=self.number + 1, before=before)

    def count(self, rows: Sequence[Record | Poison]) -> list[Record | Poison]:
        """Notes a page; gives the rows that this turn had not shown."""
        new = [row for row in rows if _id(row) not in self.seen]
        fresh = set(filter(None, map(_id, rows))) - self.seen
        self.shown = marked(self.shown, fresh)
        self.seen |= fresh
        self.pages += bool(rows)
        self.stale = 0 if new else self.stale + 1
        return new

    @property
    def settled(self) -> bool:
        """True when nothing was missed: one page shows one moment, and two turns alike show that nothing moved."""
        return self.before == self.shown or (self.whole and self.pages <= 1)


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull of one kind."""

    client: Client
    kind: KindDeclaration
    now: datetime

    def run(self, windows: Sequence[Window] | None) -> Iterator[Page]:
        """Pages from where the windows stand. Raises VendorError."""
        window = windows[0] if windows else Window(FULL)
        if window.name == SINCE:
            window = self._changed(window) if self.kind.since and window.since else Window(FULL)
        if window.name == FULL and not window.since:
            window = replace(window, since=stamp(self.now))
        yield from self._list(window)

    def _changed(self, window: Window) -> Window:
        since = datetime.fromisoformat(window.since)
        since = since if since.tzinfo is not None else since.replace(tzinfo=UTC)
        begin = since - timedelta(seconds=self.kind.overlap_seconds)
        return Window(CHANGED, since=stamp(begin), until=stamp(self.now))

    def _list(self, window: Window) -> Iterator[Page]:
        more, place, done = self._since(window), Place.read(window.position), False
        turn = Turn(whole=not place.at, before=place.before, shown=place.shown)
        while not done:
            self._check(turn)
            rows, following = self.client.page(self.kind, self.kind.list, place.at, more)
            records = [read_row(self.client.name, self.kind, row) for row in rows]
            fresh = _after(records, place.last)
            if fresh is None:
                place = self._back(place)
                turn = turn if place.at else turn.again()
                continue
            new = turn.count(fresh)
            at = following.position if fresh or self._moved(rows) else ""
            done = not at and (self.kind.paging.style != "page" or turn.settled)
            if at or done:
                place = Place(at, self._last(records), turn.shown, turn.before)
            else:
                place, turn = Place(before=turn.shown), turn.again(turn.shown)
            yield self._page(new, window, place, done=done)

    def _since(self, window: Window) -> Query:
        """The parameter for changed records, spelled like the field it looks at."""
        if window.name != CHANGED:
            return ()
        looked_at = self.kind.fields[self.kind.updated]
        begin = datetime.fromisoformat(window.since)
        if looked_at.type == "date":
            begin -= _DAY  # in the system's own zone it may still be the day before
        elif '"zone"' in looked_at.codec:
            begin -= _HOUR  # an hour that comes twice in autumn is spelled alike both times
        return ((self.kind.since, show(encode(looked_at.codec, begin))),)

    def _check(self, turn: Turn) -> None:
        if turn.number <= TURNS_MAX and turn.stale < STALE_PAGES_MAX:
            return
        where = Exchange(self.client.name, f"GET {self.kind.list.path}")
        if turn.stale >= STALE_PAGES_MAX:
            message, fix = "shows the same rows on every page", "compare `paging:` with the system's documentation"
        else:
            message, fix = f"was another one each of {TURNS_MAX} times", "pull again when nobody works there"
        raise AnswerUnreadable(f"{self.client.name}: the list of {self.kind.name} {message}", where, fix=fix)

    def _back(self, place: Place) -> Place:
        """A page earlier; before the first page comes another turn from the beginning."""
        start = int(place.at or "0")
        if start == 0:
            return Place()
        return Place(str(max(0, start - self.kind.paging.rows)), place.last)

    def _moved(self, rows: Sequence[bytes]) -> bool:
        """True for a page without a new row that is not the end: rows added before it have pushed old ones into it."""
        return self.kind.paging.style != "offset" or len(rows) > overlap_of(self.kind.paging)

    def _last(self, rows: list[Record | Poison]) -> tuple[str, ...]:
        overlap = overlap_of(self.kind.paging)
        return tuple(filter(None, map(_id, rows[-overlap:]))) if overlap else ()

    def _page(self, rows: list[Record | Poison], window: Window, place: Place, *, done: bool) -> Page:
        following = replace(window, position=place.text())
        if done:
            following = Window(SINCE, since=window.until or window.since)
        return Page(
            tuple(row for row in rows if isinstance(row, Record)),
            poison=tuple(row for row in rows if isinstance(row, Poison)),
            windows=(following,),
            complete=done and window.name == FULL,
        )


def marked(mark: str, ids: Iterable[str]) -> str:
    """A mark with more ids in it: the sum of their hashes, which is the same whatever their order.

    An id that comes on both sides of a cut counts twice: then the turns differ, and there is one more.
    """
    total = int(mark or "0", 16)
    for identity in ids:
        total += int.from_bytes(blake2b(identity.encode(), digest_size=_MARK_BYTES).digest())
    return f"{total % 256**_MARK_BYTES:x}"


def _id(row: Record | Poison) -> str:
    return row.ref.id if isinstance(row, Record) else row.id


def _after(rows: list[Record | Poison], last: tuple[str, ...]) -> list[Record | Poison] | None:
    """The rows behind the last one that the page before showed too; None when the page shows none of its last ids."""
    if not last:
        return rows
    for at in range(len(rows) - 1, -1, -1):
        if _id(rows[at]) in last:
            return rows[at + 1 :]
    return None
