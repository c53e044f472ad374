"""--fail-fast: nothing goes out after the first row that is not applied, and the rest can be continued."""

from __future__ import annotations

from dataclasses import replace

import pytest

from push_desk import Desk, create, states, update
from syncctl.model import Change, Ref
from syncctl.push import OperationResult, exit_code, push, resume


@pytest.fixture
def desk() -> Desk:
    return Desk()


def pushed(desk: Desk, *changes: Change) -> tuple[tuple[OperationResult, ...], str]:
    """What became of the changes, and the run's id."""
    means = replace(desk.means(), fail_fast=True)
    return push(desk.plan(*changes), means), means.run


def credit_notes(desk: Desk, *amounts: int) -> list[Change]:
    return [create("pay", "credit", f"c{number}", amount=amount) for number, amount in enumerate(amounts)]


def test_nothing_follows_a_refused_row_and_resume_sends_the_rest(desk: Desk) -> None:
    results, run = pushed(desk, *credit_notes(desk, 5, -1, 7, 8))
    assert states(results) == ["applied", "rejected", "planned", "planned"]
    assert {row.stop for row in results[2:]} == {"fail_fast"}
    assert results[2].message == "--fail-fast: credit c1 was not applied"
    assert exit_code(results) == 5
    assert states(resume(run, desk.means())) == ["applied", "rejected", "applied", "applied"]


def test_without_it_the_rest_is_sent(desk: Desk) -> None:
    assert states(desk.push(*credit_notes(desk, 5, -1, 7))) == ["applied", "rejected", "applied"]


def test_a_conflict_stops_it_before_anything_later_is_sent(desk: Desk) -> None:
    moved = Ref("crm", "deal", desk.vendor("crm").seed("deal", linked=""))
    desk.pull()
    desk.vendor("crm").records[moved.id]["linked"] = "by hand"
    results, _ = pushed(desk, update(moved, linked=("", "new")), *credit_notes(desk, 5))
    assert states(results) == ["conflict", "planned"]
    assert desk.vendor("pay").requests == 0


def test_a_lost_answer_is_looked_up_before_the_run_ends_and_the_rest_stays_unsent(desk: Desk) -> None:
    desk.vendor("pay").faults = ["lost"]
    results, _ = pushed(desk, *credit_notes(desk, 5, 6))
    assert states(results) == ["applied", "planned"]
    assert exit_code(results) == 5
