"""Value forms over live schemas: what a path, a first, a text and a sum read, and what they look at on the way."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.fields.jsontext import decode_record, encode_json
from syncctl.fields.schema import Field, Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import At, Constant, First, Form, PathValue, Sum, Template, Term
from syncctl.model import NEW, Money, Raw, Ref, Unknown
from syncctl.paths import parse_path
from syncctl.plan.draft import Draft
from syncctl.values.canonical import add_up, one
from syncctl.values.elements import elements_reader
from syncctl.values.forms import compile_form, fill_template
from syncctl.values.scope import Catalogue, Scope
from two_systems import ORDER, PERSON, Desk, World, fields

AT = At("m.yaml", 1, 1)
PAYOUT = Schema(
    "shop",
    "payout",
    fields(
        Field("id", "id"),
        Field("amount", "money.minor.stripe", currency="currency"),
        Field("currency", "currency.lower"),
        Field("moves", "object", reverse=("move", "payout", "id")),
        Field("cf1", label="Project ID"),
        Field("cf2", label="Twice"),
        Field("cf3", label="Twice"),
        Field("labels", many=True),
        Field("owner", "ref", target="person"),
        Field("watchers", "ref", target="person", many=True),
    ),
)
MOVE = Schema(
    "shop",
    "move",
    fields(
        Field("id", "id"),
        Field("payout", "ref", target="payout"),
        Field("net", "money.minor.stripe", currency="currency"),
        Field("kind", "enum"),
        Field("currency", "currency.lower"),
    ),
)
BILLS = (("shop", "order"), ("books", "Bill"))
CATALOGUE = Catalogue(
    {(schema.system, schema.kind): schema for schema in (PAYOUT, MOVE, PERSON, ORDER)},
    lambda _ref, raw: "void" if raw.get("gone") else "open",
    ZoneInfo("UTC"),
    {"orders": BILLS, "people": (("shop", "person"), ("books", "Person"))},
)


def path(text: str) -> PathValue:
    return PathValue(parse_path(text), AT)


def template(text: str) -> Template:
    parts = [parse_path(part[1:-1]) if part.startswith("{") else part for part in split_braces(text)]
    return Template(tuple(parts), AT)


def split_braces(text: str) -> list[str]:
    import re

    return [part for part in re.split(r"(\{[^}]*\})", text) if part]


def scoped(raw: dict[str, Any], world: World | None = None, kind: str = "payout") -> Scope:
    return Scope(Ref("shop", kind, str(raw.get("id", "1"))), decode_record(encode_json(raw)), world or World())


def reads(form: Form, raw: dict[str, Any], world: World | None = None, kind: str = "payout") -> Any:
    scope = scoped(raw, world, kind)
    return compile_form(form, "shop", kind, CATALOGUE).read(scope.root, scope)


# --- paths ------------------------------------------------------------------------------------------------------------


def test_a_label_finds_its_field_and_two_with_one_label_are_an_error() -> None:
    assert reads(path("(project id)"), {"cf1": "P-7"}) == "P-7"
    for text in ("(Twice)", "(Missing)", "(Project ID).deep"):
        with pytest.raises(Undecodable):
            reads(path(text), {})


def test_a_reference_leads_into_the_record_it_names_and_the_look_is_noted() -> None:
    who = Ref("shop", "person", "p1")
    scope = scoped({"owner": "p1"}, World({who: {"id": "p1", "name": "Ana"}}))
    reading = compile_form(path("owner->name"), "shop", "payout", CATALOGUE)
    assert reading.read(scope.root, scope) == "Ana"
    assert scope.uses == {who}


def test_a_record_that_is_not_there_is_an_empty_value_but_noted_all_the_same() -> None:
    scope = scoped({"owner": "p9"})
    assert compile_form(path("owner->name"), "shop", "payout", CATALOGUE).read(scope.root, scope) is None
    assert scope.uses == {Ref("shop", "person", "p9")}


def test_a_list_of_references_leads_into_all_its_records() -> None:
    world = World({Ref("shop", "person", n): {"id": n, "name": n.upper()} for n in ("p1", "p2")})
    assert reads(path("watchers->name"), {"watchers": ["p1", "p2", "p3", ""]}, world) == ("P1", "P2")


def test_a_partner_in_another_mapping_is_a_record_like_any_other() -> None:
    world = World({Ref("books", "Bill", "7"): {"Number": "B-7"}, Ref("shop", "order", "o1"): {}}, **{"o1": 5, "7": 5})
    catalogue = Catalogue(
        {**CATALOGUE.schemas, ("books", "Bill"): Schema("books", "Bill", fields(Field("Number")))},
        CATALOGUE.state,
        CATALOGUE.time_zone,
        CATALOGUE.sides,
    )
    scope = scoped({"id": "o1"}, world, "order")
    assert compile_form(path("link(orders)->Number"), "shop", "order", catalogue).read(scope.root, scope) == "B-7"
    assert compile_form(path("link(orders)"), "shop", "order", catalogue).read(scope.root, scope) == Ref(
        "books", "Bill", "7"
    )
    assert Ref("shop", "order", "o1") in scope.uses


@pytest.mark.parametrize("text", ["link(nowhere)", "link(people)", "amount->name", "moves.missing"])
def test_a_path_that_leads_nowhere_is_an_error_when_it_is_compiled(text: str) -> None:
    with pytest.raises(Undecodable):
        compile_form(path(text), "shop", "payout", CATALOGUE)


def test_the_state_is_one_of_one_vocabulary_also_behind_a_reference() -> None:
    world = World({Ref("shop", "person", "p1"): {"gone": 1}})
    assert reads(path("$state"), {}) == "open"
    assert reads(path("owner->$state"), {"owner": "p1"}, world) == "void"


def test_empty_elements_of_a_list_are_no_values() -> None:
    assert reads(path("labels"), {"labels": ["", None, "a", " "]}) == ("a",)
    assert reads(path("labels"), {"labels": ["", None]}) is None


@pytest.mark.parametrize(
    ("raw", "text", "reason"),
    [
        ({"amount": {"odd": 1}}, "amount", "not an amount: {'odd': 1}"),
        ({"amount": [[]]}, "amount", "not an amount: []"),
        ({"amount": "x"}, "amount", "not a number: 'x'"),
        ({"owner": {"a": 1}}, "owner", "not a reference: {'a': 1}"),
        ({"owner": {"a": 1}}, "owner->name", "not a reference: {'a': 1}"),
        ({"watchers": [["p1"]]}, "watchers->name", "not a reference: ['p1']"),
        ({"labels": {"a": 1}}, "labels", "not a text: {'a': 1}"),
        ({"labels": ["b", ["a"]]}, "labels", "not a text: ['a']"),
    ],
)
def test_an_odd_shape_is_an_error_that_shows_it_and_other_fields_are_read(
    raw: dict[str, Any], text: str, reason: str
) -> None:
    raw = {"cf1": "P-7", **raw}
    with pytest.raises(Undecodable) as refusal:
        reads(path(text), raw)
    assert str(refusal.value) == reason
    assert reads(path("cf1"), raw) == "P-7"


@pytest.mark.parametrize("empty", [None, "", " ", [], [None, ""]])
@pytest.mark.parametrize(
    ("field", "text"),
    [("amount", "amount"), ("owner", "owner"), ("owner", "owner->name"), ("watchers", "watchers->name"),
     ("labels", "labels")],
)  # fmt: skip
def test_empty_shapes_are_no_value_and_no_look_at_another_record(field: str, text: str, empty: Any) -> None:
    scope = scoped({field: empty, "currency": "usd"})
    assert compile_form(path(text), "shop", "payout", CATALOGUE).read(scope.root, scope) is None
    assert scope.uses == set()


@pytest.mark.parametrize("currency", [7, ["usd"], {"name": "Dollar"}, "u\x1fd"])
def test_an_amount_that_is_not_there_is_empty_whatever_its_record_says_of_the_currency(currency: Any) -> None:
    amount = path("amount")
    for form in (amount, First((amount, path("cf1")), AT), Sum((Term(1, amount), Term(-1, amount)), AT)):
        assert reads(form, {"currency": currency}) is None


# --- lists that the ledger joins --------------------------------------------------------------------------------------

MOVES = {
    Ref("shop", "move", "m1"): {"id": "m1", "payout": "1", "net": 1000, "currency": "usd", "kind": "charge"},
    Ref("shop", "move", "m2"): {"id": "m2", "payout": "1", "net": -30, "currency": "usd", "kind": "fee"},
    Ref("shop", "move", "m3"): {"id": "m3", "payout": "2", "net": 500, "currency": "usd", "kind": "charge"},
}


def test_a_joined_list_holds_the_records_that_point_here() -> None:
    assert reads(path("moves.net"), {"id": "1"}, World(MOVES)) == (
        Money(Decimal(10), "USD"),
        Money(Decimal("-0.30"), "USD"),
    )
    assert reads(Sum((Term(1, path("moves.net")),), AT), {"id": "1"}, World(MOVES)) == Money(Decimal("9.70"), "USD")
    assert reads(path("moves.net"), {"id": "9"}, World(MOVES)) is None


def test_a_joined_list_is_a_look_at_its_records_and_at_those_that_may_come() -> None:
    scope = scoped({"id": "1"}, World(MOVES))
    compile_form(path("moves.net"), "shop", "payout", CATALOGUE).read(scope.root, scope)
    assert scope.uses == {*list(MOVES)[:2], Ref("shop", "move", "payout=1")}


def test_a_joined_amount_is_in_its_own_currency_and_not_in_that_of_the_record_that_holds_it() -> None:
    moves = {Ref("shop", "move", "m1"): {"id": "m1", "payout": "1", "net": 500, "currency": "jpy"}}
    raw = {"id": "1", "currency": "usd"}
    assert reads(path("moves.net"), raw, World(moves)) == (Money(Decimal(500), "JPY"),)
    scope = scoped(raw, World(moves))
    (element,) = elements_reader(parse_path("moves"), "shop", "payout", CATALOGUE)(scope.root, scope)
    reading = compile_form(path("net"), "shop", "payout", CATALOGUE, prefix="@move")
    assert reading.read(element, scope) == Money(Decimal(500), "JPY")
    assert reading.own is None


def test_the_same_element_is_the_same_object_whoever_reads_the_list() -> None:
    scope = scoped({"id": "1"}, World(MOVES))
    whole = elements_reader(parse_path("moves"), "shop", "payout", CATALOGUE)
    fees = elements_reader(parse_path("moves(kind=fee)"), "shop", "payout", CATALOGUE)
    (fee,) = fees(scope.root, scope)
    assert any(element is fee for element in whole(scope.root, scope))


FEES = """
mapping: payouts
left: shop.payout
right: shop2.Deposit
match: [{left: id, right: Ref}]
fields: [{left: id, right: Ref, owner: left}]
lines:
  - left: moves(kind=charge)
    right: Line(Kind=Sale)
    owner: left
    fields: [{left: net, right: Amount}]
  - left: moves
    right: Line(Kind=Fee)
    owner: left
    fields: [{left: net, right: Amount}]
"""
DEPOSIT = Schema(
    "shop2",
    "Deposit",
    fields(
        Field("Id", "id", assigned=True),
        Field("Ref", writable="always"),
        Field("Currency", "currency"),
        Field("Line", "object"),
        Field("Line.Kind", "enum"),
        Field("Line.Amount", "money", currency="Currency", writable="always"),
    ),
    identity="Id",
    actions=frozenset({"update"}),  # type: ignore[arg-type]
)


def test_a29_every_element_of_a_joined_list_is_claimed_by_one_block_and_booked_once() -> None:
    desk = Desk(FEES, schemas=(PAYOUT, MOVE, DEPOSIT))
    desk.put("shop", "move", *MOVES.values())
    desk.put("shop", "payout", {"id": "1", "currency": "usd", "amount": 970})
    desk.put("shop2", "Deposit", {"Id": "d1", "Ref": "1", "Currency": "USD"})
    made: Draft = desk.plan()
    assert [one.hint for one in made.findings] == [""] * len(made.findings)
    assert [edit.after for change in made.changes for edit in change.edits] == [
        {"Kind": "Sale", "Amount": 10},
        {"Kind": "Fee", "Amount": Decimal("-0.30")},
    ]


def test_a_record_that_comes_to_a_joined_list_later_is_seen() -> None:
    desk = Desk(FEES, schemas=(PAYOUT, MOVE, DEPOSIT))
    desk.put("shop", "payout", {"id": "1", "currency": "usd", "amount": 970})
    desk.put("shop2", "Deposit", {"Id": "d1", "Ref": "1", "Currency": "USD"})
    assert desk.findings() == ()
    desk.put("shop", "move", MOVES[Ref("shop", "move", "m1")])
    assert [one.field for one in desk.findings()] == ["Line(Kind=Sale)"]
    desk.put("shop", "move", {**MOVES[Ref("shop", "move", "m1")], "payout": "2"})
    assert desk.findings() == ()


# --- first ------------------------------------------------------------------------------------------------------------

MEMBERS = st.sampled_from(["", " ", "a", "b", None])


@given(values=st.lists(MEMBERS, min_size=3, max_size=3))
def test_first_is_the_first_that_is_not_empty(values: list[str | None]) -> None:
    form = First((path("cf1"), path("cf2"), path("cf3")), AT)
    expected = next((value for value in values if value is not None and value.strip()), None)
    assert reads(form, dict(zip(("cf1", "cf2", "cf3"), values, strict=True))) == expected


def test_zero_and_false_are_values_and_a_constant_ends_the_search() -> None:
    form = First((path("amount"), Constant("none", AT)), AT)
    assert reads(form, {"amount": 0, "currency": "usd"}) == Money(Decimal(0), "USD")
    assert reads(form, {}) == "none"


def test_forms_nest() -> None:
    form = First((template("{cf1}-{cf2}"), Sum((Term(1, path("amount")), Term(-1, path("amount"))), AT)), AT)
    assert reads(form, {"cf1": "a", "amount": 5, "currency": "usd"}) == "a"
    assert reads(form, {"amount": 5, "currency": "usd"}) == Money(Decimal(0), "USD")


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "c", "text"),
    [
        ("a", "b", "c", "Hi a, b (c!"),
        (None, "b", "c", "Hi b (c!"),
        ("a", None, "c", "Hi a (c!"),
        ("a", "b", None, "Hi a, b!"),
        (None, None, "c", "Hi c!"),
        (None, "b", None, "Hi b!"),
        (None, None, None, ""),
    ],
)
def test_an_empty_field_leaves_a_text_together_with_the_text_before_it(
    a: str | None, b: str | None, c: str | None, text: str
) -> None:
    assert fill_template(["Hi ", 1, ", ", 2, " (", 3, "!"], ["Hi ", a, ", ", b, " (", c, "!"]) == text


def test_fields_without_text_between_them_keep_the_text_that_follows() -> None:
    assert fill_template([1, 2, "-", 3], [None, "b", "-", "c"]) == "b-c"


@given(values=st.lists(st.sampled_from(["", "x", "yy"]), min_size=1, max_size=5))
def test_a_text_never_begins_or_ends_with_a_separator_and_names_every_value(values: list[str]) -> None:
    parts: list[Any] = [part for n in range(len(values)) for part in (", ", n)][1:]
    filled = [part for value in values for part in (", ", value)][1:]
    assert fill_template(parts, filled) == ", ".join(value for value in values if value)


def test_a_text_is_empty_where_all_its_fields_are_so_that_it_equals_nothing() -> None:
    assert reads(template("Stripe {cf1}"), {}) is None
    assert reads(template("Stripe {cf1}"), {"cf1": "in_1"}) == "Stripe in_1"


def test_a_text_over_different_values_is_an_error_and_over_one_unknown_is_unknown() -> None:
    with pytest.raises(Undecodable, match="several values"):
        reads(template("all {labels}"), {"labels": ["a", "b"]})
    later = Unknown(Ref("books", "Bill", f"{NEW}1"), "Number")
    raw = {"cf1": {"$known_after_apply": f"{later.ref}#Number"}}
    assert reads(template("Bill {cf1}"), raw) == later


# --- sum --------------------------------------------------------------------------------------------------------------


@given(
    terms=st.lists(st.tuples(st.sampled_from([1, -1]), st.decimals(-1000, 1000, places=2)), max_size=6),
    money=st.booleans(),
)
def test_a_sum_is_signed_and_in_one_currency(terms: list[tuple[int, Decimal]], money: bool) -> None:
    found = add_up([(sign, Money(amount, "USD") if money else amount) for sign, amount in terms])
    total = sum((sign * amount for sign, amount in terms), Decimal(0))
    assert found == ((Money(total, "USD") if money else total) if terms else None)


def test_a_sum_over_two_currencies_is_an_error_and_over_nothing_is_empty() -> None:
    with pytest.raises(Undecodable, match="EUR and USD"):
        add_up([(1, Money(Decimal(1), "USD")), (1, Money(Decimal(1), "EUR"))])
    assert reads(Sum((Term(1, path("amount")), Term(-1, path("moves.net"))), AT), {"id": "1"}) is None


def test_a_missing_term_counts_nothing_beside_one_that_is_there() -> None:
    form = Sum((Term(1, path("amount")), Term(-1, path("moves.net"))), AT)
    assert reads(form, {"id": "1", "amount": 970, "currency": "usd"}) == Money(Decimal("9.70"), "USD")


# --- one --------------------------------------------------------------------------------------------------------------


@given(values=st.lists(st.sampled_from(["a", "b"]), max_size=3))
def test_one_value_is_the_only_different_one(values: list[str]) -> None:
    if len(set(values)) > 1:
        with pytest.raises(Undecodable):
            one(tuple(values))
    else:
        assert one(tuple(values)) == (values[0] if values else None)


def test_a_list_of_objects_is_no_value() -> None:
    objects: tuple[Raw, ...] = ({"a": 1}, {"a": 1})
    with pytest.raises(Undecodable, match="objects"):
        one(objects)
