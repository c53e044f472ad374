"""Credit notes taken off invoices, and payments of credit notes: once, to the cent, and read as Xero shows them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.xero_setup import NAME, Organisation, change, create, line, only, organisation, raw
from connectors.xero_spec import problems
from syncctl.connectors.xero.allocations import allocations_in
from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_of, currency_reader
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Change, Money, Outcome, Poison, Ref
from syncctl.paths import parse_path, read
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def books(clock: FakeClock) -> Organisation:
    found = organisation(clock, currencies=("EUR",))
    found.seed("Contact", Name="Acme")
    return found


def document(books: Organisation, kind: str, amount: object, **more: Any) -> Ref:
    head = {"Type": "ACCREC", "DueDate": "2026-12-19"} if kind == "Invoice" else {"Type": "ACCRECCREDIT"}
    contact = {"ContactID": books.all("Contact")[0]["ContactID"]}
    lines = [line(amount, TaxType="NONE")]
    return books.seed(
        kind, Contact=contact, Date="2026-11-19", Status="AUTHORISED", LineItems=lines, **{**head, **more}
    )


def allocation(note: Ref, bill: Ref, amount: object) -> Change:
    return create(
        "Allocation",
        CreditNote__CreditNoteID=note.id,
        Invoice__InvoiceID=bill.id,
        Amount=Decimal(str(amount)),
        Date="2026-11-20",
    )


def pair(books: Organisation, credit: object = 30, owed: object = 100) -> tuple[Ref, Ref]:
    return document(books, "CreditNote", credit), document(books, "Invoice", owed)


def puts(books: Organisation) -> list[str]:
    return [each.path for each in books.wire.exchanges if each.method == "PUT"]


def test_a_credit_note_is_taken_off_its_invoice(books: Organisation, vendors: Path) -> None:
    note, bill = pair(books)
    receipt = only(books.write(allocation(note, bill, "30.00")))
    assert (receipt.outcome, receipt.ref) == (Outcome.APPLIED, Ref(NAME, "Allocation", f"{note.id}.{bill.id}"))
    assert puts(books) == [f"/api.xro/2.0/CreditNotes/{note.id}/Allocations"]
    assert books.sent() == {"Allocations": [{"Invoice": {"InvoiceID": bill.id}, "Amount": 30, "Date": "2026-11-20"}]}
    assert problems(vendors, "Allocations", books.sent()) == []
    assert (books.held(bill)["AmountDue"], books.held(note)["RemainingCredit"]) == (70, 0)
    assert receipt.ref is not None
    held = raw(only_found(books, receipt.ref))
    assert (held["Amount"], held["CreditNote"]["CurrencyCode"], held["Date"][:10]) == (30, "USD", "2026-11-20")


def only_found(books: Organisation, ref: Ref) -> Any:
    (record,) = books.connector.find("Allocation", "ID", [ref.id])
    return record


def test_an_allocation_that_a_person_made_meanwhile_is_not_made_twice(books: Organisation) -> None:
    note, bill = pair(books, credit=100)
    request = books.prepare(allocation(note, bill, 30))
    books.vendor.allocate(note.id, bill.id, "30")
    receipt = only(books.connector.send(request))
    assert (receipt.outcome, receipt.message) == (Outcome.APPLIED, "it was allocated already")
    assert (puts(books), books.held(bill)["AmountDue"]) == ([], 70)


def test_a_repeated_request_after_the_key_is_forgotten_allocates_once(books: Organisation) -> None:
    note, bill = pair(books, credit=100)
    request = books.prepare(allocation(note, bill, 30))
    assert only(books.connector.send(request)).outcome is Outcome.APPLIED
    books.clock.advance(3600)
    assert only(books.connector.send(request)).outcome is Outcome.APPLIED
    assert (len(puts(books)), books.held(bill)["AmountDue"]) == (1, 70)


def test_another_amount_that_is_allocated_already_is_left_to_a_person(books: Organisation) -> None:
    note, bill = pair(books, credit=100)
    books.vendor.allocate(note.id, bill.id, "12.50")
    receipt = only(books.write(allocation(note, bill, "30.00")))
    assert receipt.outcome is Outcome.REJECTED
    assert receipt.message == "12.50 of this credit note is allocated to the invoice already, not 30.00"
    assert "take that allocation off" in receipt.fix
    assert (puts(books), books.held(bill)["AmountDue"]) == ([], Decimal("87.50"))


def test_nothing_is_allocated_while_the_credit_note_cannot_be_read(books: Organisation) -> None:
    note, bill = pair(books)
    request = books.prepare(allocation(note, bill, 30))
    books.fault("500 before", method="GET", times=20)
    assert only(books.connector.send(request)).outcome is Outcome.LATER
    assert puts(books) == []


def test_an_allocation_whose_answer_was_lost_is_found_by_its_two_documents(books: Organisation) -> None:
    note, bill = pair(books)
    planned = allocation(note, bill, 30)
    request, since = books.prepare(planned), books.clock.now()
    books.fault("lost", method="PUT")
    assert only(books.connector.send(request)).outcome is Outcome.UNKNOWN
    found = only(books.connector.probe(request, [planned], since + timedelta(hours=1)))
    assert (found.outcome, found.ref) == (Outcome.APPLIED, Ref(NAME, "Allocation", f"{note.id}.{bill.id}"))


def test_an_allocation_that_did_not_happen_is_not_found(books: Organisation) -> None:
    note, bill = pair(books)
    other = document(books, "Invoice", 50)
    books.vendor.allocate(note.id, other.id, "30")
    planned = allocation(note, bill, 30)
    request = books.prepare(planned)
    assert only(books.connector.probe(request, [planned], books.clock.now())).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("credit", "owed"), [("29.99", 100), (100, "29.99")])
def test_more_than_is_left_or_due_is_refused(books: Organisation, credit: object, owed: object) -> None:
    note, bill = pair(books, credit, owed)
    receipt = only(books.write(allocation(note, bill, "30.00")))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "more than is due")


def test_an_allocation_in_a_locked_period_is_refused(books: Organisation) -> None:
    note, bill = pair(books)
    books.vendor.set_rules(year_lock="2026-11-20")
    assert only(books.write(allocation(note, bill, 30))).code == "period locked"


def test_what_one_credit_note_gave_one_invoice_is_one_record(books: Organisation) -> None:
    note, bill = pair(books)
    other = document(books, "Invoice", 50)
    for target, amount in ((bill, "10"), (other, "5"), (bill, "2.5")):
        books.vendor.allocate(note.id, target.id, amount)
    (page,) = books.pull("Allocation")
    assert {record.ref.id: raw(record)["Amount"] for record in page.records} == {
        f"{note.id}.{bill.id}": Decimal("12.5"),
        f"{note.id}.{other.id}": 5,
    }


def test_an_allocation_that_was_taken_back_is_missing_from_the_next_pull(books: Organisation) -> None:
    note, bill = pair(books)
    books.vendor.allocate(note.id, bill.id, "10")
    (first,) = books.pull("Allocation")
    assert len(first.records) == 1
    books.clock.advance(86_400)
    books.vendor.take_back(note.id, bill.id)
    (second,) = books.pull("Allocation", first.windows)
    assert (second.records, second.complete) == ((), True)


def test_the_credit_notes_are_counted_and_not_their_allocations(clock: FakeClock) -> None:
    books = organisation(clock, {"page_rows": "1"})
    books.seed("Contact", Name="Acme")
    notes = [document(books, "CreditNote", 30) for _ in range(3)]
    bill = document(books, "Invoice", 100)
    books.vendor.allocate(notes[2].id, bill.id, "10")
    pages = books.pull("Allocation")
    assert [len(page.records) for page in pages].count(1) == 1
    assert pages[-1].complete


@pytest.mark.parametrize("part", [{"Amount": 5}, {"Invoice": {}, "Amount": 5}, {"Invoice": {"InvoiceID": "i"}}, 7])
def test_an_allocation_that_cannot_be_read_is_told(part: Any) -> None:
    with pytest.raises(Undecodable, match="allocation"):
        allocations_in(encode_json({"CreditNoteID": "n", "Allocations": [part]}))


def test_a_deleted_allocation_is_none(books: Organisation) -> None:
    part = {"Invoice": {"InvoiceID": "i"}, "Amount": 5, "IsDeleted": True}
    assert allocations_in(encode_json({"CreditNoteID": "n", "Allocations": [part]})) == []


def test_a_credit_note_that_cannot_be_read_is_set_aside(books: Organisation) -> None:
    note, bill = pair(books)
    books.vendor.allocate(note.id, bill.id, "10")
    books.vendor.edit("CreditNote", note.id, Allocations=[{"Amount": 10}])
    (page,) = books.pull("Allocation")
    (poison,) = page.poison
    assert isinstance(poison, Poison)
    assert (poison.id, poison.reason) == (note.id, "an allocation that names no invoice")


# --- payments of credit notes ---


def refund(books: Organisation, note: Ref, amount: object = 12, **more: Any) -> Ref:
    account = next(each for each in books.all("Account") if each["Code"] == "090")["AccountID"]
    body = {"CreditNote__CreditNoteID": note.id, "Account__AccountID": account, "Date": "2026-11-20", "Amount": amount}
    receipt = only(books.write(create("Payment", **body, **more)))
    assert receipt.ref is not None, receipt.message
    return receipt.ref


@pytest.mark.parametrize(("more", "currency"), [({}, "USD"), ({"CurrencyCode": "EUR"}, "EUR")])
def test_a_payment_of_a_credit_note_is_in_the_credit_notes_currency(
    books: Organisation, more: dict[str, Any], currency: str
) -> None:
    note = document(books, "CreditNote", 30, **more)
    held = raw(books.read(refund(books, note)))
    field = next(each for each in books.connector.describe() if each.kind == "Payment").fields["Amount"]
    assert currency_of(held, field) == currency_reader(field)(held) == currency
    assert decode(field.codec, held["Amount"], currency) == Money(Decimal(12), currency)


def test_a_payment_of_an_invoice_is_in_the_invoices_currency_as_before(books: Organisation) -> None:
    bill = document(books, "Invoice", 30, CurrencyCode="EUR")
    paid = books.seed("Payment", Invoice={"InvoiceID": bill.id}, Account={"Code": "090"}, Amount=1)
    field = next(each for each in books.connector.describe() if each.kind == "Payment").fields["Amount"]
    assert currency_of(raw(books.read(paid)), field) == "EUR"


def test_a_payment_names_the_credit_note_as_one_although_xero_shows_it_as_an_invoice(books: Organisation) -> None:
    note = document(books, "CreditNote", 30)
    paid = refund(books, note)
    assert books.held(paid)["Invoice"]["InvoiceID"] == note.id
    schema = next(each for each in books.connector.describe() if each.kind == "Payment")
    held = decode_json(books.read(paid).raw)
    assert list(read(held, parse_path(schema.fields["CreditNote"].place))) == [note.id]
    assert list(read(held, parse_path(schema.fields["Invoice"].place))) == []


def test_a_payment_of_a_credit_note_whose_answer_was_lost_is_found(books: Organisation) -> None:
    note = document(books, "CreditNote", 30)
    account = next(each for each in books.all("Account") if each["Code"] == "090")["AccountID"]
    body = {"CreditNote__CreditNoteID": note.id, "Account__AccountID": account, "Date": "2026-11-20", "Amount": 12}
    planned = create("Payment", **body)
    request = books.prepare(planned)
    books.fault("lost", method="PUT")
    assert only(books.connector.send(request)).outcome is Outcome.UNKNOWN
    assert only(books.connector.probe(request, [planned], books.clock.now())).outcome is Outcome.APPLIED


def test_a_refund_of_a_credit_note_can_be_voided(books: Organisation) -> None:
    note = document(books, "CreditNote", 30)
    paid = refund(books, note)
    assert books.held(note)["RemainingCredit"] == 18
    assert only(books.write(change(Action.VOID, paid))).outcome is Outcome.APPLIED
    assert books.held(note)["RemainingCredit"] == 30
