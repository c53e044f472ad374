"""What a run wrote is read back: a vendor that lags or is down by then makes no second record and hides no report."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from deeds import NOTHING, pay, quiet_hour, settled_office
from office import Office
from syncctl.ledger.states import State
from syncctl.model import FindingKind
from syncctl.project import open_project
from syncctl.run.settling import settle
from syncctl.sandbox.base import SandboxTransport

OF_ITEMS = """fields:
  - {left: {constant: Service}, right: Type, once: true}
  - {left: {constant: Sales of Product Income}, right: IncomeAccountRef->Name, once: true}
  - {left: metadata.sku, right: Sku, owner: left}
  - {left: name, right: Name, once: true}
"""


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


class Between(httpx.BaseTransport):
    """Lets a test answer instead of the vendor: None passes the request on."""

    def __init__(self, vendor: httpx.BaseTransport, answer: Callable[[httpx.Request], httpx.Response | None]) -> None:
        self.vendor = vendor
        self.answer = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.answer(request) or self.vendor.handle_request(request)


def between(office: Office, answer: Callable[[httpx.Request], httpx.Response | None]) -> None:
    """Opens the office's project anew, with something between it and QuickBooks."""
    office.project.close()
    transports: dict[str, httpx.BaseTransport] = {
        name: SandboxTransport(sandbox) for name, sandbox in office.sandboxes.items()
    }
    transports["quickbooks"] = Between(transports["quickbooks"], answer)
    office.project = open_project(
        office.folder, transports=transports, clock=office.clock, ids=office.next_id, environment=office.environment
    )


NO_ROWS = {"QueryResponse": {}, "CDCResponse": [{"QueryResponse": [{}]}], "time": "2026-11-20T03:00:00Z"}


class Lag:
    """QuickBooks, as it shows a kind before its copies caught up: its lists and reads know nothing new of it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.over = False
        self.hidden = 0

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        asked = request.url.params.get("query", "") + request.url.params.get("entities", "")
        reads = f"FROM {self.kind} " in asked or asked == self.kind
        if self.over or request.method != "GET" or not reads:
            return None
        self.hidden += 1
        return httpx.Response(200, json=NO_ROWS, request=request)


def make_items(office: Office) -> None:
    """The products mapping makes items; QuickBooks' answer to that write does not hold the record."""
    office.edit("products", "create: none\n", "create: right\n")
    office.edit("products", "many: left\n", "")
    office.edit("products", "fields:\n  - {left: name, right: Name, owner: none}\n", OF_ITEMS)


def items(office: Office, name: str) -> int:
    return sum(one["Name"] == name for one in office.records("quickbooks", "Item").values())


def test_a_record_just_made_that_the_vendor_does_not_show_yet_is_not_made_again(office: Office) -> None:
    make_items(office)
    lag = Lag("Item")
    between(office, lag)
    office.reconcile()
    office.seed("stripe", "product", {"name": "Pump", "active": True, "metadata": {"sku": "HW-77"}})
    first = office.reconcile()
    assert first.applied is not None
    assert [str(row.state) for row in first.applied.rows] == ["applied"]
    office.clock.advance(30)
    again = office.reconcile()
    assert lag.hidden
    assert (again.plan.changes, items(office, "Pump")) == ((), 1)
    assert any("not read back yet" in found.hint for found in again.findings)
    lag.over = True
    office.clock.advance(30)
    assert office.reconcile().exit_code == 0
    assert (quiet_hour(office), items(office, "Pump")) == (NOTHING, 1)


def test_a_record_that_was_made_and_never_shown_waits_for_a_persons_word_and_is_not_made_again(office: Office) -> None:
    make_items(office)
    office.reconcile()
    lag = Lag("Item")
    between(office, lag)
    office.seed("stripe", "product", {"name": "Pump", "active": True, "metadata": {"sku": "HW-77"}})
    office.reconcile()
    office.clock.advance(86_400)
    again = office.reconcile()
    (waiting,) = office.project.journal.operations.in_states({State.REVIEW})
    assert waiting.ref is not None
    assert waiting.message == f"quickbooks said that it made Item {waiting.ref.id}, and does not show it"
    assert (again.plan.changes, items(office, "Pump"), again.exit_code) == ((), 1, 2)
    assert any("an earlier write of this is review" in found.hint for found in again.findings)
    settle(office.project, waiting.id, "never", "deleted by hand")
    office.clock.advance(86_400)
    assert [change.name for change in office.reconcile(dry_run=True).plan.changes] == ["Pump"]


def test_a_record_just_made_is_not_called_deleted_because_the_vendor_does_not_show_it_yet(office: Office) -> None:
    sold = office.sell()
    office.reconcile()
    lag = Lag("Invoice")
    between(office, lag)
    pay(office, (sold, 12_500))
    paid = office.reconcile()
    assert lag.hidden
    assert [found for found in paid.findings if found.kind is FindingKind.GONE] == []
    lag.over = True
    assert office.reconcile().exit_code == 0
    assert len(office.booked(sold["number"])) == 1
