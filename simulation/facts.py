"""What happened in a world and must stand at the vendors once: customers, invoices, payments. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from syncctl.model import Ref

Kind: TypeAlias = Literal["customer", "invoice", "payment"]
Key: TypeAlias = "str | int"
"""By what a person tells two of a kind apart without our marks: e-mail address, number, amount in cents."""


@dataclass
class Fact:
    """Something that the books must hold exactly once. `touched` once a person changed what became of it at a vendor:
    then it may be missing there, but still never twice. `unasked`: it was taken back after a plan and before its apply,
    so that apply must not write it."""

    kind: Kind
    key: Key
    source: Ref
    deal: str = ""
    of: Fact | None = None
    cents: int = 0
    wanted: bool = True
    touched: bool = False
    unasked: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


@dataclass
class Facts:
    """All of a world's."""

    all: list[Fact] = field(default_factory=list)

    def of_kind(self, kind: Kind) -> list[Fact]:
        return [fact for fact in self.all if fact.kind == kind]

    def by_source(self) -> dict[Ref, Fact]:
        return {fact.source: fact for fact in self.all}
