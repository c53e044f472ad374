"""The use cases around the ledger's file: verify, back up, restore. I/O: the ledger, the file of kept heads, backups.

They take the settings and not an open project: a ledger that cannot be opened is what they are for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from syncctl.clock import Clock
from syncctl.errors import ConfigError, GuardTripped, LedgerError, NotHere, UsageError
from syncctl.ledger import audit
from syncctl.ledger.audit import Head
from syncctl.ledger.backup import back_up, check_copy, copied
from syncctl.ledger.engine import SCHEMA_VERSION, Engine, open_engine
from syncctl.ledger.heads import KeptHead, family, keep_head, last_head
from syncctl.ledger.lock import locked
from syncctl.ledger.reading import reading
from syncctl.ledger.restoring import (
    Loss,
    begin_anew,
    lineage_of,
    loss_against,
    loss_by_heads,
    made_sure,
    pins_of,
    put_in_place,
    readable,
)
from syncctl.ledger.runs import Runs
from syncctl.ledger.standing import behind
from syncctl.ledger.verifying import Verified, verify
from syncctl.person import system_operator
from syncctl.settings import Settings

if TYPE_CHECKING:
    import sqlite3

ACCEPT: Final = "accept-loss"
RUNS_NAMED: Final = 5
"""So many lost runs are named; the others are counted."""
Pins = Mapping[str, tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: where the chain ends now, what is lost, and where the ledger that was replaced is kept (None:
    none was)."""

    run: str
    lineage: str
    head: Head
    loss: Loss
    aside: Path | None


def verify_ledger(settings: Settings, clock: Clock) -> Verified:
    """Verifies the ledger while no run writes to it; one of an older syncctl is brought up to date before.

    Raises LockedError, LedgerError.
    """
    with locked(settings.ledger, "ledger verify", clock):
        with reading(settings.ledger) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
        if 0 < version < SCHEMA_VERSION:
            open_engine(settings.ledger).close()
        with reading(settings.ledger) as db:
            return verify(db, lineage_of(db), settings.heads)


def backup_ledger(settings: Settings, target: Path, *, replace: bool) -> Head:
    """Copies the ledger to a file; a run may go on meanwhile. Raises UsageError, LedgerError."""
    return back_up(settings.ledger, target, replace=replace)


def restore(
    settings: Settings, backup: Path | None, clock: Clock, ids: Callable[[], str], *, accept_loss: bool
) -> Restored:
    """Puts a backup in the ledger's place, or (None) goes on with the old copy that is there.

    Raises LedgerError when the file is not sound or not of these books, GuardTripped when something would be lost that
    nobody accepted, UsageError when there is nothing to accept, LockedError.
    """
    run = ids()
    with locked(settings.ledger, run, clock):
        if backup is None:
            return _go_on(settings, clock, run, accept_loss=accept_loss)
        if not backup.is_file():
            raise NotHere(f"there is no file {backup}", fix="name what `syncctl ledger backup FILE` wrote")
        head = check_copy(backup)
        with copied(backup, settings.ledger) as part:
            return _replace(_Restoring(settings, clock, run, backup, part, head), accept_loss=accept_loss)


@dataclass(frozen=True, slots=True)
class _Restoring:
    settings: Settings
    clock: Clock
    run: str
    backup: Path
    part: Path
    head: Head


def _go_on(settings: Settings, clock: Clock, run: str, *, accept_loss: bool) -> Restored:
    """The old copy that is there becomes the ledger."""
    if not settings.ledger.is_file():
        raise LedgerError(f"there is no ledger {settings.ledger}", fix="name a backup: syncctl ledger restore FILE")
    with _opened(settings.ledger) as engine:
        if behind(engine.db, engine.lineage, settings.heads) is None:
            fix = "to put a backup in its place, name it: syncctl ledger restore FILE"
            raise UsageError("nothing is lost: this ledger is the one that ran last", fix=fix)
        loss = loss_by_heads(settings.heads, engine.db, engine.lineage)
        _refuse_loss(loss, accept_loss=accept_loss)
        lineage, head = _begin(engine, settings, clock, run, loss, "")
    _keep(settings, clock, run, head, lineage)
    return Restored(run, lineage, head, loss, None)


def _replace(work: _Restoring, *, accept_loss: bool) -> Restored:
    settings, ledger = work.settings, work.settings.ledger
    current = readable(ledger)
    with reading(work.part) as old, closing(current) if current is not None else nullcontext():
        loss = _loss(work, old, current)
    _refuse_loss(loss, accept_loss=accept_loss)
    with _opened(work.part) as engine:
        lineage, head = _begin(engine, settings, work.clock, work.run, loss, work.backup.name)
    aside = ledger.with_name(f"{ledger.name}.replaced-{work.clock.now():%Y%m%dT%H%M%SZ}-{work.run}")
    kept = put_in_place(work.part, ledger, aside)
    _keep(settings, work.clock, work.run, head, lineage)
    made_sure(ledger)
    return Restored(work.run, lineage, head, loss, aside if kept else None)


def _loss(work: _Restoring, old: sqlite3.Connection, current: sqlite3.Connection | None) -> Loss:
    """What the backup does not know, once it is certain that it is of these books."""
    lineage = lineage_of(old)
    if current is not None and family(lineage) != family(lineage_of(current)):
        why = f"{work.backup} is a backup of another ledger"
        raise LedgerError(why, fix="name a backup of this one; or move the ledger away, to begin with that one")
    _refuse_others(work.settings, pins_of(old), pins_of(current) if current is not None else {})
    outside = loss_by_heads(work.settings.heads, old, lineage)
    if current is None:
        return outside
    here = loss_against(current, old)
    return outside if outside.known and outside.events > here.events else here


@contextmanager
def _opened(path: Path) -> Iterator[Engine]:
    engine = open_engine(path)
    try:
        yield engine
    finally:
        engine.close()


def _begin(engine: Engine, settings: Settings, clock: Clock, run: str, loss: Loss, name: str) -> tuple[str, Head]:
    """The restore as a run of the restored ledger."""
    runs = Runs(engine, clock)
    runs.start(run, "ledger restore")
    given_up = last_head(settings.heads, family(engine.lineage))
    told = {"file": name, "by": system_operator().name}
    lineage = begin_anew(engine, clock.now().isoformat(), run, given_up, loss, told)
    runs.finish(run, "restored", 0, {})
    return lineage, audit.head(engine.db)


def _keep(settings: Settings, clock: Clock, run: str, head: Head, lineage: str) -> None:
    try:
        keep_head(settings.heads, KeptHead(clock.now().isoformat(), run, head, lineage))
    except OSError as error:
        why = f"the ledger is restored, but its head cannot be kept in {settings.heads}: {error.strerror}"
        raise LedgerError(why, fix="mend that; the next run writes it") from error


# --- what is refused --------------------------------------------------------------------------------------------------


def _refuse_loss(loss: Loss, *, accept_loss: bool) -> None:
    if loss.none or accept_loss:
        return
    raise GuardTripped(
        f"this ledger is older than the last one: {loss_words(loss)}; nothing was replaced",
        guard=ACCEPT,
        fix=f"restore a newer backup; or, if there is none, accept it: --{ACCEPT}",
    )


def loss_words(loss: Loss) -> str:
    """What an older ledger does not know, for a person."""
    if loss.none:
        return "nothing is lost"
    if not loss.known:
        return "nobody can tell what came after this backup: there is no ledger and no head of it"
    more = f" and {len(loss.runs) - RUNS_NAMED} more" if len(loss.runs) > RUNS_NAMED else ""
    named = ", ".join(loss.runs[:RUNS_NAMED]) + more
    runs = f" of {'run' if len(loss.runs) == 1 else 'the runs'} {named}" if loss.runs else ""
    events = "1 event" if loss.events == 1 else f"{loss.events:,} events"
    return f"{events}{runs} {'is' if loss.events == 1 else 'are'} not in it; {_writes(loss.writes)}"


def _writes(writes: int | None) -> str:
    if writes is None:
        return "what they wrote is only at the vendors"
    if not writes:
        return "none of them wrote to a vendor"
    return f"among them {writes:,} requests that wrote to vendors, and what they wrote stays there"


def _refuse_others(settings: Settings, old: Pins, current: Pins) -> None:
    """A ledger of other companies must not be written from."""
    for system, (company, name, live) in sorted(old.items()):
        configured = settings.systems.get(system)
        wanted = (configured.company if configured else "") or current.get(system, (company,))[0]
        if wanted != company:
            why = f"the backup is of company {company} ({name}) at {system}, this project is of {wanted}"
            raise ConfigError(why, fix="use a backup of these books, or another project for that company")
        if configured is not None and (configured.environment == "live") is not live:
            kinds = ("sandbox", "live company")
            why = f"the backup is of a {kinds[live]} at {system}, syncctl.yaml says {configured.environment}"
            raise ConfigError(why, fix="sandbox and live never share a ledger: use a backup of these books")
