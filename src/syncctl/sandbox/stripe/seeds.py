"""Records made outside the API: like creates, but what the vendor owns may be given. No I/O.

Beyond the vendor's own keys a seed takes a few short cuts, none of which is stored:
  charge   invoice: the invoice it pays · transaction: {…} what differs in its balance transaction (fee, amount, …)
  refund   transaction: {…}
  payout   transactions: [balance transaction ids] that it pays out
  balance_transaction   payout: the payout that pays it out
  invoice, credit_note   lines: a plain list of lines · a line takes tax_rates: [ids]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

from syncctl.sandbox.stripe import credit_notes, customers, invoices, money_shapes, payments, shapes
from syncctl.sandbox.stripe.balance import pay_out, settle
from syncctl.sandbox.stripe.catalog import unit_amounts
from syncctl.sandbox.stripe.changes import create, emit
from syncctl.sandbox.stripe.store import Store, Thing
from syncctl.sandbox.stripe.totals import due, tax_line, total

_FREE: Final = frozenset({"metadata", "payment_method_details", "fraud_details", "outcome", "trace_id", "shipping"})
"""Objects whose keys are not checked."""
_OPTIONAL: Final = frozenset({"amount_paid_off_stripe", "business_name", "individual_name", "failure_reason"})
"""Keys that a record has only when there is something to say."""


def seed(store: Store, kind: str, body: Mapping[str, Any]) -> Thing:
    """Stores one record. Raises ValueError for a kind or key that there is not."""
    maker = _MAKERS.get(kind)
    if maker is None:
        raise ValueError(f"no kind {kind!r}; there are {', '.join(_MAKERS)}")
    given = deepcopy(dict(body))
    given.pop("object", None)
    return maker(store, given)


def overlay(thing: Thing, given: Mapping[str, Any], where: str = "") -> Thing:
    """The record with these values, objects part by part. Raises ValueError for a key the record does not have."""
    for name, value in given.items():
        held = thing.get(name)
        if name not in thing and name not in _OPTIONAL:
            raise ValueError(f"there is no {where}{name}")
        if isinstance(held, dict) and isinstance(value, Mapping) and name not in _FREE:
            overlay(held, value, f"{where}{name}.")
        else:
            thing[name] = value
    return thing


def _made(store: Store, kind: str, given: Thing, shape: Callable[[str, int], Thing]) -> Thing:
    identity = given.pop("id", None) or store.new_id(kind)
    if identity in store.things[kind]:
        raise ValueError(f"there is already a {kind} {identity}")
    return shape(identity, given.pop("created", store.now()))


def _customer(store: Store, given: Thing) -> Thing:
    fresh = customers.new(store)
    customer = _made(store, "customer", given, lambda identity, made: fresh | {"id": identity, "created": made})
    for name in ("address", "shipping"):
        if given.get(name) is not None:
            customer[name] = given.pop(name)
    customer["address"] = shapes.address(customer["address"])
    return create(store, overlay(customer, given))


def _product(store: Store, given: Thing) -> Thing:
    product = _made(store, "product", given, shapes.product)
    return create(store, overlay(product, {"updated": product["created"], **given}))


def _price(store: Store, given: Thing) -> Thing:
    price = _made(store, "price", given, shapes.price)
    recurring = given.get("recurring")
    overlay(price, {**given, **unit_amounts(given), "type": "recurring" if recurring else "one_time"})
    return create(store, price)


def _tax_rate(store: Store, given: Thing) -> Thing:
    return create(store, overlay(_made(store, "tax_rate", given, money_shapes.tax_rate), given))


def _intent(store: Store, given: Thing) -> Thing:
    return create(store, overlay(_made(store, "payment_intent", given, money_shapes.payment_intent), given))


def _item(store: Store, given: Thing) -> Thing:
    given.setdefault("created", given.pop("date", store.now()))
    return create(store, overlay(_made(store, "invoiceitem", given, shapes.invoice_item), given))


def _rows(given: Thing) -> list[Thing]:
    lines = given.pop("lines", [])
    found = lines.get("data", []) if isinstance(lines, Mapping) else lines
    return [dict(row) for row in found]


def _invoice(store: Store, given: Thing) -> Thing:
    customer = store.things["customer"].get(given.get("customer", ""))
    if customer is None:
        raise ValueError(f"an invoice needs a customer that exists, not {given.get('customer')!r}")
    invoice = _made(store, "invoice", given, shapes.invoice)
    invoice |= {"account_name": store.account_name, "customer": customer["id"], **invoices.copied(customer)}
    invoice["currency"] = given.get("currency") or customer["currency"] or "usd"
    invoice["lines"]["data"] = [_line(store, invoice, row) for row in _rows(given)]
    status = given.pop("status", "draft")
    overlay(invoice, {name: given.pop(name) for name in list(given) if name in _BEFORE_TOTALS})
    invoice |= total(invoice) if invoice["lines"]["data"] else {}
    overlay(invoice, {name: given[name] for name in ("total", "subtotal") if name in given})
    invoice |= due(invoice)
    kinds = _advanced(store, invoice, status)
    overlay(invoice, given)
    return create(store, invoice, kinds)


_BEFORE_TOTALS: Final = frozenset(
    {"amount_paid", "amount_shipping", "number", "starting_balance", "pre_payment_credit_notes_amount"}
)


def _advanced(store: Store, invoice: Thing, status: str) -> list[str]:
    """Brings a draft to a status; answers the events on the way."""
    if status == "draft":
        return ["invoice.created"]
    invoices.numbered(store, invoice, invoice["created"])
    invoice["status"] = status
    times = invoice["status_transitions"]
    if status == "paid":
        paid_before = invoice["amount_paid"]
        invoice |= {"amount_paid": invoice["amount_due"], "amount_remaining": 0}
        if invoice["amount_due"] != paid_before:
            invoice["amount_paid_off_stripe"] = invoice["amount_due"] - paid_before
        times["paid_at"] = invoice["created"]
        return ["invoice.created", "invoice.finalized", "invoice.paid"]
    if status == "void":
        times["voided_at"] = invoice["created"]
        return ["invoice.created", "invoice.finalized", "invoice.voided"]
    if status == "uncollectible":
        times["marked_uncollectible_at"] = invoice["created"]
        return ["invoice.created", "invoice.finalized", "invoice.marked_uncollectible"]
    if status != "open":
        raise ValueError(f"an invoice is never {status!r}")
    return ["invoice.created", "invoice.finalized"]


def _line(store: Store, invoice: Thing, given: Thing) -> Thing:
    rates = given.pop("tax_rates", [])
    price = store.things["price"].get(given.pop("price", "") or "")
    line = shapes.line(given.pop("id", None) or store.new_id("line_item"), invoice["id"], invoice["created"])
    line["currency"] = invoice["currency"]
    if price is not None:
        quantity = given.get("quantity", 1)
        given.setdefault("amount", (price["unit_amount"] or 0) * quantity)
        given.setdefault("pricing", _pricing(price["unit_amount_decimal"], price))
    quantity = given.get("quantity", 1) or 1
    given.setdefault("pricing", _pricing(f"{given.get('amount', 0) / quantity:g}", None))
    overlay(line, {"quantity_decimal": str(quantity), "subtotal": given.get("amount", 0), **given})
    if rates:
        tax_line(store, line, rates)
    return line


def _pricing(unit: str, price: Thing | None) -> Thing:
    details = {"price": price["id"], "product": price["product"]} if price else None
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": unit}


def _credit_note(store: Store, given: Thing) -> Thing:
    invoice = store.things["invoice"].get(given.get("invoice", ""))
    if invoice is None:
        raise ValueError(f"a credit note needs an invoice that exists, not {given.get('invoice')!r}")
    note = _made(store, "credit_note", given, shapes.credit_note)
    whole = given.get("total", 0)
    rows = _rows(given) or [{"amount": whole, "quantity": 1, "unit_amount": whole}]
    credit_notes.with_rows(
        note, [overlay(shapes.credit_line(store.new_id("credit_note_line_item")), row) for row in rows]
    )
    before = given.pop("pre_payment_amount", min(note["total"], invoice["amount_remaining"]))
    credit_notes.split_into(note, before, note["total"] - before)
    return credit_notes.keep_credit_note(store, overlay(note, given), invoice)


def _charge(store: Store, given: Thing) -> Thing:
    transaction, pays = given.pop("transaction", {}), given.pop("invoice", None)
    charge = _made(store, "charge", given, money_shapes.charge)
    link = f"https://pay.stripe.com/receipts/payment/{charge['id'].removeprefix('ch_')}"
    overlay(charge, {"receipt_url": link, **given})
    if pays is not None:
        _pay(store, store.things["invoice"][pays], charge)
    elif charge["payment_intent"] is None:
        charge["payment_intent"] = _intent_of(store, charge)["id"]
    if charge["balance_transaction"] is not None:
        return create(store, charge, [f"charge.{charge['status']}"])
    return payments.keep_charge(store, charge, **transaction)


def _intent_of(store: Store, charge: Thing) -> Thing:
    intent = money_shapes.payment_intent(store.new_id("payment_intent"), charge["created"])
    same = {name: charge[name] for name in ("amount", "currency", "customer", "description")}
    done = charge["status"] == "succeeded"
    status = "succeeded" if done else "requires_payment_method"
    return create(store, intent | same | {"status": status, "latest_charge": charge["id"]})


def _pay(store: Store, invoice: Thing, charge: Thing) -> None:
    """A charge that pays an invoice: its payment intent, the invoice payment, and what is left to pay."""
    charge |= {"customer": charge["customer"] or invoice["customer"], "currency": invoice["currency"]}
    payment = invoices.open_payment(store, invoice)
    if payment is None:
        payment = money_shapes.invoice_payment(store.new_id("invoice_payment"), charge["created"])
        payment |= {"amount_requested": charge["amount"], "currency": invoice["currency"], "invoice": invoice["id"]}
        intent = store.things["payment_intent"].get(charge["payment_intent"] or "") or _intent_of(store, charge)
        payment["payment"]["payment_intent"] = intent["id"]
        store.add("invoice_payment", payment)
    charge["payment_intent"] = payment["payment"]["payment_intent"]
    if charge["status"] != "succeeded":
        return
    outside = invoice.pop("amount_paid_off_stripe", None) or 0
    amount = min(charge["amount"], invoice["amount_remaining"] + outside)
    if outside > amount:
        invoice["amount_paid_off_stripe"] = outside - amount
    invoice["amount_paid"] += max(0, amount - outside)
    invoice["amount_remaining"] -= max(0, amount - outside)
    invoices.paid(store, payment, amount, charge["created"])
    if invoice["status"] == "open" and invoice["amount_remaining"] == 0:
        invoices.settled(store, invoice, charge["created"])
    else:
        emit(store, "invoice.updated", invoice)


def _refund(store: Store, given: Thing) -> Thing:
    charge = store.things["charge"].get(given.get("charge", ""))
    if charge is None:
        raise ValueError(f"a refund needs a charge that exists, not {given.get('charge')!r}")
    transaction = given.pop("transaction", {})
    refund = _made(store, "refund", given, money_shapes.refund)
    left = charge["amount_captured"] - charge["amount_refunded"]
    return payments.keep_refund(store, overlay(refund, {"amount": left, **given}), charge, **transaction)


def _invoice_payment(store: Store, given: Thing) -> Thing:
    payment = overlay(_made(store, "invoice_payment", given, money_shapes.invoice_payment), given)
    store.add("invoice_payment", payment)
    if payment["status"] == "paid":
        emit(store, "invoice_payment.paid", payment)
    return payment


def _payout(store: Store, given: Thing) -> Thing:
    listed = given.pop("transactions", [])
    payout = _made(store, "payout", given, money_shapes.payout)
    if listed:
        done = {"status": "paid", "reconciliation_status": "completed"}
        overlay(payout, done)
    return pay_out(store, overlay(payout, given), listed)


def _balance_transaction(store: Store, given: Thing) -> Thing:
    payout = given.pop("payout", None)
    transaction = _made(store, "balance_transaction", given, money_shapes.balance_transaction)
    transaction["available_on"] = store.day(transaction["created"], 0 if given.get("status") == "available" else 2)
    settle(store, overlay(transaction, given))
    if payout is not None:
        store.paid_out.setdefault(payout, []).append(transaction["id"])
    return overlay(transaction, {name: given[name] for name in ("net", "fee_details") if name in given})


_MAKERS: Final[dict[str, Callable[[Store, Thing], Thing]]] = {
    "balance_transaction": _balance_transaction,
    "charge": _charge,
    "credit_note": _credit_note,
    "customer": _customer,
    "invoice": _invoice,
    "invoice_payment": _invoice_payment,
    "invoiceitem": _item,
    "payment_intent": _intent,
    "payout": _payout,
    "price": _price,
    "product": _product,
    "refund": _refund,
    "tax_rate": _tax_rate,
}
