"""Customers. No I/O."""

from __future__ import annotations

import string
from typing import Any, Final

from syncctl.sandbox.stripe import shapes
from syncctl.sandbox.stripe.changes import changed, create, put, update
from syncctl.sandbox.stripe.store import Store, Thing

_CLEARED: Final[Thing] = {"tax_exempt": "none", "preferred_locales": []}


def new(store: Store) -> Thing:
    """A customer nobody knows anything about yet."""
    prefix = "".join(store.random.choices(string.ascii_uppercase + string.digits, k=8))
    return shapes.customer(store.new_id("customer"), store.now(), prefix)


def create_customer(store: Store, given: dict[str, Any]) -> Thing:
    customer = new(store)
    put(customer, _values(customer, given))
    return create(store, customer)


def update_customer(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    customer = store.get("customer", identity)
    return update(store, customer, _values(customer, given))


def _values(customer: Thing, given: dict[str, Any]) -> Thing:
    values = changed(customer, given, _CLEARED)
    if "address" in values:
        values["address"] = shapes.address(values["address"])
    if values.get("shipping") is not None:
        given_shipping = given["shipping"]
        values["shipping"] = {"phone": None, **given_shipping, "address": shapes.address(given_shipping["address"])}
    return values
