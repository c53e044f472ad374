"""From changes to the exact request. No I/O.

A create is an upsert on our own External ID field: sent twice, it makes one record. Several go into one collection
whose rows fail by themselves (`allOrNone` false). A single update says `If-Unmodified-Since` with the stamp of the
fresh read; a collection of updates cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

from syncctl.connectors.salesforce.addresses import Addresses
from syncctl.connectors.salesforce.schema import ACTIVE, NEVER_MADE
from syncctl.connectors.salesforce.settings import COLLECTION_MAX
from syncctl.edits import unknowns
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.salesforce_ids import known_id
from syncctl.model import Action, Change, Record, Request
from syncctl.paths import parse_path

_HEADERS: Final = (("content-type", "application/json"),)
_SWITCH: Final = {Action.ARCHIVE: False, Action.REACTIVATE: True}
UNMODIFIED: Final = "if-unmodified-since"


@dataclass(frozen=True, slots=True)
class Writer:
    """Builds the requests of one system."""

    system: str
    at: Addresses
    external_id_field: str

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """Pure. Raises ValueError for what one request cannot write."""
        first = _check(changes, current, rows)
        kind, action = first.target.kind, first.action
        headers: tuple[tuple[str, str], ...] = _HEADERS
        values = [_values(change) for change in changes]
        if action is Action.CREATE:
            path, body = self._upsert(kind, values, rows)
        elif len(changes) == 1:
            path, body = self.at.record(kind, first.target.id), values[0]
            headers = (*_HEADERS, *_unmodified(current[0]))
        else:
            path = self.at.collection()
            body = _collection(kind, [{"Id": one.target.id, **held} for one, held in zip(changes, values, strict=True)])
        return Request(self.system, kind, action, "PATCH", path, (), headers, encode_json(body), key, tuple(rows))

    def _upsert(self, kind: str, values: Sequence[Mapping[str, Any]], rows: Sequence[str]) -> tuple[str, Any]:
        name = self.external_id_field
        given = [{field: value for field, value in held.items() if value is not None} for held in values]
        if len(rows) == 1:
            # The value stands in the address; the body must not repeat it.
            return self.at.upsert(kind, name, rows[0]), given[0]
        records = [{name: row, **held} for row, held in zip(rows, given, strict=True)]
        return self.at.collection(kind, name), _collection(kind, records)


def _collection(kind: str, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"allOrNone": False, "records": [{"attributes": {"type": kind}, **one} for one in records]}


def _check(changes: Sequence[Change], current: Sequence[Record | None], rows: Sequence[str]) -> Change:
    if not changes or len(changes) != len(rows) or len(changes) != len(current):
        raise ValueError("a request needs changes, and a row and a current record for each")
    first = changes[0]
    kind, action = first.target.kind, first.action
    if action is Action.VOID or (action is Action.CREATE and kind in NEVER_MADE):
        raise ValueError(f"syncctl cannot {action} a {kind} in Salesforce")
    if any((one.target.kind, one.action) != (kind, action) for one in changes):
        raise ValueError("one request writes one object with one action")
    if len(changes) > COLLECTION_MAX:
        raise ValueError(f"Salesforce takes {COLLECTION_MAX} records per request, not {len(changes)}")
    if action is not Action.CREATE and any(not known_id(one.target.id) for one in changes):
        raise ValueError(f"{first.target} is no Salesforce id: the id of a new record comes from its receipt")
    if action is Action.UPDATE and not all(one.edits for one in changes):
        raise ValueError("an update without edits writes nothing")
    if any(unknowns(edit.after) for change in changes for edit in change.edits):
        raise ValueError("a value is still known after apply only")
    return first


def _values(change: Change) -> dict[str, Any]:
    """The fields that a change writes; null clears one."""
    found: dict[str, Any] = {}
    for edit in change.edits:
        path = parse_path(edit.path)
        if not path.plain or len(path.steps) != 1 or path.steps[0].selectors or edit.action == "add":
            raise ValueError(f"Salesforce cannot write {edit.path}")
        value = None if edit.action == "remove" else edit.after
        if isinstance(value, dict | list):
            raise ValueError(f"Salesforce takes single values: {edit.path} is {value!r}")
        found[path.steps[0].name] = (known_id(value) or value) if edit.codec == "ref" and value else value
    if change.action in _SWITCH:
        found[ACTIVE] = _SWITCH[change.action]
    return found


def _unmodified(record: Record | None) -> tuple[tuple[str, str], ...]:
    """The condition of a single update. It knows whole seconds only: a part of one is rounded up."""
    if record is None:
        return ()
    stamp = decode_json(record.raw).get("SystemModstamp")
    if not isinstance(stamp, str):
        return ()
    moment = datetime.fromisoformat(stamp).astimezone(UTC)
    if moment.microsecond:
        moment = moment.replace(microsecond=0) + timedelta(seconds=1)
    return ((UNMODIFIED, format_datetime(moment, usegmt=True)),)
