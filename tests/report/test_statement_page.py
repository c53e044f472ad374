"""The statement foots to the cent and shows every open item with its age."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import FINDINGS, NOW

from syncctl.model import Finding, FindingKind, Money, Ref
from syncctl.report.page import console_for, print_page
from syncctl.report.statement import statement_block
from syncctl.statement import foots
from syncctl.statement_line import Counts, Part, SideTotal, Single, StatementLine

SIDES = {
    "invoices": ("stripe invoice", "quickbooks Invoice"),
    "payments": ("stripe charge", "quickbooks Payment"),
    "deals": ("quickbooks Invoice", "hubspot deal"),
    "refunds": ("stripe refund", "quickbooks RefundReceipt"),
    "customers": ("stripe customer", "quickbooks Customer"),
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
    StatementLine(
        "deals", "EUR", SideTotal(Decimal(90), 4, 1), SideTotal(Decimal(54331), 21, 1),
        left_out=(Part(Decimal(-80), 3), Part(Decimal(54321), 20)),
    ),
    StatementLine("refunds", "", SideTotal(Decimal(7), 1), SideTotal(), waiting=Part(Decimal(-7), 1)),
    StatementLine(
        "customers", "", SideTotal(records=320, matched=312), SideTotal(records=1, matched=1),
        counts=Counts(300, 11, 1, Single(4, 1, 3)),
    ),
)  # fmt: skip
ACCEPTED = Finding(
    "invoices", FindingKind.DIFFERENCE, Ref("stripe", "invoice", "in_1PgcCash"), Ref("quickbooks", "Invoice", "77"),
    name="INV-0777 · Kilo Ltd", number=31, amount=Money(Decimal(20), "USD"), since="2026-11-02T02:00:00+00:00",
    accepted=True, note="paid in cash, receipt 7", accepted_by="anna", accepted_at="2026-11-19T09:12:00+00:00",
)  # fmt: skip


def printed(lines: tuple[StatementLine, ...], findings: tuple[Finding, ...], width: int) -> str:
    stream = io.StringIO()
    block = statement_block(lines, findings, sides=SIDES, width=width, now=NOW, right="run 7c31")
    print_page(console_for(stream, color="never", width=width), block)
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 160])
def test_the_statement_as_it_is_seen(golden: Callable[[str, str], None], width: int) -> None:
    golden(f"statement_{width}", printed(LINES, (*FINDINGS, ACCEPTED), width))


@pytest.mark.parametrize("width", [30, 44, 60])
def test_on_a_narrow_page_no_amount_of_the_statement_is_cut(width: int) -> None:
    def amounts(page: str) -> set[str]:
        return {word for word in page.split() if word[-1].isdigit() and "." in word}

    assert amounts(printed(LINES, (), 160)) <= amounts(printed(LINES, (), width))


def test_without_open_items_it_ends_in_sync() -> None:
    assert printed((LINES[1], LINES[3]), (), 80).splitlines()[-1] == "in sync"


def test_what_differs_without_amounts_is_never_in_sync() -> None:
    sides = SideTotal(records=2, matched=1), SideTotal(records=1, matched=1)
    same = StatementLine("customers", "", *sides, counts=Counts(agree=1, left=Single(accepted=1)))
    text = printed((same,), (), 80)
    assert text.splitlines()[-1] == "in sync"
    assert ("2 stripe customer records: 1 matched, 1 accepted with a note" in text, "0.00" in text) == (True, False)
    assert "1 pair: all agree" in text
    apart = replace(same, counts=Counts(differ=1, left=Single(missing=1)))
    assert "2 differences without amounts" in printed((apart,), (), 80).splitlines()[-1]


def test_money_that_nobody_explains_is_never_in_sync() -> None:
    last = printed((LINES[2],), (), 80).splitlines()[-1]
    assert last == "unexplained: invoices 80.00 USD"


def test_every_count_says_what_it_counts_and_adds_up() -> None:
    text = printed(LINES, (), 80)
    assert "960 stripe invoice records: 936 matched, 24 not" in text
    assert "1 quickbooks Payment record: all matched; 1 without a currency counted as USD" in text
    assert "no quickbooks RefundReceipt records" in text


def test_what_was_accepted_is_listed_newest_first_and_the_rest_counted() -> None:
    kept = replace(FINDINGS[0], accepted=True, note="paid in cash", accepted_by="anna")
    many = tuple(replace(kept, number=day, accepted_at=f"2026-11-{day:02}T02:00:00+00:00") for day in range(1, 24))
    page = printed(LINES[:1], many, 80).partition("ACCEPTED ")[2]
    assert page.count("accepted by anna on 2026-11-") == 20
    assert page.index("on 2026-11-23: paid in cash") < page.index("on 2026-11-04: paid in cash")
    assert "and 3 more: syncctl findings list --all" in page


def test_opposite_errors_do_not_cancel_and_a_zero_is_not_nothing() -> None:
    apart = Part(Decimal("49870.04"), 4, Decimal("-379.96"), 1)
    sides = SideTotal(Decimal(1), 3, 1), SideTotal(Decimal("49871.04"), 3, 1)
    dollars = StatementLine("payments", "USD", *sides, waiting=apart, explained=(("fee", Part(Decimal(0), 1)),))
    euros = StatementLine("payments", "EUR", SideTotal(Decimal(1), 1, 1), SideTotal(Decimal(1), 1, 1))
    rows = [row.split() for row in printed((euros, dollars), (), 80).splitlines()]
    assert ["open", "findings,", "plus", "(3)", "–", "+50,250.00"] in rows
    assert ["open", "findings,", "minus", "(1)", "–", "-379.96"] in rows
    assert ["fee", "(1)", "–", "0.00"] in rows


def test_unexplained_amounts_of_both_signs_are_both_named_at_the_end() -> None:
    apart = Part(Decimal(0), 2, Decimal(-80), 1)
    sides = SideTotal(Decimal(1), 3, 1), SideTotal(Decimal(1), 3, 1)
    text = printed((StatementLine("payments", "USD", *sides, unexplained=apart),), (), 80)
    assert text.splitlines()[-1] == "unexplained: payments +80.00 -80.00 USD"


def test_what_the_mapping_ignores_is_counted_shown_and_no_match() -> None:
    left_out = (Part(), Part(Decimal(54321), 2))
    sides = SideTotal(Decimal(10), 1, 1), SideTotal(Decimal(54331), 3, 1)
    text = printed((StatementLine("payments", "EUR", *sides, left_out=left_out),), (), 80)
    assert "3 quickbooks Payment records: 1 matched, 2 not compared (mapping says ignore)" in text
    assert ["not", "compared,", "quickbooks", "(2)", "+54,321.00"] in [row.split() for row in text.splitlines()]
    assert text.splitlines()[-1] == "in sync · 2 records not compared"


def test_what_the_plan_corrects_and_what_waits_for_a_person_are_told_apart() -> None:
    rows = [row.split() for row in printed(LINES, FINDINGS, 80).splitlines()]
    assert ["to", "be", "corrected", "(2)", "-1,000.00", "–", "–"] in rows
    assert ["open", "findings", "(2)", "–", "–", "+50.00"] in rows
    assert ["unexplained", "(2)", "–", "–", "+80.00"] in rows
    assert printed(LINES, FINDINGS, 160).splitlines()[-1] == (
        "2 differences of amounts to be corrected · 15 differences without amounts · 7 open findings"
        " · unexplained: invoices 80.00 USD · 26 records not compared"
    )


def test_findings_that_stand_on_the_page_above_are_counted_and_not_repeated() -> None:
    stream = io.StringIO()
    block = statement_block(LINES, FINDINGS, sides=SIDES, width=80, now=NOW, listed=False)
    print_page(console_for(stream, color="never", width=80), block)
    assert "OPEN  oldest first" not in stream.getvalue()
    assert "7 open findings" in " ".join(stream.getvalue().split())


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
