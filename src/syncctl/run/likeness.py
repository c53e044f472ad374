"""Are two records that a person calls one strikingly unlike? A wrong pair overwrites books. I/O: reads the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from syncctl.comparison import BLOCKED, SKIPPED
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.match import alike
from syncctl.model import Money, Ref
from syncctl.nearness import nearness
from syncctl.project import Project
from syncctl.projection.cells import NO_VALUE
from syncctl.projection.keys import Key
from syncctl.projection.projection import Projection
from syncctl.run.planning import refresh_all
from syncctl.values.canonical import one
from syncctl.values.naming import called
from syncctl.values.scope import Scope

ALIKE: Final = 60
"""Names less alike than this, of 100, are other names: `Acme Inc` and `ACME Incorporated` are not, `Zeta GmbH` is."""
SHARE_APART: Final = 100
"""Amounts that differ by more than one part in so many are other amounts; less is rounding or a fee of a cent."""
EMAIL: Final = "email"
_DIGITS: Final = re.compile(r"\d+")
_Sides = tuple[Scope, Scope]


@dataclass(frozen=True, slots=True)
class Apart:
    """One thing in which two records are not the same, as people read it."""

    what: str
    left: str
    right: str

    def __str__(self) -> str:
        return f"{self.what}: {self.left} and {self.right}"


def strikingly_unlike(project: Project, mapping: str, left: Ref, right: Ref) -> tuple[Apart, ...]:
    """What sets the two apart, if they have another name and also another amount, currency or e-mail address; empty
    when no name or nothing else differs, and when one of the mapping's own rules holds between them.
    """
    compiled = project.projections()
    refresh_all(project, compiled)
    projection = next(found for found, _ in compiled if found.mapping.name == mapping)
    sides = _scope(project, left), _scope(project, right)
    if any(_holds(projection, key, sides) for key in projection.rules):
        return ()
    names = [called(ref, project.lookups, projection.catalogue) for ref in (left, right)]
    if _alike(*names):
        return ()
    apart = dict.fromkeys((*_amounts(projection, sides), *_fields(projection, sides), *_criteria(projection, sides)))
    return (Apart("name", *names), *apart) if apart else ()


def _scope(project: Project, ref: Ref) -> Scope:
    return Scope(ref, project.lookups.record(ref) or {}, project.lookups)


def _holds(projection: Projection, key: Key, sides: _Sides) -> bool:
    """Whether a match rule with an exact part links the two; likeness of names is looked at by name."""
    if key.fuzzy:
        return False
    left, right = sides
    texts = key.text("left", left.root, left), key.text("right", right.root, right)
    if texts[0] is None or texts[0] != texts[1]:
        return False
    near = nearness(key, projection.catalogue.time_zone)
    return near is None or near(left.root, left, right.root, right) is not None


def _alike(left: str, right: str) -> bool:
    """Numbers in names are told apart by their digits: INV-1041 is not nearly INV-1042."""
    digits = [_DIGITS.findall(name) for name in (left, right)]
    if all(digits) and digits[0] != digits[1]:
        return False
    return bool(alike([(0, left)], [(0, right)], ALIKE))


def _amounts(projection: Projection, sides: _Sides) -> Iterator[Apart]:
    """The mapping's own amounts, as its guards and its statement count them."""
    here, there = sides
    left, ours = projection.amount_of("left", here.root, here)
    right, theirs = projection.amount_of("right", there.root, there)
    if left is None or right is None:
        return
    if ours and theirs and ours != theirs:
        yield Apart("currency", ours, theirs)
    if abs(left - right) * SHARE_APART > max(abs(left), abs(right)):
        shown = [show(Money(Decimal(amount).scaleb(-6), code)) for amount, code in ((left, ours), (right, theirs))]
        yield Apart("amount", *shown)


def _fields(projection: Projection, sides: _Sides) -> Iterator[Apart]:
    """Mapped currencies and e-mail addresses."""
    left, right = sides
    for slot in projection.slots:
        what = "currency" if slot.common == "currency" else "e-mail" if slot.entry.as_ == EMAIL else ""
        if what:
            cells = slot.left_cell(left.root, left), slot.right_cell(right.root, right)
            if cells[0] != cells[1] and all(_value(cell) for cell in cells):
                yield Apart(what, *cells)


def _value(cell: str) -> bool:
    return bool(cell) and cell[0] not in NO_VALUE and cell != SKIPPED and not cell.startswith(BLOCKED)


def _criteria(projection: Projection, sides: _Sides) -> Iterator[Apart]:
    """E-mail addresses that a match rule compares, mapped or not."""
    for key in projection.rules:
        for (criterion, here, compare, _), (_, there, _, _) in zip(key.left, key.right, strict=True):
            if criterion.as_ != EMAIL:
                continue
            left, right = sides
            try:
                values = one(here.read(left.root, left)), one(there.read(right.root, right))
            except Undecodable:
                continue
            if None not in values and compare(values[0]) != compare(values[1]):
                yield Apart("e-mail", *(compare(value) for value in values))
