"""Paths: the text that names a place, reading there and writing there."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from syncctl.paths import (
    Hop,
    Path,
    PathError,
    Selector,
    Step,
    as_text,
    compile_read,
    element_from,
    parse_path,
    read,
    write,
)

# --- texts ------------------------------------------------------------------------------------------------------------

NAMES = st.from_regex(r"[A-Za-z_$][A-Za-z0-9_ -]{0,6}[A-Za-z0-9_]", fullmatch=True).filter(
    lambda name: not name.startswith(("$state", "$parent", "link"))
)
VALUES = st.from_regex(r"[A-Za-z0-9_$ &/.,'-]{0,8}(\([A-Z]{1,3}\))?[A-Za-z0-9]", fullmatch=True).map(str.strip)
LABELS = st.from_regex(r"[A-Za-z0-9 #:/,'=|.-]{0,10}(\([A-Z]{1,3}\))?[A-Za-z0-9?]", fullmatch=True).map(str.strip)


def plain_paths(names: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[Path]:
    steps = st.lists(names.map(Step), min_size=1, max_size=most).map(tuple)
    return steps.map(lambda found: Path((Hop(found),)))


SELECTORS = st.builds(Selector, plain_paths(NAMES, 2), st.lists(VALUES, min_size=1, max_size=3).map(tuple))
STEPS = st.lists(st.builds(Step, NAMES, st.lists(SELECTORS, max_size=2).map(tuple)), min_size=1, max_size=3).map(tuple)
HOPS = st.one_of(
    st.builds(Hop, STEPS),
    st.builds(Hop, STEPS, parent=st.just(True)),
    st.builds(Hop, STEPS | st.just(()), label=LABELS),
    st.builds(Hop, label=LABELS, parent=st.just(True)),
    st.builds(Hop, link=NAMES),
    st.just(Hop(state=True)),
)


@given(hops=st.lists(HOPS, min_size=1, max_size=3))
def test_a_paths_text_reads_back_as_the_same_path(hops: list[Hop]) -> None:
    path = Path(tuple(hops))
    assert parse_path(str(path)) == path


@given(text=st.text(alphabet="ab.()=|>-$ linkparestu", max_size=24))
def test_any_text_is_a_path_or_an_error_and_a_path_has_one_spelling(text: str) -> None:
    try:
        path = parse_path(text)
    except PathError:
        return
    assert parse_path(str(path)) == path


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", "a.", "a..b", ".a", "a(", "a()", "a(b=)", "a(b=|c)", "(", "()", "a->", "->a", "a)", "a)b",
     "link(", "link()", "a(b=1", "a(b=c|)", "(Label", "(A (B)", "a=b", "a|b"],
)  # fmt: skip
def test_a_broken_path_says_so(text: str) -> None:
    with pytest.raises(PathError):
        parse_path(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a.b", Hop((Step("a"), Step("b")))),
        ("$parent.a", Hop((Step("a"),), parent=True)),
        ("$state", Hop(state=True)),
        ("link(invoices)", Hop(link="invoices")),
        ("Line(DetailType=A|B)", Hop((Step("Line", (Selector(parse_path("DetailType"), ("A", "B")),)),))),
        ("companies(primary)", Hop((Step("companies", (Selector(parse_path("label"), ("primary",)),)),))),
        ("first-name", Hop((Step("first-name"),))),
    ],
)
def test_every_notation_of_the_language_is_read(text: str, what: Hop) -> None:
    assert parse_path(text) == Path((what,))


def test_an_arrow_ends_a_name_but_a_hyphen_does_not() -> None:
    assert [str(hop) for hop in parse_path("customer-ref->display-name->link(x)->y").hops] == [
        "customer-ref",
        "display-name",
        "link(x)",
        "y",
    ]


def test_selectors_may_follow_each_other_and_look_through_a_reference() -> None:
    step = parse_path("Line(DetailType=Sale)(Ref->Name=Shipping (EU))").steps[0]
    assert [str(selector) for selector in step.selectors] == ["(DetailType=Sale)", "(Ref->Name=Shipping (EU))"]


@pytest.mark.parametrize(
    ("text", "label"),
    [("(Annual Revenue (USD))", "Annual Revenue (USD)"), ("( Project ID )", "Project ID"), ("(Crew #)", "Crew #")],
)
def test_a_label_may_hold_brackets_in_pairs(text: str, label: str) -> None:
    assert parse_path(text).hops[0].label == label


def test_a_selected_value_may_hold_brackets_in_pairs() -> None:
    path = parse_path("Line(AccountRef->Name=Accounts Receivable (A/R))(Type=X).Amount")
    first, second = path.steps[0].selectors
    assert (str(first.path), first.values, second.values) == (
        "AccountRef->Name",
        ("Accounts Receivable (A/R)",),
        ("X",),
    )


# --- reading ----------------------------------------------------------------------------------------------------------

KEYS = st.sampled_from("abc")
SCALARS = st.none() | st.integers(0, 3) | st.sampled_from(["", "x", "y"]) | st.booleans()
OBJECTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
RECORDS = st.dictionaries(KEYS, OBJECTS, max_size=3)
PLAIN = plain_paths(KEYS)


def flat(value: Any) -> list[Any]:
    """What a compiled reader gave, as `read` lists it."""
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [found for element in value for found in flat(element)]
    return [value]


@given(raw=OBJECTS, path=PLAIN)
def test_the_compiled_reader_finds_what_the_plain_one_finds_whatever_the_shape(raw: Any, path: Path) -> None:
    assert flat(compile_read(path)(raw)) == [found for value in read(raw, path) for found in flat(value)]


def test_a_path_goes_through_lists_to_all_their_elements() -> None:
    raw = {"lines": [{"tax": [{"amount": 1}, {"amount": 2}]}, {"tax": []}, {}, {"tax": [{"amount": 3}]}]}
    assert list(read(raw, parse_path("lines.tax.amount"))) == [1, 2, 3]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Line(Kind=Item).Amount", [1, 3]),
        ("Line(Kind=Item|Note).Amount", [1, 2, 3]),
        ("Line(Kind=Item)(Ref=7).Amount", [3]),
        ("Line(Ref=7).Amount", [3]),
        ("Line(Open=true).Amount", [2]),
        ("Line(Kind=Nothing).Amount", []),
        ("Missing(Kind=Item).Amount", []),
    ],
)
def test_a_selector_keeps_the_elements_whose_field_has_one_of_the_values(path: str, found: list[int]) -> None:
    raw = {
        "Line": [
            {"Kind": "Item", "Amount": 1, "Ref": {"value": "8"}},
            {"Kind": "Note", "Amount": 2, "Open": True},
            {"Kind": "Item", "Amount": 3, "Ref": {"value": 7}},
        ]
    }
    assert list(read(raw, parse_path(path))) == found


@pytest.mark.parametrize(
    ("raw", "text"),
    [(7, "7"), (True, "true"), ("x", "x"), ({"value": "5", "name": "n"}, "5"), ({"id": 6}, "6"), ({"value": 0}, "0")],
)
def test_a_raw_scalar_or_reference_has_a_text(raw: Any, text: str) -> None:
    assert as_text(raw) == text


# --- writing ----------------------------------------------------------------------------------------------------------

SELECTED = st.builds(
    lambda name, selectors, rest: Path((Hop((Step(name, tuple(selectors)), *rest)),)),
    KEYS,
    st.lists(
        st.builds(Selector, KEYS.map(lambda key: Path((Hop((Step(key),)),))), st.sampled_from([("x",), ("y", "x")])),
        min_size=1,
        max_size=1,
    ),
    st.sampled_from("de").map(lambda key: (Step(key),)),
)
WRITTEN = st.integers(10, 12) | st.sampled_from(["new", True])


@given(raw=RECORDS, path=PLAIN | SELECTED, value=WRITTEN)
def test_what_is_written_is_what_is_read_there_afterwards(raw: dict[str, Any], path: Path, value: Any) -> None:
    after = write(raw, path, value)
    found = list(read(after, path))
    assert set(map(repr, found)) <= {repr(value)}
    through_empty_list = isinstance(raw.get(path.steps[0].name), list) and not path.steps[0].selectors
    assert found or through_empty_list or len(path.steps) > 2


@given(raw=RECORDS, path=PLAIN | SELECTED, value=WRITTEN | st.none())
def test_writing_leaves_the_original_alone(raw: dict[str, Any], path: Path, value: Any) -> None:
    before = copy.deepcopy(raw)
    write(raw, path, value)
    assert raw == before


@given(raw=RECORDS, path=PLAIN | SELECTED, value=WRITTEN | st.none())
def test_writing_twice_is_writing_once(raw: dict[str, Any], path: Path, value: Any) -> None:
    once = write(raw, path, value)
    assert write(once, path, value) == once


@given(raw=RECORDS, path=PLAIN | SELECTED, value=WRITTEN)
def test_writing_touches_nothing_beside_its_first_key(raw: dict[str, Any], path: Path, value: Any) -> None:
    first = path.steps[0].name
    after = write(raw, path, value)
    assert {key: inner for key, inner in after.items() if key != first} == {
        key: inner for key, inner in raw.items() if key != first
    }


@given(raw=RECORDS, path=PLAIN | SELECTED)
def test_emptying_what_is_not_there_changes_nothing(raw: dict[str, Any], path: Path) -> None:
    assume(not list(read(raw, path)))
    assume("null" not in repr(raw))
    after = write(raw, path, None)
    assert [*flatten(after)] == [*flatten(raw)]


def flatten(value: Any) -> list[Any]:
    """Every scalar of a raw value, nulls left out."""
    if isinstance(value, dict):
        return [found for inner in value.values() for found in flatten(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in flatten(inner)]
    return [] if value is None else [value]


def test_emptying_a_missing_place_makes_no_empty_objects() -> None:
    assert write({"x": 1}, parse_path("a.b.c"), None) == {"x": 1}
    assert write({"a": "text"}, parse_path("a.b"), None) == {"a": "text"}


def test_emptying_takes_the_key_away() -> None:
    assert write({"a": {"b": 1, "c": 2}}, parse_path("a.b"), None) == {"a": {"c": 2}}


def test_an_element_that_no_selector_finds_is_made_with_its_selectors_values() -> None:
    path = parse_path("Custom(Id=3)(Kind=A|B).Text")
    assert write({"Custom": [{"Id": "1"}]}, path, "new") == {
        "Custom": [{"Id": "1"}, {"Id": "3", "Kind": "A", "Text": "new"}]
    }


def test_only_the_selected_element_changes() -> None:
    raw = {"Line": [{"Id": "1", "Amount": 5}, {"Id": "2", "Amount": 6}]}
    assert write(raw, parse_path("Line(Id=2).Amount"), 7) == {
        "Line": [{"Id": "1", "Amount": 5}, {"Id": "2", "Amount": 7}]
    }


def test_an_element_that_is_only_its_selector_goes_with_its_value() -> None:
    raw = {"Custom": [{"Id": "1", "Text": "a"}, {"Id": "2", "Text": "b", "Name": "kept"}]}
    assert write(raw, parse_path("Custom(Id=1).Text"), None) == {"Custom": [raw["Custom"][1]]}
    assert write(raw, parse_path("Custom(Id=2).Text"), None)["Custom"][1] == {"Id": "2", "Name": "kept"}


def test_a_single_object_stays_an_object_when_a_selector_writes_in_it() -> None:
    assert write({"a": {"Id": "1", "x": 1}}, parse_path("a(Id=1).x"), 2) == {"a": {"Id": "1", "x": 2}}


def test_a_write_through_a_list_without_selector_reaches_every_element() -> None:
    assert write({"a": [{"b": 1}, {"b": 2}]}, parse_path("a.b"), 3) == {"a": [{"b": 3}, {"b": 3}]}


@given(selectors=st.lists(st.builds(Selector, plain_paths(KEYS, 2), st.sampled_from([("x",), ("y", "x")])), max_size=2))
def test_a_new_element_is_found_by_the_selectors_it_was_made_from(selectors: list[Selector]) -> None:
    keys = [selector.path.steps[0].name for selector in selectors]
    assume(len(set(keys)) == len(keys))
    element = element_from(tuple(selectors))
    path = Path((Hop((Step("list", tuple(selectors)),)),))
    assert list(read({"list": [element]}, path)) == [element]
