"""What a match rule cannot read is not made a second time: the create is held, and says why and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from syncctl.ledger.pairs import Decision
from syncctl.model import FindingKind, Page, Poison, Ref
from two_systems import AT, PEOPLE, Desk, books_person, person

SHOP, BOOKS = Ref("shop", "person", "p1"), Ref("books", "Person", "1")
UNREADABLE: dict[str, Any] = {"its": "own"}
BY_MAIL = "  - {left: email, right: Email, as: email}\n"
BY_MAIL_IN_CITY = "  - all: [{left: email, right: Email, as: email}, {left: city, right: City}]\n"
BY_MAIL_NEAR_BY_NAME = "  - all: [{left: city, right: City}, {left: email, right: Email, similar: 90}]\n"


def desk(match: str = BY_MAIL) -> Desk:
    return Desk(PEOPLE.replace(BY_MAIL, match))


def made(found: Desk) -> list[str]:
    return [str(change.source) for change in found.plan().changes]


def blocked(found: Desk) -> list[str]:
    return [one.hint for one in found.plan().findings if one.kind is FindingKind.BLOCKED]


def decide(found: Desk, verdict: str) -> None:
    with found.engine.write():
        found.books.pairs.decide(Decision("people", SHOP, BOOKS, verdict, "ann", AT))
        found.books.passes.judge_again(found.books.lookups.mapping_id("people"))


@pytest.mark.parametrize("match", [BY_MAIL, BY_MAIL_IN_CITY, BY_MAIL_NEAR_BY_NAME])
def test_what_may_be_there_unread_is_not_made_until_it_can_be_read_or_a_person_says_that_they_are_two(
    match: str,
) -> None:
    found = desk(match)
    found.put("shop", "person", person("p1", "Ana", "a@x.com", city="Graz"))
    unread = {**books_person("1", "Ana B", "", City="Graz"), "Email": UNREADABLE}
    found.put("books", "Person", unread)
    (why,) = blocked(found)
    assert made(found) == []
    assert "cannot read books:Person:1 (" in why
    assert f"`syncctl match confirm people {SHOP} {BOOKS}`" in why
    decide(found, "reject")
    assert made(found) == [str(SHOP)]
    found.put("books", "Person", {**unread, "Email": "b@x.com"})
    assert made(found) == [str(SHOP)]


def test_a_person_who_says_which_belongs_to_it_frees_all_others() -> None:
    found = desk()
    found.put("shop", "person", person("p1", "Ana", "a@x.com"), person("p2", "Bea", "b@x.com"))
    found.put("books", "Person", {**books_person("1", "Ana", ""), "Email": UNREADABLE})
    assert (made(found), len(blocked(found))) == ([], 2)
    decide(found, "confirm")
    assert made(found) == ["shop:person:p2"]


def test_what_can_be_told_apart_by_what_can_be_read_is_made() -> None:
    found = desk(BY_MAIL_IN_CITY)
    found.put(
        "shop", "person", person("p1", "Ana", "a@x.com", city="Graz"), person("p2", "Bea", "b@x.com", city="Linz")
    )
    found.put("books", "Person", {**books_person("1", "Ana", "", City="Graz"), "Email": UNREADABLE})
    assert made(found) == ["shop:person:p2"]


def test_a_record_that_no_rule_can_read_is_not_made_at_the_other_side() -> None:
    mapping = PEOPLE.replace("  - {left: email, right: Email, owner: left, as: email}\n", "")
    found = Desk(mapping)
    found.put("shop", "person", {**person("p1", "Ana", ""), "email": UNREADABLE})
    assert made(found) == []
    (why,) = blocked(found)
    assert "so books may have it already: correct it in shop, then pull" in why


@pytest.mark.parametrize(
    ("row", "free"),
    [
        (b'{"Id": "1", "Email": "a@x.com", "Total": NaN}', ["shop:person:p2"]),
        (b'{"Id": "1", "Email": {}, "Total": NaN}', []),
        (b'{"Id": "1", "Email": "a@x', []),
        (b"[]", []),
    ],
)
def test_a_row_that_was_never_read_holds_back_whatever_it_may_be(row: bytes, free: list[str]) -> None:
    found = desk()
    found.put("shop", "person", person("p1", "Ana", "a@x.com"), person("p2", "Bea", "b@x.com"))
    found.records.store_page("books", "Person", Page(poison=(Poison("books", "Person", "1", "cut short", row),)), AT)
    assert made(found) == free
    assert all("books:Person:1 (cut short), which may be it: correct that in books" in why for why in blocked(found))
    found.put("books", "Person", books_person("1", "Ana B", "c@x.com"))
    assert len(made(found)) == 2
