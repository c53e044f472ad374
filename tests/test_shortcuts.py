"""A shortcut's text is always the one that decoding and comparing make."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syncctl.comparison import comparer
from syncctl.fields import CODECS, Field, Schema, Undecodable
from syncctl.mapping.compare import email
from syncctl.mapping.language import At, PathValue
from syncctl.model import Ref
from syncctl.paths import parse_path
from syncctl.shortcuts import MICROS, Ways, amount_reader, cell_reader
from syncctl.values import Catalogue, Reading, Scope, compile_form

ZONE = ZoneInfo("America/New_York")
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
VALUES = [None, *TEXTS, *NUMBERS, *map(Decimal, DECIMALS), *DECIMALS, *DATES, *TIMES, *OBJECTS, *LISTS]
COMMON = ("text", "money", "number", "date", "instant", "bool", "currency")


def reading(path: str, codec: str, **words: Any) -> tuple[Reading, Catalogue]:
    field = Field(path, codec, target="order" if codec.startswith("ref") else "", currency="currency", **words)
    currency = Field("currency", "currency.lower")
    schema = Schema("shop", "order", {field.path: field, "currency": currency})
    catalogue = Catalogue({("shop", "order"): schema}, lambda _ref, _raw: "open", ZONE)
    return compile_form(PathValue(parse_path(path), At("m.yaml", 1, 1)), "shop", "order", catalogue), catalogue


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
