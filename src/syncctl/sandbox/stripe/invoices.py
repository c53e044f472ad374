"""Invoices: drafts, finalising, paying, voiding. No I/O."""

from __future__ import annotations

from typing import Any, Final

from syncctl.sandbox.stripe import money_shapes, shapes
from syncctl.sandbox.stripe.changes import changed, create, delete, emit, put, update
from syncctl.sandbox.stripe.invoice_items import attach
from syncctl.sandbox.stripe.payments import charge_for
from syncctl.sandbox.stripe.refusals import Refusal, not_now
from syncctl.sandbox.stripe.store import Store, Thing

_CLEARED: Final[Thing] = {"default_tax_rates": [], "discounts": []}
_DRAFT_ONLY: Final = frozenset(
    {"collection_method", "days_until_due", "default_tax_rates", "due_date", "effective_at", "number"}
)
"""Frozen once finalised, as far as the vendor says so: what is worth money, and collection_method."""
_OWN: Final = ("pending_invoice_items_behavior", "days_until_due", "default_tax_rates")


def draft_for(store: Store, customer: Thing) -> Thing:
    """An empty draft that carries the customer's data."""
    invoice = shapes.invoice(store.new_id("invoice"), store.now())
    return invoice | {
        "account_name": store.account_name,
        "currency": customer["currency"] or "usd",
        "customer": customer["id"],
        **copied(customer),
    }


def copied(customer: Thing) -> Thing:
    """What an invoice takes over from its customer until it is finalised."""
    names = ("address", "email", "name", "phone", "shipping", "tax_exempt")
    return {f"customer_{name}": customer[name] for name in names}


def create_invoice(store: Store, given: dict[str, Any]) -> Thing:
    if not given.get("customer"):
        raise Refusal("You must provide one of: customer, customer_account", param="customer")
    customer = store.get("customer", given["customer"], param="customer", in_path=False)
    _check_due(given, given.get("collection_method", "charge_automatically"))
    invoice = draft_for(store, customer)
    values = changed(invoice, {name: value for name, value in given.items() if name not in _OWN}, _CLEARED)
    put(invoice, {**values, **_computed(store, given)})
    create(store, invoice)
    if given.get("pending_invoice_items_behavior") == "include":
        attach(store, invoice, _pending(store, customer["id"], invoice["currency"]))
    return invoice


def _check_due(given: dict[str, Any], method: str) -> None:
    for name in ("days_until_due", "due_date"):
        if given.get(name) is not None and method != "send_invoice":
            raise not_now(f"You can only pass `{name}` when `collection_method` is `send_invoice`.", param=name)


def _computed(store: Store, given: dict[str, Any]) -> Thing:
    values: Thing = {}
    if given.get("days_until_due") is not None:
        values["due_date"] = store.now() + given["days_until_due"] * 86_400
    if "default_tax_rates" in given:
        rates = given["default_tax_rates"] or []
        values["default_tax_rates"] = [
            store.get("tax_rate", rate, param="default_tax_rates", in_path=False) for rate in rates
        ]
    return values


def _pending(store: Store, customer: str, currency: str) -> list[Thing]:
    return [
        item
        for item in store.things["invoiceitem"].values()
        if item["customer"] == customer and item["invoice"] is None and item["currency"] == currency
    ]


def update_invoice(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    invoice = store.get("invoice", identity)
    frozen = sorted(_DRAFT_ONLY & set(given))
    if invoice["status"] != "draft" and frozen:
        raise not_now("Finalized invoices can't be updated in this way", "invoice_not_editable", frozen[0])
    _check_due(given, given["collection_method"] if "collection_method" in given else invoice["collection_method"])
    values = changed(invoice, {name: value for name, value in given.items() if name not in _OWN}, _CLEARED)
    return update(store, invoice, {**values, **_computed(store, given)})


def delete_invoice(store: Store, identity: str) -> Thing:
    if store.get("invoice", identity)["status"] != "draft":
        raise not_now("You can only delete draft invoices. Void this invoice instead.", "invoice_not_editable")
    for item in store.things["invoiceitem"].values():
        if item["invoice"] == identity:
            item["invoice"] = None
    return delete(store, "invoice", identity)


def finalize_invoice(store: Store, identity: str, _given: dict[str, Any]) -> Thing:
    invoice = store.get("invoice", identity)
    if invoice["status"] != "draft":
        raise not_now("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    numbered(store, invoice)
    emit(store, "invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        settled(store, invoice)
    else:
        request_payment(store, invoice)
    return invoice


def numbered(store: Store, invoice: Thing, at: int | None = None) -> None:
    """Makes a draft an open invoice: number, date of effect, links."""
    at = store.now() if at is None else at
    customer = store.things["customer"][invoice["customer"]]
    if invoice["number"] is None:
        invoice["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
        customer["next_invoice_sequence"] += 1
    stem = f"{store.account}/test_{invoice['id'].removeprefix('in_')}"
    invoice |= {
        "effective_at": invoice["effective_at"] or at,
        "ending_balance": 0,
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{stem}",
        "invoice_pdf": f"https://pay.stripe.com/invoice/{stem}/pdf/",
        "status": "open",
        "status_transitions": {**invoice["status_transitions"], "finalized_at": at},
    }


def request_payment(store: Store, invoice: Thing) -> Thing:
    """The default payment of an open invoice, with its payment intent."""
    intent = money_shapes.payment_intent(store.new_id("payment_intent"), store.now())
    intent |= {"amount": invoice["amount_due"], "currency": invoice["currency"], "customer": invoice["customer"]}
    intent["payment_details"]["order_reference"] = invoice["id"][:25]  # recorded: cut there
    create(store, intent)
    payment = money_shapes.invoice_payment(store.new_id("invoice_payment"), store.now())
    payment |= {
        "amount_requested": invoice["amount_due"],
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
    }
    return store.add("invoice_payment", payment)


def open_payment(store: Store, invoice: Thing) -> Thing | None:
    """The payment that waits for an invoice to be paid."""
    payments = store.things["invoice_payment"].values()
    return next((p for p in payments if p["invoice"] == invoice["id"] and p["status"] == "open"), None)


def pay_invoice(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    invoice = store.get("invoice", identity)
    if invoice["status"] not in ("draft", "open", "uncollectible"):
        raise not_now(f"Invoice is already {invoice['status']}")
    if invoice["status"] == "draft":
        finalize_invoice(store, identity, {})
    if invoice["status"] == "paid":
        return invoice
    payment = open_payment(store, invoice) or request_payment(store, invoice)
    remaining = invoice["amount_remaining"]
    if given.get("paid_out_of_band"):
        cancel_payment(store, payment)
        invoice["amount_paid_off_stripe"] = remaining
    else:
        intent = store.things["payment_intent"][payment["payment"]["payment_intent"]]
        charge_for(store, intent, remaining, given.get("payment_method"))
        paid(store, payment, remaining)
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    invoice["amount_paid"] += remaining
    settled(store, invoice)
    return invoice


def paid(store: Store, payment: Thing, amount: int, at: int | None = None) -> None:
    """An invoice payment that arrived."""
    at = store.now() if at is None else at
    payment |= {"amount_paid": amount, "status": "paid", "status_transitions": {"canceled_at": None, "paid_at": at}}
    emit(store, "invoice_payment.paid", payment)


def cancel_payment(store: Store, payment: Thing) -> None:
    """An invoice payment that nobody waits for any more. It has no event of its own."""
    times = {"canceled_at": store.now(), "paid_at": None}
    payment |= {"status": "canceled", "status_transitions": times}


def settled(store: Store, invoice: Thing, at: int | None = None) -> None:
    """An invoice on which nothing is owed any more."""
    at = store.now() if at is None else at
    values = {
        "amount_remaining": 0,
        "status": "paid",
        "status_transitions": {**invoice["status_transitions"], "paid_at": at},
    }
    before = put(invoice, values)
    for kind in ("invoice.updated", "invoice.paid", "invoice.payment_succeeded"):
        emit(store, kind, invoice, before)


def void_invoice(store: Store, identity: str, _given: dict[str, Any]) -> Thing:
    invoice = store.get("invoice", identity)
    if invoice["status"] not in ("open", "uncollectible"):
        raise not_now(f"You can only void open or uncollectible invoices. This one is {invoice['status']}.")
    payment = open_payment(store, invoice)
    if payment is not None:
        cancel_payment(store, payment)
    times = {**invoice["status_transitions"], "voided_at": store.now()}
    return update(store, invoice, {"status": "void", "status_transitions": times}, "invoice.voided")


def mark_uncollectible(store: Store, identity: str, _given: dict[str, Any]) -> Thing:
    invoice = store.get("invoice", identity)
    if invoice["status"] != "open":
        raise not_now("You can only mark open invoices as uncollectible.")
    times = {**invoice["status_transitions"], "marked_uncollectible_at": store.now()}
    values = {"status": "uncollectible", "status_transitions": times}
    return update(store, invoice, values, "invoice.marked_uncollectible")


def send_invoice(store: Store, identity: str, _given: dict[str, Any]) -> Thing:
    invoice = store.get("invoice", identity)
    if invoice["status"] == "draft":
        finalize_invoice(store, identity, {})
    emit(store, "invoice.sent", invoice)
    return invoice
