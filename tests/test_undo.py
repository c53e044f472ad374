"""A run taken back: fields as they were, new records voided, and the next night proposes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from stacks import ALL, StackOffice, name_of
from syncctl import run
from syncctl.model import Action
from syncctl.run import ReconcileReport
from syncctl.statement import foots

NUMBER = "INV-9001"
STAMPS = ("SystemModstamp", "LastModifiedDate", "ExpectedRevenue", "hs_lastmodifieddate", "syncctl_operation")
"""What the vendor counts or works out by itself, and our own key that says which write touched a record last."""


@dataclass(frozen=True)
class Story:
    """One invoice sold, booked, told the CRM, and taken back; then the next night."""

    office: StackOffice
    sold: dict[str, Any]
    before: dict[str, Any]
    undone: ReconcileReport
    later: ReconcileReport
    later_writes: dict[str, int]


@pytest.fixture(scope="module", params=ALL, ids=name_of)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    office = StackOffice(tmp_path_factory.mktemp("office"), request.param)
    sold = deepcopy(office.sell(NUMBER))
    before = deepcopy(office.deal_of(sold))
    applied = office.reconcile()
    office.clock.advance(3600)
    undone = run.undo(office.project, applied.run.id)
    office.clock.advance(86_400)
    office.reopen()
    later, writes = office.count_writes(office.reconcile)
    yield Story(office, sold, before, undone, later, writes)
    office.project.close()


def lasting(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in STAMPS and value not in ("", None)}


def test_what_a_run_wrote_is_taken_back_dependents_first(story: Story) -> None:
    books, crm = story.office.stack.books, story.office.stack.crm
    assert story.undone.exit_code == 0
    assert [(change.action, change.target.system) for change in story.undone.plan.changes] == [
        (Action.UPDATE, crm),
        (Action.UPDATE, "stripe"),
        (Action.VOID, books),
    ]


def test_updated_fields_are_equal_again_and_the_new_document_is_void(story: Story) -> None:
    office = story.office
    assert lasting(office.deal_of(story.sold)) == lasting(story.before)
    now = office.records("stripe", "invoice")[story.sold["id"]]
    assert lasting(now["metadata"]) == story.sold["metadata"]
    (booked,) = office.booked(NUMBER)
    assert booked.get("Status", booked.get("PrivateNote", "")).upper().startswith("VOIDED")


def test_the_next_night_proposes_nothing_and_its_statement_foots(story: Story) -> None:
    assert story.later.plan.changes == ()
    assert set(story.later_writes.values()) == {0}
    assert (story.later.exit_code, [one for one in story.later.findings if not one.accepted]) == (0, [])
    (line,) = [one for one in story.later.statement if (one.mapping, one.currency) == ("invoices", "USD")]
    assert foots(line)
    assert (line.held.amount, line.held.items) == (-125, 1)
    assert line.waiting.amount == line.unexplained.amount == 0
