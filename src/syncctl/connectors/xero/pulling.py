"""All records of a kind, or what changed since. I/O: network, through the client.

A list goes by pages in the order of ids. In Xero nothing leaves a list: what is deleted, voided or archived stays, with
that status. So a record made meanwhile can only push others to a later page, where they are read twice, never past a
page. Still the vendor's own count is compared at the end, and the list read anew when it is higher.

Not every change moves a record's time of change (a due date on a part-paid invoice does not, a contact's balance does
not), so after some days a pull of changes reads everything. A cursor therefore keeps when that was last done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import msgspec

from syncctl.connectors.xero.client import Client
from syncctl.connectors.xero.kinds import KINDS
from syncctl.connectors.xero.rows import Head, Listed, read_rows
from syncctl.errors import AnswerUnreadable, Exchange
from syncctl.model import Page, Poison, Record, Ref, Window

FULL: Final = "full"
SINCE: Final = "since"
TURNS: Final = 3

Rows = list[tuple[Head | None, Record | Poison]]


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a list is: the next page, rows seen, which attempt this is; `full`: when everything was last read."""

    page: int = 1
    seen: int = 0
    turn: int = 1
    full: str = ""

    @classmethod
    def read(cls, text: str) -> Place:
        """A stored place; the beginning for an empty text."""
        return msgspec.json.decode(text, type=cls) if text else cls()

    def text(self) -> str:
        """As it is stored."""
        return msgspec.json.encode(self).decode()


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
        if window.name == SINCE and self._full_is_due(window):
            window = Window(FULL)
        while True:
            page, window = self._step(window)
            yield page
            if _finished(window):
                return

    def _full_is_due(self, window: Window) -> bool:
        """A finished pull of changes goes on with everything when that is due, or when Xero cannot tell changes."""
        place = Place.read(window.position)
        if place.page > 1:
            return False
        if not KINDS[self.kind].modified or not place.full:
            return True
        return datetime.fromisoformat(place.full) <= self.now - timedelta(days=self.client.options.full_days)

    def _step(self, window: Window) -> tuple[Page, Window]:
        """One answer, and the window after it."""
        place = Place.read(window.position)
        self._check_turn(place)
        since = self._begin(window) if window.name == SINCE else None
        listed = self.client.page(self.kind, place.page, since=since)
        # Until is when this pull began by Xero's clock: the next one goes on from there.
        began = window.until or listed.time or self.now.isoformat()
        rows = read_rows(self.system, self.kind, listed.rows)
        place = msgspec.structs.replace(place, page=place.page + 1, seen=place.seen + len(listed.rows))
        last = self._is_last(listed, place)
        whole = last and place.seen >= (listed.count or 0)
        if last and not whole:
            place = Place(turn=place.turn + 1, full=place.full)
        following = replace(window, position=place.text(), until=began)
        if whole:
            full = began if window.name == FULL else place.full
            following = Window(SINCE, Place(full=full).text(), since=began)
        complete = whole and window.name == FULL
        return self._page_of(rows, following, complete=complete), following

    def _begin(self, window: Window) -> datetime:
        return datetime.fromisoformat(window.since) - timedelta(seconds=self.client.options.overlap_seconds)

    def _is_last(self, listed: Listed, place: Place) -> bool:
        if listed.pages is not None:
            return place.page > listed.pages
        return not KINDS[self.kind].paged or len(listed.rows) < self.client.options.page_rows

    def _check_turn(self, place: Place) -> None:
        if place.turn > TURNS:
            raise AnswerUnreadable(
                f"{self.system} counts more of {self.kind} than it lists, {TURNS} times over",
                Exchange(self.system, f"GET {KINDS[self.kind].path}"),
                fix="pull again when nobody works in the books",
            )

    def _page_of(self, rows: Rows, following: Window, *, complete: bool) -> Page:
        """The records of one answer. A contact that was merged away is gone, and the one it became is read again."""
        heads = [head for head, _ in rows if head is not None and head.merged_into]
        gone = {head.id for head in heads}
        merged = tuple((self._ref(head.id), self._ref(head.merged_into)) for head in heads)
        return Page(
            tuple(row for _, row in rows if isinstance(row, Record) and row.ref.id not in gone),
            deleted=tuple(loser for loser, _ in merged),
            poison=tuple(row for _, row in rows if isinstance(row, Poison)),
            dirty=tuple(dict.fromkeys(winner for _, winner in merged)),
            windows=(following,),
            complete=complete,
            merged=merged,
        )

    def _ref(self, identity: str) -> Ref:
        return Ref(self.system, self.kind, identity)


def _finished(window: Window) -> bool:
    return window.name == SINCE and Place.read(window.position).page == 1 and not window.until
