"""The use cases diff and plan: what differs, and what would be written. I/O: the ledger, no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from syncctl.errors import ConfigError, no_such
from syncctl.ledger.totals import FoundGap, Totals
from syncctl.model import Change, Finding, Plan
from syncctl.plan.draft import Draft, draft
from syncctl.plan.order import in_order
from syncctl.plan.present import present
from syncctl.plan.refused import without_refused
from syncctl.plan.registry import Standing
from syncctl.plan.unfinished import as_listed, as_planned, refused_words
from syncctl.project import Project
from syncctl.projection.projection import Projection
from syncctl.push import fingerprint
from syncctl.reconciliation.refresh import Version, refresh
from syncctl.run.full_pull import refuse_until_pulled
from syncctl.run.running import OUTCOMES, PLANNED, running
from syncctl.run.unkept import note_unkept
from syncctl.statement import Corrections, Gap, statement_lines
from syncctl.statement_line import StatementLine

Compiled = list[tuple[Projection, Version]]
IN_SYNC: Final = 0
DIFFERENCES: Final = 2
UNREAD: Final = "applied, and its record is not read back yet"


@dataclass(frozen=True, slots=True)
class DiffReport:
    """Everything open, and the statement, from the ledger alone.

    `pulled`: per system when the records compared were pulled, of several kinds the oldest; ISO-8601 UTC.
    """

    findings: tuple[Finding, ...]
    statement: tuple[StatementLine, ...]
    pulled: tuple[tuple[str, str], ...] = ()


def known(project: Project, names: Sequence[str]) -> frozenset[str]:
    """The mapping names asked for. Raises UsageError for one that does not exist."""
    there = {mapping.name for mapping in project.mappings}
    for name in names:
        if name not in there:
            raise no_such("mapping", name, there)
    return frozenset(names)


def refresh_all(project: Project, compiled: Compiled) -> None:
    """Brings every mapping up to date in their order, one transaction each.

    Raises ConfigError while a side was never pulled: an empty ledger is in sync with nothing.
    """
    for side in (side for projection, _ in compiled for side in (projection.mapping.left, projection.mapping.right)):
        if not project.records.pulled(*side):
            raise ConfigError(f"{'.'.join(side)} was never pulled", fix="run `syncctl pull` first")
    with project.engine.write():
        project.lookups.refresh()
    for projection, version in compiled:
        with project.engine.write():
            refresh(project.books, projection, version, project.at())
    note_unkept(project, compiled)


def diff(project: Project, names: Sequence[str] = ()) -> DiffReport:
    """What is open, from the ledger alone. Raises ConfigError, UsageError."""
    chosen = known(project, names)
    compiled = project.projections()
    refresh_all(project, compiled)
    found = standing(project, compiled, chosen)
    lines = statement(project, chosen, found.changes)
    return DiffReport(found.findings, lines, _pulled(project, compiled, chosen))


def _pulled(project: Project, compiled: Compiled, names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for mapping in (projection.mapping for projection, _ in compiled):
        for system, kind in (mapping.left, mapping.right) if not names or mapping.name in names else ():
            at = project.records.pulled_at(system, kind)
            found[system] = min(at, found.get(system, at))
    return tuple(found.items())


def standing(project: Project, compiled: Compiled, names: frozenset[str]) -> Draft:
    """The ledger's findings as people see them, and the changes that a plan made now would have for them; what stops a
    write is told as the dry run tells it.
    """
    listed = _listed(project, compiled, names)
    if not listed:
        return Draft((), ())
    made = make_draft(project, compiled, names)
    return replace(made, findings=as_planned(listed, made.findings))


def open_findings(project: Project, compiled: Compiled, names: frozenset[str]) -> tuple[Finding, ...]:
    """The findings of `standing` alone."""
    return standing(project, compiled, names).findings


def _listed(project: Project, compiled: Compiled, names: frozenset[str]) -> tuple[Finding, ...]:
    return tuple(
        finding
        for projection, _ in compiled
        if not names or projection.mapping.name in names
        for finding in present(project.books, projection)
    )


def statement(
    project: Project, names: frozenset[str] = frozenset(), changes: Sequence[Change] | None = None
) -> tuple[StatementLine, ...]:
    """The reconciliation statement: one line per currency of every mapping whose two sides have amounts, and one of
    counts for every other.

    What `changes` settle, else the current plan, is told apart from what waits for a person.
    """
    corrections = Corrections(_current_changes(project) if changes is None else changes)
    totals = Totals(project.engine)
    lines: list[StatementLine] = []
    for projection, _ in project.projections():
        mapping = projection.mapping
        if names and mapping.name not in names:
            continue
        number = project.lookups.mapping_id(mapping.name)
        news = (not mapping.leaves_out("left"), not mapping.leaves_out("right"))
        if None in projection.amount.values():
            lines.append(totals.counts(number, mapping.name, unmatched=news))
            continue
        left, right = (totals.sums(number, side) for side in (0, 1))
        gaps = (
            _settled(totals, corrections, mapping.name, number, found) for found in totals.gaps(number, unmatched=news)
        )
        lines += statement_lines(mapping, left, right, gaps)
    return tuple(lines)


def _settled(totals: Totals, corrections: Corrections, name: str, mapping: int, found: FoundGap) -> Gap:
    """The gap, marked when the current plan closes it."""
    if not corrections or (found.gap.ignored and found.gap.said != "open"):
        return found.gap
    return replace(found.gap, settled=corrections.settle(name, found.gap, *totals.refs(mapping, found)))


def _current_changes(project: Project) -> tuple[Change, ...]:
    """What the current plan would write: the newest one, unless it was used or no longer fits the ledger."""
    plans = project.journal.plans
    identity = plans.current(project.engine.serial())
    found = plans.load(identity) if identity else None
    return found.changes if found is not None and found.config_hash == project.config_hash else ()


def plan(project: Project, names: Sequence[str] = ()) -> Plan:
    """Plans from the ledger and saves the plan; a run of its own. Raises ConfigError, UsageError, LockedError.

    It takes the ledger for itself: a plan made beside a run that writes would be stale before it is shown.
    """
    known(project, names)
    with running(project, "plan") as run:
        made = plan_for(project, names, run)
        code = open_code(made.changes, made.findings)
        outcome = PLANNED if made.changes else OUTCOMES[code]
        project.journal.runs.finish(run, outcome, code, {"changes": len(made.changes)})
    return made


def open_code(changes: Sequence[Change], findings: Sequence[Finding]) -> int:
    """The exit code of what is open: 2 while there is something to write, or a finding that nobody accepted."""
    waiting = any(not finding.accepted for finding in findings)
    return DIFFERENCES if changes or waiting else IN_SYNC


def plan_for(project: Project, names: Sequence[str], run: str) -> Plan:
    """Plans and saves the plan for a run that goes on with it. Raises ConfigError, UsageError, StalePlanError."""
    chosen = known(project, names)
    compiled = project.projections()
    refresh_all(project, compiled)
    made = make_draft(project, compiled, chosen)
    return save_plan(project, made.changes, made.findings, run)


def save_plan(project: Project, changes: tuple[Change, ...], findings: tuple[Finding, ...], run: str) -> Plan:
    """Keeps what was planned from how the ledger stands now, as the plan of a run."""
    refuse_until_pulled(project)
    return project.journal.plans.save(
        Plan(
            project.new_id(),
            project.at(),
            project.engine.lineage,
            project.engine.serial(),
            project.config_hash,
            project.tool_version,
            tuple(sorted((name, pin[0]) for name, pin in project.records.pins().items())),
            changes,
            findings,
        ),
        run,
    )


def make_draft(project: Project, compiled: Compiled, names: frozenset[str]) -> Draft:
    """The changes and findings over the overlay, without what its vendor refused before."""

    def refused(change: Change) -> str:
        last = project.journal.operations.last(change.intent) if refused_before(project, change) else None
        return refused_words(last, project.redact(last.message)) if last else ""

    made = without_refused(project.books, whole_draft(project, compiled, names), refused, project.at())
    return replace(made, findings=as_listed(made.findings, _listed(project, compiled, names)))


def whole_draft(project: Project, compiled: Compiled, names: frozenset[str]) -> Draft:
    """The changes and findings over the overlay, each change in the parts it is sent in."""
    open_intents = {intent: str(state) for intent, state in project.journal.open_intents().items()}
    # The ledger does not hold these records yet: their sources look as if nothing had been made from them.
    made = project.journal.operations.creators(project.records.unread())
    read_only = frozenset(name for name, system in project.settings.systems.items() if system.read_only)
    standing = Standing({**dict.fromkeys(made.values(), UNREAD), **open_intents}, read_only)
    drawn = draft(project.books, compiled, standing, project.at(), names)
    parts = [part for change in drawn.changes for part in project.connector(change.target.system).parts(change)]
    return replace(drawn, changes=in_order(parts))


def refused_before(project: Project, change: Change) -> bool:
    """True for a change that its vendor refused, and nothing it was made from moved since."""
    kept = project.journal.rejected_fingerprint(change.intent)
    schema = project.schemas()[change.target.system, change.target.kind]
    return bool(kept) and kept == fingerprint(change, project.records, schema)
