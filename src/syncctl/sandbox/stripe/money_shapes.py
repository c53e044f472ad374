"""Payments, refunds, payouts and balance transactions as they are at first, every key the vendor sends. No I/O."""

from __future__ import annotations

from copy import deepcopy
from typing import Final

from syncctl.sandbox.stripe.shapes import address
from syncctl.sandbox.stripe.store import Thing

_CHARGE: Final[Thing] = {
    "object": "charge",
    "amount": 0,
    "amount_captured": 0,
    "amount_refunded": 0,
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "balance_transaction": None,
    "billing_details": {"address": address({}), "email": None, "name": None, "phone": None, "tax_id": None},
    "calculated_statement_descriptor": None,
    "captured": True,
    "currency": "usd",
    "customer": None,
    "description": None,
    "disputed": False,
    **dict.fromkeys(("failure_balance_transaction", "failure_code", "failure_message")),
    "fraud_details": {},
    "livemode": False,
    "metadata": {},
    "on_behalf_of": None,
    "outcome": None,
    "paid": True,
    "payment_intent": None,
    "payment_method": None,
    "payment_method_details": {"card": {"brand": "visa", "last4": "4242"}, "type": "card"},
    "radar_options": {},
    **dict.fromkeys(
        (
            "receipt_email",
            "receipt_number",
            "receipt_url",
            "review",
            "shipping",
            "source",
            "source_transfer",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_data",
            "transfer_group",
        )
    ),
    "refunded": False,
    "status": "succeeded",
}


def charge(identity: str, created: int) -> Thing:
    return {
        "id": identity,
        **deepcopy(_CHARGE),
        "created": created,
    }


def refund(identity: str, created: int) -> Thing:
    return {
        "id": identity,
        "object": "refund",
        "amount": 0,
        "balance_transaction": None,
        "charge": None,
        "created": created,
        "currency": "usd",
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def balance_transaction(identity: str, created: int) -> Thing:
    return {
        "id": identity,
        "object": "balance_transaction",
        "amount": 0,
        "available_on": created,
        "balance_type": "payments",
        "created": created,
        "currency": "usd",
        "description": None,
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": 0,
        "reporting_category": "charge",
        "source": None,
        "status": "pending",
        "type": "charge",
    }


def payout(identity: str, created: int) -> Thing:
    return {
        "id": identity,
        "object": "payout",
        "amount": 0,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": created,
        "automatic": True,
        "balance_transaction": None,
        "created": created,
        "currency": "usd",
        "description": None,
        "destination": None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "in_transit",
        "trace_id": None,
        "type": "bank_account",
    }


def invoice_payment(identity: str, created: int) -> Thing:
    return {
        "id": identity,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": 0,
        "created": created,
        "currency": "usd",
        "invoice": None,
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": None, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


_PAYMENT_INTENT: Final[Thing] = {
    "object": "payment_intent",
    "amount": 0,
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "amount_received": 0,
    **dict.fromkeys(
        (
            "application",
            "application_fee_amount",
            "automatic_payment_methods",
            "canceled_at",
            "cancellation_reason",
        )
    ),
    "capture_method": "automatic",
    "confirmation_method": "automatic",
    "currency": "usd",
    **dict.fromkeys(
        (
            "customer",
            "customer_account",
            "description",
            "excluded_payment_method_types",
            "last_payment_error",
            "latest_charge",
        )
    ),
    "livemode": False,
    "metadata": {},
    "next_action": None,
    "on_behalf_of": None,
    "payment_details": {"customer_reference": None, "order_reference": None},
    "payment_method": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "payment_method_types": ["card"],
    **dict.fromkeys(
        (
            "processing",
            "receipt_email",
            "review",
            "setup_future_usage",
            "shipping",
            "source",
            "statement_descriptor",
            "statement_descriptor_suffix",
        )
    ),
    "status": "requires_payment_method",
    "transfer_data": None,
    "transfer_group": None,
}


def payment_intent(identity: str, created: int) -> Thing:
    return {
        "id": identity,
        **deepcopy(_PAYMENT_INTENT),
        "client_secret": f"{identity}_secret_sandbox",
        "created": created,
    }


def tax_rate(identity: str, created: int) -> Thing:
    nothing = ("country", "description", "effective_percentage", "flat_amount", "jurisdiction", "jurisdiction_level")
    return {
        "id": identity,
        "object": "tax_rate",
        "active": True,
        **dict.fromkeys(nothing),
        "created": created,
        "display_name": "",
        "inclusive": False,
        "livemode": False,
        "metadata": {},
        "percentage": 0,
        "rate_type": "percentage",
        "state": None,
        "tax_type": None,
    }


def event(identity: str, created: int, version: str) -> Thing:
    return {
        "id": identity,
        "object": "event",
        "api_version": version,
        "created": created,
        "data": {},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": "",
    }
