"""Nodes to conditions: `where` and `when`. No I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal, TypeAlias

from syncctl.mapping.forms import read_path
from syncctl.mapping.grammar import DECIMAL
from syncctl.mapping.language import Conditions, Test
from syncctl.mapping.loading import Loading
from syncctl.model import SideName
from syncctl.paths import Path
from syncctl.yamltext import List, Map, Node, Text

TestName: TypeAlias = Literal["over", "under", "from", "until", "starts", "present"]
TESTS: Final[tuple[TestName, ...]] = ("over", "under", "from", "until", "starts", "present")
_EMPTY_HINT: Final = "an empty field is tested with {present: false}"


def read_conditions(loading: Loading, node: Node | None, parents: frozenset[SideName] = frozenset()) -> Conditions:
    """`{left: {path: test}, right: {…}}`. `parents`: the sides on which a path may begin with `$parent.`."""
    if node is None:
        return Conditions()
    sides = loading.map(node, "where")
    return Conditions(
        _tests(loading, sides.get("left"), parent="left" in parents),
        _tests(loading, sides.get("right"), parent="right" in parents),
    )


def both(first: Conditions, second: Conditions) -> Conditions:
    """All tests of two conditions."""
    return Conditions(first.left + second.left, first.right + second.right)


def _tests(loading: Loading, node: Node | None, *, parent: bool) -> tuple[Test, ...]:
    if node is None:
        return ()
    found: list[Test] = []
    for entry in loading.map(node, "tests").pairs:
        path = read_path(loading, entry.key.text, entry.key.at, parent=parent)
        found += _of(loading, path, entry.key, entry.value)
    return tuple(found)


def _of(loading: Loading, path: Path, key: Text, node: Node) -> tuple[Test, ...]:
    """The tests that one path has to pass."""
    if not isinstance(node, Map):
        return (Test(path, "in", _values(loading, key.text, node), key.at),)
    body = loading.map(node, "test_map")
    if not body.pairs:
        loading.problem(node, f"`{key.text}` has no test", "{over: 0}, {from: 2026-01-01}, {present: true}, {not: X}")
    tests = [test for name in TESTS if (test := _test(loading, path, key, body.get(name), name)) is not None]
    negated = body.get("not")
    return tuple(tests) if negated is None else (*tests, *_negated(loading, path, key, negated))


def _negated(loading: Loading, path: Path, key: Text, node: Node) -> tuple[Test, ...]:
    tests = _of(loading, path, key, node)
    if len(tests) > 1:
        loading.problem(node, "`not` of several tests", "write one `not` per test")
    return tuple(replace(test, negated=not test.negated) for test in tests)


def _values(loading: Loading, name: str, node: Node) -> tuple[str, ...]:
    """One value, or any of a list."""
    nodes = node.elements if isinstance(node, List) else (node,)
    if not nodes:
        loading.problem(node, f"`{name}` is tested against an empty list", "name the values: [a, b]")
    found = []
    for each in nodes:
        text = loading.text(each, name, hint=_EMPTY_HINT)
        if text is not None:
            found.append(loading.filled(text, each.at))
    return tuple(found)


def _test(loading: Loading, path: Path, key: Text, node: Node | None, name: TestName) -> Test | None:
    value = _operand(loading, node, name)
    return None if value is None else Test(path, name, (value,), key.at)


def _operand(loading: Loading, node: Node | None, name: TestName) -> str | None:
    """The one value of a test."""
    if name in ("over", "under"):
        return loading.like(_setting(loading, node), name, "-?" + DECIMAL, "a number: 0 or 12.50")
    if name in ("from", "until"):
        day = loading.day(_setting(loading, node), name)
        return None if day is None else day.isoformat()
    if name == "present":
        return loading.choice(node, name, ("true", "false"))
    return loading.text(_setting(loading, node), name)


def _setting(loading: Loading, node: Node | None) -> Node | None:
    """The node, its `$name` filled in."""
    if isinstance(node, Text) and node.text.startswith("$"):
        return replace(node, text=loading.filled(node.text, node.at) or " ")
    return node
