"""Do the two sides of a field or rule compare: types, links, tables, constants, conditions. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from syncctl.fields.codecs import decode
from syncctl.fields.numbers import parse_number
from syncctl.fields.schema import Field
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.check_links import link, references, shown
from syncctl.mapping.checking import ANY, Checking, Starts, Value, entries_and_starts
from syncctl.mapping.language import (
    Block,
    Conditions,
    Constant,
    Criterion,
    Entry,
    First,
    Form,
    Rule,
    Table,
    Test,
)
from syncctl.mapping.resolve import Found, Start, no_option
from syncctl.model import SideName
from syncctl.yamltext import short

TEXTS: Final = frozenset({"text", "enum", "id", "currency"})
NUMBERS: Final = frozenset({"number", "money"})
TIMES: Final = frozenset({"date", "instant"})
SIDES: Final[tuple[SideName, ...]] = ("left", "right")


def check_values(checking: Checking) -> None:
    """Every value form, rule, field and condition of the mapping."""
    mapping, record = checking.mapping, checking.starts()
    _defaults(checking, record)
    _conditions(checking, mapping.where, record)
    _rules(checking, mapping.match, record, None)
    for block in mapping.lines:
        starts = checking.block_starts(block)
        _conditions(checking, block.when, starts)
        _rules(checking, block.match, starts, block)
    for entry, starts, inside in entries_and_starts(checking):
        _conditions(checking, entry.when, starts)
        _pair(checking, entry, starts, inside)


def _defaults(checking: Checking, record: Starts) -> None:
    """`dated` is a day, `amount` an amount."""
    for what, sided, types in (
        ("dated", checking.mapping.dated, TIMES),
        ("amount", checking.mapping.amount, NUMBERS),
    ):
        for side in SIDES:
            form = sided.side(side)
            value = None if form is None else checking.value(form, record.side(side))
            if form is not None and value is not None and value.type not in types:
                checking.problem(form.at, f"`{what}` names a {value.type}", f"name a {' or '.join(sorted(types))}")


def _rules(checking: Checking, rules: tuple[Rule, ...], starts: Starts, block: Block | None) -> None:
    for criterion in (criterion for rule in rules for criterion in rule.criteria):
        values = _pair(checking, criterion, starts, block)
        if values is not None:
            _looks(checking, criterion, *values)


def _looks(checking: Checking, criterion: Criterion, left: Value, right: Value) -> None:
    """`within` is for days, `similar` for texts."""
    types = {left.type, right.type} - {ANY}
    if criterion.within_days is not None and not types <= TIMES:
        checking.problem(criterion.at, "`within` compares days, and one side is none", "tolerance is for amounts")
    if criterion.similar is not None and not types <= TEXTS:
        checking.problem(criterion.at, "`similar` compares texts, and one side is none", "remove it")


def _pair(
    checking: Checking, pair: Entry | Criterion, starts: Starts, block: Block | None
) -> tuple[Value, Value] | None:
    """Both sides of a field or criterion; None where a side could not be looked up."""
    left, right = checking.value(pair.left, starts.left), checking.value(pair.right, starts.right)
    if pair.link:
        link(checking, pair, left, right, block)
    if left is None or right is None:
        return None
    if pair.values is not None:
        _table(checking, pair, pair.values, left, right)
    elif not pair.link:
        _types(checking, pair, left, right, block)
        _constants(checking, pair.left, right)
        _constants(checking, pair.right, left)
    if pair.tolerance is not None and not {left.type, right.type} & NUMBERS:
        checking.problem(pair.at, "`tolerance` without an amount or number", "remove it; `within` is for days")
    return left, right


# --- types ------------------------------------------------------------------------------------------------------------


def comparable(left: str, right: str) -> bool:
    """True when values of these types can be equal; references are looked at elsewhere."""
    types = {left, right}
    if "object" in types:
        return False
    return ANY in types or bool(types & TEXTS) or len(types) == 1 or types <= NUMBERS or types <= TIMES


def _types(checking: Checking, pair: Entry | Criterion, left: Value, right: Value, block: Block | None) -> None:
    if left.type == right.type == "ref":
        references(checking, pair, left, right, block)
        return
    if not comparable(left.type, right.type):
        message = f"{shown(pair.left, left)} and {shown(pair.right, right)} do not compare"
        hint = "a group or list has fields inside: name one" if "object" in (left.type, right.type) else ""
        checking.problem(pair.at, message, hint)
        return
    for flag, words in ((left, right), (right, left)):
        closed = words.only.field.options if words.only is not None and not words.only.field.open_options else ()
        if (
            flag.type == "bool"
            and words.type == "enum"
            and closed
            and not {"true", "false"} & {one for one, _ in closed}
        ):
            checking.problem(pair.at, "true or false against a list of options", "values: {true: …, false: …}")


# --- texts that must fit a field --------------------------------------------------------------------------------------


def misfit(found: Field, text: str) -> tuple[str, str] | None:
    """Why a field cannot hold a text, with a hint; None where it can."""
    problem = no_option(found, text)
    if problem is not None:
        return problem
    if found.max_length is not None and len(text) > found.max_length:
        return f"`{short(text)}` is longer than `{found.path}` may be", f"at most {found.max_length} characters"
    try:
        _decoded(found, text)
    except Undecodable:
        return f"`{short(text)}` is no {found.type}, which `{found.path}` holds", ""
    return None


def _decoded(found: Field, text: str) -> None:
    if found.type in NUMBERS:
        parse_number(text)
    elif found.type == "bool":
        decode("bool", text)
    elif found.type == "date":
        decode("date", text)


def _constants(checking: Checking, form: Form, there: Value) -> None:
    """Constants fit the field they are compared with and written to."""
    found = there.only
    for constant in _constants_in(form):
        problem = None if found is None else misfit(found.field, constant.text)
        if problem is not None:
            checking.problem(constant.at, *problem)


def _constants_in(form: Form) -> Iterator[Constant]:
    if isinstance(form, Constant):
        yield form
    elif isinstance(form, First):
        for member in form.members:
            yield from _constants_in(member)


def _table(checking: Checking, pair: Entry | Criterion, table: Table, left: Value, right: Value) -> None:
    """Keys and values of a table are options of closed lists, and fit their fields."""
    if "object" in (left.type, right.type):
        checking.problem(pair.at, "a table translates values, not groups of fields", "name a field inside")
    rights = [there for _, there in table.pairs] + ([] if table.default is None else [table.default])
    for value, texts in ((left, [here for here, _ in table.pairs]), (right, rights)):
        for text in texts:
            problem = None if value.only is None or not text else misfit(value.only.field, text)
            if problem is not None:
                checking.problem(pair.at, f"in `values`: {problem[0]}", problem[1])


# --- conditions -------------------------------------------------------------------------------------------------------


def _conditions(checking: Checking, conditions: Conditions, starts: Starts) -> None:
    for side in SIDES:
        for test in conditions.side(side):
            _test(checking, test, starts.side(side))


def _test(checking: Checking, test: Test, start: Start | None) -> None:
    found = checking.found(test.path, test.at, start)
    if found is None:
        return
    wrong = _wrong_type(test, found)
    if wrong:
        checking.problem(test.at, f"`{test.test}` tests {wrong}; `{test.path}` is a {found.type}", "test it otherwise")
    if test.test == "in":
        for text in test.values:
            problem = misfit(found.field, text)
            if problem is not None:
                checking.problem(test.at, *problem)


def _wrong_type(test: Test, found: Found) -> str:
    """What a test is for, where the field is something else."""
    if test.test in ("over", "under") and found.type not in (*NUMBERS, "text"):
        return "amounts and numbers"
    if test.test in ("from", "until") and found.type not in (*TIMES, "text"):
        return "days"
    return "values" if test.test in ("in", "starts") and found.type == "object" else ""
