"""Where a record stands between what the plan saw and what it wants. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from syncctl.edits import current_value
from syncctl.model import Action, Change, Edit, Raw
from syncctl.paths import parse_path, read
from syncctl.sameness import holds, same


class Standing(StrEnum):
    """DONE: everything is as wanted. OPEN: what is not as wanted is as the plan saw it. MOVED: somebody changed it."""

    DONE = "done"
    OPEN = "open"
    MOVED = "moved"


STATES_AFTER: Final[Mapping[Action, frozenset[str]]] = {
    Action.VOID: frozenset({"void"}),
    Action.ARCHIVE: frozenset({"archived"}),
    Action.REACTIVATE: frozenset({"draft", "open", "part_paid", "paid"}),
}
"""What a connector's `state` says of a record on which the action was done."""


def standing(change: Change, now: Raw, base: Raw | None, state: str) -> tuple[Standing, str]:
    """Where the record `now` stands, and which field moved.

    `base` is the record as the plan saw it, to tell a line that was added from a twin that was there before; `state`
    is the connector's word for `now`.
    """
    done = change.action not in STATES_AFTER or state in STATES_AFTER[change.action]
    for edit in change.edits:
        found = _edit_standing(edit, change.edits, now, base)
        if found is Standing.MOVED:
            return found, edit.field or edit.path
        done = done and found is Standing.DONE
    return (Standing.DONE if done else Standing.OPEN), ""


def differing(change: Change, now: Raw, base: Raw | None) -> tuple[Edit, ...]:
    """The edits of an applied change that the record `now` does not hold as they were meant; `base` as above."""
    return tuple(edit for edit in change.edits if _edit_standing(edit, change.edits, now, base) is not Standing.DONE)


def _edit_standing(edit: Edit, edits: tuple[Edit, ...], now: Raw, base: Raw | None) -> Standing:
    if edit.action == "add":
        return _add_standing(edit, edits, now, base)
    value = current_value(now, edit)
    if edit.action == "remove":
        return Standing.DONE if value is None else _unmoved(edit, value)
    return Standing.DONE if same(edit.codec, value, edit.after) else _unmoved(edit, value)


def _unmoved(edit: Edit, value: Any) -> Standing:
    return Standing.OPEN if same(edit.codec, value, edit.before) else Standing.MOVED


def _add_standing(edit: Edit, edits: tuple[Edit, ...], now: Raw, base: Raw | None) -> Standing:
    """Counts the elements like the added one: twins are legal, so one that is there may be an older one."""
    wanted = sum(other.action == "add" and other.path == edit.path and other.after == edit.after for other in edits)
    more = _count(now, edit) - (_count(base, edit) if base is not None else 0)
    if more <= 0:
        return Standing.OPEN
    return Standing.DONE if more >= wanted else Standing.MOVED


def _count(raw: Raw, edit: Edit) -> int:
    return sum(holds(element, edit.after) for element in read(raw, parse_path(edit.path)))
