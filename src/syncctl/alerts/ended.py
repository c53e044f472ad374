"""How a run ended, as alerts look at it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from syncctl.model import Plan
from syncctl.run import ApplyReport, PullReport, ReconcileReport

RunReport: TypeAlias = ReconcileReport | ApplyReport | PullReport | Plan
Sides: TypeAlias = Mapping[str, tuple[str, str]]
"""What a mapping's sides are called: `("stripe invoice", "quickbooks Invoice")`."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is run again and again: a command and what it was about. A plan's or run's id is no part of it."""

    command: str
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, command: str, names: Sequence[str] | None = None) -> Job:
        """The same names in another order are the same job."""
        return cls(command, tuple(sorted(set(names or ()))))

    def __str__(self) -> str:
        return " ".join((self.command, *self.names))


@dataclass(frozen=True, slots=True)
class Ended:
    """One run at its end: with a report and the names of its mappings' sides, or with the error that ended it."""

    job: Job
    run: str
    at: datetime
    code: int
    report: RunReport | None = None
    error: BaseException | None = None
    sides: Sides = field(default_factory=dict)
