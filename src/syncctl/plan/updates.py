"""Plans the update that makes one record of a pair agree with the other. I/O: the ledger's overlay."""

from __future__ import annotations

from collections.abc import Mapping

from syncctl.diff import Judgement, judge
from syncctl.edits import apply_edits
from syncctl.lineplan import line_edits
from syncctl.mapping.language import other
from syncctl.model import Action, Change, Edit, Raw, SideName, digest
from syncctl.plan.currencies import refuse_other_currency
from syncctl.plan.payments import pay, payments
from syncctl.plan.periods import open_edits, refuse_closed
from syncctl.plan.planning import Planning
from syncctl.plan.unkept import without_changed_back
from syncctl.projection.projection import Projection
from syncctl.settlement import recomputed
from syncctl.values.scope import Scope
from syncctl.writeback import Target, Unwritable, edits_for, refuse_shared, target_of, wanted


def plan_update(
    planning: Planning, pair: tuple[int, int], toward: SideName, accepted: frozenset[str], since: Mapping[str, str]
) -> bool:
    """Plans what the `toward` record of a pair (ledger numbers, left and right) lacks; False when no edit settles it.

    `accepted` are the fields that a person left as they are, `since` says since when a field differs. Raises
    Unwritable, Undecodable.
    """
    numbers = {"left": pair[0], "right": pair[1]}
    source = planning.scope(*planning.books.records.stored(numbers[other(toward)]))
    ref, raw = planning.books.records.stored(numbers[toward])
    schema = planning.schema(ref)
    planning.planned.refuse_read_only(ref)
    if Action.UPDATE not in schema.actions:
        raise Unwritable(schema.note or f"{ref.system}.{ref.kind} records cannot be changed")
    target = target_of(planning.projection, toward, ref, raw, planning.books.lookups, creating=False)
    edits = _edits(planning.projection, _judgement(planning, *pair), accepted, toward, source, target)
    edits = open_edits(planning, ref, raw, without_changed_back(planning, pair, toward, edits, since))
    if not edits:
        return False
    after = apply_edits(raw, edits)
    change, moved = _change(planning, toward, source, target, edits, after)
    target.root = after
    refuse_shared(schema, edits, target)
    refuse_closed(planning, ref, raw, after)
    refuse_other_currency(planning, ref, after)
    moves = payments(planning, schema, raw, after)
    planning.planned.give_names(schema, change, after)
    if moved:
        after = recomputed(schema, ref, after, change.amount.amount if change.amount else None)
    planning.store_after(ref, after)
    planning.planned.add(change)
    pay(planning, ref, moves)
    return True


def _change(
    planning: Planning, toward: SideName, source: Scope, target: Target, edits: list[Edit], after: Raw
) -> tuple[Change, bool]:
    """The change with its parents, and whether it moves money. Raises Unwritable."""
    ref, mapping = target.scope.ref, planning.projection.mapping
    intent = digest(mapping.name, Action.UPDATE, str(ref))[:24]
    planning.planned.refuse_open(intent)
    planning.planned.refuse_held(ref)
    before = planning.amount(toward, planning.scope(ref, target.raw))
    moved = any(edit.codec.startswith("money") or edit.codec == "object" for edit in edits)
    change = Change(
        intent,
        mapping.name,
        Action.UPDATE,
        ref,
        source.ref,
        planning.projection.name(toward, target.raw, target.scope),
        tuple(edits),
        amount=planning.amount_after(toward, ref, after, source, before) if moved else before,
        amount_before=before,
        version=planning.stored(ref).version,
        undo="update",
    )
    return planning.planned.with_parents(change, target.rests_on | {source.ref}, frozenset(target.reads)), moved


def _judgement(planning: Planning, left: int, right: int) -> Judgement:
    """What differs between two records now, on the overlay."""
    books = planning.books
    mapping = books.lookups.mapping_id(planning.projection.mapping.name)
    here, there = books.comparing.body(mapping, "left", left), books.comparing.body(mapping, "right", right)
    if here is None or there is None:
        return Judgement((), ())
    pair = books.pairs.pair_of(mapping, 0, left)
    return judge(planning.projection, here[0], there[0], books.pairs.base(pair) if pair else "{}")


def _edits(
    projection: Projection,
    judgement: Judgement,
    accepted: frozenset[str],
    toward: SideName,
    source: Scope,
    target: Target,
) -> list[Edit]:
    edits: list[Edit] = []
    for cell in judgement.cells:
        slot = projection.slots[cell.index]
        if slot.name in accepted:
            continue
        if cell.result == "blocked" and slot.entry.owner != "none":
            raise Unwritable(f"{slot.name}: {cell.hint}")  # half a record is not written
        spoken = None
        if cell.result == "write" and cell.toward == toward:
            spoken = wanted(slot, toward, source.root, source, target)
        if spoken is not None:
            entry, value = spoken
            edits += edits_for(entry.form(toward), value, target, entry, cell.reason)
    blocks = [projection.lines[lines.block].name for lines in judgement.lines if lines.owner == other(toward)]
    if not accepted.issuperset(blocks):
        edits += line_edits(projection, toward, source, target, accepted)
    return edits
