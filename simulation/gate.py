"""Runs the mutation gate and prints its table. I/O: processes, stdout, a JSON file."""

from __future__ import annotations

import json
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from simulation.mutations import MUTATIONS, Mutation, found
from simulation.pool import prepare


def gate(seeds: int, jobs: int, path: Path | None) -> int:
    """1 when a guard can be switched off without anybody noticing in so many seeds."""
    prepare()
    shown: dict[str, int | None] = {}
    with get_context("fork").Pool(jobs) as pool:
        for guard, seed, words in pool.imap(partial(_tried, seeds), range(len(MUTATIONS))):
            shown[guard] = seed
            print(f"{guard:35} {f'SURVIVES {seeds} seeds' if seed is None else f'seed {seed:<4} {words}'}", flush=True)
    if path is not None:
        path.write_text(json.dumps({"seeds": seeds, "guards": shown}, indent=1) + "\n")
    return 1 if None in shown.values() else 0


def _tried(seeds: int, number: int) -> tuple[str, int | None, str]:
    """The guard, the first seed that shows its absence, and how."""
    mutation = MUTATIONS[number]
    lived = found(mutation, _order(mutation, seeds))
    if lived is None:
        return mutation.guard, None, ""
    first = next(one for one in lived.damage if one.kind in mutation.damage)
    return mutation.guard, lived.seed, str(first)


def _order(mutation: Mutation, seeds: int) -> list[int]:
    """The seed that is known to show it first: a guard is seldom looked for long."""
    return list(dict.fromkeys([mutation.shows, *range(seeds)]))
