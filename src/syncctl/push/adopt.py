"""Looks whose record it is when a vendor says that a name, number or id is taken. I/O: reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from syncctl.errors import SyncctlError
from syncctl.fields.jsontext import decode_json
from syncctl.fields.schema import Schema
from syncctl.fields.text import show
from syncctl.ledger.operation import Operation
from syncctl.ledger.requests import SentRequest
from syncctl.model import Action, Change, Outcome, Record, WriteReceipt
from syncctl.paths import parse_path, read
from syncctl.push.means import Means

TAKEN: Final = "give it another name or number, or match the two records by hand"


def look(means: Means, sent: SentRequest, operation: Operation, receipt: WriteReceipt) -> WriteReceipt:
    """Turns DUPLICATE into APPLIED with our record, or REJECTED; UNKNOWN when the vendor cannot be asked now.

    Ours is a record that carries this change's marker; only a create can adopt one. A refusal holds the record that
    has the value, where it was found.
    """
    change = operation.sent or operation.change
    if change.action is not Action.CREATE:
        return _receipt(receipt, Outcome.REJECTED)
    means.reach("before-look")
    holder: Record | None = None
    try:
        for record in _candidates(means, change, receipt):
            holder = record
            if _carries_marker(means.schema(change.target.system, change.target.kind), change, record):
                return _receipt(receipt, Outcome.APPLIED, record)
        found = _probed(means, sent, operation)
    except SyncctlError as error:
        return replace(receipt, outcome=Outcome.UNKNOWN, ref=None, record=None, message=error.message, fix=error.fix)
    if found is not None:
        return _receipt(receipt, Outcome.APPLIED, found)
    return replace(_receipt(receipt, Outcome.REJECTED), record=holder)


def _receipt(receipt: WriteReceipt, outcome: Outcome, record: Record | None = None) -> WriteReceipt:
    if record is None:
        return replace(receipt, outcome=outcome, fix=receipt.fix or TAKEN)
    message = "it was there already, with our marker"
    return replace(receipt, outcome=outcome, ref=record.ref, record=record, message=message, fix="", body="")


def _candidates(means: Means, change: Change, receipt: WriteReceipt) -> Iterator[Record]:
    """The record that the answer names, else those that hold a unique value which the change writes."""
    connector, kind = means.connectors[change.target.system], change.target.kind
    schema = means.schema(change.target.system, kind)
    if receipt.ref is not None:
        yield from connector.find(kind, schema.identity, [receipt.ref.id])
        return
    for edit in change.edits:
        field = next((one for one in schema.fields.values() if one.place == edit.path and one.unique), None)
        if field is not None and isinstance(edit.after, str):
            for holder in (kind, *field.unique_with):
                yield from connector.find(holder, field.path, [edit.after])


def _carries_marker(schema: Schema, change: Change, record: Record) -> bool:
    """True when the record's marker field names the source that this change was made from."""
    field = schema.find(schema.marker) if schema.marker else None
    if field is None:
        return False
    ours = next((show(edit.after) for edit in change.edits if edit.path == field.place and edit.after), "")
    held = " ".join(map(show, read(decode_json(record.raw), parse_path(field.place))))
    return bool(ours) and re.search(rf"(?<!\S){re.escape(ours)}(?!\S)", held) is not None


def stands_in_the_way(schema: Schema, change: Change, record: Record) -> bool:
    """True when a record has, letter by letter, a unique value that the change writes: the next plan will see it."""
    raw = decode_json(record.raw)
    unique = {found.place for found in schema.fields.values() if found.unique}
    return any(
        edit.path in unique and edit.after in list(read(raw, parse_path(edit.path)))
        for edit in change.edits
        if isinstance(edit.after, str)
    )


def _probed(means: Means, sent: SentRequest, operation: Operation) -> Record | None:
    """The record that the connector recognises by its own marker."""
    change = operation.sent or operation.change
    request = replace(sent.request, rows=(operation.id,))
    connector = means.connectors[change.target.system]
    receipts = connector.probe(request, [change], means.journal.requests.since(sent.id))
    return next((receipt.record for receipt in receipts if receipt.outcome is Outcome.APPLIED), None)
