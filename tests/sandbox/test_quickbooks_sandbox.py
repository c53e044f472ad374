"""The pretend QuickBooks: as strict as the vendor, and answering what was recorded."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import VENDORS
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.quickbooks import QuickBooksSandbox
from syncctl.sandbox.quickbooks.shapes import BY_PATH, SHAPES

PROPERTIES = {name for known in SHAPES.values() for name in known}
TAPES = VENDORS / "recorded" / "quickbooks"


class Books:
    """The pretend company and a client that sends plain requests."""

    def __init__(self, clock: FakeClock, **words: Any) -> None:
        self.clock = clock
        self.vendor = QuickBooksSandbox(clock, **{"limits": False, **words})
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def answer(self, method: str, path: str, body: Any = None, token: str = "", **query: str) -> SandboxAnswer:
        request = SandboxRequest(
            method,
            f"/v3/company/{self.vendor.realm}/{path}",
            tuple(query.items()),
            {"authorization": f"Bearer {token or self.vendor.token}"},
            encode_json(body) if body is not None else b"",
        )
        return self.vendor.handle(request)

    def post(self, kind: str, body: Any, **query: str) -> dict[str, Any]:
        """What a write that must succeed gives."""
        answer = self.answer("POST", kind.lower(), body, **query)
        found: dict[str, Any] = decode_json(answer.body)
        assert answer.status == 200, found
        result: dict[str, Any] = found[kind]
        return result

    def refused(self, kind: str, body: Any, **query: str) -> str:
        """The code of a refusal."""
        answer = self.answer("POST", kind.lower(), body, **query)
        assert answer.status == 400, answer.body
        return str(decode_json(answer.body)["Fault"]["Error"][0]["code"])

    def query(self, text: str, **query: str) -> dict[str, Any]:
        found: dict[str, Any] = decode_json(self.answer("GET", "query", query=text, **query).body)
        return found

    def get(self, kind: str, identity: str) -> dict[str, Any]:
        found: dict[str, Any] = decode_json(self.answer("GET", f"{kind.lower()}/{identity}").body)[kind]
        return found


@pytest.fixture
def books(clock: FakeClock) -> Books:
    found = Books(clock)
    found.post("Customer", {"DisplayName": "Acme"})
    return found


def sold(amount: object, **detail: Any) -> dict[str, Any]:
    return {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}, **detail},
    }


def bill(books: Books, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return books.post("Invoice", {"CustomerRef": {"value": "1"}, "Line": list(lines) or [sold(100)], **more})


def pay(books: Books, amount: object, *links: tuple[str, str, object], **more: Any) -> dict[str, Any]:
    lines = [{"Amount": part, "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]} for kind, identity, part in links]
    return books.post("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": amount, "Line": lines, **more})


# --- what was recorded -----------------------------------------------------------------------------------------------


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


# --- Intuit's schema -------------------------------------------------------------------------------------------------

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


# --- rules -----------------------------------------------------------------------------------------------------------


def test_totals_tax_and_the_subtotal_line_are_the_servers(books: Books) -> None:
    made = bill(books, sold(60, TaxCodeRef={"value": "TAX"}), sold(40))
    assert (made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"], made["Balance"]) == (
        Decimal("4.80"),
        Decimal("104.80"),
        Decimal("104.80"),
    )
    assert made["Line"][-1] == {"Amount": 100, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    assert [line.get("LineNum") for line in made["Line"]] == [1, 2, None]


def test_a_tax_that_is_sent_is_honoured_or_overridden_as_the_company_is_set(clock: FakeClock) -> None:
    for overrides, total in ((False, Decimal("107.77")), (True, 108)):
        books = Books(clock, tax_overrides=overrides)
        books.post("Customer", {"DisplayName": "Acme"})
        made = bill(books, sold(100, TaxCodeRef={"value": "TAX"}), TxnTaxDetail={"TotalTax": Decimal("7.77")})
        assert made["TotalAmt"] == total


def test_a_discount_lowers_the_total(books: Books) -> None:
    line = {
        "Amount": 10,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"DiscountAccountRef": {"value": "6"}},
    }
    assert bill(books, sold(100), line)["TotalAmt"] == 90
    rate = {
        "Amount": 0,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 25},
    }
    assert bill(books, sold(100), rate)["TotalAmt"] == 75


def test_payments_move_balances_links_tokens_and_the_customers_balance(books: Books) -> None:
    made = bill(books)
    paid = pay(books, 70, ("Invoice", made["Id"], 60))
    after = books.get("Invoice", made["Id"])
    assert (after["Balance"], after["SyncToken"]) == (40, "1")
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert paid["UnappliedAmt"] == 10
    assert books.get("Customer", "1")["Balance"] == 30
    books.post("Payment", {"Id": paid["Id"], "SyncToken": "0"}, operation="delete")
    assert books.get("Invoice", made["Id"])["Balance"] == 100
    assert books.get("Customer", "1")["Balance"] == 100


def test_a_credit_memo_is_applied_by_a_payment_of_nothing(books: Books) -> None:
    made = bill(books)
    memo = books.post("CreditMemo", {"CustomerRef": {"value": "1"}, "Line": [sold(20)]})
    pay(books, 0, ("Invoice", made["Id"], 20), ("CreditMemo", memo["Id"], 20))
    assert books.get("Invoice", made["Id"])["Balance"] == 80
    assert books.get("CreditMemo", memo["Id"])["RemainingCredit"] == 0


def test_a_changed_payment_is_checked_against_what_is_free_without_it(books: Books) -> None:
    made = bill(books)
    paid = pay(books, 100, ("Invoice", made["Id"], 100))
    line = [{"Amount": 90, "LinkedTxn": [{"TxnId": made["Id"], "TxnType": "Invoice"}]}]
    changed = {"Id": paid["Id"], "SyncToken": "0", "sparse": True, "TotalAmt": 90, "Line": line}
    assert books.post("Payment", changed)["TotalAmt"] == 90
    assert books.get("Invoice", made["Id"])["Balance"] == 10


def test_an_invoice_with_payments_is_neither_voided_nor_deleted_nor_made_smaller_than_they_are(books: Books) -> None:
    made = bill(books)
    pay(books, 60, ("Invoice", made["Id"], 60))
    head = {"Id": made["Id"], "SyncToken": "1"}
    assert books.refused("Invoice", head, operation="void") == "6000"
    assert books.refused("Invoice", head, operation="delete") == "6000"
    assert books.refused("Invoice", {**head, "sparse": True, "Line": [sold(50)]}) == "6000"


def test_a_sparse_update_changes_what_is_sent_and_a_full_one_blanks_the_rest(books: Books) -> None:
    full = {"DisplayName": "Beta", "Notes": "n", "CompanyName": "Beta Inc."}
    made = books.post("Customer", full)
    sparse = books.post("Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "m"})
    assert (sparse["CompanyName"], sparse["Notes"]) == ("Beta Inc.", "m")
    whole = books.post("Customer", {"Id": made["Id"], "SyncToken": "1", "DisplayName": "Beta", "Notes": "m"})
    assert "CompanyName" not in whole


def test_a_sent_line_array_replaces_all_lines(books: Books) -> None:
    made = bill(books, sold(60), sold(40))
    changed = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Line": [{**sold(5), "Id": "2"}]}
    after = books.post("Invoice", changed)
    assert [line.get("Id") for line in after["Line"]] == ["2", None]


def test_read_only_values_are_overwritten_without_a_word(books: Books) -> None:
    made = bill(books, TotalAmt=1, Balance=1, SyncToken="9", HomeTotalAmt=1)
    assert (made["TotalAmt"], made["Balance"], made["SyncToken"]) == (100, 100, "0")
    assert "HomeTotalAmt" not in made


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Id": "1", "SyncToken": "9", "Notes": "x"}, "5010"),
        ({"Id": "1", "Notes": "x"}, "2020"),
        ({"Id": "x", "SyncToken": "0"}, "2030"),
        ({"Id": "99", "SyncToken": "0"}, "610"),
        ({"DisplayName": "with:colon"}, "6000"),
        ({"Notes": "nameless"}, "2020"),
        ({"DisplayName": "Beta", "SalesTermRef": {"value": "99"}}, "2500"),
        ({"DisplayName": "Beta", "CurrencyRef": {"value": "EUR"}}, "6000"),
        ({"DisplayName": "Beta", "BillAddr": {"Street": "x"}}, "2010"),
        ({"DisplayName": "Beta", "Active": "perhaps"}, "2010"),
        ({"DisplayName": ["Beta"]}, "2010"),
    ],
)
def test_a_customer_that_breaks_a_rule_is_refused(books: Books, body: dict[str, Any], code: str) -> None:
    assert books.refused("Customer", body) == code


def test_a_customer_who_owes_cannot_be_made_inactive(books: Books) -> None:
    bill(books)
    gone = {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False}
    assert books.refused("Customer", gone) == "6000"


def test_the_name_of_an_inactive_record_is_still_taken(clock: FakeClock) -> None:
    for suffix in ("", " (deleted)"):
        books = Books(clock, inactive_suffix=suffix)
        books.post("Customer", {"DisplayName": "Acme"})
        books.post("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False})
        assert books.refused("Customer", {"DisplayName": "acme"}) == "6240"
        back = books.post("Customer", {"Id": "1", "SyncToken": "1", "sparse": True, "Active": True})
        assert back["DisplayName"] == "Acme"


def test_numbers_follow_the_companys_setting(clock: FakeClock) -> None:
    books = Books(clock, custom_txn_numbers=False)
    books.post("Customer", {"DisplayName": "Acme"})
    assert [bill(books, DocNumber="MINE")["DocNumber"] for _ in range(2)] == ["1001", "1002"]
    own = Books(clock)
    own.post("Customer", {"DisplayName": "Acme"})
    assert bill(own, DocNumber="MINE")["DocNumber"] == "MINE"
    assert "DocNumber" not in bill(own)
    again = {"CustomerRef": {"value": "1"}, "Line": [sold(5)], "DocNumber": "MINE"}
    assert own.refused("Invoice", again) == "6140"
    assert own.post("Invoice", again, include="allowduplicatedocnum")["DocNumber"] == "MINE"
    assert own.post("CreditMemo", again)["DocNumber"] == "MINE"


def test_currencies_need_multicurrency_and_the_customers_own(clock: FakeClock) -> None:
    books = Books(clock, multicurrency=True)
    books.post("Customer", {"DisplayName": "Acme", "CurrencyRef": {"value": "EUR"}})
    made = bill(books, ExchangeRate=Decimal("1.1"))
    assert (made["CurrencyRef"]["value"], made["TotalAmt"], made["HomeTotalAmt"]) == ("EUR", 100, 110)
    dollars = {"CustomerRef": {"value": "1"}, "Line": [sold(5)], "CurrencyRef": {"value": "USD"}}
    assert books.refused("Invoice", dollars) == "6000"
    assert (
        books.refused("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "CurrencyRef": {"value": "USD"}})
        == "6000"
    )


def test_closed_books_take_no_change(books: Books) -> None:
    made = bill(books, TxnDate="2026-10-31")
    books.vendor.set_rules(book_close_date="2026-10-31")
    head = {"Id": made["Id"], "SyncToken": "0"}
    assert books.refused("Invoice", {**head, "sparse": True, "TxnDate": "2026-11-01"}) == "6210"
    assert books.refused("Invoice", head, operation="void") == "6210"
    assert books.refused("Invoice", head, operation="delete") == "6210"
    assert bill(books, TxnDate="2026-11-01")["TxnDate"] == "2026-11-01"
    assert books.get("Preferences", "1")["AccountingInfoPrefs"]["BookCloseDate"] == "2026-10-31"


def test_a_custom_field_that_is_not_defined_is_dropped_without_a_word(books: Books) -> None:
    fields = [{"DefinitionId": "3", "Type": "StringType", "StringValue": "x"}]
    made = bill(books, CustomField=fields)
    assert {field["DefinitionId"] for field in made["CustomField"]} == {"1", "2"}
    assert not any("StringValue" in field for field in made["CustomField"])


def test_journal_entries_balance(books: Books) -> None:
    line = {"Amount": 7, "JournalEntryLineDetail": {"PostingType": "Debit", "AccountRef": {"value": "1"}}}
    assert books.refused("JournalEntry", {"Line": [line]}) == "6000"


def test_a_requestid_is_remembered_for_a_while_and_refusals_are_not(clock: FakeClock) -> None:
    books = Books(clock, requestid_seconds=60)
    assert books.refused("Invoice", {"Line": [sold(5)]}, requestid="r1") == "2020"
    first = books.post("Customer", {"DisplayName": "Acme"}, requestid="r1")
    assert books.post("Customer", {"DisplayName": "Other"}, requestid="r1") == first
    clock.advance(61)
    assert books.refused("Customer", {"DisplayName": "Acme"}, requestid="r1") == "6240"
    assert books.refused("Customer", {"DisplayName": "Beta"}, requestid="r" * 51) == "2050"


def test_ten_a_second_and_five_hundred_a_minute(clock: FakeClock) -> None:
    books = Books(clock, limits=True)
    statuses = [books.answer("GET", "customer/1").status for _ in range(11)]
    assert statuses.count(429) == 1
    clock.advance(1)
    assert books.answer("GET", "customer/1").status == 400
    fast = 0
    for _ in range(600):
        clock.advance(0.1)
        fast += books.answer("GET", "customer/1").status == 429
    assert fast > 0


def test_forty_batches_a_minute(clock: FakeClock) -> None:
    books = Books(clock, limits=True)
    sent = {"BatchItemRequest": [{"bId": "1", "Query": "SELECT * FROM Customer"}]}
    statuses = []
    for _ in range(41):
        clock.advance(0.5)
        statuses.append(books.answer("POST", "batch", sent).status)
    assert statuses == [200] * 40 + [429]


def test_a_batch_holds_thirty_and_each_item_stands_alone(books: Books) -> None:
    items = [{"bId": str(n), "operation": "create", "Customer": {"DisplayName": f"C {n}"}} for n in range(31)]
    answer = books.answer("POST", "batch", {"BatchItemRequest": items})
    assert decode_json(answer.body)["Fault"]["Error"][0]["code"] == "1040"
    voided = {"bId": "v", "operation": "update", "optionsData": "void", "Payment": {"Id": "1", "SyncToken": "0"}}
    pay(books, 5)
    found = decode_json(books.answer("POST", "batch", {"BatchItemRequest": [voided, items[0]]}).body)
    assert found["BatchItemResponse"][0]["Payment"]["PrivateNote"] == "Voided"


# --- queries and the change feed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT * FROM Customer", 4),
        ("select * from Customer where Active = false", 1),
        ("SELECT * FROM Customer WHERE Active IN (true,false)", 5),
        ("SELECT * FROM Customer WHERE Active IN ( true, false ) MAXRESULTS 1000 STARTPOSITION 2", 4),
        ("SELECT * FROM Customer WHERE DisplayName = 'acme'", 1),
        ("SELECT * FROM Customer WHERE DisplayName LIKE '%e%' AND Id > '1'", 2),
        ("SELECT * FROM Customer WHERE DisplayName IN ('Acme','O\\'Neil')", 2),
        ("SELECT * FROM Customer WHERE MetaData.CreateTime >= '2026-11-19T19:00:00-08:00'", 4),
        ("SELECT * FROM Customer WHERE MetaData.CreateTime > '2026-11-20T03:00:00Z'", 0),
        ("SELECT * FROM Customer WHERE PrimaryEmailAddr = 'a@b.example'", 1),
        ("SELECT * FROM Customer ORDERBY DisplayName DESC STARTPOSITION 1 MAXRESULTS 2", 2),
        ("SELECT * FROM Customer ORDER BY DisplayName", 4),
    ],
)
def test_queries_find_what_they_should(books: Books, text: str, found: int) -> None:
    for name in ("Beta", "Gamma", "O'Neil"):
        books.post("Customer", {"DisplayName": name, "PrimaryEmailAddr": {"Address": f"{name[0]}@b.example"}})
    books.post(
        "Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "PrimaryEmailAddr": {"Address": "a@b.example"}}
    )
    books.vendor.seed("Customer", {"DisplayName": "Elderly", "Active": False})
    assert len(books.query(text)["QueryResponse"].get("Customer", [])) == found


def test_an_empty_answer_has_no_entity_and_a_count_only_a_total(books: Books) -> None:
    assert books.query("SELECT * FROM Payment")["QueryResponse"] == {}
    assert books.query("SELECT count(*) FROM Customer")["QueryResponse"] == {"totalCount": 1}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT Id FROM Customer", "4001"),
        ("SELECT * FROM customer", "4001"),
        ("SELECT * FROM Customer WHERE DisplayName = 'a' OR DisplayName = 'b'", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = 'O'Neil'", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = 'D’Angelo'", "4000"),
        ("SELECT * FROM Customer WHERE Shoe = '1'", "4001"),
        ("SELECT * FROM Invoice WHERE PrivateNote = 'x'", "4001"),
        ("SELECT * FROM Customer MAXRESULTS 1001", "4001"),
        ("SELECT * FROM Customer STARTPOSITION 0", "4001"),
        ("SELECT * FROM Invoice WHERE TxnDate = 'soon'", "4001"),
        ("DELETE FROM Customer", "4000"),
    ],
)
def test_queries_beyond_the_language_are_refused(books: Books, text: str, code: str) -> None:
    assert books.query(text)["Fault"]["Error"][0]["code"] == code


def test_a_star_leaves_out_the_sku(books: Books) -> None:
    books.post("Item", {"Name": "Gateway", "Type": "Service", "Sku": "HW-1", "IncomeAccountRef": {"value": "4"}})
    assert not any("Sku" in item for item in books.query("SELECT * FROM Item")["QueryResponse"]["Item"])
    assert any("Sku" in item for item in books.query("SELECT *, Sku FROM Item")["QueryResponse"]["Item"])


def test_the_change_feed_tells_of_deletes_and_refuses_what_it_does_not_know(books: Books) -> None:
    made = bill(books)
    books.clock.advance(60)
    since = "2026-11-20T03:00:30+00:00"
    books.post("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")

    def feed(**query: str) -> dict[str, Any]:
        found: dict[str, Any] = decode_json(books.answer("GET", "cdc", **query).body)
        return found

    (heard,) = feed(entities="Invoice", changedSince=since)["CDCResponse"][0]["QueryResponse"]
    (gone,) = heard["Invoice"]
    assert (gone["status"], gone["Id"], set(gone)) == ("Deleted", made["Id"], {"domain", "status", "Id", "MetaData"})
    for entities, when in (("TaxCode", since), ("Nonsense", since), ("Invoice", "2026-01-01T00:00:00Z")):
        assert feed(entities=entities, changedSince=when)["Fault"]["Error"][0]["code"] == "500"


@pytest.mark.parametrize("history", range(12))
def test_balances_foot_after_any_history(clock: FakeClock, history: int) -> None:
    chance = random.Random(history)
    books = Books(clock)
    for name in ("Acme", "Beta"):
        books.post("Customer", {"DisplayName": name})
    for _ in range(60):
        _something(books, chance)
    invoices, memos, payments = (books.vendor.state().get(kind, {}) for kind in ("Invoice", "CreditMemo", "Payment"))
    for kind, documents in (("Invoice", invoices), ("CreditMemo", memos)):
        for identity, document in documents.items():
            applied = sum(
                line["Amount"]
                for paid in payments.values()
                for line in paid["Line"]
                if {"TxnId": identity, "TxnType": kind} in line["LinkedTxn"]
            )
            assert document["Balance"] == document["TotalAmt"] - applied
    for identity, customer in books.vendor.state()["Customer"].items():
        owed = sum(each["Balance"] for each in invoices.values() if each["CustomerRef"]["value"] == identity)
        owed -= sum(each["RemainingCredit"] for each in memos.values() if each["CustomerRef"]["value"] == identity)
        owed -= sum(each["UnappliedAmt"] for each in payments.values() if each["CustomerRef"]["value"] == identity)
        assert customer["Balance"] == owed
    assert payments


def _something(books: Books, chance: random.Random) -> None:
    """One request, which may be refused."""
    customer = {"CustomerRef": {"value": chance.choice("12")}}
    stored = [
        (kind, raw) for kind in ("Invoice", "CreditMemo", "Payment") for raw in books.vendor.books.all(kind).values()
    ]
    kind = chance.choice(["Invoice", "CreditMemo", "Payment", "Payment"])
    body: dict[str, Any] = {**customer, "Line": [sold(chance.randint(1, 50))]}
    if kind == "Payment":
        linkable = [(name, raw) for name, raw in stored if name != "Payment"]
        chosen = chance.sample(linkable, min(len(linkable), chance.randint(0, 2)))
        lines = [
            {"Amount": chance.randint(1, 20), "LinkedTxn": [{"TxnId": raw["Id"], "TxnType": name}]}
            for name, raw in chosen
        ]
        body = {**customer, "TotalAmt": chance.randint(0, 40), "Line": lines}
    query = {}
    if stored and chance.random() < 0.5:
        kind_held, held = chance.choice(stored)
        if kind_held != kind or chance.random() < 0.4:
            kind, body = kind_held, {}
            query = {"operation": chance.choice(["void", "delete"])}
        body = {**body, "Id": held["Id"], "SyncToken": held["SyncToken"], "sparse": True}
    assert books.answer("POST", kind.lower(), body, **query).status in (200, 400)


def test_unknown_parameters_and_paths_are_refused(books: Books) -> None:
    for path, query in (("customer/1", {"nonsense": "1"}), ("nonsense/1", {})):
        assert decode_json(books.answer("GET", path, **query).body)["Fault"]["Error"][0]["code"] == "500"


def test_another_company_is_refused(books: Books) -> None:
    books.vendor.realm = "42"
    request = SandboxRequest(
        "GET", "/v3/company/1/customer/1", (), {"authorization": f"Bearer {books.vendor.token}"}, b""
    )
    answer = books.vendor.handle(request)
    assert (answer.status, decode_json(answer.body)["fault"]["error"][0]["code"]) == (403, "3100")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(sorted(PROPERTIES)), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(BY_PATH)), body=JSON, operation=st.sampled_from(["", "void", "delete", "update"]))
def test_it_answers_whatever_it_is_sent(kind: str, body: Any, operation: str) -> None:
    books = Books(FakeClock())
    books.vendor.seed("Customer", {"DisplayName": "Acme"})
    for path, sent in (
        (kind, body),
        (kind, {"Id": "1", "SyncToken": "0", "sparse": True, "Line": body}),
        ("batch", body),
    ):
        assert books.answer("POST", path, sent, **({"operation": operation} if operation else {})).status in (200, 400)


def test_seeds_take_what_is_the_servers_own(clock: FakeClock) -> None:
    books = Books(clock)
    head = {
        "Id": "500",
        "SyncToken": "3",
        "MetaData": {"CreateTime": "2020-01-01T00:00:00-08:00", "LastUpdatedTime": "2020-01-02T00:00:00-08:00"},
    }
    books.vendor.seed("Customer", {**head, "DisplayName": "Acme"})
    made = books.vendor.seed("Invoice", {**head, "CustomerRef": {"value": "500"}, "Line": [sold(5)]})
    assert {key: made[key] for key in head} == head
    assert (made["TotalAmt"], made["Balance"], made["DocNumber"]) == (5, 5, "1001")
    assert books.post("Customer", {"DisplayName": "Beta"})["Id"] == "1"


def test_the_same_seed_gives_the_same_company(clock: FakeClock) -> None:
    one, other = Books(FakeClock(), seed=7), Books(FakeClock(), seed=7)
    for books in (one, other):
        books.post("Customer", {"DisplayName": "Acme"})
    assert one.vendor.state() == other.vendor.state()
    assert set(one.vendor.state()["Customer"]) == {"7"}


def test_times_have_the_pacific_offset_of_their_day(books: Books) -> None:
    assert books.query("SELECT * FROM Payment")["time"] == "2026-11-19T19:00:00.000-08:00"
    books.clock.advance(240 * 86_400)
    assert books.query("SELECT * FROM Payment")["time"].endswith("-07:00")
