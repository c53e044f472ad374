"""HubSpot before the contract suite. No network."""

from __future__ import annotations

from typing import Any, Final

from syncctl.clock import Clock
from syncctl.connectors.hubspot import HubSpot
from syncctl.contract.subject import Kind, Subject
from syncctl.sandbox.hubspot import HubSpotSandbox

OURS: Final = {"name": "syncctl_external_id", "label": "syncctl external ID", "hasUniqueValue": True}
"""What `syncctl setup` makes."""


class Portal:
    """A HubSpot account with our property, and a person who works in it."""

    def __init__(self, clock: Clock) -> None:
        self.vendor = HubSpotSandbox(clock, allowance=None)
        self.token = self.vendor.token
        self.company = str(self.vendor.account.portal_id)
        for kind in _NAMES:
            self.vendor.define_property(kind, OURS)
        self.vendor.seed("owner", {"id": OWNER, "email": "ada@example.com"})
        for kind, identity in OTHERS.items():
            self.vendor.seed(kind, {"id": identity, _NAMES[kind]: "Somebody"})

    def make(self, kind: str, number: int) -> str:
        return str(self.vendor.seed(kind, {_NAMES[kind]: f"Somebody {number}"})["id"])

    def change(self, kind: str, identity: str, number: int) -> None:
        self.vendor.edit(kind, identity, {_NAMES[kind]: f"Somebody else {number}"})

    def delete(self, kind: str, identity: str) -> None:
        account = self.vendor.account
        account.archive(account.objects[kind][identity])


_NAMES: Final = {"contact": "lastname", "company": "name", "deal": "dealname"}
OWNER: Final = "70000001"
OTHERS: Final = {"contact": "101", "company": "102", "deal": "103"}
"""Records to associate others with."""


def _kind(name: str, **words: Any) -> Kind:
    place = f"properties.{_NAMES[name]}"
    plurals = {"contact": "contacts", "company": "companies", "deal": "deals"}
    linked = {f"associations.{plurals[other]}": {"id": identity} for other, identity in OTHERS.items() if other != name}
    return Kind(
        name,
        least=lambda number: {place: f"Customer {number}"},
        text=place,
        values={"hubspot_owner_id": OWNER, "email": "grace@example.com", **linked},
        **words,
    )


SUBJECT: Final = Subject(
    name="hubspot",
    connect=HubSpot,
    pretend=Portal,
    kinds=(
        _kind("deal", many=230, refused={"properties.amount": "a lot"}),
        _kind("contact"),
        _kind("company"),
    ),
    other_company="1",
    options={"association_batch": "100"},
)
