"""Every problem of a file at once, as a person sees them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping_world import BOOKS, HEAD, refused

from syncctl.errors import ConfigError
from syncctl.mapping.grammar import SHAPES
from syncctl.mapping.load import load_mapping
from syncctl.model import Problem
from syncctl.yamltext import BYTES_MAX, PROBLEMS_MAX, closest

TERRIBLE = Path(__file__).parent / "terrible.yaml"


def test_one_terrible_file_as_it_is_seen(golden: Callable[[str, str], None]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_mapping("mappings/terrible.yaml", TERRIBLE.read_bytes(), BOOKS)
    golden("terrible", "".join(f"{problem}\n" for problem in (caught.value.message, *caught.value.problems)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "mapping: m\nleft: a.b\nright: c.d\n",
            "1:1: nothing says which records are the same (add `match:` or `marker:`)",
        ),
        ("left: a.b\nright: c.d\nmatch: []\n#mapping:", "1:1: a mapping needs `mapping` (the mapping's name)"),
        ("mapping: m\nleft: a.b\nright: a.b\nmatch: []\n", "3:8: both sides are the same kind"),
        (HEAD + "fields: [{left: a, right: b, owner: left, values: {}}]", "5:51: `values` is empty"),
        (HEAD + "fields: [{left: [a], right: b, owner: left}]", "5:17: a value cannot be a list"),
        (HEAD + "fields: [{left: {}, right: b, owner: left}]", "5:17: an empty value"),
        (HEAD + "fields: [{left: {sum: []}, right: b, owner: left}]", "5:17: `sum` has no terms"),
        (HEAD + "fields: [{left: a, right: {constant: ''}, once: true}]", "5:38: `constant` is empty"),
        (HEAD + "fields: [{left: a, right: b, once: true, tolerance: 1}]", "5:53: `tolerance` beside `once`"),
        (HEAD + "fields: [{left: a, right: b, owner: both, empty: fill}]", "5:50: `empty: fill` beside owner: both"),
        (HEAD + "lines: [{right: L, owner: both, fields: []}]", "5:27: lines cannot have two owners"),
        (HEAD + "unmatched: [left]", "5:12: `unmatched` is a map, not a list"),
        (HEAD + "where: {left: {a: {}}}", "5:19: `a` has no test"),
        (HEAD + "where: {left: {a: {over: 1e3}}}", "5:26: `1e3` is no value of `over`"),
        (HEAD + "where: {left: {'{a}': 1}}", "5:16: `{a}` is no path"),
    ],
)
def test_a_problem_names_its_place_and_its_fix(text: str, problem: str) -> None:
    assert refused(text)[0].startswith(problem)


@pytest.mark.parametrize("shape", sorted(name for name, shape in SHAPES.items() if shape.names))
def test_every_known_key_is_suggested_for_its_misspelling(shape: str) -> None:
    for name in SHAPES[shape].names:
        assert name in closest(name + "x", SHAPES[shape].names)


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(ConfigError) as caught:
        load_mapping("mappings/x.yaml", b"a" * (BYTES_MAX + 1), BOOKS)
    assert [problem.message for problem in caught.value.problems] == ["more than 256,000 bytes"]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"k{number}: v\n" for number in range(10_000)),
        HEAD + "fields: [" + "{x: y}, " * 8_000 + "]",
        HEAD + "fields: [" + "a, " * 20_000 + "]",
        HEAD + "fields: [{left: {sum: [" + "$x, " * 8_000 + "]}, right: b, owner: left}]",
    ],
    ids=["keys", "fields", "texts", "settings"],
)
def test_a_file_that_is_nothing_but_problems_is_refused_in_seconds_with_a_bounded_report(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(ConfigError) as caught:
        load_mapping("mappings/x.yaml", text.encode(), BOOKS)
    assert len(caught.value.problems) <= PROBLEMS_MAX
    assert time.monotonic() - started < 20


WORDS = ["left", "right", "owner", "fields", "match", "lines", "where", "when", "first", "sum", "text", "constant",
         "values", "$terms", "$state", "$parent.a", "(Label)", "a->b", "-a", "{a}", "", "NO", "link(x)",
         "once", "true"]  # fmt: skip
NODES: st.SearchStrategy[object] = st.recursive(
    st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=12,
)


def yaml(node: object) -> str:
    if isinstance(node, dict):
        return "{" + ", ".join(f'"{key}": {yaml(value)}' for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(map(yaml, node)) + "]"
    return f'"{node}"'


def problems_of(text: str) -> tuple[Problem, ...]:
    """What is refused; nothing when the file is a mapping."""
    try:
        load_mapping("x.yaml", text.encode(), BOOKS)
    except ConfigError as error:
        return error.problems or (Problem("nowhere", "refused without a problem"),)
    return ()


@settings(deadline=None)
@given(st.sampled_from(SHAPES["mapping"].names), NODES)
def test_no_shape_of_file_crashes_the_loader(key: str, node: object) -> None:
    # One key alone is no mapping, whatever stands in it.
    problems = problems_of(f'"{key}": {yaml(node)}')
    assert problems
    assert all(problem.where.startswith("x.yaml") for problem in problems)


@settings(deadline=None)
@given(NODES, NODES, NODES)
def test_no_shape_of_field_crashes_the_loader(field: object, left: object, when: object) -> None:
    text = (
        f"{HEAD}fields: [{yaml(field)}, {{left: {yaml(left)}, right: {yaml(left)}, owner: left, when: {yaml(when)}}}]"
    )
    for problem in problems_of(text):
        assert problem.message
        assert re.match(r"x\.yaml:\d+:\d+$", problem.where)
