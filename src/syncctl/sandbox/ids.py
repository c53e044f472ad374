"""The ids that the pretend company's records have at each vendor: they look like the vendor's, and repeat. No I/O.

Every vendor's view is written with ids given, so that records can name each other across systems, whichever of the
systems are built.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Final

_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHORT: Final = frozenset({"cus", "prod"})
"""Customers and products have 14 characters after the prefix, everything else 24 (recorded answers)."""

STRIPE: Final = "stripe"
"""What the sandbox project calls the Stripe system: it is part of every marker."""
_TRANSACTIONS: Final = ("invoice", "payment", "credit note", "refund", "credit applied", "second copy", "by hand")
_HUBSPOT_FIRST: Final = {
    "contact": 31_400_000_000,
    "lead": 31_900_000_000,
    "company": 32_400_000_000,
    "deal": 33_400_000_000,
    "product": 34_400_000_000,
    "line item": 35_400_000_000,
    "owner": 71_000_000,
}
_SALESFORCE_PREFIX: Final = {
    "account": "001",
    "contact": "003",
    "lead": "003",
    "owner": "005",
    "opportunity": "006",
    "product": "01t",
}
_SALESFORCE_PLACE: Final = {"contact": "5e9001", "lead": "5e9002"}
"""Contacts and leads are one object, so their ids differ in the middle; no record made later has such a middle."""
_BASE: Final = 62
CRM_NOUNS: Final = {
    "hubspot": {"contact": "contact", "company": "company", "deal": "deal"},
    "salesforce": {"contact": "contact", "company": "account", "deal": "opportunity"},
}
"""What each CRM calls a person, a firm and a sale that was agreed."""


def marker(kind: str, identity: str) -> str:
    """What the tool writes into a record that it made from one of Stripe's."""
    return f"syncctl {STRIPE}:{kind}:{identity}"


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids for one company; its seed is in them, so two companies share none at Stripe."""

    seed: int

    def stripe(self, prefix: str, *keys: int) -> str:
        """`stripe("cus", 7)` is the customer with key 7: `cus_` and 14 letters."""
        number = int.from_bytes(hashlib.blake2b(f"{self.seed}/{prefix}/{keys}".encode(), digest_size=18).digest())
        letters = []
        for _ in range(14 if prefix in _SHORT else 24):
            number, place = divmod(number, len(_LETTERS))
            letters.append(_LETTERS[place])
        return f"{prefix}_{''.join(letters)}"

    def quickbooks(self, noun: str, key: int) -> str:
        """A small number; all transactions share one sequence, and customers have their own."""
        if noun == "customer":
            return str(key)
        return str(key * len(_TRANSACTIONS) + _TRANSACTIONS.index(noun))

    def hubspot(self, noun: str, key: int) -> str:
        """An eleven-digit number (an owner's has eight), another range for each noun."""
        return str(_HUBSPOT_FIRST[noun] + key)

    def xero(self, noun: str, key: int) -> str:
        """A UUID."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"syncctl sandbox {self.seed}/{noun}/{key}"))

    def salesforce(self, noun: str, key: int) -> str:
        """Eighteen letters: the object, the place, a number, and the checksum of the three."""
        from syncctl.sandbox.salesforce.org import checksum

        number = ""
        for _ in range(6):
            key, place = divmod(key, _BASE)
            number = _LETTERS[place] + number
        short = f"{_SALESFORCE_PREFIX[noun]}{_SALESFORCE_PLACE.get(noun, '5e9000')}{number}"
        return short + checksum(short)

    def at(self, system: str, noun: str, key: int) -> str:
        """The id at the system of this name. Raises KeyError for one that has none of its own."""
        known = {
            "quickbooks": self.quickbooks,
            "xero": self.xero,
            "hubspot": self.hubspot,
            "salesforce": self.salesforce,
        }
        return known[system](noun, key)
