"""The endpoints of single records: list, read, create, update, archive, merge, search. No I/O."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from syncctl.sandbox.hubspot import associations, records
from syncctl.sandbox.hubspot.account import Stored
from syncctl.sandbox.hubspot.calls import Call, Reply, page_of
from syncctl.sandbox.hubspot.kinds import kind_of, plural_of
from syncctl.sandbox.hubspot.refusals import Refusal, not_found
from syncctl.sandbox.hubspot.search import search
from syncctl.sandbox.hubspot.shapes import identity, shaped

LIST_MAX = 100


def kind(call: Call) -> str:
    return kind_of(call.parts["type"])


def list_records(call: Call) -> Reply:
    """By ascending id; `after` is the last id of the page before, so nothing that comes or goes shifts a page."""
    name, limit, archived = kind(call), call.limit(LIST_MAX), call.flag("archived")
    _no_history(call)
    order = call.account.order[name]
    found: list[Stored] = []
    for number in order[bisect_right(order, call.after()) :]:
        record = call.account.any(name, str(number))
        if record is not None and (record.archived_at is not None) is archived:
            found.append(record)
            if len(found) > limit:
                break
    shown = [shown_with_associations(call, record) for record in found[:limit]]
    return 200, page_of(shown, limit, found[limit - 1].id if len(found) > limit else "", len(found) > limit)


def shown_with_associations(call: Call, record: Stored) -> dict[str, Any]:
    """The record with the properties and associations that the query asks for."""
    shown = records.show(record, call.words("properties"), call.account.properties[record.kind])
    held = {}
    for name in call.words("associations"):
        other = kind_of(name)
        collection = associations.collection(call.account, record, other)
        if collection["results"]:
            held[plural_of(other)] = collection
    return {**shown, "associations": held} if held else shown


def _no_history(call: Call) -> None:
    if call.words("propertiesWithHistory"):
        raise Refusal(400, "VALIDATION_ERROR", "propertiesWithHistory is not served here")


def by_id_or_property(call: Call, name: str, identity: str, id_property: str | None) -> Stored | None:
    """The live record with this id, or with this value of a unique property; raises Refusal on another property."""
    if not id_property or id_property == "hs_object_id":
        return call.account.live(name, identity)
    unique_or_refuse(call, name, id_property)
    return call.account.holder(name, id_property, identity.lower() if id_property == "email" else identity)


def unique_or_refuse(call: Call, name: str, id_property: Any) -> None:
    if id_property not in call.account.unique_names(name):
        raise Refusal(
            400,
            "VALIDATION_ERROR",
            f"Unable to perform update/upsert by non-unique {name} property {id_property} "
            f"in portal ID {call.account.portal_id}",
        )


def read_record(call: Call) -> Reply:
    name, identity = kind(call), call.parts["id"]
    _no_history(call)
    if call.flag("archived"):
        record = call.account.any(name, identity)
        if record is None or record.archived_at is None:
            raise not_found()
        return 200, shown_with_associations(call, record)
    return 200, shown_with_associations(call, _found(call, name))


def _found(call: Call, name: str) -> Stored:
    record = by_id_or_property(call, name, call.parts["id"], call.query.get("idProperty"))
    if record is None:
        raise not_found()
    return record


def create_record(call: Call) -> Reply:
    body = call.json(("properties", "associations", "objectWriteTraceId"))
    record = create_from(call, kind(call), body)
    return 201, records.written(record, body.get("properties") or {}, records.computed_names(call.account, record.kind))


def create_from(call: Call, name: str, one: Mapping[str, Any]) -> Stored:
    """A record with the associations that the input names; raises Refusal before anything is stored."""
    wanted = [_wanted(call, name, element) for element in one.get("associations") or ()]
    record = records.create(call.account, name, one.get("properties") or {}, call.version)
    for target, types in wanted:
        associations.link(call.account, record, target, types)
    return record


def _wanted(call: Call, name: str, element: Mapping[str, Any]) -> tuple[Stored, list[int]]:
    shaped(element, ("to", "types"))
    specs = element.get("types") or ()
    for spec in specs:
        shaped(spec, ("associationCategory", "associationTypeId"))
    if not specs:
        raise Refusal(400, "VALIDATION_ERROR", "at least one association type is needed")
    types = [(spec.get("associationCategory"), spec.get("associationTypeId")) for spec in specs]
    other, identity_ = associations.target_of(name, types[0][1]), identity(element, "to")
    target = call.account.live(other, identity_)
    if target is None:
        raise Refusal(400, "VALIDATION_ERROR", f"{other.upper()}={identity_} is not valid")
    return target, [associations.known_type(name, other, category, number) for category, number in types]


def update_record(call: Call) -> Reply:
    body = call.json(("properties", "objectWriteTraceId"))
    record = _found(call, kind(call))
    records.update(call.account, record, body.get("properties") or {}, call.version)
    return 200, records.written(record, body.get("properties") or {}, records.computed_names(call.account, record.kind))


def archive_record(call: Call) -> Reply:
    """204 whether it was there or is archived already; 404 when there never was one."""
    record = call.account.any(kind(call), call.parts["id"])
    if record is None:
        raise not_found()
    if record.archived_at is None:
        call.account.archive(record)
    return 204, None


def merge_records(call: Call) -> Reply:
    body = call.json(("primaryObjectId", "objectIdToMerge"))
    name = kind(call)
    pair = [call.account.live(name, str(body.get(field))) for field in ("primaryObjectId", "objectIdToMerge")]
    if pair[0] is None or pair[1] is None or pair[0] is pair[1]:
        raise Refusal(400, "VALIDATION_ERROR", "two different records are needed")
    winner = records.merge(call.account, name, pair[0], pair[1], keep_id=call.behaviour.keep_primary_id)
    return 200, records.show(winner, None, call.account.properties[name])


def search_records(call: Call) -> Reply:
    fields = ("filterGroups", "filters", "sorts", "query", "properties", "limit", "after")
    return 200, search(call.account, kind(call), call.json(fields))
