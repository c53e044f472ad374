"""Project, match, judge: after any history, looking at what changed finds what looking at everything finds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncctl.fields.jsontext import encode_json
from syncctl.ledger.pairs import Decision
from syncctl.model import Finding, FindingKind, Ref
from two_systems import AT, BILL, ORDER, ORDERS, PEOPLE, Desk, bill, books_person, order, person

# --- one finding at a time --------------------------------------------------------------------------------------------


def one_pair(**theirs: Any) -> Desk:
    """Ana in both systems, the same but for what is said."""
    desk = Desk(PEOPLE)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com", phone="5", city="Bonn"))
    desk.put("books", "Person", {**books_person("1", "Ana", "a@x.com", Phone="5", City="Bonn"), **theirs})
    return desk


def told(desk: Desk) -> list[tuple[FindingKind, str, str, str]]:
    return [(one.kind, one.field, one.left_shown, one.right_shown) for one in desk.findings()]


def accept(desk: Desk, place: int = 0) -> Finding:
    """A person accepts the finding at this place."""
    found = desk.findings()[place]
    with desk.engine.write():
        assert desk.books.findings.accept(found.number, "seen by Ana")
    return found


def test_what_is_equal_is_quiet() -> None:
    assert told(one_pair()) == []


def test_a_difference_says_field_and_both_values_and_disappears_with_its_cause() -> None:
    desk = one_pair(Phone="6")
    assert told(desk) == [(FindingKind.DIFFERENCE, "Phone", "5", "6")]
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com", Phone="5", City="Bonn"))
    assert told(desk) == []


def test_an_accepted_finding_stays_quiet_until_it_changes() -> None:
    desk = one_pair(Phone="6")
    accept(desk)
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
    accept(desk)
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
    decide("p1", "1", "confirm")(desk)
    assert {one.mapping for one in desk.findings()} == {"people"}
    decide("p1", "1", "reject")(desk)
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


# --- any history ------------------------------------------------------------------------------------------------------

FEWER = settings(max_examples=settings.default.max_examples // 2)
"""Whole ledgers are dear: half as many examples as elsewhere."""
Step = Callable[[Desk], None]
PEOPLE_TEXTS = [
    PEOPLE,
    PEOPLE.replace("owner: both", "owner: left"),
    PEOPLE.replace("fields:", "many: left\nfields:").replace("owner: both", "owner: left"),
    PEOPLE.replace("match:", "where: {right: {City: {not: Rome}}}\nmatch:"),
    PEOPLE.replace("create:", "  - {left: name, right: Name, similar: 60}\ncreate:"),
    PEOPLE.replace("{left: city, right: City, owner: both}", "{left: city, right: City, owner: none, tolerance: 1}"),
]
ORDERS_TEXTS = [
    ORDERS,
    ORDERS.replace("0.01", "5"),
    ORDERS.replace("[open, paid]", "[open, paid, draft]"),
    ORDERS.replace("owner: left, link", "owner: none, link"),
    ORDERS.replace("match: [{left: text, right: Text}]", "when: {left: {text: Work}}"),
    ORDERS.replace("- {left: placed, right: Date, owner: left}", "- {left: person->city, right: Date, once: true}"),
]
NAMES = st.sampled_from(["Ana", "Bea", "Anna", ""])
EMAILS = st.sampled_from(["a@x.com", "A@X.com", "b@x.com", ""])
CITIES = st.sampled_from(["Bonn", "Rome", ""])
NUMBERS = st.sampled_from(["1", "2"])
LINES = st.lists(st.tuples(st.sampled_from(["Work", "Travel"]), st.sampled_from([1000, 1001, 2000])), max_size=2)
PERSON_IDS = st.sampled_from(["p1", "p2", "p3"])
BOOKS_IDS = st.sampled_from(["1", "2", "3"])
ORDER_IDS = st.sampled_from(["o1", "o2"])
BILL_IDS = st.sampled_from(["7", "8"])
MEMOS = st.sampled_from(["", "syncctl shop:order:o1", "syncctl shop:order:o2"])


def put(system: str, kind: str, raw: dict[str, Any]) -> Step:
    return lambda desk: desk.put(system, kind, raw)


def delete(place: tuple[str, str, str]) -> Step:
    return lambda desk: desk.delete(*place)


def decide(left: str, right: str, verdict: str) -> Step:
    def decided(desk: Desk) -> None:
        here, there = Ref("shop", "person", left), Ref("books", "Person", right)
        lookups, pairs = desk.books.lookups, desk.books.pairs
        with desk.engine.write():
            together = lookups.partner("people", here) == there
            held = {lookups.pair("people", here), lookups.pair("people", there)} - {None}
            pairs.decide(Decision("people", here, there, verdict, "ana", AT))
            if (verdict == "reject") is together:
                for number in held:
                    pairs.remove(number, AT)  # type: ignore[arg-type]
            desk.books.passes.judge_again(lookups.mapping_id("people"))

    return decided


def accepted(place: int) -> Step:
    def step(desk: Desk) -> None:
        found = desk.findings()
        if found:
            accept(desk, place % len(found))

    return step


def edit(people: int, orders: int) -> Step:
    return lambda desk: desk.load(PEOPLE_TEXTS[people], ORDERS_TEXTS[orders])


def look(desk: Desk) -> None:
    desk.refresh()


def dry_run(desk: Desk) -> None:
    desk.plan()


PEOPLE_RAWS = st.builds(person, PERSON_IDS, NAMES, EMAILS, city=CITIES)
BOOKS_RAWS = st.builds(books_person, BOOKS_IDS, NAMES, EMAILS, City=CITIES) | st.builds(
    lambda raw: {**raw, "Active": False}, st.builds(books_person, BOOKS_IDS, NAMES, EMAILS, City=CITIES)
)
ORDER_RAWS = st.builds(
    lambda identity, number, lines, status, who: {**order(number, *lines, person=who, status=status), "id": identity},
    ORDER_IDS,
    NUMBERS,
    LINES,
    st.sampled_from(["open", "paid", "draft", "void"]),
    PERSON_IDS,
)
BILL_RAWS = st.builds(
    lambda identity, number, lines, who, memo, void: bill(
        identity, number, *((text, str(cents / 100)) for text, cents in lines), person=who, Memo=memo, Void=void
    ),
    BILL_IDS,
    NUMBERS,
    LINES,
    BOOKS_IDS,
    MEMOS,
    st.booleans(),
)
PLACES = st.one_of(
    PERSON_IDS.map(lambda one: ("shop", "person", one)),
    BOOKS_IDS.map(lambda one: ("books", "Person", one)),
    ORDER_IDS.map(lambda one: ("shop", "order", one)),
    BILL_IDS.map(lambda one: ("books", "Bill", one)),
)
STEPS = st.one_of(
    PEOPLE_RAWS.map(lambda raw: put("shop", "person", raw)),
    BOOKS_RAWS.map(lambda raw: put("books", "Person", raw)),
    ORDER_RAWS.map(lambda raw: put("shop", "order", raw)),
    BILL_RAWS.map(lambda raw: put("books", "Bill", raw)),
    PLACES.map(delete),
    st.builds(decide, PERSON_IDS, BOOKS_IDS, st.sampled_from(["confirm", "reject"])),
    st.integers(0, 5).map(accepted),
    st.builds(edit, st.integers(0, len(PEOPLE_TEXTS) - 1), st.integers(0, len(ORDERS_TEXTS) - 1)),
    st.just(look),
    st.just(look),
    st.just(dry_run),
)


def facts(desk: Desk) -> set[tuple[Any, ...]]:
    """Everything about the open findings but when they came up."""
    return {
        (
            one.mapping, str(one.kind), one.field, str(one.left), str(one.right), one.left_shown, one.right_shown,
            one.base_shown, one.reason, one.accepted, one.note, one.hint, one.choice,
        )
        for one in desk.findings()
    }  # fmt: skip


@given(history=st.lists(STEPS, min_size=3, max_size=14))
@settings(max_examples=settings.default.max_examples * 2)
def test_after_any_history_what_is_found_step_by_step_is_what_a_full_pass_finds(history: list[Step]) -> None:
    desk = Desk(PEOPLE, ORDERS)
    for step in history:
        step(desk)
    found = facts(desk)
    desk.again()
    assert facts(desk) == found


@given(history=st.lists(STEPS, min_size=3, max_size=10))
@FEWER
def test_a_dry_run_leaves_nothing_behind(history: list[Step]) -> None:
    desk = Desk(PEOPLE, ORDERS)
    for step in history:
        step(desk)
    desk.refresh()
    before = list(desk.engine.db.iterdump())
    desk.plan()
    assert list(desk.engine.db.iterdump()) == before


@given(history=st.lists(STEPS, min_size=3, max_size=10))
@FEWER
def test_two_dry_runs_plan_the_same(history: list[Step]) -> None:
    desk = Desk(PEOPLE, ORDERS)
    for step in history:
        step(desk)
    first = desk.plan()
    assert desk.plan() == first


@given(history=st.lists(STEPS, min_size=3, max_size=14))
@FEWER
def test_a_record_is_in_one_pair_of_a_mapping_at_most_and_every_pair_has_two_sides(history: list[Step]) -> None:
    desk = Desk(PEOPLE, ORDERS)
    for step in history:
        step(desk)
    desk.refresh()
    rows = desk.engine.db.execute(
        "SELECT p.id, count(DISTINCT m.side) FROM pairs p LEFT JOIN pair_members m ON m.pair = p.id GROUP BY p.id"
    ).fetchall()
    assert all(sides == 2 for _, sides in rows)
    stray = "SELECT count(*) FROM pair_members WHERE pair NOT IN (SELECT id FROM pairs)"
    assert desk.engine.db.execute(stray).fetchone() == (0,)


def test_every_mapping_of_the_histories_can_be_loaded_and_is_another_one() -> None:
    seen = set()
    for people in PEOPLE_TEXTS:
        for orders in ORDERS_TEXTS:
            desk = Desk(people, orders)
            assert [mapping.name for mapping in desk.mappings] == ["people", "orders"]
            seen.add(desk.mappings)
    assert len(seen) == len(PEOPLE_TEXTS) * len(ORDERS_TEXTS)


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


# --- any vendor's JSON ------------------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "1", "a@x.com", "usd", "USD", "Item", "2026-11-18", "15,000", "open", "p1"]),
    st.sampled_from(["?", "\x00\x1f", "1e5", "syncctl shop:order:o1", " "]),
    st.text(max_size=4),
)  # fmt: skip
JSONS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "id", "Id", "text", "amount", "Kind", "Amount", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
KEYS = {
    ("shop", "order"): ["number", "person", "total", "currency", "placed", "status", "lines", "books_id", "note"],
    ("books", "Bill"): ["Number", "Person", "Total", "Currency", "Date", "Memo", "Line", "Void"],
    ("shop", "person"): ["name", "email", "phone", "city"],
    ("books", "Person"): ["Name", "Email", "Phone", "City"],
}
ODD = st.sampled_from(sorted(KEYS)).flatmap(
    lambda kind: st.tuples(
        st.just(kind), st.sampled_from(["1", "p1", "o1"]), st.dictionaries(st.sampled_from(KEYS[kind]), JSONS)
    )
)


@given(rows=st.lists(ODD, min_size=1, max_size=6))
@FEWER
def test_whatever_a_vendor_sends_is_judged_and_planned_and_never_a_crash(
    rows: list[tuple[tuple[str, str], str, dict[str, Any]]],
) -> None:
    desk = Desk(PEOPLE, ORDERS)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"))
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", bill("1", "1", ("Work", "12")))
    desk.refresh()
    for (system, kind), identity, raw in rows:
        whole = desk.records.raw(Ref(system, kind, identity)) or {}
        mixed = {**known(whole), "id" if system == "shop" else "Id": identity, **raw}
        desk.put_raw(system, kind, identity, json.dumps(mixed).encode())
    desk.plan()
    found = facts(desk)
    desk.again()
    assert facts(desk) == found


def known(value: Any) -> Any:
    """A decoded value so that the standard library can write it."""
    if isinstance(value, dict):
        return {key: known(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [known(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


# --- what cannot be read is not made a second time ------------------------------------------------------------------


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


def test_a_record_whose_key_cannot_be_read_says_that_its_partner_counts_as_missing() -> None:
    edit = WHERE.replace("SIDE", "right").replace("TOTAL", "Total")
    desk = unreadable_partner("right", {"Total": "soon", "Number": {}}, edit)
    (found,) = [one for one in desk.findings() if one.kind is FindingKind.POISON]
    assert found.hint.endswith(
        "rule 'number = Number' cannot match it: what belongs to it in shop counts as missing and is made in books"
        " again until it is corrected in books and pulled"
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
