"""The pretend organisation's books: records, ids, stamps, names, lock dates. No I/O."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from syncctl.clock import Clock
from syncctl.sandbox.xero.answers import Invalid, Raw
from syncctl.sandbox.xero.moments import moment_of, shown, written
from syncctl.sandbox.xero.shapes import IDENTITY

CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Rules:
    """How this organisation is set up. `approvals`: documents that its plan still lets be approved (None: any)."""

    tenant: str
    base_currency: str = "USD"
    currencies: tuple[str, ...] = ()
    demo: bool = True
    period_lock: str = ""
    year_lock: str = ""
    approvals: int | None = None
    tracking: tuple[tuple[str, tuple[str, ...]], ...] = (("Region", ("North", "South")), ("Project", ("P-1", "P-2")))
    timezone: str = "EASTERNSTANDARDTIME"
    country: str = "US"


def money(amount: Decimal) -> Decimal:
    """An amount as Xero keeps it: two decimals, half a cent up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class Books:
    """Everything stored. A stored record is never changed in place: it is replaced."""

    clock: Clock
    rules: Rules
    seed: int = 1
    records: dict[str, dict[str, Raw]] = field(default_factory=dict)
    made_here: set[str] = field(default_factory=set)
    _numbers: dict[str, int] = field(default_factory=dict)

    def get(self, kind: str, identity: object) -> Raw | None:
        """The record, or None."""
        return self.records.get(kind, {}).get(str(identity).lower())

    def all(self, kind: str) -> dict[str, Raw]:
        """Every record of a kind, by id."""
        return self.records.setdefault(kind, {})

    def where(self, kind: str, name: str, value: object) -> Iterator[Raw]:
        """The records whose field says this, whatever the case."""
        wanted = str(value).casefold()
        return (raw for raw in self.all(kind).values() if str(raw.get(name, "")).casefold() == wanted)

    def new_id(self, kind: str) -> str:
        """The next id: looks like any other, and repeats in a fresh sandbox."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.rules.tenant}/{self.seed}/{kind}/{self.next_number(kind)}"))

    def next_number(self, sequence: str) -> int:
        """The next number of a sequence, from 1."""
        self._numbers[sequence] = self._numbers.get(sequence, 0) + 1
        return self._numbers[sequence]

    def put(self, kind: str, raw: Raw, *, touch: bool = True) -> Raw:
        """Stores a record; `touch` moves its time of change."""
        stamped = {**raw, "UpdatedDateUTC": written(self.clock.now())} if touch else raw
        self.all(kind)[str(raw[IDENTITY[kind]]).lower()] = stamped
        return stamped

    def snapshot(self) -> dict[str, dict[str, Raw]]:
        """What is stored now; `restore` goes back to it."""
        return {kind: dict(held) for kind, held in self.records.items()}

    def restore(self, held: dict[str, dict[str, Raw]]) -> None:
        """Back to a snapshot."""
        self.records = held

    def check_open(self, day: date) -> None:
        """Raises Invalid for a day in a locked period."""
        for name, locked in (("end of year", self.rules.year_lock), ("period", self.rules.period_lock)):
            if locked and day <= date.fromisoformat(locked):
                until = shown(date.fromisoformat(locked))
                raise Invalid(f"The document date cannot be before the {name} lock date, currently set at {until}")

    def currency(self, code: str) -> str:
        """A currency that the organisation has; its own where none is given. Raises Invalid."""
        if code in ("", self.rules.base_currency) or code in self.rules.currencies:
            return code or self.rules.base_currency
        raise Invalid(f"Organisation is not subscribed to currency {code}")

    def today(self) -> date:
        """Today, as far as this organisation is concerned."""
        return self.clock.now().date()


def stored_day(raw: Raw, name: str) -> date:
    """The day in a stored record's field."""
    return moment_of(raw[name]).date()
