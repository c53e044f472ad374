"""What a planned payment does to the records it pays. I/O: the ledger's overlay."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from syncctl.fields.schema import Schema
from syncctl.model import Raw, Ref
from syncctl.plan.planning import Planning
from syncctl.settlement import expected, foreseen, newly_settled
from syncctl.values.naming import called
from syncctl.writeback import Unwritable


def payments(planning: Planning, schema: Schema, before: Raw, after: Raw) -> dict[Ref, Decimal]:
    """What a write takes off each record that it pays. Raises Unwritable when that is more than is owed there."""
    moves = newly_settled(schema, before, after) if schema.settles else {}
    for ref, amount in moves.items():
        owed = expected(planning.books.lookups.record(ref) or {}, planning.schema(ref).owed)
        if owed is not None and amount > owed:
            name = called(ref, planning.books.lookups, planning.projection.catalogue)
            raise Unwritable(f"it pays {amount:f} on {ref.kind} {name}, on which {owed:f} is owed")
    return moves


def pay(planning: Planning, payment: Ref, moves: Mapping[Ref, Decimal]) -> None:
    """Takes payments off what is owed in the overlay; what reads a paid record waits for its payments."""
    for ref, amount in moves.items():
        raw = planning.books.lookups.record(ref)
        place = planning.schema(ref).owed
        owed = expected(raw or {}, place)
        if raw is not None and place:
            planning.store_after(ref, foreseen(raw, ref, place, None if owed is None else owed - amount))
        planning.planned.pays(payment, ref)
