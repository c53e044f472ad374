"""What Stripe calls each kind: its path, its filters, the events that touch it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Filter = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One list endpoint.

    `filters`: the full list is the union of these (prices: Stripe's page says the plain list leaves inactive ones
    out, its older specification says it does not; asking for both is right either way). `events`: the event types
    that say a record changed; none where Stripe has none. `lookups`: field -> list parameter that finds by it.
    `by_invoice`: events about an invoice mean that its records of this kind are listed again.
    `unsettled`: the status whose end no event announces. `metadata`: an update may write the record's metadata.
    """

    path: str
    filters: tuple[Filter, ...] = ((),)
    events: tuple[str, ...] = ()
    lookups: Mapping[str, str] = field(default_factory=dict)
    by_invoice: bool = False
    unsettled: str = ""
    metadata: bool = True


_INVOICE_EVENTS: Final = (
    "invoice.created",
    "invoice.deleted",
    "invoice.finalization_failed",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.overdue",
    "invoice.overpaid",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_attempt_required",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.sent",
    "invoice.updated",
    "invoice.voided",
    "invoice.will_be_due",
)
"""Not invoice.upcoming: that invoice does not exist yet."""

KINDS: Final[dict[str, Kind]] = {
    "customer": Kind(
        "/v1/customers",
        events=("customer.created", "customer.updated", "customer.deleted"),
        lookups={"email": "email"},
    ),
    "product": Kind("/v1/products", events=("product.created", "product.updated", "product.deleted")),
    "price": Kind(
        "/v1/prices",
        filters=((("active", "true"),), (("active", "false"),)),
        events=("price.created", "price.updated", "price.deleted"),
        lookups={"product": "product", "lookup_key": "lookup_keys[]"},
    ),
    "invoice": Kind(
        "/v1/invoices",
        # A credit note and an item of a draft change the invoice's own amounts.
        events=(
            *_INVOICE_EVENTS,
            "credit_note.created",
            "credit_note.voided",
            "invoiceitem.created",
            "invoiceitem.deleted",
        ),
        lookups={"customer": "customer"},
    ),
    "charge": Kind(
        "/v1/charges",
        events=(
            "charge.captured",
            "charge.dispute.closed",
            "charge.dispute.created",
            "charge.dispute.funds_reinstated",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.updated",
            "charge.expired",
            "charge.failed",
            "charge.pending",
            "charge.refund.updated",
            "charge.refunded",
            "charge.succeeded",
            "charge.updated",
        ),
        lookups={"customer": "customer", "payment_intent": "payment_intent"},
    ),
    "refund": Kind(
        "/v1/refunds",
        events=("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"),
        lookups={"charge": "charge", "payment_intent": "payment_intent"},
    ),
    "credit_note": Kind(
        "/v1/credit_notes",
        events=("credit_note.created", "credit_note.updated", "credit_note.voided"),
        lookups={"invoice": "invoice", "customer": "customer"},
    ),
    "invoice_payment": Kind(
        "/v1/invoice_payments",
        events=(
            "invoice_payment.paid",
            "invoice.finalized",
            "invoice.marked_uncollectible",
            "invoice.overpaid",
            "invoice.paid",
            "invoice.updated",
            "invoice.voided",
        ),
        lookups={"invoice": "invoice", "payment.payment_intent": "payment[payment_intent]"},
        by_invoice=True,
        metadata=False,
    ),
    "payout": Kind(
        "/v1/payouts",
        events=(
            "payout.canceled",
            "payout.created",
            "payout.failed",
            "payout.paid",
            "payout.reconciliation_completed",
            "payout.updated",
        ),
        lookups={"destination": "destination"},
    ),
    "balance_transaction": Kind(
        "/v1/balance_transactions", lookups={"source": "source"}, unsettled="pending", metadata=False
    ),
}
