"""What counts as wanted, as untouched, and as somebody else's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncctl.model import Action, Change, Edit, Raw, Ref
from syncctl.push.compare import Standing, standing
from syncctl.sameness import same


@pytest.mark.parametrize(
    ("codec", "left", "right", "equal"),
    [
        ("text", "Acme  Inc ", "Acme Inc", True),
        ("text", "Acme", "ACME", False),
        ("text", "Caf\u00e9", "Cafe\u0301", True),
        ("text", None, "", True),
        ("text", None, "x", False),
        ("object", None, [], True),
        ("object", [1], [], False),
        ("money", 100, Decimal("100.00"), True),
        ("money", "15,000", 15000, True),
        ("money", 100, Decimal("100.01"), False),
        ("money.minor.stripe", 1999, "1999", True),
        ("number.text", "1.50", Decimal("1.5"), True),
        ("number", "fifteen", 15, False),
        ("instant.iso", "2026-01-01T00:00:00Z", "2025-12-31T16:00:00-08:00", True),
        ("date", "2026-01-01T00:00:00Z", "2026-01-01", True),
        ("ref.value", {"value": "7", "name": "Acme"}, {"value": "7"}, True),
        ("ref.value", {"value": "7"}, {"value": "8"}, False),
        ("bool", "true", True, True),
        ("no.such.codec", 1, "1", False),
        ("no.such.codec", [1], [1], True),
    ],
)
def test_values_are_compared_by_what_they_mean(codec: str, left: Any, right: Any, equal: bool) -> None:
    assert same(codec, left, right) is equal
    assert same(codec, right, left) is equal


def change(*edits: Edit, action: Action = Action.UPDATE) -> Change:
    return Change("intent", "invoices", action, Ref("books", "invoice", "1"), None, "invoice 1", edits)


def look(now: Raw, *edits: Edit, base: Raw | None = None) -> tuple[str, str]:
    where, moved = standing(change(*edits), now, base, "open")
    return str(where), moved


NUMBER = Edit("number", "1", "2", field="number")
TWO = (NUMBER, Edit("stage", "a", "b"))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"number": "1", "stage": "a"}, ("open", "")),
        ({"number": "2", "stage": "b"}, ("done", "")),
        ({"number": "2", "stage": "a"}, ("open", "")),
        ({"number": "3", "stage": "b"}, ("moved", "number")),
        ({"number": "1", "stage": "c", "other": 1}, ("moved", "stage")),
        ({"stage": "a"}, ("moved", "number")),
    ],
)
def test_every_field_must_be_as_planned_or_as_wanted(now: Raw, expected: tuple[str, str]) -> None:
    assert look(now, *TWO) == expected


def test_an_element_that_somebody_took_away_has_moved() -> None:
    edit = Edit("Line(Id=3).Amount", 5, 6, codec="money")
    assert look({"Line": [{"Id": "3", "Amount": 5}]}, edit) == ("open", "")
    assert look({"Line": [{"Id": "3", "Amount": Decimal("6.00")}]}, edit) == ("done", "")
    assert look({"Line": []}, edit) == ("moved", "Line(Id=3).Amount")


def test_a_line_to_remove_is_gone_untouched_or_changed() -> None:
    line = {"Id": "3", "Amount": 5}
    edit = Edit("Line(Id=3)", line, None, action="remove", codec="object")
    assert look({"Line": [line]}, edit) == ("open", "")
    assert look({"Line": []}, edit) == ("done", "")
    assert look({"Line": [{**line, "Amount": 6}]}, edit)[0] == "moved"


LINE = {"Text": "Licence", "Amount": Decimal(5)}
ADD = Edit("Line", None, LINE, action="add", codec="object")
KEPT = {"Id": "9", "LineNum": 1, "Text": "Licence", "Amount": 5}


@pytest.mark.parametrize(
    ("lines", "base", "adds", "expected"),
    [
        ([], [], 1, "open"),
        ([KEPT], [], 1, "done"),
        ([KEPT], [KEPT], 1, "open"),
        ([KEPT, KEPT], [KEPT], 1, "done"),
        ([KEPT], [], 2, "moved"),
        ([KEPT, KEPT], [], 2, "done"),
        ([{**KEPT, "Amount": 6}], [], 1, "open"),
        ([{"Text": "Licence"}], [], 1, "open"),
    ],
)
def test_added_lines_are_counted(lines: list[Raw], base: list[Raw], adds: int, expected: str) -> None:
    assert look({"Line": lines}, *[ADD] * adds, base={"Line": base})[0] == expected


@pytest.mark.parametrize(
    ("action", "state", "expected"),
    [
        (Action.VOID, "open", Standing.OPEN),
        (Action.VOID, "void", Standing.DONE),
        (Action.ARCHIVE, "open", Standing.OPEN),
        (Action.ARCHIVE, "archived", Standing.DONE),
        (Action.REACTIVATE, "archived", Standing.OPEN),
        (Action.REACTIVATE, "open", Standing.DONE),
    ],
)
def test_a_change_of_state_is_seen_in_the_state(action: Action, state: str, expected: Standing) -> None:
    assert standing(change(action=action), {}, None, state)[0] is expected


def test_a_void_of_a_record_that_somebody_edited_is_no_void() -> None:
    assert standing(change(NUMBER, action=Action.VOID), {"number": "9"}, None, "open") == (Standing.MOVED, "number")


def test_an_object_that_the_vendor_keeps_in_a_list_is_the_one_that_was_added() -> None:
    applied = {"LinkedTxn": {"TxnType": "Invoice", "TxnId": "518"}, "Amount": 5300}
    kept = {"LinkedTxn": [{"TxnType": "Invoice", "TxnId": "518"}], "Amount": Decimal("5300.00")}
    other = {**kept, "LinkedTxn": [{"TxnType": "Invoice", "TxnId": "519"}]}
    edit = Edit("Line", None, applied, action="add", codec="object")
    assert look({"Line": [kept]}, edit, base={"Line": []})[0] == "done"
    assert look({"Line": [other]}, edit, base={"Line": []})[0] == "open"
