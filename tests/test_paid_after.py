"""What is written to a document goes out before its payment: a vendor may refuse changes of what is paid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.test_xero_chain import QUIET, XeroOffice
from deeds import by_hand, pay, quiet_hour, settled_office


@pytest.fixture
def office() -> Iterator[XeroOffice]:
    with settled_office(XeroOffice) as found:
        yield found


def options(office: XeroOffice) -> list[str]:
    """The projects that Xero knows, the newest last."""
    (category,) = (one for one in office.records("xero", "TrackingCategory").values() if one["Name"] == "Project ID")
    return [one["Name"] for one in category["Options"]]


def give(office: XeroOffice, deal: str, project: str) -> None:
    """Somebody gives the deal a project in HubSpot."""
    path = f"/crm/objects/2026-09/deals/{deal}"
    by_hand(office, "hubspot", path, {"properties": {"project_id": project}}, method="PATCH")


def test_a_project_of_an_invoice_is_written_before_its_payment_of_the_same_night(office: XeroOffice) -> None:
    sold = office.sell(cents=10_000)
    give(office, sold["metadata"]["hubspot_deal_id"], options(office)[0])
    office.reconcile()
    office.clock.advance(3600)
    give(office, sold["metadata"]["hubspot_deal_id"], options(office)[1])
    pay(office, (sold, 10_000))
    report = office.reconcile()
    assert report.applied is not None
    sent = [(row.change.mapping, row.change.target.kind, str(row.state)) for row in report.applied.rows]
    assert sent.index(("deals", "Invoice", "applied")) < sent.index(("payments", "Payment", "applied"))
    (booked,) = office.invoices("INV-9001")
    assert booked["Status"] == "PAID"
    assert {one["Option"] for line in booked["LineItems"] for one in line["Tracking"]} == {options(office)[1]}
    assert quiet_hour(office) == QUIET
