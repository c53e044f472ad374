"""Invoice items: what waits for the next invoice, or is on a draft. No I/O."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from syncctl.sandbox.stripe import shapes
from syncctl.sandbox.stripe.changes import changed, create, delete, put, update
from syncctl.sandbox.stripe.refusals import Refusal, missing_parameter, not_now
from syncctl.sandbox.stripe.store import Store, Thing
from syncctl.sandbox.stripe.totals import due, tax_line, total

_OWN = ("pricing", "unit_amount_decimal", "tax_behavior", "invoice", "amount", "quantity", "quantity_decimal")


def create_item(store: Store, given: dict[str, Any]) -> Thing:
    customer = store.get("customer", given["customer"], param="customer", in_path=False)
    draft = _draft(store, given.get("invoice"))
    priced = _priced(store, given, customer)
    _rates_exist(store, given.get("tax_rates") or [])
    item = shapes.invoice_item(store.new_id("invoiceitem"), store.now())
    put(item, {**changed(item, {name: value for name, value in given.items() if name not in _OWN}), **priced})
    item["tax_rates"] = [store.things["tax_rate"][rate] for rate in given.get("tax_rates") or []]
    create(store, item)
    if customer["currency"] is None:
        update(store, customer, {"currency": item["currency"]})
    if draft is not None:
        attach(store, draft, [item])
    return item


def _draft(store: Store, identity: str | None) -> Thing | None:
    if not identity:
        return None
    invoice = store.get("invoice", identity, param="invoice", in_path=False)
    if invoice["status"] != "draft":
        raise not_now("The invoice is already finalized and cannot be updated.", "invoice_not_editable", "invoice")
    return invoice


def _priced(store: Store, given: dict[str, Any], customer: Thing) -> Thing:
    """Amount, quantity, currency and pricing of an item. Raises Refusal."""
    quantity = Decimal(str(given.get("quantity_decimal", given.get("quantity", 1))))
    price_id = (given.get("pricing") or {}).get("price")
    if price_id:
        price = store.get("price", price_id, param="pricing[price]", in_path=False)
        unit, currency, product = Decimal(price["unit_amount_decimal"]), price["currency"], price["product"]
    elif "amount" in given or "unit_amount_decimal" in given:
        if "amount" in given and quantity != 1:
            raise Refusal("You may only specify one of these parameters: amount, quantity.", param="quantity")
        unit = Decimal(str(given.get("amount", given.get("unit_amount_decimal"))))
        currency = given.get("currency") or customer["currency"] or "usd"
        price = inline_price(store, currency, unit, given.get("description"))
        price_id, product = price["id"], price["product"]
    else:
        raise missing_parameter("amount")
    return {
        "amount": int((unit * quantity).quantize(Decimal(1), ROUND_HALF_UP)),
        "currency": currency,
        "pricing": {
            "price_details": {"price": price_id, "product": product},
            "type": "price_details",
            "unit_amount_decimal": f"{unit:f}",
        },
        "quantity": int(quantity),
        "quantity_decimal": f"{quantity:f}",
    }


def inline_price(store: Store, currency: str, unit: Decimal, description: str | None) -> Thing:
    """Recorded: an item with a bare amount gets an inactive price and product, the same for the same amount."""
    for price in store.things["price"].values():
        if price["id"] in store.inline and (price["currency"], price["unit_amount_decimal"]) == (currency, f"{unit:f}"):
            return price
    product = shapes.product(store.new_id("product"), store.now())
    create(store, {**product, "active": False, "name": description or "Invoice item"})
    price = shapes.price(store.new_id("price"), store.now())
    whole = int(unit) if unit == unit.to_integral_value() else None
    price |= {"active": False, "currency": currency, "product": product["id"]}
    price |= {"unit_amount": whole, "unit_amount_decimal": f"{unit:f}"}
    store.inline.add(price["id"])
    return store.add("price", price)


def _rates_exist(store: Store, rates: list[str]) -> None:
    for rate in rates:
        store.get("tax_rate", rate, param="tax_rates", in_path=False)


def attach(store: Store, invoice: Thing, items: list[Thing]) -> None:
    """Puts items on a draft as lines."""
    rows = list(invoice["lines"]["data"])
    for item in items:
        item["invoice"] = invoice["id"]
        rows.append(_line_of(store, invoice, item))
    retotal(store, invoice, rows)


def retotal(store: Store, invoice: Thing, rows: list[Thing]) -> None:
    """New lines, and every total that follows from them."""
    lines = {**invoice["lines"], "data": rows}
    totals = total({**invoice, "lines": lines})
    update(store, invoice, {"lines": lines, **totals, **due({**invoice, **totals})})


def _line_of(store: Store, invoice: Thing, item: Thing) -> Thing:
    line = shapes.line(store.new_id("line_item"), invoice["id"], store.now())
    same = ("amount", "currency", "description", "discountable", "metadata", "period", "pricing", "quantity")
    line |= {name: item[name] for name in (*same, "quantity_decimal")}
    line["subtotal"] = item["amount"]
    line["parent"]["invoice_item_details"]["invoice_item"] = item["id"]
    rates = [rate["id"] for rate in item["tax_rates"] or invoice["default_tax_rates"]]
    tax_line(store, line, rates)
    return line


def update_item(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    item = store.get("invoiceitem", identity)
    invoice = _draft(store, item["invoice"])
    _rates_exist(store, given.get("tax_rates") or [])
    values = changed(item, {name: value for name, value in given.items() if name not in (*_OWN, "tax_rates")})
    if any(name in given for name in ("amount", "quantity", "quantity_decimal", "pricing", "unit_amount_decimal")):
        held = {"currency": item["currency"], "description": item["description"]}
        values |= _priced(store, {**held, **given}, store.things["customer"][item["customer"]])
    if "tax_rates" in given:
        values["tax_rates"] = [store.things["tax_rate"][rate] for rate in given["tax_rates"] or []]
    put(item, values)
    if invoice is not None:
        rows = [_line_of(store, invoice, item) if _made_of(row, item) else row for row in invoice["lines"]["data"]]
        retotal(store, invoice, rows)
    return item


def _made_of(line: Thing, item: Thing) -> bool:
    details = line["parent"]["invoice_item_details"] or {}
    return bool(details.get("invoice_item") == item["id"])


def delete_item(store: Store, identity: str) -> Thing:
    item = store.get("invoiceitem", identity)
    invoice = _draft(store, item["invoice"])
    if invoice is not None:
        retotal(store, invoice, [row for row in invoice["lines"]["data"] if not _made_of(row, item)])
    return delete(store, "invoiceitem", identity)
