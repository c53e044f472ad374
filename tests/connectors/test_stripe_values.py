"""Stripe's values: exact money, honest states, and a schema that every mapping can rely on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from stripe_wired import Wired, decoded, raws, wired

from syncctl.connectors.stripe import shape_problems
from syncctl.connectors.stripe.states import state_of
from syncctl.fields.builtin import CODECS
from syncctl.fields.codecs import decode, encode
from syncctl.fields.currency import currency_of
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Change, Edit, Money, Outcome, Ref
from syncctl.paths import parse_path, read
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def wire(clock: FakeClock) -> Wired:
    return wired(clock)


def schema(wire: Wired, kind: str) -> Any:
    return next(found for found in wire.stripe.describe() if found.kind == kind)


def value(wire: Wired, kind: str, raw: dict[str, Any], path: str) -> Any:
    found = schema(wire, kind).find(path)
    values = [decode(found.codec, each, currency_of(raw, found)) for each in read(raw, parse_path(found.place))]
    return values[0] if len(values) == 1 else values


@pytest.mark.parametrize(
    ("currency", "minor", "amount"),
    [
        ("jpy", 500, "500"),
        ("kwd", 1_234, "1.234"),
        ("usd", 1_999, "19.99"),
        ("isk", 150_000, "1500.00"),
        ("ugx", 500_000, "5000.00"),
        ("huf", 123_400, "1234.00"),
        ("mga", 500, "500"),
    ],
)
def test_a21_c29_minor_units_follow_stripes_own_table(wire: Wired, currency: str, minor: int, amount: str) -> None:
    made = wire.vendor.seed("charge", {"amount": minor, "currency": currency})
    [raw] = raws(wire.pull("charge")).values()
    assert raw["id"] == made["id"]
    assert value(wire, "charge", raw, "amount") == Money(Decimal(amount), currency.upper())


def test_amounts_with_an_unresolved_number_of_decimals_are_read_and_never_written() -> None:
    assert decode("money.minor.stripe", 1_234, "KWD") == Money(Decimal("1.234"), "KWD")
    with pytest.raises(Undecodable, match="KWD are read only"):
        encode("money.minor.stripe", Money(Decimal("1.234"), "KWD"), "KWD")


def test_a20_no_number_passes_through_a_float(wire: Wired) -> None:
    product = wire.vendor.seed("product", {"name": "Gas"})["id"]
    wire.vendor.seed("price", {"product": product, "unit_amount_decimal": "0.164800000001"})
    [raw] = raws(wire.pull("price")).values()
    assert value(wire, "price", raw, "unit_amount_decimal") == Money(Decimal("0.00164800000001"), "USD")
    wire.vendor.seed("charge", {"amount": 30, "transaction": {"exchange_rate": Decimal("1.1")}})
    [raw] = raws(wire.pull("balance_transaction")).values()
    rate = value(wire, "balance_transaction", raw, "exchange_rate")
    assert (rate, type(rate)) == (Decimal("1.1"), Decimal)


def test_days_stay_the_day_stripe_names_and_instants_stay_instants(wire: Wired) -> None:
    arrival = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp())
    wire.vendor.seed("payout", {"amount": 100, "arrival_date": arrival, "created": arrival - 3600})
    [raw] = raws(wire.pull("payout")).values()
    assert value(wire, "payout", raw, "arrival_date") == date(2026, 11, 24)
    assert value(wire, "payout", raw, "created") == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


def test_a_day_is_encoded_as_its_midnight_in_utc() -> None:
    assert encode("date.epoch", date(2026, 11, 24)) == int(datetime(2026, 11, 24, tzinfo=UTC).timestamp())


def test_a_part_payment_leaves_the_rest_open(wire: Wired) -> None:
    first, _ = _two_invoices(wire)
    intent = wire.vendor.seed("charge", {"invoice": first, "amount": 4_000})["payment_intent"]
    raw = raws(wire.pull("invoice"))[first]
    assert value(wire, "invoice", raw, "amount_remaining") == Money(Decimal(60), "USD")
    assert wire.stripe.state("invoice", raw) == "part_paid"
    assert _applied(wire) == {(first, intent): Decimal(40)}


def test_a38_an_overpayment_stays_with_its_charge_and_goes_to_no_other_invoice(wire: Wired) -> None:
    first, second = _two_invoices(wire)
    charge = wire.vendor.seed("charge", {"invoice": first, "amount": 12_000})
    invoices, [paid] = raws(wire.pull("invoice")), raws(wire.pull("charge")).values()
    assert _applied(wire) == {(first, charge["payment_intent"]): Decimal(100)}
    assert value(wire, "charge", paid, "amount_captured") == Money(Decimal(120), "USD")
    assert [wire.stripe.state("invoice", invoices[each]) for each in (first, second)] == ["paid", "open"]


def _two_invoices(wire: Wired) -> tuple[str, str]:
    customer = wire.vendor.seed("customer", {"name": "Acme"})["id"]
    body = {"customer": customer, "status": "open", "lines": [{"description": "Work", "amount": 10_000}]}
    return wire.vendor.seed("invoice", body)["id"], wire.vendor.seed("invoice", body)["id"]


def _applied(wire: Wired) -> dict[tuple[str, str], Decimal]:
    """(invoice, payment intent) -> what of the money went there."""
    return {
        (raw["invoice"], raw["payment"]["payment_intent"]): value(wire, "invoice_payment", raw, "amount_paid").amount
        for raw in raws(wire.pull("invoice_payment")).values()
    }


@pytest.mark.parametrize(
    ("kind", "raw", "state"),
    [
        ("invoice", {"status": "draft"}, "draft"),
        ("invoice", {"status": "open", "amount_paid": 0}, "open"),
        ("invoice", {"status": "open", "amount_paid": 1}, "part_paid"),
        ("invoice", {"status": "paid", "amount_paid": 1}, "paid"),
        ("invoice", {"status": "void", "amount_paid": 0}, "void"),
        ("invoice", {"status": "uncollectible", "amount_paid": 0}, "open"),
        ("customer", {"id": "cus_1"}, "open"),
        ("customer", {"id": "cus_1", "deleted": True}, "deleted"),
        ("charge", {"status": "succeeded", "captured": True}, "paid"),
        ("charge", {"status": "succeeded", "captured": False}, "open"),
        ("charge", {"status": "succeeded", "captured": False, "refunded": True}, "void"),
        ("charge", {"status": "failed", "captured": False}, "void"),
        ("charge", {"status": "pending", "captured": True}, "open"),
        ("refund", {"status": "succeeded"}, "paid"),
        ("refund", {"status": "requires_action"}, "open"),
        ("refund", {"status": "canceled"}, "void"),
        ("credit_note", {"status": "issued"}, "open"),
        ("credit_note", {"status": "void"}, "void"),
        ("payout", {"status": "in_transit"}, "open"),
        ("payout", {"status": "paid"}, "paid"),
        ("payout", {"status": "failed"}, "void"),
        ("invoice_payment", {"status": "canceled"}, "void"),
        ("balance_transaction", {"status": "available"}, "paid"),
        ("product", {"active": False}, "archived"),
        ("price", {"active": True}, "open"),
    ],
)
def test_states_are_told_in_the_one_vocabulary(kind: str, raw: dict[str, Any], state: str) -> None:
    assert state_of(kind, raw) == state


def test_every_field_has_a_codec_and_every_reference_a_kind_that_is_pulled(wire: Wired) -> None:
    for found in wire.stripe.describe():
        assert found.kind in wire.stripe.card.kinds
        for field in found.fields.values():
            assert field.codec in CODECS, field
            assert field.target in ("", *wire.stripe.card.kinds), field
            assert not field.currency or found.find(field.currency) is not None, field
        for path in filter(None, (*found.name, found.identity, found.dated, found.amount, found.marker)):
            assert _exists(wire, found.kind, path), path


def _exists(wire: Wired, kind: str, path: str) -> bool:
    """True when every field on the way through references is published."""
    first, arrow, rest = path.partition("->")
    found = schema(wire, kind).find(first)
    return found is not None and (not arrow or _exists(wire, found.target, rest))


def test_only_customers_are_created_and_only_metadata_of_the_rest_is_written(wire: Wired) -> None:
    for found in wire.stripe.describe():
        writable = {field.path for field in found.fields.values() if field.writable != "never"}
        if found.kind == "customer":
            assert found.actions == {Action.CREATE, Action.UPDATE}
        elif found.kind in ("invoice_payment", "balance_transaction"):
            assert (found.actions, writable) == (frozenset(), set())
            assert found.note
        else:
            assert (found.actions, writable) == (frozenset({Action.UPDATE}), {"metadata.*"})


def test_reverse_fields_name_places_that_exist(wire: Wired) -> None:
    schemas = {found.kind: found for found in wire.stripe.describe()}
    reverse = {
        (kind, field.path): field.reverse
        for kind, found in schemas.items()
        for field in found.fields.values()
        if field.reverse
    }
    assert reverse["charge", "invoice_payments"] == ("invoice_payment", "payment.payment_intent", "payment_intent")
    assert reverse["invoice", "payments"] == ("invoice_payment", "invoice", "id")
    for (kind, path), (other, there, here) in reverse.items():
        assert schemas[other].find(there) is not None
        assert schemas[kind].find(here) is not None
        assert any(name.startswith(f"{path}.") for name in schemas[kind].fields)


USED = {
    "customer": "metadata.quickbooks_id email name address.postal_code phone currency address.line1 tax_exempt id",
    "invoice": "metadata.po_number number customer total effective_at status_transitions.finalized_at due_date"
    " customer_email currency total_taxes.amount amount_remaining amount_shipping total_discount_amounts"
    " total_discount_amounts.amount lines.data lines.data.description lines.data.amount lines.data.quantity"
    " lines.data.pricing.unit_amount_decimal lines.data.period.start lines.data.pricing.price_details.product"
    " lines.data.taxes lines.data.parent.subscription_item_details.proration hosted_invoice_url created status"
    " lines.data.discount_amounts.amount lines.data.taxes.amount lines.data.taxes.tax_behavior"
    " lines.data.taxes.tax_rate_details.tax_rate",
    "charge": "status captured customer amount_captured created currency balance_transaction invoice_payments"
    " payment_method_details.type invoice_payments.status invoice_payments.invoice invoice_payments.amount_paid",
    "refund": "status charge created currency amount reason",
    "credit_note": "status pre_payment_amount number effective_at customer currency memo total_taxes.amount total"
    " lines.data.description lines.data.amount lines.data.discount_amount invoice",
    "payout": "status reconciliation_status amount arrival_date destination currency transactions transactions.amount"
    " transactions.fee transactions.reporting_category transactions.source transactions.description",
    "balance_transaction": "reporting_category status available_on currency net amount fee exchange_rate source",
    "product": "metadata.sku name default_price",
    "price": "unit_amount product",
}


@pytest.mark.parametrize("kind", USED)
def test_every_field_that_the_worked_mappings_name_is_published(wire: Wired, kind: str) -> None:
    found = schema(wire, kind)
    assert [path for path in USED[kind].split() if found.find(path) is None] == []


WRITABLE: dict[str, tuple[Any, Any]] = {
    "name": ("Zoë & Søn “GmbH”", "Acme"),
    "email": ("zoe+billing@example.com", "a@b.example"),
    "phone": ("+1 415 555 0100", "1"),
    "description": ("=1+1\n\tüñí 💶", "x"),
    "address.line1": ("1 Main St", "2"),
    "address.line2": ("Suite [5]", "6"),
    "address.city": ("São Paulo", "Leeds"),
    "address.state": ("SP", "NY"),
    "address.postal_code": ("01310-100", "090"),
    "address.country": ("BR", "US"),
    "shipping.name": ("Receiving", "Back door"),
    "shipping.phone": ("555", "556"),
    "shipping.address.line1": ("Dock 9", "Dock 10"),
    "shipping.address.line2": ("rear", "front"),
    "shipping.address.city": ("Oslo", "Bergen"),
    "shipping.address.state": ("N/A", "NO"),
    "shipping.address.postal_code": ("0150", "0151"),
    "shipping.address.country": ("NO", "SE"),
    "tax_exempt": ("reverse", "none"),
    "preferred_locales": (("pt-BR", "en"), ("de",)),
    "metadata.quickbooks_id": ("145", "146"),
}


def test_every_writable_field_comes_back_as_it_was_written(wire: Wired) -> None:
    found = schema(wire, "customer")
    writable = {field.path for field in found.fields.values() if field.writable != "never"} - {"metadata.*"}
    assert writable | {"metadata.quickbooks_id"} == set(WRITABLE)
    identity = ""
    for number, (action, place) in enumerate([(Action.CREATE, 0), (Action.UPDATE, 1), (Action.UPDATE, 0)]):
        identity = _write(wire, found, action, identity, place, f"op-{number}")
        [record] = wire.stripe.find("customer", "id", [identity])
        for path, values in WRITABLE.items():
            assert _decoded(found, decoded(record), path) == values[place], path


def _write(wire: Wired, found: Any, action: Action, identity: str, place: int, row: str) -> str:
    edits = [Edit(path, None, _encoded(found, path, values[place])) for path, values in WRITABLE.items()]
    target = Ref("stripe", "customer", identity or "new-1")
    change = Change("intent", "contacts", action, target, None, "Acme", tuple(edits))
    current = wire.stripe.find("customer", "id", [identity])[0] if identity else None
    [receipt] = wire.stripe.send(wire.stripe.prepare([change], [current], f"key-{row}", [row]))
    assert receipt.outcome is Outcome.APPLIED, receipt
    assert receipt.ref is not None
    return receipt.ref.id


def _encoded(found: Any, path: str, given: Any) -> Any:
    codec = found.find(path).codec
    return [encode(codec, each) for each in given] if isinstance(given, tuple) else encode(codec, given)


def _decoded(found: Any, raw: dict[str, Any], path: str) -> Any:
    field = found.find(path)
    values = tuple(decode(field.codec, each) for each in read(raw, parse_path(field.place)))
    return values if field.many else values[0]


def test_an_older_shape_is_told_field_by_field_with_where_the_value_is_now() -> None:
    old = {"id": "in_1", "paid": True, "charge": None, "lines": {"data": [{"price": {}, "tax_amounts": []}]}}
    assert [str(problem) for problem in shape_problems("invoice", old)] == [
        "invoice:in_1: charge belongs to an older API version (it is now payments (the kind invoice_payment))",
        "invoice:in_1: paid belongs to an older API version (it is now status)",
        "invoice:in_1: lines.data.0.price belongs to an older API version (it is now pricing.price_details.price)",
        "invoice:in_1: lines.data.0.tax_amounts belongs to an older API version (it is now taxes)",
    ]
    assert shape_problems("charge", {"id": "ch_1", "invoice": "in_1"})[0].hint.startswith("it is now invoice_payments")
    assert shape_problems("invoice", {"id": "in_1", "subscription": None}) == ()


def test_a_connected_account_is_named_in_every_request(clock: FakeClock) -> None:
    wire = wired(clock, options={"account": "acct_1Connected"})
    wire.pull("customer")
    assert wire.sandbox.seen[0].headers["stripe-account"] == "acct_1Connected"
    assert wire.sandbox.seen[0].headers["stripe-version"] == "2026-10-28.endive"
