"""Puts an older state of a ledger in place of the one there is, knowing what that loses. I/O: SQL, files.

A restored ledger gets another lineage of the same family, so that no idempotency key is used twice, and every kind is
due for a full pull: what was written since the old state is only at the vendors.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from syncctl.errors import LedgerError, LockedError
from syncctl.ledger import audit
from syncctl.ledger.engine import BUSY_SECONDS, Engine
from syncctl.ledger.heads import KeptHead, family, kept_heads, last_head
from syncctl.ledger.records import Records
from syncctl.ledger.standing import RESTORED
from syncctl.wholefile import sync_folder

FULL_PULL_DUE: Final = "full_pull_due"
"""The ledger's own note of the kinds that must be pulled whole before anything is planned."""
SIDECARS: Final = ("-journal", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Loss:
    """What an older state does not know: how many events and which runs; `writes` to vendors, None where nobody can
    count them any more. `known` is False when nothing tells what came after that state."""

    events: int = 0
    runs: tuple[str, ...] = ()
    writes: int | None = 0
    known: bool = True

    @property
    def none(self) -> bool:
        return self.known and not self.events


def loss_against(current: sqlite3.Connection, old: sqlite3.Connection) -> Loss:
    """What the current ledger knows and the old state does not."""
    after = _common(current, old)
    events = audit.head(current).count - after
    runs = current.execute(
        "SELECT run FROM audit WHERE event = 'run.started' AND id > ? ORDER BY id", (after,)
    ).fetchall()
    (writes,) = current.execute(
        "SELECT count(*) FROM audit WHERE event IN ('request.sent', 'request.sent_again', 'setup.sending') AND id > ?",
        (after,),
    ).fetchone()
    return Loss(events, tuple(row[0] for row in runs), int(writes))


def _common(one: sqlite3.Connection, other: sqlite3.Connection) -> int:
    """How many events both chains begin with: equal hashes at a number mean equal chains up to it."""
    low, high = 0, min(audit.head(one).count, audit.head(other).count)
    while low < high:
        middle = (low + high + 1) // 2
        same = audit.hash_at(one, middle) == audit.hash_at(other, middle)
        low, high = (middle, high) if same else (low, middle - 1)
    return low


def loss_by_heads(heads: Path, old: sqlite3.Connection, lineage: str) -> Loss:
    """What the heads kept outside know of and the old state does not; what was written nobody can count then."""
    last = last_head(heads, family(lineage))
    if last is None:
        return Loss(writes=None, known=False)
    unknown = [kept for kept in kept_heads(heads, family(lineage)) if not _knows(old, kept)]
    if not unknown or _knows(old, last):
        return Loss()
    events = max(unknown[-1].head.count - audit.head(old).count, 1)
    return Loss(events, tuple(dict.fromkeys(kept.run for kept in unknown)), None)


def _knows(db: sqlite3.Connection, kept: KeptHead) -> bool:
    return audit.hash_at(db, kept.head.count) == kept.head.hash


# --- what is checked before --------------------------------------------------------------------------------------


def lineage_of(db: sqlite3.Connection) -> str:
    """The lineage of a ledger file."""
    row = db.execute("SELECT value FROM meta WHERE key = 'lineage'").fetchone()
    return str(row[0]) if row else ""


def pins_of(db: sqlite3.Connection) -> dict[str, tuple[str, str, bool]]:
    """The companies of a ledger file: id, name, live."""
    rows = db.execute("SELECT system, company, name, live FROM pins")
    return {row[0]: (row[1], row[2], bool(row[3])) for row in rows}


# --- the change of lineage ------------------------------------------------------------------------------------------


def begin_anew(engine: Engine, at: str, run: str, given_up: KeptHead | None, loss: Loss, told: dict[str, str]) -> str:
    """Gives the ledger another lineage and makes every kind due for a full pull; one event tells of it. Returns the
    lineage."""
    kinds = engine.db.execute("SELECT system, kind FROM kinds ORDER BY 1, 2").fetchall()
    records = Records(engine)
    for system, kind in kinds:
        records.start_full(system, kind)
    was = engine.lineage
    lineage = f"{family(was)}.{secrets.token_hex(4)}"
    body = {
        "was": was,
        "lineage": lineage,
        "given_up": [given_up.head.count, given_up.head.hash] if given_up else None,
        "events_lost": loss.events if loss.known else None,
        "runs_lost": list(loss.runs),
        "writes_lost": loss.writes,
        **told,
    }
    with engine.write() as db:
        engine.set_meta("lineage", lineage)
        engine.set_meta(FULL_PULL_DUE, json.dumps([list(kind) for kind in kinds]))
        engine.bump_serial()
        audit.append(db, at, run, RESTORED, body)
    return lineage


def full_pull_due(engine: Engine) -> frozenset[tuple[str, str]]:
    """Kinds (system, kind) that must be pulled whole before anything is planned; none unless it was restored."""
    return frozenset((system, kind) for system, kind in json.loads(engine.meta(FULL_PULL_DUE) or "[]"))


def pulled_whole(engine: Engine, kinds: Iterable[tuple[str, str]]) -> None:
    """These were pulled whole. Own transaction, none where nothing was due."""
    due = full_pull_due(engine)
    if due & frozenset(kinds):
        with engine.write():
            engine.set_meta(FULL_PULL_DUE, json.dumps(sorted(map(list, due - frozenset(kinds)))))


# --- the files ------------------------------------------------------------------------------------------------------


def readable(path: Path) -> sqlite3.Connection | None:
    """A connection to the ledger that is there, its unfinished transaction rolled back; None when it cannot be read.

    Raises LockedError when somebody else has it open, LedgerError when it cannot be closed into one file.
    """
    if not path.is_file():
        return None
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        db.execute("SELECT count(*) FROM audit").fetchone()
        mode = db.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    except sqlite3.DatabaseError as error:
        db.close()
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise LockedError("somebody reads or writes the ledger", fix="try again when that ended") from error
        return None
    if mode != "delete":
        db.close()
        raise LockedError("somebody has the ledger open", fix="try again when that ended")
    return db


def put_in_place(new: Path, ledger: Path, aside: Path) -> bool:
    """Gives `new` the ledger's name; what was there before stays as `aside`. False when nothing was there.

    Raises LedgerError; then the ledger that was there is still in its place, and nothing stands aside.
    """
    there = ledger.is_file()
    try:
        if there:
            _same_rights(new, ledger)
            _keep_aside(ledger, aside)
        _move_sidecars(ledger, aside)
        new.replace(ledger)
    except OSError as error:
        _move_sidecars(aside, ledger)
        aside.unlink(missing_ok=True)
        raise LedgerError(f"the ledger {ledger} cannot be replaced: {error}", fix="make room, then again") from error
    return there


def made_sure(ledger: Path) -> None:
    """The new name is on the disk. Raises LedgerError: the restore is done, and a power cut may take it back."""
    try:
        sync_folder(ledger.parent)
    except OSError as error:
        why = f"the ledger is restored, but its folder cannot be synced: {error.strerror}"
        fix = "check the disk; a power cut may bring the old ledger back: syncctl ledger verify tells"
        raise LedgerError(why, fix=fix) from error


def _same_rights(new: Path, ledger: Path) -> None:
    """The group that approves plans keeps the ledger; a file of another group stays private."""
    was = ledger.stat()
    if new.stat().st_gid == was.st_gid:
        new.chmod(stat.S_IMODE(was.st_mode))


def _keep_aside(ledger: Path, aside: Path) -> None:
    try:
        os.link(ledger, aside)
    except OSError:  # a file system without hard links
        shutil.copy2(ledger, aside)


def _move_sidecars(one: Path, other: Path) -> None:
    """What belongs to a ledger that is gone or cannot be read must not be taken for another one's: SQLite would play
    it back into that."""
    for sidecar in SIDECARS:
        left = one.with_name(one.name + sidecar)
        if left.exists():
            left.replace(other.with_name(other.name + sidecar))
