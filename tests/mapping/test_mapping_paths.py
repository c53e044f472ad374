"""The text of a path and the path itself say the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncctl.paths import Hop, Path, PathError, Selector, Step, parse_path

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}(-[a-z]+)?", fullmatch=True).filter(lambda name: name != "link")
VALUES = st.from_regex(r"[A-Za-z0-9 &/.,'-]{0,10}(\([A-Z]{1,3}\))?[A-Za-z0-9]", fullmatch=True).map(str.strip)
LABELS = st.from_regex(r"[A-Za-z0-9 #:,'=|.-]{0,12}(\([A-Z]{1,3}\))?[A-Za-z0-9?]", fullmatch=True).map(str.strip)
PLAIN = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: Path((Hop(tuple(map(Step, names))),)))
SELECTORS = st.builds(Selector, PLAIN, st.lists(VALUES, min_size=1, max_size=3).map(tuple))
STEPS = st.lists(st.builds(Step, NAMES, st.lists(SELECTORS, max_size=2).map(tuple)), min_size=1, max_size=3).map(tuple)
HOPS = st.one_of(
    st.builds(Hop, STEPS, parent=st.booleans()),
    st.builds(lambda label: Hop(label=label), LABELS),
    st.builds(lambda name: Hop(link=name), NAMES),
    st.just(Hop(state=True)),
)
PATHS = st.lists(HOPS, min_size=1, max_size=3).map(lambda hops: Path(tuple(hops)))


@settings(deadline=None)
@given(PATHS)
def test_a_path_survives_its_text(path: Path) -> None:
    assert parse_path(str(path)) == path


@settings(deadline=None)
@given(st.text(alphabet="ab.()=|->$ linkparestu", max_size=24))
def test_whatever_parses_reads_back_the_same(text: str) -> None:
    try:
        path = parse_path(text)
    except PathError:
        return
    assert parse_path(str(path)) == path


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


@pytest.mark.parametrize("text", ["", "(", "a(", "a(b=)", "a(b=c|)", "()", "a..b", "a->", "a)b", "link()", "(A (B)"])
def test_what_is_no_path_says_so(text: str) -> None:
    with pytest.raises(PathError):
        parse_path(text)
