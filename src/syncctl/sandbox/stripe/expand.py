"""expand[]: puts the record where its id was, at most four levels deep. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Final

from syncctl.sandbox.stripe.refusals import Refusal
from syncctl.sandbox.stripe.render import shown
from syncctl.sandbox.stripe.shapes import list_of
from syncctl.sandbox.stripe.store import Store, Thing

DEPTH_MAX: Final = 4
_KINDS: Final = {
    "balance_transaction": ("balance_transaction",),
    "charge": ("charge",),
    "customer": ("customer",),
    "default_price": ("price",),
    "failure_balance_transaction": ("balance_transaction",),
    "invoice": ("invoice",),
    "latest_charge": ("charge",),
    "latest_revision": ("invoice",),
    "payment_intent": ("payment_intent",),
    "price": ("price",),
    "product": ("product",),
    "refund": ("refund",),
    "source": ("charge", "refund", "payout"),
}
"""Keys that hold an id -> where that record is."""
_OPAQUE: Final = frozenset({"discount", "discounts", "coupon", "destination", "default_payment_method"})
"""Expandable at the vendor; what they name is not modelled, so they stay as they are."""


def expanded(store: Store, answer: Thing, paths: Iterable[str]) -> Thing:
    """The answer with every path expanded. Raises Refusal."""
    found = deepcopy(answer)
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEPTH_MAX:
            raise Refusal("You cannot expand more than 4 levels of a property.", param="expand")
        if found.get("object") == "list" and _is_events(found) and len(steps) > 1:
            raise _cannot(path)
        _expand(store, found, steps, path)
    return found


def _is_events(found: Thing) -> bool:
    return str(found.get("url", "")).startswith("/v1/events")


def _cannot(path: str) -> Refusal:
    return Refusal(f"This property cannot be expanded ({path}).", param="expand")


def _expand(store: Store, value: Any, steps: list[str], path: str) -> None:
    if isinstance(value, list):
        for element in value:
            _expand(store, element, steps, path)
        return
    if not isinstance(value, dict):
        return
    name, rest = steps[0], steps[1:]
    if name not in value:
        value[name] = _included(store, value, name, path)
    held = value[name]
    if isinstance(held, str):
        value[name] = held = _record(store, value, name, held, path)
    elif held is not None and not isinstance(held, dict | list) and not rest:
        raise _cannot(path)
    if rest:
        _expand(store, held, rest, path)


def _record(store: Store, holder: Thing, name: str, identity: str, path: str) -> Any:
    if name in _OPAQUE:
        return identity
    in_price_details = name == "product" and "price" in holder and "object" not in holder
    for kind in () if in_price_details else _KINDS.get(name, ()):
        found = store.things[kind].get(identity) or store.deleted[kind].get(identity)
        if found is not None:
            return deepcopy(shown(store, found))
    if name in _KINDS and not in_price_details:
        return identity
    raise _cannot(path)


def _included(store: Store, holder: Thing, name: str, path: str) -> Any:
    """Keys that answers hold only when they are asked for."""
    kind, identity = holder.get("object"), holder.get("id", "")
    if (kind, name) == ("invoice", "payments"):
        rows = [row for row in store.things["invoice_payment"].values() if row["invoice"] == identity]
        return list_of("/v1/invoice_payments", deepcopy(rows), has_more=False)
    if (kind, name) == ("charge", "refunds"):
        rows = [row for row in store.things["refund"].values() if row["charge"] == identity]
        return list_of(f"/v1/charges/{identity}/refunds", deepcopy(rows), has_more=False)
    if (kind, name) == ("customer", "tax"):
        return {"automatic_tax": "unrecognized_location", "ip_address": None, "location": None}
    if (kind, name) == ("customer", "invoice_credit_balance"):
        return {}
    raise _cannot(path)
