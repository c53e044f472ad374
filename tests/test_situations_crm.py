"""What RevOps people reported, end to end: HubSpot beside the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deeds import NOTHING, bill, by_hand, hints, join, quiet_hour, settled_office, vendor
from office import LIMITLESS, Office, about
from syncctl import run
from syncctl.errors import ConfigError
from syncctl.ledger.states import State
from syncctl.sandbox.clock import FakeClock

PEOPLE = "/crm/objects/2026-09/contacts"
PHONE = "  - {left: phone, right: phone, owner: right, as: phone}"
MADE = "  - {left: email, right: email, owner: right, as: email}\n"
"""What a contact needs that is made from a Stripe customer."""


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


@pytest.fixture
def making(office: Office) -> Office:
    """An office whose contacts mapping also makes contacts of Stripe customers."""
    office.edit("contacts", PHONE, PHONE + "\n" + MADE)
    office.edit("contacts", "create: none", "create: left")
    return office


def contacts(office: Office, email: str) -> list[dict[str, Any]]:
    return [one for one in office.records("hubspot", "contact").values() if one["properties"].get("email") == email]


def edit(office: Office, kind: str, identity: str, **properties: str) -> None:
    """What a person types into HubSpot."""
    vendor(office, "hubspot").edit(kind, identity, properties)


def test_c1_c4_a_contact_whose_answer_was_lost_is_made_once_though_the_search_lags(making: Office) -> None:
    nova = join(making, "Nova Labs")
    making.fault("hubspot", fault="lost", method="POST", path="/batch/upsert")
    assert making.reconcile().exit_code == 0
    assert making.struck()
    making.clock.advance(2)
    making.reopen()
    report, writes = making.count_writes(making.reconcile)
    assert (report.exit_code, report.plan.changes, writes) == (0, (), NOTHING)
    (made,) = contacts(making, nova["email"])
    assert made["properties"]["stripe_customer_id"] == nova["id"]


def test_c3_an_email_that_somebody_took_since_the_plan_is_not_written_over(making: Office) -> None:
    nova = join(making, "Nova Labs")
    plan = making.plan()
    theirs = {"email": nova["email"], "firstname": "Eve", "phone": "+1 212 555 0199"}
    by_hand(making, "hubspot", PEOPLE, {"properties": theirs})
    report = run.apply(making.project, plan, choices=LIMITLESS)
    (row,) = [row for row in report.rows if row.change.mapping == "contacts"]
    assert (str(row.state), report.exit_code) == ("rejected", 5)
    (held,) = contacts(making, nova["email"])
    assert {name: held["properties"][name] for name in theirs} == theirs
    making.clock.advance(3600)
    assert making.reconcile().exit_code == 0
    (held,) = contacts(making, nova["email"])
    assert (held["properties"]["firstname"], held["properties"]["stripe_customer_id"]) == ("Eve", nova["id"])


def test_c17_a_property_that_was_hidden_is_named_and_never_read_as_blank(office: Office) -> None:
    office.sell()
    office.reconcile()
    office.clock.advance(3600)
    del vendor(office, "hubspot").account.properties["deal"]["project_id"]
    with pytest.raises(ConfigError) as caught:
        office.reconcile()
    (problem,) = caught.value.problems
    assert caught.value.exit_code == 78
    assert problem.where.startswith("mappings/deals.yaml:13:")
    assert "Project ID" in problem.message
    (booked,) = office.booked("INV-9001")
    assert [one.get("StringValue") for one in booked["CustomField"] if one["Name"] == "Project ID"] == ["PRJ-42"]


def test_c24_a_stage_that_the_pipeline_does_not_have_is_refused_by_us(office: Office) -> None:
    office.edit("deals", "paid: Closed won", "paid: Closed wonn")
    with pytest.raises(ConfigError) as caught:
        office.reconcile()
    (problem,) = caught.value.problems
    assert "Closed wonn" in problem.message
    assert "Closed won" in problem.hint
    assert office.writes("hubspot") == []


def euro_sale(office: Office, number: str, deal_currency: str) -> dict[str, Any]:
    deal = office.deal(12_500)
    edit(office, "deal", deal["id"], deal_currency_code=deal_currency)
    return bill(office, office.customers("eur")[0], number, ("Work", 12_500), metadata={"hubspot_deal_id": deal["id"]})


def test_c26_a_deal_is_compared_in_its_own_currency_and_never_as_a_bare_number(office: Office) -> None:
    same, other = euro_sale(office, "INV-EUR", "EUR"), euro_sale(office, "INV-MIX", "USD")
    report = office.reconcile()
    (booked,) = office.booked("INV-EUR")
    assert (Decimal(booked["TotalAmt"]), booked["CurrencyRef"]["value"]) == (Decimal(125), "EUR")
    assert office.deal_of(same)["quickbooks_invoice_number"] == "INV-EUR"
    assert office.deal_of(other)["amount"] == "125.00"
    again = office.reconcile()
    assert again.plan.changes == ()
    mixed = [one for one in about(again.findings, "blocked") if one.left and one.left.kind == "Invoice"]
    assert {one.hint for one in mixed} == {"the two sides are in different currencies"}
    assert {"125.00 USD", "125 USD"} & {one.right_shown for one in mixed}
    assert report.exit_code in (2, 5)


def test_c30_one_amount_in_several_spellings_is_equal_and_a_doubtful_one_is_no_number(office: Office) -> None:
    sold = [office.sell(f"INV-900{place}", cents=150_000) for place in range(4)]
    office.reconcile()
    office.clock.advance(3600)
    for invoice, text in zip(sold, ("1500", "1500.00", "1,500", "1.500,00"), strict=True):
        account = vendor(office, "hubspot").account
        record = account.objects["deal"][invoice["metadata"]["hubspot_deal_id"]]
        record.properties["amount"] = text
        account.touch(record)
    office.clock.advance(60)
    report, writes = office.count_writes(office.reconcile)
    assert (report.plan.changes, writes) == ((), NOTHING)
    (finding,) = about(report.findings, "blocked")
    assert finding.right is not None
    assert finding.right.id == sold[3]["metadata"]["hubspot_deal_id"]
    assert "1.500,00" in finding.hint


def test_c31_the_last_day_of_the_year_is_the_same_day_everywhere(tmp_path: Path) -> None:
    """An invoice at 21:55 in New York is dated the 31st, in the books and on the deal, though UTC has the 1st."""
    office = Office(tmp_path, clock=FakeClock(datetime(2027, 1, 1, 3, 0, tzinfo=UTC)))
    sold = office.sell()
    office.reconcile()
    assert office.booked("INV-9001")[0]["TxnDate"] == "2026-12-31"
    assert office.deal_of(sold)["closedate"] == "2026-12-31T00:00:00Z"
    assert quiet_hour(office) == NOTHING


def test_c33_an_empty_value_clears_only_where_the_mapping_says_so(office: Office) -> None:
    who = next(one for one in office.customers("usd") if one["phone"] and contacts(office, one["email"]))
    kept = contacts(office, who["email"])[0]["properties"]["phone"]
    by_hand(office, "stripe", f"/v1/customers/{who['id']}", {"phone": ""})
    assert office.reconcile().plan.changes == ()
    assert contacts(office, who["email"])[0]["properties"]["phone"] == kept
    office.edit("contacts", PHONE, PHONE.replace("as: phone", "as: phone, empty: clear"))
    office.clock.advance(3600)
    report = office.reconcile()
    assert [edit.shown[1] for change in report.plan.changes for edit in change.edits] == [""]
    assert contacts(office, who["email"])[0]["properties"].get("phone") in (None, "")
    books = office.records("quickbooks", "Customer")[who["metadata"]["quickbooks_id"]]
    assert books["PrimaryPhone"]["FreeFormNumber"]


FIRMS = """
mapping: firms
left: quickbooks.Customer
right: hubspot.company
match: [{left: DisplayName, right: name, as: company_name}]
create: none
unmatched: {left: ignore, right: ignore}
fields: [{left: DisplayName, right: name, owner: none}]
"""


def test_c38_a_second_company_on_a_deal_leaves_the_primary_one(office: Office) -> None:
    (office.folder / "mappings" / "firms.yaml").write_text(FIRMS)
    office.edit(
        "deals",
        "fields:\n",
        "fields:\n  - {left: CustomerRef, right: associations.companies, owner: left, link: firms}\n",
    )
    firms = office.records("hubspot", "company")
    names = {one["properties"]["name"]: identity for identity, one in firms.items()}
    who = next(one for one in office.customers("usd") if one["name"] in names)
    mine, other = names[who["name"]], next(identity for name, identity in names.items() if name != who["name"])
    deal = office.seed(
        "hubspot",
        "deal",
        {
            "properties": {"dealname": "Two firms", "amount": "10.00", "deal_currency_code": "USD"},
            "associations": {"companies": [{"id": other, "label": "primary"}]},
        },
    )
    bill(office, who, "INV-9001", ("Work", 1_000), metadata={"hubspot_deal_id": deal["id"]})
    office.reconcile()
    edges: dict[str, Any] = office.records("hubspot", "associations")
    assert edges[f"deal:{deal['id']}>company:{other}"] == [5, 341]
    assert edges[f"deal:{deal['id']}>company:{mine}"] == [341]
    assert quiet_hour(office) == NOTHING


def test_c43_a_deal_that_a_person_edited_between_plan_and_apply_stays_as_they_left_it(office: Office) -> None:
    sold = office.sell()
    office.reconcile()
    office.clock.advance(3600)
    deal = sold["metadata"]["hubspot_deal_id"]
    edit(office, "deal", deal, amount="99.00")
    office.clock.advance(60)
    plan = office.plan()
    assert [(change.target.kind, change.target.id) for change in plan.changes] == [("deal", deal)]
    edit(office, "deal", deal, amount="77.00")
    report, writes = office.count_writes(lambda: run.apply(office.project, plan, choices=LIMITLESS))
    assert ([str(row.state) for row in report.rows], report.exit_code, writes) == (["conflict"], 5, NOTHING)
    assert office.deal_of(sold)["amount"] == "77.00"


def test_c45_a_field_that_both_sides_changed_is_a_conflict_with_its_base_and_is_not_written(office: Office) -> None:
    office.edit("contacts", "right: phone, owner: right", "right: phone, owner: both")
    who = next(one for one in office.customers("usd") if one["phone"] and contacts(office, one["email"]))
    (contact,) = contacts(office, who["email"])
    office.reconcile()
    office.clock.advance(3600)
    by_hand(office, "stripe", f"/v1/customers/{who['id']}", {"phone": "+12125550111"})
    edit(office, "contact", contact["id"], phone="+1 212 555 0122")
    office.clock.advance(60)
    report, writes = office.count_writes(office.reconcile)
    (conflict,) = about(report.findings, "conflict")
    assert (conflict.left_shown, conflict.right_shown) == ("+12125550122", "+12125550111")
    assert conflict.base_shown == who["phone"]
    assert (report.exit_code, writes["hubspot"], writes["stripe"]) == (2, 0, 0)


def test_c45_a_field_that_one_side_changed_goes_to_the_other(office: Office) -> None:
    office.edit("contacts", "right: phone, owner: right", "right: phone, owner: both")
    who = next(one for one in office.customers("usd") if one["phone"] and contacts(office, one["email"]))
    (contact,) = contacts(office, who["email"])
    office.reconcile()
    office.clock.advance(3600)
    edit(office, "contact", contact["id"], phone="+1 212 555 0122")
    office.clock.advance(60)
    report = office.reconcile(names=["contacts"])
    assert [change.target.system for change in report.plan.changes] == ["stripe"]
    assert office.records("stripe", "customer")[who["id"]]["phone"] == "+1 212 555 0122"


def test_c50_a_property_that_no_mapping_reads_moves_no_difference(office: Office) -> None:
    sold = office.sell()
    office.reconcile()
    office.clock.advance(3600)
    edit(office, "deal", sold["metadata"]["hubspot_deal_id"], hs_next_step="call them")
    office.clock.advance(60)
    report, writes = office.count_writes(office.reconcile)
    assert report.pulled.changed >= 1
    assert (report.exit_code, report.plan.changes, writes) == (0, (), NOTHING)


def test_c59_a_crm_that_fails_after_the_books_is_finished_alone_the_next_night(office: Office) -> None:
    sold = office.sell()
    office.fault("hubspot", fault="500 before", path="/batch/update", method="POST", times=50)
    credited = office.records("quickbooks", "CreditMemo")
    failed = office.reconcile()
    assert failed.exit_code in (1, 5)
    assert (len(office.booked("INV-9001")), office.deal_of(sold).get("quickbooks_invoice_number")) == (1, None)
    assert failed.applied is not None
    told = {row.change.mapping: (str(row.state), row.message) for row in failed.applied.rows}
    # The note of what is left is the deal's own row, here and in `ops list`; nothing in the books is undone.
    assert told["deals"][0] == "unknown"
    assert told["deals"][1] == "internal error"
    open_now = office.project.journal.operations.in_states({State.UNKNOWN})
    assert [(one.change.mapping, one.system) for one in open_now] == [("deals", "hubspot")]
    (booked,) = office.booked("INV-9001")
    assert (booked["TotalAmt"], office.records("quickbooks", "CreditMemo")) == ("125.00", credited)
    office.sandboxes["hubspot"].faults.clear()
    office.clock.advance(3600)
    office.reopen()
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, writes["quickbooks"], writes["stripe"]) == (0, 0, 0)
    assert writes["hubspot"] == 1
    assert office.deal_of(sold)["quickbooks_invoice_number"] == "INV-9001"
    assert hints(report.findings) == []


def test_c12_a_deal_that_is_archived_is_told_and_its_open_invoice_stays_as_it_is(office: Office) -> None:
    sold = office.sell()
    office.reconcile()
    (booked,) = office.booked(sold["number"])
    (deal,) = (
        identity
        for identity, one in office.records("hubspot", "deal").items()
        if one["properties"].get("quickbooks_invoice_number") == sold["number"]
    )
    account = vendor(office, "hubspot").account
    account.archive(account.objects["deal"][deal])
    office.clock.advance(3600)
    report, writes = office.count_writes(office.reconcile)
    (told,) = about(report.findings, "gone")
    assert (told.left and told.left.id, told.right and told.right.id) == (booked["Id"], deal)
    assert told.hint.startswith("the record is archived in hubspot and not in quickbooks")
    assert (report.plan.changes, writes) == ((), NOTHING)
    assert office.booked(sold["number"]) == [booked]
    assert Decimal(booked["Balance"]) > 0
    assert quiet_hour(office) == NOTHING
