"""Before anything is written, each change says what would take it back, or why nothing does."""

from __future__ import annotations

import pytest

from syncctl.fields.schema import Schema
from syncctl.model import Action
from syncctl.plan.way_back import way_back


@pytest.mark.parametrize(
    ("action", "able", "undo"),
    [
        (Action.UPDATE, {Action.UPDATE}, "update"),
        (Action.CREATE, {Action.CREATE, Action.VOID, Action.ARCHIVE}, "void"),
        (Action.CREATE, {Action.CREATE, Action.ARCHIVE}, "archive"),
        (Action.CREATE, {Action.CREATE}, ""),
        (Action.ARCHIVE, {Action.ARCHIVE, Action.REACTIVATE}, "reactivate"),
        (Action.ARCHIVE, {Action.ARCHIVE}, ""),
        (Action.REACTIVATE, {Action.ARCHIVE, Action.REACTIVATE}, "archive"),
        (Action.VOID, set(Action), ""),
    ],
)
def test_a_change_can_be_taken_back_or_says_why_not(action: Action, able: set[Action], undo: str) -> None:
    found, why = way_back(action, Schema("books", "Bill", actions=frozenset(able)))
    assert found == undo
    assert bool(why) is not bool(undo)


def test_a_connector_says_why_a_new_record_stays() -> None:
    schema = Schema("shop", "person", actions=frozenset({Action.CREATE}), stays="people can only be deleted there")
    assert way_back(Action.CREATE, schema) == ("", "people can only be deleted there")
