"""What a planned payment does to the records it pays, and which payments keep a record from a void.

I/O: the ledger's overlay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from syncctl.fields.currency import currency_of
from syncctl.fields.schema import Schema
from syncctl.model import Raw, Ref
from syncctl.plan.planning import Planning
from syncctl.settlement import expected, foreseen, newly_settled, settled
from syncctl.values.naming import called
from syncctl.writeback import Unwritable

SHOWN_MAX: Final = 5
"""Payments listed in one message; of more, the rest are counted."""


def refuse_settled(planning: Planning, ref: Ref, raw: Raw) -> None:
    """Raises Unwritable with the list of payments when a record that would be voided is paid, wholly or in part:
    QuickBooks (code 6000) and Xero refuse that void.
    """
    schema = planning.schema(ref)
    total, owed = expected(raw, schema.amount), expected(raw, schema.owed)
    if total is None or owed is None or abs(owed) >= abs(total):
        return
    lookups, catalogue = planning.books.lookups, planning.projection.catalogue
    listed = [f"{called(each, lookups, catalogue)} ({each})" for each in sorted(set(_payers(planning, ref)))]
    more = f" and {len(listed) - SHOWN_MAX} more" if len(listed) > SHOWN_MAX else ""
    by = f" by {', '.join(listed[:SHOWN_MAX])}{more}" if listed else ""
    raise Unwritable(
        f"{total - owed:f} of {total:f}{_currency(schema, raw)} is paid on it{by}: take the payments off it in"
        f" {ref.system} first, or write a credit note for it"
    )


def _payers(planning: Planning, ref: Ref) -> Iterator[Ref]:
    """The payments in the ledger that settle a record and still stand."""
    catalogue = planning.projection.catalogue
    for (system, kind), schema in catalogue.schemas.items():
        for paid, parts, identity, _ in schema.settles:
            if (system, paid) != (ref.system, ref.kind):
                continue
            path = f"{parts}.{identity}" if parts else identity
            for payment, raw in planning.books.lookups.pointing_here(system, kind, path, ref.id):
                if settled(schema, raw).get(ref) and catalogue.state(payment, raw) not in ("void", "deleted"):
                    yield payment


def payments(planning: Planning, schema: Schema, before: Raw, after: Raw) -> dict[Ref, Decimal]:
    """What a write takes off each record that it pays. Raises Unwritable when that is more than is owed there."""
    moves = newly_settled(schema, before, after) if schema.settles else {}
    for ref, amount in moves.items():
        paid, raw = planning.schema(ref), planning.books.lookups.record(ref) or {}
        owed = expected(raw, paid.owed)
        if owed is not None and amount > owed:
            name = called(ref, planning.books.lookups, planning.projection.catalogue)
            currency = _currency(paid, raw)
            raise Unwritable(
                f"it pays {amount:f}{currency} on {ref.kind} {name}, on which {owed:f}{currency} is owed: look in"
                f" {ref.system} which payment is on it already, and match the two or take that one off"
            )
    return moves


def _currency(schema: Schema, raw: Raw) -> str:
    """What stands after an amount of this record: a blank and its currency, or nothing where it names none."""
    field = schema.find(schema.owed)
    currency = currency_of(raw, field) if field is not None else ""
    return f" {currency}" if currency else ""


def pay(planning: Planning, payment: Ref, moves: Mapping[Ref, Decimal]) -> None:
    """Takes payments off what is owed in the overlay; what reads a paid record waits for its payments."""
    for ref, amount in moves.items():
        raw = planning.books.lookups.record(ref)
        place = planning.schema(ref).owed
        owed = expected(raw or {}, place)
        if raw is not None and place:
            planning.store_after(ref, foreseen(raw, ref, place, None if owed is None else owed - amount))
        planning.planned.pays(payment, ref)
