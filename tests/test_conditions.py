"""`where` and `when`: what every test means, on every kind of value."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.conditions import compile_tests
from syncctl.fields.builtin import CODECS
from syncctl.fields.jsontext import decode_json
from syncctl.fields.schema import Field, Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import At, Test
from syncctl.model import Ref
from syncctl.paths import parse_path
from syncctl.values.scope import Catalogue, Scope
from two_systems import World

HERE = At("m.yaml", 1, 1)
INVOICE = Schema(
    "shop",
    "invoice",
    {
        field.path: field
        for field in (
            Field("status", "enum", options=(("o", "Open"), ("p", "Paid"))),
            Field("total", "money.minor.stripe", currency="currency"),
            Field("weight", "number"),
            Field("placed", "instant.epoch"),
            Field("due", "date"),
            Field("note"),
            Field("draft", "bool"),
            Field("person", "ref", target="person"),
            Field("lines", "object"),
            Field("lines.kind", "enum"),
            Field("labels", many=True),
        )
    },
)
PERSON = Schema("shop", "person", {"name": Field("name")})


WORLD = World({Ref("shop", "person", "p1"): {"id": "p1", "name": "Ana"}})
CATALOGUE = Catalogue(
    {("shop", "invoice"): INVOICE, ("shop", "person"): PERSON},
    lambda _ref, raw: "void" if raw.get("gone") else "open",
    ZoneInfo("America/New_York"),
)


def holds(raw: dict[str, Any], path: str, test: str, *values: str, negated: bool = False) -> bool:
    check = compile_tests([Test(parse_path(path), test, values, HERE, negated)], "shop", "invoice", CATALOGUE)  # type: ignore[arg-type]
    return check(raw, Scope(Ref("shop", "invoice", "1"), raw, WORLD))


@pytest.mark.parametrize(
    ("raw", "path", "test", "values"),
    [
        ({"status": "o"}, "status", "in", ("o",)),
        ({"status": "o"}, "status", "in", ("Paid", "Open")),
        ({"total": 1000, "currency": "usd"}, "total", "in", ("10",)),
        ({"total": 1000, "currency": "usd"}, "total", "in", ("10.00",)),
        ({"weight": 15000}, "weight", "in", ("15,000",)),
        ({"draft": False}, "draft", "in", ("false",)),
        ({"note": " to  pay\u00a0"}, "note", "in", ("to pay",)),
        ({"person": "p1"}, "person", "in", ("p1",)),
        ({"person": "p1"}, "person->name", "in", ("Ana",)),
        ({}, "$state", "in", ("open", "paid")),
        ({"lines": [{"kind": "a"}, {"kind": "b"}]}, "lines.kind", "in", ("b",)),
        ({"labels": ["x", "y"]}, "labels", "in", ("y",)),
        ({"total": 1, "currency": "usd"}, "total", "over", ("0",)),
        ({"total": -1, "currency": "usd"}, "total", "under", ("0",)),
        ({"total": 500, "currency": "jpy"}, "total", "over", ("499",)),
        ({"due": "2026-01-01"}, "due", "from", ("2026-01-01",)),
        ({"due": "2026-01-01"}, "due", "until", ("2026-01-01",)),
        ({"placed": 1767225600}, "placed", "until", ("2025-12-31",)),  # 2026 in UTC, the old year in New York
        ({"note": "INV-7"}, "note", "starts", ("INV-",)),
        ({"note": "x"}, "note", "present", ("true",)),
        ({"note": "  "}, "note", "present", ("false",)),
        ({}, "note", "present", ("false",)),
        ({"total": 0, "currency": "usd"}, "total", "present", ("true",)),
        ({"draft": False}, "draft", "present", ("true",)),
        ({"lines": []}, "lines.kind", "present", ("false",)),
    ],
)
def test_a_condition_that_holds_does_not_hold_when_negated(
    raw: dict[str, Any], path: str, test: str, values: tuple[str, ...]
) -> None:
    assert holds(raw, path, test, *values)
    assert not holds(raw, path, test, *values, negated=True)


@pytest.mark.parametrize(
    ("raw", "path", "test", "values"),
    [
        ({"status": "p"}, "status", "in", ("o",)),
        ({"status": "OPEN"}, "status", "in", ("Open",)),
        ({}, "status", "in", ("o",)),
        ({"total": 0, "currency": "usd"}, "total", "over", ("0",)),
        ({"total": 0, "currency": "usd"}, "total", "under", ("0",)),
        ({"due": "2025-12-31"}, "due", "from", ("2026-01-01",)),
        ({"due": "2026-01-02"}, "due", "until", ("2026-01-01",)),
        ({}, "due", "from", ("2026-01-01",)),
        ({"note": "Inv-7"}, "note", "starts", ("INV-",)),
        ({"note": "x"}, "note", "present", ("false",)),
        ({"person": "p9"}, "person->name", "in", ("Ana",)),
        ({"gone": 1}, "$state", "in", ("open", "paid")),
    ],
)
def test_a_condition_that_does_not_hold_holds_when_negated(
    raw: dict[str, Any], path: str, test: str, values: tuple[str, ...]
) -> None:
    assert not holds(raw, path, test, *values)
    assert holds(raw, path, test, *values, negated=True)


@pytest.mark.parametrize(
    ("raw", "path", "test", "value"),
    [
        ({"total": "soon", "currency": "usd"}, "total", "over", "0"),
        ({"weight": "NaN"}, "weight", "under", "9"),
        ({"due": "soon"}, "due", "from", "2026-01-01"),
        ({"placed": 10**20}, "placed", "until", "2026-01-01"),
        ({"status": {"deep": 1}}, "status", "in", "o"),
    ],
)
def test_a_value_that_cannot_be_read_neither_holds_nor_fails(
    raw: dict[str, Any], path: str, test: str, value: str
) -> None:
    for negated in (False, True):
        with pytest.raises(Undecodable, match=f"^{path}: "):
            holds(raw, path, test, value, negated=negated)


def test_what_is_left_out_for_another_reason_may_hold_what_cannot_be_read() -> None:
    tests = [Test(parse_path(path), "in", (value,), HERE) for path, value in (("weight", "1"), ("status", "o"))]
    check = compile_tests(tests, "shop", "invoice", CATALOGUE)
    scope = Scope(Ref("shop", "invoice", "1"), {}, WORLD)
    assert not check({"weight": "NaN", "status": "p"}, scope)
    with pytest.raises(Undecodable, match="weight: not a number"):
        check({"weight": "NaN", "status": "o"}, scope)


NUMERIC = sorted(name for name in CODECS if name.partition(".")[0] in ("number", "money", "instant", "date"))
ABSURD = [b"1e400", b"-1e400", b"1e-400", b'"NaN"', b'"-Infinity"', b'"1e999"', b"9" * 400, b'"0x10"', b'"1,00"',
          b"true", b"[]", b"[1]", b"{}", b'"\xd9\xa3"', b"7.1234567890123456789012345678901", b'"soon"']  # fmt: skip


@pytest.mark.parametrize("codec", NUMERIC)
def test_no_absurd_number_is_taken_for_one_that_a_condition_leaves_out(codec: str) -> None:
    schema = Schema("shop", "invoice", {"n": Field("n", codec, currency="c"), "c": Field("c", "currency")})
    catalogue = Catalogue({("shop", "invoice"): schema}, lambda _ref, _raw: "open", ZoneInfo("UTC"))
    dated = schema.fields["n"].type in ("instant", "date")
    asked: tuple[tuple[Any, str], ...] = (("from", "2026-01-01"),) if dated else (("over", "0"), ("in", "3"))
    read = 0
    for text in ABSURD:
        try:
            raw = decode_json(b'{"c": "usd", "n": %b}' % text)
        except Undecodable:
            continue  # the pull set it aside
        for test, value in asked:
            answers = [_answer(catalogue, raw, Test(parse_path("n"), test, (value,), HERE, no)) for no in (False, True)]
            assert answers in ([True, False], [False, True], ["unreadable"] * 2), (text, test, answers)
            read += answers[0] != "unreadable"
    assert read < len(ABSURD) * len(asked) / 2


def _answer(catalogue: Catalogue, raw: Any, test: Test) -> bool | str:
    try:
        scope = Scope(Ref("shop", "invoice", "1"), raw, WORLD)
        return compile_tests([test], "shop", "invoice", catalogue)(raw, scope)
    except Undecodable:
        return "unreadable"


@given(cents=st.integers(-(10**9), 10**9), limit=st.integers(-(10**7), 10**7))
def test_over_and_under_leave_out_the_limit_itself(cents: int, limit: int) -> None:
    raw = {"total": cents, "currency": "usd"}
    assert holds(raw, "total", "over", str(limit)) is (cents > limit * 100)
    assert holds(raw, "total", "under", str(limit)) is (cents < limit * 100)


@given(day=st.dates(), limit=st.dates())
def test_from_and_until_include_the_day_itself(day: Any, limit: Any) -> None:
    raw = {"due": day.isoformat()}
    assert holds(raw, "due", "from", limit.isoformat()) is (day >= limit)
    assert holds(raw, "due", "until", limit.isoformat()) is (day <= limit)


def test_all_tests_of_a_side_must_hold() -> None:
    tests = [
        Test(parse_path("total"), "over", ("0",), HERE),
        Test(parse_path("total"), "under", ("10",), HERE),
        Test(parse_path("status"), "in", ("o",), HERE, negated=True),
    ]
    check = compile_tests(tests, "shop", "invoice", CATALOGUE)

    def said(**raw: Any) -> bool:
        return check(raw, Scope(Ref("shop", "invoice", "1"), raw, WORLD))

    assert said(total=500, currency="usd", status="p")
    assert said(total=500, currency="usd")
    assert not said(total=500, currency="usd", status="o")
    assert not said(total=1000, currency="usd", status="p")


def test_a_condition_on_a_record_behind_a_reference_is_noted_as_a_look_at_it() -> None:
    raw = {"person": "p1"}
    scope = Scope(Ref("shop", "invoice", "1"), raw, WORLD)
    check = compile_tests([Test(parse_path("person->name"), "in", ("Ana",), HERE)], "shop", "invoice", CATALOGUE)
    assert check(raw, scope)
    assert Ref("shop", "person", "p1") in scope.uses


@pytest.mark.parametrize(("path", "values"), [("missing", ("x",)), ("total", ("a lot",)), ("note->name", ("x",))])
def test_a_condition_that_the_schema_cannot_hold_is_an_error_when_it_is_compiled(
    path: str, values: tuple[str, ...]
) -> None:
    with pytest.raises(Undecodable):
        compile_tests([Test(parse_path(path), "in", values, HERE)], "shop", "invoice", CATALOGUE)
