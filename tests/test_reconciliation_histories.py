"""After any history and any JSON, looking at what changed finds what looking at everything finds."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from syncctl.model import Ref
from two_systems import ORDERS, PEOPLE, Desk, bill, books_person, order, person

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
    return lambda desk: desk.decide(left, right, verdict)


def accept(place: int) -> Step:
    def step(desk: Desk) -> None:
        found = desk.findings()
        if found:
            desk.accept(found[place % len(found)].number)

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
    st.integers(0, 5).map(accept),
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
