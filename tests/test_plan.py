"""From findings to ordered changes: the whole chain in one dry run, and one write per record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plan_desk import ANA, BOOKED_ANA, TAGGED_BILL, TAGS, by_action, desk_with, only, written
from syncctl.edits import apply_edits, unknowns
from syncctl.fields.jsontext import encode_json
from syncctl.guards import amounts_moved
from syncctl.model import Action, Change, Money, Ref, Unknown
from syncctl.plan.order import in_order, joined
from two_systems import (
    BILL,
    BOOKS_PERSON,
    ORDER,
    ORDERS,
    PEOPLE,
    PERSON,
    Desk,
    bill,
    books_person,
    fields,
    order,
    person,
)

# --- the chain --------------------------------------------------------------------------------------------------------


def test_one_dry_run_shows_the_whole_chain_with_what_is_known_after_apply() -> None:
    desk = Desk()
    desk.put("shop", "person", ANA)
    desk.put("shop", "order", order("100", ("Work", 1000)))
    who, what, back = desk.plan().changes
    assert [change.action for change in (who, what, back)] == [Action.CREATE, Action.CREATE, Action.UPDATE]
    assert (what.parents, back.parents) == ((who.intent,), (what.intent,))
    assert unknowns(written(what)["Person"]) == (Unknown(who.target, ""),)
    assert unknowns(written(back)["books_id"]) == (Unknown(what.target, ""),)
    assert [edit.shown[1] for edit in back.edits] == ["(known after apply)"]
    assert back.target == Ref("shop", "order", "o100")


def test_a_created_record_has_the_owners_values_the_constants_and_the_marker() -> None:
    desk = desk_with()
    desk.put("shop", "order", order("100", ("Work", 1000)))
    made = by_action(desk.plan())[("create", "Bill")]
    assert written(made) == {
        "Number": "100",
        "Person": {"value": "1"},
        "Date": "2026-11-18",
        "Currency": {"value": "USD"},
        "Memo": "syncctl shop:order:o100",
        "Line": {"Kind": "Item", "Text": "Work", "Amount": 10},
    }
    assert (made.amount, made.amount_before, made.undo) == (Money(10, "USD"), None, "void")
    assert made.parents == ()


def test_nothing_is_planned_when_nothing_differs_and_nothing_twice() -> None:
    desk = desk_with()
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", bill("7", "100", ("Work", "10")))
    made = desk.plan()
    assert (made.changes, made.findings) == ((), ())


def test_a15_what_a_plan_writes_makes_the_next_plan_empty() -> None:
    desk = desk_with()
    desk.put("shop", "order", order("100", ("Work", 1000), ("Travel", 550)))
    made = desk.plan()
    for change in made.changes:
        carry_out(desk, change)
    after = desk.plan()
    assert (after.changes, after.findings) == ((), ())


def carry_out(desk: Desk, change: Change) -> None:
    """What the vendors would hold after a change: ids are 900, lines get ids, the total is added up."""
    held = {} if change.action is Action.CREATE else desk.records.raw(change.target)
    raw = known(apply_edits(held or {}, change.edits))
    if change.action is Action.CREATE:
        raw["Id"] = "900"
    if "Line" in raw:
        raw["Line"] = [{"Id": str(number), **line} for number, line in enumerate(raw["Line"], 1)]
        raw["Total"] = sum(line["Amount"] for line in raw["Line"])
    identity = raw.get("Id") or raw["id"]
    desk.put_raw(change.target.system, change.target.kind, identity, encode_json(raw))


def known(value: Any) -> Any:
    """A raw value with every placeholder as the id 900."""
    if isinstance(value, dict):
        return "900" if "$known_after_apply" in value else {key: known(inner) for key, inner in value.items()}
    return [known(inner) for inner in value] if isinstance(value, list) else value


def test_changes_come_after_what_they_wait_for() -> None:
    changes = [
        Change(intent, "m", Action.UPDATE, Ref("s", "k", intent), None, intent, parents=parents)
        for intent, parents in (("d", ("c", "b")), ("c", ("a",)), ("b", ("a",)), ("a", ()), ("e", ("gone",)))
    ]
    placed = [change.intent for change in in_order(changes)]
    assert sorted(placed) == list("abcde")
    assert all(placed.index(parent) < placed.index(child) for child, parent in ("ca", "ba", "dc", "db"))


@given(waits=st.dictionaries(st.integers(0, 30), st.lists(st.integers(0, 30), max_size=4), max_size=31))
def test_every_change_is_placed_once_even_when_changes_wait_in_a_circle(waits: dict[int, list[int]]) -> None:
    changes = [
        Change(str(one), "m", Action.UPDATE, Ref("s", "k", str(one)), None, "", parents=tuple(map(str, others)))
        for one, others in waits.items()
    ]
    placed = in_order(changes)
    assert sorted(change.intent for change in placed) == sorted(change.intent for change in changes)


def test_a_chain_of_thousands_is_put_in_order() -> None:
    changes = [
        Change(str(n), "m", Action.UPDATE, Ref("s", "k", str(n)), None, "", parents=(str(n + 1),)) for n in range(5000)
    ]
    assert [change.intent for change in in_order(changes)] == [str(n) for n in reversed(range(5000))]


# --- one write per record ---------------------------------------------------------------------------------------------


def test_two_mappings_changes_to_one_record_are_one_write() -> None:
    desk = desk_with(PEOPLE, ORDERS, TAGS, schemas=(ORDER, TAGGED_BILL, PERSON, BOOKS_PERSON))
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", {**bill("7", "100", ("Work", "10")), "Date": "2026-01-01"})
    found = by_action(desk.plan())
    assert written(found[("update", "Bill")]) == {"Date": "2026-11-18", "Tag": "seen"}
    assert written(found[("update", "order")]) == {"note": "100"}


def test_what_flows_back_to_one_record_from_two_mappings_is_one_write_after_the_create() -> None:
    desk = desk_with(PEOPLE, ORDERS, TAGS.replace("  - {left: {constant: seen}, right: Tag, owner: left}\n", ""))
    desk.put("shop", "order", order("100", ("Work", 1000)))
    create, back = desk.plan().changes
    assert (create.action, back.parents) == (Action.CREATE, (create.intent,))
    assert list(written(back)) == ["books_id", "note"]
    assert written(back)["note"] == "100"


def test_what_would_make_a_create_wait_for_itself_is_a_write_after_it() -> None:
    desk = desk_with(PEOPLE, ORDERS, TAGS, schemas=(ORDER, TAGGED_BILL, PERSON, BOOKS_PERSON))
    desk.put("shop", "order", order("100", ("Work", 1000)))
    create, back, tag = desk.plan().changes
    assert (create.action, back.parents, written(tag)) == (Action.CREATE, (create.intent,), {"Tag": "seen"})
    assert tag.parents == (back.intent,)


def test_a_joined_write_has_the_amount_of_the_change_that_moves_money() -> None:
    tags = TAGS.replace("after: orders\n", "")
    desk = desk_with(tags, PEOPLE, ORDERS, schemas=(ORDER, TAGGED_BILL, PERSON, BOOKS_PERSON))
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7", note="100"))
    desk.put("books", "Bill", bill("7", "100", ("Work", "12")))
    change = only(desk.plan())
    assert written(change) == {"Tag": "seen", "Line(Id=1).Amount": 10}
    assert (change.amount, change.amount_before) == (Money(10, "USD"), Money(12, "USD"))


def test_two_joined_changes_that_move_money_count_from_before_the_first_to_after_the_second() -> None:
    ref = Ref("books", "Bill", "7")
    first = Change("a", "one", Action.UPDATE, ref, None, "7", amount=Money(12, "USD"), amount_before=Money(10, "USD"))
    second = replace(first, intent="b", amount=Money(20, "USD"), amount_before=Money(12, "USD"))
    made = joined(first, second)
    assert (made.amount_before, made.amount) == (Money(10, "USD"), Money(20, "USD"))


def test_what_is_written_counts_for_guards_where_the_source_has_no_amount() -> None:
    written_total = replace(BILL.fields["Total"], assigned=False, writable="always")
    schemas = (
        replace(ORDER, amount=""),
        replace(BILL, fields={**BILL.fields, "Total": written_total}),
        PERSON,
        BOOKS_PERSON,
    )
    owned = ORDERS.replace("owner: none, tolerance: 0.01, reason: rounding", "owner: left").partition("lines:")[0]
    desk = desk_with(PEOPLE, owned, schemas=schemas)
    desk.put("shop", "order", order("1", ("Work", 100_000_000)), order("2", ("Work", 100_000_000), books_id="8"))
    desk.put("books", "Bill", bill("8", "2", ("Work", "1.00")))
    moved = [(change.action, amounts_moved(change)) for change in desk.plan().changes if change.target.kind == "Bill"]
    assert moved == [(Action.UPDATE, (Money(999_999, "USD"),)), (Action.CREATE, (Money(1_000_000, "USD"),))]


def test_changes_that_each_move_an_amount_of_their_own_are_a_write_each_so_that_guards_see_both() -> None:
    paid, owed = replace(BILL.fields["Total"], assigned=False, writable="always"), ORDER.fields["total"]
    schemas = (
        replace(ORDER, fields={**ORDER.fields, **fields(replace(owed, path="fee"), replace(owed, path="rent"))}),
        replace(BILL, fields={**BILL.fields, **fields(replace(paid, path="Fee"), replace(paid, path="Rent"))}),
    )
    mapping = (
        "mapping: {0}s\nleft: shop.order\nright: books.Bill\nmatch: [{{left: number, right: Number}}]\n"
        "amount: {{left: {0}, right: {1}}}\nfields: [{{left: {0}, right: {1}, owner: left}}]\n"
    )
    desk = Desk(mapping.format("fee", "Fee"), mapping.format("rent", "Rent"), schemas=schemas)
    desk.put("shop", "order", order("100", ("Work", 1000), fee=2000, rent=100_000_000))
    desk.put("books", "Bill", bill("7", "100", ("Work", "10"), Fee=10, Rent=0))
    moved = [(change.mapping, amounts_moved(change)) for change in desk.plan().changes]
    assert moved == [("fees", (Money(10, "USD"),)), ("rents", (Money(1_000_000, "USD"),))]


def test_a_finding_that_only_the_plan_saw_has_no_number_to_accept() -> None:
    desk = Desk(PEOPLE, ORDERS)
    desk.put("shop", "person", {**ANA, "name": "Taken"})
    desk.put("books", "Person", books_person("9", "Taken", "other@x.com"))
    desk.put("shop", "order", order("100", ("Work", 1000)))
    known = {one.number for one in desk.findings()}
    assert {one.number for one in desk.plan().findings} <= known | {0}


def test_what_another_mapping_adds_to_a_new_record_is_part_of_its_create() -> None:
    orders = ORDERS.replace("  - {left: books_id, right: Id, owner: right}\n", "")
    tags = TAGS.replace("  - {left: note, right: Number, owner: right}\n", "")
    desk = desk_with(PEOPLE, orders, tags, schemas=(ORDER, TAGGED_BILL, PERSON, BOOKS_PERSON))
    desk.put("shop", "order", order("100", ("Work", 1000)))
    made = only(desk.plan())
    assert (made.action, written(made)["Number"], written(made)["Tag"]) == (Action.CREATE, "100", "seen")


def test_a_change_waits_for_the_planned_change_of_a_record_that_it_reads() -> None:
    reads = """
mapping: memos
left: shop.order
right: books.Bill
match: [{left: number, right: Number}]
after: people
fields: [{left: person->city, right: Memo, owner: left}]
"""
    people = PEOPLE.replace("owner: both", "owner: right")
    desk = Desk(people, reads)
    desk.put("shop", "person", {**ANA, "city": "Bonn"})
    desk.put("books", "Person", {**BOOKED_ANA, "City": "Rome"})
    desk.put("shop", "order", order("100"))
    desk.put("books", "Bill", bill("7", "100"))
    found = by_action(desk.plan())
    assert written(found[("update", "person")]) == {"city": "Rome"}
    assert written(found[("update", "Bill")]) == {"Memo": "Rome"}
    assert found[("update", "Bill")].parents == (found[("update", "person")].intent,)


# --- what a person accepted -------------------------------------------------------------------------------------------


def test_an_accepted_difference_is_not_written_along_with_another_one_of_its_record() -> None:
    desk = Desk(PEOPLE.replace("once: true", "owner: left"))
    desk.put("shop", "person", person("p1", "Ana", "a@x.com", phone="5"))
    desk.put("books", "Person", books_person("1", "Anna", "a@x.com", Phone="6"))
    found = {one.field: one.number for one in desk.findings()}
    desk.accept(found["Phone"], "the old number is right")
    made = desk.plan()
    assert written(only(made)) == {"Name": "Ana"}
    assert [(one.field, one.accepted) for one in made.findings] == [("Phone", True)]


def test_an_accepted_difference_of_lines_leaves_the_lines_alone() -> None:
    desk = desk_with()
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", {**bill("7", "100", ("Work", "12")), "Date": "2026-01-01"})
    found = {one.field: one.number for one in desk.findings()}
    desk.accept(found["Line(Kind=Item)"], "agreed on the phone")
    assert written(only(desk.plan())) == {"Date": "2026-11-18"}


# --- conditions while a record is created -----------------------------------------------------------------------------


def test_while_a_record_is_created_the_conditions_on_its_side_hold() -> None:
    text = """
mapping: orders
left: shop.order
right: books.Bill
where: {right: {Memo: ours}}
match: [{left: number, right: Number}]
create: right
fields:
  - {left: number, right: Number, owner: left}
  - {left: person, right: Person, owner: left, link: people}
  - {left: note, right: Memo, owner: left, when: {right: {Total: {over: 100}}}}
"""
    desk = desk_with(PEOPLE, text)
    desk.put("shop", "order", order("100", note="hello"))
    made = desk.plan()
    assert written(only(made))["Memo"] == "hello"
    assert made.findings == ()


def test_a_new_record_is_made_from_the_first_entry_that_speaks() -> None:
    text = """
mapping: orders
left: shop.order
right: books.Bill
match: [{left: number, right: Number}]
create: right
fields:
  - {left: person, right: Person, owner: left, link: people}
  - {left: number, right: Number, owner: left}
  - {left: {constant: open one}, right: Memo, owner: left, when: {left: {status: open}}}
  - {left: note, right: Memo, owner: left, when: {left: {note: {present: true}}}}
  - {left: {constant: nothing}, right: Memo, once: true}
"""
    desk = desk_with(PEOPLE, text)
    desk.put("shop", "order", order("1", note="a"), order("2", note="b", status="paid"), order("3", status="paid"))
    memos = {change.source and change.source.id: written(change)["Memo"] for change in desk.plan().changes}
    assert memos == {"o1": "open one", "o2": "b", "o3": "nothing"}
