"""What the connector says of itself: card, live schema, options; and that every writable field makes the round trip."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.quickbooks_setup import NAME, Company, change, company, create, raw, sold
from syncctl.connectors.base import Access, Connector
from syncctl.connectors.base import Company as Pinned
from syncctl.connectors.quickbooks import QuickBooks
from syncctl.errors import ConfigError
from syncctl.fields.codecs import decode, encode
from syncctl.fields.schema import Field, Schema
from syncctl.model import Action, Edit, Money, Outcome, Ref
from syncctl.paths import parse_path, read
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock

WRITTEN = {"Customer", "Item", "Invoice", "Payment", "CreditMemo", "RefundReceipt"}


@pytest.fixture
def books(clock: FakeClock) -> Company:
    return company(clock)


def schemas(books: Company) -> dict[str, Schema]:
    return {schema.kind: schema for schema in books.connector.describe()}


def test_it_is_a_connector(books: Company) -> None:
    connector: Connector = books.connector
    assert connector.card.connector == "quickbooks"
    assert (connector.card.key_length, connector.card.versions) == (50, True)
    assert connector.card.batch[Action.CREATE] == 30
    assert Action.VOID not in connector.card.batch


def test_the_company_is_the_realm_and_live_only_where_configured(clock: FakeClock) -> None:
    assert company(clock).connector.company() == Pinned("9130350000000001", "Sandbox Company_US_1", live=False)
    assert company(clock, live=True).connector.company().live


def test_the_urls_are_the_vendors_own_unless_configured(clock: FakeClock) -> None:
    def base(url: str = "", *, live: bool = False) -> str:
        return QuickBooks(Access(NAME, str, clock, Redactor(), url, "1", live=live)).options.base_url

    assert base(live=True) == "https://quickbooks.api.intuit.com"
    assert base() == "https://sandbox-quickbooks.api.intuit.com"
    assert base("http://127.0.0.1:1/") == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("options", "realm", "message"),
    [
        ({}, "", "no QuickBooks company id"),
        ({"page_rows": "many"}, "1", "page_rows is 'many'"),
        ({"enhanced_custom_fields": "perhaps"}, "1", "enhanced_custom_fields is 'perhaps'"),
        ({"custom_fields": "Region"}, "1", "custom_fields holds 'Region'"),
    ],
)
def test_a_wrong_option_is_a_configuration_error(
    clock: FakeClock, options: dict[str, str], realm: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        QuickBooks(Access(NAME, str, clock, Redactor(), company=realm, options=options))


def test_what_cannot_be_written_says_so(books: Company) -> None:
    for kind, schema in schemas(books).items():
        writable = [field.path for field in schema.fields.values() if field.writable != "never"]
        assert bool(writable) is (kind in WRITTEN), kind
        assert bool(schema.actions) is (kind in WRITTEN), kind
        if kind not in WRITTEN:
            assert "only reads" in schema.note
    assert Action.VOID in schemas(books)["Invoice"].actions
    assert Action.VOID not in schemas(books)["RefundReceipt"].actions
    assert Action.ARCHIVE in schemas(books)["Customer"].actions


def test_what_can_be_voided_is_configured(clock: FakeClock) -> None:
    found = schemas(company(clock, {"void_kinds": "Invoice"}))
    assert [kind for kind, schema in found.items() if Action.VOID in schema.actions] == ["Invoice"]
    assert "no void" in found["CreditMemo"].note


def test_every_reference_points_to_a_kind_there_is(books: Company) -> None:
    found = schemas(books)
    references = {
        (schema.kind, field.path): field.target
        for schema in found.values()
        for field in schema.fields.values()
        if field.type == "ref"
    }
    assert references["Invoice", "CustomerRef"] == "Customer"
    assert {place: target for place, target in references.items() if target not in found} == {}


def test_what_the_vendor_works_out_is_never_written(books: Company) -> None:
    for kind in ("Invoice", "CreditMemo", "RefundReceipt"):
        fields = schemas(books)[kind].fields
        for path in ("Id", "SyncToken", "TotalAmt", "Balance", "HomeTotalAmt"):
            assert (fields[path].writable, fields[path].assigned) == ("never", True), (kind, path)


def test_custom_fields_are_read_live_under_the_names_the_company_gave_them(clock: FakeClock) -> None:
    books = company(clock, custom_fields=("Crew #", "", "Project ID"))
    for kind in ("Invoice", "CreditMemo", "RefundReceipt", "SalesReceipt"):
        schema = schemas(books)[kind]
        (project,) = schema.labelled("project id")
        assert project.custom
        assert project.access == "CustomField(DefinitionId=3)(Type=StringType).StringValue"
        assert project.max_length == 31
        assert [field.label for field in schema.fields.values() if field.custom] == ["Crew #", "Project ID"]
    assert not [field for field in schemas(books)["Payment"].fields.values() if field.custom]
    books.vendor.set_rules(custom_fields=("Crew", "", "Project ID"))
    assert schemas(books)["Invoice"].labelled("Crew #") == ()


def test_a68_a_field_beyond_the_three_is_left_out_loudly_unless_configured(clock: FakeClock) -> None:
    enhanced = (("1000000001", "Region"),)
    books = company(clock, enhanced_fields=enhanced)
    schema = schemas(books)["Invoice"]
    assert schema.labelled("Region") == ()
    assert "custom fields beyond the sales forms' three are left out" in schema.note


def test_a68_a_configured_field_beyond_the_three_is_read_and_written(clock: FakeClock) -> None:
    enhanced = (("1000000001", "Region"),)
    options = {"enhanced_custom_fields": "on", "custom_fields": "1000000001=Region"}
    books = company(clock, options, enhanced_fields=enhanced)
    books.seed("Customer", DisplayName="Acme")
    bill = books.seed("Invoice", CustomerRef={"value": "1"}, Line=[sold(5)])
    (region,) = schemas(books)["Invoice"].labelled("Region")
    (receipt,) = books.write(change(Action.UPDATE, bill, Edit(region.place, None, "West")))
    assert list(read(raw(receipt.record), parse_path(region.place))) == ["West"]
    pulled = raw(books.pull("Invoice")[-1].records[0])
    assert list(read(pulled, parse_path(region.place))) == ["West"]
    assert all(query.get("include") == "enhancedAllCustomFields" for _, query, _, _ in books.wire.exchanges)


def test_a11_the_number_is_writable_only_where_the_company_lets_it(clock: FakeClock) -> None:
    own = schemas(company(clock))["Invoice"].fields["DocNumber"]
    assert (own.writable, own.assigned) == ("always", False)
    automatic = schemas(company(clock, custom_txn_numbers=False))["Invoice"].fields["DocNumber"]
    assert (automatic.writable, automatic.assigned) == ("never", True)
    assert "numbers documents itself" in automatic.note


def test_a12_the_longest_number_is_known_and_configurable(clock: FakeClock) -> None:
    assert schemas(company(clock))["Invoice"].fields["DocNumber"].max_length == 21
    longer = company(clock, {"doc_number_length": "30"})
    assert schemas(longer)["Invoice"].fields["DocNumber"].max_length == 30


def test_amounts_without_a_currency_are_in_the_home_currency(clock: FakeClock) -> None:
    fields = schemas(company(clock, home_currency="CAD"))["Invoice"].fields
    assert (fields["TotalAmt"].currency, fields["TotalAmt"].currency_default) == ("CurrencyRef", "CAD")
    assert fields["CurrencyRef"].default == "CAD"


def test_the_closing_date_is_published(clock: FakeClock) -> None:
    books = company(clock, book_close_date="2026-10-31")
    field = schemas(books)["Preferences"].fields["AccountingInfoPrefs.BookCloseDate"]
    (page,) = books.pull("Preferences")
    (found,) = read(raw(page.records[0]), parse_path(field.place))
    assert decode(field.codec, found) == date(2026, 10, 31)


# --- round trips -----------------------------------------------------------------------------------------------------

ROUND: dict[str, dict[str, Any]] = {
    "Customer": {"DisplayName": "Acme"},
    "Item": {"Name": "Gateway", "Type": "Service", "IncomeAccountRef": {"value": "4"}},
    "Invoice": {"CustomerRef": {"value": "1"}, "Line": [sold(5)]},
    "CreditMemo": {"CustomerRef": {"value": "1"}, "Line": [sold(5)]},
    "RefundReceipt": {
        "CustomerRef": {"value": "1"},
        "Line": [sold(5)],
        "DepositToAccountRef": {"value": "1"},
    },
    "Payment": {"CustomerRef": {"value": "1"}, "TotalAmt": 50},
}
FIXED: dict[str, Any] = {
    "DocNumber": "INV-77",
    "CurrencyRef": "USD",
    "ExchangeRate": Decimal("1.25"),
    "ParentRef": "",
    "Line": "",
    "Line.Amount": Money(Decimal("12.34"), "USD"),
    "Line.DetailType": "",
    "Line.DiscountLineDetail.PercentBased": "",
    "Line.DiscountLineDetail.DiscountPercent": "",
    "Line.DiscountLineDetail.DiscountAccountRef": "",
    "Line.LinkedTxn.TxnId": "",
    "Line.LinkedTxn.TxnType": "",
    "Line.LinkedTxn.TxnLineId": "",
    "Line.SalesItemLineDetail.TaxCodeRef": "TAX",
    "Line.SalesItemLineDetail.UnitPrice": Money(Decimal("2.5"), "USD"),
    "Line.SalesItemLineDetail.Qty": Decimal(2),
    "DefaultTaxCodeRef": "3",
    "SalesTaxCodeRef": "3",
    "TxnTaxDetail.TxnTaxCodeRef": "3",
    "PaymentRefNum": "ch_1",
    "IncomeAccountRef": "5",
}
"""Values that a rule of the vendor fixes; an empty one is covered by other tests."""


def sample(field: Field) -> Any:
    """A value that this field can hold."""
    if field.path in FIXED:
        return FIXED[field.path]
    if field.type == "money":
        return Money(Decimal("7.25"), "USD")
    if field.options:
        return field.options[-1][0]
    samples = {"text": "O’Neil & “Söhne”", "number": Decimal(3), "date": date(2026, 11, 18), "bool": True, "ref": "2"}
    return samples[field.type]


def cases() -> list[tuple[str, str]]:
    clock = FakeClock()
    found = schemas(company(clock))
    return [
        (kind, field.path)
        for kind in sorted(WRITTEN)
        for field in found[kind].fields.values()
        if field.writable != "never" and FIXED.get(field.path) != ""
    ]


@pytest.mark.parametrize(("kind", "path"), cases())
def test_a_writable_field_makes_the_round_trip(clock: FakeClock, kind: str, path: str) -> None:
    books = company(clock)
    for name in ("First", "Second"):
        books.seed("Customer", DisplayName=name)
        books.seed("Class", Name=name)
        books.seed("Department", Name=name)
    field = schemas(books)[kind].fields[path]
    value = sample(field)
    place = field.place.replace("Line.", "Line(Id=1).")
    edit = Edit(place, None, encode(field.codec, value, "USD"), codec=field.codec)
    body = dict(ROUND[kind])
    if kind == "Payment" and path.startswith("Line."):
        bill = books.seed("Invoice", CustomerRef={"value": "1"}, Line=[sold(50)])
        body["Line"] = [{"Id": "1", "Amount": 5, "LinkedTxn": [{"TxnId": bill.id, "TxnType": "Invoice"}]}]
    if field.writable == "create":
        planned = create(kind, body)
        (receipt,) = books.write(change(Action.CREATE, Ref(NAME, kind, "new-1"), *planned.edits, edit))
    else:
        (made,) = books.write(create(kind, body))
        assert made.ref is not None, made.message
        (receipt,) = books.write(change(Action.UPDATE, made.ref, edit))
    assert receipt.outcome is Outcome.APPLIED, receipt.message
    assert receipt.ref is not None
    pulled = {record.ref: record for page in books.pull(kind) for record in page.records}
    held = list(read(raw(pulled[receipt.ref]), parse_path(place)))
    assert [decode(field.codec, one, "USD") for one in held] == [value]
