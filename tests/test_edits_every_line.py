"""An edit through all lines of a record is done when every line has the value, and not before."""

from __future__ import annotations

from typing import Any

import pytest

from syncctl.edits import apply_edits, current_value
from syncctl.model import Action, Change, Edit, Ref
from syncctl.push.compare import Standing, standing

PATH = "Lines.Tags(Name=Project).Option"


def lines(*options: str) -> dict[str, Any]:
    return {"Lines": [{"Tags": [{"Name": "Project", "Option": one}] if one else []} for one in options]}


def seen(before: dict[str, Any]) -> Edit:
    """What a plan writes that saw the record so."""
    edit = Edit(PATH, None, "P-1")
    return Edit(PATH, current_value(before, edit), "P-1")


@pytest.mark.parametrize(
    ("planned", "now", "where"),
    [
        (("P-1", ""), ("P-1", ""), Standing.OPEN),
        (("P-1", ""), ("P-1", "P-1"), Standing.DONE),
        (("P-1", ""), ("P-2", ""), Standing.MOVED),
        (("P-2", "P-2"), ("P-2", "P-2"), Standing.OPEN),
        (("P-2", "P-2"), ("P-1", "P-1"), Standing.DONE),
        (("P-2", "P-2"), ("P-3", "P-2"), Standing.MOVED),
        (("",), ("",), Standing.OPEN),
        (("",), ("P-1",), Standing.DONE),
        (("", ""), ("", "P-1"), Standing.MOVED),
    ],
)
def test_where_a_record_stands_counts_every_line(
    planned: tuple[str, ...], now: tuple[str, ...], where: Standing
) -> None:
    ref = Ref("books", "Bill", "1")
    change = Change("i", "m", Action.UPDATE, ref, None, "bill", (seen(lines(*planned)),))
    assert standing(change, lines(*now), None, "open")[0] is where


def test_after_the_write_it_is_done() -> None:
    before = lines("P-1", "", "P-1")
    edit = seen(before)
    after = apply_edits(before, [edit])
    assert current_value(after, edit) == "P-1"
