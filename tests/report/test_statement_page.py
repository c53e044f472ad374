"""The statement foots to the cent and shows every open item with its age."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import FINDINGS, NOW

from syncctl.model import Finding, Part, SideTotal, StatementLine
from syncctl.report.page import console_for, print_page
from syncctl.report.statement import statement_block
from syncctl.statement import foots

SIDES = {
    "invoices": ("stripe invoice", "quickbooks Invoice"),
    "payments": ("stripe charge", "quickbooks Payment"),
    "refunds": ("stripe refund", "quickbooks RefundReceipt"),
}


def line(
    mapping: str, currency: str, left: str, right: str, *explained: tuple[str, str], **parts: str
) -> StatementLine:
    """A line whose every part is about two pairs."""
    reasons = tuple((reason, Part(Decimal(amount), 2)) for reason, amount in explained)
    sides = SideTotal(Decimal(left), 320, 312), SideTotal(Decimal(right), 314, 312)
    return StatementLine(
        mapping, currency, *sides, reasons, **{name: Part(Decimal(one), 2) for name, one in parts.items()}
    )


LINES = (
    line("invoices", "EUR", "48210.5", "45960.5", ("timing", "-1250"), correcting="-1000"),
    line("invoices", "JPY", "1200000", "1200000"),
    line(
        "invoices", "USD", "1234567.91", "1234690.9",
        ("rounding", "-0.01"), ("fee", "-27"), ("accepted", "20"), waiting="50", unexplained="80",
    ),
    StatementLine("payments", "USD", SideTotal(Decimal("10.00"), 1, 1), SideTotal(Decimal(10), 1, 1, 1)),
    StatementLine("refunds", "", SideTotal(Decimal(7), 1), SideTotal(), waiting=Part(Decimal(-7), 1)),
)  # fmt: skip


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
    assert last == "unexplained: invoices 80.00 USD"


def test_every_count_says_what_it_counts_and_adds_up() -> None:
    text = printed(LINES, (), 80)
    assert "960 stripe invoice records: 936 matched, 24 not" in text
    assert "1 quickbooks Payment record: all matched; 1 without a currency counted as USD" in text
    assert "no quickbooks RefundReceipt records" in text


def test_what_the_plan_corrects_and_what_waits_for_a_person_are_told_apart() -> None:
    rows = [row.split() for row in printed(LINES, FINDINGS, 80).splitlines()]
    assert ["to", "be", "corrected", "(2)", "-1,000.00", "–", "–"] in rows
    assert ["open", "findings", "(2)", "–", "–", "+50.00"] in rows
    assert ["unexplained", "(2)", "–", "–", "+80.00"] in rows
    assert printed(LINES, FINDINGS, 160).splitlines()[-1] == (
        "2 differences of amounts to be corrected · 7 open findings · unexplained: invoices 80.00 USD"
    )


def test_findings_that_stand_on_the_page_above_are_counted_and_not_repeated() -> None:
    stream = io.StringIO()
    block = statement_block(LINES, FINDINGS, sides=SIDES, width=80, now=NOW, listed=False)
    print_page(console_for(stream, color="never", width=80), block)
    assert "OPEN  oldest first" not in stream.getvalue()
    assert "7 open findings" in stream.getvalue()


def test_a_statement_that_does_not_foot_says_so_and_by_how_much() -> None:
    text = printed((line("invoices", "USD", "10", "12", ("fee", "-1")),), (), 80)
    assert "off 3.00" in text
    assert "The statement does not foot: invoices USD" in text


amounts = st.decimals(-(10**9), 10**9, places=2)


@given(left=amounts, reasons=st.lists(st.tuples(st.sampled_from(["fee", "tax", "timing"]), amounts)), rest=amounts)
def test_whatever_adds_up_to_the_cent_foots(left: Decimal, reasons: list[tuple[str, Decimal]], rest: Decimal) -> None:
    right = left + sum((amount for _, amount in reasons), Decimal(0)) + rest
    parts = tuple((reason, Part(amount, 1)) for reason, amount in reasons), Part(), Part(), Part(rest, 1)
    assert foots(StatementLine("m", "USD", SideTotal(left), SideTotal(right), *parts))
    assert not foots(StatementLine("m", "USD", SideTotal(left), SideTotal(right + Decimal("0.01")), *parts))


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    assert max(map(len, printed(LINES, FINDINGS, width).splitlines())) <= width
