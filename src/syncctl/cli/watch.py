"""After a command that nobody watches: what changed is told to the channels of syncctl.yaml. I/O: the ledger, network.

A run at a terminal tells the person there, and changes nothing about what was told to others.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from syncctl.errors import ConfigError, Interrupted, LedgerError, SyncctlError, UsageError

if TYPE_CHECKING:
    from syncctl.alerts.ended import Ended
    from syncctl.cli.session import Session
    from syncctl.settings import Settings

BY_A_PERSON: Final = 130
"""Ctrl-C: somebody was there."""


def after_run(session: Session, code: int, error: BaseException | None) -> None:
    """Compares, keeps and delivers; whatever goes wrong is said and changes nothing."""
    if session.job is None or session.terminal or code == BY_A_PERSON:
        return
    from syncctl.cli.signals import stopping

    try:
        with stopping(session.say, "the alerts that were not delivered are kept, and tried again after the next run"):
            _after_run(session, code, error)
    except Interrupted:
        return  # `stopping` has said what holds
    except SyncctlError as failed:
        _complain(
            session, f"alerts: this run could not be compared with the one before: {failed.message}; {failed.fix}"
        )
    except Exception as failed:  # noqa: BLE001 - the run is over and well; only its alert failed
        _complain(session, f"alerts: a defect of syncctl: {type(failed).__name__}: {failed}")


def _complain(session: Session, text: str) -> None:
    """One sentence on stderr, also with -q: who reads no alert must read this."""
    import logging

    from syncctl.log import NAME
    from syncctl.report.text import visible

    if session.log_form == "json":
        logging.getLogger(NAME).error(text)
    else:
        session.err.write(f"{visible(session.redact(text))}\n")


def _after_run(session: Session, code: int, error: BaseException | None) -> None:
    settings = session.settings or _settings(session)
    if settings is None or not settings.alerts:
        return
    from syncctl.alerts.telling import Surroundings, report, tell, tell_without_ledger
    from syncctl.ledger.engine import open_engine

    around = Surroundings(settings, session.clock, session.redact)
    ended = _ended(session, code, error)
    try:
        engine = open_engine(settings.ledger)
    except LedgerError:
        for name, failed in tell_without_ledger(ended, around):
            if failed is not None:
                _complain(session, f"alerts for {name} could not be delivered: {failed}. Fix: {failed.fix}")
        return
    try:
        report(tell(engine, ended, around), partial(_complain, session))
    finally:
        engine.close()


def _ended(session: Session, code: int, error: BaseException | None) -> Ended:
    from syncctl.alerts.ended import Ended, Job

    assert session.job is not None
    found = session.report
    run = getattr(getattr(found, "run", None), "id", "") or session.run_id
    return Ended(Job.of(*session.job), run, session.clock.now(), code, found, error, session.sides)


def _settings(session: Session) -> Settings | None:
    """The settings of a project that could not be opened; None when it is they that are wrong."""
    try:
        return session.read_settings()
    except (ConfigError, UsageError):
        return None
