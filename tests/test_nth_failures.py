"""A disk that is full in the middle of a push, and a network that fails once: the next run puts all right.

`make kill` lets every commit, request and answer of the push fail in turn: tests/nth_failures.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from kill_matrix import FIGURES
from nth_failures import SORTS, Ground, Trouble, harm

FULL = "the ledger cannot be written: database or disk is full"
BEFORE_THE_INTENT, AFTER_THE_ANSWER = 1, 2
"""The first commits of a push, after its plan was opened: the intent of the invoice, its outcome."""


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with TemporaryDirectory() as folder:
        yield Ground(Path(folder))


@pytest.fixture(scope="module")
def calm(ground: Ground) -> dict[str, Any]:
    """What the vendors hold after a night without trouble."""
    lived = ground.live(Trouble("commit", 0))
    assert lived.night.code == 0
    assert len(lived.held["quickbooks.Invoice"]) == 1
    return lived.held


def test_disk_full_before_the_intent_sends_nothing_and_the_next_run_writes_once(
    ground: Ground, calm: dict[str, Any]
) -> None:
    trouble = Trouble("commit", BEFORE_THE_INTENT)
    lived = ground.live(trouble)
    night = lived.night
    assert (night.code, night.error["cause"], lived.writes) == (1, FULL, 0)
    assert harm(trouble, lived, calm) == []


def test_disk_full_after_the_intent_is_resolved_on_the_next_run(ground: Ground, calm: dict[str, Any]) -> None:
    trouble = Trouble("commit", AFTER_THE_ANSWER)
    lived = ground.live(trouble)
    night = lived.night
    assert (night.code, night.error["cause"], lived.writes) == (1, FULL, 1)
    assert harm(trouble, lived, calm) == []


def test_every_commit_request_and_answer_was_let_fail_without_harm() -> None:
    """`make kill` writes these figures."""
    figures = json.loads(FIGURES.read_text())["nth failures"]
    assert set(figures) == {*SORTS, "harm"}
    assert all(figures[sort] > 0 for sort in SORTS)
    assert figures["harm"] == 0
