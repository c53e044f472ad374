"""Requests: the exact bytes that went out under one key, and when. I/O: SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from syncctl.ledger.engine import Engine
from syncctl.model import Request

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


class Requests:
    """The requests of one ledger. Methods that take `db` join the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def first(
        self, db: sqlite3.Connection, request: Request, generations: Sequence[int], deadlines: Deadlines
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
        return SentRequest(identity, request, 1, deadlines.at, deadlines.send_by, deadlines.window_end, None)

    def again(self, db: sqlite3.Connection, sent: SentRequest, deadlines: Deadlines) -> None:
        """Writes down that the same bytes go out once more under the same key."""
        _, send_by, window_end = _times(deadlines)
        db.execute(
            "UPDATE requests SET sends = sends + 1, send_by = ?, window_end = ? WHERE id = ?",
            (send_by, window_end, sent.id),
        )

    def answered(
        self, db: sqlite3.Connection, sent: SentRequest, at: datetime, status: int | None, vendor_request_id: str
    ) -> None:
        """Keeps what the vendor answered with."""
        db.execute(
            "UPDATE requests SET status = coalesce(?, status), vendor_request_id = ?, answered_at = ? WHERE id = ?",
            (status, vendor_request_id, at.isoformat(), sent.id),
        )

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


def _times(deadlines: Deadlines) -> tuple[str, float, str]:
    return deadlines.at.isoformat(), deadlines.send_by, deadlines.window_end.isoformat()


def _sent(row: tuple[Any, ...]) -> SentRequest:
    first, end = datetime.fromisoformat(row[3]), datetime.fromisoformat(row[5])
    return SentRequest(row[0], _decoder.decode(row[1]), row[2], first, row[4], end, row[6])
