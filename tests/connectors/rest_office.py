"""A company with a legacy ERP and QuickBooks, and a project over both: customers both ways, orders as invoices."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import httpx
from rest_world import SHIPPED

from office import LIMITLESS
from syncctl import run
from syncctl.project import Project, open_project
from syncctl.run import ReconcileReport
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport, Vendor
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.erp import ErpSandbox
from syncctl.sandbox.quickbooks import QuickBooksSandbox

SETTINGS = """
ledger: ledger.db
mappings: mappings
systems:
  erp:
    connector: rest
    environment: sandbox
    credential: "env:ERP"
    company: "4711"
    base_url: http://127.0.0.1:8105/api
    file: systems/erp.yaml
  quickbooks: {connector: quickbooks, environment: sandbox, credential: "env:QBO", company: "9130350000000001"}
books: {time_zone: Europe/Berlin, items: {default: "1"}}
guards: {max_changes: 1000}
"""
CUSTOMERS = """
mapping: customers
left: erp.customer
right: quickbooks.Customer
match:
  - {left: email, right: PrimaryEmailAddr.Address, as: email}
create: both
fields:
  - {left: name, right: DisplayName, owner: both}
  - {left: email, right: PrimaryEmailAddr.Address, owner: both, as: email}
  - {left: city, right: BillAddr.City, owner: left}
  - {left: curr, right: CurrencyRef, once: true}
"""
ORDERS = """
mapping: orders
left: erp.order
right: quickbooks.Invoice
where: {left: {status: [SHIPPED, INVOICED]}}
match:
  - {left: {text: "SO-{order_no}"}, right: DocNumber}
create: right
unmatched: {right: ignore}
fields:
  - {left: {text: "SO-{order_no}"}, right: DocNumber, once: true}
  - {left: customer_no, right: CustomerRef, owner: left, link: customers}
  - {left: order_date, right: TxnDate, owner: left}
  - {left: curr, right: CurrencyRef, once: true}
  - {left: note, right: PrivateNote, owner: right}
lines:
  - left: positions
    right: Line(DetailType=SalesItemLineDetail)
    owner: left
    match: [{left: text, right: Description}]
    fields:
      - {left: text, right: Description}
      - {left: price, right: Amount}
      - {left: {constant: "1"}, right: SalesItemLineDetail.ItemRef->Id, once: true}
"""


class RestOffice:
    """Vendors, a project folder with two mappings, and shortcuts."""

    def __init__(self, folder: Path, text: str = SHIPPED, **erp: Any) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.vendors: dict[str, Vendor] = {
            "erp": ErpSandbox(self.clock, limits=False, **erp),
            "quickbooks": QuickBooksSandbox(
                self.clock, limits=False, home_currency="EUR", multicurrency=True, automated_tax=False
            ),
        }
        self.sandboxes = {name: Sandbox(vendor) for name, vendor in self.vendors.items()}
        self._ids = itertools.count(1)
        (folder / "systems").mkdir()
        (folder / "mappings").mkdir()
        (folder / "systems" / "erp.yaml").write_text(text)
        (folder / "syncctl.yaml").write_text(SETTINGS)
        (folder / "mappings" / "customers.yaml").write_text(CUSTOMERS)
        (folder / "mappings" / "orders.yaml").write_text(ORDERS)
        self.project = self.open()

    def open(self) -> Project:
        transports: dict[str, httpx.BaseTransport] = {
            name: SandboxTransport(sandbox) for name, sandbox in self.sandboxes.items()
        }
        environment = {"ERP": "erp-sandbox-key-0001", "QBO": "quickbooks-sandbox-token"}
        return open_project(
            self.folder, transports=transports, clock=self.clock, ids=self.next_id, environment=environment
        )

    def next_id(self) -> str:
        return f"id{next(self._ids):06}"

    def night(self, **words: Any) -> ReconcileReport:
        """A day later, a new process, one whole run."""
        self.clock.advance(86_400)
        self.project.close()
        self.project = self.open()
        return run.reconcile(self.project, **{"choices": LIMITLESS, **words})

    def reconcile(self, **words: Any) -> ReconcileReport:
        return run.reconcile(self.project, **{"choices": LIMITLESS, **words})

    def fault(self, system: str, fault: str, **words: Any) -> None:
        self.sandboxes[system].faults.append(Fault(fault, **words))

    def held(self, system: str, kind: str) -> list[dict[str, Any]]:
        sandbox = self.sandboxes[system]
        sandbox.catch_up()
        return list(json.loads(json.dumps(sandbox.vendor.state()[kind], default=str)).values())

    def writes(self) -> int:
        return sum(len(sandbox.writes()) for sandbox in self.sandboxes.values())
