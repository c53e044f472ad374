"""An open finding of the ledger as people see it: its records, their name, what it is between. I/O: the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.findings import OpenFinding
from syncctl.model import Choice, Finding, FindingKind, Money, Reason, Ref, SideName
from syncctl.plan.unkept import unkept_words
from syncctl.projection.projection import Projection
from syncctl.projection.slots import Slot
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.judging import field_name
from syncctl.shortcuts import MICROS
from syncctl.values.forms import Reading
from syncctl.values.scope import Scope


def presented(books: Books, projection: Projection, row: OpenFinding) -> Finding:
    """One open finding as people see it."""
    left, right = refs_of(books, row)
    name, amount = _named(books, projection, left, right)
    here, there, agreed = (
        _labelled(projection, field_name(row.field), each, row.body.get(each, "")) for each in ("left", "right", "base")
    )
    return Finding(
        projection.mapping.name,
        FindingKind(row.kind),
        left,
        right,
        field_name(row.field),
        here,
        there,
        agreed,
        cast(Reason, row.body.get("reason", "")),
        row.since,
        row.note,
        row.accepted,
        name,
        amount,
        row.body.get("hint", "") or unkept_words(books, projection, row),
        row.number,
        _choice(books, row),
        row.accepted_by,
        row.accepted_at,
    )


def _labelled(projection: Projection, field: str, where: str, shown: str) -> str:
    """A value of a field as people see it: an option by its label."""
    readings = (reading for slot in projection.slots if slot.name == field for reading in _speaking(slot, where))
    options = (option for reading in readings if reading.own is not None for option in reading.own.options)
    return next((label for identity, label in options if identity == shown and label), shown)


def _speaking(slot: Slot, where: str) -> tuple[Reading, ...]:
    """Whose options name the value of "left", "right" or "base": its own side's, because another's may have the same
    ids. A table of `values` makes one side's value the other's option, and what both agreed on is a value of both.
    """
    if slot.table is not None:
        return slot.right, slot.left
    return {"left": (slot.left,), "right": (slot.right,)}.get(where, (slot.left, slot.right))


def refs_of(books: Books, row: OpenFinding) -> tuple[Ref | None, Ref | None]:
    """The records that a finding is about."""
    side, _, number = row.subject.partition(":")
    if side in ("left", "right"):
        ref = books.records.ref_of(int(number))
        partner = row.body.get("rights", "")
        if side == "left" and partner.isdigit():  # a proposal of one for one
            return ref, books.records.ref_of(int(partner))
        return (ref, None) if side == "left" else (None, ref)
    if row.records is not None:
        return books.records.ref_of(row.records[0]), books.records.ref_of(row.records[1])
    members = books.pairs.members(int(number))
    refs = [None if member is None else books.records.ref_of(member) for member in members]
    return refs[0], refs[1]


def candidates(books: Books, row: OpenFinding) -> list[Ref]:
    """The records that a tie or proposal is between; none for other findings."""
    return [*_listed(books, row, "lefts"), *_listed(books, row, "rights")]


def name_of(books: Books, projection: Projection, left: Ref | None, right: Ref | None) -> str:
    """What people call the record of a finding, or "" when it cannot be read."""
    return _named(books, projection, left, right)[0]


def _named(books: Books, projection: Projection, left: Ref | None, right: Ref | None) -> tuple[str, Money | None]:
    """The name and the amount of the left record, else of the right one."""
    side: SideName = "left" if left is not None else "right"
    ref = left or right
    try:
        raw = books.records.raw(ref) if ref else None
    except Undecodable:
        raw = None
    if ref is None or raw is None:
        return "", None
    scope = Scope(ref, raw, books.lookups)
    micros, currency = projection.amount_of(side, raw, scope)
    amount = None if micros is None else Money(Decimal(micros) / MICROS, currency)
    return projection.name(side, raw, scope), amount


def _choice(books: Books, row: OpenFinding) -> Choice | None:
    left, right = _listed(books, row, "lefts"), _listed(books, row, "rights")
    if not left or not right:
        return None
    return Choice(row.body["rule"], left, right, int(row.body.get("score") or 0))


def _listed(books: Books, row: OpenFinding, key: str) -> tuple[Ref, ...]:
    numbers = (part for part in row.body.get(key, "").split(",") if part)
    return tuple(books.records.ref_of(int(number)) for number in numbers)
