"""Fetches every system in a thread of its own, and stores what comes. I/O: vendors, ledger.

Threads only fetch; the thread that asked alone writes. A page and the cursor after it are one transaction, so a pull
that is killed goes on at the page after the last one stored.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeGuard

from syncctl.connectors.base import Connector
from syncctl.errors import VendorError
from syncctl.ledger.records import Stored
from syncctl.ledger.shrinkage import note_count
from syncctl.model import Page, Ref, Window
from syncctl.project import Project
from syncctl.run.progress import Progress
from syncctl.run.reading_again import read_refs

ROWS_TOGETHER: Final = 1_000
"""Pages of fewer rows are stored together: a commit costs as much as storing 50 rows (benchmarks/limited.py)."""
TOGETHER_SECONDS: Final = 0.5
"""A page does not wait longer than this for the next one."""
PAGES_AHEAD: Final = 4
"""Pages a system's thread may be ahead of the ledger: bounds the memory."""


@dataclass(frozen=True, slots=True)
class PullRow:
    """What pulling one kind brought."""

    system: str
    kind: str
    pages: int = 0
    records: int = 0
    changed: int = 0
    gone: int = 0
    poison: int = 0
    complete: bool = False
    shrunk: bool = False


@dataclass(frozen=True, slots=True)
class _Brought:
    """What a system's thread has: a kind `begins`, why it is read `anew`, a page of it, the kind's end (none of them),
    an `error` that ended the thread, or that it is `done`."""

    system: str
    kind: str = ""
    page: Page | None = None
    error: BaseException | None = None
    done: bool = False
    begins: bool = False
    anew: str = ""


@dataclass
class Fetching:
    """One pull of the `wanted` kinds of each system: a thread per system fills a bounded queue that the calling thread
    empties into the ledger. `before` is how many records each kind held."""

    project: Project
    wanted: dict[str, tuple[str, ...]]
    before: Mapping[tuple[str, str], int]
    full: bool
    since: str | None
    progress: Progress
    _queue: queue.Queue[_Brought] = field(default_factory=lambda: queue.Queue(PAGES_AHEAD))
    _cancelled: threading.Event = field(default_factory=threading.Event)

    def run(self) -> list[PullRow]:
        """Stores everything; raises the first error after what arrived before it is stored."""
        cursors = {(name, kind): self._cursor(name, kind) for name, kinds in self.wanted.items() for kind in kinds}
        threads = [
            threading.Thread(target=self._fetch, args=(name, kinds, cursors), name=f"pull {name}", daemon=True)
            for name, kinds in self.wanted.items()
        ]
        for thread in threads:
            thread.start()
        try:
            return self._store(len(threads))
        finally:
            self._cancelled.set()
            while any(thread.is_alive() for thread in threads):
                self._drain()
                threads[0].join(0.01) if threads[0].is_alive() else threads.pop(0)

    def _drain(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()

    def _cursor(self, system: str, kind: str) -> tuple[Window, ...] | None:
        if self.full:
            self.project.records.start_full(system, kind)
            return None
        windows = self.project.records.windows(system, kind)
        if self.since:
            windows = tuple(Window("since", since=self.since) for _ in windows[:1])
        if windows:
            self.project.records.start_pull(system, kind)
        else:
            self.project.records.start_full(system, kind)
        return windows or None

    def _fetch(
        self,
        system: str,
        kinds: tuple[str, ...],
        cursors: dict[tuple[str, str], tuple[Window, ...] | None],
    ) -> None:
        failed: VendorError | None = None
        try:
            connector: Connector = self.project.connector(system)
            for kind in kinds:
                self._queue.put(_Brought(system, kind, begins=True))
                try:
                    for page in connector.pull(kind, cursors[system, kind]):
                        if self._cancelled.is_set():
                            return
                        brought = _Brought(system, kind, anew=page.anew) if page.anew else _Brought(system, kind, page)
                        self._queue.put(brought)
                except VendorError as error:
                    if not error.partial:
                        raise
                    failed = failed or error
                self._queue.put(_Brought(system, kind))
            self._queue.put(_Brought(system, done=failed is None, error=failed))
        except BaseException as error:  # noqa: BLE001 - handed to the storing thread, which raises it
            self._queue.put(_Brought(system, error=error))

    def _store(self, running: int) -> list[PullRow]:
        rows: dict[tuple[str, str], PullRow] = {}
        waiting: list[_Brought] = []
        while running:
            brought = self._next(wait=not waiting)
            if _may_wait(brought, waiting):
                waiting.append(brought)
                continue
            self._store_pages(rows, waiting)
            waiting.clear()
            if brought is not None and brought.page is not None:
                waiting.append(brought)
            elif brought is not None:
                running -= self._end(rows, brought)
        return list(rows.values())

    def _next(self, *, wait: bool) -> _Brought | None:
        """What a thread brings; None when nothing comes for a while and something waits to be stored."""
        try:
            return self._queue.get(timeout=None if wait else TOGETHER_SECONDS)
        except queue.Empty:
            return None

    def _end(self, rows: dict[tuple[str, str], PullRow], brought: _Brought) -> bool:
        """Something that is no page. True for the end of a system; raises its error."""
        if brought.error is not None:
            raise brought.error
        if brought.done:
            return True
        if brought.anew:
            self.progress("anew", {"system": brought.system, "kind": brought.kind, "why": brought.anew})
            return False
        if not brought.begins:
            self._sweep(rows, brought.system, brought.kind)
        self._tell(rows, brought)
        return False

    def _tell(self, rows: dict[tuple[str, str], PullRow], brought: _Brought) -> None:
        row = rows.get((brought.system, brought.kind), PullRow(brought.system, brought.kind))
        event = "pull" if brought.begins or brought.page is not None else "pulled"
        allowance = self.project.allowance(row.system)
        left = {"left": allowance.left, "span": allowance.span} if allowance is not None else {}
        told = {"system": row.system, "kind": row.kind, "pages": row.pages, "records": row.records}
        self.progress(event, {**told, **left})

    def _store_pages(self, rows: dict[tuple[str, str], PullRow], waiting: Sequence[_Brought]) -> None:
        pages = [(one.system, one.kind, one.page) for one in waiting if one.page is not None]
        for _, _, page in pages:
            self._follow_merges(page)  # before the cursor moves on: a pull that is cut off here brings the page again
        stored = self.project.records.store_pages(pages, self.project.at())
        for brought, (system, kind, page), more in zip(waiting, pages, stored, strict=True):
            row = rows.get((system, kind), PullRow(system, kind))
            rows[system, kind] = _add(row, more, complete=page.complete)
            self._tell(rows, brought)

    def _follow_merges(self, page: Page) -> None:
        """Whoever was paired with a record that was merged away is paired with the one it lives on in."""
        if not page.merged:
            return
        with self.project.engine.write():
            moved = [self.project.books.pairs.follow(*pair, self.project.at()) for pair in page.merged]
            if any(moved):
                self.project.engine.bump_serial()

    def _sweep(self, rows: dict[tuple[str, str], PullRow], system: str, kind: str) -> None:
        """After a complete full pull: rows not seen are read again by id before they count as gone."""
        row = rows.setdefault((system, kind), PullRow(system, kind))
        if row.poison:  # a list that is read twice shows each row twice
            aside = sum((ref.system, ref.kind) == (system, kind) for ref, _, _ in self.project.records.poison())
            row = rows[system, kind] = replace(row, poison=min(row.poison, aside))
        if row.complete:
            unseen = [Ref(system, kind, rid) for rid in self.project.records.unseen(system, kind)]
            gone = read_refs(self.project, unseen, lambda: shrank(self.project, row, self.before[system, kind]))
            rows[system, kind] = _add(row, Stored(gone=gone), complete=True, pages=0)


def _may_wait(brought: _Brought | None, waiting: Sequence[_Brought]) -> TypeGuard[_Brought]:
    """True for a page that is stored with those before it; one that tells of merges begins anew: they name records."""
    if brought is None or brought.page is None or brought.page.merged:
        return False
    return sum(len(one.page.records) for one in waiting if one.page is not None) < ROWS_TOGETHER


def _add(row: PullRow, stored: Stored, *, complete: bool, pages: int = 1) -> PullRow:
    return PullRow(
        row.system,
        row.kind,
        row.pages + pages,
        row.records + stored.records,
        row.changed + stored.changed,
        row.gone + stored.gone,
        row.poison + stored.poison,
        row.complete or complete,
    )


def shrank(project: Project, row: PullRow, before: int) -> bool:
    """Notes how many records a kind holds after its pull; True when a complete one left far fewer than `before`."""
    after = project.records.count(row.system, row.kind)
    return note_count(project.engine, f"{row.system}.{row.kind}", before, after, complete=row.complete)
