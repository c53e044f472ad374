"""What cannot be written yet holds what depends on it, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from plan_desk import ANA, BOOKED_ANA, TAGGED_BILL, TAGS, desk_with, only, reasons, written
from syncctl.model import Action, FindingKind, Page, Poison
from syncctl.plan.registry import Standing
from two_systems import AT, BOOKS_PERSON, ORDER, ORDERS, PEOPLE, PERSON, Desk, bill, books_person, order, person


def test_c59_a_blocked_parent_holds_its_dependents_with_its_reason() -> None:
    people = PEOPLE.replace("{left: name, right: Name, once: true}", "{left: name, right: Name, owner: left}")
    desk = Desk(people, ORDERS)
    desk.put("shop", "person", {**ANA, "name": "Taken"})
    desk.put("books", "Person", books_person("9", "Taken", "other@x.com"))
    desk.put("shop", "order", order("100", ("Work", 1000)))
    made = desk.plan()
    assert made.changes == ()
    first, second = reasons(made)
    assert first == (
        "Name 'Taken' is taken by books:Person:9: if both are one, `syncctl match confirm people shop:person:p1"
        " books:Person:9`; else give one of the two another name or number"
    )
    assert second == f"waits for shop:person:p1: {first}"


@pytest.mark.parametrize(
    ("theirs", "word"),
    [
        ([books_person("1", "Ana", "a@x.com"), books_person("2", "Ana", "a@x.com")], "rule 'email = Email (email)'"),
        ([books_person("1", "Ann", "b@x.com")], "rule 'name = Name (similar 60)'"),
    ],
)
def test_a_tie_or_proposal_holds_its_dependents_with_the_rule_that_could_not_decide(
    theirs: list[dict[str, Any]], word: str
) -> None:
    people = PEOPLE.replace("create:", "  - {left: name, right: Name, similar: 60}\ncreate:")
    desk = Desk(people, ORDERS)
    desk.put("shop", "person", ANA)
    desk.put("books", "Person", *theirs)
    desk.put("shop", "order", order("100", ("Work", 1000)))
    made = desk.plan()
    assert made.changes == ()
    (reason,) = reasons(made)
    assert reason.startswith("waits for shop:person:p1: ")
    assert word in reason


def test_a_conflict_goes_to_a_person_and_holds_what_depends_on_it_but_not_its_own_other_fields() -> None:
    desk = Desk()
    desk.put("shop", "person", {**ANA, "city": "Bonn", "phone": "5"})
    desk.put("books", "Person", {**BOOKED_ANA, "City": "Rome", "Phone": "6"})
    desk.put("shop", "order", order("100", ("Work", 1000)))
    made = desk.plan()
    assert [(change.target.kind, written(change)) for change in made.changes] == [("Person", {"Phone": "5"})]
    assert [(one.kind, one.field) for one in made.findings if one.mapping == "people"] == [
        (FindingKind.CONFLICT, "City")
    ]
    assert reasons(made) == ["waits for books:Person:1: both sides have a value and never agreed before"]


@pytest.mark.parametrize("state", ["sending", "unknown", "review"])
def test_an_open_intent_is_never_planned_again_and_holds_its_dependents(state: str) -> None:
    desk = Desk()
    desk.put("shop", "person", ANA)
    desk.put("shop", "order", order("100", ("Work", 1000)))
    who, *_ = desk.plan().changes
    made = desk.plan(Standing({who.intent: state}))
    assert made.changes == ()
    first, second = reasons(made)
    assert state in first
    assert second == f"waits for shop:person:p1: {first}"


def test_an_open_update_holds_every_other_write_to_its_record() -> None:
    desk = desk_with(PEOPLE, ORDERS, TAGS, schemas=(ORDER, TAGGED_BILL, PERSON, BOOKS_PERSON))
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7", note="100"))
    desk.put("books", "Bill", {**bill("7", "100", ("Work", "10")), "Date": "2026-01-01"})
    change = only(desk.plan())
    made = desk.plan(Standing({change.intent: "unknown"}))
    assert made.changes == ()
    assert len(reasons(made)) == 2


def test_a_record_that_could_not_be_read_lately_is_neither_read_from_nor_written() -> None:
    desk = desk_with()
    desk.put("shop", "order", order("100", ("Work", 1000)), order("200", ("Work", 1000), person="p2"))
    desk.put("shop", "person", person("p2", "Bea", "b@x.com"))
    desk.put("books", "Person", books_person("2", "Bea", "b@x.com"))
    desk.refresh()
    poison = Poison("books", "Person", "1", "the answer was cut short", b"{")
    desk.records.store_page("books", "Person", Page(poison=(poison,)), AT)
    made = desk.plan()
    assert {change.source and change.source.id for change in made.changes if change.action is Action.CREATE} == {"o200"}
    assert "waits for books:Person:1: it cannot be read: the answer was cut short" in reasons(made)


def test_a_row_that_a_pull_set_aside_is_a_finding_of_its_mapping_until_it_can_be_read() -> None:
    desk = desk_with()
    desk.refresh()
    poison = Poison("books", "Person", "1", "the answer was cut short", b"{")
    stranger = Poison("books", "Person", "9", "it has no id", b"{")
    desk.records.store_page("books", "Person", Page(poison=(poison, stranger)), AT)
    for found in (desk.findings(), desk.plan().findings):
        assert [(one.mapping, one.kind, str(one.left), str(one.right), one.name, one.since) for one in found] == [
            ("people", FindingKind.POISON, "shop:person:p1", "books:Person:1", "Ana", AT),
            ("people", FindingKind.POISON, "None", "books:Person:9", "", AT),
        ]
        assert found[0].hint == (
            "the answer was cut short; nothing is read from it or written to it meanwhile;"
            " correct it in books, then pull again"
        )
        assert found[1].hint.endswith(
            "; what may belong to it in shop counts as missing and is not made in books until it is corrected in books"
            " and pulled"
        )
    desk.put("books", "Person", BOOKED_ANA)
    assert [str(one.right) for one in desk.findings()] == ["books:Person:9"]
