"""Who may do what, and what a system does not let us do: companies, plans, scopes, erased people, half-made records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deeds import NOTHING, by_hand, join, quiet_hour, settled_office, vendor
from office import Office, about
from syncctl import run
from syncctl.errors import GuardTripped
from syncctl.model import Ref
from syncctl.run.purging import purge
from syncctl.run.restoring import verify_ledger
from syncctl.sandbox.hubspot.kinds import SCOPES
from test_situations_crm import FIRMS, MADE, PHONE, contacts

RENEWALS = """
mapping: renewals
left: quickbooks.Invoice
right: hubspot.deal
where: {left: {CustomerMemo.value: renew}}
match: [{left: DocNumber, right: dealname}]
create: right
unmatched: {right: ignore}
fields:
  - {left: DocNumber, right: dealname, owner: left}
  - {left: CustomerRef, right: associations.companies, owner: left, link: firms}
"""


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def test_a64_another_company_than_the_ledgers_is_refused_before_the_first_write(office: Office) -> None:
    office.sell()
    path = office.folder / "syncctl.yaml"
    text = path.read_text()
    realm = office.credentials["quickbooks"].company
    path.write_text(text.replace(realm, "9130350000000099"))
    vendor(office, "quickbooks").realm = "9130350000000099"
    office.reopen()
    with pytest.raises(GuardTripped, match=f"belongs to company {realm}") as caught:
        office.reconcile()
    assert caught.value.guard == "company"
    assert {name: len(office.writes(name)) for name in NOTHING} == NOTHING


def test_a70_books_whose_subscription_ended_are_told_once_and_are_still_read(office: Office) -> None:
    vendor(office, "quickbooks").set_rules(lapsed=True)
    sold = [office.sell(), office.sell("INV-9002", customer=1)]
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, writes["quickbooks"], writes["hubspot"]) == (4, 1, 0)
    assert report.applied is not None
    (said,) = {row.message for row in report.applied.rows if row.code == "6190"}
    assert "it can only be read" in said
    dry = office.reconcile(dry_run=True)
    assert {one["number"] for one in sold} <= {change.name for change in dry.plan.changes}
    vendor(office, "quickbooks").set_rules(lapsed=False)
    office.clock.advance(3600)
    assert office.reconcile().exit_code == 0
    assert [len(office.booked(one["number"])) for one in sold] == [1, 1]


def test_c35_a_token_that_may_not_write_deals_still_makes_a_dry_run_and_writes_none(office: Office) -> None:
    sold = office.sell()
    reading = [f"{scope}.read" for scope in SCOPES.values()]
    vendor(office, "hubspot").scopes = frozenset(
        [*reading, *(scope.replace("crm.objects", "crm.schemas") for scope in reading)]
    )
    dry = office.reconcile(dry_run=True)
    assert "deals" in {change.mapping for change in dry.plan.changes}
    before = office.deal_of(sold)
    report, writes = office.count_writes(office.reconcile)
    assert report.applied is not None
    (row,) = (row for row in report.applied.rows if row.change.mapping == "deals")
    assert (report.exit_code, writes["hubspot"], row.code, office.deal_of(sold)) == (4, 1, "MISSING_SCOPES", before)
    assert "crm.objects.deals.write" in row.message
    vendor(office, "hubspot").scopes = None
    office.clock.advance(3600)
    assert office.reconcile().exit_code == 0, "nothing was lost: with the scope the next run writes it"
    assert office.deal_of(sold) != before


def test_c13_a_contact_that_was_erased_is_not_made_again_from_its_customer(office: Office) -> None:
    """Erased for good: the account has no trace of it, not even in the recycle bin."""
    office.edit("contacts", PHONE, PHONE + "\n" + MADE)
    office.edit("contacts", "create: none", "create: left")
    who = next(one for one in office.customers("usd") if one["phone"] and contacts(office, one["email"]))
    (contact,) = contacts(office, who["email"])
    office.reconcile()
    account = vendor(office, "hubspot").account
    del account.objects["contact"][contact["id"]]
    office.clock.advance(3600)
    run.pull(office.project, ["hubspot"], full=True)
    by_hand(office, "stripe", f"/v1/customers/{who['id']}", {"phone": "+12125550111"})
    back = join(office, who["name"], email=who["email"])  # and comes back as a new customer
    report = office.reconcile()
    assert [one.name for one in about(report.findings, "gone") if one.mapping == "contacts"]
    (twin,) = (one.right for one in about(report.findings, "duplicate") if one.mapping == "contacts")
    assert twin is not None
    assert twin.id == back["id"]
    assert "create" not in {change.action for change in report.plan.changes}
    assert contacts(office, who["email"]) == []
    done = purge(office.project, Ref("hubspot", "contact", contact["id"]), lambda: True)
    assert done is not None
    assert (done.purged.any, Ref("stripe", "customer", who["id"]) in done.others) == (True, True)
    assert quiet_hour(office) == NOTHING, "its data is gone from the ledger, and it is not made again for that"
    assert verify_ledger(office.project.settings, office.clock).sound
    assert about(run.diff(office.project).findings, "gone"), "who it was paired with is known still"


def test_c42_a_deal_whose_association_failed_gets_only_the_association_when_it_is_resumed(office: Office) -> None:
    (office.folder / "mappings" / "firms.yaml").write_text(FIRMS)
    (office.folder / "mappings" / "renewals.yaml").write_text(RENEWALS)
    office.reopen()
    firms = {one["properties"]["name"]: identity for identity, one in office.records("hubspot", "company").items()}
    booked = office.records("quickbooks", "Invoice").values()
    sold = next(one for one in booked if one["CustomerRef"]["name"] in firms)
    office.amend("Invoice", sold, CustomerMemo={"value": "renew"})
    office.fault("hubspot", fault="500 before", path="/batch/associate", times=50)
    report = office.reconcile()
    assert report.exit_code == 5
    (made,) = [key for key, one in office.records("hubspot", "deal").items()
               if one["properties"].get("dealname") == sold["DocNumber"]]  # fmt: skip
    office.sandboxes["hubspot"].faults.clear()
    office.clock.advance(600)
    resumed, writes = office.count_writes(lambda: run.resume(office.project, report.run.id))
    assert (resumed.exit_code, writes) == (0, {**NOTHING, "hubspot": 1})
    assert "/batch/associate" in office.writes("hubspot")[-1]["path"]
    edges: dict[str, Any] = office.records("hubspot", "associations")
    assert edges[f"deal:{made}>company:{firms[sold['CustomerRef']['name']]}"] == [341]
    assert quiet_hour(office) == NOTHING
