"""The pretend QuickBooks answers what was recorded, and all that is said conforms to Intuit's schema."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import VENDORS
from sandbox.plain_quickbooks import Books, bill, books_with_acme, pay, sold
from syncctl.fields.jsontext import decode_json
from syncctl.sandbox.clock import FakeClock

TAPES = VENDORS / "recorded" / "quickbooks"


@pytest.fixture
def books(clock: FakeClock) -> Books:
    return books_with_acme(clock)


# --- what was recorded ------------------------------------------------------------------------------------------------


def recorded(name: str, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((TAPES / f"{name}.yaml").read_text())["interactions"][number]
    return found


def recorded_answer(name: str, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = decode_json(recorded(name, number)["response"]["body"]["string"].encode())
    return found


def shape(value: Any) -> Any:
    """Keys and types, without values."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(element) for element in value]
    return "number" if isinstance(value, int | Decimal) and not isinstance(value, bool) else type(value).__name__


@pytest.mark.vendors
def test_a_customer_is_created_in_the_recorded_shape(clock: FakeClock, vendors: Path) -> None:
    books = Books(clock)
    sent = decode_json(recorded("create__customer")["request"]["body"].encode())
    assert shape(books.post("Customer", sent)) == shape(recorded_answer("create__customer")["Customer"])


@pytest.mark.vendors
def test_an_invoice_is_created_in_the_recorded_shape(clock: FakeClock, vendors: Path) -> None:
    books = Books(clock, custom_fields=("Crew #",), custom_txn_numbers=False)
    address = {"Line1": "4581 Finch St.", "City": "Bayshore", "CountrySubDivisionCode": "CA", "PostalCode": "94326"}
    books.post("Customer", {"DisplayName": "Amy's Bird Sanctuary", "BillAddr": address, "ShipAddr": address})
    sent = decode_json(recorded("create__invoice")["request"]["body"].encode())
    made, real = books.post("Invoice", sent), recorded_answer("create__invoice")["Invoice"]
    assert shape(made) == shape(real)
    for name in (
        "Line",
        "TotalAmt",
        "Balance",
        "TxnTaxDetail",
        "CustomField",
        "CurrencyRef",
        "LinkedTxn",
        "PrintStatus",
    ):
        assert made[name] == real[name], name


@pytest.mark.vendors
def test_a_full_update_answers_as_recorded(clock: FakeClock, vendors: Path) -> None:
    books = Books(clock)
    held = recorded_answer("update__customer")["Customer"]
    books.vendor.seed("Customer", held)
    sent = decode_json(recorded("update__customer", 1)["request"]["body"].encode())
    made, real = books.post("Customer", sent), recorded_answer("update__customer", 1)["Customer"]
    assert {**made, "MetaData": real["MetaData"]} == real


@pytest.mark.vendors
def test_a_void_answers_as_recorded(clock: FakeClock, vendors: Path) -> None:
    books = Books(clock, custom_fields=("Crew #",))
    books.vendor.seed("Customer", {"DisplayName": "Amy's Bird Sanctuary"})
    books.vendor.seed("Invoice", recorded_answer("void__invoice")["Invoice"])
    made = books.post("Invoice", {"Id": "264", "SyncToken": "0"}, operation="void")
    real = recorded_answer("void__invoice", 1)["Invoice"]
    assert {**made, "MetaData": real["MetaData"]} == real


@pytest.mark.vendors
def test_a_delete_answers_as_recorded(clock: FakeClock, vendors: Path) -> None:
    books = Books(clock)
    books.vendor.seed("Customer", {"DisplayName": "Amy's Bird Sanctuary"})
    books.vendor.seed("Invoice", recorded_answer("delete__invoice")["Invoice"])
    made = books.post("Invoice", {"Id": "266", "SyncToken": "0"}, operation="delete")
    assert made == recorded_answer("delete__invoice", 1)["Invoice"]


@pytest.mark.vendors
@pytest.mark.parametrize(
    ("name", "number", "path"),
    [("error__500", 0, "customer/1/5"), ("error__500", 1, "customer/1.5")],
)
def test_refused_reads_answer_as_recorded(clock: FakeClock, vendors: Path, name: str, number: int, path: str) -> None:
    found = decode_json(Books(clock).answer("GET", path).body)
    assert shape(found) == shape(recorded_answer(name, number))
    real = recorded_answer(name, number)["Fault"]["Error"][0]
    assert (found["Fault"]["Error"][0]["code"], found["Fault"]["Error"][0]["Message"]) == (
        real["code"],
        real["Message"],
    )


@pytest.mark.vendors
def test_an_unknown_property_answers_as_recorded(clock: FakeClock, vendors: Path) -> None:
    found = decode_json(Books(clock).answer("POST", "invoice", {"BadJson": True}).body)
    real = recorded_answer("error__400_json")
    assert shape(found) == shape(real)
    start = 'Property Name:Unrecognized field "BadJson" (class com.intuit.schema.finance.v3.Invoice)'
    assert found["Fault"]["Error"][0]["Detail"].startswith(start)
    assert real["Fault"]["Error"][0]["Detail"].startswith(start)


@pytest.mark.vendors
def test_a_wrong_token_answers_as_recorded(clock: FakeClock, vendors: Path) -> None:
    answer = Books(clock).answer("GET", "customer/1", token="AB01wrong")
    assert (answer.status, answer.headers["Www-Authenticate"]) == (401, 'Bearer realm="Intuit", error="invalid_token"')
    found, real = decode_json(answer.body), recorded_answer("error__401")
    assert shape(found) == shape(real)
    assert found["fault"]["error"][0]["message"] == real["fault"]["error"][0]["message"]
    assert found["fault"]["error"][0]["detail"] == "Token expired: AB01wrong"


@pytest.mark.vendors
def test_the_change_feed_answers_in_the_recorded_shape(clock: FakeClock, vendors: Path) -> None:
    books = Books(clock, cdc_days=None, custom_fields=("Crew #",))
    books.post("Customer", {"DisplayName": "Acme"})
    bill(books)
    answer = books.answer("GET", "cdc", changedSince="2011-10-10T09:00:00-07:00", entities="invoice")
    found, real = decode_json(answer.body), recorded_answer("cdc__basic")
    assert set(found) == set(real)
    (mine,), (theirs,) = found["CDCResponse"][0]["QueryResponse"], real["CDCResponse"][0]["QueryResponse"]
    assert set(mine) == {"Invoice", "startPosition", "maxResults"}
    assert set(theirs) == {"Estimate", "startPosition", "maxResults"}


@pytest.mark.vendors
def test_a_batch_answers_in_the_recorded_shape(clock: FakeClock, vendors: Path) -> None:
    books = Books(clock)
    books.vendor.seed("SalesReceipt", {"Id": "11", "SyncToken": "1", "Line": [sold(337.5)], "DocNumber": "1003"})
    sent = decode_json(recorded("batch__basic")["request"]["body"].encode())
    found = decode_json(books.answer("POST", "batch", sent).body)["BatchItemResponse"]
    real = recorded_answer("batch__basic")["BatchItemResponse"]
    assert [set(each) for each in found] == [set(each) for each in real]
    faults = [(each["Fault"]["Error"][0]["code"], each["bId"]) for each in found if "Fault" in each]
    assert faults == [("610", "bid2"), ("5010", "bid3")]
    assert shape(found[1]) == shape(real[1])


# --- Intuit's schema --------------------------------------------------------------------------------------------------

VALUELESS = "CustomField': Missing child element(s)"
"""A defined custom field without a value: the server returns it, the schema refuses it (recorded, too)."""
DEFINITIONS = "CustomField': The type definition is abstract"
"""Definitions inside Preferences: in JSON they are nested once more than in the schema (third parties' traffic)."""
EXCEPTIONS = (VALUELESS, DEFINITIONS)


@pytest.fixture
def check(vendors: Path) -> Callable[[str, dict[str, Any]], list[str]]:
    """Intuit's own schema over a body; without the exceptions listed above."""
    path = vendors.parent / "tools" / "qbo_check.py"
    spec = importlib.util.spec_from_file_location("qbo_check", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def problems(kind: str, body: dict[str, Any]) -> list[str]:
        return [each for each in module.problems(kind, body) if not any(known in each for known in EXCEPTIONS)]

    return problems


def busy_company(books: Books) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every kind of write that there is; each answer with its kind."""
    made = bill(books, sold(60, Qty=2, UnitPrice=30), sold(40), DocNumber="INV-1", BillEmail={"Address": "a@b.example"})
    yield "Invoice", made
    memo = books.post("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": [sold(20)]})
    yield "CreditMemo", memo
    yield "Payment", pay(books, 0, ("Invoice", made["Id"], 20), ("CreditMemo", memo["Id"], 20))
    paid = pay(books, 50, ("Invoice", made["Id"], 45), PaymentMethodRef={"value": "3"})
    yield "Payment", paid
    account = {"DepositToAccountRef": {"value": "1"}}
    yield "RefundReceipt", books.post("RefundReceipt", {"Line": [sold(5)], **account})
    yield "SalesReceipt", books.post("SalesReceipt", {"Line": [sold(5)]})
    line = {"Amount": 50, "LinkedTxn": [{"TxnId": paid["Id"], "TxnType": "Payment", "TxnLineId": "0"}]}
    yield "Deposit", books.post("Deposit", {"Line": [line], **account})
    sides = [
        {
            "Amount": 7,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": "1"}},
        }
        for side in ("Debit", "Credit")
    ]
    yield "JournalEntry", books.post("JournalEntry", {"Line": sides})
    address = {"Line1": "1 Road", "City": "Bayshore"}
    yield "Customer", books.post("Customer", {"DisplayName": "Beta", "BillAddr": address})
    yield "Vendor", books.post("Vendor", {"DisplayName": "Gamma"})
    yield "Employee", books.post("Employee", {"GivenName": "Dana", "FamilyName": "Weiß"})
    item = {"Name": "Gateway", "Type": "Service", "Sku": "HW-1", "IncomeAccountRef": {"value": "4"}}
    yield "Item", books.post("Item", item)
    yield "Invoice", books.post("Invoice", {"Id": bill(books)["Id"], "SyncToken": "0"}, operation="void")


@pytest.mark.vendors
def test_everything_it_answers_and_holds_conforms_to_intuits_schema(
    books: Books, check: Callable[[str, dict[str, Any]], list[str]]
) -> None:
    for kind, made in busy_company(books):
        assert check(kind, made) == [], kind
    for kind, records in books.vendor.state().items():
        for record in records.values():
            assert check(kind, record) == [], (kind, record)


@pytest.mark.vendors
def test_everything_the_connector_sends_conforms_to_intuits_schema(
    clock: FakeClock, check: Callable[[str, dict[str, Any]], list[str]]
) -> None:
    from connectors.quickbooks_setup import change, company, create, update
    from syncctl.model import Action, Edit, Ref

    whole = company(clock)
    acme = whole.seed("Customer", DisplayName="Acme", Notes="old", BillAddr={"Line1": "1 Road", "Line2": "2"})
    item = whole.seed("Item", Name="Gateway", Type="Service", IncomeAccountRef={"value": "4"})
    bill_ref = whole.seed("Invoice", CustomerRef={"value": "1"}, Line=[sold(100)], SalesTermRef={"value": "3"})
    link = {"Amount": 40, "LinkedTxn": {"TxnType": "Invoice", "TxnId": bill_ref.id}}
    paid = [Edit("CustomerRef", None, {"value": "1"}), Edit("TotalAmt", None, 40), Edit("Line", None, link, "add")]
    field = "CustomField(DefinitionId=2)(Type=StringType).StringValue"
    changes = [
        create("Customer", {"DisplayName": "Beta", "PrimaryEmailAddr": {"Address": "a@b.example"}}),
        create("Invoice", {"CustomerRef": {"value": "1"}, "Line": [sold(5)], "TxnTaxDetail": {"TotalTax": 1}}),
        create("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": [sold(5)]}),
        create("RefundReceipt", {"Line": [sold(5)], "DepositToAccountRef": {"value": "1"}}),
        create("Item", {"Name": "Sensor", "Type": "Service", "IncomeAccountRef": {"value": "4"}}),
        change(Action.CREATE, Ref("quickbooks", "Payment", "new-1"), *paid),
        update(acme, BillAddr__Line2=None),
        update(acme, Notes=None),
        update(item, UnitPrice=Decimal("1.5")),
        update(bill_ref, **{"Line(Id=1).Description": "seats", field: "PO-1"}),
        update(bill_ref, SalesTermRef=None),
        change(Action.ARCHIVE, item),
        change(Action.REACTIVATE, item),
    ]
    for planned in changes:
        (receipt,) = whole.write(planned)
        assert receipt.outcome == "applied", receipt.message
    whole.write(*(create("Customer", {"DisplayName": name}) for name in ("Gamma", "Delta")))
    (voided,) = whole.vendor.state()["Payment"]
    whole.write(change(Action.VOID, Ref("quickbooks", "Payment", voided)))
    sent = 0
    for path, _, body, answered in whole.wire.exchanges:
        if not body or path.endswith("/query"):
            continue
        kind = next(key for key in ("BatchItemResponse", *whole.connector.card.kinds) if key in decode_json(answered))
        bodies = decode_json(body).get("BatchItemRequest", [{kind: decode_json(body)}])
        for each in bodies:
            (found,) = (key for key in each if key in whole.connector.card.kinds)
            assert check(found, each[found]) == [], body
            sent += 1
    assert sent == len(changes) + 3
