"""Deals, companies and contacts that become customers and invoices in the books, end to end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deeds import NOTHING, hints, in_books, join, quiet_hour, settled_office, vendor
from office import Office, about

KEPT = ("customers.yaml", "products.yaml")
FIRMS = """
mapping: firms
left: hubspot.company
right: quickbooks.Customer
match: [{left: name, right: DisplayName, as: company_name}]
create: none
unmatched: {left: ignore, right: ignore}
fields: [{left: name, right: DisplayName, owner: none}]
"""
BILLING = """
mapping: billing
left: hubspot.deal
right: quickbooks.Invoice
marker: {right: PrivateNote}
where: {left: {dealname: {starts: B-}}}
match: [{left: dealname, right: DocNumber}]
create: right
unmatched: {right: ignore}
fields:
  - {left: dealname, right: DocNumber, owner: left}
  - {left: "associations.companies(primary)", right: CustomerRef, owner: left, link: firms}
  - {left: deal_currency_code, right: CurrencyRef, once: true}
lines:
  - right: Line(DetailType=SalesItemLineDetail)
    owner: left
    fields:
      - {left: {constant: Consulting}, right: Description}
      - {left: amount, right: Amount}
      - {left: {constant: Services}, right: SalesItemLineDetail.ItemRef->Name}
"""
PAYERS = """
mapping: payers
left: hubspot.contact
right: quickbooks.Customer
where: {left: {lastname: Second}}
many: left
match:
  - {left: associations.companies->name, right: DisplayName, as: company_name}
create: right
unmatched: {right: ignore}
fields:
  - {left: associations.companies->name, right: DisplayName, once: true}
"""

ALIKE = "  - {left: name, right: DisplayName, as: company_name, similar: 92, accept: review}\n"


@pytest.fixture
def office() -> Iterator[Office]:
    """An office whose invoices come from deals."""
    with settled_office() as found:
        for path in (found.folder / "mappings").iterdir():
            if path.name not in KEPT:
                path.unlink()
        (found.folder / "mappings" / "firms.yaml").write_text(FIRMS)
        (found.folder / "mappings" / "billing.yaml").write_text(BILLING)
        found.reopen()
        yield found


def firm(office: Office) -> tuple[str, str]:
    """A company of HubSpot that is a customer in the books and pays dollars: its id and name."""
    customers = office.records("quickbooks", "Customer").values()
    known = {one["DisplayName"] for one in customers if one["CurrencyRef"]["value"] == "USD"}
    held = office.records("hubspot", "company")
    return next((identity, name) for identity, one in held.items() if (name := one["properties"]["name"]) in known)


def deal(office: Office, name: str, company: str = "", **more: str) -> dict[str, Any]:
    properties = {"dealname": name, "amount": "10.00", "deal_currency_code": "USD", "pipeline": "default"}
    linked = {"associations": {"companies": [{"id": company, "label": "primary"}]}} if company else {}
    return office.seed("hubspot", "deal", {"properties": {**properties, "dealstage": "contractsent", **more}, **linked})


def test_c41_a_deal_without_a_company_is_not_billed_and_the_reason_is_told(office: Office) -> None:
    alone = deal(office, "B-1")
    deal(office, "B-2", firm(office)[0])
    dry = office.reconcile(dry_run=True)
    (found,) = about(dry.findings, "blocked")
    assert found.left is not None
    assert (found.left.id, found.name) == (alone["id"], "B-1")
    assert found.hint == "quickbooks wants CustomerRef on a new Invoice, and there is no value"
    assert office.reconcile().exit_code == 2
    assert (office.booked("B-1"), len(office.booked("B-2"))) == ([], 1)
    assert quiet_hour(office) == NOTHING


def test_c64_an_invoice_without_tax_is_refused_by_a_company_that_wants_it_with_what_to_map(office: Office) -> None:
    vendor(office, "quickbooks").set_rules(automated_tax=False, tax_required=True)
    deal(office, "B-1", firm(office)[0])
    report = office.reconcile()
    assert report.applied is not None
    (row,) = (row for row in report.applied.rows if row.change.mapping == "billing")
    assert (report.exit_code, str(row.state), row.code, office.booked("B-1")) == (5, "rejected", "6000", [])
    assert "GST/VAT rate" in row.message
    assert "wants a tax code of its own on every line. Map the lines' `SalesItemLineDetail.TaxCodeRef`" in row.fix
    assert quiet_hour(office) == NOTHING
    amount = "      - {left: amount, right: Amount}\n"
    office.edit("billing", amount, amount + '      - {left: {constant: "2"}, right: SalesItemLineDetail.TaxCodeRef}\n')
    assert office.reconcile().exit_code == 0
    assert office.booked("B-1")[0]["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "2"}


def test_c8_a_second_contact_of_a_company_shares_the_companys_customer(office: Office) -> None:
    (office.folder / "mappings" / "payers.yaml").write_text(PAYERS)
    office.reopen()
    company, name = firm(office)
    people = [
        office.seed(
            "hubspot",
            "contact",
            {
                "properties": {"email": f"{first}@second.example", "firstname": first, "lastname": "Second"},
                "associations": {"companies": [{"id": company, "label": "primary"}]},
            },
        )["id"]
        for first in ("ada", "bob")
    ]
    before = len(office.records("quickbooks", "Customer"))
    report = office.reconcile()
    assert (report.exit_code, report.plan.changes, hints(report.findings)) == (0, (), [])
    pairs = office.project.books.pairs.of(office.project.lookups.mapping_id("payers"))
    held = next(one for one in office.records("quickbooks", "Customer").values() if one["DisplayName"] == name)
    assert {(left.id, right.id) for _, left, right, *_ in pairs} == {(person, held["Id"]) for person in people}
    assert len(office.records("quickbooks", "Customer")) == before


def test_c8_a_name_that_the_companys_customer_has_is_told_with_that_customer_and_never_silent(office: Office) -> None:
    first = join(office, "Acme Tools", email="ada@acme.example")
    office.reconcile()
    office.clock.advance(3600)
    second = join(office, "Acme Tools", email="bob@acme.example")
    dry = office.reconcile(dry_run=True)
    held = office.records("stripe", "customer")[first["id"]]["metadata"]["quickbooks_id"]
    (found,) = about(dry.findings, "blocked")
    assert found.left is not None
    assert found.left.id == second["id"]
    assert f"'Acme Tools' is taken by quickbooks:Customer:{held}: it belongs to stripe:customer:{first['id']}." in (
        found.hint
    )
    assert "let both share it (`many: left` in mapping customers)" in found.hint
    assert quiet_hour(office) == NOTHING


def test_c8_a_name_that_a_customer_of_nobody_has_is_told_with_the_match_to_confirm(office: Office) -> None:
    held = in_books(office, "Customer", {"DisplayName": "Acme Tools", "CompanyName": "Somebody at the counter"})
    who = join(office, "Acme Tools", email="bob@acme.example")
    office.edit("customers", ALIKE, "")
    (why,) = hints(office.reconcile(dry_run=True).findings)
    pair = f"stripe:customer:{who['id']} quickbooks:Customer:{held['Id']}"
    assert f"if both are one, `syncctl match confirm customers {pair}`; else give one of the two" in why


def test_a7_an_inactive_customer_is_to_be_made_active_again_and_no_second_one_is_made(office: Office) -> None:
    who = join(office, "Nova Labs")
    held = in_books(office, "Customer", {"DisplayName": "Nova Labs", "PrimaryEmailAddr": {"Address": who["email"]}})
    in_books(office, "Customer", {"Id": held["Id"], "SyncToken": held["SyncToken"], "sparse": True, "Active": False})
    report, writes = office.count_writes(office.reconcile)
    (found,) = about(report.findings, "gone")
    assert (report.exit_code, writes, report.plan.changes) == (2, NOTHING, ())
    assert (found.right and found.right.id, found.right_shown) == (held["Id"], "archived")
    assert found.hint.startswith("the record is archived in quickbooks and not in stripe: make it active again")
    held = office.records("quickbooks", "Customer")[held["Id"]]
    in_books(office, "Customer", {"Id": held["Id"], "SyncToken": held["SyncToken"], "sparse": True, "Active": True})
    office.clock.advance(3600)
    assert office.reconcile().exit_code == 0
    assert office.records("stripe", "customer")[who["id"]]["metadata"]["quickbooks_id"] == held["Id"]


def test_a25_a_tax_rate_that_the_books_do_not_have_blocks_its_row_with_the_reason(office: Office) -> None:
    """The rate that an invoice is taxed with is named by its customer's state, which the table does not have."""
    text = BILLING.replace(
        "      - {left: amount, right: Amount}\n",
        "      - {left: amount, right: Amount}\n"
        "      - {left: hs_next_step, right: SalesItemLineDetail.TaxCodeRef, values: {CA: TAX, OR: NON}}\n",
    )
    (office.folder / "mappings" / "billing.yaml").write_text(text)
    office.reopen()
    company, _ = firm(office)
    deal(office, "B-1", company, hs_next_step="WA")
    deal(office, "B-2", company, hs_next_step="CA")
    deal(office, "B-3", company, hs_next_step="OR")
    dry = office.reconcile(dry_run=True)
    (found,) = about(dry.findings, "blocked")
    assert (found.name, "WA" in found.hint) == ("B-1", True)
    office.reconcile()
    booked = {name: [one["TotalAmt"] for one in office.booked(name)] for name in ("B-1", "B-2", "B-3")}
    assert booked == {"B-1": [], "B-2": ["10.80"], "B-3": ["10.00"]}  # an exempt customer pays no tax
