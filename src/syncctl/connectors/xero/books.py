"""How the organisation is set up: base currency, lock dates, tracking categories. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from syncctl.model import Raw

LOCK_DATES: Final = ("PeriodLockDate", "EndOfYearLockDate")
"""Fields of the organisation. Xero refuses what is dated on or before either (recorded refusals name both)."""


@dataclass(frozen=True, slots=True)
class Category:
    """An active tracking category with the names of its active options."""

    name: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """Facts about one organisation. `locked_until` is the later of its two lock dates (ISO, empty for none)."""

    id: str = ""
    name: str = ""
    base_currency: str = ""
    locked_until: str = ""
    demo: bool = False
    categories: tuple[Category, ...] = ()


def books_from(organisation: Raw, categories: Iterable[Raw]) -> Books:
    """The facts in an Organisation record and the tracking categories."""
    locks = [str(organisation.get(name) or "")[:10] for name in LOCK_DATES]
    return Books(
        id=str(organisation.get("OrganisationID", "")),
        name=str(organisation.get("Name", "")),
        base_currency=str(organisation.get("BaseCurrency", "")).upper(),
        locked_until=max(locks),
        demo=organisation.get("IsDemoCompany") is True,
        categories=tuple(_category(each) for each in categories if each.get("Status", "ACTIVE") == "ACTIVE"),
    )


def _category(raw: Raw) -> Category:
    options = (each for each in raw.get("Options") or [] if each.get("Status", "ACTIVE") == "ACTIVE")
    return Category(str(raw.get("Name", "")), tuple(str(each.get("Name", "")) for each in options))
