"""Writing to Stripe: at most one record per intent, and every answer told for what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from stripe_wired import Wired, cursor, decoded, post, raws, wired

from syncctl.errors import CredentialError
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Change, Edit, Outcome, Record, Ref, Request
from syncctl.sandbox.clock import FakeClock

SOURCE = Ref("hubspot", "contact", "701")


@pytest.fixture
def wire(clock: FakeClock) -> Wired:
    return wired(clock)


def create(*edits: tuple[str, Any], kind: str = "customer") -> Change:
    made = tuple(Edit(path, None, after) for path, after in edits)
    return Change("intent", "contacts", Action.CREATE, Ref("stripe", kind, "new-1"), SOURCE, "Acme", made)


def update(identity: str, *edits: tuple[str, Any], kind: str = "customer") -> Change:
    made = tuple(Edit(path, None, after) for path, after in edits)
    return Change("intent", "contacts", Action.UPDATE, Ref("stripe", kind, identity), SOURCE, "Acme", made)


def request(wire: Wired, change: Change, key: str = "key-1", row: str = "op-1") -> Request:
    current = None
    if change.action is Action.UPDATE:
        [current] = wire.stripe.find(change.target.kind, "id", [change.target.id])
    return wire.stripe.prepare([change], [current], key, [row])


def body(asked: Request) -> dict[str, str]:
    return dict(parse_qsl(asked.body.decode(), keep_blank_values=True))


def customer(wire: Wired, **given: Any) -> str:
    return str(wire.vendor.seed("customer", {"name": "Acme", **given})["id"])


def test_a_create_carries_its_values_its_key_and_the_mark_of_its_operation(wire: Wired) -> None:
    change = create(
        ("name", "Acme GmbH"),
        ("address.city", "Köln"),
        ("phone", None),
        ("preferred_locales", ["de", "en"]),
        ("metadata.syncctl_source", "syncctl hubspot:contact:701"),
    )
    asked = request(wire, change)
    assert (asked.method, asked.path, asked.key) == ("POST", "/v1/customers", "key-1")
    assert ("Idempotency-Key", "key-1") in asked.headers
    assert body(asked) == {
        "name": "Acme GmbH",
        "address[city]": "Köln",
        "preferred_locales[0]": "de",
        "preferred_locales[1]": "en",
        "metadata[syncctl_source]": "syncctl hubspot:contact:701",
        "metadata[syncctl_operation]": "op-1",
    }
    [receipt] = wire.stripe.send(asked)
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.row == "op-1"
    assert receipt.record is not None
    assert wire.stripe.find("customer", "id", [receipt.record.ref.id]) == (receipt.record,)


def test_an_update_sends_only_what_changes_and_keeps_other_metadata(wire: Wired) -> None:
    identity = customer(wire, email="a@acme.example", metadata={"crm": "7", "sku": "x"})
    asked = request(wire, update(identity, ("name", "Acme Ltd"), ("metadata.sku", None), ("metadata.region", "EU")))
    assert body(asked) == {
        "name": "Acme Ltd",
        "metadata[sku]": "",
        "metadata[region]": "EU",
        "metadata[syncctl_operation]": "op-1",
    }
    [receipt] = wire.stripe.send(asked)
    assert receipt.record is not None
    assert decoded(receipt.record)["metadata"] == {"crm": "7", "region": "EU", "syncctl_operation": "op-1"}
    assert decoded(receipt.record)["email"] == "a@acme.example"


def test_an_address_is_sent_whole_so_that_no_part_of_it_is_lost(wire: Wired) -> None:
    identity = customer(wire, address={"line1": "1 High St", "line2": "Unit 2", "city": "Leeds"})
    asked = request(wire, update(identity, ("address.city", "York"), ("address.line2", None)))
    assert body(asked) == {
        "address[line1]": "1 High St",
        "address[line2]": "",
        "address[city]": "York",
        "address[state]": "",
        "address[postal_code]": "",
        "address[country]": "",
        "metadata[syncctl_operation]": "op-1",
    }
    [receipt] = wire.stripe.send(asked)
    assert receipt.record is not None
    assert decoded(receipt.record)["address"] == {
        "line1": "1 High St",
        "line2": None,
        "city": "York",
        "state": None,
        "postal_code": None,
        "country": None,
    }


def test_values_are_cleared_by_sending_them_empty(wire: Wired) -> None:
    identity = customer(wire, phone="+49 221 1", address={"city": "Köln"}, tax_exempt="exempt", email="a@b.example")
    asked = request(
        wire, update(identity, ("phone", None), ("address.city", None), ("tax_exempt", None), ("email", None))
    )
    assert {body(asked)[name] for name in ("phone", "address", "tax_exempt", "email")} == {""}
    [receipt] = wire.stripe.send(asked)
    assert receipt.record is not None
    raw = decoded(receipt.record)
    assert (raw["phone"], raw["address"], raw["tax_exempt"], raw["email"]) == (None, None, "none", None)


def test_metadata_of_documents_can_be_written_and_nothing_else_is_touched(wire: Wired) -> None:
    identity = customer(wire)
    lines = [{"description": f"Line {number}", "amount": 100} for number in range(12)]
    invoice = wire.vendor.seed("invoice", {"customer": identity, "status": "open", "lines": lines})["id"]
    asked = request(wire, update(invoice, ("metadata.quickbooks_id", "145"), kind="invoice"))
    assert asked.path == f"/v1/invoices/{invoice}"
    [receipt] = wire.stripe.send(asked)
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.record is None, "the answer holds ten of the twelve lines"
    [page] = wire.pull("invoice")
    assert raws([page])[invoice]["metadata"]["quickbooks_id"] == "145"


@pytest.mark.parametrize("kind", ["invoice", "charge", "payout", "invoice_payment", "balance_transaction"])
def test_what_stripe_makes_itself_is_never_created_from_here(wire: Wired, kind: str) -> None:
    with pytest.raises(ValueError, match=f"no {kind} is created"):
        wire.stripe.prepare([create(("amount", 1), kind=kind)], [None], "key", ["op"])


def test_a_balance_transaction_is_never_updated(wire: Wired) -> None:
    change = update("txn_1", ("description", "x"), kind="balance_transaction")
    with pytest.raises(ValueError, match="no update of a balance_transaction"):
        wire.stripe.prepare([change], [Record(change.target, b"{}")], "key", ["op"])


def test_a_metadata_key_with_brackets_is_refused_before_it_becomes_another_key(wire: Wired) -> None:
    with pytest.raises(Undecodable, match="square brackets"):
        wire.stripe.prepare([create(("metadata.a[b]", "1"))], [None], "key", ["op"])


def test_two_changes_never_share_a_request(wire: Wired) -> None:
    with pytest.raises(ValueError, match="one record per request"):
        wire.stripe.prepare([create(), create()], [None, None], "key", ["op-1", "op-2"])


@pytest.mark.parametrize("fault", ["lost", "500 after", "truncated"])
def test_a_create_whose_answer_is_lost_is_unknown_and_its_replay_makes_no_second_one(wire: Wired, fault: str) -> None:
    asked = request(wire, create(("name", "Acme")))
    wire.fault(fault, method="POST")
    [lost] = wire.stripe.send(asked)
    assert lost.outcome is Outcome.UNKNOWN
    [found] = wire.stripe.send(asked)
    assert found.outcome is Outcome.APPLIED
    assert found.record is None, "an answer from memory may be outdated: the record is read again"
    assert found.ref is not None
    assert list(wire.vendor.state()["customer"]) == [found.ref.id]


def test_a_create_whose_answer_is_lost_is_found_by_its_mark(wire: Wired) -> None:
    since = wire.clock.now()
    for number in range(150):
        customer(wire, metadata={"syncctl_operation": f"other-{number}"})
    change = create(("name", "Acme"))
    asked = request(wire, change)
    wire.fault("lost", method="POST")
    wire.stripe.send(asked)
    wire.clock.advance(timedelta(hours=25).total_seconds())
    [receipt] = wire.stripe.probe(asked, [change], since)
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.record is not None
    assert decoded(receipt.record)["metadata"]["syncctl_operation"] == "op-1"


def test_a_probe_never_asks_the_search_index(wire: Wired) -> None:
    asked = request(wire, create(("name", "Acme")))
    wire.stripe.send(asked)
    wire.stripe.probe(asked, [create(("name", "Acme"))], wire.clock.now())
    assert not any(path.endswith("/search") for path in wire.sandbox.paths())


def test_a_create_that_never_arrived_is_not_found(wire: Wired) -> None:
    change = create(("name", "Acme"))
    asked = request(wire, change)
    wire.fault("500 before", method="POST")
    assert wire.stripe.send(asked)[0].outcome is Outcome.UNKNOWN
    [receipt] = wire.stripe.probe(asked, [change], wire.clock.now())
    assert receipt.outcome is Outcome.UNKNOWN
    assert wire.vendor.state()["customer"] == {}


def test_a_probe_looks_ten_minutes_further_back_than_it_is_told(wire: Wired) -> None:
    change = create(("name", "Acme"))
    asked = request(wire, change)
    wire.stripe.send(asked)
    assert wire.stripe.probe(asked, [change], wire.clock.now() + timedelta(minutes=9))[0].outcome is Outcome.APPLIED
    assert wire.stripe.probe(asked, [change], wire.clock.now() + timedelta(minutes=11))[0].outcome is Outcome.UNKNOWN


def test_an_update_whose_answer_is_lost_is_found_by_its_mark_or_its_values(wire: Wired) -> None:
    identity = customer(wire)
    change = update(identity, ("name", "Acme Ltd"))
    asked = request(wire, change)
    assert wire.stripe.probe(asked, [change], wire.clock.now())[0].outcome is Outcome.UNKNOWN
    wire.fault("lost", method="POST")
    wire.stripe.send(asked)
    assert wire.stripe.probe(asked, [change], wire.clock.now())[0].outcome is Outcome.APPLIED
    post(wire, f"/v1/customers/{identity}", **{"metadata[syncctl_operation]": "op-later"})
    assert wire.stripe.probe(asked, [change], wire.clock.now())[0].outcome is Outcome.APPLIED
    post(wire, f"/v1/customers/{identity}", name="Somebody else's")
    assert wire.stripe.probe(asked, [change], wire.clock.now())[0].outcome is Outcome.UNKNOWN


def test_a_saved_server_error_is_replayed_so_only_a_probe_tells(wire: Wired) -> None:
    change = create(("name", "Acme"))
    asked = request(wire, change)
    wire.vendor.crashes = 1
    assert wire.stripe.send(asked)[0].outcome is Outcome.UNKNOWN
    assert wire.stripe.send(asked)[0].outcome is Outcome.UNKNOWN
    assert wire.stripe.probe(asked, [change], wire.clock.now())[0].outcome is Outcome.APPLIED
    assert len(wire.vendor.state()["customer"]) == 1
    assert wire.stripe.card.replays_server_errors


def test_the_same_key_with_another_body_is_a_mismatch(wire: Wired) -> None:
    wire.stripe.send(request(wire, create(("name", "Acme"))))
    [receipt] = wire.stripe.send(request(wire, create(("name", "Other"))))
    assert (receipt.outcome, receipt.code) == (Outcome.KEY_MISMATCH, "idempotency_error")


def test_after_24_hours_a_key_is_forgotten_and_the_same_bytes_would_write_again(wire: Wired) -> None:
    asked = request(wire, create(("name", "Acme")))
    wire.stripe.send(asked)
    wire.clock.advance(wire.stripe.card.retention_seconds)
    wire.stripe.send(asked)
    assert len(wire.vendor.state()["customer"]) == 2


def test_a_refusal_names_the_parameter_and_changes_nothing(wire: Wired) -> None:
    [receipt] = wire.stripe.send(request(wire, create(("name", "Acme"), ("email", "no email"))))
    assert (receipt.outcome, receipt.code, receipt.status) == (Outcome.REJECTED, "email_invalid", 400)
    assert "Invalid email address: no email (parameter email)" in receipt.message
    assert receipt.fix == "correct the email address"
    assert receipt.vendor_request_id.startswith("req_")
    assert wire.vendor.state()["customer"] == {}


def test_a_record_deleted_since_the_plan_is_a_refusal(wire: Wired) -> None:
    identity = customer(wire)
    asked = request(wire, update(identity, ("name", "Acme Ltd")))
    wire.vendor.store.remove("customer", identity)
    [receipt] = wire.stripe.send(asked)
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "resource_missing")


def test_a_429_before_a_write_is_later_with_a_wait(wire: Wired) -> None:
    wire.fault("429", method="POST")
    [receipt] = wire.stripe.send(request(wire, create(("name", "Acme"))))
    assert (receipt.outcome, receipt.wait_seconds) == (Outcome.LATER, 2.0)
    assert len(wire.sandbox.writes()) == 1, "a write is never tried again by the connector"


def test_a_wrong_key_stops_the_system(clock: FakeClock) -> None:
    wire = wired(clock, token="sk_test_wrongwrongwrong")
    [receipt] = wire.stripe.send(wire.stripe.prepare([create(("name", "Acme"))], [None], "key", ["op"]))
    assert receipt.outcome is Outcome.STOP
    assert "credential" in receipt.fix


def test_a_credential_that_cannot_be_read_stops_the_system_before_anything_is_sent(wire: Wired) -> None:
    def no_token() -> str:
        raise CredentialError("STRIPE_KEY is not set", fix="set it")

    wire.stripe._access = replace(wire.stripe._access, token=no_token)
    [receipt] = wire.stripe.send(wire.stripe.prepare([create(("name", "Acme"))], [None], "key", ["op"]))
    assert (receipt.outcome, receipt.fix) == (Outcome.STOP, "set it")
    assert wire.sandbox.seen == []


def test_a_server_that_cannot_be_reached_is_later_and_not_unknown(clock: FakeClock) -> None:
    from syncctl.connectors.base import Access
    from syncctl.connectors.stripe import Stripe
    from syncctl.redact import Redactor

    nobody = Access("stripe", lambda: "sk_test_x", clock, Redactor(), base_url="http://127.0.0.1:9")
    stripe = Stripe(nobody)
    [receipt] = stripe.send(stripe.prepare([create(("name", "Acme"))], [None], "key", ["op"]))
    assert receipt.outcome is Outcome.LATER


def test_a67_a_key_in_an_error_body_is_redacted_wherever_it_is_shown(wire: Wired) -> None:
    [receipt] = wire.stripe.send(request(wire, create(("email", f"{wire.vendor.token} x"))))
    shown = receipt.message + receipt.body + receipt.fix
    assert receipt.outcome is Outcome.REJECTED
    assert wire.vendor.token not in shown
    assert "[redacted]" in receipt.message
    assert "[redacted]" in receipt.body


def test_what_was_written_is_what_the_next_pull_brings_and_then_nothing_is_new(wire: Wired) -> None:
    windows = cursor(wire.pull("customer"))
    [receipt] = wire.stripe.send(request(wire, create(("name", "Acme"), ("email", "a@acme.example"))))
    assert receipt.ref is not None
    wire.clock.advance(60)
    [raw] = raws(wire.pull("customer", windows)).values()
    assert (raw["id"], raw["email"]) == (receipt.ref.id, "a@acme.example")
