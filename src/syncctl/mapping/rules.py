"""Nodes to match rules. No I/O."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from syncctl.mapping.compare import AS_FUNCTIONS
from syncctl.mapping.forms import read_form, read_table
from syncctl.mapping.grammar import DAYS, DECIMAL, NAME
from syncctl.mapping.language import Constant, Criterion, Rule
from syncctl.mapping.loading import Loading
from syncctl.model import SideName
from syncctl.yamltext import Map, Node, closest, short

LOOKS: Final = ("tolerance", "within", "similar")
"""Ways to be nearly equal; one pair has at most one."""


def read_rules(loading: Loading, node: Node | None, parents: frozenset[SideName] = frozenset()) -> tuple[Rule, ...]:
    """`match`: the rules in order. Their names are unique, because people and the ledger tell them apart by name."""
    rules: dict[str, Rule] = {}
    for element in loading.elements(node, "match"):
        rule = _rule(loading, element, parents)
        if rule.name in rules:
            first = rules[rule.name].at.line
            loading.problem(element, f"a second rule `{short(rule.name)}`", f"see line {first}; name it with `rule:`")
        else:
            rules[rule.name] = rule
    return tuple(rules.values())


def _rule(loading: Loading, node: Node, parents: frozenset[SideName]) -> Rule:
    several = isinstance(node, Map) and node.get("all") is not None
    body = loading.map(node, "all_rule" if several else "pair_rule")
    pairs = loading.elements(body.get("all"), "all") if several else (body,)
    if several and not pairs:
        loading.problem(node, "`all` has no pairs", "all: [{left: a, right: b}]")
    criteria = tuple(
        read_criterion(loading, loading.map(pair, "criterion") if several else body, parents) for pair in pairs
    )
    name = loading.text(body.get("rule"), "rule") or " and ".join(map(_described, criteria))
    review = loading.choice(body.get("accept"), "accept", ("review",)) is not None
    return Rule(name, criteria, node.at, review)


def read_criterion(loading: Loading, body: Map, parents: frozenset[SideName]) -> Criterion:
    """One pair of a rule."""
    left = read_form(loading, body.get("left"), parent="left" in parents)
    right = read_form(loading, body.get("right"), parent="right" in parents)
    if isinstance(left, Constant) or isinstance(right, Constant):
        loading.problem(body, "a constant is the same for every record", "put the condition into `where`")
    looks = [name for name in LOOKS if body.get(name) is not None]
    if len(looks) > 1:
        loading.problem(body, f"a pair is compared in one way, not by `{'` and `'.join(looks)}`", "keep one")
    refuse_beside_link(loading, body, ("as", "values", *LOOKS))
    return Criterion(
        left,
        right,
        body.at,
        link=read_link(loading, body),
        as_=read_as(loading, body),
        values=read_table(loading, body.get("values"), body.get("else")),
        tolerance=read_tolerance(loading, body),
        within_days=_within(loading, body),
        similar=loading.whole(body.get("similar"), "similar", low=1, high=100),
    )


def read_link(loading: Loading, body: Map) -> str:
    """`link: customers`; that the mapping exists is for the check."""
    return loading.like(body.get("link"), "link", NAME, "the name of a mapping") or ""


def read_as(loading: Loading, body: Map) -> str:
    """`as: email`."""
    node = body.get("as")
    name = loading.text(node, "as")
    if node is None or name is None or name in AS_FUNCTIONS:
        return name or ""
    loading.problem(node, f"there is no function `{short(name)}`", closest(name, AS_FUNCTIONS))
    return ""


def read_tolerance(loading: Loading, body: Map) -> Decimal | None:
    """`tolerance: 0.05`, never negative."""
    text = loading.like(body.get("tolerance"), "tolerance", DECIMAL, "a number from 0 on: 0.05")
    return None if text is None else Decimal(text)


def refuse_beside_link(loading: Loading, body: Map, names: tuple[str, ...]) -> None:
    """References are linked or not: there is nothing to translate or to be nearly equal."""
    if body.get("link") is None:
        return
    for name in names:
        node = body.get(name)
        if node is not None:
            loading.problem(node, f"`{name}` beside `link`", "linked references are equal or not: remove one")


def _within(loading: Loading, body: Map) -> int | None:
    text = loading.like(body.get("within"), "within", DAYS, "calendar days: 3d")
    return None if text is None else int(text[:-1])


def _described(criterion: Criterion) -> str:
    """What a pair without a name is called."""
    plain = f"{criterion.left} = {criterion.right}"
    if criterion.similar is not None:
        return f"{plain} (similar {criterion.similar})"
    if criterion.within_days is not None:
        return f"{plain} (within {criterion.within_days}d)"
    if criterion.tolerance is not None:
        return f"{plain} (± {criterion.tolerance})"
    return f"{plain} ({criterion.as_})" if criterion.as_ else plain
