"""The parameters of every endpoint, by operation. No I/O.

Names are those of the SDK 16.1.0 (API 2026-10-28.endive), lengths those of the OpenAPI file of 2023.
"""

from __future__ import annotations

from typing import Final

from syncctl.sandbox.stripe.params import Hash, Rows, Shape

_ADDRESS: Final = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), "str:5000")
_SHIPPING: Final = Hash(
    {"address": Hash(_ADDRESS, required=True), "name": "str:5000!", "phone": "str:5000"}, clearable=True
)
_EXPAND: Final[Shape] = {"expand": "strs"}
_EDIT: Final[Shape] = {"metadata": "metadata", **_EXPAND}
_PAGE: Final[Shape] = {"created": "created", "ending_before": "str", "limit": "int", "starting_after": "str", **_EXPAND}
_SEARCH: Final[Shape] = {"limit": "int", "page": "str", "query": "str!", **_EXPAND}
_PERIOD: Final = Hash({"start": "int!", "end": "int!"})
_RECURRING: Final = Hash(
    {
        "interval": "enum:day|month|week|year!",
        "interval_count": "int",
        "meter": "-",
        "trial_period_days": "int",
        "usage_type": "enum:licensed|metered",
    }
)

_CUSTOMER: Final[Shape] = {
    "address": Hash(_ADDRESS, clearable=True),
    "balance": "int",
    "business_name": "str:150",
    "cash_balance": "-",
    "description": "str:5000",
    "email": "email:512?",
    "individual_name": "str:150",
    "invoice_prefix": "str:12",
    "invoice_settings": Hash(
        {"custom_fields": "-", "default_payment_method": "str", "footer": "str:5000", "rendering_options": "-"}
    ),
    "metadata": "metadata",
    "name": "str:256",
    "next_invoice_sequence": "int",
    "phone": "str:20",
    "preferred_locales": "strs",
    "shipping": _SHIPPING,
    "source": "-",
    "tax": "-",
    "tax_exempt": "enum:exempt|none|reverse?",
    "validate": "-",
    **_EXPAND,
}
_PRODUCT: Final[Shape] = {
    "active": "bool",
    "description": "str:40000",
    "images": "strs",
    "marketing_features": Rows({"name": "str:5000!"}),
    "metadata": "metadata",
    "package_dimensions": "-",
    "shippable": "bool",
    "statement_descriptor": "str:22",
    "tax_code": "str",
    "tax_details": "-",
    "unit_label": "str:12",
    "url": "str",
    **_EXPAND,
}
_PRICE: Final[Shape] = {
    "active": "bool",
    "currency_options": "-",
    "lookup_key": "str:200",
    "metadata": "metadata",
    "nickname": "str:5000",
    "tax_behavior": "enum:exclusive|inclusive|unspecified",
    "transfer_lookup_key": "bool",
    **_EXPAND,
}
_INVOICE: Final[Shape] = {
    "account_tax_ids": "-",
    "application_fee_amount": "-",
    "auto_advance": "bool",
    "automatic_tax": "-",
    "automatically_finalizes_at": "-",
    "collection_method": "enum:charge_automatically|send_invoice",
    "custom_fields": Rows({"name": "str:40!", "value": "str:140!"}),
    "days_until_due": "int",
    "default_payment_method": "str",
    "default_source": "-",
    "default_tax_rates": "strs",
    "description": "str:1500",
    "discounts": "-",
    "due_date": "int",
    "effective_at": "int?",
    "footer": "str:5000",
    "issuer": "-",
    "metadata": "metadata",
    "number": "str:26",
    "on_behalf_of": "-",
    "payment_settings": "-",
    "rendering": "-",
    "shipping_cost": "-",
    "shipping_details": "-",
    "statement_descriptor": "str:22",
    "transfer_data": "-",
    **_EXPAND,
}
_ITEM: Final[Shape] = {
    "amount": "int",
    "description": "str:5000",
    "discountable": "bool",
    "discounts": "-",
    "metadata": "metadata",
    "period": _PERIOD,
    "price_data": "-",
    "pricing": Hash({"price": "str"}),
    "quantity": "int",
    "quantity_decimal": "decimal",
    "tax_behavior": "enum:exclusive|inclusive|unspecified",
    "tax_code": "-",
    "tax_rates": "strs",
    "unit_amount_decimal": "decimal",
    **_EXPAND,
}

_INTENT_NOT_MODELLED: Final = (
    "allowed_payment_method_types amount_details application_fee_amount confirmation_method confirmation_token"
    " customer_account error_on_requires_action excluded_payment_method_types hooks mandate mandate_data on_behalf_of"
    " payment_details payment_method_configuration payment_method_data payment_method_options radar_options"
    " setup_future_usage statement_descriptor_suffix transfer_data transfer_group use_stripe_sdk"
).split()

_INTENT_FIXED: Final = (
    "allowed_payment_method_types amount amount_details application_fee_amount capture_method currency customer"
    " customer_account excluded_payment_method_types hooks payment_details payment_method payment_method_configuration"
    " payment_method_data payment_method_options setup_future_usage shipping statement_descriptor"
    " statement_descriptor_suffix transfer_data transfer_group"
).split()

PARAMS: Final[dict[str, Shape]] = {
    "customer.create": {**_CUSTOMER, "payment_method": "-", "tax_id_data": "-", "test_clock": "-"},
    "customer.update": {**_CUSTOMER, "default_source": "-"},
    "customer.list": {**_PAGE, "email": "str", "test_clock": "-"},
    "product.create": {
        **_PRODUCT,
        "name": "str:5000!",
        "id": "str:5000",
        "type": "enum:good|service",
        "default_price_data": Hash(
            {
                "currency": "currency!",
                "currency_options": "-",
                "custom_unit_amount": "-",
                "metadata": "metadata",
                "recurring": _RECURRING,
                "tax_behavior": "enum:exclusive|inclusive|unspecified",
                "unit_amount": "int",
                "unit_amount_decimal": "decimal",
            }
        ),
    },
    "product.update": {**_PRODUCT, "name": "str:5000", "default_price": "str"},
    "product.list": {
        **_PAGE,
        "active": "bool",
        "ids": "strs",
        "shippable": "bool",
        "type": "enum:good|service",
        "url": "str",
    },
    "price.create": {
        **_PRICE,
        "currency": "currency!",
        "billing_scheme": "enum:per_unit|tiered",
        "custom_unit_amount": "-",
        "product": "str",
        "product_data": Hash(
            {
                "active": "bool",
                "id": "str",
                "metadata": "metadata",
                "name": "str!",
                "statement_descriptor": "str:22",
                "tax_code": "-",
                "tax_details": "-",
                "unit_label": "str:12",
            }
        ),
        "recurring": _RECURRING,
        "tiers": "-",
        "tiers_mode": "-",
        "transform_quantity": "-",
        "unit_amount": "int",
        "unit_amount_decimal": "decimal",
    },
    "price.update": _PRICE,
    "price.list": {
        **_PAGE,
        "active": "bool",
        "currency": "currency",
        "lookup_keys": "strs",
        "product": "str",
        "recurring": "-",
        "type": "enum:one_time|recurring",
    },
    "invoice.create": {
        **_INVOICE,
        "currency": "currency",
        "customer": "str",
        "customer_account": "-",
        "from_invoice": "-",
        "pending_invoice_items_behavior": "enum:exclude|include",
        "subscription": "-",
    },
    "invoice.update": _INVOICE,
    "invoice.list": {
        **_PAGE,
        "collection_method": "enum:charge_automatically|send_invoice",
        "customer": "str",
        "customer_account": "-",
        "due_date": "created",
        "status": "enum:draft|open|paid|uncollectible|void",
        "subscription": "str",
    },
    "invoice.finalize": {"auto_advance": "bool", **_EXPAND},
    "invoice.pay": {
        "forgive": "-",
        "mandate": "-",
        "off_session": "bool",
        "paid_out_of_band": "bool",
        "payment_method": "str",
        "source": "-",
        **_EXPAND,
    },
    "invoice.void": _EXPAND,
    "invoice.mark_uncollectible": _EXPAND,
    "invoice.send": _EXPAND,
    "invoice_item.create": {
        **_ITEM,
        "currency": "currency",
        "customer": "str!",
        "customer_account": "-",
        "invoice": "str",
        "subscription": "-",
    },
    "invoice_item.update": {**_ITEM, "invoicing_rules": "-"},
    "invoice_item.list": {**_PAGE, "customer": "str", "customer_account": "-", "invoice": "str", "pending": "bool"},
    "charge.update": {
        **_EDIT,
        "customer": "-",
        "description": "str:40000",
        "fraud_details": "-",
        "receipt_email": "email?",
        "shipping": "-",
        "transfer_group": "-",
    },
    "charge.list": {**_PAGE, "customer": "str", "payment_intent": "str", "transfer_group": "str"},
    "payment_intent.create": {
        **_EDIT,
        "amount": "int!",
        "currency": "currency!",
        "automatic_payment_methods": Hash({"enabled": "bool!", "allow_redirects": "enum:always|never"}),
        "capture_method": "enum:automatic|automatic_async|manual",
        "confirm": "bool",
        "customer": "str",
        "description": "str:1000",
        "payment_method": "str",
        "shipping": _SHIPPING,
        **dict.fromkeys(_INTENT_NOT_MODELLED, "-"),
        "receipt_email": "email?",
        "return_url": "str",
        "statement_descriptor": "str:22",
        "off_session": "bool",
    },
    "payment_intent.update": {
        **_EDIT,
        "description": "str:1000",
        "receipt_email": "email?",
        **dict.fromkeys(_INTENT_FIXED, "-"),
    },
    "intent.confirm": {"payment_method": "str", "return_url": "str", **_EXPAND},
    "payment_intent.list": {**_PAGE, "customer": "str", "customer_account": "-"},
    "refund.create": {
        **_EDIT,
        "amount": "int",
        "charge": "str",
        "currency": "-",
        "customer": "-",
        "instructions_email": "-",
        "origin": "-",
        "payment_intent": "str",
        "reason": "enum:duplicate|fraudulent|requested_by_customer",
        "refund_application_fee": "-",
        "reverse_transfer": "-",
    },
    "refund.update": _EDIT,
    "refund.list": {**_PAGE, "charge": "str", "payment_intent": "str"},
    "credit_note.create": {
        **_EDIT,
        "amount": "int",
        "credit_amount": "int",
        "effective_at": "int",
        "email_type": "enum:credit_note|none",
        "invoice": "str!",
        "lines": Rows(
            {
                "amount": "int",
                "description": "str:5000",
                "invoice_line_item": "str",
                "metadata": "metadata",
                "quantity": "int",
                "tax_amounts": "-",
                "tax_rates": "-",
                "type": "enum:custom_line_item|invoice_line_item!",
                "unit_amount": "int",
                "unit_amount_decimal": "decimal",
            }
        ),
        "memo": "str:5000",
        "out_of_band_amount": "int",
        "reason": "enum:duplicate|fraudulent|order_change|product_unsatisfactory",
        "refund_amount": "int",
        "refunds": "-",
        "shipping_cost": "-",
    },
    "credit_note.update": {**_EDIT, "memo": "str:5000"},
    "credit_note.list": {**_PAGE, "customer": "str", "customer_account": "-", "invoice": "str"},
    "credit_note.void": _EXPAND,
    "invoice_payment.list": {
        **_PAGE,
        "invoice": "str",
        "payment": Hash(
            {"payment_intent": "str", "payment_record": "str", "type": "enum:payment_intent|payment_record!"}
        ),
        "status": "enum:canceled|open|paid",
    },
    "payout.create": {
        **_EDIT,
        "amount": "int!",
        "currency": "currency!",
        "description": "str",
        "destination": "str",
        "method": "enum:instant|standard",
        "payout_method": "-",
        "source_type": "enum:bank_account|card|fpx",
        "statement_descriptor": "str:22",
    },
    "payout.update": _EDIT,
    "payout.list": {
        **_PAGE,
        "arrival_date": "created",
        "destination": "str",
        "status": "enum:paid|pending|in_transit|canceled|failed",
    },
    "balance_transaction.list": {
        **_PAGE,
        "currency": "currency",
        "payout": "str",
        "source": "str",
        "type": "str",
    },
    "tax_rate.create": {
        **_EDIT,
        "active": "bool",
        "country": "str",
        "description": "str",
        "display_name": "str:50!",
        "inclusive": "bool!",
        "jurisdiction": "str",
        "percentage": "decimal!",
        "state": "str",
        "tax_type": "str",
    },
    "tax_rate.list": {**_PAGE, "active": "bool", "inclusive": "bool"},
    "event.list": {**_PAGE, "delivery_success": "bool", "type": "str", "types": "strs"},
    "lines.list": {"ending_before": "str", "limit": "int", "starting_after": "str", **_EXPAND},
    "search": _SEARCH,
    "retrieve": _EXPAND,
    "delete": {},
}
