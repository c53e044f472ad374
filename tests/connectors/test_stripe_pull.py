"""Pulling from Stripe: nothing skipped, nothing lost, whatever happens in between."""

from __future__ import annotations

import pytest
from stripe_wired import Wired, cursor, customers, delete, ids, raws, wired

from syncctl.errors import RequestRefused
from syncctl.model import Page, Window
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def wire(clock: FakeClock) -> Wired:
    return wired(clock)


def everything(wire: Wired, kind: str) -> set[str]:
    return set(wire.vendor.state()[kind])


def test_a_full_pull_brings_every_record_once_and_says_that_it_is_complete(wire: Wired) -> None:
    made = customers(wire, 250)
    pages = wire.pull("customer")
    assert [len(page.records) for page in pages] == [100, 100, 50]
    assert ids(pages) == made[::-1]
    assert [page.complete for page in pages] == [False, False, True]


def test_an_empty_account_is_complete_at_once(wire: Wired) -> None:
    [page] = wire.pull("refund")
    assert page.complete
    assert page.records == ()


def test_records_are_the_same_bytes_from_a_list_and_alone(wire: Wired) -> None:
    [made] = customers(wire, 1)
    [page] = wire.pull("customer")
    assert wire.stripe.find("customer", "id", [made]) == page.records
    assert b"\n" not in page.records[0].raw


def test_a_pull_killed_at_any_page_goes_on_behind_it(wire: Wired) -> None:
    made = customers(wire, 350)
    whole = wire.pull("customer")
    for kept in range(1, len(whole)):
        before = whole[:kept]
        after = wire.pull("customer", cursor(before))
        assert set(ids(before)) | set(ids(after)) == set(made)
        assert not set(ids(before)) & set(ids(after))
        assert after[-1].complete
        assert after[-1].windows == whole[-1].windows


def test_a_pull_killed_at_every_page_in_turn_still_ends_with_everything(wire: Wired) -> None:
    made = customers(wire, 350)
    seen: list[Page] = []
    windows: tuple[Window, ...] | None = None
    while not (seen and seen[-1].complete):
        seen.append(next(wire.stripe.pull("customer", windows)))
        windows = seen[-1].windows
    assert ids(seen) == made[::-1]


def test_a48_a_customer_made_or_deleted_while_paging_hides_no_other(wire: Wired) -> None:
    made = customers(wire, 1_001)
    pages = wire.stripe.pull("customer", None)
    first = next(pages)
    late = wire.vendor.seed("customer", {"name": "made meanwhile"})["id"]
    wire.vendor.store.remove("customer", made[500])
    rest = list(pages)
    assert set(ids([first, *rest])) == set(made) - {made[500]}
    wire.clock.advance(3600)
    assert late in ids(wire.pull("customer", cursor(rest)))


def test_the_record_a_page_ended_with_may_be_deleted_before_the_next_one(wire: Wired) -> None:
    made = customers(wire, 250)
    pages = wire.stripe.pull("customer", None)
    first = next(pages)
    wire.vendor.store.remove("customer", first.records[-1].ref.id)
    rest = list(pages)
    assert set(ids([first, *rest])) == set(made)
    assert not set(ids(rest)) & set(ids([first])), "it goes on from there and not from the top"
    assert rest[-1].complete


def test_records_of_one_second_are_all_read_even_when_the_position_is_lost(wire: Wired) -> None:
    made = customers(wire, 1_201, apart_seconds=0)
    pages = wire.stripe.pull("customer", None)
    first = next(pages)
    wire.vendor.store.remove("customer", first.records[-1].ref.id)
    assert set(ids([first, *pages])) == set(made)


def test_inactive_prices_and_products_are_pulled(wire: Wired) -> None:
    product = wire.vendor.seed("product", {"name": "Old plan", "active": False})
    prices = [
        wire.vendor.seed("price", {"product": product["id"], "unit_amount": 500, "active": active})
        for active in (True, False)
    ]
    pages = wire.pull("price")
    assert {price["id"] for price in prices} == set(ids(pages))
    assert [page.complete for page in pages] == [False, True]
    assert ids(wire.pull("product")) == [product["id"]]


def test_a_long_invoice_arrives_with_all_of_its_lines_and_every_other_byte_as_it_was(wire: Wired) -> None:
    customer = wire.vendor.seed("customer", {"name": "Acme"})
    lines = [{"description": f"Line {number}", "amount": number} for number in range(1, 236)]
    made = wire.vendor.seed("invoice", {"customer": customer["id"], "status": "open", "lines": lines})
    pages = wire.pull("invoice")
    raw = raws(pages)[made["id"]]
    assert [line["amount"] for line in raw["lines"]["data"]] == list(range(1, 236))
    assert raw["lines"]["has_more"] is False
    assert raw["total"] == sum(range(1, 236))
    whole = wire.vendor.state()["invoice"][made["id"]]
    assert {name for name in whole if whole[name] != raw[name]} == {"lines"}
    assert wire.stripe.find("invoice", "id", [made["id"]]) == pages[0].records


def test_lines_deleted_while_they_are_paged_do_not_stop_the_pull(wire: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = wire.vendor.seed("customer", {"name": "Acme"})
    lines = [{"description": f"Line {number}", "amount": 1} for number in range(150)]
    made = wire.vendor.seed("invoice", {"customer": customer["id"], "lines": lines})
    held = wire.vendor.store.things["invoice"][made["id"]]["lines"]["data"]
    handle, taken = wire.sandbox.handle, []

    def handle_and_delete(request: SandboxRequest) -> SandboxAnswer:
        if request.path.endswith("/lines") and "starting_after" in dict(request.query) and not taken:
            taken.append(held.pop(99))
        return handle(request)

    monkeypatch.setattr(wire.sandbox, "handle", handle_and_delete)
    assert len(raws(wire.pull("invoice"))[made["id"]]["lines"]["data"]) == 149


def test_an_invoice_deleted_while_its_lines_are_read_is_left_out_and_the_pull_goes_on(
    wire: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = wire.vendor.seed("customer", {"name": "Acme"})
    lines = [{"description": f"Line {number}", "amount": 1} for number in range(12)]
    kept, gone = (wire.vendor.seed("invoice", {"customer": customer["id"], "lines": lines})["id"] for _ in range(2))
    handle = wire.sandbox.handle

    def handle_after_delete(request: SandboxRequest) -> SandboxAnswer:
        if request.path == f"/v1/invoices/{gone}/lines":
            wire.vendor.store.remove("invoice", gone)
        return handle(request)

    monkeypatch.setattr(wire.sandbox, "handle", handle_after_delete)
    pages = wire.pull("invoice")
    assert (ids(pages), pages[-1].complete) == ([kept], True)


def test_a_reconciled_payout_carries_what_it_paid_out_without_its_own_transaction(wire: Wired) -> None:
    charges = [wire.vendor.seed("charge", {"amount": 2_000 + number}) for number in range(120)]
    refund = wire.vendor.seed("refund", {"charge": charges[0]["id"], "amount": 700})
    transactions = [charge["balance_transaction"] for charge in charges] + [refund["balance_transaction"]]
    payout = wire.vendor.seed("payout", {"transactions": transactions})
    raw = raws(wire.pull("payout"))[payout["id"]]
    assert {row["id"] for row in raw["transactions"]} == set(transactions)
    assert sum(row["net"] for row in raw["transactions"]) == raw["amount"]


def test_a33_a_payout_that_cannot_be_itemised_carries_no_transactions(wire: Wired) -> None:
    manual = wire.vendor.seed("payout", {"amount": 5_000, "automatic": False})
    waiting = wire.vendor.seed("payout", {"amount": 6_000, "reconciliation_status": "in_progress"})
    found = raws(wire.pull("payout"))
    assert "transactions" not in found[manual["id"]]
    assert "transactions" not in found[waiting["id"]]


def test_find_reads_by_id_and_by_what_the_vendor_can_look_up(wire: Wired) -> None:
    made = customers(wire, 3)
    wire.vendor.store.things["customer"][made[1]]["email"] = "a@example.com"
    delete(wire, "/v1/customers/" + made[2])
    assert [record.ref.id for record in wire.stripe.find("customer", "id", [*made, "cus_never"])] == made[:2]
    assert [record.ref.id for record in wire.stripe.find("customer", "email", ["a@example.com", "b@x.co"])] == made[1:2]
    with pytest.raises(RequestRefused, match="looked up by name"):
        wire.stripe.find("customer", "name", ["Acme"])


@pytest.mark.parametrize("kind", ["charge", "credit_note", "invoice", "invoice_payment", "payout", "product", "refund"])
def test_every_kind_ends_with_the_vendors_exact_set(wire: Wired, kind: str) -> None:
    customer = wire.vendor.seed("customer", {"name": "Acme"})
    wire.vendor.seed("product", {"name": "Plan"})
    for number in range(1, 4):
        body = {"customer": customer["id"], "status": "open", "lines": [{"description": "Work", "amount": 900}]}
        invoice = wire.vendor.seed("invoice", body)["id"]
        charge = wire.vendor.seed("charge", {"invoice": invoice, "amount": 300 + number})
        wire.vendor.seed("refund", {"charge": charge["id"], "amount": 100})
        wire.vendor.seed("credit_note", {"invoice": invoice, "lines": [{"description": "Less", "amount": 50}]})
        wire.vendor.seed("payout", {"transactions": [charge["balance_transaction"]]})
    windows = cursor(wire.pull(kind))
    wire.clock.advance(7200)
    wire.vendor.seed("charge", {"amount": 700})
    pages = wire.pull(kind)
    assert set(ids(pages)) == everything(wire, kind)
    assert set(ids(wire.pull(kind, windows))) <= everything(wire, kind)
    assert not any(page.poison for page in pages)
