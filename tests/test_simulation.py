"""The simulator: quiet on the product as it is, loud as soon as a guard is missing, and always the same for a seed."""

from __future__ import annotations

import pytest
from simulation.__main__ import main
from simulation.figures import DAMAGE, Figures
from simulation.life import live
from simulation.mutations import MUTATIONS, Mutation, found
from simulation.patches import patched
from simulation.world import STACKS

SEEDS = 6
ANOTHER = 40
A_MUTATION = next(one for one in MUTATIONS if one.guard == "replay only inside retention")


@pytest.mark.parametrize("first", range(0, SEEDS, 3))
def test_no_damage_whatever_goes_wrong(first: int) -> None:
    for seed in range(first, first + 3):
        assert live(seed).damage == (), f"make sim SEED={seed}"


@pytest.mark.parametrize("stack", STACKS)
def test_the_same_seed_lives_the_same_life(stack: str) -> None:
    once, again = live(7, stack), live(7, stack)
    assert once.trace == again.trace
    assert once.lines == again.lines
    assert once.figures == again.figures
    assert once.figures.worlds == {stack: 1}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.guard)
def test_a_guard_that_is_missing_shows_as_damage(mutation: Mutation) -> None:
    """Its known seed shows it; after a change of the product another may, which the gate prints."""
    lived = found(mutation, dict.fromkeys([mutation.shows, *range(ANOTHER)]))
    assert lived is not None, f"`python -m simulation --mutations` may find another seed for `{mutation.guard}`"


def test_a_seed_with_damage_prints_how_to_see_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    lived = found(A_MUTATION, dict.fromkeys([A_MUTATION.shows, *range(ANOTHER)]))
    assert lived is not None
    seed = lived.seed
    with patched(*A_MUTATION.patches):
        assert main(["--first", str(seed), "--seeds", "1", "--jobs", "1"]) == 1
        line = capsys.readouterr().out.splitlines()[-1]
        reproduction, _, words = line.partition("   ")
        assert reproduction == f"make sim SEED={seed}"
        assert main(["--seed", reproduction.removeprefix("make sim SEED=")]) == 1
    assert f"DAMAGE {words}" in capsys.readouterr().out


def test_a_seed_without_damage_ends_well_and_tells_what_happened(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3"]) == 0
    assert capsys.readouterr().out.endswith("seed 3: no damage\n")


def test_the_figures_name_every_sort_of_damage_and_add_up() -> None:
    total = Figures()
    for seed in (1, 2):
        total.add(live(seed).figures)
    told = total.as_json()
    assert list(told["damage"]) == list(DAMAGE)
    assert set(told["damage"].values()) == {0}
    assert told["seeds"] == 2
    assert sum(told["worlds"].values()) == 2
    assert told["requests"] > told["writes"] > 0
