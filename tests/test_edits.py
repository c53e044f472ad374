"""Edits applied to a raw record, and placeholders filled in."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.edits import apply_edits, current_value, fill, touched, unknowns
from syncctl.fields.placeholder import placeholder
from syncctl.model import NEW, Edit, Ref, Unknown

BILL: dict[str, Any] = {
    "Id": "7",
    "Memo": "old",
    "Line": [{"Id": "1", "Amount": 10, "Kind": "Item"}, {"Id": "2", "Amount": 20, "Kind": "Item"}],
}


def put(path: str, after: Any, before: Any = None) -> Edit:
    return Edit(path, before, after)


def add(path: str, after: Any) -> Edit:
    return Edit(path, None, after, "add")


def remove(path: str) -> Edit:
    return Edit(path, None, None, "remove")


def test_a57_edits_of_lines_leave_the_other_lines_as_they_are() -> None:
    after = apply_edits(BILL, [put("Line(Id=2).Amount", 25), add("Line", {"Amount": 5}), remove("Line(Id=1)")])
    assert after["Line"] == [{"Id": "2", "Amount": 25, "Kind": "Item"}, {"Amount": 5}]


def test_the_record_itself_is_never_changed() -> None:
    before = copy.deepcopy(BILL)
    apply_edits(BILL, [put("Memo", "new"), put("Line(Id=1).Amount", 1), add("Line", {}), remove("Line(Id=2)")])
    assert before == BILL


def test_adding_to_a_list_that_is_not_there_makes_it() -> None:
    assert apply_edits({}, [add("a.b", 1), add("a.b", 2)]) == {"a": {"b": [1, 2]}}


def test_twins_are_both_added() -> None:
    assert apply_edits({}, [add("Line", {"Amount": 5}), add("Line", {"Amount": 5})])["Line"] == [{"Amount": 5}] * 2


def test_an_element_added_to_a_list_inside_a_selected_line_stays_in_that_line() -> None:
    after = apply_edits(BILL, [add("Line(Id=2).Linked", {"TxnId": "9"})])
    assert [line.get("Linked") for line in after["Line"]] == [None, [{"TxnId": "9"}]]


def test_a_labelled_reference_is_added_with_its_label_and_not_twice() -> None:
    raw = {"companies": [{"id": "1"}, {"id": "2"}]}
    after = apply_edits(raw, [add("companies(primary)", {"id": "2"})])
    assert after == {"companies": [{"id": "1"}, {"label": "primary", "id": "2"}]}


def test_clearing_and_removing_what_is_not_there_does_nothing() -> None:
    assert apply_edits(BILL, [put("Missing.Deep", None), remove("Line(Id=9)")]) == BILL


PATHS = st.sampled_from(["Memo", "Line(Id=1).Amount", "Line(Id=2).Kind", "New.Deep", "Custom(Id=3).Text"])


@given(edits=st.lists(st.builds(put, PATHS, st.sampled_from([1, "x", None])), max_size=4))
def test_after_the_edits_every_place_holds_what_was_written_there_last(edits: list[Edit]) -> None:
    after = apply_edits(BILL, edits)
    last = {edit.path: edit for edit in edits}
    assert {path: current_value(after, edit) for path, edit in last.items()} == {
        path: edit.after for path, edit in last.items()
    }


@given(edits=st.lists(st.builds(put, PATHS, st.sampled_from([1, "x", None])), max_size=4))
def test_applying_the_same_edits_again_changes_nothing(edits: list[Edit]) -> None:
    after = apply_edits(BILL, edits)
    assert apply_edits(after, edits) == after or len({edit.path for edit in edits}) < len(edits)


def test_a_sparse_update_sends_each_touched_key_once_in_order() -> None:
    edits = [put("Line(Id=1).Amount", 1), put("Memo", "x"), add("Line", {}), put("A.b", 1)]
    assert touched(edits) == ("Line", "Memo", "A")


@pytest.mark.parametrize(
    ("path", "held"), [("Memo", "old"), ("Line(Id=2).Amount", 20), ("Line.Amount", [10, 20]), ("Nothing", None)]
)
def test_what_a_record_holds_now_is_read_where_the_edit_would_write(path: str, held: Any) -> None:
    assert current_value(BILL, put(path, "new")) == held
    assert current_value(BILL, add(path, "new")) is None


# --- placeholders -----------------------------------------------------------------------------------------------------

PERSON = Unknown(Ref("books", "Person", f"{NEW}1"), "")
NUMBER = Unknown(Ref("books", "Bill", f"{NEW}2"), "Number")


def test_placeholders_are_found_at_any_depth() -> None:
    value = {"a": [{"ref": {"value": placeholder(PERSON)}}, "text"], "b": placeholder(NUMBER), "c": 1}
    assert unknowns(value) == (PERSON, NUMBER)
    assert unknowns({"value": placeholder(PERSON)}) == (PERSON,)
    assert unknowns("text") == ()


def test_filling_replaces_the_placeholder_and_nothing_around_it() -> None:
    value = {"a": [{"ref": {"value": placeholder(PERSON), "name": "Ana"}}], "b": placeholder(NUMBER), "c": 1}
    answers = {PERSON: "55", NUMBER: "B-1"}
    assert fill(value, answers.__getitem__) == {"a": [{"ref": {"value": "55", "name": "Ana"}}], "b": "B-1", "c": 1}


@given(
    value=st.recursive(
        st.integers() | st.sampled_from([placeholder(PERSON), {"value": placeholder(NUMBER)}]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=3),
    )
)
def test_after_filling_nothing_is_unknown(value: Any) -> None:
    assert unknowns(fill(value, lambda unknown: f"known {unknown.path}")) == ()
