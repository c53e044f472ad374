"""SIGKILL in a push of three chained changes, with the real connectors over HTTP, and reruns. `make kill` does the
same at every failpoint for every sort of write: tests/kill_matrix.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kill_matrix import ABSENT, ELSEWHERE, FIGURES, OPEN_AT, Case, all_cases, harm
from kill_worlds import WORLDS, Lives, lives
from syncctl.failpoints import POINTS

FEW = [
    ["plan-opened", "before-read", "before-intent:1"],
    ["inside-intent:2"],
    ["after-intent:2"],
    ["after-send:1"],
    ["after-send:2"],
    ["inside-outcome:3"],
    ["after-outcome:1"],
    ["before-canary", "before-finish", "before-head"],
    ["after-intent:1", "after-unknown", "before-replay"],
    ["after-send:3", "before-probe"],
    ["after-intent:3", "after-probe", "before-next-generation"],
]
"""A death a night. The number is the write: the invoice, its id into Stripe, its number into the deal."""
ENOUGH = 40
"""Cases, at least, of the whole matrix."""


@pytest.fixture(scope="module")
def chain() -> Iterator[Lives]:
    """What was left, per case."""
    with TemporaryDirectory() as folder:
        yield lives("chain", Path(folder), [[], *FEW])


def test_every_failpoint_has_a_case_here_and_one_in_the_matrix_for_every_sort_of_write() -> None:
    assert {point.partition(":")[0] for case in FEW for point in case} == set(POINTS) - set(ELSEWHERE)
    cases = {(case.world, case.deaths[-1].partition(":")[0]) for case in all_cases()}
    assert cases == {(world, point) for world in WORLDS for point in POINTS if point not in ELSEWHERE} - set(ABSENT)
    assert set(OPEN_AT) <= cases


def test_the_kept_figures_of_the_whole_matrix_are_of_these_cases_and_without_a_duplicate_or_a_loss() -> None:
    """This reads what the last `make kill` wrote and runs nothing: whoever touches push or the ledger runs it again."""
    figures = json.loads(FIGURES.read_text())["kill matrix"]
    assert figures["cases"] == len(all_cases()) >= ENOUGH
    assert {figures[name] for name in ("duplicates", "losses", "unfinished", "not reached")} == {0}


def test_without_a_death_the_chain_is_written_once(chain: Lives) -> None:
    held = {kind: [json.loads(one) for one in records] for kind, records in chain[""]["held"].items()}
    (booked,) = held["quickbooks.Invoice"]
    (sold,) = held["stripe.invoice"]
    (deal,) = held["hubspot.deal"]
    assert booked["DocNumber"] == deal["properties"]["quickbooks_invoice_number"] == "INV-9001"
    assert sold["metadata"]["quickbooks_id"] == booked["Id"]


@pytest.mark.parametrize("deaths", FEW, ids=" ".join)
def test_after_a_kill_and_reruns_there_is_exactly_one_record_each(chain: Lives, deaths: list[str]) -> None:
    assert harm(Case("chain", tuple(deaths)), chain[" ".join(deaths)], chain[""]) == []


def test_what_a_life_left_too_much_or_too_little_is_named(chain: Lives) -> None:
    alive = chain[""]
    twice = alive | {"held": alive["held"] | {"quickbooks.Invoice": alive["held"]["quickbooks.Invoice"] * 2}}
    assert harm(Case("chain", ()), twice, alive) == ["duplicates: quickbooks.Invoice +1"]
    assert harm(Case("chain", ()), alive, twice) == ["losses: quickbooks.Invoice -1"]
    assert harm(Case("chain", ()), alive | {"head": "behind"}, alive)[0].startswith("unfinished: ")
