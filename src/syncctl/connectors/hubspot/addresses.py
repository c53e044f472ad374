"""Kinds, object types, association types and the address of every endpoint. No I/O.

The dated addresses of objects, properties, associations, owners and pipelines are those of the vendor's reference and
of its SDK for 2026-03; that 2026-09 keeps their shape is confirmed for objects, properties and associations only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncctl.connectors.steps import step

WRITABLE: Final = ("contact", "company", "deal")
OBJECTS: Final = (*WRITABLE, "line_item", "product")
KINDS: Final = (*OBJECTS, "owner", "pipeline")

PLURALS: Final = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "line_item": "line_items",
    "product": "products",
}
KIND_OF: Final = {plural: kind for kind, plural in PLURALS.items()}

LINKED: Final[dict[str, tuple[str, ...]]] = {
    "contact": ("company", "deal"),
    "company": ("contact", "deal"),
    "deal": ("company", "contact", "line_item"),
    "line_item": ("deal",),
    "product": (),
}
"""Which associations are read and published with each kind."""

PRIMARY_TYPES: Final = {("contact", "company"): 1, ("deal", "company"): 5}
"""Type ids of the primary company (the official client's enumeration). Written only where a mapping says primary."""
PRIMARY_TYPE_IDS: Final = frozenset({1, 2, 5, 6})
"""Types read as `primary`; 2 and 6 are the same two associations seen from the company (from memory)."""
PRIMARY: Final = "primary"
HUBSPOT_DEFINED: Final = "HUBSPOT_DEFINED"

ASKS: Final = ("/crm/*/search", "/crm/*/batch/read")
"""POSTs that only ask."""
MODIFIED: Final = {"contact": "lastmodifieddate"}
"""The property that moves with every change. The wrong one filters silently (amp-labs/connectors#45)."""


def modified_property(kind: str) -> str:
    """The modification date of this kind: `hs_lastmodifieddate` for all but contacts."""
    return MODIFIED.get(kind, "hs_lastmodifieddate")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Paths for one API version."""

    version: str

    def objects(self, kind: str, *rest: str) -> str:
        """Records of a kind: `/crm/objects/2026-09/deals/batch/read`."""
        return "/".join(("/crm/objects", self.version, PLURALS[kind], *map(step, rest)))

    def properties(self, kind: str) -> str:
        return f"/crm/properties/{self.version}/{PLURALS[kind]}"

    def associations(self, source: str, target: str, *rest: str) -> str:
        """Associations between two kinds: `/crm/associations/2026-09/deals/companies/batch/read`."""
        return "/".join(("/crm/associations", self.version, PLURALS[source], PLURALS[target], *rest))

    @property
    def owners(self) -> str:
        return f"/crm/owners/{self.version}"

    @property
    def deal_pipelines(self) -> str:
        return f"/crm/pipelines/{self.version}/deals"

    @property
    def account(self) -> str:
        return f"/account-info/{self.version}/details"
