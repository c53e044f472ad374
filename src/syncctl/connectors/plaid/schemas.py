"""The fields of items, accounts and transactions. No I/O.

`amount` is Plaid's own: money out of the account is positive. `signed_amount` is the same place the other way round, as
books count it: money in is positive.
"""

from __future__ import annotations

from typing import Final

from syncctl.fields.schema import Field, Schema
from syncctl.model import Raw

FLIPPED: Final = "money.flipped"
READ_ONLY: Final = "Plaid only reads bank accounts"
CURRENCY: Final = "iso_currency_code"
KINDS: Final = ("item", "account", "transaction")


def _texts(*paths: str) -> tuple[Field, ...]:
    return tuple(Field(path) for path in paths)


_BALANCE: Final = "balances.iso_currency_code"
_ITEM: Final = (
    Field("item_id", "id"),
    *_texts("institution_id", "institution_name", "webhook", "update_type", "error.error_code", "error.error_message"),
    Field("consent_expiration_time", "instant.iso"),
)
_ACCOUNT: Final = (
    Field("account_id", "id"),
    Field("item_id", "ref", target="item"),
    *_texts("name", "official_name", "mask", "type", "subtype", "persistent_account_id", "holder_category"),
    *(Field(f"balances.{name}", "money", currency=_BALANCE) for name in ("available", "current", "limit")),
    Field(_BALANCE, "currency"),
    Field("balances.unofficial_currency_code"),
    Field("balances.last_updated_datetime", "instant.iso"),
)
_TRANSACTION: Final = (
    Field("id", "id", note="the same before and after posting"),
    Field("transaction_id", "id", note="another one after posting: match by `id`"),
    Field("item_id", "ref", target="item"),
    Field("account_id", "ref", target="account"),
    Field("amount", "money", currency=CURRENCY, note="Plaid's own: money out is positive; see `signed_amount`"),
    Field("signed_amount", FLIPPED, access="amount", currency=CURRENCY, note="money into the account is positive"),
    Field(CURRENCY, "currency"),
    Field("unofficial_currency_code", note="set where there is no ISO code"),
    *(Field(path, "date") for path in ("date", "authorized_date")),
    *(Field(path, "instant.iso") for path in ("datetime", "authorized_datetime")),
    Field("pending", "bool"),
    Field("pending_transaction_id", "id"),
    *_texts("name", "merchant_name", "merchant_entity_id", "original_description", "payment_channel"),
    *_texts("check_number", "account_owner", "transaction_code", "website"),
    *_texts(*(f"payment_meta.{name}" for name in ("payee", "payer", "reference_number", "reason", "by_order_of"))),
    *_texts(*(f"personal_finance_category.{name}" for name in ("primary", "detailed", "confidence_level"))),
    Field(
        "personal_finance_category.version",
        note='a table of categories is keyed on it: {text: "{personal_finance_category.version}:{…detailed}"}',
    ),
    Field("counterparties", "object", many=True),
    *(Field(f"counterparties.{name}", many=True) for name in ("name", "type", "entity_id", "confidence_level")),
)
_NAMES: Final = {
    "item": ("institution_name",),
    "account": ("name", "official_name"),
    "transaction": ("merchant_name", "name"),
}
_TABLES: Final = {"item": _ITEM, "account": _ACCOUNT, "transaction": _TRANSACTION}


def schemas(system: str) -> tuple[Schema, ...]:
    """One schema per kind: Plaid's fields are the same for everybody."""
    return tuple(_schema(system, kind) for kind in KINDS)


def _schema(system: str, kind: str) -> Schema:
    booked = kind == "transaction"
    return Schema(
        system,
        kind,
        {field.path: field for field in _TABLES[kind]},
        identity="id" if booked else f"{kind}_id",
        dated="date" if booked else "",
        amount="signed_amount" if booked else "",
        name=_NAMES[kind],
        note=READ_ONLY,
    )


def state_of(kind: str, raw: Raw) -> str:
    """A pending transaction is a draft: its amount, date and name may still change."""
    return "draft" if kind == "transaction" and raw.get("pending") is True else "open"
