"""The use cases that people decide with: matches, findings, explanations, runs, operations. I/O: the ledger."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from syncctl.diff import judge_cell, shown, split_body
from syncctl.errors import UsageError
from syncctl.ledger.pairs import Decision
from syncctl.ledger.sides import SIDES
from syncctl.ledger.states import State
from syncctl.mapping.language import other
from syncctl.model import Finding, FindingKind, Ref, Run, SideName
from syncctl.project import Project
from syncctl.projection import CELL, Projection
from syncctl.push import Operation
from syncctl.run.planning import known, open_findings, refresh_all

OPEN: Final = (State.SENDING, State.UNKNOWN, State.REVIEW, State.REJECTED, State.CONFLICT)


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One pair or proposal. `decided_by` is rule, person, plan, or `proposed`."""

    mapping: str
    left: Ref
    right: Ref
    rule: str
    score: float
    decided_by: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Lines about one record, each with how deep it stands in the tree."""

    ref: Ref
    lines: tuple[tuple[int, str], ...]


def operator() -> str:
    """Who decides: the operating system's user name."""
    return getpass.getuser()


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
    for _, _, kind, _, body, *_ in project.books.findings.open(number):
        if kind not in (FindingKind.PROPOSAL, FindingKind.TIE):
            continue
        lefts, rights = (
            [project.books.sides.stored(int(part))[0] for part in body[key].split(",")] for key in ("lefts", "rights")
        )
        label = "proposed" if kind == FindingKind.PROPOSAL else "tie"
        rows += [
            MatchRow(name, one, two, body["rule"], float(body["score"] or 0), label) for one in lefts for two in rights
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
        if project.books.sides.record_id(ref) is None:
            raise UsageError(f"the ledger has no {ref}", fix="pull first, and copy the reference as tables show it")
    decision = Decision(mapping, left, right, verdict, operator(), project.at())
    number = project.lookups.mapping_id(mapping)
    with project.engine.write():
        project.books.pairs.decide(decision)
        _part(project, mapping, left, right, verdict)
        project.books.passes.judge_again(number)
        project.records.bump_serial()
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
    """Accepts a finding with a note until it changes. Raises UsageError."""
    if not note.strip():
        raise UsageError("an accepted finding needs a note", fix='say why: --note "paid in cash, see receipt 12"')
    with project.engine.write():
        if not project.books.findings.accept(number, note):
            raise UsageError(f"there is no open finding {number}", fix="see `syncctl findings list`")
    project.journal.runs.note("", "finding.accepted", {"finding": number, "note": note, "by": operator()})


def explain(project: Project, ref: Ref) -> Explanation:
    """Why a record matched, why not, and why each value is as it is. Raises UsageError."""
    record = project.books.sides.record_id(ref)
    if record is None:
        raise UsageError(f"the ledger has no {ref}", fix="pull first, and copy the reference as tables show it")
    compiled = project.projections()
    refresh_all(project, compiled)
    lines: list[tuple[int, str]] = []
    for projection, _ in compiled:
        for side in SIDES:
            if projection.mapping.side(side) == (ref.system, ref.kind):
                lines += _explained(project, projection, side, ref, record)
    if not lines:
        lines.append((0, f"no mapping is about {ref.system}.{ref.kind}"))
    return Explanation(ref, tuple(lines))


def _explained(
    project: Project, projection: Projection, side: SideName, ref: Ref, record: int
) -> list[tuple[int, str]]:
    name = projection.mapping.name
    number = project.lookups.mapping_id(name)
    held = project.books.sides.body(number, side, record)
    lines = [(0, f"mapping {name}, {side} side")]
    if held is None:
        return [*lines, (1, "does not take part: outside `where`, before the cutover, or void")]
    body, standing = held
    if standing:
        lines.append((1, f"does not take part: {standing}"))
    partner = project.lookups.partner(name, ref)
    if partner is None:
        return [*lines, *_why_unmatched(project, projection, number, side, record)]
    pair = next(row for row in project.books.pairs.of(number) if ref in (row[1], row[2]))
    lines.append((1, f"paired with {partner} by rule {pair[3]!r}, score {pair[4]:.0f}, decided by {pair[5]}"))
    there = project.books.sides.record_id(partner)
    other_body = project.books.sides.body(number, other(side), there or 0)
    if other_body is not None:
        left, right = (body, other_body[0]) if side == "left" else (other_body[0], body)
        lines += _cells(projection, left, right)
    return lines


def _cells(projection: Projection, left: str, right: str) -> list[tuple[int, str]]:
    lefts, rights = split_body(left, 0)[0], split_body(right, 0)[0]
    lines = []
    for index, slot in enumerate(projection.slots):
        entry, here, there = slot.entry, lefts[index], rights[index]
        verdict = None if here == there else judge_cell(index, slot, here, there)
        said = "equal" if here == there else "quiet" if verdict is None else verdict.result
        owner = "once" if entry.once else f"owner {entry.owner}"
        lines.append((2, f"{slot.name}: {shown(here) or '(empty)'} | {shown(there) or '(empty)'}: {said}, {owner}"))
    return lines


def _why_unmatched(
    project: Project, projection: Projection, number: int, side: SideName, record: int
) -> list[tuple[int, str]]:
    lines = [(1, "has no partner")]
    for place, key in enumerate(projection.rules):
        text = project.books.sides.key(number, side, record, place)
        if not text:
            lines.append((2, f"rule {key.name!r}: one of its values is empty here"))
            continue
        count = project.books.sides.count_with_key(number, other(side), place, text)
        wanted = text.replace(CELL, ", ")
        lines.append((2, f"rule {key.name!r}: looks for {wanted!r}; {count} records over there have it"))
    return lines


def runs_list(project: Project, limit: int = 20) -> tuple[Run, ...]:
    """The last runs, newest first."""
    return tuple(project.journal.runs.list(limit))


def runs_show(project: Project, run: str) -> tuple[Run, tuple[Operation, ...]]:
    """One run with its operations. Raises UsageError."""
    found = project.journal.runs.show(run)
    made = project.journal.runs.plan_of(run)
    return found, tuple(project.journal.operations.of_plan(made)) if made else ()


def ops_list(project: Project) -> tuple[Operation, ...]:
    """Operations whose outcome is open or was refused: what a person may have to look at."""
    return tuple(project.journal.operations.in_states(OPEN))
