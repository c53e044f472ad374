"""From an answer to one receipt per row, by the vendor's codes. No I/O.

Errors are read from any 2xx: 2026-09 no longer documents 207. A row that an answer does not tell apart is UNKNOWN and
is probed; it is never taken for written or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from syncctl.connectors.http import BODY_SHOWN, Answer, Complaint
from syncctl.connectors.hubspot.complaints import existing_id, explain, row_complaint
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Outcome, Ref, Request, WriteReceipt

Redact = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer with what is needed to read it."""

    system: str
    request: Request
    answer: Answer
    redact: Redact

    @property
    def request_id(self) -> str:
        return self.answer.headers.get("x-hubspot-correlation-id", "")

    def shown(self, part: Any) -> str:
        """A part of the answer as the journal may keep it."""
        return self.redact(encode_json(part).decode())[:BODY_SHOWN]

    def ref(self, identity: str) -> Ref:
        return Ref(self.system, self.request.kind, identity)


def read_answer(reading: Reading) -> tuple[WriteReceipt, ...]:
    """One receipt per row of the request, in its order."""
    if not reading.answer.ok:
        return _refused(reading)
    if reading.request.method == "DELETE":
        return _all(reading, Outcome.APPLIED, reading.request.path.rpartition("/")[2])
    if reading.request.path.startswith("/crm/properties/"):
        return _all(reading, Outcome.APPLIED, "")
    try:
        body = decode_json(reading.answer.body) if reading.answer.body else {}
    except Undecodable as error:
        return _unread(reading, str(error))
    if not isinstance(body, dict):
        return _unread(reading, "not an object")
    if "/associations/" in reading.request.path:
        return _associated(reading, body)
    return _written(reading, body)


def undecided(request: Request, outcome: Outcome, reason: str) -> tuple[WriteReceipt, ...]:
    """The same outcome for every row of a request that got no answer."""
    return tuple(WriteReceipt(row, outcome, message=reason) for row in request.rows)


def _all(reading: Reading, outcome: Outcome, identity: str) -> tuple[WriteReceipt, ...]:
    receipt = WriteReceipt(
        "",
        outcome,
        reading.ref(identity) if identity else None,
        status=reading.answer.status,
        vendor_request_id=reading.request_id,
        body=reading.redact(reading.answer.body.decode("utf-8", "replace"))[:BODY_SHOWN],
    )
    return tuple(replace(receipt, row=row) for row in reading.request.rows)


def _unread(reading: Reading, reason: str) -> tuple[WriteReceipt, ...]:
    receipts = _all(reading, Outcome.UNKNOWN, "")
    return tuple(replace(one, message=f"the answer cannot be read: {reason}") for one in receipts)


def _refused(reading: Reading) -> tuple[WriteReceipt, ...]:
    """The whole request was refused. One existing id says nothing about which of several rows it belongs to."""
    complaint = explain(reading.answer)
    several = len(reading.request.rows) > 1
    if several and complaint.outcome in (Outcome.DUPLICATE, Outcome.REJECTED, Outcome.CONFLICT):
        complaint = replace(
            complaint,
            outcome=Outcome.REJECTED,
            message=f"the whole batch of {len(reading.request.rows)} was refused: {complaint.message}",
            fix="set the option batch_size to 1 to find the row: HubSpot did not name it",
        )
    error = _object(reading.answer)
    existing = existing_id(error) if complaint.outcome is Outcome.DUPLICATE else ""
    return tuple(replace(one, **_complained(reading, complaint)) for one in _all(reading, complaint.outcome, existing))


def _object(answer: Answer) -> Mapping[str, Any]:
    try:
        found = decode_json(answer.body)
    except Undecodable:
        return {}
    return found if isinstance(found, dict) else {}


def _complained(reading: Reading, complaint: Complaint) -> dict[str, Any]:
    return {
        "code": complaint.code,
        "message": reading.redact(complaint.message),
        "fix": complaint.fix,
        "vendor_request_id": complaint.vendor_request_id or reading.request_id,
        "wait_seconds": complaint.wait_seconds,
    }


# --- batches of records ---------------------------------------------------------------------------------------------


def _written(reading: Reading, body: Mapping[str, Any]) -> tuple[WriteReceipt, ...]:
    inputs = decode_json(reading.request.body)["inputs"]
    row_of_input = {str(one["id"]): row for one, row in zip(inputs, reading.request.rows, strict=True)}
    decided: dict[str, WriteReceipt] = {}
    for result in _elements(body.get("results")):
        row = _row_of_result(reading.request, result, row_of_input)
        if row is not None:
            decided[row] = _applied(reading, row, result)
    for error in _elements(body.get("errors")):
        for row in _rows_of_error(error, row_of_input):
            decided[row] = _rejected(reading, row, error)
    return _in_order(reading, decided)


def _elements(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _row_of_result(request: Request, result: Mapping[str, Any], row_of_input: Mapping[str, str]) -> str | None:
    """By the tag we sent, else by the value of our unique property (a create) or by the id (an update)."""
    tag = str(result.get("objectWriteTraceId"))
    if tag in request.rows:
        return tag
    if request.action is Action.CREATE:
        values = result.get("properties")
        held = values.values() if isinstance(values, dict) else ()
        return next((row for identity, row in row_of_input.items() if identity in held), None)
    return row_of_input.get(str(result.get("id")))


def _rows_of_error(error: Mapping[str, Any], row_of_input: Mapping[str, str]) -> list[str]:
    named = [row_of_input[identity] for identity in _context(error, "ids") if identity in row_of_input]
    found = [tag for tag in _context(error, "objectWriteTraceId") if tag in row_of_input.values()] or named
    return found or (list(row_of_input.values()) if len(row_of_input) == 1 else [])


def _context(error: Mapping[str, Any], name: str) -> list[str]:
    """The values of one name in an error's context; empty where it has another shape."""
    context = error.get("context")
    found = context.get(name) if isinstance(context, dict) else None
    return [str(one) for one in found] if isinstance(found, list) else []


def _applied(reading: Reading, row: str, result: Mapping[str, Any]) -> WriteReceipt:
    identity = str(result.get("id") or "")
    return WriteReceipt(
        row,
        Outcome.APPLIED if identity else Outcome.UNKNOWN,
        reading.ref(identity) if identity else None,
        status=reading.answer.status,
        vendor_request_id=reading.request_id,
        body=reading.shown(result),
    )


def _rejected(reading: Reading, row: str, error: Mapping[str, Any]) -> WriteReceipt:
    complaint = row_complaint(error, request_id=reading.request_id)
    existing = existing_id(error)
    receipt = WriteReceipt(
        row,
        complaint.outcome,
        reading.ref(existing) if existing else None,
        status=reading.answer.status,
        body=reading.shown(error),
    )
    return replace(receipt, **_complained(reading, complaint))


def _in_order(reading: Reading, decided: Mapping[str, WriteReceipt]) -> tuple[WriteReceipt, ...]:
    """Receipts in the order of the rows; a row without one is UNKNOWN."""
    silent = _all(reading, Outcome.UNKNOWN, "")
    return tuple(decided.get(one.row, replace(one, message="the answer does not mention this row")) for one in silent)


# --- associations ---------------------------------------------------------------------------------------------------


def _associated(reading: Reading, body: Mapping[str, Any]) -> tuple[WriteReceipt, ...]:
    wanted = wanted_pairs(reading.request)
    made = {_pair(result) for result in _elements(body.get("results"))}
    removed = reading.request.path.endswith("/archive")
    decided: dict[str, WriteReceipt] = {}
    for row, pairs in wanted.items():
        error = next((one for one in _elements(body.get("errors")) if _concerns(one, pairs)), None)
        if error is not None:
            decided[row] = replace(_rejected(reading, row, error), ref=reading.ref(pairs[0][0]))
        elif removed or all(pair in made for pair in pairs):
            decided[row] = _applied(reading, row, {"id": pairs[0][0]})
    return _in_order(reading, decided)


def wanted_pairs(request: Request) -> dict[str, list[tuple[str, str]]]:
    """The (from id, to id) of every row of an association request: its inputs are in the order of its rows."""
    by_source: dict[str, list[tuple[str, str]]] = {}
    for one in decode_json(request.body)["inputs"]:
        source = str(one["from"]["id"])
        others: Sequence[Mapping[str, Any]] = one["to"] if isinstance(one["to"], list) else [one["to"]]
        by_source.setdefault(source, []).extend((source, str(other["id"])) for other in others)
    return dict(zip(request.rows, by_source.values(), strict=True))


def _pair(result: Mapping[str, Any]) -> tuple[str, str]:
    """Both shapes of a result: `from.id` of the default endpoint, `fromObjectId` of the labelled one."""
    source, target = result.get("from"), result.get("to")
    if isinstance(source, dict) and isinstance(target, dict):
        return str(source.get("id")), str(target.get("id"))
    return str(result.get("fromObjectId")), str(result.get("toObjectId"))


def _concerns(error: Mapping[str, Any], pairs: Sequence[tuple[str, str]]) -> bool:
    sources, targets = set(_context(error, "fromObjectId")), set(_context(error, "toObjectId"))
    return any(source in sources and (not targets or target in targets) for source, target in pairs)
