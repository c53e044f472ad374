"""Every error syncctl raises, with its exit code. No I/O.

SyncctlError                 1   an operation failed
├── UsageError              64   the command cannot be carried out as it was typed
│   └── NotHere             64   it names something that is not there
├── ConfigError             78   syncctl.yaml, a mapping or a credential reference is wrong; carries Problems
├── CredentialError          4   a credential is missing or cannot be read
├── ReadOnly                78   a write to a system that syncctl.yaml says is only read; nothing was sent
├── LedgerError              1   the ledger cannot be opened, or is of another version
│   └── OldLedger            1   an older copy of a ledger: what ran last is not in it; nothing was written
├── LockedError              7   another run holds the ledger
├── StalePlanError           8   the plan is stale, edited or used
├── GuardTripped             6   a guard refused the plan; nothing was sent
└── VendorError              1   a vendor did not do what was asked; carries system, request, status, body (redacted)
    ├── AuthenticationFailed 4   the vendor refused the credential or a scope
    ├── LimitReached        75   a rate limit or quota; `wait_seconds` is None when waiting does not help today
    ├── VendorUnavailable    1   no answer, or a 5xx, after the allowed attempts
    ├── RequestRefused       1   a definite 4xx refusal
    └── AnswerUnreadable     1   an answer that is no JSON, is cut short, or has another shape

Interrupted          130, 143   a signal ends the command; no SyncctlError
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncctl.model import Problem


NAMES_SHOWN_MAX: Final = 12
"""So many valid names are listed; where there are more, only the nearest ones help."""


class Interrupted(BaseException):
    """A signal ends the command. Not an Exception: nothing on the way may take it for a failure of its own.

    `told` once a person has been told what holds.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number
        self.told = False


class SyncctlError(Exception):
    """An operation failed. `fix` is one sentence that says what to do, or is empty."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class UsageError(SyncctlError):
    exit_code = 64


class NotHere(UsageError):
    pass


def no_such(what: str, name: str, known: Iterable[str], *, otherwise: str = "") -> NotHere:
    """The error for a typed name that does not exist: `fix` has the nearest names, all where there are few, some
    where there are many and none is near, or `otherwise` where there are none."""
    from difflib import get_close_matches

    names = sorted(set(known))
    by_case = {candidate.casefold(): candidate for candidate in names}
    near = [by_case[found] for found in get_close_matches(name.casefold(), by_case, n=3)]
    said = [f"did you mean {' or '.join(near)}?"] if near else []
    if 0 < len(names) <= NAMES_SHOWN_MAX:
        said.append(f"there is: {', '.join(names)}")
    elif names and not near:
        said.append(f"there are {len(names):,}, for example {', '.join(names[:3])}")
    return NotHere(f"there is no {what} {name!r}", fix=" ".join(said) or otherwise)


def reading_fix(error: OSError, otherwise: str) -> str:
    """What to do about a file of the project that cannot be read: who may read it, or `otherwise`."""
    if not isinstance(error, PermissionError):
        return otherwise
    return f"its owner lets your group read it: chgrp -R GROUP {error.filename}; chmod -R g+rX {error.filename}"


class ConfigError(SyncctlError):
    """Configuration is wrong; `problems` lists everything found, not only the first."""

    exit_code = 78

    def __init__(self, message: str, problems: Sequence[Problem] = (), *, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.problems = tuple(problems)


class CredentialError(SyncctlError):
    exit_code = 4


class ReadOnly(SyncctlError):
    """A request that may write, to a system that syncctl.yaml says is only read; nothing was sent."""

    exit_code = 78

    def __init__(self, system: str, request: str) -> None:
        super().__init__(
            f"{system} is read only in syncctl.yaml: {request} was not sent",
            fix=f"to write there, take `read_only` of {system} out of syncctl.yaml",
        )


class LedgerError(SyncctlError):
    pass


class OldLedger(LedgerError):
    pass


class LockedError(SyncctlError):
    exit_code = 7


class StalePlanError(SyncctlError):
    exit_code = 8


class GuardTripped(SyncctlError):
    """A guard refused. `guard` is the name of the flag that overrides it."""

    exit_code = 6

    def __init__(self, message: str, *, guard: str, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.guard = guard


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange as an error report shows it; `body` and `request` are already redacted."""

    system: str
    request: str
    status: int | None = None
    vendor_request_id: str = ""
    code: str = ""
    body: str = ""


class VendorError(SyncctlError):
    """A vendor did not do what was asked. `partial`: of a part only (one bank of several); all others were read."""

    partial: bool = False

    def __init__(self, message: str, exchange: Exchange, *, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.exchange = exchange


class AuthenticationFailed(VendorError):
    exit_code = 4


class LimitReached(VendorError):
    """A rate limit (`wait_seconds` says how long) or a quota that ends only another day (`wait_seconds` is None)."""

    exit_code = 75

    def __init__(self, message: str, exchange: Exchange, *, wait_seconds: float | None = None, fix: str = "") -> None:
        super().__init__(message, exchange, fix=fix)
        self.wait_seconds = wait_seconds


class VendorUnavailable(VendorError):
    pass


class RequestRefused(VendorError):
    pass


class AnswerUnreadable(VendorError):
    def __init__(self, message: str, exchange: Exchange, *, fix: str = "") -> None:
        super().__init__(message, exchange, fix=fix or "try again; if it stays, ask the vendor about this request")
