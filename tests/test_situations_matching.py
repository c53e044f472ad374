"""Who is who, end to end: names, numbers, and records that must never be made twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deeds import NOTHING, bill, hints, in_books, join, quiet_hour, settled_office, vendor
from office import Office, about
from syncctl.errors import ConfigError
from syncctl.model import Ref
from syncctl.run.review import match_decide

AWKWARD = ("O'Hara & Söhne", "100 % Pure \\ Simple", "Café “Näh”", "Rocket 🚀 Labs", "Tab; DROP-TABLE--")


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def named(office: Office, name: str, kind: str = "Customer") -> list[dict[str, Any]]:
    return [one for one in office.records("quickbooks", kind).values() if one["DisplayName"] == name]


def test_a4_a_name_that_a_vendor_or_an_employee_has_is_foreseen_in_the_plan(office: Office) -> None:
    acme = in_books(office, "Vendor", {"DisplayName": "Acme Tools"})
    in_books(office, "Employee", {"GivenName": "Ada", "FamilyName": "Byron", "DisplayName": "Ada Byron"})
    for name in ("Acme Tools", "Ada Byron"):
        join(office, name)
    free = join(office, "Zenith Tools")
    dry = office.reconcile(dry_run=True)
    assert [change.name for change in dry.plan.changes if change.action == "create"] == ["Zenith Tools"]
    blocked = sorted(hints(dry.findings))
    assert len(blocked) == 2
    assert f"'Acme Tools' is taken by quickbooks:Vendor:{acme['Id']}" in blocked[0]
    assert "like 'Acme Tools (customer)'" in blocked[0]
    assert "quickbooks:Employee:" in blocked[1]
    report = office.reconcile()
    assert (report.exit_code, named(office, "Acme Tools"), named(office, "Ada Byron")) == (2, [], [])
    assert office.records("stripe", "customer")[free["id"]]["metadata"]["quickbooks_id"]
    assert quiet_hour(office) == NOTHING


def test_a4_a_vendor_renamed_away_frees_the_name(office: Office) -> None:
    acme = in_books(office, "Vendor", {"DisplayName": "Acme Tools"})
    join(office, "Acme Tools")
    office.reconcile()
    office.clock.advance(3600)
    in_books(office, "Vendor", {**acme, "DisplayName": "Acme Tools (supplier)"})
    assert office.reconcile().exit_code == 0
    assert len(named(office, "Acme Tools")) == 1


def test_a6_names_that_differ_in_case_blanks_or_signs_are_shown_and_not_created(office: Office) -> None:
    twins = {"Blue Ocean GmbH": "BLUE OCEAN GMBH", "Dora’s Café": "Dora's Cafe", "Nord Süd AG": "Nord Süd AG "}
    twins["Alp Works"] = "Alp\N{NO-BREAK SPACE}Works"
    for known, here in twins.items():
        in_books(office, "Customer", {"DisplayName": known})
        join(office, here)
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, writes) == (2, NOTHING)
    found = about(report.findings, "proposal")
    assert {finding.name for finding in found} == set(twins.values())
    one = next(finding for finding in found if finding.name == "BLUE OCEAN GMBH")
    held = named(office, "Blue Ocean GmbH")[0]
    assert one.choice is not None
    assert one.choice.right == (Ref("quickbooks", "Customer", held["Id"]),)


def test_a_second_stripe_customer_with_a_booked_ones_address_is_a_duplicate_until_a_person_says_otherwise(
    office: Office,
) -> None:
    first = office.customers("usd")[0]
    second = join(office, "Another Name Altogether", email=first["email"])
    bill(office, second, "INV-9001", ("Work", 1_000))
    report, writes = office.count_writes(office.reconcile)
    (found,) = about(report.findings, "duplicate")
    assert (report.exit_code, writes) == (2, NOTHING)
    assert found.left == Ref("stripe", "customer", second["id"])
    assert f"it is the same as stripe:customer:{first['id']}, whose partner is quickbooks:Customer:" in found.hint
    assert [one.name for one in about(report.findings, "blocked")] == ["INV-9001"]
    partner = Ref.parse(found.hint.split()[-1])
    match_decide(office.project, "customers", found.left, partner, "reject")
    assert office.reconcile().exit_code == 0
    assert (len(named(office, "Another Name Altogether")), len(office.booked("INV-9001"))) == (1, 1)
    assert quiet_hour(office) == NOTHING


def test_a10_awkward_names_go_through_the_whole_chain_and_are_found_exactly_once(office: Office) -> None:
    for place, name in enumerate(AWKWARD):
        bill(office, join(office, name), f"INV-A{place}", ("Work", 1_000))
    office.fault("quickbooks", fault="lost", method="POST", path="/batch")
    report = office.reconcile()
    assert (report.exit_code, office.struck()) == (0, True)
    assert [len(named(office, name)) for name in AWKWARD] == [1] * len(AWKWARD)
    for place, name in enumerate(AWKWARD):
        (booked,) = office.booked(f"INV-A{place}")
        assert booked["CustomerRef"] == {"value": named(office, name)[0]["Id"], "name": name}
    assert quiet_hour(office) == NOTHING


def test_a11_a_company_that_numbers_itself_keeps_its_number_and_the_id_tells_who_is_who(office: Office) -> None:
    vendor(office, "quickbooks").set_rules(custom_txn_numbers=False)
    with pytest.raises(ConfigError) as refused:
        office.reconcile()
    assert {problem.hint for problem in refused.value.problems} == {"make it a check: owner: none"}
    for mapping in ("invoices", "credit_memos"):
        office.edit(mapping, "  - {left: number, right: DocNumber, owner: left}\n", "")
    sold = office.sell()
    assert office.reconcile().exit_code == 0
    assert office.booked("INV-9001") == []
    identity = office.records("stripe", "invoice")[sold["id"]]["metadata"]["quickbooks_id"]
    number = office.records("quickbooks", "Invoice")[identity]["DocNumber"]
    assert office.deal_of(sold)["quickbooks_invoice_number"] == number
    assert quiet_hour(office) == NOTHING


def test_a12_a_number_that_is_too_long_or_taken_is_flagged_in_the_plan_and_never_cut(office: Office) -> None:
    who, somebody_else = office.customers("usd")[:2]
    bill(office, who, "INV-9001", ("Work", 1_000))
    office.reconcile()
    office.clock.advance(3600)
    bill(office, who, "INV-2026-NORTHWEST-0000001", ("Work", 2_000))
    bill(office, somebody_else, "INV-9001", ("More work", 3_000))
    again = bill(office, who, "INV-9001", ("The same work", 1_000))
    report, writes = office.count_writes(office.reconcile)
    (held,) = office.booked("INV-9001")
    assert writes == NOTHING
    taken = f"DocNumber 'INV-9001' is taken by quickbooks:Invoice:{held['Id']}: "
    assert any(hint.startswith(taken) for hint in hints(report.findings))
    assert any("is longer than the 21 characters DocNumber holds" in hint for hint in hints(report.findings))
    assert [one.left for one in about(report.findings, "duplicate")] == [Ref("stripe", "invoice", again["id"])]
    assert not any(
        one.get("DocNumber", "").startswith("INV-2026-NORTH")
        for one in office.records("quickbooks", "Invoice").values()
    )
    assert quiet_hour(office) == NOTHING


def test_a48_a47_of_1001_customers_none_is_lost_or_made_twice(office: Office) -> None:
    """More than a page, and more than one answer of the change feed holds."""
    seed = vendor(office, "quickbooks").seed
    for number in range(1_001):
        seed("Customer", {"DisplayName": f"Walk-in {number}", "CurrencyRef": {"value": "USD"}})
    assert office.reconcile().plan.changes == ()
    held = office.project.records.count("quickbooks", "Customer")
    assert held == len(office.records("quickbooks", "Customer")) > 1_001
    office.clock.advance(3600)
    books = vendor(office, "quickbooks").books
    walked_in = [one for one in books.all("Customer").values() if one["DisplayName"].startswith("Walk-in")]
    for one in walked_in:
        books.touch("Customer", one, Notes="came again")
    report, writes = office.count_writes(office.reconcile)
    assert (report.plan.changes, writes) == ((), NOTHING)
    stored = (office.project.records.record(Ref("quickbooks", "Customer", one["Id"])) for one in walked_in)
    assert {one.version for one in stored if one} == {"1"}
