"""The second pull from Stripe: what is new, what changed and what is gone, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from stripe_wired import Wired, cursor, customers, delete, ids, post, raws, wired

from syncctl.model import Ref, Window
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.stripe.changes import update


@pytest.fixture
def wire(clock: FakeClock) -> Wired:
    return wired(clock)


def test_a_second_pull_reads_only_what_changed(wire: Wired) -> None:
    made = customers(wire, 30, apart_seconds=3600)
    windows = cursor(wire.pull("customer"))
    wire.clock.advance(7200)
    assert ids(wire.pull("customer", windows)) == []
    post(wire, f"/v1/customers/{made[3]}", name="Renamed")
    fresh = wire.vendor.seed("customer", {"name": "New"})["id"]
    pages = wire.pull("customer", windows)
    assert ids(pages) == [fresh, made[3]]
    assert raws(pages)[made[3]]["name"] == "Renamed"
    assert not any(page.complete for page in pages)


def test_an_event_says_only_which_record_and_never_what_it_holds(wire: Wired) -> None:
    [made] = customers(wire, 1, apart_seconds=7200)
    windows = cursor(wire.pull("customer"))
    wire.clock.advance(3600)
    post(wire, f"/v1/customers/{made}", name="First")
    wire.vendor.store.things["customer"][made]["name"] = "Later, its event still on the way"
    assert raws(wire.pull("customer", windows))[made]["name"] == "Later, its event still on the way"


def test_a_deleted_customer_is_told_apart_from_one_that_was_never_seen(wire: Wired) -> None:
    made = customers(wire, 2, apart_seconds=7200)
    windows = cursor(wire.pull("customer"))
    wire.clock.advance(60)
    delete(wire, "/v1/customers/" + made[0])
    pages = wire.pull("customer", windows)
    assert [ref for page in pages for ref in page.deleted] == [Ref("stripe", "customer", made[0])]


def test_a_customer_made_just_before_the_last_pull_and_deleted_since_is_told(wire: Wired) -> None:
    [made] = customers(wire, 1, apart_seconds=30)
    windows = cursor(wire.pull("customer"))
    wire.clock.advance(60)
    delete(wire, "/v1/customers/" + made)
    assert [ref.id for page in wire.pull("customer", windows) for ref in page.deleted] == [made]


def test_c61_an_event_that_becomes_visible_late_is_caught_by_the_overlap(wire: Wired) -> None:
    [made] = customers(wire, 1, apart_seconds=7200)
    wire.pull("customer")
    post(wire, f"/v1/customers/{made}", name="Late")
    [event] = [thing for thing in wire.vendor.state()["event"].values() if thing["type"] == "customer.updated"]
    hidden = wire.vendor.store.things["event"][event["id"]]
    wire.vendor.store._forget("event", event["id"])
    wire.clock.advance(300)
    windows = cursor(wire.pull("customer", (Window("since", since="2026-11-20T03:00:00Z"),)))
    wire.vendor.store.add("event", hidden)
    wire.clock.advance(60)
    assert raws(wire.pull("customer", windows))[made]["name"] == "Late"


@pytest.mark.parametrize("kept", [1, 2, 3, 4])
def test_an_incremental_pull_killed_at_any_page_goes_on_behind_it(wire: Wired, kept: int) -> None:
    old = customers(wire, 120, apart_seconds=7200)
    windows = cursor(wire.pull("customer"))
    wire.clock.advance(3600)
    for identity in old:
        post(wire, f"/v1/customers/{identity}", description="seen")
        wire.clock.advance(1)
    fresh = [wire.vendor.seed("customer", {"name": f"New {number}"})["id"] for number in range(130)]
    pages = wire.stripe.pull("customer", windows)
    before = [next(pages) for _ in range(kept)]
    after = wire.pull("customer", cursor(before))
    assert set(ids(before)) | set(ids(after)) == {*old, *fresh}
    assert [window.name for window in after[-1].windows] == ["since"]


def test_a46_a_cursor_31_days_old_is_a_full_pull_instead_of_a_silent_gap(wire: Wired) -> None:
    made = customers(wire, 20)
    windows = cursor(wire.pull("customer"))
    wire.clock.advance(timedelta(days=1).total_seconds())
    delete(wire, "/v1/customers/" + made[0])
    wire.clock.advance(timedelta(days=31).total_seconds())
    pages = wire.pull("customer", windows)
    assert pages[-1].complete
    assert set(ids(pages)) == set(made[1:])


def test_a_full_pull_resumed_after_31_days_begins_again(wire: Wired) -> None:
    made = customers(wire, 150)
    first = next(wire.stripe.pull("customer", None))
    wire.clock.advance(timedelta(days=31).total_seconds())
    assert set(ids(wire.pull("customer", first.windows))) == set(made)


def test_a_payout_is_read_again_when_it_is_reconciled(wire: Wired) -> None:
    charge = wire.vendor.seed("charge", {"amount": 2_000})
    payout = wire.vendor.seed("payout", {"amount": 1_912, "reconciliation_status": "in_progress"})
    wire.clock.advance(7200)
    windows = cursor(wire.pull("payout"))
    wire.clock.advance(3600)
    held = wire.vendor.store.things["payout"][payout["id"]]
    wire.vendor.store.paid_out[payout["id"]].append(charge["balance_transaction"])
    update(wire.vendor.store, held, {"reconciliation_status": "completed"}, "payout.reconciliation_completed")
    raw = raws(wire.pull("payout", windows))[payout["id"]]
    assert [row["source"] for row in raw["transactions"]] == [charge["id"]]


def test_a_balance_transaction_that_becomes_available_is_read_again_though_nothing_tells_of_it(wire: Wired) -> None:
    day = timedelta(days=1).total_seconds()
    charge = wire.vendor.seed("charge", {"amount": 2_000})
    pages = wire.pull("balance_transaction")
    transaction = charge["balance_transaction"]
    assert raws(pages)[transaction]["status"] == "pending"
    wire.clock.advance(day)
    other = wire.vendor.seed("charge", {"amount": 900})["balance_transaction"]
    pages = wire.pull("balance_transaction", cursor(pages))
    assert raws(pages)[transaction]["status"] == "pending"
    wire.clock.advance(1.5 * day)
    pages = wire.pull("balance_transaction", cursor(pages))
    assert raws(pages)[transaction]["status"] == "available"
    wire.clock.advance(2 * day)
    assert ids(wire.pull("balance_transaction", cursor(pages))) == [other]


def test_invoice_payments_follow_their_invoice_though_only_paid_ones_have_an_event(wire: Wired) -> None:
    customer = wire.vendor.seed("customer", {"name": "Acme"})
    body = {"customer": customer["id"], "lines": [{"description": "Work", "amount": 5_000}]}
    paid, voided = (wire.vendor.seed("invoice", body)["id"] for _ in range(2))
    for invoice in (paid, voided):
        post(wire, f"/v1/invoices/{invoice}/finalize")
    wire.clock.advance(7200)
    pages = wire.pull("invoice_payment")
    assert {raw["status"] for raw in raws(pages).values()} == {"open"}
    wire.clock.advance(7200)
    post(wire, f"/v1/invoices/{paid}/pay")
    post(wire, f"/v1/invoices/{voided}/void")
    found = raws(wire.pull("invoice_payment", cursor(pages)))
    assert {raw["invoice"]: raw["status"] for raw in found.values()} == {paid: "paid", voided: "canceled"}


def test_a_credit_note_has_its_invoice_read_again(wire: Wired) -> None:
    customer = wire.vendor.seed("customer", {"name": "Acme"})
    invoice = wire.vendor.seed(
        "invoice", {"customer": customer["id"], "status": "open", "lines": [{"description": "Work", "amount": 5_000}]}
    )
    wire.clock.advance(7200)
    windows = cursor(wire.pull("invoice"))
    wire.clock.advance(7200)
    wire.vendor.seed("credit_note", {"invoice": invoice["id"], "lines": [{"description": "Less", "amount": 900}]})
    for event in [each for each in wire.vendor.state()["event"].values() if each["type"] == "invoice.updated"]:
        wire.vendor.store.remove("event", event["id"])
    assert raws(wire.pull("invoice", windows))[invoice["id"]]["amount_remaining"] == 4_100


def test_a_day_given_by_hand_is_where_the_pull_begins(wire: Wired) -> None:
    customers(wire, 3, apart_seconds=7 * 86_400)
    wire.pull("customer")
    wire.clock.advance(7200)
    pages = wire.pull("customer", (Window("since", since="2026-11-10"),))
    starts = {dict(request.query)["created[gte]"] for request in wire.sandbox.seen if len(request.query) > 1}
    assert starts == {str(int(datetime(2026, 11, 9, 23, 50, tzinfo=UTC).timestamp()))}
    assert len(ids(pages)) == 1
