"""The edits that put a record back to where a write of ours found it. No I/O.

Only what still says what we wrote goes back. What says again what it said before is done; anything else is a person's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.edits import current_value, value_at
from syncctl.fields.codecs import decode
from syncctl.fields.schema import Schema
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Edit, Raw, Ref, Unknown
from syncctl.paths import Hop, Path, Step, as_text, parse_path, read
from syncctl.sameness import holds, same

OBJECT: Final = "object"
LATER: Final = str(Unknown(Ref("", "", ""), ""))


@dataclass(frozen=True, slots=True)
class Inverse:
    """What takes the edits of one write back. `moved` names the fields that somebody changed since."""

    edits: tuple[Edit, ...]
    moved: tuple[str, ...]


def inverse(schema: Schema, edits: Sequence[Edit], base: Raw | None, now: Raw) -> Inverse:
    """How a record goes back from what these edits made of it. `base` is the record right before them, `now` as it is.

    The last edit is taken back first.
    """
    made: list[Edit] = []
    moved: list[str] = []
    used: list[Any] = []
    for edit in reversed(edits):
        found = _back(schema, edit, base, now, used)
        if found is None:
            moved.append(edit.field or edit.path)
        else:
            made += found
    return Inverse(tuple(made), tuple(dict.fromkeys(reversed(moved))))


def _back(schema: Schema, edit: Edit, base: Raw | None, now: Raw, used: list[Any]) -> list[Edit] | None:
    """The edits that take one back; none when it is back already, None when somebody changed it since."""
    if edit.action == "add":
        return _take_out(schema, edit, base, now, used)
    if edit.action == "remove":
        return _put_in(schema, edit, now)
    value = current_value(now, edit)
    if same(edit.codec, value, edit.before):
        return []
    if not same(edit.codec, value, edit.after):
        return None
    shown = (_told(edit, value), edit.shown[0])
    return [replace(edit, before=value, after=edit.before, owner="none", reason="", shown=shown)]


def _told(edit: Edit, value: Any) -> str:
    """What stands there now in words: the plan did not know yet what only the vendor's answer told."""
    if edit.shown[1] != LATER:
        return edit.shown[1]
    try:
        return show(decode(edit.codec, value))
    except Undecodable:
        return str(value)


def _take_out(schema: Schema, edit: Edit, base: Raw | None, now: Raw, used: list[Any]) -> list[Edit] | None:
    """Takes an element that we added out of its list: the one that says what we wrote and was not there before."""
    path = _list_of(edit)
    name = _id_name(schema, path)
    before = list(read(base, path)) if base is not None else []
    if any(_identity(element, name) is None for element in (*before, *read(now, path))):
        return _without_names(edit, path, before, list(read(now, path)))
    known = [_identity(element, name) for element in before]
    fresh = [element for element in read(now, path) if _identity(element, name) not in known]
    ours = [one for one in fresh if one not in used and (holds(one, edit.after) or as_text(one) == as_text(edit.after))]
    if not ours:
        return None if fresh else []
    used.append(ours[0])
    identity = _identity(ours[0], name)
    if not isinstance(ours[0], dict):
        return None
    place = f"{path.key}({name}={identity})"
    return [Edit(place, ours[0], None, "remove", OBJECT, edit.field, "none", "", edit.shown[::-1])]


def _without_names(edit: Edit, path: Path, before: list[Any], held: list[Any]) -> list[Edit] | None:
    """The whole list as it was, where its elements have no ids (the lines of a QuickBooks payment) and nothing but what
    we added stands in it beside what was there.
    """
    rest = list(held)
    for element in before:
        if element in rest:
            rest.remove(element)
    if not rest and len(held) == len(before):
        return []
    if len(held) != len(before) + len(rest) or not all(holds(one, edit.after) for one in rest):
        return None
    return [Edit(path.key, held, before, "set", OBJECT, edit.field, "none", "", edit.shown[::-1])]


def _put_in(schema: Schema, edit: Edit, now: Raw) -> list[Edit]:
    """Puts an element that we took out back into its list; the vendor gives it a new id."""
    path = _list_of(edit)
    name = _id_name(schema, path)
    if current_value(now, edit) is not None or not isinstance(edit.before, dict):
        return []
    own = schema.find(f"{path.key}.{name}")
    element = {key: value for key, value in edit.before.items() if key != name or own is None or own.codec != "id"}
    if any(holds(held, element) for held in read(now, path)):
        return []
    return [Edit(path.key, None, element, "add", OBJECT, edit.field, "none", "", edit.shown[::-1])]


def _list_of(edit: Edit) -> Path:
    """The list that an added or removed element stands in, without what selects one of it."""
    *before, last = parse_path(edit.path).steps
    return Path((Hop((*before, Step(last.name))),))


def _id_name(schema: Schema, path: Path) -> str:
    """What this vendor calls the id of an element of a list: its own field of that type, else `id`."""
    inside = f"{path.key}."
    ids = (field.path for field in schema.fields.values() if field.codec == "id" and field.path.startswith(inside))
    return next((name for one in ids if "." not in (name := one.removeprefix(inside))), "id")


def _identity(element: Any, name: str) -> Any:
    return element.get(name) if isinstance(element, dict) else element


def changed_since(edits: Sequence[Edit], first: Raw, now: Raw) -> tuple[str, ...]:
    """The fields of a record of ours that are not as they were when it was first read back."""
    return tuple(dict.fromkeys(_differing(edits, first, now)))


def _differing(edits: Sequence[Edit], first: Raw, now: Raw) -> Iterator[str]:
    for edit in edits:
        if edit.action == "set":
            path = parse_path(edit.path)
            alike = same(edit.codec, value_at(first, path), value_at(now, path))
        else:
            alike = list(read(first, _list_of(edit))) == list(read(now, _list_of(edit)))
        if not alike:
            yield edit.field or edit.path
