"""Situations that finance people reported, as far as Xero and its connector alone decide them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.xero_setup import NAME, Organisation, create, line, only, organisation, raw, update
from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_of
from syncctl.fields.placeholder import placeholder
from syncctl.model import Money, Outcome, Ref, Unknown
from syncctl.paths import parse_path, read
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def books(clock: FakeClock) -> Organisation:
    found = organisation(clock, currencies=("EUR",))
    found.seed("Contact", Name="Acme")
    return found


def bill(books: Organisation, *lines: dict[str, Any], **more: Any) -> Ref:
    body = {"Type": "ACCREC", "Contact": {"ContactID": books.all("Contact")[0]["ContactID"]}, "Date": "2026-11-19",
            "DueDate": "2026-12-19", "Status": "AUTHORISED", "LineItems": list(lines), **more}  # fmt: skip
    receipt = only(books.write(create("Invoice", **body)))
    assert receipt.ref is not None, receipt.message
    return receipt.ref


def pay(books: Organisation, target: Ref, amount: object) -> Ref:
    account = next(each for each in books.all("Account") if each["Code"] == "090")["AccountID"]
    body = {"Invoice__InvoiceID": target.id, "Account__AccountID": account, "Date": "2026-11-20", "Amount": amount}
    receipt = only(books.write(create("Payment", **body)))
    assert receipt.ref is not None, receipt.message
    return receipt.ref


def amounts(books: Organisation, ref: Ref, *paths: str) -> list[Any]:
    schema = next(each for each in books.connector.describe() if each.kind == ref.kind)
    held = raw(books.read(ref))
    found = []
    for path in paths:
        field = schema.fields[path]
        (value,) = read(held, parse_path(field.place))
        found.append(decode(field.codec, value, currency_of(held, field)))
    return found


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_a17_tax_is_rounded_line_by_line_so_xeros_total_is_a_cent_less(books: Organisation) -> None:
    lines = [line(Decimal(amount)) for amount in ("25.06", "25.61", "25.63")]
    ref = bill(books, *lines)
    assert amounts(books, ref, "SubTotal", "TotalTax", "Total") == [usd("76.30"), usd("11.44"), usd("87.74")]


def test_a18_three_equal_lines_are_each_rounded_up(books: Organisation) -> None:
    ref = bill(books, *(line(Decimal("10.10")) for _ in range(3)))
    assert amounts(books, ref, "TotalTax") == [usd("4.56")]


def test_a20_amounts_never_become_floats(books: Organisation) -> None:
    ref = bill(books, line(Decimal("0.1"), TaxType="NONE"), line(Decimal("0.2"), TaxType="NONE"))
    assert amounts(books, ref, "Total") == [usd("0.3")]


@pytest.mark.parametrize(("taxes", "total"), [("Inclusive", "115.00"), ("Exclusive", "132.25"), ("NoTax", "115.00")])
def test_a23_totals_follow_how_the_document_counts_tax(books: Organisation, taxes: str, total: str) -> None:
    ref = bill(books, line(Decimal(115)), LineAmountTypes=taxes)
    found = amounts(books, ref, "SubTotal", "TotalTax", "Total")
    assert found[2] == usd(total)
    assert found[0].amount + found[1].amount == Decimal(total)


def test_a26_a_rate_is_foreign_units_for_one_of_the_base_currency(books: Organisation) -> None:
    ref = bill(books, line(100, TaxType="NONE"), CurrencyCode="EUR", CurrencyRate=Decimal("0.92"))
    assert amounts(books, ref, "Total", "CurrencyRate") == [Money(Decimal(100), "EUR"), Decimal("0.92")]


@pytest.mark.parametrize(
    ("parts", "due", "state"),
    [([], "115.00", "open"), ([40], "75.00", "part_paid"), ([40, 75], "0.00", "paid"), ([115], "0.00", "paid")],
)
def test_a37_what_is_due_follows_the_payments(books: Organisation, parts: list[int], due: str, state: str) -> None:
    ref = bill(books, line(100))
    for part in parts:
        pay(books, ref, part)
    assert amounts(books, ref, "AmountDue") == [usd(due)]
    held = raw(books.read(ref))
    assert books.connector.state("Invoice", held) == state
    assert len(held["Payments"]) == len(parts)


def test_a37_a_credit_counts_like_a_payment(books: Organisation) -> None:
    ref = bill(books, line(100))
    body = {"Type": "ACCRECCREDIT", "Contact": {"ContactID": books.all("Contact")[0]["ContactID"]},
            "Date": "2026-11-19", "Status": "AUTHORISED", "LineItems": [line(20)]}  # fmt: skip
    note = only(books.write(create("CreditNote", **body))).ref
    assert note is not None
    books.vendor.allocate(note.id, ref.id, "23.00")
    assert amounts(books, ref, "AmountDue", "AmountCredited") == [usd("92.00"), usd("23.00")]
    assert books.connector.state("Invoice", raw(books.read(ref))) == "part_paid"
    assert books.connector.state("CreditNote", raw(books.read(note))) == "paid"


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED"])
def test_a53_what_nobody_approved_is_a_draft(books: Organisation, status: str) -> None:
    ref = bill(books, line(100), Status=status)
    assert books.connector.state("Invoice", raw(books.read(ref))) == "draft"


def test_a51_a_voided_invoice_keeps_its_total_and_is_void(books: Organisation) -> None:
    ref = bill(books, line(100))
    books.vendor.edit("Invoice", ref.id, Status="VOIDED", AmountDue=Decimal(0))
    assert amounts(books, ref, "Total", "AmountDue") == [usd("115.00"), usd("0")]
    assert books.connector.state("Invoice", raw(books.read(ref))) == "void"


def test_a_state_is_told_of_a_record_that_is_only_planned(books: Organisation) -> None:
    state = books.connector.state
    hole = placeholder(Unknown(Ref(NAME, "Invoice", "new-1"), "AmountDue"))
    planned = {"Status": "AUTHORISED", "Total": Decimal(100)}
    assert state("Invoice", {**planned, "AmountDue": {**hole, "expected": "0"}}) == "paid"
    assert state("Invoice", {**planned, "AmountDue": {**hole, "expected": "40"}}) == "part_paid"
    assert state("Invoice", {**planned, "AmountDue": hole}) == "open"
    assert state("Payment", {"Status": hole}) == "open"
    assert state("Contact", {"ContactStatus": hole}) == "open"
    assert state("Invoice", {}) == "draft"


def test_a2_a_key_is_remembered_for_six_minutes_and_no_longer(books: Organisation) -> None:
    request = books.prepare(create("Contact", Name="Beta"))
    first = only(books.connector.send(request))
    books.clock.advance(360)
    assert only(books.connector.send(request)).ref == first.ref
    books.clock.advance(1)
    assert only(books.connector.send(request)).outcome is Outcome.DUPLICATE


def test_a15_a_second_write_of_the_same_values_changes_nothing_but_the_stamp(books: Organisation) -> None:
    ref = bill(books, line(100), Reference="keep")
    before = books.held(ref)
    assert only(books.write(update(ref, Reference="keep"))).outcome is Outcome.APPLIED
    assert {**books.held(ref), "UpdatedDateUTC": ""} == {**before, "UpdatedDateUTC": ""}
