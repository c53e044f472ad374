"""The whole pretend world: three vendors that agree, but for the planted breaks."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.xero_spec import problems
from sandbox.differences import differences
from syncctl.sandbox.breaks import KINDS, plan_breaks
from syncctl.sandbox.clock import FakeClock, SandboxClock
from syncctl.sandbox.serve import Served
from syncctl.sandbox.world import SYSTEMS, World, plan_world, world_credentials
from syncctl.stack import Stack

CUSTOMER_KINDS = {"stripe": "customer", "quickbooks": "Customer", "hubspot": "contact"}


@cache
def states(seed: int, scale: float) -> tuple[World, dict[str, Any]]:
    world = plan_world(FakeClock(), seed=seed, scale=scale)
    return world, {name: world.vendor(name).state() for name in SYSTEMS}


@pytest.mark.parametrize(("seed", "scale"), [(1, 1.0), (1, 0.0), (2, 0.0), (3, 0.0)])
def test_every_difference_between_the_systems_is_a_planted_break(seed: int, scale: float) -> None:
    world, state = states(seed, scale)
    shows = {kind.name: kind.shows for kind in KINDS}
    planted = Counter(shown for each in world.breaks for shown in shows[each.kind])
    assert differences(state["stripe"], state["quickbooks"], state["hubspot"]) == planted


def test_the_company_has_the_size_that_was_promised() -> None:
    _, state = states(1, 1.0)
    assert len(state["stripe"]["customer"]) == 300
    assert len(state["stripe"]["invoice"]) >= 500
    assert len(state["quickbooks"]["Invoice"]) >= 500
    assert len(state["hubspot"]["deal"]) >= 200
    assert {invoice["currency"] for invoice in state["stripe"]["invoice"].values()} == {"usd", "eur", "jpy"}


def test_the_same_seed_builds_the_same_world(clock: FakeClock) -> None:
    one, other = plan_world(clock, seed=7, scale=0), plan_world(clock, seed=7, scale=0)
    for name in SYSTEMS:
        assert one.vendor(name).state() == other.vendor(name).state()


def test_a_system_built_alone_is_the_one_built_with_the_others(clock: FakeClock) -> None:
    alone = plan_world(clock, scale=0).sandboxes(["hubspot"])
    together = plan_world(clock, scale=0).sandboxes()
    assert list(alone) == ["hubspot"]
    assert list(together) == ["stripe", "quickbooks", "hubspot"]
    assert alone["hubspot"].vendor.state() == together["hubspot"].vendor.state()


def test_statuses_and_balances_follow_from_what_was_paid() -> None:
    _, state = states(1, 1.0)
    invoices = state["stripe"]["invoice"].values()
    assert Counter(invoice["status"] for invoice in invoices).keys() == {"open", "paid", "void"}
    for invoice in invoices:
        owed = invoice["total"] - invoice["pre_payment_credit_notes_amount"] - invoice["amount_paid"]
        assert invoice["amount_remaining"] == owed
        if invoice["status"] != "void":
            assert (invoice["status"] == "paid") == (owed == 0)
    paid = sum(payment["amount_paid"] for payment in state["stripe"]["invoice_payment"].values())
    assert paid == sum(invoice["amount_paid"] for invoice in invoices)


def test_every_payout_is_the_sum_of_its_balance_transactions(clock: FakeClock) -> None:
    sandbox = plan_world(clock, scale=0).sandboxes(["stripe"])["stripe"]
    headers = {"authorization": f"Bearer {world_credentials()['stripe'].token}"}
    with Served({"stripe": sandbox}) as urls, httpx.Client(base_url=urls["stripe"], headers=headers) as client:
        payouts = client.get("/v1/payouts", params={"limit": 100}).json()["data"]
        assert len(payouts) >= 8
        for payout in payouts:
            query = {"payout": payout["id"], "limit": 100}
            listed = client.get("/v1/balance_transactions", params=query).json()
            assert not listed["has_more"]
            nets = [each["net"] for each in listed["data"] if each["type"] != "payout"]
            assert sum(nets) == payout["amount"]


def test_custom_fields_are_where_people_look_for_them() -> None:
    _, state = states(1, 0.0)
    forms = state["quickbooks"]["Preferences"]["1"]["SalesFormsPrefs"]
    labels = [field["StringValue"] for field in forms["CustomField"][1]["CustomField"]]
    assert labels == ["Project ID", "PO Number"]
    assert forms["CustomTxnNumbers"] is True
    assert state["quickbooks"]["Preferences"]["1"]["CurrencyPrefs"]["MultiCurrencyEnabled"] is True
    stages = [stage["label"] for stage in state["hubspot"]["pipeline"]["default"]["stages"]]
    assert {"Invoiced", "Closed won", "Closed lost"} <= set(stages)


def test_new_records_get_ids_that_no_seeded_record_has(clock: FakeClock) -> None:
    sandbox = plan_world(clock, scale=0).sandboxes(["quickbooks"])["quickbooks"]
    before = set(sandbox.vendor.state()["Customer"])
    made = sandbox.vendor.seed("Customer", {"DisplayName": "Brand New"})
    assert made["Id"] not in before


def test_each_client_is_let_in_with_its_credential(clock: FakeClock) -> None:
    found = world_credentials()
    reads = {
        "stripe": "/v1/customers",
        "quickbooks": f"/v3/company/{found['quickbooks'].company}/companyinfo/1",
        "hubspot": "/crm/objects/2026-09/contacts",
    }
    with Served(plan_world(clock, scale=0).sandboxes()) as urls:
        for name, path in reads.items():
            good = {"authorization": f"Bearer {found[name].token}"}
            assert httpx.get(urls[name] + path, headers=good, trust_env=False).status_code == 200
            bad = {"authorization": "Bearer nobody"}
            assert httpx.get(urls[name] + path, headers=bad, trust_env=False).status_code == 401


def test_reset_brings_the_same_company_back_after_the_clock_moved(clock: FakeClock) -> None:
    world = plan_world(clock, scale=0)
    sandboxes = world.sandboxes()
    customers = {name: list(sandboxes[name].vendor.state()[kind]) for name, kind in CUSTOMER_KINDS.items()}
    with Served(sandboxes, fresh=world.fresh()) as urls:
        for name, kind in CUSTOMER_KINDS.items():
            httpx.post(f"{urls[name]}/_sandbox/clock", json={"advance_seconds": 86_400 * 40}, trust_env=False)
            httpx.post(f"{urls[name]}/_sandbox/reset", trust_env=False)
            state = httpx.get(f"{urls[name]}/_sandbox/state", trust_env=False).json()
            assert list(state[kind]) == customers[name]


def test_a_system_that_does_not_exist_is_refused(clock: FakeClock) -> None:
    with pytest.raises(KeyError):
        plan_world(clock, scale=0).sandboxes(["netsuite"])


@pytest.mark.vendors
def test_quickbooks_records_conform_to_the_published_schema(vendors: Path) -> None:
    """But for custom fields without a value, which the real server returns too."""
    sys.path.insert(0, str(vendors.parent / "tools"))
    from qbo_check import problems as wrong_in_quickbooks

    _, state = states(1, 0.0)
    found = Counter()
    for kind, records in state["quickbooks"].items():
        for record in records.values():
            filled = [field for field in record.get("CustomField", ()) if "StringValue" in field]
            found.update(wrong_in_quickbooks(kind, {**record, "CustomField": filled} if filled else _without(record)))
    assert not {text for text in found if "type definition is abstract" not in text}


def _without(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != "CustomField"}


@pytest.mark.vendors
def test_stripe_records_have_only_fields_that_stripe_has(vendors: Path) -> None:
    examples = json.loads((vendors / "specs/stripe/stripe-2026-07.fixtures3.json").read_text())["resources"]
    classes = json.loads((vendors / "specs/stripe/stripe-sdk-16.1.0-catalog.json").read_text())["resources"]
    _, state = states(1, 0.0)
    checked = [kind for kind in state["stripe"] if kind in examples]
    assert {"customer", "invoice", "charge", "refund", "credit_note", "payout", "balance_transaction"} <= set(checked)
    for kind in checked:
        known = set(examples[kind]) | set(classes.get(kind, ()))
        assert not {name for record in state["stripe"][kind].values() for name in record} - known
    lines = [line for invoice in state["stripe"]["invoice"].values() for line in invoice["lines"]["data"]]
    assert not {name for line in lines for name in line} - set(examples["line_item"])


@pytest.mark.vendors
def test_xero_records_conform_to_the_published_schema(vendors: Path) -> None:
    """But for two days as text, which the real server returns too."""
    records = plan_world(FakeClock(), scale=0.0, stack=Stack("xero")).vendor("xero").state()
    found = Counter(
        text
        for kind, held in json.loads(json.dumps(records, default=float)).items()
        for record in held.values()
        for text in problems(vendors, kind, _without_texts_of_days(record))
    )
    assert not found


def _without_texts_of_days(record: Any) -> Any:
    return {name: value for name, value in record.items() if name not in ("DateString", "DueDateString")}


def test_the_served_clock_moves_for_all_systems() -> None:
    clock = SandboxClock(FakeClock())
    before = clock.now()
    with Served(plan_world(clock, scale=0).sandboxes(["stripe", "hubspot"])) as urls:
        httpx.post(f"{urls['stripe']}/_sandbox/clock", json={"advance_seconds": 60}, trust_env=False)
        answer = httpx.post(f"{urls['hubspot']}/_sandbox/clock", json={"advance_seconds": 0}, trust_env=False).json()
    assert answer["now"] == (before + timedelta(seconds=60)).isoformat()


def test_breaks_are_told_with_the_world(clock: FakeClock) -> None:
    world = plan_world(clock, scale=0)
    assert world.breaks == plan_breaks(world.company)
    assert len(world.breaks) == len(KINDS)
