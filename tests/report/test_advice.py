"""Whatever is open says what to do about it and which command to type."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from rich.console import Console

from syncctl.cli.app import command
from syncctl.ledger.states import State
from syncctl.mapping.grammar import GONE
from syncctl.model import Finding, FindingKind, Outcome, Ref
from syncctl.push.settle import AGAIN, FIRST, WAYS
from syncctl.reconciliation.judging import QUIET_STANDING, STANDING_KINDS, WAYS_BACK
from syncctl.report.advice import ADVICE, steps_for
from syncctl.report.open_writes import WAYS as WAYS_OF_OPEN_WRITES
from syncctl.report.summary import WORDS
from syncctl.report.table import next_for

ONE: Final = Finding("invoices", FindingKind.MISSING, Ref("stripe", "invoice", "in_1"), None, number=20)


def test_every_sort_of_finding_has_a_name_a_way_out_and_a_command_that_exists() -> None:
    assert set(ADVICE) == set(FindingKind)
    assert all(advice.title and len(advice.todo) > 15 for advice in ADVICE.values())
    for advice in ADVICE.values():
        tool, *words = advice.command.split()
        found = command()
        for word in (word for word in words if word.islower()):
            found = found.commands[word]  # type: ignore[assignment]
        assert tool == "syncctl"


def test_every_way_in_which_a_partner_can_go_has_a_way_back() -> None:
    assert set(WAYS_BACK) == QUIET_STANDING | set(STANDING_KINDS) | set(GONE)


def test_every_outcome_of_a_write_that_is_no_success_says_how_it_ends() -> None:
    ends = {FIRST[outcome] for outcome in FIRST} | {AGAIN[outcome] for outcome in Outcome}
    assert ends - {State.APPLIED, State.PLANNED, State.UNKNOWN} == set(WAYS)
    assert set(WORDS) == set(State)
    assert set(WAYS_OF_OPEN_WRITES) == set(State) - {State.APPLIED, State.CONFLICT, State.LAPSED}


@pytest.mark.parametrize("kind", FindingKind)
def test_a_night_with_nothing_but_open_items_ends_with_what_to_type(kind: FindingKind) -> None:
    console = Console(width=200, no_color=True)
    with console.capture() as page:
        console.print(next_for([replace(ONE, kind=kind)]))
    assert f"{ADVICE[kind].command} " in page.get()
    assert f"{ADVICE[kind].title} (20): " in page.get()


def test_many_findings_of_a_sort_are_one_row_and_accepted_ones_none() -> None:
    many = [replace(ONE, number=number) for number in range(30, 3, -1)]
    assert next(told for _, told in steps_for(many)).startswith("no partner (4, 5, 6, 7, 8 and 22 more):")
    assert steps_for([replace(ONE, number=0), ONE])[0][1].startswith("no partner (2 findings):")
    assert steps_for([]) == []


def test_what_is_decided_in_one_place_is_one_row() -> None:
    both = [replace(ONE, kind=FindingKind.PROPOSAL, number=7), replace(ONE, kind=FindingKind.TIE, number=3)]
    rows = [told for typed, told in steps_for(both) if typed == "syncctl match list"]
    assert rows == ["several fit (3), may belong together (7): say which records belong together"]
