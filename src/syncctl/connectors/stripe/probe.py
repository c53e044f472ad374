"""Did a write happen? Reads by creation time or by id and compares markers here. I/O: through a Reader."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from syncctl.connectors.stripe.kinds import KINDS
from syncctl.connectors.stripe.reader import Reader
from syncctl.connectors.stripe.writes import OPERATION
from syncctl.edits import current_value
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Change, Outcome, Raw, Record, Request, WriteReceipt

MARGIN: Final = timedelta(minutes=10)
"""Our clock and the vendor's may differ."""


def probe(reader: Reader, request: Request, change: Change, since: datetime) -> WriteReceipt:
    """APPLIED with the record, or UNKNOWN when nothing shows that the write happened. Raises VendorError."""
    row = request.rows[0]
    if request.action is Action.CREATE:
        found = _created(reader, request.kind, row, since)
    else:
        found = _updated(reader, change, row)
    if found is None:
        return WriteReceipt(row, Outcome.UNKNOWN, message="no record carries this operation's mark")
    return WriteReceipt(row, Outcome.APPLIED, found.ref, found)


def _created(reader: Reader, kind: str, row: str, since: datetime) -> Record | None:
    start = int((since - MARGIN).timestamp())
    rows = reader.whole_list(KINDS[kind].path, (("created[gte]", str(start)),))
    marked = [found for found in rows if _mark(found) == row]
    return next(iter(reader.rows(kind, marked)[0]), None)


class _Marked(msgspec.Struct):
    metadata: dict[str, Any] | None = None


def _mark(row: msgspec.Raw) -> str:
    try:
        return str((msgspec.json.decode(row, type=_Marked).metadata or {}).get(OPERATION, ""))
    except msgspec.DecodeError:
        return ""  # a row that cannot be read was not written by us


def _updated(reader: Reader, change: Change, row: str) -> Record | None:
    """Our mark, or every value as it was meant (a later operation may have put its own mark there)."""
    found = reader.retrieve(change.target.kind, change.target.id)
    if not isinstance(found, Record):
        return None
    raw = decode_json(found.raw)
    marked = (raw.get("metadata") or {}).get(OPERATION) == row
    return found if marked or _holds(raw, change) else None


def _holds(raw: Raw, change: Change) -> bool:
    return all((current_value(raw, edit) or None) == (edit.after or None) for edit in change.edits)
