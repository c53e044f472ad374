"""Every parameter the connector sends is one that Stripe's own client knows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from stripe_wired import Wired, cursor, post, wired

from syncctl.connectors.stripe.kinds import KINDS
from syncctl.model import Action, Change, Edit, Ref
from syncctl.sandbox.base import SandboxRequest
from syncctl.sandbox.clock import FakeClock

OPERATIONS = {"invoiceitems": "invoice_item"}
NOT_IN_THE_CATALOGUE = {
    # The SDK 16.1.0 has these two services; the catalogue was cut to others.
    "invoice_payment.list": {
        "created",
        "ending_before",
        "expand",
        "invoice",
        "limit",
        "payment",
        "starting_after",
        "status",
    },
    "lines.list": {"ending_before", "expand", "limit", "starting_after"},
}


def operation(request: SandboxRequest) -> str:
    parts = request.path.removeprefix("/v1/").split("/")
    name = OPERATIONS.get(parts[0], parts[0].removesuffix("s"))
    if len(parts) == 1:
        return f"{name}.{'list' if request.method == 'GET' else 'create'}"
    if len(parts) == 3:
        return f"{parts[2]}.list"
    return f"{name}.{'retrieve' if request.method == 'GET' else 'update'}"


def parameters(request: SandboxRequest) -> set[str]:
    pairs = [*request.query, *parse_qsl(request.body.decode(), keep_blank_values=True)]
    return {re.split(r"\[", name)[0] for name, _ in pairs}


def exercise(wire: Wired) -> None:
    """Pulls, finds, writes and probes everything there is."""
    customer = wire.vendor.seed("customer", {"name": "Acme", "address": {"city": "Oslo"}})["id"]
    product = wire.vendor.seed("product", {"name": "Plan"})["id"]
    wire.vendor.seed("price", {"product": product, "unit_amount": 5})
    lines = [{"description": "Work", "amount": 100}] * 12
    invoice = wire.vendor.seed("invoice", {"customer": customer, "status": "open", "lines": lines})["id"]
    charge = wire.vendor.seed("charge", {"invoice": invoice, "amount": 500})
    wire.vendor.seed("payout", {"transactions": [charge["balance_transaction"]]})
    wire.clock.advance(7200)
    windows = {kind: cursor(wire.pull(kind)) for kind in KINDS}
    wire.clock.advance(7200)
    post(wire, f"/v1/customers/{customer}", name="Acme Ltd")
    for kind in KINDS:
        wire.pull(kind, windows[kind])
        for field in KINDS[kind].lookups:
            wire.stripe.find(kind, field, ["x@example.com"])
    write(wire, Action.CREATE, "new-1", "name", "address.city", "metadata.a", "shipping.name", "shipping.address.city")
    write(wire, Action.UPDATE, customer, "name", "address.city", "metadata.a", "tax_exempt")


def write(wire: Wired, action: Action, identity: str, *paths: str) -> None:
    edits = tuple(Edit(path, None, None if path == "tax_exempt" else "x") for path in paths)
    change = Change("intent", "m", action, Ref("stripe", "customer", identity), None, "Acme", edits)
    held = wire.stripe.find("customer", "id", [identity])[0] if action is Action.UPDATE else None
    request = wire.stripe.prepare([change], [held], f"key-{identity}", ["op"])
    wire.stripe.send(request)
    wire.stripe.probe(request, [change], wire.clock.now())


@pytest.mark.vendors
def test_every_parameter_sent_is_in_the_official_clients_catalogue(clock: FakeClock, vendors: Path) -> None:
    catalogue: dict[str, Any] = json.loads((vendors / "specs/stripe/stripe-sdk-16.1.0-catalog.json").read_text())
    wire = wired(clock)
    exercise(wire)
    seen: dict[str, set[str]] = {}
    for request in wire.sandbox.seen:
        seen.setdefault(operation(request), set()).update(parameters(request))
    assert {"customer.create", "customer.update", "customer.retrieve", "event.list", "lines.list"} < set(seen)
    assert {f"{kind}.list" for kind in KINDS} <= set(seen)
    for name, sent in seen.items():
        known = NOT_IN_THE_CATALOGUE.get(name) or set(catalogue["params"].get(name, ()))
        assert sent <= known, name


def test_every_request_pins_the_version_and_only_writes_carry_a_key(clock: FakeClock) -> None:
    wire = wired(clock)
    exercise(wire)
    assert {request.headers["stripe-version"] for request in wire.sandbox.seen} == {"2026-10-28.endive"}
    keyed = {request.method for request in wire.sandbox.seen if "idempotency-key" in request.headers}
    assert keyed == {"POST"}
    assert {request.method for request in wire.sandbox.seen} == {"GET", "POST"}


@pytest.mark.vendors
def test_every_kind_listens_to_all_events_that_are_about_it(vendors: Path) -> None:
    event = pytest.importorskip("stripe").Event
    source = Path(__import__("inspect").getsourcefile(event)).read_text()
    listed = source[source.index("type: Literal[") :]
    types = set(re.findall(r'"([a-z_.]+)"', listed[: listed.index("]")]))
    for kind, found in KINDS.items():
        own = {each for each in types if re.fullmatch(rf"{kind}\.[a-z_]+", each)} - {"invoice.upcoming"}
        heard = set(found.events)
        assert own <= heard, kind
        assert heard <= types, kind
        assert len(heard) <= 20, "the vendor takes no more types in one request"
