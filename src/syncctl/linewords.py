"""A line of a record in the words of a person: what it is about, and its amount with the currency. No own I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from syncctl.comparison import NUMBERS
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import other
from syncctl.model import Money, Raw, Ref, SideName
from syncctl.projection.lines import Lines
from syncctl.projection.slots import Slot, speaking
from syncctl.values.canonical import one
from syncctl.values.naming import called
from syncctl.values.scope import Catalogue, Scope


def line_words(
    block: Lines, side: SideName, element: Any, scope: Scope, catalogue: Catalogue, written: Raw | None = None
) -> str:
    """`INV-1042, 5300 JPY`: what the line is about, and its amount as canonical text, with the sign that it has in its
    document: a discount is below zero. `written` is the line as the other side will have it, where it is made there.
    """
    about = line_name(block, side, element, scope, catalogue)
    slots = [slot for _, slot in speaking(block.slots, side, element, scope) if slot.reading(side).type == "money"]
    values = (_value(slot, side, element, scope) for slot in slots)
    found = next((value for value in values if isinstance(value, Money)), None)
    taken_off = _taken_off(block, side, element) if written is None else _taken_off(block, other(side), written)
    amount = show(replace(found, amount=-found.amount) if found and taken_off else found) if found else ""
    return ", ".join(filter(None, [about, amount]))


def _taken_off(block: Lines, side: SideName, element: Any) -> bool:
    """True when the line's amount is taken off the total, though the vendor writes it without a sign."""
    owns = (slot.reading(side).own for slot in block.slots)
    rules = (own.subtracts.partition("=") for own in owns if own is not None and own.subtracts)
    return any(element.get(name) == value for name, _, value in rules)


def line_name(block: Lines, side: SideName, element: Any, scope: Scope, catalogue: Catalogue) -> str:
    """What the line is about: its description, else the record it points to, else another text of it."""
    slots = [slot for _, slot in speaking(block.slots, side, element, scope) if slot.common not in NUMBERS]
    values = (_value(slot, side, element, scope) for slot in sorted(slots, key=_rank))
    names = (called(value, scope.source, catalogue) if isinstance(value, Ref) else _text(value) for value in values)
    return next(filter(None, names), "")


def _rank(slot: Slot) -> int:
    described = "description" in f"{slot.entry.left} {slot.entry.right}".casefold()
    return 0 if described else 1 if slot.entry.link else 2


def _value(slot: Slot, side: SideName, element: Any, scope: Scope) -> Any:
    """A slot's value; None where it cannot be read: the comparison itself reports that."""
    try:
        return one(slot.reading(side).read(element, scope))
    except Undecodable:
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
