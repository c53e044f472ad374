"""Endpoints for records: one by id or External ID, and collections of up to 200. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from syncctl.sandbox.salesforce.calls import Call, Reply
from syncctl.sandbox.salesforce.checks import Faulty
from syncctl.sandbox.salesforce.fields import FieldDef, ObjectDef
from syncctl.sandbox.salesforce.org import Stored
from syncctl.sandbox.salesforce.refusals import Fault, Refusal, no_column, no_external_id
from syncctl.sandbox.salesforce.select import show
from syncctl.sandbox.salesforce.writing import (
    ROWS_MAX,
    Several,
    collect,
    create,
    delete,
    key_field,
    matching,
    update,
    upsert,
)

RETRIEVE_MAX: Final = 2_000


def _done(record: Stored, *, created: bool | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": record.id, "success": True, "errors": []}
    return shown if created is None else {**shown, "created": created}


def _held(call: Call, about: ObjectDef, identity: str) -> Stored:
    found = call.org.find(about.name, identity)
    if found is None:
        raise no_external_id(identity)
    if found.deleted is not None:
        raise Refusal(404, Fault("ENTITY_IS_DELETED", "entity is deleted"))
    return found


def _names(about: ObjectDef, names: list[str]) -> list[FieldDef]:
    seen = about.seen()
    unknown = [name for name in names if name.lower() not in seen]
    if unknown:
        raise Refusal(400, no_column(unknown[0], about.name))
    return [seen[name.lower()] for name in names] or list(seen.values())


# --- one record -----------------------------------------------------------------------------------------------------


def create_record(call: Call) -> Reply:
    given = call.object()
    if any(name.lower() == "id" for name in given):
        raise Refusal(400, Fault("INVALID_FIELD", "The Id field should not be specified in the sobject data."))
    try:
        return Reply(201, _done(create(call.org, call.about(), given, save=call.saves)))
    except Faulty as error:
        raise Refusal(400, *error.faults) from error


def read_record(call: Call) -> Reply:
    about = call.about()
    record = _held(call, about, call.parts["id"])
    names = [name for name in call.query.get("fields", "").split(",") if name]
    return Reply(200, show(call.org, about, record, _names(about, names), call.base))


def update_record(call: Call) -> Reply:
    about, given = call.about(), call.object()
    record = _held(call, about, call.parts["id"])
    if any(name.lower() == "id" for name in given):
        raise Refusal(400, Fault("INVALID_FIELD", "The Id field should not be specified in the sobject data."))
    _condition(call, record)
    try:
        update(call.org, about, record, given, save=call.saves)
    except Faulty as error:
        raise Refusal(400, *error.faults) from error
    return Reply(204)


def _condition(call: Call, record: Stored) -> None:
    """`If-Unmodified-Since`, in whole seconds."""
    text = call.headers.get("if-unmodified-since")
    if text is None:
        return
    try:
        moment: datetime = parsedate_to_datetime(text)
    except ValueError as error:
        raise Refusal(400, Fault("INVALID_HEADER", f"invalid date in If-Unmodified-Since: {text}")) from error
    if record.stamped > moment:
        raise Refusal(412)


def delete_record(call: Call) -> Reply:
    about = call.about()
    delete(call.org, _held(call, about, call.parts["id"]))
    return Reply(204)


def read_by_key(call: Call) -> Reply:
    about = call.about()
    one = key_field(about, call.parts["field"])
    found = matching(call.org, about, one, call.parts["value"])
    if not found:
        raise no_external_id(call.parts["value"])
    if len(found) > 1:
        return _several(call, found)
    return Reply(200, show(call.org, about, found[0], _names(about, []), call.base))


def upsert_record(call: Call) -> Reply:
    about, given = call.about(), call.object()
    one = key_field(about, call.parts["field"])
    repeated = [name for name in given if name.lower() in ("id", one.name.lower())]
    if repeated:
        message = f"The {repeated[0]} field should not be specified in the sobject data."
        raise Refusal(400, Fault("INVALID_FIELD", message, (repeated[0],)))
    if call.query.get("updateOnly", "").lower() == "true" and not matching(call.org, about, one, call.parts["value"]):
        raise no_external_id(call.parts["value"])
    try:
        record, created = upsert(call.org, about, one, call.parts["value"], given, save=call.saves)
    except Several as error:
        return _several(call, list(error.records))
    except Faulty as error:
        raise Refusal(400, *error.faults) from error
    return Reply(201 if created else 200, _done(record, created=created))


def _several(call: Call, records: list[Stored]) -> Reply:
    return Reply(300, [f"{call.base}/sobjects/{one.kind}/{one.id}" for one in records])


# --- collections ----------------------------------------------------------------------------------------------------


def create_collection(call: Call) -> Reply:
    def one_row(about: ObjectDef, row: Mapping[str, Any]) -> dict[str, Any]:
        return _done(create(call.org, about, row, save=call.saves))

    return Reply(200, collect(call.org, call.json(), one_row))


def update_collection(call: Call) -> Reply:
    def one_row(about: ObjectDef, row: Mapping[str, Any]) -> dict[str, Any]:
        identity = str(next((value for name, value in row.items() if name.lower() == "id"), ""))
        found = call.org.find(about.name, identity)
        if found is None:
            raise Faulty(Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"))
        return _done(update(call.org, about, found, row, save=call.saves))

    return Reply(200, collect(call.org, call.json(), one_row))


def upsert_collection(call: Call) -> Reply:
    about = call.about()
    one = key_field(about, call.parts["field"])

    def one_row(of: ObjectDef, row: Mapping[str, Any]) -> dict[str, Any]:
        if of.name != about.name:
            raise Faulty(Fault("INVALID_TYPE", f"the collection is of {about.name}, the record of {of.name}"))
        value = next((held for name, held in row.items() if name.lower() == one.name.lower()), None)
        rest = {name: held for name, held in row.items() if name.lower() != one.name.lower()}
        record, created = upsert(call.org, about, one, value, rest, save=call.saves)
        return _done(record, created=created)

    return Reply(200, collect(call.org, call.json(), one_row))


def retrieve_collection(call: Call) -> Reply:
    """Live records by id, null for the others; ids and names in the body (POST) or the query (GET)."""
    about = call.about()
    asked: Mapping[str, Any] = (
        call.object() if call.body else {name: text.split(",") for name, text in call.query.items()}
    )
    ids, names = asked.get("ids"), asked.get("fields")
    if not isinstance(ids, list) or not isinstance(names, list) or not names:
        raise Refusal(400, Fault("MISSING_ARGUMENT", "ids and fields are needed"))
    if len(ids) > RETRIEVE_MAX:
        raise Refusal(400, Fault("LIMIT_EXCEEDED", f"cannot retrieve more than {RETRIEVE_MAX} records"))
    wrong = [one for one in ids if len(str(one)) not in (15, 18) or not str(one).startswith(about.prefix)]
    if wrong:
        raise Refusal(400, Fault("MALFORMED_ID", f"{about.name} ID: id value of incorrect type: {wrong[0]}", ("Id",)))
    fields = _names(about, [str(name) for name in names])
    found = [call.org.find(about.name, str(one)) for one in ids]
    rows = [
        show(call.org, about, one, fields, call.base) if one is not None and one.deleted is None else None
        for one in found
    ]
    return Reply(200, rows)


def delete_collection(call: Call) -> Reply:
    results: list[dict[str, Any]] = []
    ids = [one for one in call.query.get("ids", "").split(",") if one]
    if len(ids) > ROWS_MAX:
        raise Refusal(400, Fault("LIMIT_EXCEEDED", f"cannot delete more than {ROWS_MAX} records"))
    for identity in ids:
        kind = call.org.by_prefix(identity)
        found = call.org.find(kind, identity) if kind else None
        if found is None or found.deleted is not None:
            fault = Fault("ENTITY_IS_DELETED" if found else "INVALID_CROSS_REFERENCE_KEY", "entity is deleted")
            results.append({"success": False, "errors": [fault.row()]})
        else:
            delete(call.org, found)
            results.append(_done(found))
    return Reply(200, results)
