"""Balance transactions and payouts. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from syncctl.sandbox.stripe import money_shapes
from syncctl.sandbox.stripe.changes import changed, create, put, update
from syncctl.sandbox.stripe.refusals import not_now
from syncctl.sandbox.stripe.store import Store, Thing

FEE_RATE: Final = Decimal("0.029")
FEE_FIXED: Final = 30
"""What a card costs in the United States; seeds may say otherwise."""
SETTLE_DAYS: Final = 2


def fee_of(amount: int) -> int:
    """The fee of a charge in minor units."""
    return int((amount * FEE_RATE).quantize(Decimal(1), ROUND_HALF_UP)) + FEE_FIXED


def book(store: Store, source: Thing, kind: str, amount: int, fee: int = 0, **given: Any) -> Thing:
    """A balance transaction of a charge, refund or payout. It has no events."""
    made = source["created"]
    transaction = money_shapes.balance_transaction(store.new_id("balance_transaction"), made)
    transaction |= {
        "amount": amount,
        "available_on": store.day(made, SETTLE_DAYS),
        "currency": source["currency"],
        "description": source.get("description"),
        "fee": fee,
        "reporting_category": kind,
        "source": source["id"],
        "type": kind,
    }
    transaction |= given
    return settle(store, transaction)


def settle(store: Store, transaction: Thing) -> Thing:
    """Computes what the vendor computes and keeps the transaction."""
    fee = transaction["fee"]
    detail = {
        "amount": fee,
        "application": None,
        "currency": transaction["currency"],
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    transaction |= {"net": transaction["amount"] - fee, "fee_details": [detail] if fee else []}
    return store.add("balance_transaction", transaction)


def create_payout(store: Store, given: dict[str, Any]) -> Thing:
    """A manual payout: what it consists of is nobody's to know."""
    if given["amount"] <= 0:
        raise not_now("Invalid positive integer", "parameter_invalid_integer", "amount")
    payout = money_shapes.payout(store.new_id("payout"), store.now())
    put(payout, changed(payout, {"destination": _bank_account(store), **given}))
    payout |= {"automatic": False, "status": "pending", "arrival_date": store.day(store.now(), SETTLE_DAYS)}
    payout["balance_transaction"] = book(store, payout, "payout", -payout["amount"])["id"]
    return create(store, payout)


def _bank_account(store: Store) -> str:
    known = {payout["destination"] for payout in store.things["payout"].values()}
    return min(known) if known else store.new_id("bank_account")


def pay_out(store: Store, payout: Thing, transactions: Iterable[str]) -> Thing:
    """Keeps an automatic payout of these balance transactions."""
    listed = [store.get("balance_transaction", identity) for identity in transactions]
    if listed and not payout["amount"]:
        payout["amount"] = sum(transaction["net"] for transaction in listed)
    if payout["destination"] is None:
        payout["destination"] = _bank_account(store)
    for transaction in listed:  # nothing is paid out before it is available
        transaction["available_on"] = min(transaction["available_on"], store.day(payout["created"]))
    own = []
    if payout["balance_transaction"] is None:
        own = [book(store, payout, "payout", -payout["amount"], available_on=payout["arrival_date"])["id"]]
        payout["balance_transaction"] = own[0]
    store.paid_out.setdefault(payout["id"], []).extend([*own, *(transaction["id"] for transaction in listed)])
    done = ["payout.paid"] if payout["status"] == "paid" else []
    reconciled = ["payout.reconciliation_completed"] if payout["reconciliation_status"] == "completed" else []
    return create(store, payout, ["payout.created", *done, *reconciled])


def update_payout(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    payout = store.get("payout", identity)
    return update(store, payout, changed(payout, given))


def cancel_payout(store: Store, identity: str) -> Thing:
    payout = store.get("payout", identity)
    if payout["status"] != "pending":
        raise not_now("Payouts can only be canceled when they are pending.")
    return update(store, payout, {"status": "canceled"}, "payout.canceled")
