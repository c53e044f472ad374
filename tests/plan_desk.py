"""Ana in both systems, and a plan as tests read it: changes by what they do, what they write, why rows are blocked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import settings

from syncctl.model import Change, FindingKind
from syncctl.plan.draft import Draft
from two_systems import BILL, ORDERS, PEOPLE, Desk, books_person, fields, person

FEWER = settings(max_examples=settings.default.max_examples // 2)
"""Whole ledgers are dear: half as many examples as elsewhere."""
ANA = person("p1", "Ana", "a@x.com")
BOOKED_ANA = books_person("1", "Ana", "a@x.com")


def desk_with(*mappings: str, **more: Any) -> Desk:
    """Ana is in both systems."""
    desk = Desk(*(mappings or (PEOPLE, ORDERS)), **more)
    desk.put("shop", "person", ANA)
    desk.put("books", "Person", BOOKED_ANA)
    return desk


def by_action(made: Draft) -> dict[tuple[str, str], Change]:
    """Changes by action and kind; there is one each."""
    found = {(str(change.action), change.target.kind): change for change in made.changes}
    assert len(found) == len(made.changes)
    return found


def written(change: Change) -> dict[str, Any]:
    """What a change writes, by path; several edits of one path as a list."""
    found: dict[str, Any] = {}
    for edit in change.edits:
        found.setdefault(edit.path, []).append(edit.after)
    return {path: values[0] if len(values) == 1 else values for path, values in found.items()}


def reasons(made: Draft) -> list[str]:
    """Why rows are blocked."""
    return [one.hint for one in made.findings if one.kind is FindingKind.BLOCKED]


def only(made: Draft) -> Change:
    (change,) = made.changes
    return change


TAGS = """
mapping: tags
left: shop.order
right: books.Bill
match: [{left: number, right: Number}]
after: orders
fields:
  - {left: {constant: seen}, right: Tag, owner: left}
  - {left: note, right: Number, owner: right}
"""
TAGGED_BILL = replace(BILL, fields={**BILL.fields, **fields(*(f for f in (replace(BILL.fields["Memo"], path="Tag"),)))})
