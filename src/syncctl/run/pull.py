"""The use case pull: every needed kind of every system into the ledger, one thread per system. I/O: vendors, ledger.

Threads only fetch; this thread alone writes. A page and the cursor after it are one transaction, so a pull that is
killed goes on at the page after the last one stored.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any, Final, TypeAlias

from syncctl.connectors.base import Connector
from syncctl.errors import ConfigError, GuardTripped, no_such
from syncctl.ledger.records import Stored
from syncctl.mapping.check import check_mapping
from syncctl.model import Page, Problem, Ref, Window
from syncctl.project import Project
from syncctl.projection.compiler import compile_mapping

Progress: TypeAlias = Callable[[str, dict[str, Any]], None]
READ_AGAIN: Final = 100
"""Ids read again in one call of `find`; the connector cuts it to what its vendor takes."""
PAGES_AHEAD: Final = 4
"""Pages a system's thread may be ahead of the ledger: bounds the memory."""
SHRUNK_RATIO: Final = 0.8


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
    rows = _Pulling(project, wanted, full=full, since=since, progress=progress).run()
    read_again(project)
    if any(row.changed or row.gone for row in rows):
        with project.engine.write():
            project.engine.bump_serial()
    return PullReport(tuple(_with_shrink(row, before[row.system, row.kind], project) for row in rows))


def _with_shrink(row: PullRow, before: int, project: Project) -> PullRow:
    after = project.records.count(row.system, row.kind)
    return replace(row, shrunk=row.complete and after < before * SHRUNK_RATIO)


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
    for mapping in project.ordered():
        compile_mapping(mapping, catalogue)
    sides = [side for mapping in project.mappings for side in (mapping.left, mapping.right)]
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
    elif (pinned[0], pinned[2]) != (found.id, found.live):
        raise GuardTripped(
            f"this ledger belongs to company {pinned[0]} ({pinned[1]}) of {name}, "
            f"the credential opens {found.id} ({found.name})",
            guard="company",
            fix="use the credential of that company, or another ledger for this one",
        )


def describe(project: Project, name: str) -> None:
    """Reads a system's live schemas into the ledger."""
    project.keep_schemas(project.connector(name).describe())


def schema_check(project: Project) -> tuple[Problem, ...]:
    """Every mapping against the schemas as last pulled: all problems at once."""
    schemas = project.schemas()
    return tuple(
        problem for mapping in project.mappings for problem in check_mapping(mapping, schemas, project.mappings)
    )


def refuse_problems(project: Project) -> None:
    """Raises ConfigError when a mapping does not fit the live schemas."""
    problems = schema_check(project)
    if problems:
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise ConfigError(f"{count} in the mappings; nothing was written", problems, fix="mend the places named above")


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
    """One pull: a thread per system fills a bounded queue that this thread empties into the ledger."""

    project: Project
    wanted: dict[str, tuple[str, ...]]
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
        try:
            for kind in kinds:
                self._queue.put(_Brought(system, kind, begins=True))
                for page in connector.pull(kind, cursors[system, kind]):
                    if self._cancelled.is_set():
                        return
                    self._queue.put(_Brought(system, kind, page))
                self._queue.put(_Brought(system, kind))
            self._queue.put(_Brought(system, done=True))
        except BaseException as error:  # noqa: BLE001 - handed to the storing thread, which raises it
            self._queue.put(_Brought(system, error=error))

    def _store(self, running: int) -> list[PullRow]:
        rows: dict[tuple[str, str], PullRow] = {}
        while running:
            brought = self._queue.get()
            if brought.error is not None:
                raise brought.error
            if brought.done:
                running -= 1
                continue
            if brought.page is not None:
                self._store_page(rows, brought.system, brought.kind, brought.page)
            elif not brought.begins:
                self._sweep(rows, brought.system, brought.kind)
            self._tell(rows.get((brought.system, brought.kind), PullRow(brought.system, brought.kind)), brought)
        return list(rows.values())

    def _tell(self, row: PullRow, brought: _Brought) -> None:
        event = "pull" if brought.begins or brought.page is not None else "pulled"
        allowance = self.project.allowance(row.system)
        left = {"left": allowance.left, "span": allowance.span} if allowance is not None else {}
        told = {"system": row.system, "kind": row.kind, "pages": row.pages, "records": row.records}
        self.progress(event, {**told, **left})

    def _store_page(self, rows: dict[tuple[str, str], PullRow], system: str, kind: str, page: Page) -> None:
        stored = self.project.records.store_page(system, kind, page, self.project.at())
        row = rows.get((system, kind), PullRow(system, kind))
        rows[system, kind] = _add(row, stored, complete=page.complete)

    def _sweep(self, rows: dict[tuple[str, str], PullRow], system: str, kind: str) -> None:
        """After a complete full pull: rows not seen are read again by id before they count as gone."""
        row = rows.setdefault((system, kind), PullRow(system, kind))
        if row.complete:
            unseen = [Ref(system, kind, rid) for rid in self.project.records.unseen(system, kind)]
            gone = _read_refs(self.project, unseen)
            rows[system, kind] = _add(row, Stored(gone=gone), complete=True, pages=0)


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


def read_again(project: Project) -> int:
    """Reads every record that was marked to be read again; what the vendor has no more is marked gone."""
    refs = project.records.unread()
    gone = _read_refs(project, refs)
    project.records.clear_unread(refs)
    return gone


def _read_refs(project: Project, refs: Sequence[Ref]) -> int:
    gone = 0
    for (system, kind), group in _grouped(refs):
        schema = project.schemas().get((system, kind))
        identity = schema.identity if schema is not None else "id"
        found = project.connector(system).find(kind, identity, [ref.id for ref in group])
        at = project.clock.now().astimezone(UTC).isoformat()
        project.records.store_read(found, at)
        held = {record.ref for record in found}
        gone += project.records.mark_gone([ref for ref in group if ref not in held], at)
    return gone


def _grouped(refs: Sequence[Ref]) -> Iterator[tuple[tuple[str, str], list[Ref]]]:
    groups: dict[tuple[str, str], list[Ref]] = {}
    for ref in refs:
        groups.setdefault((ref.system, ref.kind), []).append(ref)
    for key, group in groups.items():
        for start in range(0, len(group), READ_AGAIN):
            yield key, group[start : start + READ_AGAIN]
