"""From an answer to one receipt per row, by the vendor's codes. No I/O.

A collection answers 200 even when every row failed: only `success` of a row counts. A row that an answer does not tell
is UNKNOWN and is probed; it is never taken for written or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.connectors.http import BODY_SHOWN, Answer, Complaint
from syncctl.connectors.salesforce.complaints import (
    EXPIRED,
    MEANINGS,
    SEVERAL,
    Explain,
    complain,
    existing_id,
    faults_in,
)
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.salesforce_ids import known_id
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Outcome, Ref, Request, WriteReceipt

COLLECTION: Final = "/composite/sobjects"
NO_FIELD: Final = "our External ID field is missing or hidden from this user: run `syncctl setup` for this system"


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer with what is needed to read it."""

    system: str
    request: Request
    answer: Answer
    explain: Explain
    redact: Callable[[str], str]

    def about(self, outcome: Outcome, part: Any = None) -> WriteReceipt:
        """A receipt of this answer, without its row; `part` is what of the answer belongs to it."""
        body = self.answer.body if part is None else encode_json(part)
        shown = self.redact(body.decode("utf-8", "replace"))[:BODY_SHOWN]
        return WriteReceipt("", outcome, status=self.answer.status, body=shown)

    def ref(self, identity: str) -> Ref | None:
        return Ref(self.system, self.request.kind, identity) if identity else None


def read_answer(reading: Reading) -> tuple[WriteReceipt, ...]:
    """One receipt per row of the request, in its order."""
    status = reading.answer.status
    if status == 300:
        return _for_all(reading, _several(reading))
    if not reading.answer.ok:
        return _for_all(reading, _refused(reading, reading.explain(reading.answer), None))
    try:
        body = decode_json(reading.answer.body) if reading.answer.body else {}
    except Undecodable as error:
        return _unread(reading, str(error))
    if COLLECTION in reading.request.path:
        return _collection(reading, body)
    return _for_all(reading, _single(reading, body))


def undecided(request: Request, outcome: Outcome, reason: str, **words: Any) -> tuple[WriteReceipt, ...]:
    """The same outcome for every row of a request that got no answer."""
    return tuple(WriteReceipt(row, outcome, message=reason, **words) for row in request.rows)


def expired(receipts: tuple[WriteReceipt, ...]) -> bool:
    """True when the request was refused because its token does not hold any more: nothing was executed."""
    return bool(receipts) and all(one.code == EXPIRED and one.outcome is Outcome.STOP for one in receipts)


def _for_all(reading: Reading, receipt: WriteReceipt) -> tuple[WriteReceipt, ...]:
    return tuple(replace(receipt, row=row) for row in reading.request.rows)


def _unread(reading: Reading, reason: str) -> tuple[WriteReceipt, ...]:
    about = reading.about(Outcome.UNKNOWN)
    return _for_all(reading, replace(about, message=f"the answer cannot be read: {reason}"))


def _several(reading: Reading) -> WriteReceipt:
    """300: several records have this External ID, nothing was written; the body lists their addresses."""
    try:
        body = decode_json(reading.answer.body)
    except Undecodable:
        body = []
    ids = [str(one).rpartition("/")[2] for one in body] if isinstance(body, list) else []
    message = f"several records have this External ID: {', '.join(known_id(one) or one for one in ids)}"
    about = reading.about(Outcome.KEY_MISMATCH)
    return replace(about, code=SEVERAL, message=message, fix=MEANINGS[SEVERAL].fix)


def _single(reading: Reading, body: Any) -> WriteReceipt:
    """An update answers without a body; a create with the new id."""
    if not isinstance(body, dict):
        return replace(reading.about(Outcome.UNKNOWN), message="the answer cannot be read: not an object")
    if body and body.get("success") is False:
        return _failed(reading, body)
    identity = known_id(str(body.get("id") or ""))
    if reading.request.action is not Action.CREATE:
        identity = known_id(reading.request.path.rpartition("/")[2])
    outcome = Outcome.APPLIED if identity else Outcome.UNKNOWN
    return replace(reading.about(outcome), ref=reading.ref(identity))


def _collection(reading: Reading, body: Any) -> tuple[WriteReceipt, ...]:
    rows = reading.request.rows
    if not isinstance(body, list) or len(body) != len(rows):
        count = len(body) if isinstance(body, list) else "no list"
        return _unread(reading, f"results: {count}, rows that were sent: {len(rows)}")
    return tuple(replace(_row(reading, one), row=row) for one, row in zip(body, rows, strict=True))


def _row(reading: Reading, result: Any) -> WriteReceipt:
    if not isinstance(result, dict) or not isinstance(result.get("success"), bool):
        return replace(
            reading.about(Outcome.UNKNOWN, result), message="the answer does not say what became of this row"
        )
    if not result["success"]:
        return _failed(reading, result)
    identity = known_id(str(result.get("id") or ""))
    outcome = Outcome.APPLIED if identity else Outcome.UNKNOWN
    return replace(reading.about(outcome, result), ref=reading.ref(identity))


def _failed(reading: Reading, result: Mapping[str, Any]) -> WriteReceipt:
    faults = faults_in(result.get("errors"))
    if not faults:
        return replace(reading.about(Outcome.UNKNOWN, result), message="the row failed without an error")
    found = complain(faults, lock_wait_seconds=reading.explain.lock_wait_seconds)
    return _refused(reading, found, result)


def _refused(reading: Reading, complaint: Complaint, part: Any) -> WriteReceipt:
    if complaint.code == "NOT_FOUND" and reading.request.action is Action.CREATE:
        complaint = replace(complaint, fix=NO_FIELD)
    holder = existing_id(complaint.message) if complaint.outcome is Outcome.DUPLICATE else ""
    return replace(
        reading.about(complaint.outcome, part),
        ref=reading.ref(holder),
        code=complaint.code,
        message=reading.redact(complaint.message),
        fix=complaint.fix,
        wait_seconds=complaint.wait_seconds,
    )
