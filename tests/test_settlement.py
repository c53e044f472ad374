"""Which records a payment settles: through the parts of a list, or because the payment is the one part."""

from __future__ import annotations

from decimal import Decimal

from syncctl.fields.schema import Schema
from syncctl.model import Ref
from syncctl.settlement import newly_settled, settled

IN_PARTS = Schema("books", "Payment", settles=(("Bill", "Line", "Paid", "Amount"),))
WHOLE = Schema(
    "books", "Payment", settles=(("Bill", "", "Bill.BillID", "Amount"), ("Credit", "", "Credit.ID", "Amount"))
)
ONE, TWO = Ref("books", "Bill", "1"), Ref("books", "Bill", "2")


def test_the_parts_of_a_payment_settle_a_record_each_and_add_up() -> None:
    raw = {"Line": [{"Paid": "1", "Amount": 5}, {"Paid": "2", "Amount": 7}, {"Paid": "1", "Amount": 1}]}
    assert settled(IN_PARTS, raw) == {ONE: Decimal(6), TWO: Decimal(7)}


def test_a_payment_without_parts_settles_the_one_record_that_it_names() -> None:
    assert settled(WHOLE, {"Bill": {"BillID": "1"}, "Amount": Decimal("5.50")}) == {ONE: Decimal("5.50")}
    assert settled(WHOLE, {"Credit": {"ID": "9"}, "Amount": 2}) == {Ref("books", "Credit", "9"): Decimal(2)}


def test_only_what_a_write_adds_counts() -> None:
    before, after = {"Bill": {"BillID": "1"}, "Amount": 5}, {"Bill": {"BillID": "1"}, "Amount": 8}
    assert newly_settled(WHOLE, before, after) == {ONE: Decimal(3)}
