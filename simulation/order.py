"""Whether somebody was told of something that does not stand in the books yet. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulation.facts import Fact, Facts, Kind
from simulation.truth import CLOSED, Truth
from syncctl.model import Ref


@dataclass
class Order:
    """Looks at what a write told others, at the moment when it is new."""

    truth: Truth
    facts: Facts
    told: set[tuple[str, str]] = field(default_factory=set)

    def misordered(self, system: str) -> Iterator[str]:
        """Dependents that came before their parents, right after a write to this system."""
        if system == "stripe":
            yield from self._linked_to_nothing()
            return
        for fact in self.facts.of_kind("invoice"):
            if fact.deal and fact.wanted and not fact.touched:
                yield from self._told_too_early(system, fact)

    def _told_too_early(self, system: str, fact: Fact) -> Iterator[str]:
        number, stage = self.truth.deal(fact.deal)
        if number != fact.key:
            return
        booked = self.truth.invoice(fact.key)
        if self._new(fact.deal, "number") and booked is None:
            yield f"{system} was told of {fact}, which is not in {self.truth.ground.books}"
        if stage != CLOSED[system] or not self._new(fact.deal, "paid"):
            return
        owed = self.truth.shapes["invoice"].owed(booked) if booked is not None else 0
        if owed > 0:
            yield f"{system} says that {fact} is paid, {self.truth.ground.books} that {owed} is owed"

    def _new(self, deal: str, what: str) -> bool:
        if (deal, what) in self.told:
            return False
        self.told.add((deal, what))
        return True

    def _linked_to_nothing(self) -> Iterator[str]:
        kinds: tuple[Kind, ...] = ("customer", "invoice")
        for kind in kinds:
            for fact in self.facts.of_kind(kind):
                linked = self.truth.link(fact.source)
                ref = Ref(self.truth.ground.books, self.truth.shapes[kind].kind, linked)
                if linked and not self.truth.exists(ref):
                    yield f"Stripe names {ref} for {fact}, and there is no such record"
