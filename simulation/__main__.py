"""`python -m simulation`: lives many seeds, one seed, or the mutation gate. I/O: processes, stdout, a JSON file."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Final

from simulation.figures import Figures
from simulation.gate import gate
from simulation.life import live
from simulation.mutations import SEEDS_MAX
from simulation.pool import run_all
from simulation.telling import figures_told, harm_told

SEEDS: Final = 1_000


def main(words: list[str] | None = None) -> int:
    """0 without damage; 1 with damage, or when a mutation survives."""
    given = _parser().parse_args(words)
    if given.mutations:
        return gate(given.seeds or SEEDS_MAX, given.jobs, given.json)
    seeds = range(given.first, given.first + (given.seeds or SEEDS))
    if given.seed is not None:
        return _one(given.seed)
    began = time.monotonic()
    total, harmed = run_all(seeds, given.jobs)
    print("\n".join(figures_told(total, time.monotonic() - began)))
    if given.json is not None:
        _write(given.json, total, [lived.seed for lived in harmed])
    print("\n".join(harm_told(harmed)), end="\n" if harmed else "")
    return 1 if harmed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulation",
        description="Nights of faults, crashes and people's edits over the pretend vendors; their truth is the judge.",
    )
    parser.add_argument(
        "--seeds", type=int, metavar="N", help=f"how many (default {SEEDS:,}; of --mutations {SEEDS_MAX})"
    )
    parser.add_argument("--first", type=int, default=0, metavar="S", help="the first of them (default 0)")
    parser.add_argument("--seed", type=int, metavar="S", help="only this one, with all that happens in it")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (default 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures there")
    parser.add_argument("--mutations", action="store_true", help="switches each guard off: damage must show")
    return parser


def _one(seed: int) -> int:
    lived = live(seed)
    print("\n".join(lived.lines))
    print("\n".join(map(str, lived.damage)) or f"seed {seed}: no damage")
    return 1 if lived.damage else 0


def _write(path: Path, total: Figures, harmed: list[int]) -> None:
    kept = json.loads(path.read_text()) if path.is_file() else {}  # the kill matrix keeps its figures there, too
    path.write_text(json.dumps(kept | total.as_json() | {"seeds_with_damage": harmed}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
