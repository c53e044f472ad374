"""A shortcut's text is always the one that decoding and comparing make."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syncctl.comparison import comparer
from syncctl.fields.builtin import CODECS
from syncctl.fields.schema import Field, Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.compare import email
from syncctl.mapping.language import At, First, Form, PathValue, Sum, Term
from syncctl.model import Ref
from syncctl.paths import parse_path
from syncctl.shortcuts import MICROS, Ways, amount_reader, cell_reader
from syncctl.values.forms import Reading, compile_form
from syncctl.values.scope import Catalogue, Scope

ZONE = ZoneInfo("America/New_York")
HERE = At("m.yaml", 1, 1)


def place(text: str) -> PathValue:
    return PathValue(parse_path(text), HERE)


UNKNOWN = {"$known_after_apply": "shop:order:new-1#number"}
TEXTS = [
    "",
    " ",
    "a",
    "  a  b ",
    "Müller\u0308",
    "a\tb",
    "a\x00b",
    "?",
    "usd",
    "USD",
    "Ana <Ana@X.com>",
    "true",
    "x" * 50,
]
NUMBERS = [0, 1, -5, 7, 100, 105, 199_999, 10**12, 10**15, 10**20, -(10**20), True, False]
DECIMALS = ["1.50", "-0.00", "0.0", "1E+3", "1E-7", "1.0000000000000002", "0.1000000000000000055", "-12.340", "1" * 25]
DIGITS = ["105", "\u0661\u0662", "9" * 15, "9" * 16, "-5"]
DATES = ["2026-11-18", "2026-11-18T05:00:00Z", "20261118", "2026-W47-3", "2026-02-30", "2026-11-18x"]
TIMES = [86_399, 86_400, 1_795_003_200, 1_795_050_000, 221_845_391_999, 221_845_392_000, 10**12, -1]
OBJECTS = [
    {"value": "usd", "name": "Dollar"},
    {"value": 5},
    {"value": ""},
    {"id": "7"},
    {},
    UNKNOWN,
    {"value": UNKNOWN},
]
LISTS: list[Any] = [[], ["a"], ["a", "b"], [1, 1], [None]]
VALUES = [None, *TEXTS, *NUMBERS, *map(Decimal, DECIMALS), *DECIMALS, *DIGITS, *DATES, *TIMES, *OBJECTS, *LISTS]
COMMON = ("text", "money", "number", "date", "instant", "bool", "currency")


def reading(path: str, codec: str, **words: Any) -> tuple[Reading, Catalogue]:
    field = Field(path, codec, target="order" if codec.startswith("ref") else "", currency="currency", **words)
    currency = Field("currency", "currency.lower")
    schema = Schema("shop", "order", {field.path: field, "currency": currency})
    catalogue = Catalogue({("shop", "order"): schema}, lambda _ref, _raw: "open", ZONE)
    return compile_form(PathValue(parse_path(path), At("m.yaml", 1, 1)), "shop", "order", catalogue), catalogue


def several(form: Form, codec: str, other: str) -> Reading:
    """A form over `a`, `b` and `lines.a`, of one codec and another."""
    listed = [Field(path, kind, currency="currency") for path, kind in (("a", codec), ("b", other), ("lines.a", codec))]
    schema = Schema("shop", "order", {field.path: field for field in (*listed, Field("currency", "currency.lower"))})
    catalogue = Catalogue({("shop", "order"): schema}, lambda _ref, _raw: "open", ZONE)
    return compile_form(form, "shop", "order", catalogue)


def outcome(cell: Any, raw: Any) -> str:
    try:
        return str(cell(raw, Scope(Ref("shop", "order", "1"), raw, None)))  # type: ignore[arg-type]
    except Undecodable as error:
        return f"undecodable: {error}"


@pytest.mark.parametrize("codec", sorted(CODECS))
@pytest.mark.parametrize("path", ["total", "inner.total", "a.b.total"])
def test_a_shortcut_and_the_long_way_tell_the_same(codec: str, path: str) -> None:
    compiled, _ = reading(path, codec)
    for common in COMMON:
        for normalise in (None, email):
            ways = Ways(common, comparer(common, ZONE, normalise), ZONE, normalise)
            cell = cell_reader(compiled, ways)
            for value in VALUES:
                for currency in ("usd", "jpy", "kwd") if codec.startswith("money") else ("usd",):
                    raw: Any = value
                    for name in reversed(path.split(".")):
                        raw = {name: raw}
                    raw["currency"] = currency
                    long = outcome(lambda raw, scope, ways=ways: ways.compare(compiled.read(raw, scope)), raw)
                    assert outcome(cell, raw) == long, (codec, common, value)


PLAIN = ["text", "currency.lower", "currency.value", "date", "instant.epoch", "money.minor.stripe", "money", "number"]
FORMS = [
    First((place("a"), place("b")), HERE),
    Sum((Term(1, place("a")), Term(-1, place("b"))), HERE),
    Sum((Term(1, place("lines.a")),), HERE),
]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("codecs", [*((each, each) for each in PLAIN), ("money.minor.stripe", "money")])
def test_a_shortcut_through_several_fields_tells_what_the_long_way_tells(form: Form, codecs: tuple[str, str]) -> None:
    compiled = several(form, *codecs)
    for common in COMMON:
        for normalise in (None, email) if common == "text" else (None,):
            ways = Ways(common, comparer(common, ZONE, normalise), ZONE, normalise)
            cell = cell_reader(compiled, ways)
            for value in VALUES:
                for other in (None, 5, -5, "7", {"value": "eur"}):
                    lines = [{"a": value}, {"a": other}]
                    raw = {"a": value, "b": other, "lines": lines, "currency": "jpy" if other == 5 else "usd"}
                    long = outcome(lambda raw, scope, ways=ways: ways.compare(compiled.read(raw, scope)), raw)
                    assert outcome(cell, raw) == long, (common, value, other)


def test_amounts_whose_currencies_stand_in_different_places_are_never_added_as_numbers() -> None:
    fields = [Field("a", "money.minor.stripe", currency="here"), Field("b", "money.minor.stripe", currency="there")]
    schema = Schema("shop", "order", {field.path: field for field in fields})
    catalogue = Catalogue({("shop", "order"): schema}, lambda _ref, _raw: "open", ZONE)
    compiled = compile_form(Sum((Term(1, place("a")), Term(1, place("b"))), HERE), "shop", "order", catalogue)
    cell = cell_reader(compiled, Ways("money", comparer("money", ZONE), ZONE))
    assert outcome(cell, {"a": 100, "b": 100, "here": "usd", "there": "usd"}) == "2 USD"
    assert outcome(cell, {"a": 100, "b": 100, "here": "usd", "there": "eur"}) == "undecodable: a sum over EUR and USD"


@pytest.mark.parametrize("codec", ["money.minor.stripe", "money", "number"])
def test_an_amount_is_the_same_by_the_shortcut(codec: str) -> None:
    compiled, _ = reading("total", codec)
    read = amount_reader(compiled)
    for value in (0, 1, 105, 10**12, Decimal("12.34"), "7.5"):
        for currency in ("usd", "jpy", "kwd"):
            raw = {"total": value, "currency": currency}
            scope = Scope(Ref("shop", "order", "1"), raw, None)  # type: ignore[arg-type]
            found = compiled.read(raw, scope)
            amount = getattr(found, "amount", found)
            assert read(raw, scope) == (int(amount * MICROS), getattr(found, "currency", ""))


def test_the_default_of_a_field_stands_for_what_the_vendor_leaves_out() -> None:
    compiled, _ = reading("state", "text", default="new")
    cell = cell_reader(compiled, Ways("text", comparer("text", ZONE), ZONE))
    assert outcome(cell, {}) == "new"


def test_several_values_on_the_way_take_the_long_way() -> None:
    compiled, _ = reading("lines.text", "text")
    cell = cell_reader(compiled, Ways("text", comparer("text", ZONE), ZONE))
    assert outcome(cell, {"lines": [{"text": "a"}, {"text": "a"}]}) == "a"
    assert outcome(cell, {"lines": [{"text": "a"}, {"text": "b"}]}).startswith("undecodable: several values")
    assert outcome(cell, {"lines": [[{"text": "a"}], {"text": ["a"]}]}) == "a"
