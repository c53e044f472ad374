"""Can a record that was made be found again: it carries a match value or a marker. No I/O.

The ledger remembers what was made from what. A new ledger, and a write without a clear answer, have nothing but the
record itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from syncctl.fields.schema import Field
from syncctl.mapping.checking import Checking
from syncctl.mapping.language import Criterion, First, Form, PathValue, Rule, Sum, Template, other
from syncctl.model import SideName
from syncctl.paths import Path

Held: TypeAlias = Literal["ours", "vendor's", "missing"]
"""Who gives a new record the value that a match rule looks at."""


def check_found_again(checking: Checking, side: SideName, written: dict[SideName, set[str]]) -> None:
    """Notes a side where records are made with nothing in them to find them by. `written` are the places that the
    mapping writes on each side."""
    mapping = checking.mapping
    if mapping.marker.side(side) is not None or any(_carried(checking, rule, side, written) for rule in mapping.match):
        return
    name = ".".join(mapping.side(side))
    message = f"a new {name} would carry neither a match value nor a marker: nobody could find it again"
    checking.problem(mapping.at, message, _hint(mapping.match, side))


def _hint(rules: tuple[Rule, ...], side: SideName) -> str:
    marker = f"add marker: {{{side}: FIELD}}"
    first = next((path for rule in rules for path in _paths(_form(rule.criteria[0], side))), None)
    if first is None:
        return marker
    return f"{marker}, or let the mapping write `{first}`: owner: {other(side)}, owner: both, or once: true"


def _carried(checking: Checking, rule: Rule, side: SideName, written: dict[SideName, set[str]]) -> bool:
    """True when a new record has every value of a rule, and one at least that we wrote."""
    held = [_held(checking, one, side, written) for one in rule.criteria]
    return "missing" not in held and "ours" in held


def _held(checking: Checking, one: Criterion, side: SideName, written: dict[SideName, set[str]]) -> Held:
    found = [_place(checking, _form(one, side), path, side) for path in _paths(_form(one, side))]
    ours = [field is None or field.path in written[side] for field in found]
    if all(ours) or (any(ours) and isinstance(_form(one, side), First)):
        return "ours"
    if any(field is not None and _left_out(field, written[side]) for field in found):
        return "missing"
    back = [_place(checking, _form(one, other(side)), path, other(side)) for path in _paths(_form(one, other(side)))]
    return "ours" if any(field is not None and field.path in written[other(side)] for field in back) else "vendor's"


def _left_out(field: Field, written: set[str]) -> bool:
    """True for a field that could be written and is not; what the vendor fills in itself is there in any case."""
    return field.path not in written and field.writable != "never" and not field.assigned


def _form(one: Criterion, side: SideName) -> Form:
    return one.left if side == "left" else one.right


def _place(checking: Checking, form: Form, path: Path, side: SideName) -> Field | None:
    """The field of the record itself that a path begins at; None for what is in no field of it, or is missing."""
    found = checking.found(path, form.at, checking.starts().side(side))
    return None if found is None else found.first


def _paths(form: Form) -> Iterator[Path]:
    match form:
        case PathValue(path):
            yield path
        case First(members):
            for member in members:
                yield from _paths(member)
        case Template():
            yield from form.paths
        case Sum(terms):
            for term in terms:
                yield from _paths(term.value)
        case _:
            pass
