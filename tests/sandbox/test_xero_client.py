"""Xero's own Python client against the served sandbox: what an independent client cannot do, the sandbox has wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.serve import Served
from syncctl.sandbox.xero import XeroSandbox

TENANT = "a46fcb6f-2773-40c4-a119-8aa08bca1e8e"


@dataclass
class App:
    """The client, with its token kept where it looks for it."""

    accounting: Any
    identity: Any
    base: str
    tokens: list[dict[str, Any]]


@pytest.fixture
def vendor(clock: FakeClock) -> XeroSandbox:
    return XeroSandbox(clock)


@pytest.fixture
def app(vendor: XeroSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    from xero_python.accounting import AccountingApi
    from xero_python.api_client import ApiClient
    from xero_python.api_client.configuration import Configuration
    from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
    from xero_python.identity import IdentityApi

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Served({"xero": Sandbox(vendor)}) as urls:
        base = urls["xero"]
        monkeypatch.setattr(TokenApi, "refresh_token_url", f"{base}/connect/token")
        token = OAuth2Token(client_id=vendor.oauth.app.id, client_secret=vendor.oauth.app.secret)
        client = ApiClient(Configuration(oauth2_token=token), pool_threads=1)
        # Its transport would wait for as long as Retry-After says: for the rest of the day.
        client.rest_client.pool_manager.connection_pool_kw["retries"] = False
        tokens: list[dict[str, Any]] = [
            {"access_token": vendor.token, "scope": ["offline_access"], "expires_in": 1800, "token_type": "Bearer"}
        ]
        client.oauth2_token_getter(lambda: tokens[-1])
        client.oauth2_token_saver(tokens.append)
        accounting = AccountingApi(client, base_url=f"{base}/api.xro/2.0")
        yield App(accounting, IdentityApi(client, base_url=base), base, tokens)
        client.rest_client.pool_manager.clear()


def contact(app: App, name: str, **more: Any) -> Any:
    from xero_python.accounting import Contact, Contacts

    made = app.accounting.create_contacts(TENANT, contacts=Contacts(contacts=[Contact(name=name, **more)]))
    return made.contacts[0]


def bill(app: App, who: Any, amount: str, number: str | None = None, **more: Any) -> Any:
    from xero_python.accounting import Contact, Invoice, Invoices, LineItem

    line = LineItem(description="seats", quantity=Decimal(1), unit_amount=Decimal(amount), account_code="200")
    made = Invoice(
        type="ACCREC",
        contact=Contact(contact_id=who.contact_id),
        line_items=[line],
        date=date(2026, 11, 19),
        due_date=date(2026, 12, 19),
        status="AUTHORISED",
        invoice_number=number,
        **more,
    )
    return app.accounting.create_invoices(TENANT, invoices=Invoices(invoices=[made]), unitdp=4).invoices[0]


def test_it_lists_the_connections_and_the_organisation(app: App) -> None:
    (found,) = app.identity.get_connections()
    assert (found.tenant_id, found.tenant_type) == (TENANT, "ORGANISATION")
    (organisation,) = app.accounting.get_organisations(TENANT).organisations
    assert (organisation.base_currency.value, organisation.is_demo_company) == ("USD", True)


def test_it_creates_reads_updates_and_archives_a_contact(app: App) -> None:
    from xero_python.accounting import Address, Contact, Contacts

    made = contact(app, "O'Brien & Sons", addresses=[Address(address_type="STREET", city="Bayshore")])
    again = app.accounting.get_contact(TENANT, made.contact_id).contacts[0]
    assert (again.name, again.addresses[0].city, again.contact_status) == ("O'Brien & Sons", "Bayshore", "ACTIVE")
    changed = Contacts(contacts=[Contact(contact_id=made.contact_id, email_address="a@b.example")])
    assert app.accounting.update_contact(TENANT, made.contact_id, changed).contacts[0].email_address == "a@b.example"
    gone = Contacts(contacts=[Contact(contact_id=made.contact_id, contact_status="ARCHIVED")])
    app.accounting.update_contact(TENANT, made.contact_id, gone)
    assert app.accounting.get_contacts(TENANT).contacts == []
    assert len(app.accounting.get_contacts(TENANT, include_archived=True).contacts) == 1


def test_it_pages_and_filters(app: App, vendor: XeroSandbox) -> None:
    made = [vendor.seed("Contact", {"Name": f"Contact {number}"})["ContactID"] for number in range(230)]
    pages = [app.accounting.get_contacts(TENANT, page=page, page_size=100) for page in (1, 2, 3)]
    assert [len(page.contacts) for page in pages] == [100, 100, 30]
    assert {each.contact_id for page in pages for each in page.contacts} == set(made)
    assert (pages[0].pagination.item_count, pages[0].pagination.page_count) == (230, 3)
    assert len(app.accounting.get_contacts(TENANT, page=1).contacts) == 100
    (found,) = app.accounting.get_contacts(TENANT, where='Name=="Contact 7"').contacts
    assert found.contact_id == made[7]
    assert len(app.accounting.get_contacts(TENANT, i_ds=made[:3]).contacts) == 3
    (searched,) = app.accounting.get_contacts(TENANT, search_term="contact 229").contacts
    assert searched.contact_id == made[229]


def test_it_hears_only_of_what_changed_since(app: App, clock: FakeClock) -> None:
    contact(app, "Acme")
    clock.advance(3600)
    since = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
    made = contact(app, "Beta")
    (found,) = app.accounting.get_contacts(TENANT, if_modified_since=since).contacts
    assert found.contact_id == made.contact_id


def test_it_bills_pays_deletes_the_payment_and_voids(app: App, vendor: XeroSandbox) -> None:
    from xero_python.accounting import Account, Invoice, Invoices, Payment, PaymentDelete, Payments

    who = contact(app, "Acme")
    made = bill(app, who, "0.1648", "S-1", reference="order 7")
    assert (made.invoice_number, made.line_items[0].unit_amount) == ("S-1", Decimal("0.1648"))
    made = bill(app, who, "100")
    assert (made.total, made.total_tax, made.amount_due) == (115, 15, 115)
    assert (made.date, made.due_date) == (date(2026, 11, 19), date(2026, 12, 19))
    payment = Payment(
        invoice=Invoice(invoice_id=made.invoice_id), account=Account(code="090"), date=date(2026, 11, 20),
        amount=Decimal(60),
    )  # fmt: skip
    paid = app.accounting.create_payments(TENANT, Payments(payments=[payment])).payments[0]
    assert app.accounting.get_invoice(TENANT, made.invoice_id).invoices[0].amount_due == 55
    app.accounting.delete_payment(TENANT, paid.payment_id, PaymentDelete(status="DELETED"))
    assert app.accounting.get_payment(TENANT, paid.payment_id).payments[0].status == "DELETED"
    voided = Invoices(invoices=[Invoice(invoice_id=made.invoice_id, status="VOIDED")])
    app.accounting.update_invoice(TENANT, made.invoice_id, voided)
    again = app.accounting.get_invoice(TENANT, made.invoice_id).invoices[0]
    assert (again.status, again.total, again.amount_due) == ("VOIDED", 115, 0)
    listed = app.accounting.get_invoices(TENANT, page=1, page_size=1000, statuses=["VOIDED"]).invoices
    assert [each.invoice_id for each in listed] == [made.invoice_id]


def test_a_line_without_its_id_is_made_anew_and_one_with_it_stays(app: App) -> None:
    from xero_python.accounting import Invoice, Invoices, LineItem

    made = bill(app, contact(app, "Acme"), "100")
    identity = made.line_items[0].line_item_id
    for kept in (identity, None):
        line = LineItem(line_item_id=kept, description="more", quantity=Decimal(1), unit_amount=Decimal(50),
                        account_code="200")  # fmt: skip
        body = Invoices(invoices=[Invoice(invoice_id=made.invoice_id, line_items=[line])])
        (found,) = app.accounting.update_invoice(TENANT, made.invoice_id, body).invoices[0].line_items
        assert (found.line_item_id == identity) is (kept is not None)


def test_it_reads_the_lists(app: App, vendor: XeroSandbox) -> None:
    vendor.seed("Item", {"Code": "HW-1", "Name": "Gateway", "SalesDetails": {"UnitPrice": "0.1648"}})
    assert "200" in {each.code for each in app.accounting.get_accounts(TENANT).accounts}
    assert "OUTPUT2" in {each.tax_type for each in app.accounting.get_tax_rates(TENANT).tax_rates}
    categories = app.accounting.get_tracking_categories(TENANT).tracking_categories
    assert {each.name: [option.name for option in each.options] for each in categories} == {
        "Region": ["North", "South"],
        "Project": ["P-1", "P-2"],
    }
    (item,) = app.accounting.get_items(TENANT, unitdp=4).items
    assert item.sales_details.unit_price == Decimal("0.1648")
    (rounded,) = app.accounting.get_items(TENANT).items
    assert rounded.sales_details.unit_price == Decimal("0.16")


def test_it_makes_credit_notes_bank_transactions_and_journals(app: App) -> None:
    from xero_python.accounting import (
        Account,
        BankTransaction,
        BankTransactions,
        Contact,
        CreditNote,
        CreditNotes,
        LineItem,
        ManualJournal,
        ManualJournalLine,
        ManualJournals,
    )

    who = Contact(contact_id=contact(app, "Acme").contact_id)
    line = LineItem(description="x", quantity=Decimal(1), unit_amount=Decimal(20), account_code="200")
    note = CreditNote(type="ACCRECCREDIT", contact=who, line_items=[line], date=date(2026, 11, 19), status="AUTHORISED")
    made = app.accounting.create_credit_notes(TENANT, CreditNotes(credit_notes=[note])).credit_notes[0]
    assert (made.credit_note_number, made.remaining_credit) == ("CN-0001", 23)
    spent = BankTransaction(type="RECEIVE", contact=who, line_items=[line], bank_account=Account(code="090"))
    stored = app.accounting.create_bank_transactions(TENANT, BankTransactions(bank_transactions=[spent]))
    assert stored.bank_transactions[0].total == 23
    lines = [ManualJournalLine(line_amount=amount, account_code=code) for amount, code in ((5, "404"), (-5, "880"))]
    journal = ManualJournal(narration="fees", journal_lines=lines)
    kept = app.accounting.create_manual_journals(TENANT, ManualJournals(manual_journals=[journal])).manual_journals[0]
    assert kept.status == "DRAFT"


def test_its_key_makes_one_record(app: App, vendor: XeroSandbox) -> None:
    from xero_python.accounting import Contact, Contacts

    for _ in range(2):
        body = Contacts(contacts=[Contact(name="Acme")])
        app.accounting.create_contacts(TENANT, contacts=body, idempotency_key="only-once")
    assert len(vendor.state()["Contact"]) == 1


def test_a_batch_with_bad_rows_tells_each_or_falls_as_a_whole(app: App, vendor: XeroSandbox) -> None:
    from xero_python.accounting import Contact, Contacts
    from xero_python.exceptions import AccountingBadRequestException

    contact(app, "Acme")
    body = Contacts(contacts=[Contact(name="Beta"), Contact(name="ACME"), Contact(name="Gamma")])
    with pytest.raises(AccountingBadRequestException) as refused:
        app.accounting.create_contacts(TENANT, contacts=body, summarize_errors=True)
    assert "must be unique across all active contacts" in refused.value.reason
    assert len(vendor.state()["Contact"]) == 1
    told = app.accounting.create_contacts(TENANT, contacts=body, summarize_errors=False).contacts
    assert [each.has_validation_errors for each in told] == [False, True, False]
    assert "already assigned" in told[1].validation_errors[0].message
    assert len(vendor.state()["Contact"]) == 3


def test_it_reads_refusals_as_what_they_are(app: App, vendor: XeroSandbox) -> None:
    from xero_python.exceptions import HTTPStatusException, NotFoundException, RateLimitException

    with pytest.raises(NotFoundException):
        app.accounting.get_contact(TENANT, "11111111-2222-3333-4444-555555555555")
    with pytest.raises(HTTPStatusException) as foreign:
        app.accounting.get_contacts("11111111-2222-3333-4444-555555555555")
    assert foreign.value.status == 403
    vendor.use_up_the_day()
    with pytest.raises(RateLimitException) as limited:
        app.accounting.get_contacts(TENANT)
    assert limited.value.rate_limit == "day"


def test_it_refreshes_its_token_and_goes_on(app: App, vendor: XeroSandbox, clock: FakeClock) -> None:
    import httpx

    answer = httpx.get(
        f"{app.base}/identity/connect/authorize",
        params={"client_id": vendor.oauth.app.id, "redirect_uri": vendor.oauth.app.redirects[0],
                "response_type": "code", "scope": "offline_access", "state": "s"},
        trust_env=False,
    )  # fmt: skip
    code = httpx.URL(answer.headers["location"]).params["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": vendor.oauth.app.redirects[0]}
    app_keys = (vendor.oauth.app.id, vendor.oauth.app.secret)
    first = httpx.post(f"{app.base}/connect/token", data=form, auth=app_keys, trust_env=False).json()
    app.tokens.append({**first, "scope": ["offline_access"], "expires_at": 0.0})
    assert len(app.accounting.get_accounts(TENANT).accounts) == 10
    assert app.tokens[-1]["refresh_token"] != first["refresh_token"]
    clock.advance(1801)
    app.tokens[-1]["expires_at"] = None
    from xero_python.exceptions import HTTPStatusException

    with pytest.raises(HTTPStatusException) as expired:
        app.accounting.get_accounts(TENANT)
    assert expired.value.status == 401
    assert "TokenExpired" in str(expired.value)
