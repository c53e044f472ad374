"""What a Xero organisation offers: its currency, lock dates, tracking categories, and what can be written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.xero_setup import NAME, TENANT, Organisation, line, organisation, raw
from syncctl.connectors.xero import Xero
from syncctl.connectors.xero.books import Category
from syncctl.connectors.xero.schemas import tracking_path
from syncctl.errors import ConfigError
from syncctl.fields.builtin import CODECS
from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_of
from syncctl.fields.schema import Schema
from syncctl.model import Action, Money, Ref
from syncctl.paths import parse_path, read
from syncctl.sandbox.clock import FakeClock
from syncctl.values.field_reader import field_reader
from syncctl.values.scope import Scope


@pytest.fixture
def books(clock: FakeClock) -> Organisation:
    return organisation(clock)


def schema(books: Organisation, kind: str) -> Schema:
    return next(each for each in books.connector.describe() if each.kind == kind)


def test_every_field_has_a_codec_and_a_path_that_reads(books: Organisation) -> None:
    for each in books.connector.describe():
        assert each.identity in each.fields, each.kind
        for path, field in each.fields.items():
            assert field.codec in CODECS
            assert field.path == path
            parse_path(field.place)
            for target in field.kinds:
                assert target in books.connector.card.kinds
        for path in (each.dated, each.amount, each.marker, each.owed, *each.name):
            assert not path or path in each.fields, (each.kind, path)


def test_what_can_be_written(books: Organisation) -> None:
    written = {each.kind: sorted(map(str, each.actions)) for each in books.connector.describe() if each.actions}
    assert written == {
        "Contact": ["archive", "create", "update"],
        "Invoice": ["create", "update", "void"],
        "CreditNote": ["create", "update", "void"],
        "Allocation": ["create"],
        "Payment": ["create", "void"],
        "Item": ["create", "update"],
    }
    assert schema(books, "Account").note == "syncctl only reads this kind"
    assert all(field.writable == "never" for field in schema(books, "BankTransaction").fields.values())
    assert "no change of a payment" in schema(books, "Payment").note


def test_a50_both_lock_dates_close_the_books_for_every_document(books: Organisation) -> None:
    for kind in ("Invoice", "CreditNote", "Allocation", "Payment"):
        found = schema(books, kind)
        assert found.closed_by == ("Organisation", books.vendor.tenant, "PeriodLockDate", "EndOfYearLockDate")
        assert found.dated == "Date"
    assert schema(books, "Contact").closed_by is None


def test_c16_a_document_has_a_tracking_option_when_every_line_with_an_account_has_it(books: Organisation) -> None:
    (field,) = schema(books, "Invoice").labelled("project")
    read = field_reader(field, field.place, NAME, in_parent=False)
    tracked = line(5, Tracking=[{"Name": "Project", "Option": "P-1"}])
    other = line(5, Tracking=[{"Name": "Region", "Option": "North"}])
    remark = {"Description": "Thank you"}
    scope = Scope(Ref(NAME, "Invoice", "1"), {}, None)  # type: ignore[arg-type]  # nothing is looked up
    found = [read({"LineItems": [tracked, *more]}, scope) for more in ((), (tracked,), (remark,), (other,))]
    assert found == ["P-1", ("P-1", "P-1"), "P-1", None]


def test_the_card_says_what_xero_promises(books: Organisation) -> None:
    card = books.connector.card
    assert (card.retention_seconds, card.versions, card.key_length) == (360, False, 128)
    assert card.batch[Action.CREATE] == 50
    assert card.replays_server_errors
    assert card.limits.concurrent == 5


def test_c16_a_tracking_category_is_offered_under_its_name_with_its_options(books: Organisation) -> None:
    (field,) = schema(books, "Invoice").labelled("project")
    assert (field.custom, field.open_options) == (True, False)
    assert [option for option, _ in field.options] == ["P-1", "P-2"]
    contact = {"ContactID": books.seed("Contact", Name="Acme").id}
    bill = books.seed(
        "Invoice", Type="ACCREC", Contact=contact, LineItems=[line(5, Tracking=[{"Name": "Project", "Option": "P-2"}])]
    )
    assert list(read(raw(books.read(bill)), parse_path(field.place))) == ["P-2"]


def test_archived_categories_and_options_are_not_offered(books: Organisation) -> None:
    region = next(each for each in books.all("TrackingCategory") if each["Name"] == "Region")
    project = next(each for each in books.all("TrackingCategory") if each["Name"] == "Project")
    books.vendor.edit("TrackingCategory", region["TrackingCategoryID"], Status="ARCHIVED")
    options = [
        {**option, "Status": "ARCHIVED" if option["Name"] == "P-1" else "ACTIVE"} for option in project["Options"]
    ]
    books.vendor.edit("TrackingCategory", project["TrackingCategoryID"], Options=options)
    found = schema(books, "Invoice")
    assert found.labelled("Region") == ()
    assert [option for option, _ in found.labelled("Project")[0].options] == ["P-2"]


@pytest.mark.parametrize("name", ["Region", "Region (EU)", "Cost centre", "R&D", "日本"])
def test_a_categorys_path_reads_and_writes_its_option(name: str) -> None:
    from syncctl.paths import write

    path = parse_path(tracking_path(Category(name, ("North",))))
    written = write({"LineItems": [{"LineItemID": "1"}]}, path, "North")
    assert written == {"LineItems": [{"LineItemID": "1", "Tracking": [{"Name": name, "Option": "North"}]}]}
    assert list(read(written, path)) == ["North"]


@pytest.mark.parametrize("name", ["A|B", "unbalanced (", "unbalanced )"])
def test_a_category_whose_name_no_path_can_hold_is_not_offered(name: str) -> None:
    assert tracking_path(Category(name, ("North",))) == ""


def test_places_for_an_id_of_another_system(books: Organisation) -> None:
    contact, invoice = schema(books, "Contact"), schema(books, "Invoice")
    assert (contact.fields["ContactNumber"].max_length, contact.fields["ContactNumber"].unique) == (50, True)
    assert (invoice.marker, invoice.fields["Reference"].max_length) == ("Reference", 255)


def test_a50_the_lock_date_is_known_beforehand(books: Organisation) -> None:
    assert "locked" not in schema(books, "Invoice").note
    books.vendor.set_rules(period_lock="2026-09-30", year_lock="2025-12-31")
    for kind in ("Invoice", "CreditNote", "Payment"):
        assert "the books are locked up to 2026-09-30" in schema(books, kind).note


def test_a_document_is_in_its_own_currency_and_a_payment_in_its_documents(clock: FakeClock) -> None:
    books = organisation(clock, currencies=("JPY",))
    contact = {"ContactID": books.seed("Contact", Name="Acme").id}
    bill = books.seed("Invoice", Type="ACCREC", Contact=contact, LineItems=[line(500, TaxType="NONE")],
                      CurrencyCode="JPY", CurrencyRate="149.5", Status="AUTHORISED", DueDate="2026-12-01")  # fmt: skip
    paid = books.seed("Payment", Invoice={"InvoiceID": bill.id}, Account={"Code": "090"}, Amount=200)
    for ref, path, amount in ((bill, "Total", 500), (bill, "AmountDue", 300), (paid, "Amount", 200)):
        field, found = schema(books, ref.kind).fields[path], raw(books.read(ref))
        (value,) = read(found, parse_path(field.place))
        assert decode(field.codec, value, currency_of(found, field)) == Money(Decimal(amount), "JPY")
    rate = schema(books, "Invoice").fields["CurrencyRate"]
    assert decode(rate.codec, raw(books.read(bill))["CurrencyRate"]) == Decimal("149.5")
    assert "foreign currency for one of the base currency" in rate.note


def test_a39_a_payment_says_what_it_takes_off_which_document(books: Organisation) -> None:
    from syncctl.settlement import settled

    contact = {"ContactID": books.seed("Contact", Name="Acme").id}
    bill = books.seed("Invoice", Type="ACCREC", Contact=contact, LineItems=[line(100)], Status="AUTHORISED")
    paid = books.seed("Payment", Invoice={"InvoiceID": bill.id}, Account={"Code": "090"}, Amount=40)
    assert settled(schema(books, "Payment"), raw(books.read(paid))) == {bill: Decimal(40)}
    assert schema(books, "Invoice").owed == "AmountDue"


def test_an_amount_without_a_currency_is_in_the_base_currency(books: Organisation) -> None:
    field = schema(books, "Item").fields["SalesDetails.UnitPrice"]
    assert currency_of({}, field) == "USD"
    assert currency_of({}, schema(books, "Payment").fields["Amount"]) == ""  # its invoice's, whatever that is


def test_the_organisation_is_live_unless_it_is_xeros_demo_company(clock: FakeClock) -> None:
    assert organisation(clock).connector.company().live is False
    books = organisation(clock, demo=False, company=TENANT.upper())
    found = books.connector.company()
    assert (found.live, found.id) == (True, TENANT)


def test_options_are_read_and_wrong_ones_are_all_told(clock: FakeClock) -> None:
    books = organisation(clock, {"page_rows": "50", "retention": "5"} and {"page_rows": "50", "overlap_seconds": "60"})
    assert (books.connector.options.page_rows, books.connector.options.overlap_seconds) == (50, 60.0)
    with pytest.raises(ConfigError) as caught:
        organisation(clock, {"page_rows": "2000", "nonsense": "1", "batch_rows": "many", "full_days": "0"})
    assert [problem.where.partition(".")[2] for problem in caught.value.problems] == [
        "page_rows", "nonsense", "batch_rows", "full_days"]  # fmt: skip


def test_it_is_found_by_its_name_and_signs_in_with_the_least_scopes() -> None:
    from syncctl.connectors.registry import connector_class, sign_in_card

    assert connector_class("xero") is Xero
    card = sign_in_card("xero")
    assert card is not None
    assert "offline_access" in card.scopes
    assert not {"accounting.transactions", "accounting.settings"} & set(card.scopes)
    assert (card.grace_seconds, card.refresh_seconds) == (1800, 5_184_000)


def test_what_is_left_of_the_day_is_told(books: Organisation) -> None:
    meter = books.connector._client.http.access.meter
    assert meter.last is None
    books.pull("Contact")
    assert meter.last is not None
    assert (meter.last.left, meter.last.span) == (4_999, "today")
