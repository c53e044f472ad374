"""The use cases diff and plan: what differs, and what would be written. I/O: the ledger, no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncctl.errors import UsageError
from syncctl.ledger.totals import Totals
from syncctl.mapping.language import Mapping, other
from syncctl.model import Change, Finding, Plan, SideName, StatementLine
from syncctl.plan import Draft, Standing, draft, in_order, present, without_refused
from syncctl.project import Project
from syncctl.projection import Projection
from syncctl.push import fingerprint
from syncctl.reconciliation.refresh import Version, refresh
from syncctl.statement import statement_lines

Compiled = list[tuple[Projection, Version]]


@dataclass(frozen=True, slots=True)
class DiffReport:
    """Everything open, and the statement, from the ledger alone."""

    findings: tuple[Finding, ...]
    statement: tuple[StatementLine, ...]
    judged: int


def known(project: Project, names: Sequence[str]) -> frozenset[str]:
    """The mapping names asked for. Raises UsageError for one that does not exist."""
    there = {mapping.name for mapping in project.mappings}
    for name in names:
        if name not in there:
            raise UsageError(f"there is no mapping {name!r}", fix=f"there is {', '.join(sorted(there))}")
    return frozenset(names)


def refresh_all(project: Project, compiled: Compiled) -> int:
    """Brings every mapping up to date in their order, one transaction each; returns how many pairs were judged."""
    judged = 0
    with project.engine.write():
        project.lookups.refresh()
    for projection, version in compiled:
        with project.engine.write():
            judged += refresh(project.books, projection, version, project.at()).judged
    return judged


def diff(project: Project, names: Sequence[str] = ()) -> DiffReport:
    """What is open, from the ledger alone. Raises ConfigError, UsageError."""
    chosen = known(project, names)
    compiled = project.projections()
    judged = refresh_all(project, compiled)
    findings = open_findings(project, compiled, chosen)
    return DiffReport(findings, statement(project, chosen), judged)


def open_findings(project: Project, compiled: Compiled, names: frozenset[str]) -> tuple[Finding, ...]:
    """The ledger's findings as people see them."""
    return tuple(
        finding
        for projection, _ in compiled
        if not names or projection.mapping.name in names
        for finding in present(project.books, projection)
    )


def statement(project: Project, names: frozenset[str] = frozenset()) -> tuple[StatementLine, ...]:
    """The reconciliation statement: one line per mapping with amounts and currency."""
    totals = Totals(project.engine)
    lines: list[StatementLine] = []
    for mapping in project.ordered():
        if names and mapping.name not in names:
            continue
        number = project.lookups.mapping_id(mapping.name)
        counted = (_counted(mapping, "left"), _counted(mapping, "right"))
        left = totals.sums(number, 0, paired_only=not counted[0])
        right = totals.sums(number, 1, paired_only=not counted[1])
        if not left or not right:
            continue
        gaps = [(gap.currency, gap.what, gap.amount, gap.accepted) for gap in totals.gaps(number, unmatched=counted)]
        lines += statement_lines(mapping, left, right, totals.matched(number), gaps)
    return tuple(lines)


def _counted(mapping: Mapping, side: SideName) -> bool:
    """True when records of a side without a partner are part of what must add up."""
    return mapping.reports_unmatched(side) or mapping.create in ("both", other(side))


def plan(project: Project, names: Sequence[str] = (), run: str = "") -> Plan:
    """Plans from the ledger and saves the plan; a run of its own. Raises ConfigError, UsageError."""
    run = run or project.new_id()
    project.journal.runs.start(run, "plan")
    made = plan_for(project, names, run)
    project.journal.runs.finish(run, "planned", 0, {"changes": len(made.changes)})
    return made


def plan_for(project: Project, names: Sequence[str], run: str) -> Plan:
    """Plans and saves the plan for a run that goes on with it. Raises ConfigError, UsageError."""
    chosen = known(project, names)
    compiled = project.projections()
    refresh_all(project, compiled)
    made = make_draft(project, compiled, chosen)
    return project.journal.plans.save(
        Plan(
            project.new_id(),
            project.at(),
            project.engine.lineage,
            project.records.serial(),
            project.config_hash,
            project.tool_version,
            tuple(sorted((name, pin[0]) for name, pin in project.records.pins().items())),
            made.changes,
            made.findings,
        ),
        run,
    )


def make_draft(project: Project, compiled: Compiled, names: frozenset[str]) -> Draft:
    """The changes and findings over the overlay."""
    journal, schemas = project.journal, project.schemas()

    def refused(change: Change) -> str:
        kept = journal.rejected_fingerprint(change.intent)
        same = bool(kept) and kept == fingerprint(
            change, project.records, schemas[change.target.system, change.target.kind]
        )
        return "see `syncctl ops list`, then correct the record or the mapping" if same else ""

    standing = Standing({intent: str(state) for intent, state in journal.open_intents().items()})
    made = draft(project.books, compiled, standing, project.at(), names)
    parts = [part for change in made.changes for part in project.connector(change.target.system).parts(change)]
    return without_refused(project.books, replace(made, changes=in_order(parts)), refused, project.at())
