"""Writing to QuickBooks: what is sent, what its answer means, and that nothing else changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.quickbooks_setup import NAME, Company, change, company, create, raw, sold, update
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.model import Action, Edit, Outcome, Ref, WriteReceipt
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def books(clock: FakeClock) -> Company:
    found = company(clock)
    found.seed("Customer", DisplayName="Acme", BillAddr={"Line1": "1 Old Road", "Line2": "Floor 2", "City": "Bayshore"})
    return found


ACME = Ref(NAME, "Customer", "1")


def only(receipts: tuple[WriteReceipt, ...]) -> WriteReceipt:
    (receipt,) = receipts
    return receipt


def made(books: Company, kind: str, **body: Any) -> Ref:
    receipt = only(books.write(create(kind, body)))
    assert receipt.outcome is Outcome.APPLIED, receipt.message
    assert receipt.ref is not None
    return receipt.ref


def invoice(books: Company, *lines: dict[str, Any], **more: Any) -> Ref:
    return made(books, "Invoice", CustomerRef={"value": "1"}, Line=list(lines) or [sold(100)], **more)


def payment(books: Company, amount: object, *links: tuple[Ref, object], **more: Any) -> Ref:
    lines = [{"Amount": part, "LinkedTxn": [{"TxnId": ref.id, "TxnType": ref.kind}]} for ref, part in links]
    return made(books, "Payment", CustomerRef={"value": "1"}, TotalAmt=amount, Line=lines, **more)


def sent(books: Company) -> dict[str, Any]:
    """The body of the last write."""
    bodies = [body for path, _, body, _ in books.wire.exchanges if body and not path.endswith("/query")]
    found: dict[str, Any] = decode_json(bodies[-1])
    return found


# --- creates ---------------------------------------------------------------------------------------------------------


def test_a_create_is_one_request_under_its_key_and_gives_the_record_back(books: Company) -> None:
    request = books.prepare(create("Customer", {"DisplayName": "Beta"}), key="k" * 60)
    assert (request.method, request.path) == ("POST", "/v3/company/9130350000000001/customer")
    assert dict(request.query) == {"minorversion": "75", "requestid": "k" * 50}
    assert request.body == b'{"DisplayName":"Beta"}'
    receipt = only(books.connector.send(request))
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.record == books.read(Ref(NAME, "Customer", "2"))
    assert receipt.vendor_request_id.startswith("1-")


def test_the_same_bytes_under_the_same_key_are_one_record(books: Company) -> None:
    request = books.prepare(create("Invoice", {"CustomerRef": {"value": "1"}, "Line": [sold(5)]}))
    first, second = only(books.connector.send(request)), only(books.connector.send(request))
    assert first.ref == second.ref
    assert len(books.vendor.state()["Invoice"]) == 1


def test_links_written_by_path_become_the_list_quickbooks_wants(books: Company) -> None:
    bill = invoice(books)
    line = {"LinkedTxn": {"TxnType": "Invoice", "TxnId": bill.id}, "Amount": 40}
    edits = (
        Edit("CustomerRef", None, {"value": "1"}),
        Edit("TotalAmt", None, Decimal(40)),
        Edit("Line", None, line, "add"),
    )
    receipt = only(books.write(change(Action.CREATE, Ref(NAME, "Payment", "new-1"), *edits)))
    assert receipt.outcome is Outcome.APPLIED
    assert books.held(bill)["Balance"] == 60


def test_an_item_is_read_again_after_a_write_because_its_answer_may_lack_the_sku(books: Company) -> None:
    body = {"Name": "Gateway", "Type": "Service", "Sku": "HW-1", "IncomeAccountRef": {"value": "4"}}
    receipt = only(books.write(create("Item", body)))
    assert (receipt.outcome, receipt.record) == (Outcome.APPLIED, None)


# --- updates ---------------------------------------------------------------------------------------------------------


def test_an_update_sends_only_what_changed(books: Company) -> None:
    books.write(update(ACME, PrimaryPhone__FreeFormNumber="555"))
    assert sent(books) == {"Id": "1", "SyncToken": "0", "sparse": True, "PrimaryPhone": {"FreeFormNumber": "555"}}


def test_an_address_keeps_its_other_lines_and_loses_its_old_place(books: Company) -> None:
    stored = books.vendor.books.all("Customer")
    stored["1"] = {**stored["1"], "BillAddr": {**stored["1"]["BillAddr"], "Lat": "37.4", "Long": "-122.1"}}
    books.write(update(ACME, BillAddr__Line1="2 New Road"))
    held = books.held(ACME)["BillAddr"]
    assert (held["Line1"], held["Line2"], held["City"]) == ("2 New Road", "Floor 2", "Bayshore")
    assert (held["Lat"], held["Long"]) == ("INVALID", "INVALID")


def test_a_part_of_an_address_can_be_cleared(books: Company) -> None:
    assert only(books.write(update(ACME, BillAddr__Line2=None))).outcome is Outcome.APPLIED
    assert "Line2" not in books.held(ACME)["BillAddr"]


def test_a_field_is_cleared_by_a_full_update_because_a_sparse_one_cannot(books: Company) -> None:
    books.write(update(ACME, Notes="call before noon", CompanyName="Acme Corporation"))
    books.write(update(ACME, Notes=None))
    assert "sparse" not in sent(books)
    held = books.held(ACME)
    assert "Notes" not in held
    assert (held["CompanyName"], held["DisplayName"], held["BillAddr"]["Line1"]) == (
        "Acme Corporation",
        "Acme",
        "1 Old Road",
    )


def test_a_reference_is_cleared_and_the_invoice_stays_otherwise(books: Company) -> None:
    bill = invoice(books, sold(60), sold(40), SalesTermRef={"value": "3"}, PrivateNote="keep", DocNumber="INV-1")
    payment(books, 30, (bill, 30))
    before = books.held(bill)
    assert only(books.write(update(bill, SalesTermRef=None))).outcome is Outcome.APPLIED
    after = books.held(bill)
    assert "SalesTermRef" not in after
    changing = ("SyncToken", "MetaData", "SalesTermRef")
    assert {key: value for key, value in after.items() if key not in changing} == {
        key: value for key, value in before.items() if key not in changing
    }


def test_a57_changing_one_line_leaves_everything_else_as_it_is(books: Company) -> None:
    fields = [{"DefinitionId": "1", "Type": "StringType", "StringValue": "P-7"}]
    bill = invoice(
        books,
        sold(60, Description="seats"),
        sold(40, item="2", Description="storage"),
        CustomField=fields,
        PrivateNote="a memo",
        BillEmail={"Address": "ap@acme.example"},
    )
    paid = payment(books, 25, (bill, 25))
    before = books.held(bill)
    assert only(books.write(update(bill, **{"Line(Id=2).Amount": 45}))).outcome is Outcome.APPLIED
    after = books.held(bill)
    lines = {line.get("Id"): line for line in after["Line"]}
    assert lines["1"] == before["Line"][0]
    assert lines["2"] == {**before["Line"][1], "Amount": 45}
    assert [line["DetailType"] for line in after["Line"]].count("SubTotalLineDetail") == 1
    assert after["LinkedTxn"] == [{"TxnId": paid.id, "TxnType": "Payment"}]
    for name in ("CustomField", "PrivateNote", "BillEmail", "CustomerRef", "TxnDate", "DueDate", "DocNumber"):
        assert after.get(name) == before.get(name), name
    assert (after["TotalAmt"], after["Balance"]) == (105, 80)


def test_a57_lines_the_server_added_are_not_sent_back(books: Company) -> None:
    bill = invoice(books)
    books.write(update(bill, **{"Line(Id=1).Description": "seats"}))
    assert [line["DetailType"] for line in sent(books)["Line"]] == ["SalesItemLineDetail"]


def test_a57_a_payments_lines_are_said_again_with_every_update(books: Company) -> None:
    bill = invoice(books)
    paid = payment(books, 60, (bill, 60))
    books.write(update(paid, PaymentRefNum="ch_1"))
    assert {"CustomerRef", "TotalAmt", "Line", "PaymentRefNum"} < set(sent(books))
    assert books.held(bill)["Balance"] == 40
    assert books.held(paid)["UnappliedAmt"] == 0


def test_a_tax_that_is_written_is_sent_without_the_old_tax_lines(books: Company) -> None:
    bill = invoice(books, TxnTaxDetail={"TotalTax": 8})
    stored = books.vendor.books.all("Invoice")
    taxed = {**stored[bill.id]["TxnTaxDetail"], "TaxLine": [{"Amount": 8, "DetailType": "TaxLineDetail"}]}
    stored[bill.id] = {**stored[bill.id], "TxnTaxDetail": taxed}
    books.write(update(bill, TxnTaxDetail__TotalTax=Decimal("8.25")))
    assert sent(books)["TxnTaxDetail"] == {"TotalTax": Decimal("8.25")}
    assert books.held(bill)["TotalAmt"] == Decimal("108.25")


@pytest.mark.parametrize("value", ["PO-2", None])
def test_one_custom_field_is_written_without_losing_the_others(books: Company, value: str | None) -> None:
    fields = [
        {"DefinitionId": "1", "Type": "StringType", "StringValue": "P-7"},
        {"DefinitionId": "2", "Type": "StringType", "StringValue": "PO-1"},
    ]
    bill = invoice(books, CustomField=fields)
    books.write(update(bill, **{"CustomField(DefinitionId=2)(Type=StringType).StringValue": value}))
    held = {field["Name"]: field.get("StringValue") for field in books.held(bill)["CustomField"]}
    assert held == {"Project ID": "P-7", "PO Number": value}


def test_a_custom_field_without_a_value_is_not_sent(books: Company) -> None:
    bill = invoice(books)
    books.write(update(bill, **{"CustomField(DefinitionId=2)(Type=StringType).StringValue": "PO-2"}))
    assert [field["DefinitionId"] for field in sent(books)["CustomField"]] == ["2"]


# --- void, archive, reactivate ---------------------------------------------------------------------------------------


def test_a51_a_voided_invoice_is_void_not_zero(books: Company) -> None:
    bill = invoice(books, PrivateNote="Stripe in_1", DocNumber="INV-1")
    request = books.prepare(change(Action.VOID, bill))
    assert dict(request.query)["operation"] == "void"
    assert decode_json(request.body) == {"Id": bill.id, "SyncToken": "0"}
    receipt = only(books.connector.send(request))
    assert receipt.outcome is Outcome.APPLIED
    voided = raw(receipt.record)
    assert books.connector.state("Invoice", voided) == "void"
    assert (voided["TotalAmt"], voided["PrivateNote"], voided["DocNumber"]) == (0, "Voided - Stripe in_1", "INV-1")


def test_a51_an_invoice_over_nothing_is_not_void(books: Company) -> None:
    bill = invoice(books, sold(0))
    assert books.connector.state("Invoice", raw(books.read(bill))) == "paid"


@pytest.mark.parametrize("kind", ["Payment", "CreditMemo"])
def test_other_kinds_are_voided_by_a_sparse_update_that_says_so(books: Company, kind: str) -> None:
    target = payment(books, 5) if kind == "Payment" else made(books, kind, CustomerRef={"value": "1"}, Line=[sold(5)])
    request = books.prepare(change(Action.VOID, target))
    assert {"operation": "update", "include": "void"}.items() <= dict(request.query).items()
    assert decode_json(request.body)["sparse"] is True
    receipt = only(books.connector.send(request))
    assert receipt.outcome is Outcome.APPLIED
    assert books.connector.state(kind, raw(receipt.record)) == "void"


def test_a_void_that_the_vendor_passes_over_is_not_taken_for_done(clock: FakeClock) -> None:
    books = company(clock, voidable=("Invoice", "Payment"))
    books.seed("Customer", DisplayName="Acme")
    memo = made(books, "CreditMemo", CustomerRef={"value": "1"}, Line=[sold(5)])
    receipt = only(books.write(change(Action.VOID, memo)))
    assert receipt.outcome is Outcome.REJECTED
    assert "left this CreditMemo as it was" in receipt.message
    assert books.held(memo)["TotalAmt"] == 5


def test_archive_and_reactivate_touch_nothing_else(books: Company) -> None:
    before = books.held(ACME)
    assert only(books.write(change(Action.ARCHIVE, ACME))).outcome is Outcome.APPLIED
    assert sent(books) == {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False}
    assert books.connector.state("Customer", books.held(ACME)) == "archived"
    assert only(books.write(change(Action.REACTIVATE, ACME))).outcome is Outcome.APPLIED
    changing = ("SyncToken", "MetaData")
    assert {key: value for key, value in books.held(ACME).items() if key not in changing} == {
        key: value for key, value in before.items() if key not in changing
    }


def test_reactivating_can_correct_fields_in_the_same_write(books: Company) -> None:
    books.write(change(Action.ARCHIVE, ACME))
    books.write(change(Action.REACTIVATE, ACME, Edit("Notes", None, "back")))
    held = books.held(ACME)
    assert (held["Active"], held["Notes"]) == (True, "back")


# --- what refusals mean ----------------------------------------------------------------------------------------------


def test_a_stale_sync_token_is_a_conflict_not_a_retry(books: Company) -> None:
    request = books.prepare(update(ACME, Notes="ours"))
    books.connector.send(books.prepare(update(ACME, Notes="theirs"), key="other"))
    receipt = only(books.connector.send(request))
    assert (receipt.outcome, receipt.code) == (Outcome.CONFLICT, "5010")
    assert books.held(ACME)["Notes"] == "theirs"


@pytest.mark.parametrize("name", ["Acme", "ACME", " acme "])
def test_a_taken_name_is_a_duplicate_whoever_holds_it(books: Company, name: str) -> None:
    receipt = only(books.write(create("Customer", {"DisplayName": name})))
    assert (receipt.outcome, receipt.code) == (Outcome.DUPLICATE, "6240")


@pytest.mark.parametrize("kind", ["Vendor", "Employee"])
def test_a_vendors_or_employees_name_is_taken_too(books: Company, kind: str) -> None:
    books.seed(kind, DisplayName="Beta")
    assert only(books.write(create("Customer", {"DisplayName": "beta"}))).outcome is Outcome.DUPLICATE


def test_an_inactive_customer_still_holds_its_name(books: Company) -> None:
    books.write(change(Action.ARCHIVE, ACME))
    receipt = only(books.write(create("Customer", {"DisplayName": "Acme"})))
    assert receipt.outcome is Outcome.DUPLICATE
    assert "reactivate" in receipt.fix


def test_a12_a_number_used_twice_is_a_duplicate(books: Company) -> None:
    invoice(books, DocNumber="INV-1")
    body = {"CustomerRef": {"value": "1"}, "Line": [sold(5)], "DocNumber": "INV-1"}
    receipt = only(books.write(create("Invoice", body)))
    assert (receipt.outcome, receipt.code) == (Outcome.DUPLICATE, "6140")
    assert len(books.vendor.state()["Invoice"]) == 1


def test_a12_a_number_that_is_too_long_is_refused_never_cut(books: Company) -> None:
    body = {"CustomerRef": {"value": "1"}, "Line": [sold(5)], "DocNumber": "N" * 22}
    receipt = only(books.write(create("Invoice", body)))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "2050")


def test_a_closed_period_says_so_and_what_to_do(books: Company) -> None:
    books.vendor.set_rules(book_close_date="2026-10-31")
    body = {"CustomerRef": {"value": "1"}, "Line": [sold(5)], "TxnDate": "2026-10-31"}
    receipt = only(books.write(create("Invoice", body)))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "6210")
    assert "the books are closed for this date" in receipt.message
    assert "reopen the period" in receipt.fix


def test_a55_a_deposited_payment_is_reported_and_not_retried(books: Company) -> None:
    paid = payment(books, 60)
    line = {"Amount": 60, "LinkedTxn": [{"TxnId": paid.id, "TxnType": "Payment", "TxnLineId": "0"}]}
    books.seed("Deposit", DepositToAccountRef={"value": "1"}, Line=[line])
    for attempt in (update(paid, PaymentRefNum="x"), change(Action.VOID, paid)):
        receipt = only(books.write(attempt))
        assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "6540")
        assert "deposit" in receipt.fix


def test_a59_an_inactive_item_is_named(books: Company) -> None:
    item = books.seed("Item", Name="Rocks", Type="Service", IncomeAccountRef={"value": "4"})
    books.write(change(Action.ARCHIVE, item))
    receipt = only(books.write(create("Invoice", {"CustomerRef": {"value": "1"}, "Line": [sold(5, item=item.id)]})))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "610")
    assert receipt.message.startswith(f"Item “Rocks” ({item.id}) is inactive: ")


def test_a59_a_reference_to_nothing_is_named(books: Company) -> None:
    receipt = only(books.write(create("Invoice", {"CustomerRef": {"value": "99"}, "Line": [sold(5)]})))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "2500")
    assert receipt.message.startswith("Customer 99 does not exist: ")


def test_a59_the_refusal_stands_when_the_name_cannot_be_read(books: Company) -> None:
    books.fault("lost", path="/query", times=5)
    request = books.prepare(create("Invoice", {"CustomerRef": {"value": "99"}, "Line": [sold(5)]}))
    receipt = only(books.connector.send(request))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "2500")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"CustomerRef": {"value": "1"}, "Line": [sold(5)], "Nonsense": "x"}, "2010"),
        ({"CustomerRef": {"value": "1"}}, "2020"),
        ({"Line": [sold(5)]}, "2020"),
        ({"CustomerRef": {"value": "1"}, "Line": [sold(5)], "PrintStatus": "Soon"}, "2170"),
        ({"CustomerRef": {"value": "1"}, "Line": [sold(5)], "TxnDate": "soon"}, "2010"),
        ({"CustomerRef": {"value": "1"}, "Line": [sold(5)], "CurrencyRef": {"value": "EUR"}}, "6000"),
        (
            {
                "CustomerRef": {"value": "1"},
                "Line": [
                    {
                        "Amount": 5,
                        "DetailType": "SalesItemLineDetail",
                        "SalesItemLineDetail": {"ItemRef": {"value": "1"}, "Qty": 2, "UnitPrice": 3},
                    }
                ],
            },
            "6070",
        ),
    ],
)
def test_a_refused_invoice_says_why_and_nothing_is_stored(books: Company, body: dict[str, Any], code: str) -> None:
    receipt = only(books.write(create("Invoice", body)))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, code)
    assert receipt.message
    assert code in receipt.body
    assert "Invoice" not in books.vendor.state()


def test_more_than_is_open_cannot_be_paid(books: Company) -> None:
    bill = invoice(books)
    link = [{"TxnId": bill.id, "TxnType": "Invoice"}]
    body = {"CustomerRef": {"value": "1"}, "TotalAmt": 101, "Line": [{"Amount": 101, "LinkedTxn": link}]}
    receipt = only(books.write(create("Payment", body)))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "6000")


def test_a67_an_expired_token_stops_everything_and_is_not_shown(clock: FakeClock) -> None:
    books = company(clock, presented="AB01secretsecretsecret")
    receipt = only(books.write(create("Customer", {"DisplayName": "Beta"})))
    assert (receipt.outcome, receipt.code, receipt.status) == (Outcome.STOP, "3200", 401)
    assert "AB01secret" not in f"{receipt}"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("6190", Outcome.STOP),
        ("120", Outcome.STOP),
        ("003100", Outcome.STOP),
        ("003001", Outcome.LATER),
        ("6210", Outcome.REJECTED),
        ("10000", Outcome.UNKNOWN),
        ("98765", Outcome.REJECTED),
    ],
)
def test_a_fault_is_read_by_its_code_whatever_the_status(books: Company, code: str, outcome: Outcome) -> None:
    from syncctl.connectors.http import Answer
    from syncctl.connectors.quickbooks.faults import explain

    fault = {"Fault": {"Error": [{"Message": "m", "Detail": "d : null", "code": code}], "type": "ValidationFault"}}
    for status in (200, 400):
        complaint = explain(Answer(status, {}, encode_json(fault)), books.connector.options)
        assert (complaint.outcome, complaint.code) == (outcome, code.lstrip("0"))


def test_a_limit_is_later_and_nothing_was_written(books: Company) -> None:
    books.fault("429", method="POST")
    receipt = only(books.write(create("Customer", {"DisplayName": "Beta"})))
    assert (receipt.outcome, receipt.wait_seconds) == (Outcome.LATER, 60)
    assert len(books.vendor.state()["Customer"]) == 1


@pytest.mark.parametrize("fault", ["500 before", "500 after", "lost", "truncated"])
def test_an_unclear_answer_is_unknown(books: Company, fault: str) -> None:
    books.fault(fault, method="POST")
    receipt = only(books.write(create("Customer", {"DisplayName": "Beta"})))
    assert receipt.outcome is Outcome.UNKNOWN


# --- batches ---------------------------------------------------------------------------------------------------------


def test_a65_thirty_with_three_bad_are_27_done_and_3_with_their_own_errors(books: Company) -> None:
    names = [f"Customer {number}" for number in range(30)]
    names[3], names[11], names[29] = "Acme", "with:colon", "Customer 4"
    receipts = books.write(*(create("Customer", {"DisplayName": name}) for name in names))
    assert [receipt.row for receipt in receipts] == [f"row{number}" for number in range(30)]
    bad = {
        receipt.row: (receipt.outcome, receipt.code) for receipt in receipts if receipt.outcome is not Outcome.APPLIED
    }
    assert bad == {
        "row3": (Outcome.DUPLICATE, "6240"),
        "row11": (Outcome.REJECTED, "6000"),
        "row29": (Outcome.DUPLICATE, "6240"),
    }
    assert len(books.vendor.state()["Customer"]) == 28
    assert len(books.sandbox.writes()) == 1


def test_a65_only_the_bad_rows_are_sent_again(books: Company) -> None:
    changes = [create("Customer", {"DisplayName": name}) for name in ("Beta", "Acme", "Gamma")]
    receipts = books.write(*changes)
    again = [each for each, receipt in zip(changes, receipts, strict=True) if receipt.outcome is not Outcome.APPLIED]
    books.write(*again)
    assert len(books.vendor.state()["Customer"]) == 3


def test_a_batch_of_updates_gives_every_record_back(books: Company) -> None:
    others = [books.seed("Customer", DisplayName=f"Customer {number}") for number in range(3)]
    receipts = books.write(*(update(ref, Notes="n") for ref in (ACME, *others)))
    assert [receipt.ref for receipt in receipts] == [ACME, *others]
    assert {raw(receipt.record)["Notes"] for receipt in receipts} == {"n"}


def test_a_batch_whose_answer_is_lost_is_unknown_in_every_row(books: Company) -> None:
    books.fault("lost", path="/batch")
    receipts = books.write(*(create("Customer", {"DisplayName": name}) for name in ("Beta", "Gamma")))
    assert [receipt.outcome for receipt in receipts] == [Outcome.UNKNOWN, Outcome.UNKNOWN]


# --- what the server adds --------------------------------------------------------------------------------------------


def test_a15_what_the_server_adds_does_not_change_what_was_written(books: Company) -> None:
    from syncctl.fields.codecs import decode
    from syncctl.fields.jsontext import encode_json
    from syncctl.paths import parse_path, read

    lines = [sold(Decimal("60.50"), Description="seats"), sold(40, item="2", Description="storage")]
    bill = invoice(books, *lines, TxnDate="2026-11-19", DocNumber="INV-1", BillEmail={"Address": "a@b.example"})
    payment(books, 10, (bill, 10))
    schema = next(schema for schema in books.connector.describe() if schema.kind == "Invoice")
    held = raw(books.read(bill))
    asked = decode_json(encode_json({"CustomerRef": {"value": "1"}, "Line": lines, "TxnDate": "2026-11-19",
                                     "DocNumber": "INV-1", "BillEmail": {"Address": "a@b.example"}}))  # fmt: skip
    assert {line["DetailType"] for line in held["Line"]} == {"SalesItemLineDetail", "SubTotalLineDetail"}
    for path in ("CustomerRef", "TxnDate", "DocNumber", "BillEmail.Address"):
        field = schema.fields[path]
        assert [decode(field.codec, one, "USD") for one in read(held, parse_path(path))] == [
            decode(field.codec, one, "USD") for one in read(asked, parse_path(path))
        ]
    sold_lines = "Line(DetailType=SalesItemLineDetail)"
    for path in ("Amount", "Description", "SalesItemLineDetail.ItemRef"):
        field = schema.fields[f"Line.{path}"]
        assert [decode(field.codec, one, "USD") for one in read(held, parse_path(f"{sold_lines}.{path}"))] == [
            decode(field.codec, one, "USD") for one in read(asked, parse_path(f"{sold_lines}.{path}"))
        ]


@pytest.mark.parametrize(("paid", "state"), [(0, "open"), (30, "part_paid"), (100, "paid")])
def test_an_invoices_state_follows_its_balance(books: Company, paid: int, state: str) -> None:
    bill = invoice(books)
    if paid:
        payment(books, paid, (bill, paid))
    assert books.connector.state("Invoice", raw(books.read(bill))) == state
