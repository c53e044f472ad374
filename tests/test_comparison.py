"""Two values are equal exactly when their cells are: what is compared as what, and what never is equal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.comparison import (
    BLOCKED,
    EMPTY,
    SKIPPED,
    UNKNOWN,
    UNLINKED,
    UNTRANSLATED,
    common_type,
    comparer,
    translation,
    within_tolerance,
)
from syncctl.fields.schema import Field
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.compare import AS_FUNCTIONS
from syncctl.mapping.language import Table
from syncctl.model import Money, Ref, Unknown
from syncctl.values.forms import ANY

NEW_YORK = ZoneInfo("America/New_York")
TYPES = ["text", "enum", "id", "ref", "number", "money", "date", "instant", "bool", "currency", "object", ANY]
MARKS = (EMPTY, SKIPPED, BLOCKED, UNLINKED, UNTRANSLATED, UNKNOWN)


def cell(common: str, value: Any, normalise: str = "") -> str:
    return comparer(common, NEW_YORK, AS_FUNCTIONS.get(normalise))(value)


# --- the common type --------------------------------------------------------------------------------------------------


@given(left=st.sampled_from(TYPES), right=st.sampled_from(TYPES))
def test_the_common_type_does_not_depend_on_the_side_and_can_be_compared(left: str, right: str) -> None:
    assert common_type(left, right) == common_type(right, left)
    comparer(common_type(left, right), NEW_YORK)


@pytest.mark.parametrize(
    ("left", "right", "common"),
    [
        ("money", "money", "money"),
        ("money", "number", "number"),
        ("money", "text", "number"),
        ("money", ANY, "number"),
        ("number", ANY, "number"),
        ("instant", "instant", "instant"),
        ("instant", "date", "date"),
        ("instant", "text", "date"),
        ("date", ANY, "date"),
        ("bool", "bool", "bool"),
        ("bool", "enum", "text"),
        ("currency", "text", "currency"),
        ("ref", "id", "text"),
        (ANY, ANY, "text"),
    ],
)
def test_two_fields_are_compared_as_what_both_can_be(left: str, right: str, common: str) -> None:
    assert common_type(left, right) == common


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("common", "one", "other"),
    [
        ("number", Decimal(15000), "15,000"),
        ("number", Money(Decimal("12.50"), "USD"), Decimal("12.5")),
        ("money", Money(Decimal("10.00"), "USD"), Money(Decimal("1E+1"), "USD")),
        ("text", " Ana\u00a0 Lopez ", "Ana Lopez"),
        ("text", "e\u0301", "\u00e9"),
        ("text", Ref("s", "k", "7"), "7"),
        ("text", True, "true"),
        ("currency", "usd", "USD"),
        ("date", date(2026, 11, 17), datetime(2026, 11, 18, 4, 59, tzinfo=UTC)),
        ("date", "2026-11-18T23:00:00-08:00", date(2026, 11, 18)),
        ("instant", datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2026, 1, 1, 0, tzinfo=NEW_YORK)),
        ("text", ("same", "same"), "same"),
    ],
)
def test_one_value_in_two_spellings_has_one_cell(common: str, one: Any, other: Any) -> None:
    assert cell(common, one) == cell(common, other)


@pytest.mark.parametrize(
    ("common", "one", "other"),
    [
        ("money", Money(Decimal(10), "USD"), Money(Decimal(10), "EUR")),
        ("number", "15,000", Decimal(15)),
        ("text", "090", "90"),
        ("text", "A", "a"),
        ("text", None, Decimal(0)),
        ("number", None, Decimal(0)),
        ("date", date(2026, 11, 18), datetime(2026, 11, 18, 4, 59, tzinfo=UTC)),
    ],
)
def test_different_values_have_different_cells(common: str, one: Any, other: Any) -> None:
    assert cell(common, one) != cell(common, other)


def test_a43_an_instant_is_the_day_it_was_in_the_books_time_zone() -> None:
    assert cell("date", datetime(2025, 1, 1, 4, 30, tzinfo=UTC)) == "2024-12-31"


@pytest.mark.parametrize("common", ["text", "number", "money", "date", "instant", "bool", "currency"])
def test_nothing_is_one_cell_in_every_type(common: str) -> None:
    assert cell(common, None) == cell(common, ()) == EMPTY


@pytest.mark.parametrize("blank", ["", "  ", "\u00a0", "\x00", "\x1f \x1e"])
def test_a_text_without_a_visible_character_is_empty(blank: str) -> None:
    assert cell("text", blank) == EMPTY


@given(text=st.text(max_size=20))
def test_a_vendors_text_can_look_like_no_mark_and_divide_no_body(text: str) -> None:
    found = cell("text", text)
    assert found == EMPTY or not found.startswith(MARKS)
    assert not set(found[1:]) & {chr(code) for code in range(32)}


@given(text=st.text(max_size=20))
def test_comparing_a_cell_again_changes_nothing(text: str) -> None:
    found = cell("text", text)
    assert found == EMPTY or cell("text", found) == found


def test_a_question_mark_is_a_text_and_not_a_value_known_after_apply() -> None:
    assert cell("text", "?") == "?"
    assert cell("text", Unknown(Ref("s", "k", "new-1"), "a")).startswith(UNKNOWN)


def test_different_values_where_one_is_wanted_are_an_error() -> None:
    with pytest.raises(Undecodable, match="several values"):
        cell("text", ("a", "b"))


@pytest.mark.parametrize(
    ("common", "value"),
    [("number", "soon"), ("date", "soon"), ("money", date(2026, 1, 1)), ("date", datetime.max.replace(tzinfo=UTC))],
)
def test_what_the_common_type_cannot_be_is_an_error(common: str, value: Any) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    with pytest.raises(Undecodable):
        comparer(common, zone)(value)


def test_a_named_function_is_applied_to_both_sides_texts() -> None:
    assert cell("text", "Ana@X.com", "email") == cell("text", " mailto:ana@x.com", "email") == "ana@x.com"
    assert cell("text", None, "email") == EMPTY


# --- tolerance --------------------------------------------------------------------------------------------------------

AMOUNTS = st.decimals(min_value=-1000, max_value=1000, places=2)


@given(left=AMOUNTS, right=AMOUNTS, tolerance=st.decimals(min_value=0, max_value=10, places=2))
def test_within_the_tolerance_is_by_the_difference_and_from_both_sides(
    left: Decimal, right: Decimal, tolerance: Decimal
) -> None:
    here, there = (cell("money", Money(amount, "USD")) for amount in (left, right))
    assert within_tolerance(here, there, tolerance) is (abs(left - right) <= tolerance)
    assert within_tolerance(there, here, tolerance) is within_tolerance(here, there, tolerance)


def test_amounts_in_two_currencies_are_within_no_tolerance() -> None:
    assert not within_tolerance("10 USD", "10 EUR", Decimal(1_000_000))
    assert not within_tolerance("10 USD", "10 ", Decimal(1_000_000))


def test_an_empty_amount_is_zero_within_a_tolerance_and_only_there() -> None:
    assert within_tolerance(EMPTY, "0 USD", Decimal("0.05"))
    assert within_tolerance("0.05 USD", EMPTY, Decimal("0.05"))
    assert not within_tolerance(EMPTY, "0.06 USD", Decimal("0.05"))


@pytest.mark.parametrize("odd", [f"{BLOCKED}no number", f"{UNTRANSLATED}x", f"{UNKNOWN}s:k:new-1#a", SKIPPED])
def test_what_is_no_amount_is_within_no_tolerance(odd: str) -> None:
    assert not within_tolerance(odd, "1 USD", Decimal(100))


# --- tables of values -------------------------------------------------------------------------------------------------


def test_a_table_goes_both_ways_and_its_keys_may_be_labels_of_a_picklist() -> None:
    left = Field("stage", "enum", options=(("s1", "Closed won"), ("s2", "Lost")))
    table = translation(Table((("Closed won", "paid"), ("s2", "void"))), left, None)
    assert (table.to_right("s1"), table.to_right("s2")) == ("paid", "void")
    assert table.to_left("paid", "") == "s1"


def test_of_two_keys_with_one_value_the_present_one_stays_if_it_fits_else_the_first() -> None:
    table = translation(Table((("net30", "Net 30"), ("n30", "Net 30"), ("net60", "Net 60"))), None, None)
    assert table.to_left("Net 30", "n30") == "n30"
    assert table.to_left("Net 30", "net60") == "net30"


def test_an_unknown_value_is_an_error_unless_the_table_has_an_else() -> None:
    pairs = (("a", "1"),)
    with pytest.raises(Undecodable, match="no entry for 'b'"):
        translation(Table(pairs), None, None).to_right("b")
    with pytest.raises(Undecodable, match="no entry for '9'"):
        translation(Table(pairs), None, None).to_left("9", "a")
    assert translation(Table(pairs, "0"), None, None).to_right("b") == "0"


@given(
    pairs=st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"), min_size=1),
    present=st.sampled_from("abcdef"),
)
def test_a_value_written_back_through_a_table_reads_as_the_same_value(pairs: dict[str, str], present: str) -> None:
    table = translation(Table(tuple(pairs.items())), None, None)
    for value in pairs.values():
        assert table.to_right(table.to_left(value, present)) == value
