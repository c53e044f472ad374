"""Pulling records: a full pull by id, and what changed since by a search that is keyed on the id. I/O: network.

The cursor is one window. `full`: position `live:<after>` or `archived:<after>`, since = when the pull began.
`since`: position `changed:<last id>` or `archived:<after>` while it is under way, until = its frozen upper bound; an
empty position means a finished pull, whose upper bound is now `since`.

Two things are assumed, because the vendor documents neither: restoring a record moves its modification date, and an
association that moves no property does not. A full pull sees both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from syncctl.connectors.hubspot.addresses import modified_property
from syncctl.connectors.hubspot.client import LIST_PAGE, Client
from syncctl.connectors.hubspot.links import links_json, read_links
from syncctl.connectors.hubspot.rows import Row, RowPage, merged_away, split_rows, to_record
from syncctl.errors import AnswerUnreadable, Exchange
from syncctl.model import Page, Poison, Record, Window

SEARCH_PAGE: Final = 200
"""The largest page of a search."""
FULL: Final = "full"
SINCE: Final = "since"


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of one system, with the names of all its properties."""

    client: Client
    kind: str
    names: tuple[str, ...]

    def listed(self, archived: bool, after: str, *, wide: bool) -> RowPage:
        """One page of the list by id; `wide` with every property, else with the few that come unasked."""
        return self.client.get(self.client.at.objects(self.kind), self._query(archived, after, wide=wide))

    def gathered(self, archived: bool, after: str, *, wide: bool) -> tuple[list[Row], list[Poison], str]:
        """So many pages of the list as one request can read the associations of; and where it goes on."""
        gathered: list[Row] = []
        poison: list[Poison] = []
        more = True
        while more:
            listed = self.listed(archived, after, wide=wide)
            rows, worse = split_rows(self.client.name, self.kind, listed.results)
            if not wide and rows:
                rows, unread = self.read([row.head.id for row in rows], archived=archived)
                worse += unread
            gathered += rows
            poison += worse
            after = listed.after
            more = bool(after) and len(gathered) + LIST_PAGE <= self.client.settings.association_batch
        return gathered, poison, after

    def _query(self, archived: bool, after: str, *, wide: bool) -> list[tuple[str, str]]:
        query = [("limit", str(LIST_PAGE)), ("archived", "true" if archived else "false")]
        if after:
            query.append(("after", after))
        if wide:
            query.append(("properties", ",".join(self.names)))
        return query

    @property
    def fits(self) -> bool:
        """True when a list may name every property in its address."""
        whole = f"{self.client.at.objects(self.kind)}?{urlencode(self._query(True, '9' * 20, wide=True))}"
        return len(whole) <= self.client.settings.url_limit

    def read(self, ids: Sequence[str], *, archived: bool, id_property: str = "") -> tuple[list[Row], list[Poison]]:
        """Records by id or by a unique property, 100 per request; what is not there is left out."""
        rows: list[Row] = []
        poison: list[Poison] = []
        query = (("archived", "true" if archived else "false"),)
        for start in range(0, len(ids), LIST_PAGE):
            body = {
                "properties": self.names,
                "propertiesWithHistory": [],
                "inputs": [{"id": identity} for identity in ids[start : start + LIST_PAGE]],
            }
            if id_property:
                body["idProperty"] = id_property
            page = self.client.post(self.client.at.objects(self.kind, "batch", "read"), body, query)
            more, worse = split_rows(self.client.name, self.kind, page.results)
            rows += more
            poison += worse
        return rows, poison

    def records(self, rows: Sequence[Row]) -> tuple[Record, ...]:
        """Rows with their associations; an archived record has lost its own."""
        live = [row.head.id for row in rows if not row.head.archived]
        links: dict[str, bytes] = {}
        batch = self.client.settings.association_batch
        for start in range(0, len(live), batch):
            links |= links_json(self.kind, read_links(self.client, self.kind, live[start : start + batch]))
        name = self.client.name
        return tuple(to_record(name, self.kind, row, links.get(row.head.id, b"{}")) for row in rows)

    def page(
        self, rows: Sequence[Row], poison: Sequence[Poison], windows: tuple[Window, ...], *, complete: bool = False
    ) -> Page:
        merged = merged_away(self.client.name, self.kind, rows)
        gone = tuple(loser for loser, _ in merged)
        return Page(self.records(rows), gone, tuple(poison), (), windows, complete, merged)


def property_names(client: Client, kind: str) -> tuple[str, ...]:
    """The names of all properties of a kind, in a stable order."""
    return tuple(sorted(str(one["name"]) for one in client.definitions(kind)))


def pull_objects(client: Client, kind: str, windows: Sequence[Window] | None) -> Iterator[Page]:
    """All records of a kind, or what changed since; goes on from any window. Raises VendorError."""
    stream = Stream(client, kind, property_names(client, kind))
    window = windows[0] if windows else Window(FULL, "live:", since=_iso(client.clock.now()))
    if window.name == FULL:
        return _full(stream, window)
    return _since(stream, window)


def _full(stream: Stream, window: Window) -> Iterator[Page]:
    phase, _, after = window.position.partition(":")
    wide = stream.fits
    for archived in (False, True):
        if phase == "archived" and not archived:
            continue
        more = True
        while more:
            rows, poison, after = stream.gathered(archived, after, wide=wide)
            more = bool(after)
            yield stream.page(rows, poison, _next_full(window, archived, after), complete=archived and not more)


def _next_full(window: Window, archived: bool, after: str) -> tuple[Window, ...]:
    if after:
        return (Window(FULL, f"{'archived' if archived else 'live'}:{after}", window.since),)
    if not archived:
        return (Window(FULL, "archived:", window.since),)
    return (Window(SINCE, since=window.since),)


def _since(stream: Stream, window: Window) -> Iterator[Page]:
    if not window.position:
        window = Window(SINCE, "changed:0", window.since, _iso(stream.client.clock.now()))
    lower = _moment(window.since) - timedelta(seconds=stream.client.settings.search_lag_seconds)
    phase, _, place = window.position.partition(":")
    if phase == "changed":
        yield from _changed(stream, window, lower, int(place))
        place = ""
    yield from _archived_since(stream, window, lower, place)


def _changed(stream: Stream, window: Window, lower: datetime, last: int) -> Iterator[Page]:
    """Keyed on the id, so that any number of records may share one timestamp and 10,000 hits are never reached."""
    more = True
    while more:
        found = stream.client.search(stream.kind, _filter(stream.kind, lower, _moment(window.until), last))
        hits, poison = split_rows(stream.client.name, stream.kind, found.results)
        ids = sorted((hit.head.id for hit in hits), key=int)
        more = found.total > len(found.results)
        if more and (not ids or int(ids[-1]) <= last):
            where = Exchange(stream.client.name, f"POST {stream.client.at.objects(stream.kind, 'search')}")
            raise AnswerUnreadable(f"{stream.client.name}: a search ignores its own filter on hs_object_id", where)
        last = int(ids[-1]) if ids else last
        position = f"changed:{last}" if more else "archived:"
        rows, worse = stream.read(ids, archived=False)
        yield stream.page(rows, [*poison, *worse], (Window(SINCE, position, window.since, window.until),))


def _filter(kind: str, lower: datetime, upper: datetime, last: int) -> dict[str, object]:
    modified = modified_property(kind)
    filters = [
        {"propertyName": modified, "operator": "GTE", "value": str(_millis(lower))},
        {"propertyName": modified, "operator": "LTE", "value": str(_millis(upper))},
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(last)},
    ]
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": ["hs_object_id"],
        "limit": SEARCH_PAGE,
    }


def _archived_since(stream: Stream, window: Window, lower: datetime, after: str) -> Iterator[Page]:
    """The recycle bin holds 90 days at most: read through it and keep what came in since."""
    more = True
    while more:
        listed = stream.listed(True, after, wide=False)
        rows, poison = split_rows(stream.client.name, stream.kind, listed.results)
        fresh = [row.head.id for row in rows if row.head.archived_at and _moment(row.head.archived_at) >= lower]
        kept, worse = stream.read(fresh, archived=True)
        after, more = listed.after, bool(listed.after)
        following = Window(SINCE, f"archived:{after}", window.since, window.until)
        windows = (following,) if more else (Window(SINCE, since=window.until),)
        yield stream.page(kept, [*poison, *worse], windows)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _millis(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
