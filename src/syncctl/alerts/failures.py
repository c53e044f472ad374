"""A failed run as a trouble: what makes two failures the same one, and what to type. No I/O."""

from __future__ import annotations

import re
from typing import Final

from syncctl.alerts.ended import Job
from syncctl.alerts.rule import Trouble
from syncctl.errors import (
    AuthenticationFailed,
    ConfigError,
    CredentialError,
    Exchange,
    GuardTripped,
    Interrupted,
    LimitReached,
    LockedError,
    RequestRefused,
    StalePlanError,
    SyncctlError,
    UsageError,
    VendorError,
)
from syncctl.model import digest
from syncctl.report.errors import title_of
from syncctl.settings import AlertState

_CHANGING: Final = re.compile(r"\S*\d\S*")
"""Words of a message that differ from night to night: ids, times, counts."""
STATES: Final[dict[int, AlertState]] = {4: "authentication needed", 6: "guard"}
"""By exit code; every other failure is one."""
DEFECT: Final = "run it again with -v and report what it prints; nothing in the ledger is half done"


def trouble_of(error: BaseException, job: Job, run: str) -> Trouble:
    """The trouble that an error is."""
    if isinstance(error, Interrupted):
        return Trouble("terminated", "failed", f"{job} was terminated", cause=str(error), command="syncctl runs list")
    if not isinstance(error, SyncctlError):
        said = f"{type(error).__name__}: {error}"
        return Trouble(f"defect {type(error).__name__}", "failed", f"{job} met a defect of syncctl", cause=said,
                       fix=DEFECT, command=f"syncctl {job}")  # fmt: skip
    exchange = error.exchange if isinstance(error, VendorError) else None
    return Trouble(
        _key(error, exchange),
        _state(error),
        f"{job}: {title_of(error)}" + (f" ({exchange.system})" if exchange else ""),
        patient=isinstance(error, LockedError),
        cause=_cause(error),
        fix=error.fix,
        command=_command(error, job, run),
        system=exchange.system if exchange else "",
        request=_asked(exchange),
        answer=exchange.body if exchange else "",
    )


def _state(error: SyncctlError) -> AlertState:
    return STATES.get(error.exit_code, "failed")


def _key(error: SyncctlError, exchange: Exchange | None) -> str:
    """What stays the same while the cause does. An outage that shows as a timeout one night and as a 503 the next is
    one outage; another refusal is another cause."""
    kind = type(error).__name__
    if isinstance(error, GuardTripped):
        return f"guard {_CHANGING.sub('', error.guard).strip() or _steady(error.message)}"
    if isinstance(error, LockedError | StalePlanError):
        return kind
    if exchange is None:
        problems = error.problems if isinstance(error, ConfigError) else ()
        return f"{kind} {_steady(error.message, *(problem.message for problem in problems))}"
    return (
        f"{kind} {exchange.system} {exchange.code}"
        if isinstance(error, RequestRefused)
        else f"{kind} {exchange.system}"
    )


def _steady(*messages: str) -> str:
    return digest(*(_CHANGING.sub("", message) for message in messages))[:12]


def _cause(error: SyncctlError) -> str:
    """The message, and of a wrong configuration everything that is wrong."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    return "; ".join((error.message, *(str(problem) for problem in problems)))


def _asked(exchange: Exchange | None) -> str:
    if exchange is None:
        return ""
    code = f", code {exchange.code}" if exchange.code else ""
    known = f", request id {exchange.vendor_request_id}" if exchange.vendor_request_id else ""
    status = f"answered {exchange.status}" if exchange.status else "no answer"
    return f"{exchange.request} ({status}{code}{known})"


def _command(error: SyncctlError, job: Job, run: str) -> str:
    match error:
        case AuthenticationFailed() | CredentialError() | ConfigError():
            return "syncctl doctor"
        case GuardTripped():
            return "syncctl show"
        case LimitReached() if job.command in ("reconcile", "apply", "runs resume"):
            return f"syncctl runs show {run}"
        case LockedError():
            return "syncctl runs list"
        case UsageError():
            return f"syncctl {job.command} --help"
        case _:
            return f"syncctl {job}"
