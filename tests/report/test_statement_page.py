"""The statement foots to the cent and shows every open item with its age."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import FINDINGS, NOW

from syncctl.model import Finding, StatementLine
from syncctl.report.page import console_for, print_page
from syncctl.report.statement import foots, statement_block

SIDES = {
    "invoices": ("stripe invoice", "quickbooks Invoice"),
    "payments": ("stripe charge", "quickbooks Payment"),
}


def line(
    mapping: str, currency: str, left: str, right: str, *explained: tuple[str, str], unexplained: str = "0"
) -> StatementLine:
    reasons = tuple((reason, Decimal(amount)) for reason, amount in explained)
    return StatementLine(mapping, currency, Decimal(left), Decimal(right), 312, reasons, Decimal(unexplained), 2)


LINES = (
    line("invoices", "EUR", "48210.5", "46960.5", ("timing", "-1250")),
    line("invoices", "JPY", "1200000", "1200000"),
    line(
        "invoices",
        "USD",
        "1234567.91",
        "1234640.9",
        ("rounding", "-0.01"),
        ("fee", "-27"),
        ("", "20"),
        unexplained="80",
    ),
    line("payments", "USD", "10.00", "10"),
)


def printed(lines: tuple[StatementLine, ...], findings: tuple[Finding, ...], width: int) -> str:
    stream = io.StringIO()
    block = statement_block(lines, findings, sides=SIDES, width=width, now=NOW, right="run 7c31")
    print_page(console_for(stream, color="never", width=width), block)
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 160])
def test_the_statement_as_it_is_seen(golden: Callable[[str, str], None], width: int) -> None:
    golden(f"statement_{width}", printed(LINES, FINDINGS, width))


def test_without_open_items_it_ends_in_sync() -> None:
    assert printed((LINES[1], LINES[3]), (), 80).splitlines()[-1] == "in sync"


def test_money_that_nobody_explains_is_never_in_sync() -> None:
    last = printed((LINES[2],), (), 80).splitlines()[-1]
    assert last == "80.00 USD unexplained"


def test_a_statement_that_does_not_foot_says_so_and_by_how_much() -> None:
    text = printed((line("invoices", "USD", "10", "12", ("fee", "-1")),), (), 80)
    assert "off 3.00" in text
    assert "The statement does not foot: invoices USD" in text


amounts = st.decimals(-(10**9), 10**9, places=2)


@given(left=amounts, reasons=st.lists(st.tuples(st.sampled_from(["fee", "tax", "timing"]), amounts)), rest=amounts)
def test_whatever_adds_up_to_the_cent_foots(left: Decimal, reasons: list[tuple[str, Decimal]], rest: Decimal) -> None:
    right = left + sum((amount for _, amount in reasons), Decimal(0)) + rest
    assert foots(StatementLine("m", "USD", left, right, 0, tuple(reasons), rest))
    assert not foots(StatementLine("m", "USD", left, right + Decimal("0.01"), 0, tuple(reasons), rest))


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    assert max(map(len, printed(LINES, FINDINGS, width).splitlines())) <= width
