"""A small company at three pretend vendors and a project over them: what the acceptance tests work with."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from simulation.hands import amend
from simulation.spelled import hubspot_deal, open_invoice

from put_away import put_away, taken_out
from syncctl import run
from syncctl.cli.scaffold import starter_mappings
from syncctl.mapping.language import Guards
from syncctl.model import Finding, Plan
from syncctl.project import Project, open_project
from syncctl.run import Choices, ReconcileReport
from syncctl.sandbox.base import Fault, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.world import World, plan_world, world_credentials
from syncctl.stack import Stack

SETTINGS = """
ledger: ledger.db
mappings: mappings
systems:
  stripe: {{connector: stripe, environment: sandbox, credential: "env:STRIPE", company: "{stripe}"}}
  quickbooks: {{connector: quickbooks, environment: sandbox, credential: "env:QUICKBOOKS", company: "{quickbooks}"}}
  hubspot: {{connector: hubspot, environment: sandbox, credential: "env:HUBSPOT", company: "{hubspot}"}}
books:
  time_zone: America/New_York
  accounts: {{receivable: Accounts Receivable (A/R), clearing: Undeposited Funds, discounts: Discounts given}}
  items: {{default: Services, refund: Refunds, credit: Credits, shipping: Shipping}}
  terms: Net 30
guards: {{max_changes: 1000}}
"""
LIMITLESS = Choices(overrides=Guards(max_changes=10_000, max_ratio=1), first_run=True)  # type: ignore[arg-type]


@cache
def _company(stack: Stack, scale: float, broken: bool, start: datetime) -> tuple[World, bytes]:
    """The same company for everybody, and its vendors put away."""
    clock = FakeClock(start)
    planned = plan_world(clock, scale=scale, limits=False, stack=stack)
    world = planned if broken else World(clock, planned.company, (), limits=False, stack=stack)
    return world, put_away(world.sandboxes(), clock)


class Office:
    """Vendors, a project folder with the shipped mappings, and shortcuts for what tests do over and over."""

    stack = Stack()

    def __init__(
        self, folder: Path, *, scale: float = 0.03, broken: bool = False, clock: FakeClock | None = None
    ) -> None:
        self.folder = folder
        self.clock = clock or FakeClock()
        world, vendors = _company(self.stack, scale, broken, self.clock.now())
        self.world = replace(world, clock=self.clock)
        self.sandboxes = taken_out(vendors, self.clock)
        self.credentials = world_credentials(self.stack.systems)
        self.environment = self.secrets()
        self._ids = itertools.count(1)
        self._scaffold()
        self.project = self.open()

    def _scaffold(self) -> None:
        (self.folder / "syncctl.yaml").write_text(self.settings())
        mappings = self.folder / "mappings"
        mappings.mkdir()
        for name, text in starter_mappings(self.stack.systems):
            (mappings / name).write_text(text)

    def settings(self) -> str:
        """The project's syncctl.yaml."""
        return SETTINGS.format(**{name: found.company for name, found in self.credentials.items()})

    def secrets(self) -> dict[str, str]:
        """The environment variables that open the vendors."""
        return {name.upper(): found.token for name, found in self.credentials.items()}

    def edit(self, mapping: str, old: str, new: str) -> None:
        """Edits a mapping file as a person would, and opens the project anew."""
        path = self.folder / "mappings" / f"{mapping}.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        self.reopen()

    def open(self) -> Project:
        transports: dict[str, httpx.BaseTransport] = {
            name: SandboxTransport(sandbox) for name, sandbox in self.sandboxes.items()
        }
        return open_project(
            self.folder, transports=transports, clock=self.clock, ids=self.next_id, environment=self.environment
        )

    def next_id(self) -> str:
        return f"id{next(self._ids):06}"

    def reopen(self) -> None:
        """What the next night's process does."""
        self.project.close()
        self.project = self.open()

    def without_canary(self) -> None:
        """From now on all of a run is written, whatever became of the first writes."""
        settings = self.folder / "syncctl.yaml"
        settings.write_text(settings.read_text().replace("max_changes: 1000", "max_changes: 1000, canary: 0"))
        self.reopen()

    def reconcile(self, **words: Any) -> ReconcileReport:
        """One whole run, guards out of the way unless a test brings its own."""
        return run.reconcile(self.project, **{"choices": LIMITLESS, **words})

    def plan(self) -> Plan:
        run.pull(self.project)
        return run.plan(self.project)

    def fault(self, system: str, **words: Any) -> None:
        self.sandboxes[system].faults.append(Fault(**words))

    def struck(self) -> bool:
        """Whether every fault has happened as often as it was ordered: a test of it has tested something."""
        return all(fault.times == 0 for sandbox in self.sandboxes.values() for fault in sandbox.faults)

    def writes(self, system: str) -> list[dict[str, Any]]:
        return self.sandboxes[system].writes()

    def count_writes(self, action: Callable[[], Any]) -> tuple[Any, dict[str, int]]:
        """What an action returns, and how many writes each vendor saw meanwhile."""
        before = {name: len(self.writes(name)) for name in self.sandboxes}
        result = action()
        return result, {name: len(self.writes(name)) - before[name] for name in self.sandboxes}

    def records(self, system: str, kind: str) -> dict[str, dict[str, Any]]:
        """Everything of a kind as the vendor stores it by now, by id."""
        sandbox = self.sandboxes[system]
        sandbox.catch_up()
        found: dict[str, dict[str, Any]] = json.loads(json.dumps(sandbox.vendor.state()[kind], default=str))
        return found

    # --- things that happen at the vendors ---

    def sell(
        self, number: str = "INV-9001", *, customer: int = 0, cents: int = 12_500, deal: bool = True
    ) -> dict[str, Any]:
        """A new open Stripe invoice with one line, for a US customer, and a HubSpot deal that names a project."""
        who = self.customers("usd")[customer]
        product = self.records("stripe", "product")
        thing = next(one for one in product.values() if one["metadata"].get("sku"))
        metadata = self.agreed(cents) if deal else {}
        lines, now = [("Consulting day", cents)], int(self.clock.now().timestamp())
        return self.seed("stripe", "invoice", open_invoice(who, number, lines, thing["id"], now, metadata=metadata))

    def customers(self, currency: str) -> list[dict[str, Any]]:
        """Stripe's customers of one currency that the books know."""
        found = self.records("stripe", "customer").values()
        known = f"{self.stack.books}_id"
        return [one for one in found if one["currency"] == currency and one["metadata"].get(known)]

    @property
    def project_id(self) -> str:
        """A project that has not been billed yet; Xero has an option for it."""
        return next(deal.project_id for deal in self.world.company.deals if deal.invoice is None)

    def agreed(self, cents: int) -> dict[str, str]:
        """A new deal, as the metadata of its Stripe invoice names it."""
        return {"hubspot_deal_id": self.deal(cents)["id"]}

    def deal(self, cents: int, project: str = "PRJ-42") -> dict[str, Any]:
        """A HubSpot deal that nobody has billed yet."""
        return self.seed("hubspot", "deal", hubspot_deal(cents, project))

    def booked(self, number: str) -> list[dict[str, Any]]:
        """QuickBooks invoices with this number."""
        return [one for one in self.records("quickbooks", "Invoice").values() if one.get("DocNumber") == number]

    def deal_of(self, invoice: dict[str, Any]) -> dict[str, Any]:
        """The properties of the deal of a Stripe invoice, as HubSpot has them now."""
        properties: dict[str, Any] = self.records("hubspot", "deal")[invoice["metadata"]["hubspot_deal_id"]][
            "properties"
        ]
        return properties

    def amend(self, kind: str, held: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """What a person's edit in QuickBooks does: the change, a new SyncToken, a new stamp."""
        return amend(self.sandboxes["quickbooks"].vendor, kind, held, **changes)

    def seed(self, system: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.sandboxes[system].vendor.seed(kind, body)


def about(findings: tuple[Finding, ...], kind: str) -> list[Finding]:
    """The findings of one kind."""
    return [finding for finding in findings if finding.kind == kind]
