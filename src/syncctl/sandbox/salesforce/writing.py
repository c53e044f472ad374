"""Records written: created, changed, upserted, deleted; one, or up to 200 at once. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

from syncctl.sandbox.salesforce.checks import Faulty, check_record, values_of
from syncctl.sandbox.salesforce.fields import FieldDef, ObjectDef
from syncctl.sandbox.salesforce.org import Org, Stored
from syncctl.sandbox.salesforce.refusals import Fault, Refusal, no_external_id

ROWS_MAX: Final = 200
CHUNKS_MAX: Final = 10


def create(org: Org, about: ObjectDef, given: Mapping[str, Any], *, save: bool = False) -> Stored:
    """A new record. Raises Faulty, Refusal."""
    if not about.createable:
        raise Faulty(Fault("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {about.name} cannot be inserted"))
    values = values_of(org, about, given, new=True)
    for one in about.fields.values():
        if one.default is not None:
            values.setdefault(one.name, one.default)
    values.setdefault("OwnerId", org.user)
    if "OwnerId" not in about.fields:
        del values["OwnerId"]
    if "CurrencyIsoCode" in about.fields:
        values.setdefault("CurrencyIsoCode", org.currencies[0])
    check_record(org, about, None, values, save=save)
    now = org.now()
    values |= {"CreatedById": org.user, "LastModifiedById": org.user}
    kept = {name: value for name, value in values.items() if value is not None}
    return org.add(Stored(org.new_id(about.name), about.name, kept, now, now, now))


def update(org: Org, about: ObjectDef, record: Stored, given: Mapping[str, Any], *, save: bool = False) -> Stored:
    """Changes a live record; null clears. Raises Faulty, Refusal."""
    if record.deleted is not None:
        raise Faulty(Fault("ENTITY_IS_DELETED", "entity is deleted"))
    values = values_of(org, about, given, new=False)
    check_record(org, about, record, values, save=save)
    org.unindex(record)
    for name, value in values.items():
        if value is None:
            record.values.pop(name, None)
        else:
            record.values[name] = value
    record.values["LastModifiedById"] = org.user
    org.index(record)
    org.touch(record)
    return record


def matching(org: Org, about: ObjectDef, one: FieldDef, value: Any) -> list[Stored]:
    """The live records that have this value of an External ID field."""
    if one.unique:
        held = org.holder(about.name, one, value)
        return [held] if held is not None else []
    folded = str(value) if one.case_sensitive else str(value).casefold()
    return [
        record
        for record in org.live(about.name)
        if (shown := org.value(record, one)) is not None
        and (str(shown) if one.case_sensitive else str(shown).casefold()) == folded
    ]


def key_field(about: ObjectDef, name: str) -> FieldDef:
    """A field that an upsert may name. Raises Refusal."""
    found = about.seen().get(name.lower())
    if found is None or not (found.external_id or found.has("L")):
        raise no_external_id(name)
    return found


def upsert(
    org: Org, about: ObjectDef, one: FieldDef, value: Any, given: Mapping[str, Any], *, save: bool = False
) -> tuple[Stored, bool]:
    """The record with this External ID, changed or made. Raises Faulty, Refusal, Several."""
    if value in (None, ""):
        if one.type == "id":
            return create(org, about, given, save=save), True
        message = f"Missing required fields: {one.name}"
        raise Faulty(Fault("MISSING_ARGUMENT", f"{one.name} not specified: {message}"))
    found = [held] if one.type == "id" and (held := org.find(about.name, str(value))) else []
    if one.type != "id":
        found = matching(org, about, one, value)
    if len(found) > 1:
        raise Several(found)
    if found:
        return update(org, about, found[0], given, save=save), False
    if one.type == "id":
        raise Faulty(Fault("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {value}"))
    return create(org, about, {**given, one.name: value}, save=save), True


class Several(Exception):
    """More than one record has an External ID."""

    def __init__(self, records: Sequence[Stored]) -> None:
        super().__init__("several")
        self.records = tuple(records)


def delete(org: Org, record: Stored, *, master: str = "") -> None:
    """Into the recycle bin; merged records name the one they live on in."""
    record.deleted = org.now()
    org.unindex(record)
    if master:
        record.values["MasterRecordId"] = master
    org.touch(record, visible=False)


# --- collections ----------------------------------------------------------------------------------------------------


def rows_of(body: Any) -> tuple[list[Mapping[str, Any]], bool]:
    """The records of a collection and its `allOrNone`. Raises Refusal."""
    records = body.get("records") if isinstance(body, Mapping) else None
    if not isinstance(records, list) or not all(isinstance(one, Mapping) for one in records):
        raise Refusal(400, Fault("JSON_PARSER_ERROR", "The request body must hold a list of records"))
    if len(records) > ROWS_MAX:
        message = f"record limit reached. cannot submit more than {ROWS_MAX} records into this call"
        raise Refusal(400, Fault("LIMIT_EXCEEDED", message))
    kinds = [_kind(one) for one in records]
    if sum(1 for at, kind in enumerate(kinds) if at == 0 or kind != kinds[at - 1]) > CHUNKS_MAX:
        message = f"Cannot have more than {CHUNKS_MAX} chunks in a single operation"
        raise Refusal(400, Fault("LIMIT_EXCEEDED", message))
    return records, bool(body.get("allOrNone", False))


def _kind(record: Mapping[str, Any]) -> str:
    about = record.get("attributes")
    return str(about.get("type", "")) if isinstance(about, Mapping) else ""


def collect(org: Org, body: Any, one_row: Any) -> list[dict[str, Any]]:
    """Each row by itself; with `allOrNone` nothing is kept when one fails. Raises Refusal."""
    records, whole = rows_of(body)
    before = deepcopy((org.records, org.unique)) if whole else None
    results = [_result(org, record, one_row) for record in records]
    if before is not None and not all(one["success"] for one in results):
        org.records, org.unique = before
        return [_rolled_back(one) for one in results]
    return results


def _result(org: Org, record: Mapping[str, Any], one_row: Any) -> dict[str, Any]:
    about = org.visible(_kind(record))
    if about is None:
        fault = Fault("INVALID_TYPE", f"sObject type '{_kind(record)}' is not supported.")
        return {"success": False, "errors": [fault.row()]}
    try:
        return dict(one_row(about, record))
    except Several as error:
        ids = ", ".join(one.id for one in error.records)
        fault = Fault("DUPLICATE_EXTERNAL_ID", f"more than one record found for external id field: [{ids}]")
        return {"success": False, "errors": [fault.row()]}
    except Faulty as error:
        return {"success": False, "errors": [one.row() for one in error.faults]}
    except Refusal as error:
        return {"success": False, "errors": [one.row() for one in error.faults]}


def _rolled_back(result: dict[str, Any]) -> dict[str, Any]:
    if not result["success"]:
        return result
    message = "Record rolled back because not all records were valid and the request was using AllOrNone header"
    return {"success": False, "errors": [Fault("ALL_OR_NONE_OPERATION_ROLLED_BACK", message).row()]}
