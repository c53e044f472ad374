"""The use cases that people decide with: matches and findings. I/O: the ledger.

A decision has the ledger for itself for a moment: beside a run that writes, it would be overtaken by what was planned
before it.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from syncctl.errors import NotHere, UsageError, no_such
from syncctl.ledger.names import Names
from syncctl.ledger.pairs import Decision
from syncctl.model import Finding, FindingKind, Money, Ref
from syncctl.plan.presenting import presented
from syncctl.project import Project
from syncctl.reconciliation.belonging import belonging
from syncctl.run.heads import alone
from syncctl.run.planning import known, open_findings, refresh_all

REJECTED: Final = "rejected"
ON_HOLD: Final = "on hold"
"""What an undo took back: nothing is planned for it until a person releases it."""


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One pair, proposal or rejection. `decided_by`: rule, person, plan, `proposed`, `tie`, `rejected` or `on hold`;
    `held_by` which undo. A record that takes no part in the mapping now has no name and no amount.
    """

    mapping: str
    left: Ref
    right: Ref
    rule: str
    score: float
    decided_by: str
    left_name: str = ""
    right_name: str = ""
    left_amount: Money | None = None
    right_amount: Money | None = None
    held_by: str = ""


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
        raise NotHere(f"the ledger has no {ref}", fix="pull first, and copy the reference as tables show it")
    return found


def match_list(project: Project, names: Sequence[str] = (), *, proposed: bool = False) -> tuple[MatchRow, ...]:
    """Every pair, every rejection, and every proposal that waits for a person; `proposed`: only what waits for a
    person, which a pair on hold does too. Raises UsageError."""
    chosen = known(project, names)
    compiled = project.projections()
    refresh_all(project, compiled)
    rows: list[MatchRow] = []
    for projection, _ in compiled:
        name = projection.mapping.name
        if chosen and name not in chosen:
            continue
        number = project.lookups.mapping_id(name)
        rows += _pairs(project, number, name, held_only=proposed)
        if not proposed:
            rows += _rejections(project, name)
        rows += _proposals(project, number, name)
    return tuple(_named(project, row) for row in rows)


def _named(project: Project, row: MatchRow) -> MatchRow:
    """With what people call the two."""
    number, names = project.lookups.mapping_id(row.mapping), Names(project.engine)
    (left, ours), (right, theirs) = (names.in_mapping(number, ref) for ref in (row.left, row.right))
    return replace(row, left_name=left, right_name=right, left_amount=ours, right_amount=theirs)


def _pairs(project: Project, number: int, name: str, *, held_only: bool) -> list[MatchRow]:
    """The pairs of a mapping, or those of them that are on hold."""
    held = project.books.holds.holders()
    if held_only and not held:
        return []
    rows = [MatchRow(name, *pair[1:]) for pair in project.books.pairs.of(number)]
    marked = [_marked(row, held.get(row.left) or held.get(row.right)) for row in rows]
    return [row for row in marked if row.decided_by == ON_HOLD or not held_only]


def _marked(row: MatchRow, held_by: str | None) -> MatchRow:
    return row if held_by is None else replace(row, decided_by=ON_HOLD, held_by=held_by)


def _rejections(project: Project, name: str) -> list[MatchRow]:
    """What people said does not belong together: it stands in no pair, and can be taken back."""
    said = project.books.pairs.decisions(name)
    return [MatchRow(name, one.left, one.right, f"by {one.by}", 0, REJECTED) for one in said if one.verdict == "reject"]


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


def check_pair(project: Project, mapping: str, left: Ref, right: Ref) -> None:
    """Raises UsageError unless both are records of the ledger, and the mapping is between their kinds; two records of
    one side are something to decide about too (`match reject`: they are two things)."""
    known(project, [mapping])
    found = next(each for each in project.mappings if each.name == mapping)
    for ref, side in ((left, found.left), (right, found.right)):
        if (ref.system, ref.kind) != side and not of_one_side(left, right):
            raise UsageError(
                f"{ref} is no {side[0]}.{side[1]} record",
                fix=f"mapping {mapping} is between {'.'.join(found.left)} and {'.'.join(found.right)}",
            )
        known_record(project, ref)
    if (left.system, left.kind) not in (found.left, found.right):
        raise UsageError(f"mapping {mapping} has no {left.system} {left.kind}", fix="see `syncctl match list --all`")


def of_one_side(one: Ref, two: Ref) -> bool:
    """True for two records of one system and kind."""
    return one != two and (one.system, one.kind) == (two.system, two.kind)


def refuse_second(project: Project, mapping: str, left: Ref, right: Ref) -> None:
    """Raises UsageError when one of two records was confirmed with another one: it would wait unseen until that word
    is taken back. Where `many` lets several share a partner, only the one of several has one word.
    """
    many = next(each.many for each in project.mappings if each.name == mapping)
    for said in project.books.pairs.decisions(mapping):
        if said.verdict != "confirm" or (said.left, said.right) == (left, right):
            continue
        for ref, held, partner in ((left, said.left, said.right), (right, said.right, said.left)):
            shared = many == ("left" if ref is right else "right")
            if ref == held and not shared:
                raise UsageError(
                    f"{ref} is confirmed with {partner} already (by {said.by})",
                    fix=f"if that was wrong: syncctl match release {mapping} {said.left} {said.right}",
                )


def match_decide(project: Project, mapping: str, left: Ref, right: Ref, verdict: str) -> Decision:
    """Keeps a person's word about two records: `confirm` or `reject`. Raises UsageError, LockedError.

    Rejecting takes an existing pair apart; confirming replaces whatever pairs the two had. Two records of one side can
    be rejected: a rule takes them for one thing, and they are two.
    """
    check_pair(project, mapping, left, right)
    if verdict == "confirm" and of_one_side(left, right):
        raise UsageError(f"{left} and {right} are of one side", fix=f"merge the two in {left.system}, then pull")
    if verdict == "confirm":
        refuse_second(project, mapping, left, right)
    decision = Decision(mapping, left, right, verdict, operator(), project.at())
    with alone(project, f"match {verdict}"):
        with project.engine.write():
            project.books.pairs.decide(decision)
            _part(project, mapping, left, right, verdict)
            project.books.passes.judge_again(project.lookups.mapping_id(mapping))
            project.engine.bump_serial()
        refresh_all(project, project.projections())
    return decision


def _part(project: Project, mapping: str, left: Ref, right: Ref, verdict: str) -> None:
    """Takes apart what contradicts the decision."""
    pairs = {project.lookups.pair(mapping, left), project.lookups.pair(mapping, right)} - {None}
    together = project.lookups.partner(mapping, left) == right
    if (verdict == "reject" and together) or (verdict == "confirm" and not together):
        for pair in pairs:
            if pair is not None:
                project.books.pairs.remove(pair, project.at())


def findings_list(project: Project, names: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Every open finding; its number is what `findings accept` takes. Raises UsageError."""
    chosen = known(project, names)
    compiled = project.projections()
    refresh_all(project, compiled)
    return open_findings(project, compiled, chosen)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an acceptance reached beyond its finding: those that are one thing `with_it` and were accepted too, and the
    `others` of the same two records that are open still."""

    with_it: tuple[Finding, ...]
    others: tuple[Finding, ...]


def findings_accept(project: Project, number: int, note: str) -> Accepted:
    """Accepts a finding with a note until it changes, and what is one thing with it: a total and the lines it follows
    from. A plan made before might write it, so that one is stale then.

    Raises UsageError, LockedError.
    """
    if not note.strip():
        raise UsageError("an accepted finding needs a note", fix='say why: --note "paid in cash, see receipt 12"')
    with alone(project, "findings accept"), project.engine.write() as db:
        by, at = operator(), project.at()
        if not project.books.findings.accept(number, note, by, at):
            raise NotHere(f"there is no open finding {number}", fix="see `syncctl findings list`")
        accepted = _beside(project, number)
        for one in accepted.with_it:
            project.books.findings.accept(one.number, note, by, at)
        project.engine.bump_serial()
        for each in (number, *(one.number for one in accepted.with_it)):
            project.journal.note(db, "", "finding.accepted", {"finding": each, "note": note, "by": by})
    return accepted


def findings_reopen(project: Project, number: int) -> None:
    """Takes an acceptance back: the finding is open again. A plan made before is stale then.

    Raises UsageError when nobody accepted it, LockedError.
    """
    with alone(project, "findings reopen"), project.engine.write() as db:
        was = project.books.findings.reopen(number)
        if was is None:
            raise NotHere(f"there is no accepted finding {number}", fix="see `syncctl findings list --all`")
        project.engine.bump_serial()
        said = dict(zip(("note", "accepted_by", "accepted_at"), was, strict=True))
        project.journal.note(db, "", "finding.reopened", {"finding": number, **said, "by": operator()})


def _beside(project: Project, number: int) -> Accepted:
    """The other findings of the two records that a finding is about."""
    for projection, _ in project.projections():
        rows = project.books.findings.open(project.lookups.mapping_id(projection.mapping.name))
        this = next((row for row in rows if row.number == number), None)
        if this is None or this.records is None:
            continue
        belong = belonging(projection, rows, number)
        near = [row for row in rows if (row.subject, row.records) == (this.subject, this.records)]
        rest = [row for row in near if row is not this and row not in belong and not row.accepted]
        return Accepted(
            *(tuple(presented(project.books, projection, row) for row in found) for found in (belong, rest))
        )
    return Accepted((), ())
