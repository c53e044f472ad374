"""A change as the exact bytes of one request, and an answer as receipts. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from syncctl.connectors.http import Answer, Complaint, Http, NoAnswer
from syncctl.connectors.steps import step
from syncctl.connectors.stripe.forms import form
from syncctl.connectors.stripe.kinds import KINDS
from syncctl.connectors.stripe.reader import itemised
from syncctl.connectors.stripe.rows import Head, PayoutHead, compact, read_head, record
from syncctl.edits import apply_edits, touched
from syncctl.errors import CredentialError
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Change, Outcome, Poison, Raw, Record, Ref, Request, WriteReceipt
from syncctl.paths import parse_path

OPERATION: Final = "syncctl_operation"
"""The metadata key that tells which operation made or last changed a record."""
_ADDRESS: Final[Raw] = dict.fromkeys(("line1", "line2", "city", "state", "postal_code", "country"))
WHOLE: Final[dict[str, Raw]] = {"address": _ADDRESS, "shipping": {"name": None, "phone": None, "address": _ADDRESS}}
"""Objects that are sent whole, with the parts an update takes: whether Stripe merges or replaces is not documented."""
CREATABLE: Final = frozenset({"customer"})
_FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")


def prepare(
    system: str, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
) -> Request:
    """One create or update. Raises ValueError for what Stripe cannot be asked, Undecodable for what it cannot keep."""
    if not len(changes) == len(current) == len(rows) == 1:
        raise ValueError(f"stripe writes one record per request, not {len(changes)}")
    change, held = changes[0], current[0]
    kind = change.target.kind
    path, values = _create(change) if change.action is Action.CREATE else _update(change, held)
    values["metadata"] = {**values.get("metadata", {}), OPERATION: rows[0]}
    return Request(
        system,
        kind,
        change.action,
        "POST",
        path,
        headers=(("Idempotency-Key", key), _FORM),
        body=form(values),
        key=key,
        rows=tuple(rows),
    )


def _create(change: Change) -> tuple[str, Raw]:
    if change.target.kind not in CREATABLE:
        raise ValueError(f"stripe: no {change.target.kind} is created from here")
    return KINDS[change.target.kind].path, _without_empty(apply_edits({}, change.edits))


def _update(change: Change, held: Record | None) -> tuple[str, Raw]:
    target = change.target
    if change.action is not Action.UPDATE or not KINDS[target.kind].metadata:
        raise ValueError(f"stripe: there is no {change.action} of a {target.kind}")
    if held is None:
        raise ValueError(f"stripe: {target} cannot be updated without its current state")
    after = apply_edits(decode_json(held.raw), change.edits)
    values: Raw = {}
    for name in touched(change.edits):
        values[name] = _metadata(change, after) if name == "metadata" else _sent(name, after)
    return f"{KINDS[target.kind].path}/{step(target.id)}", values


def _metadata(change: Change, after: Raw) -> Raw:
    """Only the keys that the edits name: Stripe merges, and an empty value deletes the key."""
    paths = [parse_path(edit.path).steps for edit in change.edits]
    names = [steps[1].name for steps in paths if steps[0].name == "metadata" and len(steps) > 1]
    return {name: (after.get("metadata") or {}).get(name) for name in names}


def _sent(name: str, after: Raw) -> Any:
    """The value an update sends for a first key; "" clears it."""
    value = after.get(name)
    if name not in WHOLE:
        return value
    return _parts(WHOLE[name], value) if _without_empty(value or {}) else None


def _parts(shape: Raw, value: Raw | None) -> Raw:
    """Every part of an object, empty where the record has none after the edits."""
    held = value or {}
    return {name: _parts(inner, held.get(name)) if inner else held.get(name) for name, inner in shape.items()}


def _without_empty(values: Raw) -> Raw:
    """A create does not send what is empty."""
    kept: Raw = {}
    for name, value in values.items():
        inner = _without_empty(value) if isinstance(value, dict) else value
        if inner not in (None, "", {}, []):
            kept[name] = inner
    return kept


def send(http: Http, request: Request) -> tuple[WriteReceipt, ...]:
    """One attempt; one receipt per row."""
    try:
        answer = http.send(request)
    except NoAnswer as error:
        outcome = Outcome.UNKNOWN if error.sent else Outcome.LATER
        return _all(request, outcome, f"{request.system} gave no answer: {error}", "")
    except CredentialError as error:
        return _all(request, Outcome.STOP, error.message, error.fix)
    return tuple(_receipt(http, request, row, answer) for row in request.rows)


def _all(request: Request, outcome: Outcome, message: str, fix: str) -> tuple[WriteReceipt, ...]:
    return tuple(WriteReceipt(row, outcome, message=message, fix=fix) for row in request.rows)


def _receipt(http: Http, request: Request, row: str, answer: Answer) -> WriteReceipt:
    if not answer.ok:
        return _refused(http, row, answer, http.explain(answer))
    shown = http.shown_body(answer)
    try:
        decode_json(answer.body)
        head = read_head(request.system, request.kind, answer.body)
    except Undecodable as error:
        return WriteReceipt(row, Outcome.UNKNOWN, message=str(error), status=answer.status, body=shown)
    identity = answer.headers.get("request-id", "")
    if isinstance(head, Poison):
        return WriteReceipt(
            row, Outcome.UNKNOWN, message=head.reason, status=answer.status, vendor_request_id=identity, body=shown
        )
    return WriteReceipt(
        row,
        Outcome.APPLIED,
        Ref(request.system, request.kind, head.id),
        _as_pulled(request, head, answer),
        status=answer.status,
        vendor_request_id=identity,
        body=shown,
    )


def _as_pulled(request: Request, head: Head, answer: Answer) -> Record | None:
    """The answer as a pull would bring it; None where it is cut short, or told from memory and maybe outdated."""
    cut = head.lines is not None and head.lines.has_more
    listed_apart = isinstance(head, PayoutHead) and itemised(head)
    if cut or listed_apart or answer.headers.get("idempotent-replayed") == "true":
        return None
    return record(request.system, request.kind, head, compact(answer.body))


def _refused(http: Http, row: str, answer: Answer, complaint: Complaint) -> WriteReceipt:
    return WriteReceipt(
        row,
        complaint.outcome,
        code=complaint.code,
        message=http.redact(complaint.message),
        fix=complaint.fix,
        status=answer.status,
        vendor_request_id=complaint.vendor_request_id,
        body=http.shown_body(answer),
        wait_seconds=complaint.wait_seconds,
    )
