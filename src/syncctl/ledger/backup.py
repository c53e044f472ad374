"""Copies a ledger into one file while others read and write it. I/O: files, through SQLite's online backup.

The copy is made beside its place, checked, and only then takes its name: a name that exists is a whole backup.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from syncctl.errors import LedgerError, UsageError
from syncctl.ledger.audit import Head, head
from syncctl.ledger.chain import first_break
from syncctl.ledger.engine import BUSY_SECONDS, SCHEMA_VERSION
from syncctl.wholefile import beside, sync_folder, take_name

PAGES: Final = 4_096
"""Pages copied at once. Between two steps others may write; then SQLite begins anew."""
TURNS_MAX: Final = 20
"""So often it begins anew before it copies all in one step, for which writers wait."""


def back_up(ledger: Path, target: Path, *, replace: bool) -> Head:
    """Copies the ledger to `target` (mode 0600); returns where the copy's audit chain ends.

    Raises UsageError when `target` cannot be written to, LedgerError when the copy fails or is not sound; then nothing
    is left of it, and what `target` was before is still there. Or it says that the copy stands, not safely yet.
    """
    _refuse(ledger, target, replace=replace)
    try:
        with beside(target) as part:
            _copy_to(ledger, part)
            found = check_copy(part)
            part.replace(target) if replace else take_name(part, target)
    except (sqlite3.Error, OSError) as error:
        why = f"the backup {target} could not be written: {error}"
        raise LedgerError(why, fix="nothing of it was kept; choose another place, or make room") from error
    try:
        sync_folder(target.parent)
    except OSError as error:
        why = f"the backup {target} is written, but its folder cannot be synced: {error.strerror}"
        fix = "a power cut may still lose it: check the disk, then back up again with --force"
        raise LedgerError(why, fix=fix) from error
    return found


def _refuse(ledger: Path, target: Path, *, replace: bool) -> None:
    if not ledger.is_file():
        raise LedgerError(f"there is no ledger {ledger}", fix="pull first: syncctl pull")
    if target.is_dir() or not target.parent.is_dir():
        raise UsageError(f"{target} cannot be written: it names no file in a folder that exists", fix="name a file")
    if target.exists() and target.samefile(ledger):
        raise UsageError(f"{target} is the ledger itself", fix="name another file")
    if target.exists() and not replace:
        raise UsageError(f"{target} exists already", fix="name another file, or write over it with --force")


def _copy_to(ledger: Path, target: Path) -> None:
    """A whole copy of one moment, in one file, on the disk when this returns. Raises sqlite3.Error, OSError."""
    with closing(sqlite3.connect(ledger, timeout=BUSY_SECONDS)) as source, closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA synchronous = FULL")
        try:
            source.backup(copy, pages=PAGES, progress=_Turns())
        except _TooMany:
            source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def copied(backup: Path, ledger: Path) -> Iterator[Path]:
    """The backup as a file beside the ledger; gone afterwards. Raises LedgerError when it cannot be copied."""
    with ExitStack() as stack:
        try:
            ledger.parent.mkdir(parents=True, exist_ok=True)
            part = stack.enter_context(beside(ledger))
            _copy_to(backup, part)
        except (sqlite3.Error, OSError) as error:
            why = f"the backup cannot be copied to {ledger.parent}: {error}"
            raise LedgerError(why, fix="nothing was replaced; make room, or check the disk, then again") from error
        yield part


class _TooMany(Exception):
    """Others write so often that the copy does not get to its end."""


class _Turns:
    """Counts how often a backup had to begin anew."""

    def __init__(self) -> None:
        self.turns = 0
        self.left = -1

    def __call__(self, _status: int, remaining: int, _total: int) -> None:
        if 0 <= self.left <= remaining:
            self.turns += 1
        self.left = remaining
        if self.turns > TURNS_MAX:
            raise _TooMany


def check_copy(path: Path) -> Head:
    """Where the audit chain of a ledger file ends. Raises LedgerError unless it is a whole ledger of this version with
    an unbroken chain.
    """
    fix = "use another backup"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as db:
            lines = [str(row[0]) for row in db.execute("PRAGMA integrity_check(1)")]
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if lines != ["ok"]:
                raise LedgerError(f"{path} is damaged: {lines[0]}", fix=fix)
            if version > SCHEMA_VERSION:
                raise LedgerError(f"{path} was written by a newer syncctl", fix="update syncctl")
            broken = first_break(db)
            if broken is not None:
                said = f"the audit chain of {path} is broken at event {broken.number}: {broken.what}"
                raise LedgerError(said, fix=fix)
            return head(db)
    except sqlite3.Error as error:
        raise LedgerError(f"{path} is no ledger: {error}", fix=fix) from error
