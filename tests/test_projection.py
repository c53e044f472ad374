"""A record as one mapping sees it: what is read once, what is read each in its own way, and what never leaks."""

from __future__ import annotations

from typing import Any

import pytest

from syncctl.fields.jsontext import decode_record, encode_json
from syncctl.model import Ref, SideName
from syncctl.projection.projection import Projection
from syncctl.projection.side import Side
from two_systems import PEOPLE, Desk, World, bill, order

ORDERS = """
mapping: orders
left: shop.order
right: books.Bill
match:
  - rule: number and person
    all: [{left: number, right: Number}, {left: person, right: Person, link: people}]
  - rule: person and total
    all: [{left: person, right: Person, link: people}, {left: total, right: Total}]
  - {left: note, right: Memo, as: email}
fields:
  - {left: number, right: Number, owner: left}
  - {left: person, right: Person, owner: left, link: people}
  - {left: total, right: Total, owner: none}
  - {left: note, right: Memo, owner: left}
lines:
  - right: Line(Kind=Note)
    owner: left
    fields: [{left: note, right: Text}, {left: total, right: Amount}]
"""


class Counting(World):
    """A world that remembers how often it was asked for a pair."""

    asked = 0

    def pair(self, mapping: str, ref: Ref) -> int | None:
        self.asked += 1
        return super().pair(mapping, ref)


def compiled() -> Projection:
    return next(each for each, _ in Desk(PEOPLE, ORDERS).compiled if each.mapping.name == "orders")


def projected(side: SideName, raw: dict[str, Any], world: World) -> Side:
    ref = Ref("shop", "order", "o1") if side == "left" else Ref("books", "Bill", "7")
    return compiled().project(side, ref, decode_record(encode_json(raw)), world, "")


@pytest.mark.parametrize(
    ("side", "raw"), [("left", order("1", ("a", 100))), ("right", bill("7", "1", ("a", "1.00"), person="p1"))]
)
def test_a_partner_that_two_keys_and_a_field_name_is_looked_up_once(side: SideName, raw: dict[str, Any]) -> None:
    world = Counting(p1=5)
    found = projected(side, raw, world)
    assert found.keys[:2] == ("1\x1fp5", "p5\x1f1 USD")
    assert found.body.split("\x1d")[0].split("\x1f")[1] == "p5"
    assert world.asked == 1


def test_one_path_compared_in_two_ways_has_two_texts() -> None:
    found = projected("left", order("1", note="Ana <Ana@X.com>"), World(p1=5))
    assert found.keys[2] == "ana@x.com"
    assert found.body.split("\x1d")[0].split("\x1f")[3] == "Ana <Ana@X.com>"


def test_a_line_made_from_the_record_itself_holds_the_records_own_values() -> None:
    found = projected("left", order("1", ("a", 100), note="thanks"), World(p1=5))
    assert found.body.split("\x1d")[1] == "thanks\x1f1 USD"


def test_what_was_read_from_one_record_says_nothing_of_the_next() -> None:
    world, projection = World(p1=5, p2=6), compiled()
    ref = Ref("shop", "order", "o1")
    first, second = (
        projection.project("left", ref, order("1", ("a", 100), person=person), world, "") for person in ("p1", "p2")
    )
    assert (first.keys[0], second.keys[0]) == ("1\x1fp5", "1\x1fp6")
    assert first.uses == {Ref("shop", "person", "p1")}
    assert second.uses == {Ref("shop", "person", "p2")}


def test_a_key_over_a_value_that_cannot_be_read_matches_nothing_and_its_field_says_why() -> None:
    found = projected("left", order("1", person={"odd": 1}), World())  # type: ignore[arg-type]
    assert found.keys[:2] == (None, None)
    assert found.body.split("\x1d")[0].split("\x1f")[1] == "\x01not a reference: {'odd': 1}"
