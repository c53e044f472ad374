"""What became of a write. I/O: network, through the client."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote, urlsplit

from syncctl.addresses import BadAddress
from syncctl.connectors.http import Answer, NoAnswer
from syncctl.connectors.rest.addresses import follow, usable
from syncctl.connectors.rest.client import Client
from syncctl.connectors.rest.complaints import failed
from syncctl.connectors.rest.language import KindDeclaration
from syncctl.connectors.rest.rows import identity_of, inside, record_of
from syncctl.errors import AuthenticationFailed, CredentialError, ReadOnly, SyncctlError
from syncctl.fields.jsontext import decode_record
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Outcome, Ref, Request, WriteReceipt


def send(client: Client, request: Request) -> tuple[WriteReceipt, ...]:
    """One attempt; the receipt of its one row."""
    receipt = _sent(client, request)
    return tuple(replace(receipt, row=row) for row in request.rows)


def _sent(client: Client, request: Request) -> WriteReceipt:
    try:
        answer = client.send(request)
    except NoAnswer as error:
        outcome = Outcome.UNKNOWN if error.sent else Outcome.LATER
        return WriteReceipt("", outcome, message=f"{request.system} gave no answer: {error}")
    except ReadOnly:
        raise
    except SyncctlError as error:  # there is no token to sign in with, so nothing was sent
        closed = isinstance(error, CredentialError | AuthenticationFailed)
        outcome = Outcome.STOP if closed else Outcome.LATER
        return WriteReceipt("", outcome, message=error.message, fix=error.fix, wait_seconds=None if closed else 10)
    shown = client.http.shown_body(answer)
    request_id = answer.headers.get(client.system.errors.request_id, "")
    about = WriteReceipt("", Outcome.UNKNOWN, status=answer.status, vendor_request_id=request_id, body=shown)
    if failed(client.system.errors, answer):
        return _refused(client, request, answer, about)
    try:
        return _done(client, request, answer, about)
    except Undecodable as error:
        return replace(about, message=f"the answer cannot be read: {error}")


def _refused(client: Client, request: Request, answer: Answer, about: WriteReceipt) -> WriteReceipt:
    complaint = client.explain(answer, request.action)
    about = replace(
        about,
        outcome=complaint.outcome,
        code=complaint.code,
        message=client.http.redact(complaint.message),
        fix=complaint.fix,
        wait_seconds=complaint.wait_seconds,
    )
    if client.token_ended(answer, request.action):
        return replace(
            about, outcome=Outcome.LATER, message="the token has ended; another one is asked for", wait_seconds=0
        )
    return about


def _done(client: Client, request: Request, answer: Answer, about: WriteReceipt) -> WriteReceipt:
    """A success: the record where the answer holds it whole, else its id. Raises Undecodable."""
    client.accepted(answer)
    kind = client.system.kinds[request.kind]
    done = replace(about, outcome=Outcome.APPLIED)
    row = inside(answer.body, kind.record) if answer.body.strip() else None
    if row is not None and kind.whole_answer:
        record = record_of(client.name, kind, row, answer.headers.get("etag", ""))
        return replace(done, ref=record.ref, record=record)
    if request.action is not Action.CREATE:
        if row is not None:
            decode_record(row)  # an answer that is cut short may have come from anywhere
        return done
    identity = _identity(client, kind, answer, row)
    return replace(done, ref=Ref(client.name, kind.name, identity))


def _identity(client: Client, kind: KindDeclaration, answer: Answer, row: bytes | None) -> str:
    """The new record's id: from the answer, else the last step of its Location. Raises Undecodable."""
    place = answer.headers.get("location", "")
    raw = decode_record(row) if row is not None else {}
    if kind.id.partition(".")[0] in raw or not place:
        return identity_of(raw, kind)
    try:
        url = follow(client.base_url, f"{client.base_url}/", place)
    except BadAddress as error:
        raise Undecodable("the new record is on another server") from error
    found = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    if not usable(found):
        raise Undecodable("its Location names no record")
    return found
