"""Where a record stands between what the plan saw and what it wants. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from syncctl.edits import current_value
from syncctl.fields.codecs import codec_named, decode
from syncctl.fields.text import clean_text
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Change, Edit, Raw
from syncctl.paths import parse_path, read


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
    return sum(_holds(element, edit.after) for element in read(raw, parse_path(edit.path)))


def _holds(element: Any, wanted: Any) -> bool:
    """True when `element` says everything that `wanted` says; vendors add ids and defaults of their own."""
    if isinstance(wanted, dict):
        return isinstance(element, dict) and all(_holds(element.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(element, list)
            and len(element) == len(wanted)
            and all(_holds(one, other) for one, other in zip(element, wanted, strict=True))
        )
    return same("text", element, wanted)


def same(codec: str, left: Any, right: Any) -> bool:
    """True when two raw values mean the same to this codec; raw equality where it cannot read one of them.

    The currency does not matter here: both are amounts in the same place of the same record.
    """
    if left == right:
        return True
    left, right = _empty(left), _empty(right)
    if left is None or right is None:
        return left is right
    try:
        codec_named(codec)
    except KeyError:
        return False
    try:
        one, other = decode(codec, left), decode(codec, right)
    except Undecodable:
        return False
    if isinstance(one, str) and isinstance(other, str):
        return clean_text(one) == clean_text(other)
    return bool(one == other)


def _empty(value: Any) -> Any:
    return None if value in ("", [], {}) else value
