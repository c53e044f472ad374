"""The ids that the pretend company's records have at each vendor: they look like the vendor's, and repeat. No I/O.

Every vendor's view is written with ids given, so that records can name each other across systems, whichever of the
systems are built.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHORT: Final = frozenset({"cus", "prod"})
"""Customers and products have 14 characters after the prefix, everything else 24 (recorded answers)."""

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
