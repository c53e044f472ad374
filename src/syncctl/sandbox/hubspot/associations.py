"""Associations between records: both directions, unlabeled and primary, as v4 and the dated versions keep them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from syncctl.sandbox.hubspot.account import Account, Stored
from syncctl.sandbox.hubspot.computed import primary_company, recompute
from syncctl.sandbox.hubspot.kinds import PRIMARY, PRIMARY_LABEL, TYPE_IDS, UNLABELED
from syncctl.sandbox.hubspot.refusals import Refusal

Pair = tuple[str, str]
"""Two kinds: from and to."""


def link(account: Account, source: Stored, target: Stored, type_ids: Iterable[int]) -> None:
    """Associates two records with these types (and the unlabeled one, which every label implies)."""
    pair = (source.kind, target.kind)
    for type_id in {*type_ids, UNLABELED[pair]}:
        if type_id == PRIMARY.get(pair):
            _move_primary(account, source, target)
        elif type_id == PRIMARY.get((target.kind, source.kind)):
            continue
        _add(account, source, target, type_id)
    _settle(account, source, target)


def known_type(source: str, target: str, category: Any, type_id: Any) -> int:
    """A type id that goes from one kind to the other; raises Refusal."""
    pair = (source, target)
    if pair not in UNLABELED:
        raise Refusal(400, "VALIDATION_ERROR", f"{source} and {target} cannot be associated")
    if category != "HUBSPOT_DEFINED" or type_id not in (UNLABELED[pair], PRIMARY.get(pair)):
        raise Refusal(400, "VALIDATION_ERROR", f"Association type id {category} {type_id} doesn't exist for {pair}")
    return int(type_id)


def target_of(source: str, type_id: Any) -> str:
    """The kind that a type id of this source leads to; raises Refusal."""
    for table in (UNLABELED, PRIMARY):
        for (one, other), number in table.items():
            if one == source and number == type_id:
                return other
    raise Refusal(400, "VALIDATION_ERROR", f"Association type id {type_id} doesn't exist for {source}")


def _move_primary(account: Account, source: Stored, target: Stored) -> None:
    """A contact or deal has one primary company: the other company is the side that may be primary for many."""
    owner, company = (source, target) if target.kind == "company" else (target, source)
    for other in tuple(account.neighbours.get((owner.kind, owner.id, "company"), ())):
        if other != company.id:
            account.edges[owner.kind, owner.id, "company", other].discard(PRIMARY[owner.kind, "company"])
            account.edges["company", other, owner.kind, owner.id].discard(PRIMARY["company", owner.kind])


def _add(account: Account, source: Stored, target: Stored, type_id: int) -> None:
    inverse = _inverse(source.kind, target.kind, type_id)
    for one, other, kind_of_edge in ((source, target, type_id), (target, source, inverse)):
        edge = (one.kind, one.id, other.kind, other.id)
        if edge not in account.edges:
            account.neighbours.setdefault((one.kind, one.id, other.kind), []).append(other.id)
        account.edges.setdefault(edge, set()).add(kind_of_edge)


def _inverse(source: str, target: str, type_id: int) -> int:
    table = PRIMARY if type_id == PRIMARY.get((source, target)) else UNLABELED
    return table[target, source]


def unlink(account: Account, source: Stored, target: Stored) -> None:
    """Takes every association between two records away."""
    for one, other in ((source, target), (target, source)):
        if account.edges.pop((one.kind, one.id, other.kind, other.id), None) is not None:
            account.neighbours[one.kind, one.id, other.kind].remove(other.id)
    _settle(account, source, target)


def move(account: Account, loser: Stored, winner: Stored) -> None:
    """Everything the loser of a merge was associated with goes to the winner."""
    for (kind, identity, other_kind), others in list(account.neighbours.items()):
        if (kind, identity) != (loser.kind, loser.id):
            continue
        for other in tuple(others):
            target = account.objects[other_kind].get(other)
            types = account.edges[kind, identity, other_kind, other]
            if target is not None:
                held = primary_company(account, winner) if other_kind == "company" else ""
                keep = {one for one in types if not held or one != PRIMARY.get((kind, other_kind))}
                unlink(account, loser, target)
                link(account, winner, target, keep)


def _settle(account: Account, *records: Stored) -> None:
    """Counts and the primary company are properties: only a record where one of them moves counts as modified."""
    for record in records:
        if record.id in account.objects[record.kind] and recompute(account, record):
            account.touch(record)


def listed(account: Account, source: Stored, target: str) -> list[dict[str, Any]]:
    """The associations of one record with live records of a kind, in the order of v4."""
    found = []
    for other in account.neighbours.get((source.kind, source.id, target), ()):
        held = account.objects[target].get(other)
        if held is None or held.archived_at is not None:
            continue
        types = account.edges[source.kind, source.id, target, other]
        found.append({"toObjectId": int(other), "associationTypes": [_spec(source.kind, target, one) for one in types]})
    return sorted(found, key=_by_id)


def _by_id(one: dict[str, Any]) -> int:
    number: int = one["toObjectId"]
    return number


def _spec(source: str, target: str, type_id: int) -> dict[str, Any]:
    label = PRIMARY_LABEL if type_id == PRIMARY.get((source, target)) else None
    return {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": label}


def collection(account: Account, source: Stored, target: str) -> dict[str, Any]:
    """The older form inside an object: a primary company is there twice, once under each type."""
    results = []
    for one in listed(account, source, target):
        name = f"{source.kind}_to_{target}"
        for spec in sorted(one["associationTypes"], key=_by_label):
            suffix = "" if spec["label"] or target != "company" else "_unlabeled"
            results.append({"id": str(one["toObjectId"]), "type": name + suffix})
    return {"results": results}


def _by_label(spec: dict[str, Any]) -> bool:
    return spec["label"] is None


def pair_shown(account: Account, source: Stored, target: Stored) -> dict[str, Any]:
    """What creating labelled associations answers for one pair."""
    types = account.edges[source.kind, source.id, target.kind, target.id]
    primary = PRIMARY.get((source.kind, target.kind))
    return {
        "fromObjectTypeId": TYPE_IDS[source.kind],
        "fromObjectId": int(source.id),
        "toObjectTypeId": TYPE_IDS[target.kind],
        "toObjectId": int(target.id),
        "labels": [PRIMARY_LABEL] if primary in types else [],
    }


def default_shown(source: Stored, target: Stored) -> list[dict[str, Any]]:
    """What creating unlabeled associations answers for one pair: both directions."""
    return [
        {
            "from": {"id": one.id},
            "to": {"id": other.id},
            "associationSpec": {
                "associationCategory": "HUBSPOT_DEFINED",
                "associationTypeId": UNLABELED[one.kind, other.kind],
            },
        }
        for one, other in ((source, target), (target, source))
    ]


def pair_of(account: Account, pair: Pair, source: str, target: str) -> tuple[Stored, Stored]:
    """Both records of an association; raises Refusal naming the one that is missing."""
    found = []
    for kind, identity, name in ((pair[0], source, "from"), (pair[1], target, "to")):
        record = account.live(kind, identity)
        if record is None:
            raise Refusal(
                404,
                "OBJECT_NOT_FOUND",
                f"{kind.upper()}={identity} is not valid",
                sub_category=f"crm.associations.{name.upper()}_OBJECT_NOT_FOUND",
                context={"fromObjectId": [source], "toObjectId": [target]},
            )
        found.append(record)
    return found[0], found[1]
