"""Looking records up in QuickBooks, and finding out whether a write happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.quickbooks_setup import NAME, Company, change, company, create, sold, update
from syncctl.errors import RequestRefused
from syncctl.model import Action, Change, Outcome, Record, Ref, WriteReceipt
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def books(clock: FakeClock) -> Company:
    return company(clock)


def names(records: tuple[Record, ...]) -> list[str]:
    return sorted(record.ref.id for record in records)


AWKWARD = [
    "O'Brien & Sons",
    "100% Organic",
    "Back\\slash Labs",
    "Trailing backslash\\",
    "Both \\' of them",
    "Rocket 🚀 Supply",
    "🚀",
    "D’Angelo’s Pizza",
    'The "Quote" Company',
    "Peña Roofing, Inc.",
    "株式会社さくら",
    "Łódź Design",
    "a) OR DisplayName IN ('x",
]


@pytest.mark.parametrize("name", AWKWARD)
def test_a10_an_awkward_name_is_found_exactly_once(books: Company, name: str) -> None:
    for other in AWKWARD:
        books.seed("Customer", DisplayName=other)
    books.seed("Customer", DisplayName="100 times Organic")
    (record,) = books.connector.find("Customer", "DisplayName", [name])
    assert books.held(record.ref)["DisplayName"] == name


def test_a10_all_awkward_names_are_found_in_one_go(books: Company) -> None:
    made = sorted(books.seed("Customer", DisplayName=name).id for name in AWKWARD)
    assert names(books.connector.find("Customer", "DisplayName", AWKWARD)) == made


def test_ids_are_read_in_as_few_calls_as_possible(books: Company) -> None:
    made = [books.seed("Customer", DisplayName=f"Customer {number}").id for number in range(450)]
    assert len(books.connector.find("Customer", "Id", made)) == 450
    assert len(books.sandbox.log) == 3


def test_a_long_query_goes_as_a_body(books: Company) -> None:
    made = [books.seed("Customer", DisplayName=f"Customer {number}").id for number in range(1000)]
    assert len(books.connector.find("Customer", "Id", [*made[:3], *(str(9_000_000 + n) for n in range(190))])) == 3
    assert books.sandbox.log[-1]["method"] == "POST"
    assert books.sandbox.writes() == []


def test_what_does_not_exist_is_absent_and_made_up_ids_are_not_asked_for(books: Company) -> None:
    there = books.seed("Customer", DisplayName="Acme")
    assert names(books.connector.find("Customer", "Id", [there.id, "999", "new-1"])) == [there.id]
    assert books.connector.find("Customer", "Id", ["new-1"]) == ()
    assert len(books.sandbox.log) == 1


def test_inactive_records_are_found_by_id_and_by_name(books: Company) -> None:
    there = books.seed("Customer", DisplayName="Acme", Active=False)
    assert names(books.connector.find("Customer", "Id", [there.id])) == [there.id]
    assert names(books.connector.find("Customer", "DisplayName", ["acme"])) == [there.id]


def test_an_inactive_record_is_found_under_the_name_it_got_when_it_was_made_inactive(clock: FakeClock) -> None:
    books = company(clock, inactive_suffix=" (deleted)")
    there = books.seed("Customer", DisplayName="Acme")
    books.write(change(Action.ARCHIVE, there))
    assert books.held(there)["DisplayName"] == "Acme (deleted)"
    assert names(books.connector.find("Customer", "DisplayName", ["Acme"])) == [there.id]


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("Customer", "PrimaryEmailAddr.Address", "ap@acme.example"),
        ("Item", "Sku", "HW-1"),
        ("Account", "Name", "Checking"),
        ("Term", "Name", "Net 30"),
        ("TaxCode", "Id", "TAX"),
    ],
)
def test_records_are_found_by_other_fields(books: Company, kind: str, field: str, value: str) -> None:
    books.seed("Customer", DisplayName="Acme", PrimaryEmailAddr={"Address": "ap@acme.example"})
    books.seed("Item", Name="Gateway", Type="Service", Sku="HW-1", IncomeAccountRef={"value": "4"})
    assert len(books.connector.find(kind, field, [value])) == 1


def test_all_invoices_with_one_number_are_found(books: Company) -> None:
    books.seed("Customer", DisplayName="Acme")
    for _ in range(2):
        books.seed("Invoice", CustomerRef={"value": "1"}, Line=[sold(5)], DocNumber="INV-1")
    assert len(books.connector.find("Invoice", "DocNumber", ["INV-1", "INV-2"])) == 2


def test_a_field_that_cannot_be_queried_is_refused_before_it_is_asked(books: Company) -> None:
    with pytest.raises(RequestRefused, match="cannot look up Invoice by PrivateNote") as caught:
        books.connector.find("Invoice", "PrivateNote", ["x"])
    assert "DocNumber" in caught.value.fix
    assert books.sandbox.log == []


# --- did it happen? --------------------------------------------------------------------------------------------------

BODIES: dict[str, dict[str, Any]] = {
    "numbered": {"CustomerRef": {"value": "1"}, "Line": [sold(5)], "DocNumber": "INV-1"},
    "marked": {"CustomerRef": {"value": "1"}, "Line": [sold(5)], "PrivateNote": "syncctl stripe:invoice:in_1"},
    "plain": {"CustomerRef": {"value": "1"}, "Line": [sold(5), sold(7, item="2")], "TxnDate": "2026-11-19"},
}


def invoices(books: Company) -> int:
    return len(books.vendor.state().get("Invoice", {}))


def sent_at(books: Company) -> datetime:
    return books.clock.now()


def lose(books: Company, planned: Change) -> tuple[Any, datetime]:
    """Writes a change whose answer is lost; the request and when it was sent."""
    request = books.prepare(planned)
    moment = sent_at(books)
    books.fault("lost", method="POST")
    assert [receipt.outcome for receipt in books.connector.send(request)] == [Outcome.UNKNOWN]
    return request, moment


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a1_a_lost_create_is_found_by_the_probe_and_stays_one(books: Company, body: dict[str, Any]) -> None:
    books.seed("Customer", DisplayName="Acme")
    planned = create("Invoice", body)
    request, moment = lose(books, planned)
    books.clock.advance(300)
    (receipt,) = books.connector.probe(request, [planned], moment)
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.record is not None
    assert invoices(books) == 1


def test_a1_a_lost_create_that_is_replayed_stays_one(books: Company) -> None:
    books.seed("Customer", DisplayName="Acme")
    request, _ = lose(books, create("Invoice", BODIES["numbered"]))
    (receipt,) = books.connector.send(request)
    assert receipt.outcome is Outcome.APPLIED
    assert invoices(books) == 1


def test_a1_a_replay_after_the_retention_would_be_a_second_one_so_the_probe_is_asked(clock: FakeClock) -> None:
    books = company(clock, requestid_seconds=60)
    books.seed("Customer", DisplayName="Acme")
    planned = create("Invoice", BODIES["marked"])
    request, moment = lose(books, planned)
    clock.advance(timedelta(hours=8).total_seconds())
    (receipt,) = books.connector.probe(request, [planned], moment)
    assert receipt.outcome is Outcome.APPLIED
    assert invoices(books) == 1


def test_a11_a_company_that_numbers_itself_gives_another_number_and_the_note_tells(clock: FakeClock) -> None:
    books = company(clock, custom_txn_numbers=False)
    books.seed("Customer", DisplayName="Acme")
    planned = create("Invoice", {**BODIES["numbered"], "PrivateNote": "syncctl stripe:invoice:in_1"})
    request, moment = lose(books, planned)
    (receipt,) = books.connector.probe(request, [planned], moment)
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.ref is not None
    assert books.held(receipt.ref)["DocNumber"] != "INV-1"


def test_a_create_that_never_happened_is_not_found(books: Company) -> None:
    books.seed("Customer", DisplayName="Acme")
    books.seed("Invoice", CustomerRef={"value": "1"}, Line=[sold(6)], DocNumber="INV-0")
    for body in BODIES.values():
        planned = create("Invoice", body)
        request = books.prepare(planned)
        (receipt,) = books.connector.probe(request, [planned], sent_at(books))
        assert receipt.outcome is Outcome.UNKNOWN


def test_the_same_number_for_another_customer_is_not_ours(books: Company) -> None:
    books.seed("Customer", DisplayName="Acme")
    books.seed("Customer", DisplayName="Beta")
    books.seed("Invoice", CustomerRef={"value": "2"}, Line=[sold(5)], DocNumber="INV-1")
    planned = create("Invoice", BODIES["numbered"])
    (receipt,) = books.connector.probe(books.prepare(planned), [planned], sent_at(books))
    assert receipt.outcome is Outcome.UNKNOWN


def test_an_older_record_is_not_taken_for_ours(books: Company) -> None:
    books.seed("Customer", DisplayName="Acme")
    books.seed("Invoice", CustomerRef={"value": "1"}, Line=[sold(5)], DocNumber="INV-1")
    books.clock.advance(3600)
    planned = create("Invoice", BODIES["numbered"])
    (receipt,) = books.connector.probe(books.prepare(planned), [planned], sent_at(books))
    assert receipt.outcome is Outcome.UNKNOWN


def test_a_lost_customer_is_found_by_its_name(books: Company) -> None:
    planned = create("Customer", {"DisplayName": "D’Angelo’s Pizza"})
    request, moment = lose(books, planned)
    (receipt,) = books.connector.probe(request, [planned], moment)
    assert receipt.outcome is Outcome.APPLIED


def test_a_lost_batch_finds_each_row_and_never_one_record_twice(books: Company) -> None:
    planned = [create("Customer", {"DisplayName": name}) for name in ("Beta", "Acme", "Gamma")]
    books.seed("Customer", DisplayName="Acme")
    books.clock.advance(3600)
    request = books.prepare(*planned)
    moment = sent_at(books)
    books.fault("lost", path="/batch")
    books.connector.send(request)
    receipts = books.connector.probe(request, planned, moment)
    assert [receipt.outcome for receipt in receipts] == [Outcome.APPLIED, Outcome.UNKNOWN, Outcome.APPLIED]
    assert [receipt.row for receipt in receipts] == ["row0", "row1", "row2"]


def test_twins_are_found_as_two(books: Company) -> None:
    books.seed("Customer", DisplayName="Acme")
    planned = [create("Invoice", BODIES["plain"]), create("Invoice", BODIES["plain"])]
    request = books.prepare(*planned)
    books.fault("lost", path="/batch")
    books.connector.send(request)
    receipts = books.connector.probe(request, planned, sent_at(books))
    assert len({receipt.ref for receipt in receipts}) == 2


def probe_of(books: Company, planned: Change, fault: str) -> WriteReceipt:
    request = books.prepare(planned, key=f"key {planned.action} {planned.target}")
    moment = sent_at(books)
    books.fault(fault, method="POST")
    books.connector.send(request)
    books.clock.advance(30)
    (receipt,) = books.connector.probe(request, [planned], moment)
    return receipt


@pytest.mark.parametrize(("fault", "outcome"), [("lost", Outcome.APPLIED), ("500 before", Outcome.UNKNOWN)])
def test_a_lost_update_void_or_archive_is_told_from_one_that_never_came(
    books: Company, fault: str, outcome: Outcome
) -> None:
    acme = books.seed("Customer", DisplayName="Acme")
    bill = books.seed("Invoice", CustomerRef={"value": "1"}, Line=[sold(5)])
    beta = books.seed("Customer", DisplayName="Beta")
    for planned in (
        update(acme, Notes="n", BillAddr__Line1="2 New Road"),
        update(bill, **{"Line(Id=1).Amount": 6}),
        change(Action.VOID, bill),
        change(Action.ARCHIVE, beta),
    ):
        assert probe_of(books, planned, fault).outcome is outcome, planned


def test_an_update_that_somebody_overtook_is_not_taken_for_ours(books: Company) -> None:
    acme = books.seed("Customer", DisplayName="Acme")
    planned = update(acme, Notes="ours")
    request = books.prepare(planned)
    books.write(update(acme, Notes="theirs"))
    (receipt,) = books.connector.probe(request, [planned], sent_at(books))
    assert receipt.outcome is Outcome.UNKNOWN


def test_a_cleared_field_counts_as_done_when_it_is_gone(books: Company) -> None:
    acme = books.seed("Customer", DisplayName="Acme", Notes="old")
    assert probe_of(books, update(acme, Notes=None), "lost").outcome is Outcome.APPLIED


def test_refs_carry_the_configured_name(books: Company) -> None:
    there = books.seed("Customer", DisplayName="Acme")
    assert there == Ref(NAME, "Customer", "1")
    assert books.read(there).ref == there
