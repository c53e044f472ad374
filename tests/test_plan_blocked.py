"""A row that the vendor would refuse is blocked before the write, with its reason, and no other row with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plan_desk import ANA, TAGS, desk_with, only, reasons, written
from two_systems import BILL, BOOKS_PERSON, ORDER, ORDERS, PEOPLE, PERSON, Desk, bill, books_person, order, person


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"number": "A-1234567890-12"}, "'A-1234567890-12' is longer than the 12 characters Number holds"),
        ({"person": None}, "books wants Person on a new Bill, and there is no value"),
        ({"placed": 10**20}, "not a Unix time: 100000000000000000000"),
        ({"lines": [{"text": "Work", "amount": "soon"}]}, "not a number: 'soon'"),
    ],
)
def test_a12_what_the_vendor_would_refuse_is_refused_before_the_write(raw: dict[str, Any], reason: str) -> None:
    desk = desk_with()
    desk.put("shop", "order", {**order("100", ("Work", 1000)), **raw})
    made = desk.plan()
    assert made.changes == ()
    assert reasons(made) == [reason]


def test_a_value_that_cannot_be_read_blocks_its_whole_row_and_no_other() -> None:
    desk = desk_with()
    desk.put("shop", "order", order("100", ("Work", 1000), placed=10**20), order("200", ("Work", 1000), books_id="8"))
    desk.put("books", "Bill", bill("7", "100"), bill("8", "200"))
    made = desk.plan()
    assert [change.target.id for change in made.changes] == ["8"]
    assert "Date: left: not a Unix time: 100000000000000000000" in reasons(made)


def test_two_new_records_never_get_one_unique_name() -> None:
    desk = Desk(PEOPLE)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"), person("p2", "Ana", "b@x.com"))
    made = desk.plan()
    assert [change.name for change in made.changes] == ["Ana"]
    (reason,) = reasons(made)
    assert reason.startswith("Name 'Ana' is taken by another new Person of books: ")


@pytest.mark.parametrize("twin", ["ANA B", "ana b", " Ana  B "])
def test_names_that_are_equal_but_for_case_and_blanks_are_never_both_planned(twin: str) -> None:
    desk = Desk(PEOPLE)
    desk.put("shop", "person", person("p1", "Ana B", "a@x.com"), person("p2", twin, "b@x.com"))
    desk.put("shop", "person", person("p3", "Ana C", "c@x.com"))
    made = desk.plan()
    assert [change.name for change in made.changes] == ["Ana B", "Ana C"]
    (reason,) = reasons(made)
    assert "are one name to books: give one of the two another name" in reason or "is taken by" in reason


def test_a_new_name_is_not_given_to_a_record_while_the_plan_gives_it_to_another() -> None:
    desk = desk_with(PEOPLE.replace("name, right: Name, once: true", "name, right: Name, owner: left"))
    desk.put("shop", "person", {**ANA, "name": "Zoe"}, person("p2", "ZOE", "b@x.com"))
    made = desk.plan()
    assert written(only(made)) == {"Name": "Zoe"}
    (reason,) = reasons(made)
    assert reason == (
        "Name 'ZOE' and 'Zoe', which this plan gives to another record, are one name to books:"
        " give one of the two another name"
    )


PER_PERSON = replace(BILL.fields["Number"], unique=True, unique_among=("Currency=USD", "Person.value"))
"""Bills as Xero has them: a number is unique among the bills of one supplier."""


def per_person(*orders: dict[str, Any], known: int = 2) -> Desk:
    """Two people, of whom the first `known` are in books too, and orders of theirs."""
    text = ORDERS.replace("{left: number, right: Number}\ncreate", "{left: books_id, right: Id}\ncreate")
    desk = Desk(
        PEOPLE, text, schemas=(ORDER, replace(BILL, fields={**BILL.fields, "Number": PER_PERSON}), PERSON, BOOKS_PERSON)
    )
    for place, name in (("1", "Ana"), ("2", "Bea")):
        desk.put("shop", "person", person(f"p{place}", name, f"{name}@x.com"))
        if int(place) <= known:
            desk.put("books", "Person", books_person(place, name, f"{name}@x.com"))
    desk.put("shop", "order", *orders)
    return desk


def test_two_suppliers_bills_may_get_one_number_in_one_plan_also_when_both_suppliers_are_new() -> None:
    first = order("B-1", id="o1", books_id="7")
    desk = per_person(first, order("B-1", id="o2", books_id="8", person="p2"))
    desk.put("books", "Bill", bill("7", "A-7"), bill("8", "A-8", person="2"))
    made = desk.plan()
    assert sorted(change.target.id for change in made.changes) == ["7", "8"]
    fresh = per_person(order("B-1", id="o1"), order("B-1", id="o2", person="p2"), known=0).plan()
    assert sum(change.target.kind == "Bill" for change in fresh.changes) == 2, reasons(fresh)


def test_a_new_bill_and_a_changed_one_of_one_supplier_never_get_one_number() -> None:
    desk = per_person(order("B-1", id="o1", books_id="7"), order("b-1", id="o2"))
    desk.put("books", "Bill", bill("7", "A-7"))
    made = desk.plan()
    assert len(made.changes) == 1
    assert len([one for one in reasons(made) if "one name to books" in one or "is taken by" in one]) == 1


def test_a_bill_does_not_move_to_a_supplier_of_whom_a_bill_has_its_number() -> None:
    desk = per_person(order("B-1", id="o1", books_id="7", person="p2"), order("B-2", id="o2", books_id="8"))
    desk.put("books", "Bill", bill("7", "B-1"), bill("9", "B-1", person="2"), bill("8", "B-2", person="2"))
    made = desk.plan()
    assert [change.target.id for change in made.changes] == ["8"], "whom nobody stands in the way of moves"
    assert reasons(made) == ["Number 'B-1' is taken by books:Bill:9: give one of the two another name or number"]


def test_two_bills_with_one_number_do_not_move_to_one_supplier_in_one_plan() -> None:
    desk = per_person(order("B-1", id="o1", books_id="7", person="p2"), order("b-1", id="o2", person="p2"))
    desk.put("books", "Bill", bill("7", "B-1"))
    made = desk.plan()
    assert len(made.changes) == 1
    assert len([one for one in reasons(made) if "one name to books" in one]) == 1


def test_a_bill_that_gets_a_number_and_a_supplier_is_looked_at_as_it_will_be() -> None:
    desk = per_person(order("B-1", id="o1", books_id="7", person="p2"))
    desk.put("books", "Bill", bill("7", "A-7"), bill("9", "B-1", person="1"))
    assert [change.target.id for change in desk.plan().changes] == ["7"], "only his bill of today has that number"


def test_a_record_keeps_its_own_name_when_two_mappings_write_it() -> None:
    desk = desk_with(PEOPLE.replace("once: true", "owner: left"))
    desk.put("shop", "person", {**ANA, "name": "ANA"})
    assert written(only(desk.plan())) == {"Name": "ANA"}


def test_c23_a_value_outside_a_closed_picklist_is_refused_and_a_label_is_written_as_its_option() -> None:
    listed = replace(BILL.fields["Memo"], codec="enum", options=(("g", "Gold"), ("s", "Silver")), open_options=False)
    schema = replace(BILL, fields={**BILL.fields, "Memo": listed})
    text = (
        TAGS.replace("after: orders\n", "").split("fields:")[0] + "fields: [{left: note, right: Memo, owner: left}]\n"
    )
    desk = Desk(text, schemas=(ORDER, schema, PERSON, BOOKS_PERSON))
    desk.put("books", "Bill", bill("7", "1"), bill("8", "2"))
    desk.put("shop", "order", order("1", note="Gold"), order("2", note="Lead"))
    made = desk.plan()
    assert written(only(made)) == {"Memo": "g"}
    assert reasons(made) == ["Memo has no option 'Lead'; it has Gold, Silver"]


def test_a27_an_amount_is_never_written_to_a_record_in_another_currency() -> None:
    text = ORDERS.replace("  - {left: currency, right: Currency, once: true}\n", "")
    desk = desk_with(
        PEOPLE, text.replace("fields:", "fields:\n  - {left: {constant: USD}, right: Currency, once: true}", 1)
    )
    desk.put("shop", "order", {**order("100", ("Work", 1000)), "currency": "eur"})
    made = desk.plan()
    assert made.changes == ()
    assert reasons(made) == ["Line.Amount: 10.00 EUR cannot be written to a record in USD"]


def test_an_amount_may_come_before_its_currency_in_the_mapping() -> None:
    total = replace(BILL.fields["Total"], writable="always", currency_default="USD")
    schema = replace(BILL, fields={**BILL.fields, "Total": total})
    text = """
mapping: orders
left: shop.order
right: books.Bill
match: [{left: number, right: Number}]
create: right
fields:
  - {left: total, right: Total, owner: left}
  - {left: currency, right: Currency, once: true}
  - {left: person, right: Person, owner: left, link: people}
"""
    desk = desk_with(PEOPLE, text, schemas=(ORDER, schema, PERSON, BOOKS_PERSON))
    desk.put("shop", "order", {**order("100", ("Work", 1000)), "currency": "eur"})
    made = only(desk.plan())
    assert list(written(made)) == ["Total", "Currency", "Person"]
    assert (written(made)["Total"], written(made)["Currency"]) == (10, {"value": "EUR"})


def test_records_that_a_vendor_does_not_let_anybody_write_are_blocked_with_the_vendors_reason() -> None:
    frozen = replace(BILL, actions=frozenset(), note="bills are made by the bank feed")
    desk = desk_with(schemas=(ORDER, frozen, PERSON, BOOKS_PERSON))
    desk.put("shop", "order", order("100"), order("200"))
    desk.put("books", "Bill", {**bill("7", "200"), "Date": "2026-01-01"})
    assert reasons(desk.plan())[:2] == ["bills are made by the bank feed"] * 2


def test_a_field_that_is_frozen_in_this_state_is_refused_with_the_state() -> None:
    rule = replace(ORDER.fields["note"], writable="while status=draft|open")
    schema = replace(ORDER, fields={**ORDER.fields, "note": rule})
    text = (
        TAGS.replace("after: orders\n", "").split("fields:")[0] + "fields: [{left: note, right: Memo, owner: right}]\n"
    )
    desk = Desk(text, schemas=(schema, BILL, PERSON, BOOKS_PERSON))
    desk.put("shop", "order", order("1", status="paid"), order("2", status="open"))
    desk.put("books", "Bill", {**bill("7", "1"), "Memo": "a"}, {**bill("8", "2"), "Memo": "b"})
    made = desk.plan()
    assert written(only(made)) == {"note": "b"}
    assert reasons(made) == ["note can be written only while status is draft or open"]
