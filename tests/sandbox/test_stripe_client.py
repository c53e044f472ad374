"""Stripe's own Python client against the sandbox, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.serve import Served
from syncctl.sandbox.stripe import StripeSandbox

stripe = pytest.importorskip("stripe")


@pytest.fixture
def vendor(clock: FakeClock) -> StripeSandbox:
    return StripeSandbox(clock, requests_per_second=None, endpoint_per_second=None)


@pytest.fixture
def url(vendor: StripeSandbox) -> Iterator[str]:
    with Served({"stripe": Sandbox(vendor)}) as urls:
        yield urls["stripe"]


def open_client(url: str, key: str) -> Any:
    return stripe.StripeClient(key, base_addresses={"api": url}, max_network_retries=0)


@pytest.fixture
def client(url: str, vendor: StripeSandbox) -> Any:
    return open_client(url, vendor.token).v1


def test_a_customer_is_made_read_changed_and_deleted(client: Any) -> None:
    made = client.customers.create(
        {"name": "Acme", "email": "a@acme.example", "address": {"city": "Oslo"}, "metadata": {"sku": "x", "crm": "7"}}
    )
    assert made.id.startswith("cus_")
    changed = client.customers.update(made.id, {"name": "Acme Ltd", "metadata": {"sku": ""}})
    assert changed.name == "Acme Ltd"
    read = client.customers.retrieve(made.id)
    assert read.metadata.to_dict() == {"crm": "7"}
    assert read.address.city == "Oslo"
    assert client.customers.delete(made.id).deleted
    assert client.customers.retrieve(made.id).deleted
    assert client.customers.list().data == []


def test_its_own_paging_reads_every_customer_once_in_both_directions(client: Any, vendor: StripeSandbox) -> None:
    made = [vendor.seed("customer", {"name": str(number)})["id"] for number in range(47)]
    newest_first = [found.id for found in client.customers.list({"limit": 10}).auto_paging_iter()]
    assert newest_first == made[::-1]
    page = client.customers.list({"limit": 5, "ending_before": made[0]})
    assert [found.id for found in page.data] == made[5:0:-1]
    assert page.has_more


def test_lists_filter_by_creation_time_and_by_what_the_endpoint_offers(client: Any, vendor: StripeSandbox) -> None:
    now = int(vendor.clock.now().timestamp())
    old = vendor.seed("customer", {"created": now - 900, "email": "old@acme.example"})["id"]
    new = vendor.seed("customer", {"created": now})["id"]
    assert [found.id for found in client.customers.list({"created": {"gte": now - 100}}).data] == [new]
    assert [found.id for found in client.customers.list({"created": {"lt": now}}).data] == [old]
    assert [found.id for found in client.customers.list({"email": "old@acme.example"}).data] == [old]


def test_an_invoice_goes_from_item_to_draft_to_paid_and_is_credited_and_refunded(client: Any) -> None:
    customer = client.customers.create({"name": "Acme"}).id
    rate = client.tax_rates.create({"display_name": "VAT", "percentage": "19", "inclusive": "false"}).id
    client.invoice_items.create(
        {"customer": customer, "amount": 1_000, "currency": "usd", "description": "Setup", "tax_rates": [rate]}
    )
    draft = client.invoices.create({"customer": customer, "pending_invoice_items_behavior": "include"})
    assert (draft.status, draft.number, draft.total) == ("draft", None, 1_190)
    opened = client.invoices.finalize_invoice(draft.id)
    assert (opened.status, opened.amount_remaining) == ("open", 1_190)
    assert opened.number.endswith("-0001")
    paid = client.invoices.pay(draft.id)
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 1_190, 0)
    [payment] = client.invoice_payments.list({"invoice": draft.id, "status": "paid"}).data
    [charge] = client.charges.list({"payment_intent": payment.payment.payment_intent}).data
    transaction = client.balance_transactions.retrieve(charge.balance_transaction)
    assert (transaction.amount, transaction.fee, transaction.net) == (1_190, 65, 1_125)
    note = client.credit_notes.create(
        {"invoice": draft.id, "refund_amount": 500, "lines": [{"type": "custom_line_item", "unit_amount": 500}]}
    )
    assert (note.type, note.post_payment_amount, note.number[-6:]) == ("post_payment", 500, "-CN-01")
    assert client.charges.retrieve(charge.id).amount_refunded == 500
    [refund] = client.refunds.list({"charge": charge.id}).data
    assert note.refunds[0].refund == refund.id


def test_a_price_a_product_and_a_voided_invoice(client: Any) -> None:
    product = client.products.create({"name": "Plan", "default_price_data": {"currency": "eur", "unit_amount": 2_500}})
    price = client.prices.retrieve(product.default_price)
    assert (price.unit_amount, price.currency, price.product) == (2_500, "eur", product.id)
    client.prices.update(price.id, {"active": "false"})
    assert client.prices.list().data == []
    assert [found.id for found in client.prices.list({"active": "false"}).data] == [price.id]
    customer = client.customers.create({"name": "Acme"}).id
    draft = client.invoices.create({"customer": customer, "currency": "eur"})
    client.invoice_items.create(
        {"customer": customer, "invoice": draft.id, "pricing": {"price": price.id}, "quantity": "3"}
    )
    assert client.invoices.finalize_invoice(draft.id).total == 7_500
    assert client.invoices.void_invoice(draft.id).status == "void"


def test_expansion_puts_the_record_where_its_id_was(client: Any, vendor: StripeSandbox) -> None:
    customer = vendor.seed("customer", {"name": "Acme"})["id"]
    charge = vendor.seed("charge", {"amount": 1_000, "customer": customer})["id"]
    vendor.seed("refund", {"charge": charge, "amount": 100})
    read = client.charges.retrieve(
        charge, {"expand": ["balance_transaction", "customer", "refunds.data.balance_transaction"]}
    )
    assert read.balance_transaction.net == 941
    assert read.customer.name == "Acme"
    assert read.refunds.data[0].balance_transaction.amount == -100
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.charges.retrieve(charge, {"expand": ["amount"]})
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        client.charges.list({"expand": ["data.customer.a.b.c"]})


def test_events_tell_of_changes_for_thirty_days(client: Any, vendor: StripeSandbox, clock: FakeClock) -> None:
    customer = client.customers.create({"name": "Acme"}).id
    client.customers.update(customer, {"name": "Acme Ltd"})
    page = client.events.list({"types": ["customer.updated", "customer.deleted"]})
    assert [event.type for event in page.data] == ["customer.updated"]
    assert page.data[0].data.previous_attributes["name"] == "Acme"
    assert [event.type for event in client.events.list({"type": "customer.*"}).data] == [
        "customer.updated",
        "customer.created",
    ]
    clock.advance(31 * 86_400)
    assert client.events.list().data == []


def test_search_lags_behind(client: Any, clock: FakeClock) -> None:
    made = client.customers.create({"name": "Acme", "email": "a@acme.example", "metadata": {"sku": "x1"}}).id
    query = "email:'a@acme.example' AND metadata['sku']:'x1'"
    assert client.customers.search({"query": query}).data == []
    clock.advance(61)
    assert [found.id for found in client.customers.search({"query": query}).data] == [made]
    with pytest.raises(stripe.InvalidRequestError, match="unable to parse"):
        client.customers.search({"query": "email=a"})


def test_refusals_reach_the_client_as_its_own_errors(client: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        client.customers.create({"nme": "Acme"})
    assert (unknown.value.code, unknown.value.param) == ("parameter_unknown", "nme")
    with pytest.raises(stripe.InvalidRequestError) as absent:
        client.invoices.retrieve("in_never")
    assert (absent.value.code, absent.value.http_status) == ("resource_missing", 404)
    with pytest.raises(stripe.CardError) as declined:
        client.payment_intents.create(
            {"amount": 100, "currency": "usd", "confirm": "true", "payment_method": "pm_card_chargeDeclined"}
        )
    assert declined.value.code == "card_declined"


def test_a_wrong_key_and_a_restricted_key_are_told_apart(url: str, vendor: StripeSandbox) -> None:
    vendor.restricted = {"rk_test_restricted01": {"customer": "read"}}
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        open_client(url, "sk_test_wrong").v1.customers.list()
    restricted = open_client(url, "rk_test_restricted01").v1
    assert restricted.customers.list().data == []
    with pytest.raises(stripe.PermissionError, match="rak_customer_write"):
        restricted.customers.create({"name": "Acme"})


def test_its_idempotency_key_makes_one_customer(client: Any, vendor: StripeSandbox) -> None:
    first = client.customers.create({"name": "Acme"}, {"idempotency_key": "once"})
    again = client.customers.create({"name": "Acme"}, {"idempotency_key": "once"})
    assert first.id == again.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(vendor.state()["customer"]) == 1
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        client.customers.create({"name": "Other"}, {"idempotency_key": "once"})


def test_the_client_asks_in_the_version_that_the_connector_pins(client: Any) -> None:
    from syncctl.connectors.stripe.card import API_VERSION

    made = client.customers.create({"name": "Acme"})
    assert made.last_response.headers["stripe-version"] == API_VERSION
