"""The python-quickbooks package against the served sandbox: what an independent client cannot do, the sandbox has
wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.quickbooks import QuickBooksSandbox
from syncctl.sandbox.serve import Served


class _SignedIn:
    """What the client takes for Intuit's sign-in."""

    environment = "sandbox"
    client_id = "app"
    client_secret = "secret"
    refresh_token = "refresh-token"

    def __init__(self, token: str) -> None:
        self.access_token = token


@pytest.fixture
def vendor(clock: FakeClock) -> QuickBooksSandbox:
    return QuickBooksSandbox(clock, limits=False)


@pytest.fixture
def client(vendor: QuickBooksSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from quickbooks import QuickBooks

    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Served({"quickbooks": Sandbox(vendor)}) as urls:
        base = urls["quickbooks"] + "/v3"
        monkeypatch.setattr(QuickBooks, "sandbox_api_url_v3", base)
        monkeypatch.setattr(QuickBooks, "api_url_v3", base)
        made = QuickBooks(
            auth_client=_SignedIn(vendor.token),
            refresh_token="refresh-token",
            company_id=vendor.realm,
            minorversion=75,
            use_decimal=True,
        )
        yield made
        made.session.close()


def customer(name: str) -> Any:
    from quickbooks.objects import Customer

    made = Customer()
    made.DisplayName = name
    return made


def bill(customer_id: str, amount: float, number: str = "") -> Any:
    from quickbooks.objects import Invoice, SalesItemLine
    from quickbooks.objects.base import Ref
    from quickbooks.objects.detailline import SalesItemLineDetail

    made, line, item = Invoice(), SalesItemLine(), Ref()
    item.value = "1"
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = item
    made.Line.append(line)
    made.CustomerRef = Ref()
    made.CustomerRef.value = customer_id
    made.DocNumber = number or None
    return made


def test_it_creates_reads_updates_and_deactivates_a_customer(client: Any) -> None:
    from quickbooks.objects import Address, Customer

    made = customer("O'Brien & Sons")
    made.BillAddr = Address()
    made.BillAddr.Line1 = "12 Ocean Dr."
    saved = made.save(qb=client)
    again = Customer.get(saved.Id, qb=client)
    assert (again.DisplayName, again.BillAddr.Lat) == ("O'Brien & Sons", "INVALID")
    again.CompanyName = "O'Brien"
    assert again.save(qb=client).SyncToken == "1"
    again = Customer.get(saved.Id, qb=client)
    again.Active = False
    again.save(qb=client)
    assert Customer.filter(Active=True, DisplayName="O'Brien & Sons", qb=client) == []
    assert [each.Id for each in Customer.filter(Active=False, qb=client)] == [saved.Id]


def test_it_pages_and_counts(client: Any, vendor: QuickBooksSandbox) -> None:
    from quickbooks.objects import Customer

    for number in range(230):
        vendor.seed("Customer", {"DisplayName": f"Customer {number}"})
    assert Customer.count(qb=client) == 230
    pages = [
        Customer.where("Active IN (true, false)", order_by="Id", start_position=start, max_results=100, qb=client)
        for start in (1, 101, 201)
    ]
    assert [len(page) for page in pages] == [100, 100, 30]
    assert len({each.Id for page in pages for each in page}) == 230
    assert len(Customer.all(qb=client)) == 100


def test_it_queries_and_chooses(client: Any, vendor: QuickBooksSandbox) -> None:
    from quickbooks.objects import Customer, Item

    for name in ("Acme", "Beta", "O'Neil"):
        vendor.seed("Customer", {"DisplayName": name})
    assert [each.DisplayName for each in Customer.filter(DisplayName="O'Neil", qb=client)] == ["O'Neil"]
    assert len(Customer.choose(["Acme", "Beta"], field="DisplayName", qb=client)) == 2
    assert len(Customer.where("DisplayName LIKE '%e%'", qb=client)) == 3
    vendor.seed("Item", {"Name": "Gateway", "Type": "Service", "Sku": "HW-1", "IncomeAccountRef": {"value": "4"}})
    assert "HW-1" in [each.Sku for each in Item.all(qb=client)]


def test_it_bills_pays_voids_and_deletes(client: Any) -> None:
    from quickbooks.objects import Invoice, Payment
    from quickbooks.objects.payment import PaymentLine

    who = customer("Acme").save(qb=client)
    saved = bill(who.Id, 100, "INV-1").save(qb=client)
    assert (saved.DocNumber, saved.TotalAmt, saved.Line[-1].DetailType) == ("INV-1", 100, "SubTotalLineDetail")
    paid, line = Payment(), PaymentLine()
    paid.CustomerRef = who.to_ref()
    paid.TotalAmt = 60
    line.Amount = 60
    line.LinkedTxn.append(saved.to_linked_txn())
    paid.Line.append(line)
    settled = paid.save(qb=client)
    assert Invoice.get(saved.Id, qb=client).Balance == 40
    settled.void(qb=client)
    assert Invoice.get(saved.Id, qb=client).Balance == 100
    again = Invoice.get(saved.Id, qb=client)
    again.void(qb=client)
    voided = Invoice.get(saved.Id, qb=client)
    assert (voided.TotalAmt, voided.PrivateNote, voided.DocNumber) == (0, "Voided", "INV-1")
    answer = voided.delete(qb=client)
    assert answer["Invoice"]["status"] == "Deleted"


def test_it_batches_and_sees_each_fault(client: Any) -> None:
    from quickbooks.batch import batch_create

    customer("Acme").save(qb=client)
    done = batch_create([customer("Beta"), customer("ACME"), customer("Gamma")], qb=client)
    assert len(done.successes) == 2
    assert [fault.Error[0].code for fault in done.faults] == ["6240"]


def test_it_hears_of_changes(client: Any, vendor: QuickBooksSandbox, clock: FakeClock) -> None:
    from quickbooks.cdc import change_data_capture
    from quickbooks.objects import Customer, Invoice

    who = customer("Acme").save(qb=client)
    first = bill(who.Id, 5).save(qb=client)
    clock.advance(3600)
    since = clock.now()
    bill(who.Id, 7).save(qb=client)
    first.delete(qb=client)
    heard = change_data_capture([Invoice, Customer], since.isoformat(), qb=client)
    assert sorted(getattr(each, "status", "") for each in heard.Invoice) == ["", "Deleted"]
    assert [each.Id for each in heard.Customer] == [who.Id]
    assert isinstance(since, datetime)


def test_it_reads_preferences_and_the_company(client: Any) -> None:
    from quickbooks.objects import CompanyInfo, Preferences

    found = Preferences.get(qb=client)
    assert found.SalesFormsPrefs.CustomTxnNumbers is True
    assert found.CurrencyPrefs.HomeCurrency.value == "USD"
    assert CompanyInfo.get(1, qb=client).CompanyName == "Sandbox Company_US_1"


def test_its_request_id_makes_one_record(client: Any, vendor: QuickBooksSandbox) -> None:
    who = customer("Acme").save(qb=client)
    for _ in range(2):
        bill(who.Id, 5).save(qb=client, request_id="only-once")
    assert len(vendor.state()["Invoice"]) == 1


def test_it_reads_refusals_as_what_they_are(client: Any, vendor: QuickBooksSandbox) -> None:
    from quickbooks.exceptions import (
        AuthorizationException,
        ObjectNotFoundException,
        QuickbooksException,
        ValidationException,
    )
    from quickbooks.objects import Customer

    with pytest.raises(ObjectNotFoundException):
        Customer.get("99", qb=client)
    with pytest.raises(ValidationException):
        Customer.query("SELECT Nonsense", qb=client)
    customer("Acme").save(qb=client)
    with pytest.raises(QuickbooksException) as taken:
        customer("acme").save(qb=client)
    assert taken.value.error_code == 6240
    vendor.token = "renewed-token"
    with pytest.raises(AuthorizationException):
        Customer.count(qb=client)
