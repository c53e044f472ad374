"""The use cases that people decide with: matches and findings. I/O: the ledger."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass

from syncctl.errors import UsageError, no_such
from syncctl.ledger.pairs import Decision
from syncctl.model import Finding, FindingKind, Ref
from syncctl.project import Project
from syncctl.run.planning import known, open_findings, refresh_all


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One pair or proposal. `decided_by` is rule, person, plan, or `proposed`."""

    mapping: str
    left: Ref
    right: Ref
    rule: str
    score: float
    decided_by: str


def operator() -> str:
    """Who decides: the operating system's user name."""
    return getpass.getuser()


def known_record(project: Project, ref: Ref) -> int:
    """The ledger's number of a record that a person named. Raises UsageError with what is not known about it."""
    if ref.system not in project.settings.systems:
        raise no_such("system", ref.system, project.settings.systems)
    kinds = project.connector(ref.system).card.kinds
    if ref.kind not in kinds:
        raise no_such(f"{ref.system} kind", ref.kind, kinds)
    found = project.books.records.number_of(ref)
    if found is None:
        raise UsageError(f"the ledger has no {ref}", fix="pull first, and copy the reference as tables show it")
    return found


def match_list(project: Project, names: Sequence[str] = (), *, proposed: bool = False) -> tuple[MatchRow, ...]:
    """Every pair, and every proposal that waits for a person. Raises UsageError."""
    chosen = known(project, names)
    compiled = project.projections()
    refresh_all(project, compiled)
    rows: list[MatchRow] = []
    for projection, _ in compiled:
        name = projection.mapping.name
        if chosen and name not in chosen:
            continue
        number = project.lookups.mapping_id(name)
        if not proposed:
            rows += [MatchRow(name, *pair[1:]) for pair in project.books.pairs.of(number)]
        rows += _proposals(project, number, name)
    return tuple(rows)


def _proposals(project: Project, number: int, name: str) -> list[MatchRow]:
    rows = []
    for row in project.books.findings.open(number):
        if row.kind not in (FindingKind.PROPOSAL, FindingKind.TIE):
            continue
        lefts, rights = (
            [project.books.records.stored(int(part))[0] for part in row.body[key].split(",")]
            for key in ("lefts", "rights")
        )
        label = "proposed" if row.kind == FindingKind.PROPOSAL else "tie"
        rows += [
            MatchRow(name, one, two, row.body["rule"], float(row.body["score"] or 0), label)
            for one in lefts
            for two in rights
        ]
    return rows


def match_decide(project: Project, mapping: str, left: Ref, right: Ref, verdict: str) -> Decision:
    """Keeps a person's word about two records: `confirm` or `reject`. Raises UsageError.

    Rejecting takes an existing pair apart; confirming replaces whatever pairs the two had.
    """
    known(project, [mapping])
    found = next(each for each in project.mappings if each.name == mapping)
    for ref, side in ((left, found.left), (right, found.right)):
        if (ref.system, ref.kind) != side:
            raise UsageError(
                f"{ref} is no {side[0]}.{side[1]} record",
                fix=f"mapping {mapping} is between {'.'.join(found.left)} and {'.'.join(found.right)}",
            )
        known_record(project, ref)
    decision = Decision(mapping, left, right, verdict, operator(), project.at())
    number = project.lookups.mapping_id(mapping)
    with project.engine.write():
        project.books.pairs.decide(decision)
        _part(project, mapping, left, right, verdict)
        project.books.passes.judge_again(number)
        project.engine.bump_serial()
    project.journal.runs.note("", f"match.{verdict}", {"mapping": mapping, "left": str(left), "right": str(right)})
    refresh_all(project, project.projections())
    return decision


def _part(project: Project, mapping: str, left: Ref, right: Ref, verdict: str) -> None:
    """Takes apart what contradicts the decision."""
    pairs = {project.lookups.pair(mapping, left), project.lookups.pair(mapping, right)} - {None}
    together = project.lookups.partner(mapping, left) == right
    if (verdict == "reject" and together) or (verdict == "confirm" and not together):
        for pair in pairs:
            if pair is not None:
                project.books.pairs.remove(pair)


def findings_list(project: Project, names: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Every open finding; its number is what `findings accept` takes. Raises UsageError."""
    chosen = known(project, names)
    compiled = project.projections()
    refresh_all(project, compiled)
    return open_findings(project, compiled, chosen)


def findings_accept(project: Project, number: int, note: str) -> None:
    """Accepts a finding with a note until it changes; a plan made before might write it, so that one is stale then.

    Raises UsageError.
    """
    if not note.strip():
        raise UsageError("an accepted finding needs a note", fix='say why: --note "paid in cash, see receipt 12"')
    with project.engine.write():
        if not project.books.findings.accept(number, note):
            raise UsageError(f"there is no open finding {number}", fix="see `syncctl findings list`")
        project.engine.bump_serial()
    project.journal.runs.note("", "finding.accepted", {"finding": number, "note": note, "by": operator()})
