"""The fields of charges, refunds, payouts and balance transactions. No I/O."""

from __future__ import annotations

from typing import Final

from syncctl.connectors.stripe.fields_billing import INVOICE_PAYMENT
from syncctl.connectors.stripe.fields_shared import (
    CREATED,
    CURRENCY,
    IDENTITY,
    LIVEMODE,
    METADATA,
    address,
    day,
    enum,
    flag,
    many,
    money,
    number,
    ref,
    table,
    text,
    within,
)
from syncctl.fields.schema import Field

_SETTLED: Final = "in the currency of the payout, while the charge is in the customer's"

SOURCES: Final = (
    ("ch_", "charge"),
    ("py_", "charge"),
    ("re_", "refund"),
    ("pyr_", "refund"),
    ("po_", "payout"),
)
"""The kind of a balance transaction's source, by how its id begins: py_ and pyr_ are charges and refunds of payment
methods that are no cards. An id that begins otherwise is of a kind that is not pulled.
"""

BALANCE_TRANSACTION: Final = table(
    IDENTITY,
    text("type"),
    text("reporting_category"),
    enum("status", "pending", "available"),
    Field("source", "ref", targets=SOURCES, note="what moved the money; a dispute, fee or transfer is only named"),
    CURRENCY,
    money("amount", note=_SETTLED),
    money("fee", note=_SETTLED),
    money("net", note=_SETTLED),
    number("exchange_rate", note="units of this currency per unit of the charge's currency"),
    day("available_on"),
    text("description"),
    many("fee_details"),
    money("fee_details.amount"),
    text("fee_details.type"),
    text("fee_details.description"),
    enum("balance_type", "payments", "issuing", "refund_and_dispute_prefunding"),
    CREATED,
)

CHARGE: Final = table(
    IDENTITY,
    enum("status", "succeeded", "pending", "failed"),
    ref("customer", "customer"),
    CURRENCY,
    money("amount"),
    money("amount_captured"),
    money("amount_refunded"),
    money("application_fee_amount"),
    flag("captured"),
    flag("paid"),
    flag("refunded"),
    flag("disputed"),
    ref("balance_transaction", "balance_transaction"),
    ref("failure_balance_transaction", "balance_transaction"),
    text("payment_intent"),
    text("payment_method"),
    text("payment_method_details.type"),
    text("payment_method_details.card.brand"),
    text("payment_method_details.card.last4"),
    text("billing_details.name"),
    text("billing_details.email"),
    text("billing_details.phone"),
    *address("billing_details.address"),
    text("description"),
    text("statement_descriptor"),
    text("calculated_statement_descriptor"),
    text("receipt_email"),
    text("receipt_number"),
    text("receipt_url", note="Stripe issues another address with every read: map it with once"),
    text("failure_code"),
    text("failure_message"),
    text("transfer_group"),
    Field(
        "invoice_payments",
        "object",
        many=True,
        reverse=("invoice_payment", "payment.payment_intent", "payment_intent"),
        note="one per invoice that the charge's payment went to; failed charges of that payment show them too",
    ),
    *within("invoice_payments", INVOICE_PAYMENT.values()),
    Field("refunds", "object", many=True, reverse=("refund", "charge", "id")),
    money("refunds.amount"),
    text("refunds.id"),
    text("refunds.status"),
    CREATED,
    LIVEMODE,
    METADATA,
)

REFUND: Final = table(
    IDENTITY,
    enum("status", "succeeded", "pending", "requires_action", "failed", "canceled"),
    ref("charge", "charge"),
    text("payment_intent"),
    ref("customer", "customer"),
    CURRENCY,
    money("amount"),
    enum("reason", "duplicate", "fraudulent", "requested_by_customer", "expired_uncaptured_charge"),
    ref("balance_transaction", "balance_transaction"),
    ref("failure_balance_transaction", "balance_transaction"),
    text("failure_reason"),
    text("description"),
    text("receipt_number"),
    text("destination_details.type"),
    CREATED,
    METADATA,
)

PAYOUT: Final = table(
    IDENTITY,
    enum("status", "paid", "pending", "in_transit", "canceled", "failed"),
    enum("reconciliation_status", "completed", "in_progress", "not_applicable"),
    flag("automatic"),
    CURRENCY,
    money("amount", note="negative when money was taken from the bank account"),
    day("arrival_date"),
    text("destination"),
    ref("balance_transaction", "balance_transaction"),
    text("description"),
    enum("method", "standard", "instant"),
    enum("type", "bank_account", "card"),
    text("source_type"),
    text("statement_descriptor"),
    text("trace_id.value"),
    ref("original_payout", "payout"),
    ref("reversed_by", "payout"),
    text("failure_code"),
    text("failure_message"),
    Field(
        "transactions",
        "object",
        many=True,
        note="what the payout paid out, without its own transaction: automatic payouts, once reconciled",
    ),
    *within("transactions", BALANCE_TRANSACTION.values()),
    CREATED,
    LIVEMODE,
    METADATA,
)
