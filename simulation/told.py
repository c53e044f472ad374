"""Trouble as somebody tells it beforehand, in place of trouble drawn from a seed: for tests that choose. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.trouble import QUICK_LATE, Event, Fate, Trouble


class ToldTrouble(Trouble):
    """Each process meets the fate, and each of its writes the fault, that was told for it; else all goes well."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._fate = Fate()
        self._faults: list[str] = []

    def tell(self, faults: Sequence[str] = (), death: Event | None = None) -> None:
        """Of the next process: what happens to its first writes ("" nothing), and where it dies."""
        self._faults = list(faults)
        self._fate = Fate((death,) if death is not None else ())

    def fate(self) -> Fate:
        """Of the process that begins now; the one after it has none."""
        found, self._fate = self._fate, Fate()
        return found

    def write_fault(self) -> str:
        """What happens to a write now, or ""."""
        forced, self.forced = self.forced, ""
        if forced or not self.on:
            return forced
        return self._faults.pop(0) if self._faults else ""

    def read_fault(self) -> str:
        """Reads go well: what they leave half done is a death before the next one, too."""
        return ""

    def late_seconds(self, *, safe: bool) -> float:  # noqa: ARG002 - however safe it would be to come later
        """Never later than a person waits before they put a ledger back."""
        return self._writes.choice(QUICK_LATE)
