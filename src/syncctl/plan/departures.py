"""Plans what becomes of the partner of a record that went: void or archive, if the mapping says so; and of an archived
record whose partner leads and is active: it is made active again. I/O: the ledger.
"""

from __future__ import annotations

from typing import Final

from syncctl.mapping.language import Mapping, other
from syncctl.model import Action, Change, SideName, digest
from syncctl.plan.payments import refuse_settled
from syncctl.plan.periods import refuse_closed
from syncctl.plan.planning import Planning
from syncctl.plan.way_back import way_back
from syncctl.writeback import Unwritable

GONE: Final = frozenset({"void", "archived", "deleted", "filtered"})
DONE: Final = {Action.VOID: "voided", Action.ARCHIVE: "archived", Action.REACTIVATE: "made active again"}


def plan_departure(planning: Planning, pair: tuple[int, int], side: SideName, standing: str) -> None:
    """The record on `side` of a pair (ledger numbers, left and right) is `standing`. Raises Unwritable.

    Nothing is planned against the direction of the mapping: a bill that somebody voids in the books never voids the
    order that it was made from; that is reported. Where archiving follows the other side, so does its end.
    """
    mapping = planning.projection.mapping
    policy = mapping.when_gone(standing) if standing in GONE else "report"  # type: ignore[arg-type]
    if policy != "report" and leads(mapping, side):
        action = Action.VOID if policy == "void" else Action.ARCHIVE
        _plan(planning, pair, other(side), action, standing)
    elif standing == "archived" and policy == "archive" and leads(mapping, other(side)):
        _plan(planning, pair, side, Action.REACTIVATE, "active")


def _plan(planning: Planning, pair: tuple[int, int], toward: SideName, action: Action, why: str) -> None:
    """Plans an action on the `toward` record of a pair, because the other one is as `why` says. Raises Unwritable."""
    mapping = planning.projection.mapping
    numbers = {"left": pair[0], "right": pair[1]}
    ref, raw = planning.books.records.stored(numbers[toward])
    source = planning.books.records.ref_of(numbers[other(toward)])
    schema = planning.schema(ref)
    planning.planned.refuse_read_only(ref)
    if action not in schema.actions:
        raise Unwritable(schema.note or f"{ref.system}.{ref.kind} records cannot be {DONE[action]}")
    intent = digest(mapping.name, str(source), action, str(ref))[:24]
    planning.planned.refuse_open(intent)
    planning.planned.refuse_held(ref)
    if action is Action.VOID:
        refuse_closed(planning, ref, raw)
        refuse_settled(planning, ref, raw)
    scope = planning.scope(ref, raw)
    undo, final = way_back(action, schema)
    change = Change(
        intent,
        mapping.name,
        action,
        ref,
        source,
        planning.projection.name(toward, raw, scope),
        amount=planning.amount(toward, scope),
        version=planning.stored(ref).version,
        reason=f"{source} is {why}",
        undo=undo,
        final=final,
    )
    planning.planned.add(planning.planned.with_parents(change, {source}, frozenset()))


def leads(mapping: Mapping, side: SideName) -> bool:
    """True when records come from this side: the mapping makes the other side's from them, or, where it makes none,
    takes what it writes from this side only.
    """
    if mapping.create != "none":
        return mapping.create in ("both", other(side))
    owners = {entry.owner for entry in mapping.fields} | {block.owner for block in mapping.lines}
    return owners - {"none"} == {side}
