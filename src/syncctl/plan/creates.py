"""Plans the record that a source without partner needs on the other side. I/O: the ledger's overlay."""

from __future__ import annotations

from dataclasses import replace

from syncctl.edits import apply_edits
from syncctl.fields.schema import Schema
from syncctl.lineplan import line_edits
from syncctl.mapping.language import Constant, Entry, PathValue, other
from syncctl.model import Action, Change, Edit, Raw, Ref, SideName, digest
from syncctl.paths import parse_path, read
from syncctl.plan.currencies import refuse_other_currency
from syncctl.plan.payments import pay, payments
from syncctl.plan.periods import posted_today, refuse_closed
from syncctl.plan.planning import Planning
from syncctl.plan.unrecognised import refuse_unrecognised
from syncctl.plan.way_back import way_back
from syncctl.projection.fresh import fresh_id
from syncctl.projection.projection import Projection
from syncctl.projection.slots import Slot, speaking
from syncctl.values.locate import locate
from syncctl.values.scope import Scope
from syncctl.writeback import Target, Unwritable, edits_for, refuse_shared, target_of, wanted


def plan_create(planning: Planning, here: SideName, record: int) -> None:
    """Plans the partner of a record on side `here` (its ledger number). Raises Unwritable, Undecodable."""
    toward = other(here)
    mapping = planning.projection.mapping
    ref, raw = planning.books.records.stored(record)
    fresh = Ref(*mapping.side(toward), fresh_id(mapping.name, str(ref)))
    schema = planning.schema(fresh)
    planning.planned.refuse_read_only(fresh)
    if Action.CREATE not in schema.actions:
        raise Unwritable(schema.note or f"{fresh.system}.{fresh.kind} records cannot be created")
    intent = digest(mapping.name, str(ref), Action.CREATE, f"{fresh.system}:{fresh.kind}")[:24]
    planning.planned.refuse_open(intent)
    _refuse_made(planning, ref)
    planning.planned.refuse_held(ref)
    source = planning.scope(ref, raw)
    refuse_unrecognised(planning, here, source)
    target = target_of(planning.projection, toward, fresh, {}, planning.books.lookups, creating=True)
    edits, reason = posted_today(planning, fresh, _edits(planning.projection, toward, source, target))
    made = target.raw = target.root = apply_edits({}, edits)
    refuse_shared(schema, edits, target)
    _refuse_incomplete(schema, made)
    refuse_closed(planning, fresh, made)
    refuse_other_currency(planning, fresh, made)
    moves = payments(planning, schema, {}, made)
    name = planning.projection.name(here, raw, source)
    amount = planning.amount_after(toward, fresh, made, source, None)
    undo, final = way_back(Action.CREATE, schema)
    change = Change(intent, mapping.name, Action.CREATE, fresh, ref, name, tuple(edits), amount=amount)
    change = replace(change, reason=reason, undo=undo, final=final)
    change = planning.planned.with_parents(change, target.rests_on | {ref}, frozenset(target.reads))
    planning.planned.give_names(schema, change, made)
    planning.store_provisional(fresh, made, amount)
    planning.pair_with(record, fresh, toward)
    planning.planned.add(change)
    pay(planning, fresh, moves)


def _refuse_made(planning: Planning, source: Ref) -> None:
    """What was made from this record and is not in the ledger yet is not made again."""
    unread = frozenset(planning.books.records.unread())
    made = next(
        (ref for ref in planning.books.made.of(planning.projection.mapping.name, source) if ref in unread), None
    )
    if made is not None:
        raise Unwritable(f"{made} was made from it and is not read back yet: run `syncctl pull`")


def _edits(projection: Projection, toward: SideName, source: Scope, target: Target) -> list[Edit]:
    """Everything the new record is written with, in the order of the mapping's fields."""
    here = other(toward)
    slots = [
        (number, slot)
        for number, slot in speaking(projection.slots, here, source.root, source)
        if slot.entry.owner in (here, "both")
    ]
    edits: dict[int, list[Edit]] = {}
    for number, slot in sorted(slots, key=lambda each: _turn(each[1], toward)):
        spoken = wanted(slot, toward, source.root, source, target)
        if spoken is None or spoken[1] is None:
            continue
        entry, value = spoken
        for edit in edits_for(entry.form(toward), value, target, entry, ""):
            edits.setdefault(number, []).append(edit)
            target.raw = target.root = apply_edits(target.raw, [edit])
    marker = _marker(projection, toward, source, target)
    made = [edit for number in sorted(edits) for edit in edits[number]]
    return [*made, *marker, *line_edits(projection, toward, source, target)]


def _turn(slot: Slot, toward: SideName) -> int:
    """The currency first: an amount is only written to a record of its own."""
    return 0 if slot.reading(toward).type == "currency" else 1


def _marker(projection: Projection, toward: SideName, source: Scope, target: Target) -> list[Edit]:
    """The source's Ref written into the record itself, so that it can be found again without memory."""
    form = projection.mapping.marker.side(toward)
    if not isinstance(form, PathValue):
        return []
    place = locate(form.path, target.system, target.kind, target.catalogue).place
    held = [str(value) for value in read(target.raw, parse_path(place))]
    text = " ".join([*held, f"syncctl {source.ref}"])
    entry = Entry(Constant(text, projection.mapping.at), form, projection.mapping.at, owner=other(toward))
    return list(edits_for(form, text, target, entry, ""))


def _refuse_incomplete(schema: Schema, made: Raw) -> None:
    missing = [
        found.path
        for found in schema.fields.values()
        if found.required and "." not in found.path and not list(read(made, parse_path(found.place)))
    ]
    if missing:
        raise Unwritable(f"{schema.system} wants {', '.join(missing)} on a new {schema.kind}, and there is no value")
