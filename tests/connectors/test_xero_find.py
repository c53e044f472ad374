"""Looking records up in Xero."""

from __future__ import annotations

import pytest

from connectors.xero_setup import Organisation, ids, line, organisation
from syncctl.errors import RequestRefused
from syncctl.model import Record
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def books(clock: FakeClock) -> Organisation:
    return organisation(clock)


def names(records: tuple[Record, ...]) -> list[str]:
    return sorted(record.ref.id for record in records)


AWKWARD = [
    "O'Brien & Sons",
    "100% Organic",
    "Back\\slash Labs",
    "Trailing backslash\\",
    'The "Quote" Company',
    '"',
    "Rocket 🚀 Supply",
    "D’Angelo’s Pizza",
    "Peña Roofing, Inc.",
    "株式会社さくら",
    'a" OR Name!="x',
    "Comma, and = signs == too",
]


@pytest.mark.parametrize("name", AWKWARD)
def test_a10_an_awkward_name_is_found_exactly_once(books: Organisation, name: str) -> None:
    for other in AWKWARD:
        books.seed("Contact", Name=other)
    (record,) = books.connector.find("Contact", "Name", [name])
    assert books.held(record.ref)["Name"] == name


def test_a10_all_awkward_names_are_found_in_one_go(books: Organisation) -> None:
    made = sorted(books.seed("Contact", Name=name).id for name in AWKWARD)
    assert names(books.connector.find("Contact", "Name", AWKWARD)) == made


def test_a6_names_that_differ_only_by_case_are_found(books: Organisation) -> None:
    there = books.seed("Contact", Name="Acme Ltd")
    assert names(books.connector.find("Contact", "Name", ["ACME LTD"])) == [there.id]


def test_ids_are_read_in_as_few_calls_as_possible(books: Organisation) -> None:
    made = [books.seed("Contact", Name=f"Contact {number}").id for number in range(100)]
    assert len(books.connector.find("Contact", "ContactID", made)) == 100
    assert len(books.sandbox.log) == 3


def test_what_does_not_exist_is_absent_and_made_up_ids_are_not_asked_for(books: Organisation) -> None:
    there = books.seed("Contact", Name="Acme")
    none = "11111111-2222-3333-4444-555555555555"
    assert names(books.connector.find("Contact", "ContactID", [there.id, none, "new-1"])) == [there.id]
    assert books.connector.find("Contact", "ContactID", ["new-1", ""]) == ()
    assert len(books.sandbox.log) == 1


def test_archived_contacts_are_found_by_id_and_by_name(books: Organisation) -> None:
    there = books.seed("Contact", Name="Acme", ContactStatus="ARCHIVED")
    assert names(books.connector.find("Contact", "ContactID", [there.id])) == [there.id]
    assert names(books.connector.find("Contact", "Name", ["acme"])) == [there.id]


def test_every_kind_is_found_by_its_id(books: Organisation) -> None:
    contact = {"ContactID": books.seed("Contact", Name="Acme").id}
    bill = books.seed("Invoice", Type="ACCREC", Contact=contact, LineItems=[line(9)], Status="AUTHORISED")
    note = books.seed("CreditNote", Type="ACCRECCREDIT", Contact=contact, LineItems=[line(5)], Status="AUTHORISED")
    books.vendor.allocate(note.id, bill.id, "2.00")
    books.seed("Payment", Invoice={"InvoiceID": bill.id}, Account={"Code": "090"}, Amount=1)
    books.seed("Item", Code="HW-1")
    books.seed("BankTransaction", Type="RECEIVE", Contact=contact, BankAccount={"Code": "090"}, LineItems=[line(5)])
    books.seed("ManualJournal", Narration="fees", JournalLines=[
        {"LineAmount": 5, "AccountCode": "404"}, {"LineAmount": -5, "AccountCode": "880"}])  # fmt: skip
    for schema in books.connector.describe():
        stored = {**books.vendor.state(), "Allocation": {f"{note.id}.{bill.id}": {}}}
        held = set(stored[schema.kind])
        found = books.connector.find(schema.kind, schema.identity, sorted(held))
        assert {record.ref.id for record in found} == held, schema.kind
        assert {record.raw for record in found} == {
            record.raw for page in books.pull(schema.kind) for record in page.records
        }, schema.kind


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("Contact", "ContactNumber", "cus_1"),
        ("Contact", "EmailAddress", "ap@acme.example"),
        ("Invoice", "InvoiceNumber", "S-1"),
        ("Invoice", "Reference", "syncctl stripe:invoice:in_1"),
        ("Item", "Code", "HW-1"),
        ("Account", "Code", "200"),
        ("TaxRate", "Name", "No Tax"),
        ("TrackingCategory", "Name", "Project"),
    ],
)
def test_records_are_found_by_other_fields(books: Organisation, kind: str, field: str, value: str) -> None:
    contact = books.seed("Contact", Name="Acme", ContactNumber="cus_1", EmailAddress="ap@acme.example")
    books.seed("Invoice", Type="ACCREC", Contact={"ContactID": contact.id}, LineItems=[line(5)], InvoiceNumber="S-1",
               Reference="syncctl stripe:invoice:in_1")  # fmt: skip
    books.seed("Item", Code="HW-1")
    assert len(books.connector.find(kind, field, [value])) == 1
    assert books.connector.find(kind, field, [f"{value}x"]) == ()


def test_a3_all_bills_with_one_number_are_found(books: Organisation) -> None:
    contact = {"ContactID": books.seed("Contact", Name="Acme").id}
    for _ in range(2):
        books.seed("Invoice", Type="ACCPAY", Contact=contact, InvoiceNumber="B-1",
                   LineItems=[line(5, AccountCode="400")])  # fmt: skip
    assert len(books.connector.find("Invoice", "InvoiceNumber", ["B-1", "B-2"])) == 2


def test_a_field_that_cannot_be_looked_up_is_refused_with_those_that_can(books: Organisation) -> None:
    with pytest.raises(RequestRefused, match="Xero cannot look up Contact by FirstName") as refused:
        books.connector.find("Contact", "FirstName", ["Dana"])
    assert "ContactNumber" in refused.value.fix


def test_more_than_one_page_of_matches_is_read(clock: FakeClock) -> None:
    books = organisation(clock, {"page_rows": "3"})
    contact = {"ContactID": books.seed("Contact", Name="Acme").id}
    for _ in range(7):
        books.seed("Invoice", Type="ACCPAY", Contact=contact, InvoiceNumber="B-1",
                   LineItems=[line(5, AccountCode="400")])  # fmt: skip
    assert len(books.connector.find("Invoice", "InvoiceNumber", ["B-1"])) == 7
    assert len(ids(books.pull("Invoice"))) == 7
