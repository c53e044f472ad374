"""The batch endpoints of records: read, create, update, upsert, archive. No I/O.

Without an `objectWriteTraceId` on every input one bad row refuses the whole batch and nothing is stored; with them
the good rows are stored and the bad ones are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from syncctl.sandbox.hubspot import records
from syncctl.sandbox.hubspot.account import Stored
from syncctl.sandbox.hubspot.calls import Call, Reply, batch_reply, traced
from syncctl.sandbox.hubspot.objects import by_id_or_property, create_from, kind, unique_or_refuse
from syncctl.sandbox.hubspot.refusals import Refusal
from syncctl.sandbox.hubspot.shapes import wanted_names

Input = Mapping[str, Any]
Write = Callable[[Input], dict[str, Any]]


def batch_read(call: Call) -> Reply:
    inputs, body = call.inputs(("id",), ("properties", "propertiesWithHistory", "idProperty"))
    if body.get("propertiesWithHistory"):
        raise Refusal(400, "VALIDATION_ERROR", "propertiesWithHistory is not served here")
    name, archived, wanted = kind(call), call.flag("archived"), wanted_names(body)
    if body.get("idProperty"):
        unique_or_refuse(call, name, body["idProperty"])
    found: dict[str, Stored] = {}
    missing = []
    for one in inputs:
        record = _read_one(call, name, str(one.get("id")), body.get("idProperty"), archived)
        if record is None:
            missing.append(str(one.get("id")))
        else:
            found[record.id] = record
    known = call.account.properties[name]
    shown = [records.show(record, wanted, known) for record in found.values()]
    return batch_reply(call, shown, [_missing(name, missing)] if missing else [])


def _read_one(call: Call, name: str, identity: str, id_property: str | None, archived: bool) -> Stored | None:
    if not archived:
        return by_id_or_property(call, name, identity, id_property)
    if not id_property:
        record = call.account.any(name, identity)
        return record if record is not None and record.archived_at is not None else None
    held = (record for record in call.account.objects[name].values() if record.archived_at is not None)
    return next((record for record in held if record.properties.get(id_property) == identity), None)


def _missing(name: str, identities: Sequence[str]) -> dict[str, Any]:
    message = f"Could not get some {name.upper()} objects, they may be deleted or not exist. Check that ids are valid."
    return Refusal(404, "OBJECT_NOT_FOUND", message).row({"ids": identities})


def batch_create(call: Call) -> Reply:
    inputs, _ = call.inputs(("properties", "associations", "objectWriteTraceId"))
    return _each(call, inputs, lambda one: _shown(call, create_from(call, kind(call), one), one), 201)


def batch_update(call: Call) -> Reply:
    inputs, _ = call.inputs(("id", "idProperty", "properties", "objectWriteTraceId"))
    _distinct(inputs)
    return _each(call, inputs, lambda one: _update_one(call, one))


def _update_one(call: Call, one: Input) -> dict[str, Any]:
    record = by_id_or_property(call, kind(call), str(one.get("id")), one.get("idProperty"))
    if record is None:
        message = f"Could not get some {kind(call).upper()} objects, they may be deleted or not exist."
        raise Refusal(404, "OBJECT_NOT_FOUND", message, context={"ids": [str(one.get("id"))]})
    records.update(call.account, record, one.get("properties") or {}, call.version)
    return _shown(call, record, one)


def batch_upsert(call: Call) -> Reply:
    inputs, _ = call.inputs(("id", "idProperty", "properties", "objectWriteTraceId"))
    _distinct(inputs)
    for one in inputs:
        unique_or_refuse(call, kind(call), one.get("idProperty"))
    return _each(call, inputs, lambda one: _upsert_one(call, one))


def _upsert_one(call: Call, one: Input) -> dict[str, Any]:
    name, id_property, identity = kind(call), one["idProperty"], str(one.get("id"))
    held = by_id_or_property(call, name, identity, id_property)
    values = {**(one.get("properties") or {}), id_property: identity}
    if held is None:
        made = records.create(call.account, name, values, call.version)
        return _shown(call, made, {**one, "properties": values}) | {"new": True}
    records.update(call.account, held, values, call.version)
    return _shown(call, held, {**one, "properties": values}) | {"new": False}


def _distinct(inputs: Sequence[Input]) -> None:
    seen = [str(one.get("id")) for one in inputs]
    twice = sorted({identity for identity in seen if seen.count(identity) > 1})
    if twice:
        raise Refusal(400, "VALIDATION_ERROR", f"Duplicate IDs found in batch input: {twice}. IDs must be unique")


def _shown(call: Call, record: Stored, one: Input) -> dict[str, Any]:
    shown = records.written(record, one.get("properties") or {}, records.computed_names(call.account, record.kind))
    if one.get("objectWriteTraceId"):
        shown["objectWriteTraceId"] = one["objectWriteTraceId"]
    return shown


def _each(call: Call, inputs: Sequence[Input], write: Write, status: int = 200) -> Reply:
    """Every input by itself; what failed is listed when all are traced, and refuses everything when not."""
    results, errors = [], []
    undo = None if traced(inputs) else _Undo(call, inputs)
    for one in inputs:
        try:
            results.append(write(one))
        except Refusal as refusal:
            if undo is not None:
                undo()
                raise
            errors.append(refusal.row({"objectWriteTraceId": [one["objectWriteTraceId"]]}))
    return batch_reply(call, results, errors, status)


class _Undo:
    """Takes back what an untraced batch stored before one of its rows was refused."""

    def __init__(self, call: Call, inputs: Sequence[Input]) -> None:
        self._account = call.account
        self._kind = kind(call)
        self._newest = call.account.order[self._kind][-1:] or [0]
        held = (by_id_or_property(call, self._kind, str(one.get("id")), one.get("idProperty")) for one in inputs)
        self._before = [(record, dict(record.properties), record.updated) for record in held if record is not None]

    def __call__(self) -> None:
        order = self._account.order[self._kind]
        for number in [one for one in order if one > self._newest[0]]:
            self._account.drop(self._account.objects[self._kind][str(number)])
        for record, properties, updated in self._before:
            self._account.put_back(record, properties, updated)


def batch_archive(call: Call) -> Reply:
    inputs, _ = call.inputs(("id",))
    for one in inputs:
        record = call.account.live(kind(call), str(one.get("id")))
        if record is not None:
            call.account.archive(record)
    return 204, None
