"""Writing to Xero: what is sent, what its answer means, and that nothing else changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.xero_setup import NAME, TENANT, Organisation, change, create, line, only, organisation, raw, update
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Edit, Outcome, Ref
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def books(clock: FakeClock) -> Organisation:
    found = organisation(clock)
    found.seed(
        "Contact",
        Name="Acme",
        Addresses=[{"AddressType": "STREET", "AddressLine1": "1 Old Road", "City": "Bayshore"}],
        ContactPersons=[{"FirstName": "Dana", "LastName": "Weiss", "EmailAddress": "d@a.example"}],
    )
    return found


def acme(books: Organisation) -> Ref:
    return Ref(NAME, "Contact", books.all("Contact")[0]["ContactID"])


def document(books: Organisation, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Type": "ACCREC",
        "Contact": {"ContactID": acme(books).id},
        "Date": "2026-11-19",
        "DueDate": "2026-12-19",
        "Status": "AUTHORISED",
        "LineItems": list(lines) or [line(100)],
        **more,
    }


def made(books: Organisation, kind: str, **body: Any) -> Ref:
    receipt = only(books.write(create(kind, **body)))
    assert receipt.outcome is Outcome.APPLIED, receipt.message
    assert receipt.ref is not None
    return receipt.ref


def invoice(books: Organisation, *lines: dict[str, Any], **more: Any) -> Ref:
    return made(books, "Invoice", **document(books, *lines, **more))


def credit(books: Organisation, amount: object = 20) -> Ref:
    body = document(books, line(amount), Type="ACCRECCREDIT", CreditNoteNumber="CN-7")
    return made(books, "CreditNote", **{name: body[name] for name in body if name != "DueDate"})


def account(books: Organisation, code: str = "090") -> str:
    found: str = next(each for each in books.all("Account") if each["Code"] == code)["AccountID"]
    return found


def payment(books: Organisation, target: Ref, amount: object, **more: Any) -> Ref:
    paid = {f"{target.kind}__{target.kind}ID": target.id}
    return made(books, "Payment", **paid, Account__AccountID=account(books), Date="2026-11-20", Amount=amount, **more)


def untouched(before: dict[str, Any], after: dict[str, Any], *changed: str) -> None:
    """Everything but the named fields, the totals and the stamp is as it was."""
    for name in before.keys() | after.keys():
        if name not in (*changed, "UpdatedDateUTC"):
            assert after.get(name) == before.get(name), name


# --- creates ---------------------------------------------------------------------------------------------------------


def test_a_create_is_a_put_with_our_number_under_its_key(books: Organisation) -> None:
    request = books.prepare(create("Invoice", **document(books, InvoiceNumber="S-1")), key="k" * 200)
    assert (request.method, request.path) == ("PUT", "/api.xro/2.0/Invoices")
    assert dict(request.query) == {"summarizeErrors": "false", "unitdp": "4"}
    headers = dict(request.headers)
    assert headers["Idempotency-Key"] == "k" * 128
    assert headers["xero-tenant-id"] == TENANT
    receipt = only(books.connector.send(request))
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.vendor_request_id
    assert receipt.ref is not None
    held = books.held(receipt.ref)
    assert (held["InvoiceNumber"], held["Total"]) == ("S-1", Decimal("115.00"))


def test_the_same_bytes_under_the_same_key_are_one_record(books: Organisation) -> None:
    request = books.prepare(create("Invoice", **document(books)))
    first, second = only(books.connector.send(request)), only(books.connector.send(request))
    assert first.ref == second.ref
    assert len(books.all("Invoice")) == 1


def test_a19_a_unit_price_keeps_four_decimals(books: Organisation) -> None:
    bill = invoice(books, line(Decimal("0.1648"), Quantity=7000, TaxType="NONE"))
    (held,) = books.held(bill)["LineItems"]
    assert (held["UnitAmount"], held["LineAmount"]) == (Decimal("0.1648"), Decimal("1153.60"))
    assert books.held(bill)["Total"] == Decimal("1153.60")


def test_an_items_price_keeps_four_decimals(books: Organisation) -> None:
    item = made(books, "Item", Code="API", Name="Calls", SalesDetails__UnitPrice=Decimal("0.1648"))
    assert books.held(item)["SalesDetails"]["UnitPrice"] == Decimal("0.1648")


def test_a_document_names_its_contact_by_id_alone_even_when_more_is_known(books: Organisation) -> None:
    contact = {"ContactID": acme(books).id, "Name": "Another name", "ContactPersons": []}
    invoice(books, Contact=contact)
    assert books.sent()["Invoices"][0]["Contact"] == {"ContactID": acme(books).id}
    assert books.held(acme(books))["ContactPersons"][0]["FirstName"] == "Dana"


def test_a_tracking_option_is_sent_by_name(books: Organisation) -> None:
    bill = invoice(books, line(5, Tracking=[{"Name": "Project", "Option": "P-1"}]))
    (held,) = books.held(bill)["LineItems"]
    assert [(each["Name"], each["Option"]) for each in held["Tracking"]] == [("Project", "P-1")]


# --- updates ---------------------------------------------------------------------------------------------------------


def test_an_update_sends_only_what_changed(books: Organisation) -> None:
    before = books.held(acme(books))
    assert only(books.write(update(acme(books), EmailAddress="a@b.example"))).outcome is Outcome.APPLIED
    assert books.sent() == {"Contacts": [{"ContactID": acme(books).id, "EmailAddress": "a@b.example"}]}
    untouched(before, books.held(acme(books)), "EmailAddress")


def test_an_address_keeps_its_other_lines_and_the_other_address(books: Organisation) -> None:
    path = "Addresses(AddressType=STREET).AddressLine1"
    assert only(books.write(update(acme(books), **{path: "2 New Road"}))).outcome is Outcome.APPLIED
    street, box = books.held(acme(books))["Addresses"]
    assert (street["AddressLine1"], street["City"], box["AddressType"]) == ("2 New Road", "Bayshore", "POBOX")


def test_a_part_of_an_address_can_be_cleared(books: Organisation) -> None:
    path = "Addresses(AddressType=STREET).AddressLine1"
    assert only(books.write(update(acme(books), **{path: None}))).outcome is Outcome.APPLIED
    street = books.held(acme(books))["Addresses"][0]
    assert (street["AddressLine1"], street["City"]) == ("", "Bayshore")


def test_a_text_can_be_cleared(books: Organisation) -> None:
    bill = invoice(books, Reference="keep")
    before = books.held(bill)
    assert only(books.write(update(bill, Reference=None))).outcome is Outcome.APPLIED
    assert books.held(bill)["Reference"] == ""
    untouched(before, books.held(bill), "Reference")


def test_a57_changing_a_field_sends_no_lines(books: Organisation) -> None:
    bill = invoice(books, line(60), line(40), Reference="keep", Url="https://a.example/1")
    before = books.held(bill)
    assert only(books.write(update(bill, DueDate="2027-01-31"))).outcome is Outcome.APPLIED
    assert books.sent() == {"Invoices": [{"InvoiceID": bill.id, "DueDate": "2027-01-31"}]}
    untouched(before, books.held(bill), "DueDate", "DueDateString")


def test_a57_changing_one_line_keeps_every_lines_id_and_the_rest(books: Organisation) -> None:
    tracked = line(40, Description="storage", Tracking=[{"Name": "Region", "Option": "North"}])
    bill = invoice(books, line(60), tracked, Reference="keep")
    before = books.held(bill)
    first, second = before["LineItems"]
    path = f"LineItems(LineItemID={second['LineItemID']}).UnitAmount"
    assert only(books.write(update(bill, **{path: Decimal(45)}))).outcome is Outcome.APPLIED
    after = books.held(bill)
    assert after["LineItems"][0] == first
    changed = {"UnitAmount": Decimal(45), "LineAmount": Decimal(45), "TaxAmount": Decimal("6.75")}
    assert after["LineItems"][1] == {**second, **changed}
    assert (after["Total"], after["AmountDue"]) == (Decimal("120.75"), Decimal("120.75"))
    untouched(before, after, "LineItems", "SubTotal", "TotalTax", "Total", "AmountDue")


def test_a57_a_line_that_is_added_leaves_the_others_and_one_that_is_removed_goes(books: Organisation) -> None:
    bill = invoice(books, line(60), line(40))
    first, second = books.held(bill)["LineItems"]
    new = {"Description": "extra", "LineAmount": 5, "AccountCode": "200"}
    edits = (
        Edit("LineItems", None, new, "add"),
        Edit(f"LineItems(LineItemID={second['LineItemID']})", second, None, "remove"),
    )
    assert only(books.write(change(Action.UPDATE, bill, *edits))).outcome is Outcome.APPLIED
    kept, added = books.held(bill)["LineItems"]
    assert kept == first
    assert added["LineAmount"] == Decimal(5)
    assert added["LineItemID"] not in (first["LineItemID"], second["LineItemID"])


def test_a_changed_line_amount_gives_up_the_old_unit_price(books: Organisation) -> None:
    bill = invoice(books, line(10, Quantity=4))
    identity = books.held(bill)["LineItems"][0]["LineItemID"]
    path = f"LineItems(LineItemID={identity}).LineAmount"
    assert only(books.write(update(bill, **{path: Decimal(50)}))).outcome is Outcome.APPLIED
    (held,) = books.held(bill)["LineItems"]
    assert (held["Quantity"], held["UnitAmount"], held["TaxAmount"]) == (4, Decimal("12.5"), Decimal("7.50"))


def test_a_new_quantity_alone_leaves_the_money_as_it_is(books: Organisation) -> None:
    bill = invoice(books, line(100))
    identity = books.held(bill)["LineItems"][0]["LineItemID"]
    planned = update(bill, **{f"LineItems(LineItemID={identity}).Quantity": Decimal(4)})
    assert only(books.write(planned)).outcome is Outcome.APPLIED
    (held,) = books.held(bill)["LineItems"]
    assert (held["Quantity"], held["UnitAmount"], held["LineAmount"], books.held(bill)["Total"]) == (4, 25, 100, 115)


def test_a_discount_with_the_amount_it_leaves_gives_up_the_old_unit_price(books: Organisation) -> None:
    bill = invoice(books, line(100))
    place = f"LineItems(LineItemID={books.held(bill)['LineItems'][0]['LineItemID']})"
    planned = update(bill, **{f"{place}.LineAmount": Decimal(80), f"{place}.DiscountAmount": Decimal(20)})
    assert only(books.write(planned)).outcome is Outcome.APPLIED
    (held,) = books.held(bill)["LineItems"]
    assert (held["UnitAmount"], held["LineAmount"], held["TaxAmount"]) == (100, 80, 12)


def test_one_tracking_category_is_written_to_every_line_and_the_other_stays(books: Organisation) -> None:
    both = [{"Name": "Region", "Option": "North"}, {"Name": "Project", "Option": "P-1"}]
    bill = invoice(books, line(60, Tracking=both), line(40))
    path = "LineItems.Tracking(Name=Project).Option"
    assert only(books.write(update(bill, **{path: "P-2"}))).outcome is Outcome.APPLIED
    held = [{each["Name"]: each["Option"] for each in found["Tracking"]} for found in books.held(bill)["LineItems"]]
    assert held == [{"Region": "North", "Project": "P-2"}, {"Project": "P-2"}]


def test_a_tracking_option_is_not_sent_with_a_remark(books: Organisation) -> None:
    bill = invoice(books, line(60), {"Description": "Thank you"})
    only(books.write(update(bill, **{"LineItems.Tracking(Name=Project).Option": "P-2"})))
    booked, remark = books.sent()["Invoices"][0]["LineItems"]
    assert (booked["Tracking"], "Tracking" in remark) == ([{"Name": "Project", "Option": "P-2"}], False)


def test_a_discount_and_a_tracking_option_can_be_taken_off_a_line(books: Organisation) -> None:
    bill = invoice(books, line(60, DiscountRate=10, Tracking=[{"Name": "Region", "Option": "North"}]))
    identity = books.held(bill)["LineItems"][0]["LineItemID"]
    place = f"LineItems(LineItemID={identity})"
    planned = update(bill, **{f"{place}.DiscountRate": None, f"{place}.Tracking(Name=Region).Option": None})
    assert only(books.write(planned)).outcome is Outcome.APPLIED
    (held,) = books.held(bill)["LineItems"]
    assert (held["LineAmount"], held["TaxAmount"], held["Tracking"]) == (60, Decimal("9.00"), [])


def test_a_draft_can_be_approved_and_an_item_changed(books: Organisation) -> None:
    bill = invoice(books, Status="DRAFT")
    assert books.connector.state("Invoice", raw(books.read(bill))) == "draft"
    assert only(books.write(update(bill, Status="AUTHORISED"))).outcome is Outcome.APPLIED
    assert books.connector.state("Invoice", raw(books.read(bill))) == "open"
    item = made(books, "Item", Code="HW-1", Name="Gateway")
    assert only(books.write(update(item, Name="Gateway 2"))).outcome is Outcome.APPLIED
    assert books.sent() == {"Items": [{"ItemID": item.id, "Code": "HW-1", "Name": "Gateway 2"}]}


# --- void, archive ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "ends"), [("AUTHORISED", "VOIDED"), ("DRAFT", "DELETED"), ("SUBMITTED", "DELETED")])
def test_a_void_is_what_xero_calls_it_in_that_state(books: Organisation, status: str, ends: str) -> None:
    bill = invoice(books, Status=status)
    assert only(books.write(change(Action.VOID, bill))).outcome is Outcome.APPLIED
    assert books.sent() == {"Invoices": [{"InvoiceID": bill.id, "Status": ends}]}
    held = raw(books.read(bill))
    assert (held["Status"], held["Total"], held["AmountDue"]) == (ends, Decimal("115.00"), 0)
    assert books.connector.state("Invoice", held) == "void"


def test_a_credit_note_is_voided_and_a_payment_deleted(books: Organisation) -> None:
    bill, note = invoice(books), credit(books)
    paid = payment(books, bill, Decimal("115.00"))
    assert books.connector.state("Invoice", raw(books.read(bill))) == "paid"
    for target in (note, paid):
        assert only(books.write(change(Action.VOID, target))).outcome is Outcome.APPLIED
        assert books.connector.state(target.kind, raw(books.read(target))) == "void"
    assert books.sent() == {"Status": "DELETED"}
    assert books.connector.state("Invoice", raw(books.read(bill))) == "open"


def test_payments_are_deleted_one_by_one_and_created_together(books: Organisation) -> None:
    first, second = Ref(NAME, "Payment", "p-1"), Ref(NAME, "Payment", "p-2")
    key = books.connector.request_key
    assert key(change(Action.VOID, first)) != key(change(Action.VOID, second))
    assert key(change(Action.CREATE, first)) == key(change(Action.CREATE, second))
    assert key(change(Action.VOID, Ref(NAME, "Invoice", "1"))) == key(change(Action.VOID, Ref(NAME, "Invoice", "2")))


def test_archiving_touches_nothing_else(books: Organisation) -> None:
    before = books.held(acme(books))
    assert only(books.write(change(Action.ARCHIVE, acme(books)))).outcome is Outcome.APPLIED
    assert books.sent() == {"Contacts": [{"ContactID": acme(books).id, "ContactStatus": "ARCHIVED"}]}
    untouched(before, books.held(acme(books)), "ContactStatus")


def test_a_refund_is_a_payment_of_a_credit_note(books: Organisation) -> None:
    note = credit(books, 20)
    payment(books, note, Decimal("23.00"))
    assert books.connector.state("CreditNote", raw(books.read(note))) == "paid"


# --- batches ---------------------------------------------------------------------------------------------------------


def test_a65_thirty_with_three_bad_are_27_done_and_3_with_their_own_errors(books: Organisation) -> None:
    names = [f"Contact {number}" for number in range(30)]
    names[3], names[11], names[29] = "ACME", "with<brackets>", "contact 4"
    receipts = books.write(*(create("Contact", Name=name) for name in names))
    assert [receipt.row for receipt in receipts] == [f"row{number}" for number in range(30)]
    bad = {one.row: (one.outcome, one.code) for one in receipts if one.outcome is not Outcome.APPLIED}
    assert bad == {
        "row3": (Outcome.DUPLICATE, "contact name taken"),
        "row11": (Outcome.REJECTED, "10"),
        "row29": (Outcome.DUPLICATE, "contact name taken"),
    }
    assert len(books.all("Contact")) == 28
    assert len(books.sandbox.writes()) == 1


def test_a65_only_the_bad_rows_are_sent_again(books: Organisation) -> None:
    changes = [create("Contact", Name=name) for name in ("Beta", "Acme", "Gamma")]
    receipts = books.write(*changes)
    again = [each for each, receipt in zip(changes, receipts, strict=True) if receipt.outcome is not Outcome.APPLIED]
    books.write(*again)
    assert len(books.all("Contact")) == 3


def test_one_bad_invoice_among_fifty_leaves_forty_nine(books: Organisation) -> None:
    bodies = [document(books, InvoiceNumber=f"S-{number}") for number in range(50)]
    bodies[17]["LineItems"] = [line(5, AccountCode="999")]
    receipts = books.write(*(create("Invoice", **body) for body in bodies))
    bad = [receipt for receipt in receipts if receipt.outcome is not Outcome.APPLIED]
    assert [(one.row, one.code) for one in bad] == [("row17", "account")]
    assert "'999' is not a valid code for this document" in bad[0].message
    assert len(books.all("Invoice")) == 49


def test_a_batch_of_updates_is_one_request(books: Organisation) -> None:
    others = [books.seed("Contact", Name=f"Contact {number}") for number in range(3)]
    receipts = books.write(*(update(ref, AccountNumber="A") for ref in (acme(books), *others)))
    assert [receipt.ref for receipt in receipts] == [acme(books), *others]
    assert [receipt.outcome for receipt in receipts] == [Outcome.APPLIED] * 4
    assert len(books.sandbox.writes()) == 1


def test_a_batch_whose_answer_is_lost_is_unknown_in_every_row(books: Organisation) -> None:
    books.fault("lost", method="PUT")
    receipts = books.write(*(create("Contact", Name=name) for name in ("Beta", "Gamma")))
    assert [receipt.outcome for receipt in receipts] == [Outcome.UNKNOWN, Outcome.UNKNOWN]


def test_an_answer_about_other_elements_is_not_believed(books: Organisation) -> None:
    request = books.prepare(create("Contact", Name="Beta"), create("Contact", Name="Gamma"))
    swapped = request.body.replace(b"Beta", b"TEMP").replace(b"Gamma", b"Beta").replace(b"TEMP", b"Gamma")
    from syncctl.connectors.http import Answer
    from syncctl.connectors.xero.sending import Sender
    from syncctl.fields.jsontext import encode_json

    names = [each["Name"] for each in decode_json(swapped)["Contacts"]]
    rows = [{"ContactID": f"{place}", "Name": name} for place, name in enumerate(names)]
    sender = Sender(NAME, books.connector._client)
    receipts = sender.read(request, Answer(200, {}, encode_json({"Contacts": rows})))
    assert [receipt.outcome for receipt in receipts] == [Outcome.UNKNOWN, Outcome.UNKNOWN]
    short = sender.read(request, Answer(200, {}, encode_json({"Contacts": rows[:1]})))
    assert [receipt.outcome for receipt in short] == [Outcome.UNKNOWN, Outcome.UNKNOWN]


def test_a_request_that_is_too_large_is_never_sent(books: Organisation) -> None:
    lines = [line(1, Description="x" * 4000) for _ in range(900)]
    with pytest.raises(ValueError, match="more than the 3,500,000 that Xero takes"):
        books.prepare(create("Invoice", **document(books, *lines)))


# --- did it happen? --------------------------------------------------------------------------------------------------

CREATES = ["Invoice", "CreditNote", "Contact", "Item", "Payment", "bill"]


def new(books: Organisation, what: str) -> Any:
    """A create of each kind, with the marker where a kind has one."""
    marker = "syncctl stripe:x:1"
    if what == "Contact":
        return create("Contact", Name="Beta", ContactNumber="cus_1")
    if what == "Item":
        return create("Item", Code="HW-1", Name="Gateway")
    if what == "CreditNote":
        body = document(books, Type="ACCRECCREDIT", CreditNoteNumber="CN-9", Reference=marker)
        return create("CreditNote", **{name: body[name] for name in body if name != "DueDate"})
    if what == "Payment":
        target = invoice(books)
        return create("Payment", Invoice__InvoiceID=target.id, Account__AccountID=account(books), Date="2026-11-20",
                      Amount=Decimal("50.00"), Reference=marker)  # fmt: skip
    kind = {"bill": "ACCPAY"}.get(what, "ACCREC")
    more = {"Reference": marker}  # which Xero does not keep of a bill
    tax = {"AccountCode": "400"} if kind == "ACCPAY" else {}
    return create("Invoice", **document(books, line(100, **tax), Type=kind, InvoiceNumber="S-9", **more))


@pytest.mark.parametrize("what", CREATES)
@pytest.mark.parametrize("fault", ["lost", "500 after", "truncated"])
def test_a1_a_create_without_a_clear_answer_is_found_and_stays_one_record(
    books: Organisation, what: str, fault: str
) -> None:
    planned = new(books, what)
    before = len(books.all(planned.target.kind))
    since = books.clock.now()
    books.fault(fault, method="PUT")
    request = books.prepare(planned)
    assert only(books.connector.send(request)).outcome is Outcome.UNKNOWN
    found = only(books.connector.probe(request, [planned], since))
    assert found.outcome is Outcome.APPLIED
    assert found.record is not None
    assert len(books.all(planned.target.kind)) == before + 1


@pytest.mark.parametrize("what", CREATES)
def test_a_create_that_never_arrived_is_not_found(books: Organisation, what: str) -> None:
    planned = new(books, what)
    since = books.clock.now()
    books.fault("500 before", method="PUT")
    request = books.prepare(planned)
    assert only(books.connector.send(request)).outcome is Outcome.UNKNOWN
    assert only(books.connector.probe(request, [planned], since)).outcome is Outcome.UNKNOWN


def test_a1_a_create_that_arrives_late_is_found_when_it_has(books: Organisation) -> None:
    planned = new(books, "Invoice")
    since = books.clock.now()
    books.fault("late", method="PUT", seconds=30)
    request = books.prepare(planned)
    assert only(books.connector.send(request)).outcome is Outcome.UNKNOWN
    assert only(books.connector.probe(request, [planned], since)).outcome is Outcome.UNKNOWN
    books.clock.advance(31)
    assert only(books.connector.probe(request, [planned], since)).outcome is Outcome.APPLIED


def test_a2_after_the_key_is_forgotten_the_record_is_still_found_and_a_second_put_refused(books: Organisation) -> None:
    planned = new(books, "Invoice")
    since = books.clock.now()
    books.fault("lost", method="PUT")
    request = books.prepare(planned)
    books.connector.send(request)
    books.clock.advance(600)
    assert only(books.connector.probe(request, [planned], since)).outcome is Outcome.APPLIED
    again = only(books.connector.send(request))
    assert (again.outcome, again.code) == (Outcome.DUPLICATE, "number taken")
    assert len(books.all("Invoice")) == 1


def test_a_replay_within_six_minutes_gives_the_first_answer(books: Organisation) -> None:
    planned = new(books, "bill")
    books.fault("lost", method="PUT")
    request = books.prepare(planned)
    books.connector.send(request)
    books.clock.advance(359)
    assert only(books.connector.send(request)).outcome is Outcome.APPLIED
    assert len(books.all("Invoice")) == 1


def test_a3_a_bill_sent_twice_would_be_two_so_the_probe_tells_them_apart_by_contact(books: Organisation) -> None:
    planned = new(books, "bill")
    other = books.seed("Contact", Name="Other")
    books.seed("Invoice", **document(books, line(100, AccountCode="400"), Type="ACCPAY", InvoiceNumber="S-9",
                                     Contact={"ContactID": other.id}))  # fmt: skip
    since = books.clock.now()
    request = books.prepare(planned)
    assert only(books.connector.probe(request, [planned], since)).outcome is Outcome.UNKNOWN
    first = only(books.connector.send(request))
    assert only(books.connector.probe(request, [planned], since)).ref == first.ref
    books.clock.advance(600)
    books.connector.send(request)
    assert len(books.all("Invoice")) == 3  # what a blind retry would do


@pytest.mark.parametrize("more", [{}, {"EmailAddress": "other@a.example"}])
def test_somebody_elses_contact_of_the_same_name_is_not_taken_for_ours(
    books: Organisation, more: dict[str, Any]
) -> None:
    planned = create("Contact", Name="Beta", EmailAddress="b@b.example")
    since = books.clock.now()
    books.seed("Contact", Name="Beta", **more)
    request = books.prepare(planned)
    assert only(books.connector.send(request)).outcome is Outcome.DUPLICATE
    assert only(books.connector.probe(request, [planned], since)).outcome is Outcome.UNKNOWN


def test_our_contact_is_found_with_all_that_xero_added(books: Organisation) -> None:
    planned = create("Contact", Name="Beta  Ltd", Addresses=[{"AddressType": "POBOX", "City": "Bayshore"}],
                     Phones=[{"PhoneType": "MOBILE", "PhoneNumber": "555"}])  # fmt: skip
    since = books.clock.now()
    request = books.prepare(planned)
    made_ = only(books.connector.send(request)).ref
    books.vendor.edit("Contact", made_.id if made_ else "", Name="Beta Ltd")
    assert only(books.connector.probe(request, [planned], since)).ref == made_


def test_two_equal_creates_are_found_as_two_records(books: Organisation) -> None:
    planned = [new(books, "bill"), new(books, "bill")]
    request = books.prepare(*planned)
    since = books.clock.now()
    books.connector.send(request)
    found = books.connector.probe(request, planned, since)
    assert len({receipt.ref for receipt in found}) == 2


def test_one_row_of_a_batch_is_probed_alone(books: Organisation) -> None:
    planned = [create("Contact", Name=name) for name in ("Beta", "Gamma")]
    request = books.prepare(*planned)
    since = books.clock.now()
    books.connector.send(request)
    from dataclasses import replace

    found = only(books.connector.probe(replace(request, rows=("row1",)), [planned[1]], since))
    assert raw(found.record)["Name"] == "Gamma"


def test_updates_and_voids_are_probed_in_the_record_itself(books: Organisation) -> None:
    bill = invoice(books)
    since = books.clock.now()
    for planned in (update(bill, Reference="new"), change(Action.VOID, bill)):
        request = books.prepare(planned)
        assert only(books.connector.probe(request, [planned], since)).outcome is Outcome.UNKNOWN
        books.connector.send(request)
        assert only(books.connector.probe(request, [planned], since)).outcome is Outcome.APPLIED
        books.clock.advance(600)
