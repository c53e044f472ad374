"""Sums per currency: exact, of what takes part, each gap once."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncctl.ledger.totals import UNIT, FoundGap, Totals
from syncctl.model import Ref
from syncctl.statement import Gap
from syncctl.statement_line import SideTotal
from two_systems import Desk, bill, order

MAPPING = """
mapping: orders
left: shop.order
right: books.Bill
where: {left: {status: open}}
match: [{left: number, right: Number}]
fields: [{left: total, right: Total, owner: none}]
"""


def totals_of(desk: Desk) -> tuple[Totals, int]:
    desk.refresh()
    return Totals(desk.engine), desk.books.lookups.mapping_id("orders")


def gaps(desk: Desk) -> list[tuple[str, str, int]]:
    totals, number = totals_of(desk)
    found = totals.gaps(number, unmatched=(True, True))
    return sorted((one.gap.currency, one.gap.what, one.gap.amount) for one in found)


def desk_with(orders: list[dict[str, Any]], bills: list[dict[str, Any]]) -> Desk:
    desk = Desk(MAPPING)
    desk.put("shop", "order", *orders)
    desk.put("books", "Bill", *bills)
    return desk


@given(cents=st.lists(st.integers(-(10**10), 10**10), min_size=1, max_size=6))
def test_a_sum_is_exact(cents: list[int]) -> None:
    desk = desk_with([order(str(n), ("Work", amount)) for n, amount in enumerate(cents)], [])
    totals, number = totals_of(desk)
    assert totals.sums(number, 0) == {"USD": SideTotal(Decimal(sum(cents)) / 100, len(cents))}


@given(
    orders=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3), st.booleans()), max_size=6),
    bills=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=6),
)
def test_the_gaps_add_up_to_the_difference_of_the_sums(
    orders: list[tuple[int, int, bool]], bills: list[tuple[int, int]]
) -> None:
    desk = desk_with(
        [
            {**order(str(number), ("Work", cents)), "id": f"o{n}", "status": "open" if taking_part else "draft"}
            for n, (number, cents, taking_part) in enumerate(orders)
        ],
        [bill(str(n), str(number), ("Work", str(cents / 100))) for n, (number, cents) in enumerate(bills)],
    )
    totals, number = totals_of(desk)
    left, right = (totals.sums(number, side) for side in (0, 1))
    found: Counter[str] = Counter()
    for one in totals.gaps(number, unmatched=(True, True)):
        found[one.gap.currency] += one.gap.amount
    for currency in {*left, *right, *found}:
        ours, theirs = (side.get(currency, SideTotal()) for side in (left, right))
        assert ours.amount + Decimal(found[currency]) / UNIT == theirs.amount


def test_a_gap_is_a_pair_with_other_amounts_a_record_alone_or_a_partner_out_of_scope() -> None:
    desk = desk_with(
        [order("1", ("Work", 1000)), order("2", ("Work", 200)), order("3", ("Work", 300))],
        [bill("7", "1", ("Work", "12")), bill("8", "3", ("Work", "3")), bill("9", "5", ("Work", "4"))],
    )
    desk.refresh()
    desk.put("shop", "order", order("3", ("Work", 300), status="draft"))
    assert gaps(desk) == [
        ("USD", "amount", 2 * UNIT),
        ("USD", "only left", -2 * UNIT),
        ("USD", "only right", 4 * UNIT),
        ("USD", "scope", 3 * UNIT),
    ]
    totals, number = totals_of(desk)
    ignored = {one.gap.what for one in totals.gaps(number, unmatched=(True, False)) if one.gap.ignored}
    assert ignored == {"only right"}


def test_a_gap_names_its_pair_and_what_a_finding_says_of_it() -> None:
    desk = desk_with([order("1", ("Work", 1000))], [bill("7", "1", ("Work", "12"))])
    totals, number = totals_of(desk)
    (found,) = totals.gaps(number, unmatched=(True, True))
    assert found == FoundGap(Gap("USD", "amount", 2 * UNIT, "open"), 1, None)
    assert totals.refs(number, found) == ((Ref("shop", "order", "o1"),), (Ref("books", "Bill", "7"),))


def test_a_gap_of_a_single_record_names_it() -> None:
    desk = desk_with([], [bill("7", "1", ("Work", "12"))])
    totals, number = totals_of(desk)
    (found,) = totals.gaps(number, unmatched=(True, True))
    assert found.gap.what == "only right"
    assert totals.refs(number, found) == ((), (Ref("books", "Bill", "7"),))


def test_a_pair_in_two_currencies_is_a_gap_in_each() -> None:
    desk = desk_with([order("1", ("Work", 1000))], [bill("7", "1", ("Work", "10"), Currency={"value": "EUR"})])
    assert gaps(desk) == [("EUR", "scope", 10 * UNIT), ("USD", "scope", -10 * UNIT)]


def test_pairs_are_counted_once_and_only_while_both_records_take_part() -> None:
    desk = desk_with(
        [order("1", ("Work", 1000)), order("2", ("Work", 1000))], [bill("7", "1", ("Work", "1")), bill("8", "2")]
    )
    totals, number = totals_of(desk)
    assert [totals.sums(number, side)["USD"].matched for side in (0, 1)] == [2, 2]
    desk.delete("books", "Bill", "8")
    desk.refresh()
    assert [totals.sums(number, side)["USD"].matched for side in (0, 1)] == [1, 1]


def test_a_record_whose_amount_cannot_be_read_is_in_no_sum() -> None:
    desk = desk_with([{**order("1"), "total": "soon"}, order("2", ("Work", 100))], [])
    totals, number = totals_of(desk)
    assert totals.sums(number, 0) == {"USD": SideTotal(Decimal(1), 1)}
