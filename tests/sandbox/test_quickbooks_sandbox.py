"""The pretend QuickBooks: as strict as the vendor."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.plain_quickbooks import Books, bill, books_with_acme, pay, sold
from syncctl.fields.jsontext import decode_json
from syncctl.sandbox.base import SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.quickbooks.shapes import BY_PATH, SHAPES

PROPERTIES = {name for known in SHAPES.values() for name in known}


@pytest.fixture
def books(clock: FakeClock) -> Books:
    return books_with_acme(clock)


# --- rules ------------------------------------------------------------------------------------------------------------


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


# --- queries and the change feed --------------------------------------------------------------------------------------


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
