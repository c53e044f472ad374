"""Which path does what. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from syncctl.sandbox.stripe import balance, catalog, credit_notes, customers, invoice_items, invoices, payments
from syncctl.sandbox.stripe.changes import delete
from syncctl.sandbox.stripe.lists import inner_page, list_page
from syncctl.sandbox.stripe.refusals import missing
from syncctl.sandbox.stripe.render import shown
from syncctl.sandbox.stripe.search import SEARCHABLE, SearchIndex
from syncctl.sandbox.stripe.store import Store, Thing

Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler works on. `identity` is the record of the path, or ""."""

    store: Store
    index: SearchIndex
    account: Callable[[], Thing]
    kind: str
    url: str
    identity: str
    given: Given


@dataclass(frozen=True, slots=True)
class Route:
    """`params` names the table of parameters; `resource` what a restricted key needs a permission for."""

    method: str
    pattern: re.Pattern[str]
    kind: str
    params: str
    resource: str
    handler: Callable[[Call], Thing]
    name: str


def find_route(method: str, path: str) -> tuple[Route, str] | None:
    """The route of a request and the id in its path."""
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match is not None and route.method == method:
            return route, match.groupdict().get("id") or ""
    return None


def _list(call: Call) -> Thing:
    page = list_page(call.store, call.kind, call.url, call.given)
    return {**page, "data": [shown(call.store, thing) for thing in page["data"]]}


def _retrieve(call: Call) -> Thing:
    found = call.store.things[call.kind].get(call.identity) or _tombstone(call)
    if found is None:
        raise missing(call.kind, call.identity)
    return shown(call.store, found)


def _tombstone(call: Call) -> Thing | None:
    """Retrieving a deleted customer answers 200; other deleted records are not there."""
    return call.store.deleted[call.kind].get(call.identity) if call.kind == "customer" else None


def _inner(call: Call) -> Thing:
    return inner_page(call.url, call.store.get(call.kind, call.identity)["lines"]["data"], call.given)


def _delete(call: Call) -> Thing:
    return delete(call.store, call.kind, call.identity)


def _search(call: Call) -> Thing:
    return call.index.search(call.kind, call.url, call.given)


def _account(call: Call) -> Thing:
    found = call.account()
    if call.identity not in ("", found["id"]):
        raise missing("account", call.identity)
    return found


def _creates(make: Callable[[Store, Given], Thing]) -> Callable[[Call], Thing]:
    return lambda call: shown(call.store, make(call.store, call.given))


def _changes(change: Callable[[Store, str, Given], Thing]) -> Callable[[Call], Thing]:
    return lambda call: shown(call.store, change(call.store, call.identity, call.given))


def _deletes(remove: Callable[[Store, str], Thing]) -> Callable[[Call], Thing]:
    return lambda call: remove(call.store, call.identity)


_PATHS: Final = {
    "customer": ("customers", "customer", "customer"),
    "product": ("products", "product", "product"),
    "price": ("prices", "price", "plan"),
    "invoice": ("invoices", "invoice", "invoice"),
    "invoiceitem": ("invoiceitems", "invoice_item", "invoice"),
    "charge": ("charges", "charge", "charge"),
    "payment_intent": ("payment_intents", "payment_intent", "payment_intent"),
    "refund": ("refunds", "refund", "charge"),
    "credit_note": ("credit_notes", "credit_note", "credit_note"),
    "invoice_payment": ("invoice_payments", "invoice_payment", "invoice"),
    "payout": ("payouts", "payout", "payout"),
    "balance_transaction": ("balance_transactions", "balance_transaction", "balance"),
    "tax_rate": ("tax_rates", "tax_rate", "tax_rate"),
    "event": ("events", "event", "event"),
}
"""Kind -> last part of the path, name in the parameter tables, name in permissions (from memory, but customer, charge,
plan and subscription, which error messages quote)."""

_CREATES: Final[dict[str, Callable[[Store, Given], Thing]]] = {
    "customer": customers.create_customer,
    "product": catalog.create_product,
    "price": catalog.create_price,
    "invoice": invoices.create_invoice,
    "invoiceitem": invoice_items.create_item,
    "payment_intent": payments.create_intent,
    "refund": payments.create_refund,
    "credit_note": credit_notes.create_credit_note,
    "payout": balance.create_payout,
    "tax_rate": catalog.create_tax_rate,
}
_UPDATES: Final[dict[str, Callable[[Store, str, Given], Thing]]] = {
    "customer": customers.update_customer,
    "product": catalog.update_product,
    "price": catalog.update_price,
    "invoice": invoices.update_invoice,
    "invoiceitem": invoice_items.update_item,
    "charge": payments.update_charge,
    "payment_intent": payments.update_intent,
    "refund": payments.update_refund,
    "credit_note": credit_notes.update_credit_note,
    "payout": balance.update_payout,
}
_DELETES: Final[dict[str, Callable[[Call], Thing]]] = {
    "customer": _delete,
    "product": _deletes(catalog.delete_product),
    "invoice": _deletes(invoices.delete_invoice),
    "invoiceitem": _deletes(invoice_items.delete_item),
}
_ACTIONS: Final[dict[tuple[str, str], tuple[str, Callable[[Store, str, Given], Thing]]]] = {
    ("invoice", "finalize"): ("invoice.finalize", invoices.finalize_invoice),
    ("invoice", "pay"): ("invoice.pay", invoices.pay_invoice),
    ("invoice", "void"): ("invoice.void", invoices.void_invoice),
    ("invoice", "mark_uncollectible"): ("invoice.mark_uncollectible", invoices.mark_uncollectible),
    ("invoice", "send"): ("invoice.send", invoices.send_invoice),
    ("credit_note", "void"): ("credit_note.void", credit_notes.void_credit_note),
    ("payment_intent", "confirm"): ("intent.confirm", payments.confirm_intent),
    ("payment_intent", "capture"): ("retrieve", payments.capture_intent),
    ("payment_intent", "cancel"): ("retrieve", payments.cancel_intent),
    ("payout", "cancel"): ("retrieve", lambda store, identity, _: balance.cancel_payout(store, identity)),
}


def _routes() -> Iterator[Route]:
    def route(method: str, path: str, kind: str, params: str, resource: str, handler: Callable[[Call], Thing]) -> Route:
        pattern = re.compile(path.replace("{id}", "(?P<id>[^/]+)"))
        return Route(method, pattern, kind, params, resource, handler, f"{method} {path}")

    yield route("GET", "/v1/account", "account", "retrieve", "account", _account)
    yield route("GET", "/v1/accounts/{id}", "account", "retrieve", "account", _account)
    for kind, (path, name, resource) in _PATHS.items():
        whole, one = f"/v1/{path}", f"/v1/{path}/{{id}}"
        if kind in SEARCHABLE:
            yield route("GET", f"{whole}/search", kind, "search", resource, _search)
        yield route("GET", whole, kind, f"{name}.list", resource, _list)
        if kind in _CREATES:
            yield route("POST", whole, kind, f"{name}.create", resource, _creates(_CREATES[kind]))
        if kind in ("invoice", "credit_note"):
            yield route("GET", f"{one}/lines", kind, "lines.list", resource, _inner)
        yield route("GET", one, kind, "retrieve", resource, _retrieve)
        if kind in _UPDATES:
            yield route("POST", one, kind, f"{name}.update", resource, _changes(_UPDATES[kind]))
        if kind in _DELETES:
            yield route("DELETE", one, kind, "delete", resource, _DELETES[kind])
    for (kind, action), (params, change) in _ACTIONS.items():
        path, _, resource = _PATHS[kind]
        yield route("POST", f"/v1/{path}/{{id}}/{action}", kind, params, resource, _changes(change))


ROUTES: Final = tuple(_routes())
