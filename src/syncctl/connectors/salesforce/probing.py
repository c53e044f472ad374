"""Did it happen? Records are read by our External ID or by id, never through a search index. I/O: network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from syncctl.connectors.salesforce.client import Client
from syncctl.connectors.salesforce.finding import find_records
from syncctl.connectors.salesforce.receipts import COLLECTION
from syncctl.edits import current_value
from syncctl.fields.codecs import decode
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Change, Outcome, Raw, Record, Request, WriteReceipt

_SWITCHED: Final = {Action.ARCHIVE: False, Action.REACTIVATE: True}


def probe_request(client: Client, request: Request, changes: Sequence[Change]) -> tuple[WriteReceipt, ...]:
    """APPLIED with the record for rows that are there as they were meant, UNKNOWN for the others.

    The External ID holds the operation itself, so no time limit narrows what is looked at. Raises VendorError.
    """
    if request.action is Action.CREATE:
        return _created(client, request)
    found = {
        record.ref.id: record for record in find_records(client, request.kind, "Id", [c.target.id for c in changes])
    }
    return tuple(
        _receipt(row, change, found.get(change.target.id)) for row, change in zip(request.rows, changes, strict=True)
    )


def external_id_field(request: Request) -> str:
    """The field that an upsert names in its address."""
    steps = request.path.split("/")
    return steps[-1] if COLLECTION in request.path else steps[-2]


def _created(client: Client, request: Request) -> tuple[WriteReceipt, ...]:
    name = external_id_field(request)
    held: dict[str, list[Record]] = {}
    for record in find_records(client, request.kind, name, request.rows):
        held.setdefault(str(decode_json(record.raw).get(name)), []).append(record)
    return tuple(_found(row, held.get(row, [])) for row in request.rows)


def _found(row: str, records: Sequence[Record]) -> WriteReceipt:
    if len(records) == 1:
        return WriteReceipt(row, Outcome.APPLIED, records[0].ref, records[0])
    message = "several records have this External ID" if records else "no such record"
    return WriteReceipt(row, Outcome.UNKNOWN, message=message)


def _receipt(row: str, change: Change, record: Record | None) -> WriteReceipt:
    if record is None:
        return WriteReceipt(row, Outcome.UNKNOWN, message="no such record")
    if not _meant(change, decode_json(record.raw)):
        return WriteReceipt(row, Outcome.UNKNOWN, record.ref, record, message="the record does not hold what was sent")
    return WriteReceipt(row, Outcome.APPLIED, record.ref, record)


def _meant(change: Change, raw: Raw) -> bool:
    switched: Mapping[str, Any] = {"IsActive": _SWITCHED[change.action]} if change.action in _SWITCHED else {}
    return all(raw.get(name) is value for name, value in switched.items()) and all(
        _same(edit.codec, current_value(raw, edit), edit.after) for edit in change.edits
    )


def _same(codec: str, held: Any, meant: Any) -> bool:
    try:
        return bool(decode(codec, held) == decode(codec, meant))
    except Undecodable:
        return bool(held == meant)
