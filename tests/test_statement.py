"""The statement foots to the last digit, and explains only what somebody explained."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.ledger.totals import Totals
from syncctl.model import Action, Change, Edit, Money, Ref
from syncctl.statement import Corrections, Gap, foots, statement_lines
from syncctl.statement_line import Counts, Part, SideTotal, Single, StatementLine
from two_systems import PEOPLE, Desk, bill, books_person, order, person

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
    """The lines of `orders`, as the run makes them; `left`, `right`: records without a partner are news."""
    desk.refresh()
    number = desk.books.lookups.mapping_id("orders")
    totals = Totals(desk.engine)
    sums = [totals.sums(number, side) for side in (0, 1)]
    gaps = [found.gap for found in totals.gaps(number, unmatched=(left, right))]
    return statement_lines(desk.mappings[0], *sums, gaps)


def side(amount: str | int, records: int = 1, matched: int | None = None, unnamed: int = 0) -> SideTotal:
    return SideTotal(Decimal(amount), records, records if matched is None else matched, unnamed)


def part(amount: str | int, items: int = 1, lower: str | int = 0, lowers: int = 0) -> Part:
    """Without `lower`, all of it has the sign of the amount."""
    if Decimal(amount) < 0 and not lowers:
        lower, lowers = amount, items
    return Part(Decimal(amount), items, Decimal(lower), lowers)


def accept(desk: Desk, field: str) -> None:
    (number,) = [one.number for one in desk.findings() if one.field == field]
    desk.accept(number)


def hold(desk: Desk, ref: Ref) -> None:
    """As an undo does that takes back what was written to this record."""
    with desk.engine.write():
        desk.books.holds.put(ref, f"op:{ref}", "night-9", "2026-11-20T03:00:00+00:00")
        desk.books.passes.judge_again(desk.books.lookups.mapping_id(desk.mappings[0].name))


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
    assert only(one_pair(1000, "10.00")) == StatementLine("orders", "USD", side(10), side(10))


def test_a17_a_cent_within_the_tolerance_is_explained_by_its_reason() -> None:
    line = only(one_pair(1000, "10.01"))
    assert line.explained == (("rounding", part("0.01")),)
    assert (line.waiting, line.unexplained) == (Part(), Part())


def test_a_difference_beyond_the_tolerance_waits_for_a_person_until_one_accepts_it() -> None:
    desk = one_pair(1000, "9.00")
    assert (only(desk).waiting, only(desk).unexplained) == (part(-1), Part())
    accept(desk, "Total")
    assert (only(desk).explained, only(desk).waiting) == ((("accepted", part(-1)),), Part())


def test_what_an_undo_put_on_hold_is_counted_apart_and_as_open_again_once_it_is_released() -> None:
    desk = one_pair(1000, "9.00", Memo="other")
    desk.put("shop", "order", order("2", ("Work", 500)))
    assert only(desk).waiting == part(-6, 2)
    accept(desk, "Memo")
    hold(desk, BILL)
    hold(desk, Ref("shop", "order", "o2"))
    line = only(desk)
    assert (line.held, line.waiting, line.explained) == (part(-6, 2), Part(), ())
    with desk.engine.write():
        desk.books.holds.release(BILL, by="ann", at="2026-11-21T09:00:00+00:00", named={})
        desk.books.passes.judge_again(desk.books.lookups.mapping_id("orders"))
    assert (only(desk).held, only(desk).waiting) == (part(-5), part(-1))


def test_a_difference_that_no_finding_tells_of_is_unexplained() -> None:
    unchecked = CHECKED.replace("  - {left: total, right: Total, owner: none, tolerance: 0.05, reason: rounding}\n", "")
    assert only(one_pair(1000, "9.00", unchecked)).unexplained == part(-1)


def test_an_accepted_difference_of_texts_explains_no_money() -> None:
    desk = one_pair(1000, "9.00", Memo="other")
    accept(desk, "Memo")
    assert (only(desk).waiting, only(desk).explained) == (part(-1), ())


def test_the_tolerance_of_another_check_does_not_explain_the_amount() -> None:
    wide = "  - {left: number, right: Total, owner: none, tolerance: 5, reason: tax}\n"
    assert only(one_pair(1000, "11.00", CHECKED + wide)).waiting == part(1)
    named = CHECKED.replace("match:", "amount: {left: total, right: Total}\nmatch:") + wide.replace("5", "0.01")
    assert only(one_pair(1000, "10.04", named)).explained == (("rounding", part("0.04")),)


def test_a_record_without_partner_is_its_whole_amount() -> None:
    desk = Desk(CHECKED)
    desk.put("shop", "order", order("1", ("Work", 1000)), order("2", ("Work", 500)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10")), bill("8", "9", ("Work", "3")))
    both = StatementLine("orders", "USD", side(15, 2, 1), side(13, 2, 1), waiting=part(-2, 2, -5, 1))
    assert only(desk) == both


IGNORING = CHECKED.replace("fields:", "unmatched: {left: ignore, right: ignore}\nfields:")


def test_what_the_mapping_ignores_is_counted_and_totalled_on_its_own_side() -> None:
    desk = Desk(IGNORING)
    desk.put("shop", "order", order("1", ("Work", 1000)), order("2", ("Work", 500)))
    left_out = (bill(str(8 + number), str(90 + number), ("Work", total)) for number, total in enumerate("33001"))
    refund = bill("70", "97", ("Work", "-2"))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10"), Memo="1"), *left_out, refund)
    line = only(desk, left=False, right=False)
    right = part(5, 6, -2, 1)
    assert line == StatementLine("orders", "USD", side(15, 2, 1), side(15, 7, 1), left_out=(part(-5), right))
    number = desk.books.lookups.mapping_id("orders")
    summed = [found.gap for found in Totals(desk.engine).gaps(number, unmatched=(False, False)) if found.gap.ignored]
    assert sorted((gap.amount, gap.items) for gap in summed if gap.what == "only right") == [
        (-2_000_000, 1), (0, 2), (7_000_000, 3),
    ]  # fmt: skip


def test_an_ignored_record_that_stands_in_a_tie_is_an_open_finding() -> None:
    desk = Desk(IGNORING)
    desk.put("shop", "order", order("1", ("Work", 100)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "1")), bill("8", "1", ("Work", "1")))
    line = only(desk, left=False, right=False)
    assert (line.waiting, line.left_out) == (part(1, 3, -1, 1), (Part(), Part()))


def test_an_accepted_record_without_partner_is_explained() -> None:
    desk = Desk(CHECKED)
    desk.put("shop", "order", order("1", ("Work", 1000)), order("2", ("Work", 500)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10"), Memo="1"))
    accept(desk, "")
    assert only(desk).explained == (("accepted", part(-5)),)


def test_a_pair_of_which_one_record_left_is_its_whole_amount_and_no_match() -> None:
    desk = one_pair(1000, "10.00")
    desk.refresh()
    desk.put("shop", "order", order("1", ("Work", 1000), status="draft"))
    assert only(desk) == StatementLine("orders", "USD", SideTotal(), side(10, 1, 0), waiting=part(10))
    accept(desk, "$state")
    assert only(desk).explained == (("accepted", part(10)),)


def test_a26_every_currency_has_a_line_that_foots_by_itself() -> None:
    desk = one_pair(1000, "9.00", Currency={"value": "EUR"})
    lines = statement(desk)
    assert [(line.currency, line.left.amount, line.right.amount) for line in lines] == [("EUR", 0, 9), ("USD", 10, 0)]
    assert all(map(foots, lines))


def test_an_amount_without_a_currency_counts_in_that_of_its_partner_and_says_so() -> None:
    desk = one_pair(1000, "9.00", Currency=None)
    line = only(desk)
    assert (line.currency, line.left, line.right) == ("USD", side(10), side(9, unnamed=1))
    assert line.waiting == part(-1)


def test_a_side_without_records_is_shown_as_nothing_and_the_other_is_not_matched() -> None:
    desk = Desk(CHECKED)
    desk.put("shop", "order", order("1", ("Work", 500)))
    assert only(desk) == StatementLine("orders", "USD", side(5, 1, 0), SideTotal(), waiting=part(-5))


def test_every_record_is_counted_once_and_the_counts_add_up() -> None:
    desk = Desk(CHECKED)
    desk.put("shop", "order", *(order(str(number), ("Work", 100)) for number in range(5)))
    desk.put("books", "Bill", *(bill(str(number), str(number), ("Work", "1")) for number in range(3, 9)))
    line = only(desk)
    assert (line.left, line.right) == (side(5, 5, 2), side(6, 6, 2))
    assert line.waiting.items == (5 - 2) + (6 - 2)


def test_records_of_a_tie_wait_for_a_person_on_both_sides() -> None:
    desk = Desk(CHECKED)
    desk.put("shop", "order", order("1", ("Work", 100)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "1")), bill("8", "1", ("Work", "1")))
    assert only(desk).waiting == part(1, 3, -1, 1)


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
    assert (line.left.amount, line.right.amount) == (Decimal(32_000_000_000_000), Decimal(28_000_000_000_000))


CENTS = st.integers(-(10**6), 10**6)
STATUS = st.sampled_from(["open", "open", "paid", "draft", "void"])
CURRENCIES = st.sampled_from(["usd", "eur", "jpy", ""])
NUMBERS = st.sampled_from(["1", "2", "3"])


@given(
    ours=st.lists(st.tuples(NUMBERS, CENTS, CURRENCIES, STATUS), max_size=5),
    theirs=st.lists(st.tuples(NUMBERS, CENTS, CURRENCIES, st.booleans()), max_size=5),
    later=st.lists(st.tuples(st.integers(0, 4), STATUS), max_size=3),
    accepted=st.lists(st.integers(0, 8), max_size=3),
    held=st.lists(st.integers(0, 8), max_size=2),
    counted=st.tuples(st.booleans(), st.booleans()),
    text=st.sampled_from([CHECKED, MANY]),
)
def test_the_statement_foots_on_any_data(
    ours: list[tuple[str, int, str, str]],
    theirs: list[tuple[str, int, str, bool]],
    later: list[tuple[int, str]],
    accepted: list[int],
    held: list[int],
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
    for place in accepted:
        if place < len(found):
            desk.accept(found[place].number)
    for place in held:
        if place < len(found):
            hold(desk, found[place].right or found[place].left or BILL)
    for line in statement(desk, left=counted[0], right=counted[1]):
        assert foots(line)
        assert line.left.matched <= line.left.records
        assert line.right.matched <= line.right.records
        assert all(one.items for one in line.parts if one.amount)


@pytest.mark.parametrize(
    ("left", "explained", "unexplained", "right", "fits"),
    [
        ("10", (), "0", "10", True),
        ("10", (("fee", part("-0.30")),), "0", "9.70", True),
        ("10", (("fee", part("-0.30")),), "0.01", "9.70", False),
    ],
)
def test_a_line_foots_when_left_and_all_that_stands_between_make_right(
    left: str, explained: Any, unexplained: str, right: str, fits: bool
) -> None:
    assert foots(StatementLine("m", "USD", side(left), side(right), explained, unexplained=part(unexplained))) is fits


ORDER, BILL = Ref("shop", "order", "o1"), Ref("books", "Bill", "7")


def change(action: Action, target: Ref, source: Ref | None = None, *amounts: str) -> Change:
    """A change that writes an amount; `amounts` are what it will be and what it was."""
    money = [Money(Decimal(amount), "USD") for amount in amounts]
    edit = Edit("Total", None, "1", codec="money")
    return Change("i", "orders", action, target, source, "1", (edit,), *money)


@pytest.mark.parametrize(
    ("made", "gap", "closed"),
    [
        (change(Action.CREATE, BILL, ORDER, "10"), Gap("USD", "only left", -10_000_000), True),
        (change(Action.CREATE, BILL, Ref("shop", "order", "o2"), "10"), Gap("USD", "only left", -10_000_000), False),
        (change(Action.UPDATE, BILL, ORDER, "10", "9"), Gap("USD", "amount", -1_000_000), True),
        (change(Action.UPDATE, ORDER, BILL, "9", "10"), Gap("USD", "amount", -1_000_000), True),
        (change(Action.UPDATE, BILL, ORDER, "9.5", "9"), Gap("USD", "amount", -1_000_000), False),
        (change(Action.UPDATE, BILL, ORDER), Gap("USD", "amount", -1_000_000), True),
        (change(Action.VOID, BILL, ORDER, "10"), Gap("USD", "scope", 10_000_000), True),
    ],
)
def test_a_plan_settles_a_gap_only_when_what_it_writes_closes_it(made: Change, gap: Gap, closed: bool) -> None:
    right = () if gap.what == "only left" else (BILL,)
    assert Corrections([made]).settle("orders", gap, (ORDER,), right) is closed
    assert Corrections([made]).settle("orders", gap, (), ()) is False


def test_what_a_plan_settles_is_to_be_corrected_and_no_open_finding() -> None:
    desk = Desk(CHECKED)
    gap = Gap("USD", "only left", -5_000_000, said="open", settled=True)
    (line,) = statement_lines(desk.mappings[0], {"USD": side(5, 1, 0)}, {}, [gap])
    assert (line.correcting, line.waiting) == (part(-5), Part())


def test_a_mapping_without_amounts_counts_what_agrees_differs_is_missing_accepted_ignored_or_held() -> None:
    desk = Desk(PEOPLE.replace("create: right", "unmatched: {right: ignore}"))
    for number, name in enumerate(("Ann", "Ben", "Cem", "Dee"), start=1):
        desk.put("shop", "person", person(f"p{number}", name, f"{name}@x.example", city="Oslo"))
    for number, (name, city) in enumerate((("Ann", "Oslo"), ("Ben", "Rome"), ("Cem", "Oslo")), start=1):
        desk.put("books", "Person", books_person(str(number), name, f"{name}@x.example", City=city))
    desk.put("books", "Person", books_person("9", "Zoe", "zoe@x.example"))

    def counted() -> StatementLine:
        desk.refresh()
        number = desk.books.lookups.mapping_id("people")
        return Totals(desk.engine).counts(number, "people", unmatched=(True, False))

    sides = SideTotal(records=4, matched=3), SideTotal(records=4, matched=3)
    assert counted() == StatementLine("people", "", *sides, counts=Counts(2, 1, 0, Single(1), Single(left_out=1)))
    found = desk.findings()
    for one in found:
        desk.accept(one.number)
    assert counted().counts == Counts(2, 0, 1, Single(accepted=1), Single(left_out=1))
    with desk.engine.write():
        for one in found:
            desk.books.findings.reopen(one.number)
    hold(desk, Ref("books", "Person", "2"))
    hold(desk, Ref("shop", "person", "p4"))
    assert counted().counts == Counts(2, 0, 0, Single(held=1), Single(left_out=1), held=1)
