"""Minor units: how many decimals a vendor's integer amounts have, per currency. No I/O.

The vendor's table counts, not ISO 4217: the two differ by a factor of 100 for ISK, UGX, HUF and MGA.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

DEFAULT_EXPONENT: Final = 2
_WIDE: Final = Context(prec=1_000)
"""Moving the point never rounds."""

STRIPE_EXPONENTS: Final[dict[str, int]] = {
    # docs.stripe.com/currencies#zero-decimal
    **dict.fromkeys("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(), 0),
    # Three decimals, the last digit 0, in older pages of the same source; unresolved for 2026, so never written.
    **dict.fromkeys("BHD JOD KWD OMR TND".split(), 3),
}
"""Stripe: everything else has two decimals, ISK and UGX (always ending in 00) among them."""

STRIPE_READ_ONLY_CURRENCIES: Final = frozenset("BHD JOD KWD OMR TND".split())

STRIPE_WHOLE_CURRENCIES: Final = frozenset({"ISK", "UGX"})
"""Two decimals on the wire that are always 00 (docs.stripe.com/currencies#special-cases)."""

EXPONENTS: Final[dict[str, dict[str, int]]] = {"stripe": STRIPE_EXPONENTS}


def exponent(vendor: str, currency: str) -> int:
    """Decimals of an integer amount at this vendor in this currency (ISO code, upper case)."""
    return EXPONENTS[vendor].get(currency, DEFAULT_EXPONENT)


def from_minor(amount: int | Decimal, decimals: int) -> Decimal:
    """1999 with 2 decimals is 19.99, exactly."""
    return Decimal(amount).scaleb(-decimals, context=_WIDE)


def to_minor(amount: Decimal, decimals: int) -> int:
    """19.99 with 2 decimals is 1999; raises ValueError when something smaller than the unit would be lost."""
    scaled = amount.scaleb(decimals, context=_WIDE)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more than {decimals} decimals")
    return int(scaled)
