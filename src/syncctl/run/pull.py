"""The use case pull: every needed kind of every system into the ledger. I/O: vendors, ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncctl.errors import ConfigError, GuardTripped, no_such
from syncctl.mapping.check import check_mappings, refuse_unfit
from syncctl.mapping.language import Mapping as MappingFile
from syncctl.model import Problem
from syncctl.project import Project
from syncctl.run.fetching import Fetching, PullRow, shrank
from syncctl.run.full_pull import note_pulled
from syncctl.run.progress import Progress, quiet
from syncctl.run.reading_again import read_again


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
    rows = Fetching(project, wanted, before, full=full, since=since, progress=progress).run()
    read_again(project)
    note_pulled(project, before, since)
    if any(row.changed or row.gone for row in rows):
        with project.engine.write():
            project.engine.bump_serial()
    return PullReport(tuple(_with_shrink(row, before[row.system, row.kind], project) for row in rows))


def _with_shrink(row: PullRow, before: int, project: Project) -> PullRow:
    with project.engine.write():
        return replace(row, shrunk=shrank(project, row, before))


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
    asked = {kind for mapping in mappings for kind in project.compiled(mapping)[1]}
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
    return frozenset((*asked, *sides, *sharing, *closing))


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
    """Every mapping against the schemas as last pulled, and every declared system's file: all problems at once.

    Raises ConfigError before the first pull.
    """
    declared = _declared_problems(project)
    unknown = sorted(undescribed(project))
    if unknown and not declared:
        raise ConfigError(f"the schemas of {', '.join(unknown)} were never read", fix="run `syncctl doctor` first")
    if unknown:
        return declared
    if not project.mappings:
        return (*declared, project.no_mapping())
    return (*declared, *check_mappings(project.mappings, project.schemas(), project.mappings))


def _declared_problems(project: Project) -> tuple[Problem, ...]:
    """What is wrong with the files that declare systems. Raises ConfigError where a system has no connector at all."""
    found: list[Problem] = []
    for name in project.settings.systems:
        try:
            project.connector(name)
        except ConfigError as error:
            if not error.problems:
                raise
            found += error.problems
    return tuple(found)


def _checkable(project: Project) -> tuple[MappingFile, ...]:
    """All mappings, but for those that wait for a system that was never described: who sets up one system after the
    other pulls each as soon as it answers.
    """
    waiting = undescribed(project)
    return tuple(one for one in project.ordered() if not waiting & {one.left[0], one.right[0]})


def refuse_problems(project: Project) -> None:
    """Raises ConfigError when a mapping does not fit the live schemas; looks once, until a schema changes."""
    if not project.fits:
        refuse_unfit(_checkable(project), project.schemas(), project.mappings)
        project.fits = True
