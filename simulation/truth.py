"""The vendors' own truth in common words: what stands in the books, and what the CRM was told. No I/O.

A record is told by what a person would tell it by (e-mail address, number, amount), never by our marks: a second record
without our mark is a second record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from simulation.facts import Key, Kind
from simulation.stacks import Ground
from syncctl.model import Ref
from syncctl.sandbox.base import Sandbox
from syncctl.stack import TITLES

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """How one vendor spells one kind: by what it is told apart, whether it counts, what is still owed on it."""

    kind: str
    key: Callable[[Raw], Key]
    stands: Callable[[Raw], bool] = lambda _raw: True
    owed: Callable[[Raw], Decimal] = lambda _raw: Decimal(0)


def cents(amount: Any) -> int:
    """A vendor's amount in cents."""
    return round(Decimal(str(amount or 0)) * 100)


def _mail(*path: str) -> Callable[[Raw], Key]:
    def read(raw: Raw) -> Key:
        found: Any = raw
        for step in path:
            found = (found or {}).get(step)
        return str(found or "").lower()

    return read


BOOKS: Final[Mapping[str, Mapping[Kind, Shape]]] = {
    "quickbooks": {
        "customer": Shape("Customer", _mail("PrimaryEmailAddr", "Address"), lambda raw: bool(raw.get("Active", True))),
        "invoice": Shape(
            "Invoice",
            lambda raw: str(raw.get("DocNumber")),
            lambda raw: raw.get("PrivateNote") != "Voided" and cents(raw.get("TotalAmt")) > 0,
            lambda raw: Decimal(str(raw.get("Balance", 0))),
        ),
        "payment": Shape("Payment", lambda raw: cents(raw.get("TotalAmt")), lambda raw: cents(raw.get("TotalAmt")) > 0),
    },
    "xero": {
        "customer": Shape("Contact", _mail("EmailAddress"), lambda raw: raw.get("ContactStatus") == "ACTIVE"),
        "invoice": Shape(
            "Invoice",
            lambda raw: str(raw.get("InvoiceNumber")),
            lambda raw: raw.get("Status") not in ("VOIDED", "DELETED"),
            lambda raw: Decimal(str(raw.get("AmountDue", 0))),
        ),
        "payment": Shape("Payment", lambda raw: cents(raw.get("Amount")), lambda raw: raw.get("Status") != "DELETED"),
    },
    "erp": {
        "customer": Shape("customer", _mail("email")),
        "invoice": Shape("order", lambda raw: str(raw.get("note")), lambda raw: raw.get("status") != "CANCELLED"),
    },
}
CLOSED: Final = {"hubspot": "closedwon", "salesforce": "Closed Won"}
"""The stage of a deal that is paid."""
DEALS: Final = {"hubspot": "deal", "salesforce": "Opportunity"}
"""The kind that a CRM's deals are."""


class Truth:
    """One world's vendors, as they are at the moment of each call."""

    def __init__(self, ground: Ground, sandboxes: Mapping[str, Sandbox]) -> None:
        self.ground = ground
        self.sandboxes = sandboxes
        self.shapes = BOOKS[ground.books]

    @property
    def books(self) -> Any:
        """The books' vendor."""
        return self.sandboxes[self.ground.books].vendor

    def booked(self, kind: Kind) -> dict[Key, list[str]]:
        """Ids of the records that stand in the books, by what they are told by."""
        shape = self.shapes[kind]
        found: dict[Key, list[str]] = {}
        for identity, raw in self.records(shape.kind).items():
            if shape.stands(raw):
                found.setdefault(shape.key(raw), []).append(identity)
        return found

    def records(self, kind: str) -> dict[str, Raw]:
        """Everything of one kind that the books hold, void or not."""
        books = self.books
        held = books.store.records if self.ground.books == "erp" else books.books.records
        found: dict[str, Raw] = dict(held.get(kind, {}))
        return found

    def exists(self, ref: Ref) -> bool:
        """True when the books have a record of this id, in whatever state; of other systems nothing is asked."""
        return ref.system != self.ground.books or ref.id in self.records(ref.kind)

    def invoice(self, number: Key) -> Raw | None:
        """The standing invoice of this number."""
        found = self.booked("invoice").get(number)
        return self.records(self.shapes["invoice"].kind)[found[0]] if found else None

    def deal(self, identity: str) -> tuple[str, str]:
        """The invoice number that the CRM was told for a deal, and its stage."""
        vendor: Any = self.sandboxes[self.ground.crm].vendor
        if self.ground.crm == "hubspot":
            held = vendor.account.objects["deal"][identity].properties
            return str(held.get(f"{self.ground.books}_invoice_number") or ""), str(held.get("dealstage") or "")
        values = vendor.org.find("Opportunity", identity).values
        return str(values.get(f"{TITLES[self.ground.books]}_Invoice__c") or ""), str(values.get("StageName") or "")

    def link(self, source: Ref) -> str:
        """The id in the books that a Stripe record names."""
        stripe: Any = self.sandboxes["stripe"].vendor
        return str(stripe.store.things[source.kind][source.id]["metadata"].get(f"{self.ground.books}_id") or "")

    def stripe(self, source: Ref) -> Raw:
        """A Stripe record as stored."""
        vendor: Any = self.sandboxes["stripe"].vendor
        found: Raw = vendor.store.things[source.kind][source.id]
        return found
