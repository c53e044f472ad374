"""From changes to the exact request: one request carries one sort of write. No I/O.

HubSpot writes properties and associations through different endpoints, so a change that mixes them is cut with
`parts` first; changes with the same `request_key` may share one request. A create is an upsert on our own unique
property: sent twice, it makes one record. Associations are added unlabeled, which leaves the primary company alone;
`associations.companies(primary)` alone writes the primary one. Setting a list of associations adds what is missing
and takes nothing away: an association that somebody else made stays until an edit with `remove` names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.connectors.hubspot.addresses import (
    HUBSPOT_DEFINED,
    KIND_OF,
    PLURALS,
    PRIMARY,
    PRIMARY_TYPES,
    WRITABLE,
    Addresses,
)
from syncctl.connectors.hubspot.settings import BATCH_MAX
from syncctl.edits import apply_edits, unknowns
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.model import Action, Change, Edit, Raw, Record, Request, digest
from syncctl.paths import LABEL_FIELD, parse_path

PROPERTIES: Final = "properties"
ASSOCIATIONS: Final = "associations"
_HEADERS: Final = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class Sort:
    """What one edit writes: properties, or associations with `other`. `mode` is default, primary or remove."""

    place: str
    other: str = ""
    mode: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.place, self.other, self.mode) if part)


def sort_of(edit: Edit) -> Sort:
    """Which endpoint an edit needs; raises ValueError for a path that HubSpot cannot write."""
    steps = parse_path(edit.path).steps
    if steps[0].name == PROPERTIES and len(steps) == 2:
        return Sort(PROPERTIES)
    other = KIND_OF.get(steps[1].name) if steps[0].name == ASSOCIATIONS and len(steps) == 2 else None
    if other is None:
        raise ValueError(f"HubSpot cannot write {edit.path}")
    if edit.action == "remove" or edit.after is None:
        return Sort(ASSOCIATIONS, other, "remove")
    return Sort(ASSOCIATIONS, other, "primary" if _labels(edit) == [PRIMARY] else "default")


def _labels(edit: Edit) -> list[str]:
    """The labels that the path selects; raises ValueError for one that cannot be written."""
    selectors = parse_path(edit.path).steps[1].selectors
    found = [value for one in selectors if str(one.path) == LABEL_FIELD for value in one.values]
    if found not in ([], [PRIMARY]):
        raise ValueError(f"HubSpot: only the label `primary` can be written, not {edit.path}")
    return found


def parts(change: Change) -> tuple[Change, ...]:
    """The same change as changes of one sort each, in the order they are to be sent; itself when it is one already.

    The first keeps the intent. Of a create it is the create; the others are updates of the record it makes, and
    wait for it: their target is provisional until its receipt tells the id.
    """
    if change.action not in (Action.CREATE, Action.UPDATE):
        return (change,)
    by_sort: dict[Sort, list[Edit]] = {Sort(PROPERTIES): []} if change.action is Action.CREATE else {}
    for edit in change.edits:
        by_sort.setdefault(sort_of(edit), []).append(edit)
    if len(by_sort) <= 1:
        return (change,)
    ordered = sorted(by_sort.items(), key=_properties_first)
    first = replace(change, edits=tuple(ordered[0][1]))
    return (first, *(_follow_up(first, sort, edits) for sort, edits in ordered[1:]))


def _properties_first(entry: tuple[Sort, list[Edit]]) -> bool:
    return entry[0].place != PROPERTIES


def _follow_up(first: Change, sort: Sort, edits: Sequence[Edit]) -> Change:
    waits = (*first.parents, first.intent) if first.action is Action.CREATE else first.parents
    return replace(
        first,
        intent=digest(first.intent, str(sort)),
        action=Action.UPDATE,
        edits=tuple(edits),
        amount=None,
        amount_before=None,
        parents=waits,
    )


def request_key(change: Change) -> str:
    """Changes with the same key may share a request; raises ValueError for a mixed one.

    Associations are sent by themselves: one record may have more of them than a batch takes.
    """
    sort = _one_sort([change]) if change.action in (Action.CREATE, Action.UPDATE) else None
    if sort is not None and sort.place == PROPERTIES:
        return f"{change.action} {change.target.kind} {sort}"
    return f"{change.action} {change.target} {sort or ''}".rstrip()


def _one_sort(changes: Sequence[Change]) -> Sort:
    sorts = {sort_of(edit) for change in changes for edit in change.edits} or {Sort(PROPERTIES)}
    if len(sorts) > 1:
        listed = ", ".join(sorted(map(str, sorts)))
        raise ValueError(f"one HubSpot request writes one sort of thing, not {listed}: cut the change with parts()")
    return next(iter(sorts))


def prepare(
    system: str,
    at: Addresses,
    external_id_property: str,
    changes: Sequence[Change],
    current: Sequence[Record | None],
    key: str,
    rows: Sequence[str],
) -> Request:
    """The exact request for changes of one kind, action and sort; raises ValueError for anything else."""
    first = _check(changes, current, rows)
    kind, action = first.target.kind, first.action
    if action is Action.ARCHIVE:
        return Request(system, kind, action, "DELETE", at.objects(kind, first.target.id), key=key, rows=tuple(rows))
    sort = _one_sort(changes)
    if action is Action.CREATE and sort.place == ASSOCIATIONS:
        raise ValueError("a record is created before it is associated: cut the change with parts()")
    if sort.place == ASSOCIATIONS:
        path, body = _associate(at, kind, sort, changes, current)
    elif action is Action.CREATE:
        path, body = at.objects(kind, "batch", "upsert"), _upserts(external_id_property, changes, rows)
    else:
        path, body = at.objects(kind, "batch", "update"), _updates(changes, current, rows)
    return Request(system, kind, action, "POST", path, (), _HEADERS, encode_json({"inputs": body}), key, tuple(rows))


def _check(changes: Sequence[Change], current: Sequence[Record | None], rows: Sequence[str]) -> Change:
    if not changes or len(changes) != len(rows) or len(changes) != len(current):
        raise ValueError("a request needs changes, and a row and a current record for each")
    first = changes[0]
    if first.target.kind not in WRITABLE or first.action in (Action.VOID, Action.REACTIVATE):
        raise ValueError(f"HubSpot cannot {first.action} a {first.target.kind}")
    if any((one.target.kind, one.action) != (first.target.kind, first.action) for one in changes):
        raise ValueError("one request writes one kind with one action")
    if first.action is Action.ARCHIVE and len(changes) > 1:
        raise ValueError("HubSpot archives one record per request")
    if first.action is not Action.CREATE and any(one.target.provisional for one in changes):
        raise ValueError(f"{first.target} does not exist yet: its id comes from the receipt of its create")
    if first.action is Action.UPDATE and not all(one.edits for one in changes):
        raise ValueError("an update without edits writes nothing")
    if any(unknowns(edit.after) for change in changes for edit in change.edits):
        raise ValueError("a value is still known after apply only")
    return first


def _raw(record: Record | None) -> Raw:
    return decode_json(record.raw) if record is not None else {}


def _values(change: Change, record: Record | None) -> dict[str, str]:
    """The properties that a change writes, as texts; the empty text clears, because null is ignored."""
    after = apply_edits(_raw(record), change.edits).get(PROPERTIES, {})
    names = [parse_path(edit.path).steps[1].name for edit in change.edits]
    found = {}
    for name in dict.fromkeys(names):
        value = after.get(name)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"HubSpot takes texts: {name} is {value!r}")
        found[name] = value or ""
    return found


def _upserts(id_property: str, changes: Sequence[Change], rows: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": row,
            "idProperty": id_property,
            "objectWriteTraceId": row,
            "properties": {name: value for name, value in _values(change, None).items() if value} | {id_property: row},
        }
        for change, row in zip(changes, rows, strict=True)
    ]


def _updates(changes: Sequence[Change], current: Sequence[Record | None], rows: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"id": change.target.id, "objectWriteTraceId": row, "properties": _values(change, record)}
        for change, record, row in zip(changes, current, rows, strict=True)
    ]


def _associate(
    at: Addresses, kind: str, sort: Sort, changes: Sequence[Change], current: Sequence[Record | None]
) -> tuple[str, list[dict[str, Any]]]:
    """Sent again they change nothing, so what is there already is sent too; rows are told apart by the target's id."""
    if len({change.target.id for change in changes}) < len(changes):
        raise ValueError("one request associates a record once")
    path = at.associations(kind, sort.other, "batch", "archive" if sort.mode == "remove" else "create")
    if sort.mode == "default":
        path = at.associations(kind, sort.other, "batch", "associate", "default")
    body: list[dict[str, Any]] = []
    for change, record in zip(changes, current, strict=True):
        others = _others(change, sort, _raw(record))
        if not others:
            raise ValueError(f"{change.target}: no {PLURALS[sort.other]} to associate or to remove")
        source = {"id": change.target.id}
        if sort.mode == "remove":
            body.append({"from": source, "to": [{"id": other} for other in others]})
        else:
            body += [_input(source, other, kind, sort) for other in others]
    if len(body) > BATCH_MAX:
        raise ValueError(f"HubSpot takes {BATCH_MAX} associations per request, not {len(body)}")
    return path, body


def _input(source: Mapping[str, str], other: str, kind: str, sort: Sort) -> dict[str, Any]:
    found: dict[str, Any] = {"from": source, "to": {"id": other}}
    if sort.mode == "primary":
        type_id = PRIMARY_TYPES.get((kind, sort.other))
        if type_id is None:
            raise ValueError(f"a {kind} has no primary {sort.other}")
        found["types"] = [{"associationCategory": HUBSPOT_DEFINED, "associationTypeId": type_id}]
    return found


def _others(change: Change, sort: Sort, raw: Raw) -> list[str]:
    """The ids on the other end, once each."""
    found: list[str] = []
    for edit in change.edits:
        if sort.mode == "remove":
            found += _removed(edit, raw, PLURALS[sort.other])
        else:
            found += [_identity(one) for one in (edit.after if isinstance(edit.after, list) else [edit.after])]
    return list(dict.fromkeys(found))


def _identity(element: Any) -> str:
    found = element.get("id") if isinstance(element, dict) else element
    if not isinstance(found, str) or not found:
        raise ValueError(f"an association needs the id of a record, not {element!r}")
    return found


def _removed(edit: Edit, raw: Raw, plural: str) -> list[str]:
    """What the path selects: an id, a label, or everything that the plan saw there."""
    selectors = parse_path(edit.path).steps[1].selectors
    held = raw.get(ASSOCIATIONS, {}).get(plural, [])
    if not selectors:
        before = edit.before if isinstance(edit.before, list) else [edit.before]
        return [_identity(one) for one in before if one]
    chosen = [str(one["id"]) for one in held if all(one.get(str(by.path)) in by.values for by in selectors)]
    named = [value for by in selectors if str(by.path) == "id" for value in by.values]
    return chosen or named
