"""Products, prices and tax rates. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from syncctl.sandbox.stripe import money_shapes, shapes
from syncctl.sandbox.stripe.changes import changed, create, delete, put, update
from syncctl.sandbox.stripe.refusals import Refusal, missing_parameter, not_now
from syncctl.sandbox.stripe.store import Store, Thing


def create_product(store: Store, given: dict[str, Any]) -> Thing:
    identity = given.pop("id", None) or store.new_id("product")
    if identity in store.things["product"]:
        raise not_now("Product already exists.", "resource_already_exists", "id")
    priced = given.pop("default_price_data", None)
    product = shapes.product(identity, store.now())
    put(product, changed(product, given, {"images": []}))
    create(store, product)
    if priced is not None:
        product["default_price"] = create_price(store, {**priced, "product": identity})["id"]
    return product


def update_product(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    product = store.get("product", identity)
    if given.get("default_price") is not None:
        price = store.get("price", given["default_price"], param="default_price", in_path=False)
        if price["product"] != identity:
            raise not_now("The default price must belong to the product.", param="default_price")
    values = changed(product, given, {"images": [], "marketing_features": []})
    if any(product.get(name) != value for name, value in values.items()):
        values["updated"] = store.now()
    return update(store, product, values)


def delete_product(store: Store, identity: str) -> Thing:
    product = store.get("product", identity)
    if any(price["product"] == product["id"] for price in store.things["price"].values()):
        raise not_now("This product cannot be deleted because it has one or more user-created prices.")
    return delete(store, "product", identity)


def create_price(store: Store, given: dict[str, Any]) -> Thing:
    _check_price(store, given)
    made_with = given.pop("product_data", None)
    if made_with is not None:
        given["product"] = create_product(store, made_with)["id"]
    if given.pop("transfer_lookup_key", False):
        _free_lookup_key(store, given.get("lookup_key"))
    price = shapes.price(store.new_id("price"), store.now())
    put(price, {**changed(price, given), **unit_amounts(given)})
    if given.get("recurring"):
        blank = {"interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}
        price |= {"type": "recurring", "recurring": {**blank, **given["recurring"]}}
    return create(store, price)


def _check_price(store: Store, given: dict[str, Any]) -> None:
    if not given.get("product") and not given.get("product_data"):
        raise missing_parameter("product")
    if given.get("product"):
        store.get("product", given["product"], param="product", in_path=False)
    if ("unit_amount" in given) == ("unit_amount_decimal" in given):
        raise Refusal("You must specify one of `unit_amount` or `unit_amount_decimal`.", param="unit_amount")
    _check_lookup_key(store, given)


def _check_lookup_key(store: Store, given: dict[str, Any], own: str = "") -> None:
    key = given.get("lookup_key")
    taken = [price["id"] for price in store.things["price"].values() if key and price["lookup_key"] == key]
    if taken and taken[0] != own and not given.get("transfer_lookup_key"):
        raise not_now(f"A price (`{taken[0]}`) already uses that lookup key.", param="lookup_key")


def _free_lookup_key(store: Store, key: str | None) -> None:
    for price in store.things["price"].values():
        if key and price["lookup_key"] == key:
            update(store, price, {"lookup_key": None})


def unit_amounts(given: Mapping[str, Any]) -> Thing:
    """Both spellings of a price's amount, from either."""
    exact = Decimal(str(given.get("unit_amount", given.get("unit_amount_decimal", 0))))
    whole = int(exact) if exact == exact.to_integral_value() else None
    return {"unit_amount": whole, "unit_amount_decimal": f"{exact:f}"}


def update_price(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    price = store.get("price", identity)
    _check_lookup_key(store, given, identity)
    if given.pop("transfer_lookup_key", False):
        _free_lookup_key(store, given.get("lookup_key"))
    return update(store, price, changed(price, given))


def create_tax_rate(store: Store, given: dict[str, Any]) -> Thing:
    rate = money_shapes.tax_rate(store.new_id("tax_rate"), store.now())
    put(rate, changed(rate, given))
    percentage = Decimal(str(given["percentage"]))
    rate["percentage"] = int(percentage) if percentage == percentage.to_integral_value() else percentage
    return create(store, rate)
