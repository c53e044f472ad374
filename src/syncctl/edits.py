"""Edits applied to a raw record: the planner's overlay, the push and every connector's `prepare` use this. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from syncctl.fields.placeholder import unknown_in
from syncctl.model import Edit, Raw, Unknown
from syncctl.paths import Hop, Path, Step, as_text, element_from, parse_path, read, write


def apply_edits(raw: Raw, edits: Iterable[Edit]) -> Raw:
    """A copy of a raw record with every edit made, in order."""
    for edit in edits:
        path = parse_path(edit.path)
        if edit.action == "add":
            raw = _added(raw, path, edit.after)
        else:
            raw = write(raw, path, None if edit.action == "remove" else edit.after)
    return raw


def _added(raw: Raw, path: Path, element: Any) -> Raw:
    """One more element at the end of a list. Where the path selects, it gets the selectors' values, and takes the
    place of the element that names the same record.
    """
    *before, last = path.steps
    bare = Path((Hop((*before, Step(last.name))),))
    held = list(read(raw, bare))
    if last.selectors:
        element = {**element_from(last.selectors), **element}
        held = [other for other in held if as_text(other) != as_text(element)]
    longer: Raw = write(raw, bare, [*held, element])
    return longer


def touched(edits: Iterable[Edit]) -> tuple[str, ...]:
    """The first keys that the edits write, once each, in order: what a sparse update sends."""
    return tuple(dict.fromkeys(parse_path(edit.path).steps[0].name for edit in edits))


def unknowns(value: Any) -> tuple[Unknown, ...]:
    """Every placeholder inside a raw value: what must be known before it can be sent."""
    found = unknown_in(value)
    if found is not None:
        return (found,)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return tuple(unknown for element in inner for unknown in unknowns(element))


def fill(value: Any, answer: Callable[[Unknown], Any]) -> Any:
    """A copy of a raw value with every placeholder replaced by what `answer` gives for it."""
    if isinstance(value, dict):
        if "$known_after_apply" in value:
            found = unknown_in(value)
            return answer(found) if found is not None else value
        return {key: fill(inner, answer) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, answer) for inner in value]
    return value


def current_value(raw: Raw, edit: Edit) -> Any:
    """What a record holds now where the edit would write: the raw value, or None. For `add`: None."""
    return None if edit.action == "add" else value_at(raw, parse_path(edit.path))


def value_at(raw: Any, path: Path) -> Any:
    """The one raw value at a plain path, a list where there are several, None where there is none. A path through all
    elements of a list has one value only when all of them have it.
    """
    found = list(read(raw, path))
    elements = _elements_of(raw, path)
    if elements > 1:
        alike = len(found) == elements and all(each == found[0] for each in found)
        return found[0] if alike else found or None
    return found[0] if len(found) == 1 else found or None


def _elements_of(raw: Any, path: Path) -> int:
    """How many elements a path goes through at its first step; 0 where it stops there, or selects."""
    if not isinstance(raw, dict) or len(path.steps) < 2 or path.steps[0].selectors:
        return 0
    held = raw.get(path.steps[0].name)
    return len(held) if isinstance(held, list) else 0
