"""Payment intents, charges and refunds. No I/O."""

from __future__ import annotations

from typing import Any

from syncctl.sandbox.stripe import money_shapes
from syncctl.sandbox.stripe.balance import book, fee_of
from syncctl.sandbox.stripe.changes import changed, create, put, update
from syncctl.sandbox.stripe.refusals import Refusal, missing_parameter, not_now
from syncctl.sandbox.stripe.store import Store, Thing

DECLINED = "pm_card_chargeDeclined"


def create_intent(store: Store, given: dict[str, Any]) -> Thing:
    if given["amount"] < 1:
        raise Refusal("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if given.get("customer"):
        store.get("customer", given["customer"], param="customer", in_path=False)
    confirm = given.pop("confirm", False)
    for ignored in ("off_session", "return_url"):
        given.pop(ignored, None)
    intent = money_shapes.payment_intent(store.new_id("payment_intent"), store.now())
    put(intent, changed(intent, given))
    if intent["payment_method"]:
        intent["status"] = "requires_confirmation"
    create(store, intent)
    if confirm:
        confirm_intent(store, intent["id"], {})
    return intent


def update_intent(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    intent = store.get("payment_intent", identity)
    return update(store, intent, changed(intent, given))


def confirm_intent(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    intent = store.get("payment_intent", identity)
    method = given.get("payment_method") or intent["payment_method"]
    if not method:
        raise not_now("You cannot confirm this PaymentIntent because it's missing a payment method.")
    if intent["status"] == "succeeded":
        raise not_now("You cannot confirm this PaymentIntent because it has already succeeded.")
    charge_for(store, intent, intent["amount"], method)
    return intent


def capture_intent(store: Store, identity: str, _given: dict[str, Any]) -> Thing:
    intent = store.get("payment_intent", identity)
    if intent["status"] != "requires_capture":
        raise not_now(f"This PaymentIntent could not be captured because it has a status of {intent['status']}.")
    charge = store.things["charge"][intent["latest_charge"]]
    transaction = book(store, charge, "charge", charge["amount"], fee_of(charge["amount"]))
    values = {
        "captured": True,
        "amount_captured": charge["amount"],
        "balance_transaction": transaction["id"],
    }
    update(store, charge, values, "charge.captured")
    done = {"status": "succeeded", "amount_received": charge["amount"], "amount_capturable": 0}
    return update(store, intent, done, "payment_intent.succeeded")


def cancel_intent(store: Store, identity: str, _given: dict[str, Any]) -> Thing:
    intent = store.get("payment_intent", identity)
    if intent["status"] in ("succeeded", "canceled"):
        raise not_now(f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.")
    return update(store, intent, {"status": "canceled", "canceled_at": store.now()}, "payment_intent.canceled")


def charge_for(store: Store, intent: Thing, amount: int, method: str | None) -> Thing:
    """Charges a card for a payment intent; a card that declines leaves a failed charge and raises Refusal."""
    charge = money_shapes.charge(store.new_id("charge"), store.now())
    charge |= {
        "amount": amount,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "payment_intent": intent["id"],
        "payment_method": method or store.new_id("payment_method"),
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{charge['id'].removeprefix('ch_')}",
    }
    intent["latest_charge"] = charge["id"]
    if method == DECLINED:
        charge |= {"status": "failed", "paid": False, "captured": False, "failure_code": "card_declined"}
        create(store, charge, ["charge.failed"])
        raise Refusal("Your card was declined.", 402, "card_declined", type="card_error", saved=True)
    if intent["capture_method"] == "manual":
        charge["captured"] = False
        update(store, intent, {"status": "requires_capture", "amount_capturable": amount})
        return create(store, charge, ["charge.succeeded"])
    keep_charge(store, charge)
    update(store, intent, {"status": "succeeded", "amount_received": amount}, "payment_intent.succeeded")
    return charge


def keep_charge(store: Store, charge: Thing, **transaction: Any) -> Thing:
    """Keeps a charge and books what it brings, unless no money moves."""
    if charge["status"] == "succeeded" and charge["captured"]:
        charge["amount_captured"] = charge["amount_captured"] or charge["amount"]
        amount = transaction.pop("amount", charge["amount_captured"])
        fee = transaction.pop("fee", fee_of(amount))
        charge["balance_transaction"] = book(store, charge, "charge", amount, fee, **transaction)["id"]
    return create(store, charge, [f"charge.{charge['status']}"])


def update_charge(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    charge = store.get("charge", identity)
    return update(store, charge, changed(charge, given))


def create_refund(store: Store, given: dict[str, Any]) -> Thing:
    charge = _refundable(store, given)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    if left <= 0:
        raise not_now(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    if not 0 < amount <= left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise not_now(message, param="amount")
    refund = money_shapes.refund(store.new_id("refund"), store.now())
    put(refund, changed(refund, {**given, "amount": amount}))
    return keep_refund(store, refund, charge)


def _refundable(store: Store, given: dict[str, Any]) -> Thing:
    if given.get("payment_intent"):
        intent = store.get("payment_intent", given["payment_intent"], param="payment_intent", in_path=False)
        given["charge"] = intent["latest_charge"]
    if not given.get("charge"):
        raise missing_parameter("charge")
    charge = store.get("charge", given["charge"], param="charge", in_path=False)
    if not charge["captured"] or charge["status"] != "succeeded":
        raise not_now(f"Charge {charge['id']} cannot be refunded.", param="charge")
    return charge


def keep_refund(store: Store, refund: Thing, charge: Thing, **transaction: Any) -> Thing:
    """Keeps a refund, books what it costs, and tells the charge."""
    refund |= {
        "charge": charge["id"],
        "currency": charge["currency"],
        "payment_intent": charge["payment_intent"],
    }
    if refund["balance_transaction"] is None:
        amount = transaction.pop("amount", -refund["amount"])
        refund["balance_transaction"] = book(store, refund, "refund", amount, **transaction)["id"]
    create(store, refund)
    all_of_it = [other["amount"] for other in store.things["refund"].values() if other["charge"] == charge["id"]]
    returned = max(charge["amount_refunded"], sum(all_of_it))
    values = {"amount_refunded": returned, "refunded": returned == charge["amount_captured"]}
    update(store, charge, values, "charge.refunded")
    return refund


def update_refund(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    refund = store.get("refund", identity)
    return update(store, refund, changed(refund, given))
