"""Value forms written back: a plan says what to write so that the form reads as the value again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_desk import ANA, BOOKED_ANA, FEWER, only, reasons, written
from syncctl.model import Edit
from syncctl.plan.draft import Draft
from two_systems import BILL, BOOKS_PERSON, ORDER, PEOPLE, PERSON, Desk, bill, books_person, order


def people_plan(entry: str, ours: dict[str, Any], theirs: dict[str, Any], *more: dict[str, Any]) -> Draft:
    """What is planned for Ana under one entry."""
    desk = Desk(PEOPLE.split("create:")[0].replace("as: email", "as: email") + f"fields:\n  - {entry}\n")
    desk.put("shop", "person", {**ANA, **ours})
    desk.put("books", "Person", {**BOOKED_ANA, **theirs}, *more)
    return desk.plan()


NAMES = st.lists(st.sampled_from(["Ana", "van", "de Berg", "Lopez-Ruiz", "O'Neil"]), min_size=1, max_size=4)


@given(words=NAMES, split=st.sampled_from(["first", "last"]))
@FEWER
def test_a_text_cut_in_two_reads_as_the_text_again(words: list[str], split: str) -> None:
    entry = f'{{left: name, right: {{text: "{{City}} {{Phone}}", split: {split}}}, owner: left}}'
    made = people_plan(entry, {"name": " ".join(words)}, {})
    after = {**BOOKED_ANA, **written(only(made))}
    parts = [after.get("City"), after.get("Phone")]
    assert " ".join(part for part in parts if part) == " ".join(words)
    if split == "last" and " " not in " ".join(words):
        assert parts[0] is None
    if split == "first" and " " not in " ".join(words):
        assert parts[1] is None


def test_the_text_around_the_fields_is_not_cut_into_them() -> None:
    entry = '{left: name, right: {text: "Dr {City} {Phone}!", split: last}, owner: left}'
    assert written(only(people_plan(entry, {"name": "Dr Ana Lopez!"}, {}))) == {"City": "Ana", "Phone": "Lopez"}
    assert reasons(people_plan(entry, {"name": "Ana Lopez"}, {})) == [
        "'Ana Lopez' does not read like Dr {City} {Phone}!"
    ]


@pytest.mark.parametrize(
    ("members", "theirs", "expected"),
    [
        ("[City, Phone]", {"City": "old"}, {"City": "Ana"}),
        ("[City, Phone]", {"Phone": "old"}, {"Phone": "Ana"}),
        ("[City, Phone]", {}, {"City": "Ana"}),
        ("[Id, City]", {}, {}),
        ("[City, Id]", {}, {"City": "Ana"}),
        ("[City, {constant: none}]", {}, {"City": "Ana"}),
        ("[{constant: none}, City]", {}, {}),
    ],
)
def test_a_first_is_written_to_the_member_that_supplied_the_value_else_to_the_first_writable_one(
    members: str, theirs: dict[str, Any], expected: dict[str, Any]
) -> None:
    made = people_plan(f"{{left: name, right: {{first: {members}}}, owner: left}}", {}, theirs)
    assert {path: value for change in made.changes for path, value in written(change).items()} == expected
    assert bool(reasons(made)) is not bool(expected)


def test_a_first_is_never_cleared() -> None:
    made = people_plan(
        "{left: name, right: {first: [City, Phone]}, owner: left, empty: clear}", {"name": ""}, {"City": "x"}
    )
    assert made.changes == ()
    assert "cannot be emptied" in reasons(made)[0]


SUMS = """
mapping: orders
left: shop.order
right: books.Bill
match: [{left: number, right: Number}]
fields: [{left: total, right: {sum: [TERM]}, owner: left}]
"""


@pytest.mark.parametrize(
    ("term", "total", "expected"),
    [("-Total", "-9", {"Total": -10}), ("Total", "9", {"Total": 10}), ("Line.Amount", "9", {"Line.Amount": 10})],
)
def test_a_sum_of_one_term_is_written_back_with_its_sign(term: str, total: str, expected: dict[str, Any]) -> None:
    writable = {**BILL.fields, "Total": replace(BILL.fields["Total"], writable="always")}
    schemas = (ORDER, replace(BILL, fields=writable), PERSON, BOOKS_PERSON)
    desk = Desk(SUMS.replace("TERM", term), schemas=schemas)
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", {**bill("7", "1", ("Work", total)), "Total": float(total)})
    assert written(only(desk.plan())) == expected


def test_a_sum_over_several_elements_is_not_written_to_each_of_them() -> None:
    desk = Desk(SUMS.replace("TERM", "Line.Amount"))
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "4"), ("Travel", "5")))
    made = desk.plan()
    assert made.changes == ()
    assert "cannot be written back" in reasons(made)[0]


TERMS = """
mapping: orders
left: shop.order
right: books.Bill
match: [{left: number, right: Number}]
fields: [{left: note, right: Person->Name, owner: left}]
"""


@pytest.mark.parametrize(
    ("name", "expected", "reason"),
    [
        ("Bea", {"Person": {"value": "2"}}, ""),
        ("Cleo", {}, "no record of books.Person with Name 'Cleo'"),
        ("Dan", {}, "2 records of books.Person with Name 'Dan'"),
    ],
)
def test_a_reference_by_name_points_to_the_one_record_with_that_name_and_edits_none(
    name: str, expected: dict[str, Any], reason: str
) -> None:
    desk = Desk(TERMS)
    desk.put(
        "books", "Person", *(books_person(str(n), who, "") for n, who in enumerate(["Ana", "Bea", "Dan", "Dan"], 1))
    )
    desk.put("shop", "order", order("1", note=name))
    desk.put("books", "Bill", bill("7", "1"))
    made = desk.plan()
    assert {path: value for change in made.changes for path, value in written(change).items()} == expected
    assert reasons(made) == ([reason] if reason else [])


def test_a_table_is_written_through_in_both_directions() -> None:
    table = "values: {small: S, tiny: S, large: L}"
    assert written(
        only(people_plan(f"{{left: city, right: City, owner: left, {table}}}", {"city": "tiny"}, {"City": "L"}))
    ) == {"City": "S"}
    back = people_plan(f"{{left: city, right: City, owner: right, {table}}}", {"city": "large"}, {"City": "S"})
    assert written(only(back)) == {"city": "small"}
    odd = people_plan(f"{{left: city, right: City, owner: right, {table}}}", {"city": "large"}, {"City": "XL"})
    assert reasons(odd) == ["the table of values has no entry for 'XL'"]


def test_the_owners_value_is_written_as_it_is_and_not_as_it_is_compared() -> None:
    made = people_plan(
        "{left: name, right: City, owner: left, as: company_name}", {"name": "Acme  GmbH"}, {"City": "B"}
    )
    assert written(only(made)) == {"City": "Acme  GmbH"}


def test_an_edit_says_what_the_plan_saw_for_people_and_for_the_push() -> None:
    made = people_plan("{left: city, right: City, owner: left}", {"city": "Bonn"}, {"City": "Rome"})
    assert only(made).edits == (Edit("City", "Rome", "Bonn", "set", "text", "City", "left", "text", ("Rome", "Bonn")),)
