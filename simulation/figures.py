"""What one life or many came to: counts, and damage in words. No I/O."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

DAMAGE: Final = (
    "duplicates",
    "losses",
    "phantoms",
    "order violations",
    "human edits overwritten",
    "unfinished",
    "fell over",
)
"""duplicates: more than one vendor record for one intent. losses: reported applied without a record, or missing and
nobody is told. phantoms: a record that nobody asked for. order violations: a dependent before its parent. unfinished:
open after the quiet nights and not waiting for a person. fell over: a run ended in an error of our own."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that went wrong, as the vendors tell it."""

    kind: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


@dataclass
class Figures:
    """What happened in the lives that were added up."""

    seeds: int = 0
    nights: int = 0
    processes: int = 0
    requests: int = 0
    writes: int = 0
    operations: int = 0
    human_edits: int = 0
    worlds: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    damage: Counter[str] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        """Another life's, or another worker's."""
        for name, value in vars(other).items():
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def as_json(self) -> dict[str, Any]:
        """For the docs, which quote it."""
        found: dict[str, Any] = {
            name: dict(sorted(value.items())) if isinstance(value, Counter) else value
            for name, value in vars(self).items()
        }
        found["damage"] = {kind: self.damage[kind] for kind in DAMAGE}
        return found
