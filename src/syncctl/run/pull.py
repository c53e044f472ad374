"""The use case pull: every needed kind of every system into the ledger, one thread per system. I/O: vendors, ledger.

Threads only fetch; this thread alone writes. A page and the cursor after it are one transaction, so a pull that is
killed goes on at the page after the last one stored.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, TypeGuard

from syncctl.connectors.base import Connector
from syncctl.errors import ConfigError, GuardTripped, VendorError, no_such
from syncctl.ledger.records import Stored
from syncctl.ledger.shrinkage import note_count
from syncctl.mapping.check import check_mappings, refuse_unfit
from syncctl.mapping.language import Mapping as MappingFile
from syncctl.model import Page, Problem, Ref, Window
from syncctl.project import Project
from syncctl.projection.compiler import compile_mapping
from syncctl.run.full_pull import note_pulled
from syncctl.run.reading_again import read_again, read_refs

Progress: TypeAlias = Callable[[str, dict[str, Any]], None]
ROWS_TOGETHER: Final = 1_000
"""Pages of fewer rows are stored together: a commit costs as much as storing 50 rows (benchmarks/limited.py)."""
TOGETHER_SECONDS: Final = 0.5
"""A page does not wait longer than this for the next one."""
PAGES_AHEAD: Final = 4
"""Pages a system's thread may be ahead of the ledger: bounds the memory."""


def quiet(_event: str, _facts: dict[str, Any]) -> None:
    """Progress that nobody looks at."""


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
class PullReport:
    """One row per kind, in the order pulled."""

    rows: tuple[PullRow, ...]

    @property
    def changed(self) -> int:
        """Records that are new, other, or gone."""
        return sum(row.changed + row.gone for row in self.rows)

    @property
    def shrunk(self) -> tuple[str, ...]:
        """Kinds whose complete pull brought far fewer records than before."""
        return tuple(f"{row.system}.{row.kind}" for row in self.rows if row.shrunk)


def pull(
    project: Project,
    targets: Sequence[str] = (),
    *,
    full: bool = False,
    since: str | None = None,
    progress: Progress = quiet,
) -> PullReport:
    """Pulls `system` or `system.kind` targets (none: what the mappings need).

    Raises UsageError, ConfigError, CredentialError, VendorError.
    """
    systems = _systems(project, targets)
    _refuse_kinds(project, targets)
    project.settings.require_secrets(systems)
    for name in systems:
        progress("open", {"system": name})
        check_company(project, name)
        describe(project, name)
    refuse_problems(project)
    needed = needed_kinds(project)
    wanted = {name: _kinds(project, name, targets, needed) for name in systems}
    before = {(name, kind): project.records.count(name, kind) for name, kinds in wanted.items() for kind in kinds}
    rows = _Pulling(project, wanted, before, full=full, since=since, progress=progress).run()
    read_again(project)
    note_pulled(project, before, since)
    if any(row.changed or row.gone for row in rows):
        with project.engine.write():
            project.engine.bump_serial()
    return PullReport(tuple(_with_shrink(row, before[row.system, row.kind], project) for row in rows))


def _with_shrink(row: PullRow, before: int, project: Project) -> PullRow:
    with project.engine.write():
        return replace(row, shrunk=_note_count(project, row, before))


def _note_count(project: Project, row: PullRow, before: int) -> bool:
    after = project.records.count(row.system, row.kind)
    return note_count(project.engine, f"{row.system}.{row.kind}", before, after, complete=row.complete)


def _systems(project: Project, targets: Sequence[str]) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(target.partition(".")[0] for target in targets))
    for name in named:
        if name not in project.settings.systems:
            raise no_such("system", name, project.settings.systems)
    return named or tuple(project.connectors)


def _refuse_kinds(project: Project, targets: Sequence[str]) -> None:
    for system, dot, kind in (target.partition(".") for target in targets):
        kinds = project.connector(system).card.kinds
        if dot and kind not in kinds:
            raise no_such(f"{system} kind", kind, kinds)


def _kinds(
    project: Project, system: str, targets: Sequence[str], needed: frozenset[tuple[str, str]]
) -> tuple[str, ...]:
    card = project.connector(system).card
    named = [target.partition(".")[2] for target in targets if target.partition(".")[0] == system]
    if "" in named:
        return card.kinds
    return tuple(named) or tuple(kind for kind in card.kinds if (system, kind) in needed)


def needed_kinds(project: Project) -> frozenset[tuple[str, str]]:
    """Kinds the mappings look at: their sides, what references lead to, what lists are joined from, kinds that
    share a side's names (a taken one is foreseen), and where a company says up to when its books are closed."""
    catalogue = project.catalogue()
    mappings = _checkable(project)
    for mapping in mappings:
        compile_mapping(mapping, catalogue)
    sides = [side for mapping in mappings for side in (mapping.left, mapping.right)]
    sharing = [
        (system, kind)
        for system, side_kind in sides
        for field in catalogue.schema(system, side_kind).fields.values()
        for kind in field.unique_with
    ]
    closing = [
        (system, schema.closed_by[0])
        for system, side_kind in sides
        if (schema := catalogue.schema(system, side_kind)).closed_by is not None and schema.actions
    ]
    return frozenset((*catalogue.asked, *sharing, *closing))


def check_company(project: Project, name: str) -> None:
    """Refuses a credential that opens another company than this ledger's, or a sandbox on live books. Pins a new one.

    Raises GuardTripped.
    """
    found = project.connector(name).company()
    settings = project.settings.systems[name]
    if settings.company and settings.company != found.id:
        raise GuardTripped(
            f"the credential of {name} opens company {found.id} ({found.name}), syncctl.yaml says {settings.company}",
            guard="company",
            fix="use the credential of that company, or another ledger for this one",
        )
    if (settings.environment == "live") is not found.live:
        kind = "live company" if found.live else "sandbox"
        raise GuardTripped(
            f"{name} is configured as {settings.environment}, but its credential opens a {kind}",
            guard="environment",
            fix="use the right credential; sandbox and live never share a ledger",
        )
    pinned = project.records.pins().get(name)
    if pinned is None:
        project.records.pin(name, found.id, found.name, live=found.live, at=project.at())
    elif pinned[0] == found.id and pinned[2] is not found.live:  # at Stripe both have the same account
        kinds = ("sandbox", "live company")
        raise GuardTripped(
            f"this ledger is of the {kinds[pinned[2]]} {pinned[0]} ({pinned[1]}) of {name}, "
            f"the credential opens its {kinds[found.live]}",
            guard="environment",
            fix="use the right credential; sandbox and live never share a ledger",
        )
    elif pinned[0] != found.id:
        raise GuardTripped(
            f"this ledger belongs to company {pinned[0]} ({pinned[1]}) of {name}, "
            f"the credential opens {found.id} ({found.name})",
            guard="company",
            fix="use the credential of that company, or another ledger for this one",
        )


def describe(project: Project, name: str) -> None:
    """Reads a system's live schemas into the ledger."""
    project.keep_schemas(project.connector(name).describe())


def undescribed(project: Project) -> frozenset[str]:
    """Systems that mappings name and syncctl.yaml has, whose schemas were never read."""
    named = {name for mapping in project.mappings for name in (mapping.left[0], mapping.right[0])}
    return frozenset(named & set(project.settings.systems) - {system for system, _ in project.schemas()})


def schema_check(project: Project) -> tuple[Problem, ...]:
    """Every mapping against the schemas as last pulled: all problems at once. Raises ConfigError before the first."""
    unknown = sorted(undescribed(project))
    if unknown:
        raise ConfigError(f"the schemas of {', '.join(unknown)} were never read", fix="run `syncctl doctor` first")
    return check_mappings(project.mappings, project.schemas(), project.mappings)


def _checkable(project: Project) -> tuple[MappingFile, ...]:
    """All mappings, but for those that wait for a system that was never described: who sets up one system after the
    other pulls each as soon as it answers.
    """
    waiting = undescribed(project)
    return tuple(one for one in project.ordered() if not waiting & {one.left[0], one.right[0]})


def refuse_problems(project: Project) -> None:
    """Raises ConfigError when a mapping does not fit the live schemas."""
    refuse_unfit(_checkable(project), project.schemas(), project.mappings)


@dataclass(frozen=True, slots=True)
class _Brought:
    """What a system's thread has: a kind `begins`, a page of it, the kind's end (neither of them), an `error` that
    ended the thread, or that it is `done`."""

    system: str
    kind: str = ""
    page: Page | None = None
    error: BaseException | None = None
    done: bool = False
    begins: bool = False


@dataclass
class _Pulling:
    """One pull: a thread per system fills a bounded queue that this thread empties into the ledger. `before` is how
    many records each kind held."""

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
        connector: Connector = self.project.connector(system)
        failed: VendorError | None = None
        try:
            for kind in kinds:
                self._queue.put(_Brought(system, kind, begins=True))
                try:
                    for page in connector.pull(kind, cursors[system, kind]):
                        if self._cancelled.is_set():
                            return
                        self._queue.put(_Brought(system, kind, page))
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
        if row.complete:
            unseen = [Ref(system, kind, rid) for rid in self.project.records.unseen(system, kind)]
            gone = read_refs(self.project, unseen, lambda: _note_count(self.project, row, self.before[system, kind]))
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
