"""Requests: the exact bytes that went out under one key, and when. I/O: SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec

from syncctl.ledger import audit
from syncctl.ledger.engine import Engine
from syncctl.ledger.sealing import Row
from syncctl.model import Request

BODY_KEPT: Final = 16_384
"""So many bytes of a request stay readable in the audit chain; the digest is over all of them."""
_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Request)


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request as it was first sent. After `window_end` the vendor can no longer be about to apply it.

    `status` is the last answer's HTTP status, None while there was none; `send_by` is in seconds of the boot clock.
    """

    id: int
    request: Request
    sends: int
    first_sent_at: datetime
    send_by: float
    window_end: datetime
    status: int | None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When a send begins at the earliest and latest, and when it is over for certain."""

    at: datetime
    send_by: float
    window_end: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a send: what is kept of its head, how many bytes it had, their SHA-256, and its text, redacted. All
    but the time is empty when there was none.
    """

    at: datetime
    status: int | None = None
    vendor_request_id: str = ""
    bytes: int = 0
    sha256: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """Who tells the audit chain of requests: the run that sends them, and what takes secrets out of their texts."""

    run: str
    redact: Callable[[str], str]


class Requests:
    """The requests of one ledger. Methods that take `db` join the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def first(
        self,
        db: sqlite3.Connection,
        request: Request,
        generations: Sequence[int],
        deadlines: Deadlines,
        witness: Witness,
    ) -> SentRequest:
        """Writes a request down before its first send; `generations` are those of its rows."""
        identity = db.execute(
            "INSERT INTO requests (key, system, request, sends, first_sent_at, send_by, window_end)"
            " VALUES (?, ?, ?, 1, ?, ?, ?) RETURNING id",
            (request.key, request.system, _encoder.encode(request).decode(), *_times(deadlines)),
        ).fetchone()[0]
        db.executemany(
            "INSERT INTO request_rows VALUES (?, ?, ?)",
            [(row, identity, generation) for row, generation in zip(request.rows, generations, strict=True)],
        )
        rows = [("request_rows", (row, identity)) for row in request.rows]
        body = {"request": identity, **told(request, witness.redact)}
        _note(db, deadlines.at, witness, "request.sent", body, [("requests", (identity,)), *rows])
        return SentRequest(identity, request, 1, deadlines.at, deadlines.send_by, deadlines.window_end, None)

    def again(self, db: sqlite3.Connection, sent: SentRequest, deadlines: Deadlines, witness: Witness) -> None:
        """Writes down that the same bytes go out once more under the same key."""
        _, send_by, window_end = _times(deadlines)
        db.execute(
            "UPDATE requests SET sends = sends + 1, send_by = ?, window_end = ? WHERE id = ?",
            (send_by, window_end, sent.id),
        )
        body = {"request": sent.id, "key": sent.request.key, "sha256": sha256(sent.request.body).hexdigest()}
        _note(db, deadlines.at, witness, "request.sent_again", body, [("requests", (sent.id,))])

    def answered(self, db: sqlite3.Connection, sent: SentRequest, answer: Answer, witness: Witness) -> None:
        """Keeps what the vendor answered with."""
        db.execute(
            "UPDATE requests SET status = coalesce(?, status), vendor_request_id = ?, answered_at = ? WHERE id = ?",
            (answer.status, answer.vendor_request_id, answer.at.isoformat(), sent.id),
        )
        event = "request.unanswered" if answer.status is None and not answer.sha256 else "request.answered"
        body = {
            "request": sent.id,
            "status": answer.status,
            "vendor_request_id": answer.vendor_request_id,
            "bytes": answer.bytes,
            "sha256": answer.sha256,
            "answer": answer.text,
        }
        _note(db, answer.at, witness, event, body, [("requests", (sent.id,))])

    def extend(self, db: sqlite3.Connection, sent: SentRequest, window_end: datetime) -> None:
        """The send took longer than foreseen: what it may still do ends later."""
        db.execute(
            "UPDATE requests SET window_end = max(window_end, ?) WHERE id = ?", (window_end.isoformat(), sent.id)
        )

    def last_of(self, operation: str) -> SentRequest | None:
        """The newest request that carried an operation."""
        row = self.engine.db.execute(
            "SELECT id, request, sends, first_sent_at, send_by, window_end, status FROM requests"
            " WHERE id = (SELECT max(request) FROM request_rows WHERE operation = ?)",
            (operation,),
        ).fetchone()
        return _sent(row) if row else None

    def since(self, request: int) -> datetime:
        """When any of this request's operations was first sent, in whatever generation: where a probe begins."""
        row = self.engine.db.execute(
            "SELECT min(first_sent_at) FROM requests WHERE id IN (SELECT request FROM request_rows WHERE operation IN"
            " (SELECT operation FROM request_rows WHERE request = ?))",
            (request,),
        ).fetchone()
        return datetime.fromisoformat(row[0])


def emptied(text: str) -> str:
    """A stored request without what it said: system, kind, method, key and operations stay."""
    said = _decoder.decode(text)
    return _encoder.encode(replace(said, path="", query=(), headers=(), body=b"")).decode()


def told(request: Request, redact: Callable[[str], str]) -> dict[str, Any]:
    """What the chain says of a request: redacted, with the digest of the exact bytes."""
    return {
        "system": request.system,
        "method": request.method,
        "path": redact(request.path),
        "query": [[name, redact(value)] for name, value in request.query],
        "key": request.key,
        "operations": list(request.rows),
        "bytes": len(request.body),
        "sha256": sha256(request.body).hexdigest(),
        "body": redact(request.body[:BODY_KEPT].decode("utf-8", "replace")),
    }


def _note(
    db: sqlite3.Connection, at: datetime, witness: Witness, event: str, body: dict[str, Any], rows: Sequence[Row]
) -> None:
    audit.append(db, at.isoformat(), witness.run, event, body, rows)


def _times(deadlines: Deadlines) -> tuple[str, float, str]:
    return deadlines.at.isoformat(), deadlines.send_by, deadlines.window_end.isoformat()


def _sent(row: tuple[Any, ...]) -> SentRequest:
    first, end = datetime.fromisoformat(row[3]), datetime.fromisoformat(row[5])
    return SentRequest(row[0], _decoder.decode(row[1]), row[2], first, row[4], end, row[6])
