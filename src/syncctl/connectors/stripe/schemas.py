"""What Stripe's records look like, and what of them can be written. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from syncctl.connectors.stripe import fields_billing, fields_catalog, fields_money
from syncctl.fields.schema import Field, Schema
from syncctl.model import Action

SOURCE: Final = "metadata.syncctl_source"
"""Where a created customer carries the Ref of the record it was made from."""

_METADATA_ONLY: Final = "only metadata is written: Stripe's documents and money are made at Stripe"
_READ_ONLY: Final = "Stripe lets nobody change these"
_NO_ARCHIVE: Final = "Stripe only deletes customers, and nothing here deletes"
_UPDATE: Final = frozenset({Action.UPDATE})


def _kind(
    kind: str, fields: Mapping[str, Field], *, name: tuple[str, ...], dated: str = "", amount: str = ""
) -> Schema:
    return Schema("", kind, fields, dated=dated, amount=amount, name=name, actions=_UPDATE, note=_METADATA_ONLY)


_SCHEMAS: Final = (
    Schema(
        "",
        "customer",
        fields_catalog.CUSTOMER,
        marker=SOURCE,
        name=("name", "email", "description", "id"),
        actions=frozenset({Action.CREATE, Action.UPDATE}),
        note=_NO_ARCHIVE,
        stays=_NO_ARCHIVE,
    ),
    _kind("product", fields_catalog.PRODUCT, name=("name", "id")),
    _kind("price", fields_catalog.PRICE, amount="unit_amount", name=("nickname", "lookup_key", "id")),
    _kind(
        "invoice",
        fields_billing.INVOICE,
        dated="effective_at",
        amount="total",
        name=("number", "description", "id"),
    ),
    _kind(
        "charge",
        fields_money.CHARGE,
        dated="created",
        amount="amount_captured",
        name=("description", "receipt_number", "customer->name", "id"),
    ),
    _kind(
        "refund",
        fields_money.REFUND,
        dated="created",
        amount="amount",
        name=("receipt_number", "charge->customer->name", "id"),
    ),
    _kind(
        "credit_note",
        fields_billing.CREDIT_NOTE,
        dated="effective_at",
        amount="total",
        name=("number", "id"),
    ),
    Schema(
        "",
        "invoice_payment",
        fields_billing.INVOICE_PAYMENT,
        dated="status_transitions.paid_at",
        amount="amount_paid",
        name=("invoice->number", "id"),
        note=_READ_ONLY,
    ),
    _kind(
        "payout",
        fields_money.PAYOUT,
        dated="arrival_date",
        amount="amount",
        name=("description", "id"),
    ),
    Schema(
        "",
        "balance_transaction",
        fields_money.BALANCE_TRANSACTION,
        dated="created",
        amount="net",
        name=("description", "id"),
        note=_READ_ONLY,
    ),
)


def schemas(system: str) -> tuple[Schema, ...]:
    """The schema of every kind."""
    return tuple(replace(found, system=system) for found in _SCHEMAS)
