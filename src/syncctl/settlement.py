"""Which records a payment settles, and how much is still owed on a record. No I/O.

What a vendor works out by itself (a balance after a payment, a total after a line) is known only after the apply. Where
arithmetic tells what it will be, a placeholder carries that as `expected`: enough to know the record's next state and
to refuse a payment of more than is owed, never a value that is written anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from syncctl.fields.codecs import decode
from syncctl.fields.placeholder import EXPECTED, placeholder, unknown_in
from syncctl.fields.schema import Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Raw, Ref, Unknown
from syncctl.paths import parse_path, read, write

WHOLE_UNITS: Final = frozenset(("money", "money.text"))
"""Codecs of amounts that are neither in minor units nor with the other sign."""


def settled(schema: Schema, raw: Raw) -> dict[Ref, Decimal]:
    """How much a record of this kind takes off each record that it pays. Raises Undecodable."""
    found: defaultdict[Ref, Decimal] = defaultdict(Decimal)
    for kind, parts, identity, amount in schema.settles:
        for part in read(raw, parse_path(parts)) if parts else (raw,):
            for paid in read(part, parse_path(identity)):
                unknown = unknown_in(paid)
                ref = unknown.ref if unknown is not None else Ref(schema.system, kind, str(paid))
                amounts = (decode("number", each) for each in read(part, parse_path(amount)))
                found[ref] += sum((each for each in amounts if each is not None), Decimal(0))
    return dict(found)


def newly_settled(schema: Schema, before: Raw, after: Raw) -> dict[Ref, Decimal]:
    """What a write takes off each record beyond what the record took before; negative where it gives back."""
    was, now = settled(schema, before), settled(schema, after)
    moves = {ref: now.get(ref, Decimal(0)) - was.get(ref, Decimal(0)) for ref in {**was, **now}}
    return {ref: amount for ref, amount in moves.items() if amount}


def expected(raw: Mapping[str, Any], place: str) -> Decimal | None:
    """The number at a plain path, or the one that is expected there after the apply; None where neither is known."""
    found = next(iter(read(raw, parse_path(place))), None) if place else None
    if isinstance(found, dict):
        found = found.get(EXPECTED)
    try:
        number: Decimal | None = decode("number", found)
    except Undecodable:
        return None
    return number


def foreseen(raw: Raw, ref: Ref, place: str, value: Decimal | None) -> Raw:
    """The record with a placeholder at `place`: known after apply, and what it is expected to be."""
    hole = placeholder(Unknown(ref, place))
    made: Raw = write(raw, parse_path(place), hole if value is None else {**hole, EXPECTED: format(value, "f")})
    return made


def as_expected(schema: Schema, raw: Raw) -> Raw | None:
    """The record with the total that is expected in the place of `(known after apply)`; None where none is.

    Expected totals are in whole units, so only a field that keeps amounts that way can hold one.
    """
    found = schema.fields.get(schema.amount)
    if found is None or found.codec not in WHOLE_UNITS:
        return None
    place = parse_path(found.place)
    total = expected(raw, found.place) if any(isinstance(held, dict) for held in read(raw, place)) else None
    made: Raw | None = None if total is None else write(raw, place, format(total, "f"))
    return made


def recomputed(schema: Schema, ref: Ref, raw: Raw, total: Decimal | None) -> Raw:
    """The record when its vendor works out total and balance anew; `total` is what the total will be, if known."""
    if not (schema.amount and schema.fields[schema.amount].assigned):
        return raw
    before, owed = expected(raw, schema.amount), expected(raw, schema.owed)
    if schema.owed:
        known = total is not None and before is not None and owed is not None
        raw = foreseen(raw, ref, schema.owed, owed + total - before if known else None)  # type: ignore[operator]
    return foreseen(raw, ref, schema.amount, total)
