"""What the simulator prints: figures, damage with its one-line reproduction, the gate's table. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from simulation.figures import DAMAGE, Figures
from simulation.life import Lived

HARMED_SHOWN_MAX = 20


def figures_told(total: Figures, seconds: float) -> Iterator[str]:
    """One line per sort of thing that happened."""
    yield f"seeds       {total.seeds:,} in {seconds:,.0f} s"
    yield f"worlds      {_counted(total.worlds)}"
    yield f"nights      {total.nights:,}, processes {total.processes:,}"
    yield f"operations  {total.operations:,}"
    yield f"requests    {total.requests:,}, writes among them {total.writes:,}"
    yield f"faults      {total.faults.total():,}: {_counted(total.faults)}"
    yield f"crashes     {total.crashes.total():,}: {_counted(total.crashes)}"
    yield f"events      {_counted(total.events)}, human edits {total.human_edits:,}"
    yield f"runs ended  {_counted(total.ends)}"
    yield f"damage      {_counted(Counter({kind: total.damage[kind] for kind in DAMAGE}))}"


def harm_told(harmed: Sequence[Lived]) -> Iterator[str]:
    """Each seed with damage: how to see it again, and the first thing that went wrong."""
    for lived in harmed[:HARMED_SHOWN_MAX]:
        yield f"{reproduction(lived.seed)}   {lived.damage[0]}"
    if len(harmed) > HARMED_SHOWN_MAX:
        yield f"and {len(harmed) - HARMED_SHOWN_MAX} more seeds with damage"


def reproduction(seed: int) -> str:
    """The line that lives one seed again and prints all that happened."""
    return f"make sim SEED={seed}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"
