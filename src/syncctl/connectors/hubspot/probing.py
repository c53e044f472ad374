"""Did it happen? Records are read by our unique property or by id, never through the search index. I/O: network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from syncctl.connectors.hubspot.addresses import KIND_OF, PLURALS, PRIMARY
from syncctl.connectors.hubspot.client import Client
from syncctl.connectors.hubspot.finding import find_records
from syncctl.connectors.hubspot.receipts import wanted_pairs
from syncctl.edits import current_value
from syncctl.fields.codecs import decode
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Change, Edit, Outcome, Raw, Record, Request, WriteReceipt


def probe_request(client: Client, request: Request, changes: Sequence[Change]) -> tuple[WriteReceipt, ...]:
    """APPLIED with the record for rows that are there as they were meant, UNKNOWN for the others.

    The vendor keeps no idempotency key and needs none: the value of the unique property is the operation itself, so
    no time limit narrows what is looked at. Raises VendorError.
    """
    if request.action is Action.CREATE:
        return _created(client, request)
    if "/associations/" in request.path:
        return _associated(client, request)
    ids = [change.target.id for change in changes]
    found = {record.ref.id: record for record in find_records(client, request.kind, "id", ids)}
    if request.action is Action.ARCHIVE:
        return tuple(_receipt(row, found.get(i), _archived) for row, i in zip(request.rows, ids, strict=True))
    return tuple(
        _receipt(row, found.get(change.target.id), partial(_agrees, change.edits))
        for row, change in zip(request.rows, changes, strict=True)
    )


def _created(client: Client, request: Request) -> tuple[WriteReceipt, ...]:
    name = str(decode_json(request.body)["inputs"][0]["idProperty"])
    found: dict[str, Record] = {}
    for record in find_records(client, request.kind, name, request.rows):
        found[str(decode_json(record.raw).get("properties", {}).get(name))] = record
    return tuple(_receipt(row, found.get(row), _always) for row in request.rows)


def _always(_: Raw) -> bool:
    return True


def _archived(raw: Raw) -> bool:
    return raw.get("archived") is True


def _receipt(row: str, record: Record | None, meant: Callable[[Raw], bool]) -> WriteReceipt:
    if record is None:
        return WriteReceipt(row, Outcome.UNKNOWN, message="no such record")
    if not meant(decode_json(record.raw)):
        return WriteReceipt(row, Outcome.UNKNOWN, record.ref, record, message="the record does not hold what was sent")
    return WriteReceipt(row, Outcome.APPLIED, record.ref, record)


def _agrees(edits: Sequence[Edit], raw: Raw) -> bool:
    """True when every place holds what was written there, read as the field's own type."""
    return all(_same(edit.codec, current_value(raw, edit), edit.after) for edit in edits)


def _same(codec: str, held: Any, meant: Any) -> bool:
    try:
        return bool(decode(codec, held) == decode(codec, meant))
    except Undecodable:
        return bool(held == meant)


def _associated(client: Client, request: Request) -> tuple[WriteReceipt, ...]:
    wanted = wanted_pairs(request)
    plural = PLURALS[KIND_OF[request.path.split("/")[5]]]
    ids = [pairs[0][0] for pairs in wanted.values()]
    found = {record.ref.id: record for record in find_records(client, request.kind, "id", ids)}
    body = decode_json(request.body)["inputs"][0]
    label = PRIMARY if "types" in body else ""
    gone = request.path.endswith("/archive")

    def meant(pairs: Sequence[tuple[str, str]], raw: Raw) -> bool:
        held = {one["id"]: one.get("label", "") for one in raw.get("associations", {}).get(plural, [])}
        if gone:
            return not any(other in held for _, other in pairs)
        return all(other in held and (not label or held[other] == label) for _, other in pairs)

    return tuple(_receipt(row, found.get(pairs[0][0]), partial(meant, pairs)) for row, pairs in wanted.items())
