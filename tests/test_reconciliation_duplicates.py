"""A record whose twin has a partner already is a duplicate: nothing is made for it until a person says it is two."""

from __future__ import annotations

import pytest

from syncctl.ledger.pairs import Decision
from syncctl.model import Action, FindingKind, Ref
from two_systems import AT, ORDERS, PEOPLE, Desk, bill, books_person, order, person

ANA, BOOKED_ANA = person("p1", "Ana", "a@x.com"), books_person("1", "Ana", "a@x.com")
TWIN = person("p2", "Ana Again", "A@X.com ")


def desk_with(*people: dict[str, object], mapping: str = PEOPLE, more: tuple[str, ...] = (ORDERS,)) -> Desk:
    """Ana is in both systems and paired; these come later."""
    desk = Desk(mapping, *more)
    desk.put("shop", "person", ANA)
    desk.put("books", "Person", BOOKED_ANA)
    desk.refresh()
    desk.put("shop", "person", *people)
    return desk


def kinds(desk: Desk) -> list[tuple[FindingKind, str]]:
    return [(one.kind, str(one.left)) for one in desk.findings()]


def made(desk: Desk) -> list[str]:
    return [change.name for change in desk.plan().changes if change.action is Action.CREATE]


def shopper(identity: str) -> Ref:
    return Ref("shop", "person", identity)


def reject(desk: Desk, one: Ref, other: Ref) -> None:
    """A person says that two records are two things."""
    desk.refresh()
    with desk.engine.write():
        desk.books.pairs.decide(Decision("people", one, other, "reject", "ana", AT))
        desk.books.passes.judge_again(desk.books.lookups.mapping_id("people"))


def test_a_record_with_the_key_of_one_that_has_a_partner_is_a_duplicate_and_never_created() -> None:
    desk = desk_with(TWIN)
    (found,) = desk.findings()
    assert (found.kind, str(found.left), found.right) == (FindingKind.DUPLICATE, "shop:person:p2", None)
    assert found.hint == (
        "rule 'email = Email (email)': it is the same as shop:person:p1, whose partner is books:Person:1: merge the two"
        " in shop, or say that they are two: syncctl match reject people shop:person:p2 books:Person:1"
    )
    drafted = desk.plan()
    assert (drafted.changes, [one.kind for one in drafted.findings]) == ((), [FindingKind.DUPLICATE])


def test_what_depends_on_a_duplicate_waits_for_it_and_says_why() -> None:
    desk = desk_with(TWIN)
    desk.put("shop", "order", order("100", ("Work", 1000), person="p2"), order("200", ("Work", 1000)))
    drafted = desk.plan()
    assert [change.name for change in drafted.changes if change.action is Action.CREATE] == ["200"]
    (blocked,) = [one for one in drafted.findings if one.kind is FindingKind.BLOCKED]
    assert blocked.hint.startswith("waits for shop:person:p2: rule 'email = Email (email)': it is the same as")


def test_a_duplicate_is_told_from_its_partner_too_when_the_twin_has_another_value_now() -> None:
    kept = PEOPLE.replace("email, right: Email, owner: left, as: email", "email, right: Email, once: true")
    desk = desk_with({**ANA, "email": "new@x.com"}, TWIN, mapping=kept)
    assert (FindingKind.DUPLICATE, "shop:person:p2") in kinds(desk)
    assert made(desk) == []


def test_a_duplicate_of_a_record_that_was_deleted_is_not_created_beside_its_partner() -> None:
    desk = desk_with(TWIN)
    desk.delete("shop", "person", "p1")
    assert sorted(kinds(desk)) == [(FindingKind.DUPLICATE, "shop:person:p2"), (FindingKind.GONE, "shop:person:p1")]
    assert made(desk) == []


def test_once_a_person_said_that_they_are_two_the_second_is_created() -> None:
    desk = desk_with(TWIN)
    reject(desk, shopper("p2"), Ref("books", "Person", "1"))
    assert kinds(desk) == [(FindingKind.MISSING, "shop:person:p2")]
    assert made(desk) == ["Ana Again"]


def test_of_two_new_records_with_one_key_one_is_created_and_the_other_is_a_duplicate() -> None:
    desk = desk_with(person("p3", "Bea", "b@x.com"), person("p4", "Bea B", "B@x.com"), person("p5", "Cy", "c@x.com"))
    assert sorted(kinds(desk)) == [
        (FindingKind.DUPLICATE, "shop:person:p4"),
        (FindingKind.MISSING, "shop:person:p3"),
        (FindingKind.MISSING, "shop:person:p5"),
    ]
    assert made(desk) == ["Bea", "Cy"]


def test_of_two_new_records_with_one_key_both_are_created_once_a_person_said_that_they_are_two() -> None:
    desk = desk_with(person("p3", "Bea", "b@x.com"), person("p4", "Bea B", "B@x.com"))
    (told,) = [one.hint for one in desk.findings() if one.kind is FindingKind.DUPLICATE]
    assert told.endswith("say that they are two: syncctl match reject people shop:person:p4 shop:person:p3")
    reject(desk, shopper("p4"), shopper("p3"))
    assert {kind for kind, _ in kinds(desk)} == {FindingKind.MISSING}
    assert made(desk) == ["Bea", "Bea B"]


def test_a_third_record_with_the_key_is_held_until_a_person_told_it_from_both() -> None:
    desk = desk_with(*(person(f"p{number}", f"Bea {number}", "b@x.com") for number in (3, 4, 5)))
    reject(desk, shopper("p4"), shopper("p3"))
    reject(desk, shopper("p3"), shopper("p5"))
    assert made(desk) == ["Bea 3", "Bea 4"]
    reject(desk, shopper("p5"), shopper("p4"))
    assert made(desk) == ["Bea 3", "Bea 4", "Bea 5"]


def test_what_a_person_told_apart_stays_apart_when_the_first_has_its_partner() -> None:
    desk = desk_with(TWIN)
    reject(desk, shopper("p2"), shopper("p1"))
    assert made(desk) == ["Ana Again"]


def test_where_several_may_share_a_partner_there_are_no_duplicates() -> None:
    shared = PEOPLE.replace("create: right", "create: right\nmany: left").replace("owner: both", "owner: left")
    desk = desk_with(TWIN, mapping=shared)
    assert FindingKind.DUPLICATE not in {kind for kind, _ in kinds(desk)}
    assert made(desk) == []


def test_where_nothing_is_created_a_record_without_partner_is_told_as_that() -> None:
    desk = desk_with(TWIN, mapping=PEOPLE.replace("create: right\n", ""))
    assert kinds(desk) == [(FindingKind.MISSING, "shop:person:p2")]


@pytest.mark.parametrize(
    "rule",
    [
        "{rule: soon, all: [{left: person, right: Person, link: people}, {left: placed, right: Date, within: 3d}]}",
        "{rule: about, all: [{left: person, right: Person, link: people}, {left: total, right: Total, tolerance: 1}]}",
        "{rule: ask, all: [{left: person, right: Person, link: people}], accept: review}",
    ],
)
def test_rules_that_only_narrow_down_or_only_propose_make_no_duplicates(rule: str) -> None:
    orders = ORDERS.replace(
        "  - {left: number, right: Number}\n", f"  - {{left: number, right: Number}}\n  - {rule}\n", 1
    )
    desk = desk_with(more=(orders,))
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", bill("7", "100", ("Work", "10")))
    desk.refresh()
    desk.put("shop", "order", order("200", ("Work", 1000)), order("300", ("Work", 1000)))
    assert made(desk) == ["200", "300"]
