"""The judge of a life: what the vendors hold in the end against what happened. I/O: reads the ledger.

The vendors' truth decides. The ledger is asked only two things: which writes it calls applied, and whom it tells what.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulation.facts import Fact
from simulation.truth import DEALS
from syncctl.ledger.states import State
from syncctl.model import Action, Finding, Ref

if TYPE_CHECKING:
    from simulation.stage import SharedProject
    from simulation.world import World


def judge(world: World, project: SharedProject, findings: Iterable[Finding]) -> None:
    """After the quiet nights. What is found is harm of the world."""
    told = _told(project, findings)
    _standing(world, told)
    _told_to_others(world, told)
    _nobody_asked_for(world, told)
    _ledger(world, project)


def _told(project: SharedProject, findings: Iterable[Finding]) -> frozenset[Ref]:
    """Records that somebody is told of: by a finding, or by a write that waits for a person."""
    refs = [ref for one in findings for ref in (one.left, one.right) if ref is not None]
    refs += [ref for one in findings if one.choice is not None for ref in (*one.choice.left, *one.choice.right)]
    for operation in project.journal.operations.newest({State.REVIEW, State.REJECTED}):
        change = operation.change
        refs += [ref for ref in (change.source, change.target) if ref is not None]
    return frozenset(refs)


def _standing(world: World, told: frozenset[Ref]) -> None:
    """Each fact once in the books, or somebody is told."""
    for kind in world.truth.shapes:
        booked = world.truth.booked(kind)
        for fact in world.facts.of_kind(kind):
            found = booked.get(fact.key, [])
            if len(found) > 1:
                world.harm("duplicates", f"{fact} is in {world.ground.books} as {', '.join(sorted(found))}")
            if not found and fact.wanted and not fact.touched and not _known_of(fact, told):
                world.harm("losses", f"{fact} ({fact.source}) is not in {world.ground.books} and nobody is told")


def _known_of(fact: Fact, told: frozenset[Ref]) -> bool:
    """Told of it, or of what it needs."""
    return fact.source in told or (fact.of is not None and _known_of(fact.of, told))


def _told_to_others(world: World, told: frozenset[Ref]) -> None:
    """Stripe names the record in the books, the deal its invoice."""
    for fact in world.facts.all:
        if fact.kind == "payment" or not fact.wanted or fact.touched or _known_of(fact, told):
            continue
        found = world.truth.booked(fact.kind).get(fact.key, [])
        linked = world.truth.link(fact.source)
        if len(found) == 1 and linked != found[0] and _ref(world, fact, found[0]) not in told:
            world.harm("losses", f"Stripe names {linked or 'nothing'} for {fact}, which is {found[0]}")
        if not fact.deal or len(found) != 1:
            continue
        number, _ = world.truth.deal(fact.deal)
        deal = Ref(world.ground.crm, DEALS[world.ground.crm], fact.deal)
        if number != fact.key and not {deal, _ref(world, fact, found[0])} & told:
            world.harm("losses", f"the deal of {fact} names {number or 'nothing'}, and nobody is told")


def _ref(world: World, fact: Fact, identity: str) -> Ref:
    return Ref(world.ground.books, world.truth.shapes[fact.kind].kind, identity)


def _nobody_asked_for(world: World, told: frozenset[Ref]) -> None:
    """What stands in the books, was not there in the beginning, and stands for nothing that happened.

    A record whose name or number a person changed stands under another key: fine while somebody is told of it.
    """
    changed = {edit.ref for edit in world.edits.waiting} & told
    for kind, shape in world.truth.shapes.items():
        known = {fact.key for fact in world.facts.of_kind(kind)} | set(world.before[kind])
        for key, found in world.truth.booked(kind).items():
            if key not in known and not {Ref(world.ground.books, shape.kind, one) for one in found} <= changed:
                world.harm("phantoms", f"{world.ground.books} has a {kind} {key} ({', '.join(found)})")
            elif len(found) > len(world.before[kind].get(key, ())) and key in world.before[kind]:
                world.harm("duplicates", f"{kind} {key} stood there before: {', '.join(found)}")


def _ledger(world: World, project: SharedProject) -> None:
    """What it calls applied must be there; what is open must wait for a person; its own chain must hold."""
    for operation in project.journal.operations.in_states({State.APPLIED}):
        made = operation.ref if operation.change.action is Action.CREATE else None
        if made is not None and not world.truth.exists(made) and made not in world.removed:
            world.harm("losses", f"{operation.change.name} is called applied as {made}, which does not exist")
    for operation in project.journal.operations.in_states({State.SENDING, State.UNKNOWN}):
        words = f"{operation.change.name} is {operation.state} after quiet nights: {operation.message}"
        world.harm("unfinished", words)
    problem = project.journal.verify()
    if problem is not None:
        world.harm("fell over", f"the audit chain is broken: {problem}")
