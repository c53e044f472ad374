"""Object types, association types and scopes: names and numbers of the vendor. No I/O."""

from __future__ import annotations

from typing import Final

from syncctl.sandbox.hubspot.refusals import Refusal

PLURALS: Final = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "line_item": "line_items",
    "product": "products",
}
TYPE_IDS: Final = {"contact": "0-1", "company": "0-2", "deal": "0-3", "product": "0-7", "line_item": "0-8"}
NAMES: Final = {
    **{plural: kind for kind, plural in PLURALS.items()},
    **{kind: kind for kind in PLURALS},
    **{number: kind for kind, number in TYPE_IDS.items()},
}

UNLABELED: Final = {
    ("contact", "company"): 279,
    ("company", "contact"): 280,
    ("deal", "contact"): 3,
    ("contact", "deal"): 4,
    ("deal", "company"): 341,
    ("company", "deal"): 342,
    ("deal", "line_item"): 19,
    ("line_item", "deal"): 20,
}
"""Association type ids from the official client's enumeration."""

PRIMARY: Final = {("contact", "company"): 1, ("company", "contact"): 2, ("deal", "company"): 5, ("company", "deal"): 6}
"""Types 2 and 6 are from memory; 1 and 5 from the client."""

PRIMARY_LABEL: Final = "Primary"

SCOPES: Final = {
    "contact": "crm.objects.contacts",
    "company": "crm.objects.companies",
    "deal": "crm.objects.deals",
    "line_item": "crm.objects.line_items",
    "product": "e-commerce",
}


def kind_of(name: str) -> str:
    """`contacts`, `contact` or `0-1` is contact; raises Refusal."""
    kind = NAMES.get(name.lower())
    if kind is None:
        raise Refusal(400, "VALIDATION_ERROR", f"Unable to infer object type from: {name}")
    return kind


def plural_of(kind: str) -> str:
    return PLURALS[kind]
