"""Stripe's view of money: charges, the invoices they paid, refunds, the balance, payouts. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.facts import HOME, Company, Movement, Payment, Payout, Refund
from syncctl.sandbox.ids import Ids
from syncctl.sandbox.seed_stripe_shared import address, epoch, midnight, minor

Raw = dict[str, Any]

BANK_ACCOUNT: Final = "ba_1Pgc79B7WZ01zgkWoU5vBiXt"
"""Where payouts go; the sandbox project's `bank_accounts` table names it."""


def money_bodies(company: Company, ids: Ids) -> Iterator[tuple[str, Raw]]:
    """Every record of the balance, each after those it names."""
    view = _Money(company, ids)
    for payment in company.payments:
        yield "payment_intent", view.intent(payment)
        yield "charge", view.charge(payment)
        yield from (("invoice_payment", body) for body in view.invoice_payments(payment))
    for refund in company.refunds:
        yield "refund", view.refund(refund)
    paid_out = {movement.key: payout for payout in company.payouts for movement in payout.movements}
    for payout in company.payouts:
        yield "payout", view.payout(payout)
        yield "balance_transaction", view.payout_movement(payout)
    for movement in company.movements:
        yield "balance_transaction", view.movement(movement, paid_out.get(movement.key))


class _Money:
    """How money looks in Stripe."""

    def __init__(self, company: Company, ids: Ids) -> None:
        self.company = company
        self.ids = ids

    def _balance_transaction(self, source: Payment | Refund) -> str:
        return self.ids.stripe("txn", self.company.movement_of(source).key)

    def intent(self, payment: Payment) -> Raw:
        amount, currency = minor(payment.amount, payment.customer.currency), payment.customer.currency
        return {
            "id": self.ids.stripe("pi", payment.key),
            "created": epoch(payment.paid),
            "amount": amount,
            "amount_received": amount,
            "currency": currency.lower(),
            "customer": self.ids.stripe("cus", payment.customer.key),
            "latest_charge": self.ids.stripe("ch", payment.key),
            "status": "succeeded",
        }

    def charge(self, payment: Payment) -> Raw:
        customer = payment.customer
        amount = minor(payment.amount, customer.currency)
        refunded = minor(self.company.refunded_on.get(payment.key, Decimal(0)), customer.currency)
        return {
            "id": self.ids.stripe("ch", payment.key),
            "created": epoch(payment.paid),
            "amount": amount,
            "amount_captured": amount,
            "amount_refunded": refunded,
            "balance_transaction": self._balance_transaction(payment),
            "billing_details": {
                "address": address(customer.address),
                "email": customer.person.email,
                "name": customer.name,
                "phone": customer.person.phone,
                "tax_id": None,
            },
            "captured": True,
            "currency": customer.currency.lower(),
            "customer": self.ids.stripe("cus", customer.key),
            "paid": True,
            "payment_intent": self.ids.stripe("pi", payment.key),
            "payment_method": self.ids.stripe("pm", customer.key),
            "payment_method_details": {"type": payment.method, payment.method: _method(payment)},
            "refunded": refunded == amount,
            "status": "succeeded",
        }

    def invoice_payments(self, payment: Payment) -> Iterator[Raw]:
        """One per invoice that the money went to."""
        for place, part in enumerate(payment.applied):
            amount = minor(part.amount, payment.customer.currency)
            yield {
                "id": self.ids.stripe("inpay", payment.key, place),
                "created": epoch(payment.paid),
                "invoice": self.ids.stripe("in", part.invoice.key),
                "amount_paid": amount,
                "amount_requested": amount,
                "currency": payment.customer.currency.lower(),
                "is_default": place == 0,
                "payment": {"type": "payment_intent", "payment_intent": self.ids.stripe("pi", payment.key)},
                "status": "paid",
                "status_transitions": {"canceled_at": None, "paid_at": epoch(payment.paid)},
            }

    def refund(self, refund: Refund) -> Raw:
        payment = refund.payment
        return {
            "id": self.ids.stripe("re", refund.key),
            "created": epoch(refund.made),
            "amount": minor(refund.amount, payment.customer.currency),
            "balance_transaction": self._balance_transaction(refund),
            "charge": self.ids.stripe("ch", payment.key),
            "currency": payment.customer.currency.lower(),
            "payment_intent": self.ids.stripe("pi", payment.key),
            "reason": refund.reason or None,
            "status": "succeeded",
        }

    def movement(self, movement: Movement, payout: Payout | None) -> Raw:
        """A balance transaction; `payout` is what paid it out, which its own fields do not tell."""
        source = movement.source
        charged = isinstance(source, Payment)
        kind = "charge" if charged else "refund"
        foreign = movement.exchange_rate != 1
        fee = minor(movement.fee, HOME)
        details = {
            "amount": fee,
            "application": None,
            "currency": HOME.lower(),
            "description": "Stripe processing fees",
        }
        return {
            "id": self.ids.stripe("txn", movement.key),
            "created": epoch(movement.created),
            "available_on": midnight(movement.available),
            "amount": minor(movement.amount, HOME),
            "currency": HOME.lower(),
            "exchange_rate": movement.exchange_rate if foreign else None,
            "fee": fee,
            "fee_details": [{**details, "type": "stripe_fee"}] if fee else [],
            "net": minor(movement.net, HOME),
            "reporting_category": kind,
            "source": self.ids.stripe("ch" if charged else "re", source.key),
            "status": "available" if movement.available <= self.company.now else "pending",
            "type": kind,
            **({"payout": self.ids.stripe("po", payout.key)} if payout else {}),
        }

    def payout(self, payout: Payout) -> Raw:
        return {
            "id": self.ids.stripe("po", payout.key),
            "created": epoch(payout.created),
            "arrival_date": midnight(payout.arrives),
            "amount": minor(payout.amount, HOME),
            "automatic": True,
            "balance_transaction": self.ids.stripe("txn", 0, payout.key),
            "currency": HOME.lower(),
            "description": "STRIPE PAYOUT",
            "destination": BANK_ACCOUNT,
            "method": "standard",
            "reconciliation_status": "completed",
            "source_type": "card",
            "status": "paid",
            "type": "bank_account",
        }

    def payout_movement(self, payout: Payout) -> Raw:
        """The payout's own balance transaction: what left for the bank."""
        amount = -minor(payout.amount, HOME)
        return {
            "id": self.ids.stripe("txn", 0, payout.key),
            "created": epoch(payout.created),
            "available_on": midnight(payout.arrives),
            "amount": amount,
            "currency": HOME.lower(),
            "exchange_rate": None,
            "fee": 0,
            "fee_details": [],
            "net": amount,
            "reporting_category": "payout",
            "source": self.ids.stripe("po", payout.key),
            "status": "available",
            "type": "payout",
            "payout": self.ids.stripe("po", payout.key),
        }


def _method(payment: Payment) -> Raw:
    if payment.method != "card":
        return {}
    return {"brand": "visa", "last4": f"{4000 + payment.customer.key % 1000}", "exp_month": 8, "exp_year": 2030}
