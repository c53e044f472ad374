"""The statement foots to the last digit, and explains only what somebody explained."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.ledger.totals import Totals
from syncctl.model import StatementLine
from syncctl.statement import foots, statement_lines
from two_systems import Desk, bill, order

CHECKED = """
mapping: orders
left: shop.order
right: books.Bill
where: {left: {status: [open, paid]}}
match: [{left: number, right: Number}]
fields:
  - {left: number, right: Memo, owner: none}
  - {left: total, right: Total, owner: none, tolerance: 0.05, reason: rounding}
"""
MANY = CHECKED.replace("fields:", "many: left\nfields:")


def statement(desk: Desk, *, left: bool = True, right: bool = True) -> tuple[StatementLine, ...]:
    """The lines of `orders`, as the run makes them; `left`, `right`: records without a partner count."""
    desk.refresh()
    number = desk.books.lookups.mapping_id("orders")
    totals = Totals(desk.engine)
    sums = [totals.sums(number, side, paired_only=not counted) for side, counted in ((0, left), (1, right))]
    gaps = [(gap.currency, gap.what, gap.amount, gap.accepted) for gap in totals.gaps(number, unmatched=(left, right))]
    return statement_lines(desk.mappings[0], *sums, totals.matched(number), gaps)


def accept(desk: Desk, field: str) -> None:
    (number,) = [one.number for one in desk.findings() if one.field == field]
    with desk.engine.write():
        desk.books.findings.accept(number, "seen")


def one_pair(cents: int, total: str, text: str = CHECKED, **more: Any) -> Desk:
    desk = Desk(text)
    desk.put("shop", "order", order("1", ("Work", cents)))
    desk.put("books", "Bill", {**bill("7", "1", ("Work", total), Memo="1"), **more})
    return desk


def only(desk: Desk, **counted: bool) -> StatementLine:
    (line,) = statement(desk, **counted)
    assert foots(line)
    return line


def test_two_equal_sides_have_nothing_left_to_explain() -> None:
    assert only(one_pair(1000, "10.00")) == StatementLine("orders", "USD", Decimal(10), Decimal(10), 1)


def test_a17_a_cent_within_the_tolerance_is_explained_by_its_reason() -> None:
    line = only(one_pair(1000, "10.01"))
    assert (line.explained, line.unexplained, line.open_items) == ((("rounding", Decimal("0.01")),), 0, 0)


def test_a_difference_beyond_the_tolerance_is_unexplained_until_a_person_accepts_it() -> None:
    desk = one_pair(1000, "9.00")
    assert (only(desk).unexplained, only(desk).open_items) == (Decimal(-1), 1)
    accept(desk, "Total")
    assert (only(desk).explained, only(desk).unexplained) == ((("accepted", Decimal(-1)),), 0)


def test_an_accepted_difference_of_texts_explains_no_money() -> None:
    desk = one_pair(1000, "9.00", Memo="other")
    accept(desk, "Memo")
    assert only(desk).unexplained == Decimal(-1)


def test_the_tolerance_of_another_check_does_not_explain_the_amount() -> None:
    wide = "  - {left: number, right: Total, owner: none, tolerance: 5, reason: tax}\n"
    assert only(one_pair(1000, "11.00", CHECKED + wide)).unexplained == Decimal(1)
    named = CHECKED.replace("match:", "amount: {left: total, right: Total}\nmatch:") + wide.replace("5", "0.01")
    assert only(one_pair(1000, "10.04", named)).explained == (("rounding", Decimal("0.04")),)


def test_a_record_without_partner_is_its_whole_amount_and_counts_only_where_it_is_news() -> None:
    desk = Desk(CHECKED)
    desk.put("shop", "order", order("1", ("Work", 1000)), order("2", ("Work", 500)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10")), bill("8", "9", ("Work", "3")))
    assert only(desk) == StatementLine("orders", "USD", Decimal(15), Decimal(13), 1, (), Decimal(-2), 2)
    assert only(desk, right=False) == StatementLine("orders", "USD", Decimal(15), Decimal(10), 1, (), Decimal(-5), 1)
    assert only(desk, left=False, right=False).unexplained == 0


def test_an_accepted_record_without_partner_is_explained() -> None:
    desk = Desk(CHECKED)
    desk.put("shop", "order", order("1", ("Work", 1000)), order("2", ("Work", 500)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10"), Memo="1"))
    accept(desk, "")
    assert only(desk).explained == (("accepted", Decimal(-5)),)


def test_a_pair_of_which_one_record_left_is_its_whole_amount_and_no_match() -> None:
    desk = one_pair(1000, "10.00")
    desk.refresh()
    desk.put("shop", "order", order("1", ("Work", 1000), status="draft"))
    assert only(desk) == StatementLine("orders", "USD", Decimal(0), Decimal(10), 0, (), Decimal(10), 1)
    accept(desk, "$state")
    assert only(desk).explained == (("accepted", Decimal(10)),)


def test_a26_every_currency_has_a_line_that_foots_by_itself() -> None:
    desk = one_pair(1000, "9.00", Currency={"value": "EUR"})
    lines = statement(desk)
    assert [(line.currency, line.left_total, line.right_total) for line in lines] == [("EUR", 0, 9), ("USD", 10, 0)]
    assert all(map(foots, lines))


def test_a_ledger_in_rupiah_adds_up_beyond_what_64_bits_hold_of_millionths() -> None:
    desk = Desk(CHECKED)
    big = 4_000_000_000_000_00  # 4 trillion, in minor units
    orders = [{**order(str(n), ("Work", big)), "currency": "idr"} for n in range(8)]
    desk.put("shop", "order", *orders)
    desk.put(
        "books",
        "Bill",
        *({**bill(str(n), str(n)), "Total": 4_000_000_000_000, "Currency": {"value": "IDR"}} for n in range(7)),
    )
    line = only(desk)
    assert (line.left_total, line.right_total) == (Decimal(32_000_000_000_000), Decimal(28_000_000_000_000))


CENTS = st.integers(-(10**6), 10**6)
STATUS = st.sampled_from(["open", "open", "paid", "draft", "void"])
CURRENCIES = st.sampled_from(["usd", "eur", "jpy"])
NUMBERS = st.sampled_from(["1", "2", "3"])


@given(
    ours=st.lists(st.tuples(NUMBERS, CENTS, CURRENCIES, STATUS), max_size=5),
    theirs=st.lists(st.tuples(NUMBERS, CENTS, CURRENCIES, st.booleans()), max_size=5),
    later=st.lists(st.tuples(st.integers(0, 4), STATUS), max_size=3),
    accepted=st.lists(st.integers(0, 8), max_size=3),
    counted=st.tuples(st.booleans(), st.booleans()),
    text=st.sampled_from([CHECKED, MANY]),
)
def test_the_statement_foots_on_any_data(
    ours: list[tuple[str, int, str, str]],
    theirs: list[tuple[str, int, str, bool]],
    later: list[tuple[int, str]],
    accepted: list[int],
    counted: tuple[bool, bool],
    text: str,
) -> None:
    desk = Desk(text)

    def put(place: int, status: str) -> None:
        number, cents, currency, _ = ours[place]
        raw = {**order(number, ("Work", cents)), "id": f"o{place}", "currency": currency, "status": status}
        desk.put("shop", "order", raw)

    for place, (*_, status) in enumerate(ours):
        put(place, status)
    for place, (number, cents, currency, void) in enumerate(theirs):
        raw = bill(str(place), number, ("Work", str(cents / 100)), Currency={"value": currency.upper()}, Void=void)
        desk.put("books", "Bill", raw)
    desk.refresh()
    for place, status in later:
        if place < len(ours):
            put(place, status)
    found = desk.findings()
    with desk.engine.write():
        for place in accepted:
            if place < len(found):
                desk.books.findings.accept(found[place].number, "seen")
    for line in statement(desk, left=counted[0], right=counted[1]):
        assert foots(line)
        assert (line.open_items == 0) <= (line.unexplained == 0)


@pytest.mark.parametrize(
    ("left", "explained", "unexplained", "right", "fits"),
    [
        ("10", (), "0", "10", True),
        ("10", (("fee", Decimal("-0.30")),), "0", "9.70", True),
        ("10", (("fee", Decimal("-0.30")),), "0.01", "9.70", False),
    ],
)
def test_a_line_foots_when_left_explained_and_unexplained_make_right(
    left: str, explained: Any, unexplained: str, right: str, fits: bool
) -> None:
    line = StatementLine("m", "USD", Decimal(left), Decimal(right), 1, explained, Decimal(unexplained))
    assert foots(line) is fits
