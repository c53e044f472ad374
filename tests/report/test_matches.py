"""Pairs as people and programs see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from paper import shown

from syncctl.model import Money, Ref
from syncctl.report.matches import match_fields, matches_report
from syncctl.run.review import MatchRow

FOX = MatchRow(
    "customers",
    Ref("stripe", "customer", "cus_Fox"),
    Ref("quickbooks", "Customer", "88"),
    "similar names",
    92.6,
    "proposed",
    "Fox & Sons Ltd",
    "Fox and Sons",
)
TIE = MatchRow(
    "payments",
    Ref("stripe", "charge", "ch_1"),
    Ref("quickbooks", "Payment", "77"),
    "amount and day",
    0,
    "tie",
    left_name="ch_1",
    right_name="Fox and Sons",
    left_amount=Money(Decimal(125), "USD"),
    right_amount=Money(Decimal(125), "USD"),
)
PAIR = MatchRow("invoices", Ref("stripe", "invoice", "in_1"), Ref("quickbooks", "Invoice", "9"), "number", 100, "rule")


def printed(*rows: MatchRow) -> str:
    return shown(matches_report(rows), 80)


def test_the_list_as_it_is_seen(golden: Callable[[str, str], None]) -> None:
    golden("matches_80", printed(FOX, TIE, replace(TIE, right=Ref("quickbooks", "Payment", "78")), PAIR))


def test_an_id_is_never_cut_and_a_command_can_be_copied() -> None:
    long = "x" * 50
    row = replace(FOX, left=Ref("stripe", "customer", long), right=Ref("quickbooks", "Customer", long))
    text = printed(row)
    assert [line.count(long) for line in text.splitlines() if "xx" in line] == [1, 1, 1, 1]
    command = text[text.index("syncctl match") :].replace("\\\n", " ").split()
    assert command == ["syncctl", "match", "confirm", "customers", str(row.left), str(row.right)]


def test_only_what_waits_has_the_command_that_decides() -> None:
    confirm = "syncctl match confirm customers stripe:customer:cus_Fox quickbooks:Customer:88"
    assert confirm in " ".join(printed(FOX).replace("\\\n", "").split())
    assert "syncctl" not in printed(PAIR)
    assert printed() == "no match waits for a person\n"


def test_a_program_gets_whole_numbers_and_refs() -> None:
    assert match_fields(FOX) == {
        "mapping": "customers",
        "left": FOX.left,
        "right": FOX.right,
        "rule": "similar names",
        "score": 93,
        "decided_by": "proposed",
        "left_name": "Fox & Sons Ltd",
        "left_amount": None,
        "left_currency": "",
        "right_name": "Fox and Sons",
        "right_amount": None,
        "right_currency": "",
        "held_by": "",
    }


def test_several_pairs_that_one_undo_holds_are_released_by_one_command_that_is_shown() -> None:
    held = replace(PAIR, decided_by="on hold", held_by="night-9")
    assert "--run" not in printed(held)
    assert "syncctl match release --run night-9" in printed(held, replace(held, mapping="deals"))
