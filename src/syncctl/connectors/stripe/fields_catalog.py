"""The fields of customers, products and prices. No I/O."""

from __future__ import annotations

from typing import Final

from syncctl.connectors.stripe.fields_shared import (
    CREATED,
    CURRENCY,
    IDENTITY,
    LIVEMODE,
    METADATA,
    address,
    enum,
    flag,
    instant,
    money,
    number,
    ref,
    table,
    text,
)
from syncctl.fields.schema import Field

# Lengths: maxLength in Stripe's OpenAPI file of 2023, email also in the SDK 16.1.0.
CUSTOMER: Final = table(
    IDENTITY,
    text("name", writable="always", max_length=256),
    text("email", writable="always", max_length=512),
    text("phone", writable="always", max_length=20),
    text("description", writable="always", max_length=5000),
    *address("address", "always"),
    Field("shipping", "object"),
    text("shipping.name", writable="always", max_length=5000, note="required with shipping.address"),
    text("shipping.phone", writable="always", max_length=5000),
    *address("shipping.address", "always"),
    enum("tax_exempt", "none", "exempt", "reverse", writable="always", open_options=False),
    text("preferred_locales", many=True, writable="always"),
    Field("currency", "currency.lower", note="set by the first subscription or invoice item"),
    text("business_name", max_length=150),
    text("individual_name", max_length=150),
    money("balance", note="money owed or credited; never written from here"),
    flag("delinquent"),
    text("invoice_prefix"),
    number("next_invoice_sequence"),
    text("invoice_settings.default_payment_method"),
    text("invoice_settings.footer"),
    text("default_source"),
    text("test_clock"),
    CREATED,
    LIVEMODE,
    METADATA,
)

PRODUCT: Final = table(
    IDENTITY,
    text("name"),
    text("description"),
    flag("active"),
    ref("default_price", "price"),
    enum("type", "good", "service"),
    text("tax_code"),
    text("unit_label"),
    text("statement_descriptor"),
    text("url"),
    flag("shippable"),
    text("images", many=True),
    CREATED,
    instant("updated", assigned=True),
    LIVEMODE,
    METADATA,
)

PRICE: Final = table(
    IDENTITY,
    ref("product", "product"),
    text("nickname"),
    text("lookup_key", unique=True),
    flag("active"),
    CURRENCY,
    money("unit_amount"),
    money("unit_amount_decimal", note="up to 12 decimals of a minor unit"),
    enum("type", "one_time", "recurring"),
    enum("billing_scheme", "per_unit", "tiered"),
    enum("tax_behavior", "exclusive", "inclusive", "unspecified"),
    enum("recurring.interval", "day", "week", "month", "year"),
    number("recurring.interval_count"),
    enum("recurring.usage_type", "licensed", "metered"),
    CREATED,
    LIVEMODE,
    METADATA,
)
