"""Writes that the vendor applies after the run gave them up: at once, after the wait, hours later. Never twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deeds import NOTHING, join, quiet_hour, settled_office
from office import Office

SECONDS, HOURS = 5.0, 3 * 3600.0


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def nights(office: Office, count: int = 3) -> None:
    """Runs, a day apart, as a nightly job does; whatever they exit with."""
    for _ in range(count):
        office.reconcile()
        office.reopen()
        office.clock.advance(86_400)


@pytest.mark.parametrize("seconds", [SECONDS, HOURS])
def test_an_invoice_that_arrives_late_is_booked_once(office: Office, seconds: float) -> None:
    sold = office.sell()
    office.fault("quickbooks", fault="late", method="POST", path="/invoice", seconds=seconds)
    nights(office)
    assert office.struck()
    assert len(office.booked(sold["number"])) == 1
    assert office.deal_of(sold)["quickbooks_invoice_number"] == sold["number"]
    assert quiet_hour(office) == NOTHING


@pytest.mark.parametrize("seconds", [SECONDS, HOURS])
def test_a_customer_that_arrives_late_is_made_once_and_its_id_flows_back(office: Office, seconds: float) -> None:
    joined = join(office, "Late Arrivals Ltd.")
    office.fault("quickbooks", fault="late", method="POST", path="/customer", seconds=seconds)
    nights(office)
    assert office.struck()
    made = [one for one in office.records("quickbooks", "Customer").values() if "Late Arriv" in one["DisplayName"]]
    assert len(made) == 1
    assert office.records("stripe", "customer")[joined["id"]]["metadata"]["quickbooks_id"] == made[0]["Id"]
    assert quiet_hour(office) == NOTHING


@pytest.mark.parametrize("seconds", [SECONDS, HOURS])
@pytest.mark.parametrize(
    ("system", "path"), [("hubspot", "/batch/update"), ("stripe", "/v1/invoices"), ("quickbooks", "/invoice")]
)
def test_an_update_that_arrives_late_leaves_what_the_night_agreed_on(
    office: Office, system: str, path: str, seconds: float
) -> None:
    sold = office.sell()
    office.fault(system, fault="late", method="POST", path=path, seconds=seconds)
    nights(office)
    assert office.struck()
    (booked,) = office.booked(sold["number"])
    assert office.records("stripe", "invoice")[sold["id"]]["metadata"]["quickbooks_id"] == booked["Id"]
    assert office.deal_of(sold)["quickbooks_invoice_number"] == sold["number"]
    assert quiet_hour(office) == NOTHING
