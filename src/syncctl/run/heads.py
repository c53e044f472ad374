"""The ledger for one process alone, and the head of its audit chain kept outside. I/O: lock, ledger, file of heads."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from syncctl.errors import LedgerError
from syncctl.failpoints import reach
from syncctl.ledger.audit import Head
from syncctl.ledger.heads import KeptHead, family, keep_head, last_head
from syncctl.ledger.lock import locked
from syncctl.ledger.standing import Behind, behind
from syncctl.log import NAME
from syncctl.project import Project

UNREADABLE: Final = "check the permissions of {path}; `heads:` in syncctl.yaml names it"


@contextmanager
def alone(project: Project, who: str) -> Iterator[None]:
    """Holds the ledger, and keeps its head outside at the end, however that comes.

    Raises LockedError naming who holds it; OldLedger when a run wrote that this ledger does not know.
    """
    with locked(project.settings.ledger, who, project.clock):
        refuse_old(project)
        try:
            yield
        finally:
            keep(project, who)


def standing(project: Project) -> Behind | None:
    """None when nothing outside knows more than the ledger does. Raises LedgerError."""
    heads = project.settings.heads
    try:
        return behind(project.engine.db, project.engine.lineage, heads)
    except OSError as error:
        why = f"the heads of the ledger in {heads} cannot be read: {error.strerror}"
        raise LedgerError(why, fix=UNREADABLE.format(path=heads)) from error


def refuse_old(project: Project) -> None:
    """Raises OldLedger before anything is written from a ledger that is not the newest."""
    if project.engine.path is None:
        return
    found = standing(project)
    if found is not None:
        raise found.error()


def keep(project: Project, who: str) -> Head | None:
    """Writes the chain's head outside when it moved; returns it then. Called right after the ledger's last commit.

    A head that cannot be written is told and no error: what the run did stands, and the next one writes its own.
    """
    now = project.journal.head()
    heads = project.settings.heads
    if project.engine.path is None or now.count == 0:
        return None
    lineage = project.engine.lineage
    try:
        last = last_head(heads, family(lineage))
        if last is not None and (last.head, last.lineage) == (now, lineage):
            return None
        reach("before-head")
        shared = bool(project.engine.path.stat().st_mode & stat.S_IWGRP)
        keep_head(heads, KeptHead(project.at(), who.replace(" ", "-"), now, lineage), shared=shared)
    except OSError as error:
        logging.getLogger(NAME).warning(f"the head of the audit chain was not kept in {heads}: {error.strerror}")
    project.moved_to = now
    return now
