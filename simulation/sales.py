"""What happens at the company: customers join, are billed, pay, and change; each is a fact for the judge. No I/O."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

from simulation.facts import Fact, Facts
from simulation.hands import at_stripe
from simulation.spelled import hubspot_deal, open_invoice, opportunity, paid
from simulation.stacks import Ground
from simulation.truth import Raw, Truth
from syncctl.model import Ref
from syncctl.sandbox.base import Sandbox

ADDRESS: Final = {"city": "Austin", "country": "US", "line1": "1 Elm Street", "postal_code": "78701", "state": "TX"}
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Sales:
    """One world's business. Every amount is of its own, so that a person could tell any two payments apart."""

    ground: Ground
    sandboxes: dict[str, Sandbox]
    facts: Facts
    chance: random.Random
    count: int = 0

    def __post_init__(self) -> None:
        self._project = self._unbilled_project()
        self._product = next(one for one in self._stripe("product").values() if one["metadata"].get("sku"))
        self.known = self._known_customers()

    # --- deeds ---

    def join(self) -> Fact:
        """A customer whom nobody else knows."""
        self.count += 1
        word = "".join(self.chance.choice(LETTERS) for _ in range(6)).capitalize()
        mail = f"office@{word.lower()}-{self.count}.example"
        body = {
            "name": f"{word} Works {self.count}",
            "email": mail,
            "currency": "usd",
            "phone": self._phone(),
            "address": ADDRESS,
        }
        made = self._seed("stripe", "customer", body)
        return self._add(Fact("customer", mail, Ref("stripe", "customer", made["id"])))

    def sell(self, customer: Fact | None = None) -> Fact:
        """An open invoice with one line, and the deal behind it where there is a CRM."""
        self.count += 1
        amount = 20_011 + 997 * self.count
        held = self._stripe("customer")[(customer or self.chance.choice(self.known)).source.id]
        number = f"SIM-{self.count:04}"
        deal, metadata = self._agreed(amount)
        lines = [("Consulting day", amount)]
        said = {"currency": "usd", "metadata": metadata}
        sold = open_invoice(held, number, lines, self._product["id"], int(self._now()), **said)
        made = self._seed("stripe", "invoice", sold)
        return self._add(Fact("invoice", number, Ref("stripe", "invoice", made["id"]), deal, customer, amount))

    def pay(self, invoice: Fact, part: int = 1) -> Fact:
        """One charge that pays the invoice, or the n-th part of it."""
        self.count += 1
        cents = invoice.cents if part == 1 else invoice.cents // part + self.count
        held = self._stripe("invoice")[invoice.source.id]
        charge, (row,) = paid(self._seed, int(self._now()) - 3_600, [(held, cents)], cents)
        kind, made = ("invoice_payment", row) if self.ground.books == "xero" else ("charge", charge)
        wanted = self.ground.books != "erp"
        return self._add(Fact("payment", cents, Ref("stripe", kind, made["id"]), of=invoice, wanted=wanted))

    def change(self, customer: Fact) -> str:
        """A customer has another phone number at Stripe; it flows into the books."""
        phone = self._phone()
        at_stripe(self.sandboxes["stripe"].vendor, f"/v1/customers/{customer.source.id}", {"phone": phone})
        return phone

    def _agreed(self, cents: int) -> tuple[str, dict[str, str]]:
        """A new deal, and how the Stripe invoice names it."""
        if self.ground.crm == "hubspot":
            made = self._seed("hubspot", "deal", hubspot_deal(cents, self._project))
            return str(made["id"]), {"hubspot_deal_id": made["id"]}
        if self.ground.crm == "salesforce":
            made = self._seed("salesforce", "Opportunity", opportunity(cents, self._project))
            return str(made["Id"]), {"salesforce_opportunity_id": made["Id"]}
        return "", {}

    def _unbilled_project(self) -> str:
        """A project that has a name in the books and no invoice yet."""
        if self.ground.crm == "hubspot":
            vendor: Any = self.sandboxes["hubspot"].vendor
            deals = [one.properties for one in vendor.account.objects["deal"].values()]
            return next(str(one["project_id"]) for one in deals if not one.get(f"{self.ground.books}_invoice_number"))
        if self.ground.crm == "salesforce":
            found = self.sandboxes["salesforce"].vendor.state()["Opportunity"].values()
            return next(str(one["Project_ID__c"]) for one in found if one["StageName"] == "Negotiation/Review")
        return ""

    def _known_customers(self) -> list[Fact]:
        """Customers that the books knew before the world began."""
        truth = Truth(self.ground, self.sandboxes)
        known = truth.booked("customer")
        found = [one for one in self._stripe("customer").values() if str(one["email"]).lower() in known]
        return [Fact("customer", str(one["email"]).lower(), Ref("stripe", "customer", one["id"])) for one in found]

    def _phone(self) -> str:
        return f"+1415555{self.chance.randrange(1_000, 9_999)}"

    def _stripe(self, kind: str) -> dict[str, Raw]:
        vendor: Any = self.sandboxes["stripe"].vendor
        found: dict[str, Raw] = vendor.store.things[kind]
        return found

    def _now(self) -> float:
        return self.sandboxes["stripe"].vendor.clock.now().timestamp()

    def _seed(self, system: str, kind: str, body: Raw) -> Raw:
        return self.sandboxes[system].vendor.seed(kind, body)

    def _add(self, fact: Fact) -> Fact:
        self.facts.all.append(fact)
        return fact
