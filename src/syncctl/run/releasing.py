"""The use cases that take a person's word back, or the hold of an undo: of two records, or of a whole undo at once.
I/O: the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from syncctl.errors import NotHere
from syncctl.ledger import audit
from syncctl.ledger.holds import Hold
from syncctl.ledger.pairs import Decision
from syncctl.model import Ref
from syncctl.project import Project
from syncctl.run.heads import alone
from syncctl.run.left_alone import NotSent, left_alone
from syncctl.run.planning import refresh_all
from syncctl.run.resuming import known_run
from syncctl.run.review import ON_HOLD, check_pair, of_one_side, operator
from syncctl.values.naming import called

NOT_SENT: Final = "not sent again"
"""What a vendor did not keep, or what was changed back there."""


@dataclass(frozen=True, slots=True)
class Released:
    """A record that is free again, what people call it, and the run that had put it on hold."""

    ref: Ref
    name: str
    held_by: str


def match_release(project: Project, mapping: str, left: Ref, right: Ref) -> tuple[Decision, ...]:
    """Takes a decision back: from now on the rules look at the two as if nobody had ever said anything. A value of
    theirs that is left alone is tried again instead, and what was decided stays.

    Returns what was decided about the two, then the other pairs that are free with them: a record is on hold in every
    mapping. Raises UsageError when nobody decided about the two, LockedError.
    """
    check_pair(project, mapping, left, right)
    with alone(project, "match release"):
        unsent = left_alone(project, mapping, left, right)
        with project.engine.write():
            tried = _try_again(project, mapping, left, right, unsent)
            was = (tried,) if tried else _release(project, mapping, left, right)
            for name in {each.mapping for each in was}:
                project.books.passes.judge_again(project.lookups.mapping_id(name))
            project.engine.bump_serial()
        refresh_all(project, project.projections())
    return was


def _try_again(project: Project, mapping: str, left: Ref, right: Ref, unsent: NotSent) -> Decision | None:
    """Lets what is left alone of two records be written again; None where nothing is."""
    if not unsent.fields:
        return None
    at, by = project.at(), operator()
    rows = project.books.unkept.try_again(unsent.fields, unsent.writes)
    fields = sorted({one.field for one in unsent.fields})
    body = {"mapping": mapping, "left": str(left), "right": str(right), "fields": fields, "by": by}
    audit.append(project.engine.db, at, "", "unkept.released", body, rows)
    return Decision(mapping, left, right, NOT_SENT, by, at)


def _release(project: Project, mapping: str, left: Ref, right: Ref) -> tuple[Decision, ...]:
    """Takes a word about two records back, and what holds them. Raises NotHere when there is neither."""
    number = project.lookups.pair(mapping, left)
    paired = number is not None and number == project.lookups.pair(mapping, right) and not of_one_side(left, right)
    said = project.books.pairs.release(mapping, left, right, by=operator(), at=project.at())
    if said is None and not paired:
        raise _no_pair(project, mapping, left, right)
    holds = tuple(_let_go(project, mapping, left, right))
    freed = tuple(_freed(project, holds))
    this = [one for one in freed if (one.mapping, one.left, one.right) == (mapping, left, right)]
    if said is None and not this:
        fix = f"see what was decided: syncctl match list --all {mapping}"
        raise NotHere(f"nobody has decided about {left} and {right}", fix=fix)
    return ((said,) if said else tuple(this)) + tuple(one for one in freed if one not in this)


def _no_pair(project: Project, mapping: str, left: Ref, right: Ref) -> NotHere:
    """Nobody said anything about two records that are no pair; what to say instead."""
    fix = f"see what was decided: syncctl match list --all {mapping}"
    for ref in (left, right):
        partner = project.lookups.partner(mapping, ref)
        if partner is not None:
            ours, theirs = (ref, partner) if ref == left else (partner, ref)
            fix = f"{ref} is paired with {partner}: syncctl match release {mapping} {ours} {theirs}"
            break
    return NotHere(f"{left} and {right} are no pair in {mapping}, and nobody has decided about them", fix=fix)


def _let_go(project: Project, mapping: str, left: Ref, right: Ref) -> Iterator[Hold]:
    """Takes the holds of two records off."""
    named = {"mapping": mapping, "left": str(left), "right": str(right)}
    for ref in (left, right):
        found = project.books.holds.release(ref, by=operator(), at=project.at(), named=named)
        if found is not None:
            yield found


def _freed(project: Project, holds: Sequence[Hold]) -> Iterator[Decision]:
    """The pairs, in every mapping, that nothing holds any more; each as a decision that an undo had made."""
    ended = {one.ref: one for one in holds}
    held = project.books.holds.holders()
    for projection, _ in project.projections() if ended else ():
        name = projection.mapping.name
        for _, left, right, *_ in project.books.pairs.of(project.lookups.mapping_id(name)):
            hold = ended.get(left) or ended.get(right)
            if hold and left not in held and right not in held:
                yield Decision(name, left, right, ON_HOLD, f"run {hold.run}", hold.at)


def release_run(project: Project, run: str) -> tuple[Released, ...]:
    """Ends every hold that the undo of a run put down; `run` is the one that was undone, or the undo itself. What
    another undo holds stays on hold.

    Raises UsageError when there is no such run, or nothing of it is on hold; LockedError.
    """
    known_run(project, run)
    compiled = project.projections()
    with alone(project, f"match release --run {run}"):
        with project.engine.write():
            plan = project.journal.runs.plan_of(run)
            held = project.books.holds.release_run(run, plan, by=operator(), at=project.at())
            if not held:
                raise NotHere(f"nothing is on hold after an undo of run {run}", fix="see `syncctl match list`")
            for projection, _ in compiled:
                project.books.passes.judge_again(project.lookups.mapping_id(projection.mapping.name))
            project.engine.bump_serial()
        refresh_all(project, compiled)
        catalogue = compiled[0][0].catalogue
        return tuple(Released(one.ref, called(one.ref, project.lookups, catalogue), one.run) for one in held)
