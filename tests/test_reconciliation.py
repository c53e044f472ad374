"""Project, match, judge: one finding at a time, what is agreed, and who takes part."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from syncctl.fields.jsontext import encode_json
from syncctl.model import FindingKind, Ref
from two_systems import BILL, ORDER, ORDERS, PEOPLE, Desk, bill, books_person, order, person

# --- one finding at a time --------------------------------------------------------------------------------------------


def one_pair(**theirs: Any) -> Desk:
    """Ana in both systems, the same but for what is said."""
    desk = Desk(PEOPLE)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com", phone="5", city="Bonn"))
    desk.put("books", "Person", {**books_person("1", "Ana", "a@x.com", Phone="5", City="Bonn"), **theirs})
    return desk


def told(desk: Desk) -> list[tuple[FindingKind, str, str, str]]:
    return [(one.kind, one.field, one.left_shown, one.right_shown) for one in desk.findings()]


def test_what_is_equal_is_quiet() -> None:
    assert told(one_pair()) == []


def test_a_difference_says_field_and_both_values_and_disappears_with_its_cause() -> None:
    desk = one_pair(Phone="6")
    assert told(desk) == [(FindingKind.DIFFERENCE, "Phone", "5", "6")]
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com", Phone="5", City="Bonn"))
    assert told(desk) == []


def test_an_accepted_finding_stays_quiet_until_it_changes() -> None:
    desk = one_pair(Phone="6")
    desk.accept(desk.findings()[0].number, "seen by Ana")
    (found,) = desk.findings()
    assert (found.accepted, found.note) == (True, "seen by Ana")
    assert desk.plan().changes == ()
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com", Phone="6", City="Bonn", Extra="x"))
    assert [one.accepted for one in desk.findings()] == [True]
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com", Phone="7", City="Bonn"))
    (found,) = desk.findings()
    assert (found.accepted, found.note) == (False, "")
    assert len(desk.plan().changes) == 1


def test_an_accepted_finding_outlives_a_full_pass() -> None:
    desk = one_pair(Phone="6")
    desk.accept(desk.findings()[0].number, "seen by Ana")
    desk.again()
    assert [one.accepted for one in desk.findings()] == [True]


def test_a_finding_that_stays_the_same_keeps_its_number() -> None:
    desk = one_pair(Phone="6")
    number = desk.findings()[0].number
    desk.put("shop", "person", person("p1", "Ana B", "a@x.com", phone="5", city="Bonn"))
    assert [one.number for one in desk.findings()] == [number]


def test_a_record_that_leaves_the_conditions_is_a_finding_and_one_that_never_met_them_is_none() -> None:
    desk = Desk()
    desk.put("shop", "order", order("1", status="draft"), order("2", status="open"))
    desk.put("books", "Bill", bill("7", "2"))
    assert [one.kind for one in desk.findings() if one.field == "$state"] == []
    desk.put("shop", "order", order("2", status="draft"))
    (found,) = [one for one in desk.findings() if one.field == "$state"]
    assert (found.kind, found.left_shown, found.right_shown) == (FindingKind.LEFT_SCOPE, "filtered", "open")


def test_a51_a_void_partner_is_gone_and_not_an_amount_of_nothing() -> None:
    desk = Desk()
    desk.put("shop", "order", order("1", ("Work", 1000), status="open"))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10")))
    desk.refresh()
    desk.put("books", "Bill", {**bill("7", "1"), "Total": 0, "Void": True})
    assert [(one.kind, one.right_shown) for one in desk.findings() if one.right] == [(FindingKind.GONE, "void")]


def test_when_both_went_there_is_nothing_to_say() -> None:
    desk = Desk()
    desk.put("shop", "order", order("1", status="open"))
    desk.put("books", "Bill", bill("7", "1"))
    desk.refresh()
    desk.put("shop", "order", order("1", status="void"))
    desk.delete("books", "Bill", "7")
    assert desk.findings() == ()


def test_a_link_to_a_partner_that_comes_later_is_judged_again_when_it_comes() -> None:
    desk = Desk()
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10"), Memo="syncctl shop:order:o1"))
    assert (FindingKind.BLOCKED, "Person", "shop:person:p1 (no partner)", "books:Person:1 (no partner)") in told(desk)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"))
    assert FindingKind.BLOCKED not in {one.kind for one in desk.findings()}


def test_a_link_is_judged_again_when_a_person_matches_what_was_there_all_along() -> None:
    desk = Desk()
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "other@x.com"))
    desk.put("shop", "order", order("1", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10")))
    assert FindingKind.BLOCKED in {one.kind for one in desk.findings()}
    desk.decide("p1", "1", "confirm")
    assert {one.mapping for one in desk.findings()} == {"people"}
    desk.decide("p1", "1", "reject")
    assert FindingKind.BLOCKED in {one.kind for one in desk.findings()}


def test_a_record_read_through_a_reference_is_looked_at_again_when_it_changes() -> None:
    desk = Desk(
        """
mapping: orders
left: shop.order
right: books.Bill
match: [{left: number, right: Number}]
fields: [{left: person->name, right: Memo, owner: left}]
"""
    )
    desk.put("shop", "order", order("1"))
    desk.put("books", "Bill", {**bill("7", "1"), "Memo": "Ana"})
    assert told(desk) == []
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    assert told(desk) == []
    desk.put("shop", "person", person("p1", "Bea", "a@x.com"))
    assert told(desk) == [(FindingKind.DIFFERENCE, "Memo", "Bea", "Ana")]
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    assert told(desk) == []


@pytest.mark.parametrize("raw", [b"[1, 2]", b"7", b'{"id": "p2", "name": "\\ud800"}', b"\xff", b""])
def test_a_row_that_is_no_record_is_a_finding_with_its_reason_and_the_others_go_on(raw: bytes) -> None:
    desk = one_pair(Phone="6")
    desk.put_raw("shop", "person", "p2", raw)
    difference, unreadable = sorted(desk.findings(), key=lambda one: one.kind)
    assert (difference.kind, difference.field) == (FindingKind.DIFFERENCE, "Phone")
    assert (unreadable.kind, str(unreadable.left)) == (FindingKind.POISON, "shop:person:p2")
    assert unreadable.hint.startswith("no")
    assert [str(change.target) for change in desk.plan().changes] == ["books:Person:1"]


def test_a_paired_record_that_cannot_be_read_any_more_is_a_finding_of_its_own() -> None:
    desk = one_pair()
    desk.refresh()
    desk.put_raw("shop", "person", "p1", b'{"id": "p1", "name": ')
    assert [one.kind for one in desk.findings()] == [FindingKind.POISON]


ABOVE_NOTHING = """
mapping: orders
left: shop.order
right: books.Bill
where: {left: {total: {over: 0}}}
match: [{left: number, right: Number}]
fields: [{left: number, right: Number, owner: left}]
lines:
  - {left: lines, right: Line, owner: left, when: {left: {amount: {over: 0}}},
     fields: [{left: text, right: Text}, {left: amount, right: Amount}]}
"""


@pytest.mark.parametrize("where", ["total", "amount"])
@pytest.mark.parametrize("paired", [True, False])
def test_a_record_is_not_left_out_for_a_number_that_nobody_can_read(where: str, paired: bool) -> None:
    desk = Desk(ABOVE_NOTHING)
    if paired:
        desk.put("shop", "order", order("1", ("Work", 1000)))
        desk.put("books", "Bill", bill("7", "1", ("Work", "10")))
        assert told(desk) == []
    raw = encode_json(order("1", ("Work", 1000)))
    desk.put_raw("shop", "order", "o1", re.sub(rb'"%b":\s*1000' % where.encode(), b'"%b":1e400' % where.encode(), raw))
    (found,) = desk.findings()
    assert (found.kind, str(found.left)) == (FindingKind.POISON, "shop:order:o1")
    assert where in found.hint
    assert "1E+400" in found.hint
    assert desk.plan().changes == ()


def test_amounts_too_large_for_the_ledger_stop_nothing() -> None:
    desk = Desk()
    desk.put("shop", "order", {**order("1"), "total": 10**24})
    desk.put("books", "Bill", {**bill("7", "1"), "Total": 10**22})
    assert "Total" not in {one.field for one in desk.findings()}


# --- agreed pairs -----------------------------------------------------------------------------------------------------

TOLERANT = """
mapping: orders
left: shop.order
right: books.Bill
match: [{left: number, right: Number}]
fields: [{left: total, right: Total, owner: none, tolerance: 0.05, reason: rounding}]
"""


def test_a17_a_pair_within_its_tolerance_is_agreed_and_is_judged_again_under_a_stricter_mapping() -> None:
    desk = Desk(TOLERANT)
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10.04")))
    assert told(desk) == []
    desk.load(TOLERANT.replace("0.05", "0.01"))
    assert told(desk) == [(FindingKind.DIFFERENCE, "Total", "10 USD", "10.04 USD")]
    desk.put("books", "Bill", {**bill("7", "1", ("Work", "10.04")), "Memo": "touched"})
    assert told(desk) == [(FindingKind.DIFFERENCE, "Total", "10 USD", "10.04 USD")]
    desk.put("shop", "order", order("1", ("Work", 1000), note="touched"))
    assert told(desk) == [(FindingKind.DIFFERENCE, "Total", "10 USD", "10.04 USD")]


def test_what_was_agreed_under_another_mapping_is_not_agreed_when_a_record_goes_back_to_it() -> None:
    desk = Desk(TOLERANT)
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10.04")))
    desk.refresh()
    desk.put("books", "Bill", bill("7", "1", ("Work", "12")))
    desk.load(TOLERANT.replace("0.05", "0.01"))
    desk.refresh()
    desk.put("books", "Bill", bill("7", "1", ("Work", "10.04")))
    assert told(desk) == [(FindingKind.DIFFERENCE, "Total", "10 USD", "10.04 USD")]


def test_c45_a_two_way_field_remembers_what_both_sides_agreed_on() -> None:
    desk = one_pair()
    desk.refresh()
    desk.put("shop", "person", person("p1", "Ana", "a@x.com", phone="5", city="Rome"))
    (change,) = desk.plan().changes
    assert [(edit.path, edit.after) for edit in change.edits] == [("City", "Rome")]
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com", Phone="5", City="Oslo"))
    assert told(desk) == [(FindingKind.CONFLICT, "City", "Rome", "Oslo")]
    assert desk.findings()[0].base_shown == "Bonn"
    assert desk.plan().changes == ()


# --- who takes part ---------------------------------------------------------------------------------------------------


def kinds_by_id(desk: Desk) -> set[tuple[str, str]]:
    return {(str(one.kind), (one.left or one.right or Ref("", "", "")).id) for one in desk.findings()}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", {("missing", "o1"), ("missing", "7")}),
        ("unmatched: {right: ignore}", {("missing", "o1")}),
        ("unmatched: {left: ignore, right: ignore}", set()),
        ("create: right\nunmatched: {left: ignore, right: ignore}", {("missing", "o1")}),
        ("create: left\nunmatched: {left: ignore, right: ignore}", {("missing", "7")}),
    ],
)
def test_a_record_without_partner_is_news_unless_the_mapping_says_no_and_nothing_is_to_be_made(
    words: str, expected: set[tuple[str, str]]
) -> None:
    desk = Desk(TOLERANT.replace("match:", f"{words}\nmatch:"))
    desk.put("shop", "order", order("1"))
    desk.put("books", "Bill", bill("7", "2"))
    assert kinds_by_id(desk) == expected


CUTOVER = TOLERANT.replace("match:", "from: 2026-11-18\nmatch:")


def test_before_the_cutover_nothing_is_proposed_and_nothing_is_reported() -> None:
    desk = Desk(CUTOVER.replace("match:", "create: right\nwhere: {left: {total: {over: 0}}}\nmatch:"))
    day = 86_400
    for number, shift in (("1", -day), ("2", 0), ("3", day)):
        desk.put("shop", "order", order(number, ("Work", 1000), placed=1795003200 + shift))
    desk.put("books", "Bill", bill("7", "9", Date="2026-11-17"), bill("8", "8", Date=""))
    assert kinds_by_id(desk) == {("missing", "o2"), ("missing", "o3"), ("missing", "8")}
    desk.put("shop", "order", order("1", placed=1795003200 - day, total="abc"))
    assert kinds_by_id(desk) == {("missing", "o2"), ("missing", "o3"), ("missing", "8")}


def test_a43_the_cutover_is_a_day_of_the_books_time_zone() -> None:
    desk = Desk(CUTOVER)
    desk.put("shop", "order", order("1", placed=1794978000))  # 2026-11-18T05:00Z is midnight in New York
    desk.put("shop", "order", order("2", placed=1794977999))
    assert kinds_by_id(desk) == {("missing", "o1")}


def test_a_pair_of_which_one_record_is_from_before_the_cutover_is_no_news() -> None:
    desk = Desk(CUTOVER)
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "99")))
    assert len(desk.findings()) == 1
    desk.put("books", "Bill", bill("7", "1", ("Work", "99"), Date="2026-01-01"))
    assert desk.findings() == ()


# --- what cannot be read is not made a second time --------------------------------------------------------------------


def unreadable_partner(side: str, broken: dict[str, Any], *extra: str, number: str = "9") -> Desk:
    """An order and its bill, not matched yet: one of the two has a value that `when` or `where` cannot read."""
    text = ORDERS.replace("create: right", "create: both" if side == "left" else "create: right")
    for line in extra:
        before, _, after = line.partition(" => ")
        assert before in text
        text = text.replace(before, after)
    desk = Desk(PEOPLE, text)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"))
    sold, booked = order("9", ("Work", 1000)), bill("9", number, ("Work", "10.00"))
    desk.put("shop", "order", {**sold, **broken} if side == "left" else sold)
    desk.put("books", "Bill", {**booked, **broken} if side == "right" else booked)
    return desk


SOON_LINE = [{"Id": "1", "Text": "Work", "Amount": "soon", "Kind": "Item"}]
OWNER = "    owner: left\n    match:"
WHEN = f"{OWNER} => {OWNER.replace('match:', 'when: {right: {Amount: {over: 0}}}')}\n    match:"
WHERE = "where: {left: {status: [open, paid]}} => where: {SIDE: {TOTAL: {over: 0}}}"


@pytest.mark.parametrize(
    ("side", "broken", "edit"),
    [
        ("right", {"Line": SOON_LINE}, WHEN),
        ("right", {"Total": "soon"}, WHERE.replace("SIDE", "right").replace("TOTAL", "Total")),
        ("left", {"total": "soon"}, WHERE.replace("SIDE", "left").replace("TOTAL", "total")),
    ],
)
def test_a_record_that_when_or_where_cannot_read_is_matched_and_no_second_one_is_made(
    side: str, broken: dict[str, Any], edit: str
) -> None:
    desk = unreadable_partner(side, broken, edit)
    made = desk.plan()
    assert made.changes == ()
    (found,) = [one for one in made.findings if one.mapping == "orders"]
    assert (found.kind, str(found.left), str(found.right)) == (FindingKind.POISON, "shop:order:o9", "books:Bill:9")


def test_nothing_is_done_to_what_was_only_matched_with_a_record_that_turns_out_to_take_no_part() -> None:
    edits = WHERE.replace("SIDE", "left").replace("TOTAL", "total"), "gone: {void: void} => gone: {filtered: void}"
    desk = unreadable_partner("left", {"total": "soon"}, *edits)
    desk.plan()
    desk.put("shop", "order", order("9", ("Work", -1000)))
    assert desk.plan().changes == ()
    assert desk.books.lookups.partner("orders", Ref("books", "Bill", "9")) is None
    # One that does take part stays the partner, whatever became of the other meanwhile: no second one is made.
    desk = unreadable_partner("left", {"total": "soon"}, *edits)
    desk.plan()
    desk.put("books", "Bill", bill("9", "9", ("Work", "10.00"), Void=True))
    desk.plan()
    desk.put("shop", "order", order("9", ("Work", 1000)))
    assert desk.plan().changes == ()
    assert desk.books.lookups.partner("orders", Ref("books", "Bill", "9")) is not None


def test_a_record_whose_key_cannot_be_read_says_that_its_partner_counts_as_missing_and_is_not_made() -> None:
    edit = WHERE.replace("SIDE", "right").replace("TOTAL", "Total")
    desk = unreadable_partner("right", {"Total": "soon", "Number": {}}, edit)
    assert desk.plan().changes == ()
    (found,) = [one for one in desk.findings() if one.kind is FindingKind.POISON]
    assert found.hint.endswith(
        "rule 'number = Number' cannot match it: what may belong to it in shop counts as missing and is not made in"
        " books until it is corrected in books and pulled"
    )


def test_an_option_is_told_by_the_label_of_its_own_side() -> None:
    here = replace(ORDER.fields["status"], options=(("1", "Silver"), ("2", "Gold")))
    there = replace(BILL.fields["Memo"], codec="enum", options=(("1", "Gold"), ("2", "Silver")))
    schemas = (
        replace(ORDER, fields={**ORDER.fields, "status": here}),
        replace(BILL, fields={**BILL.fields, "Memo": there}),
    )
    fields = "fields: [{left: total, right: Total, owner: none, tolerance: 0.05, reason: rounding}]"
    desk = Desk(TOLERANT.replace(fields, "fields: [{left: status, right: Memo, owner: none}]"), schemas=schemas)
    desk.put("shop", "order", order("1", status="1"))
    desk.put("books", "Bill", bill("7", "1", Memo="2"))
    ((_, _, left, right),) = told(desk)
    assert (left, right) == ("Silver", "Silver")
    desk.put("books", "Bill", bill("7", "1", Memo="1"))
    assert told(desk) == []
