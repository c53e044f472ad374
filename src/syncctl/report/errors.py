"""Every error class as a person reads it: what happened, where, what the vendor said, what to do. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from syncctl.errors import (
    AnswerUnreadable,
    AuthenticationFailed,
    ConfigError,
    CredentialError,
    Exchange,
    GuardTripped,
    LedgerError,
    LimitReached,
    LockedError,
    NotHere,
    OldLedger,
    ReadOnly,
    RequestRefused,
    StalePlanError,
    SyncctlError,
    UsageError,
    VendorError,
    VendorUnavailable,
)
from syncctl.report.style import BAD, COMMAND, QUIET, STRONG, indented, joined
from syncctl.report.text import BODY_SHOWN_MAX, short, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

TITLES: Final[dict[type[SyncctlError], str]] = {
    UsageError: "this command cannot be carried out",
    NotHere: "there is no such thing here",
    ConfigError: "the configuration is wrong",
    CredentialError: "a credential is missing",
    LedgerError: "the ledger cannot be used",
    OldLedger: "this ledger is not the newest; nothing was written",
    LockedError: "another run holds the ledger",
    StalePlanError: "this plan cannot be used",
    GuardTripped: "a guard said no; nothing was sent",
    ReadOnly: "this system is read only; nothing was sent",
    AuthenticationFailed: "the vendor refused the credential",
    LimitReached: "the vendor's limit is reached",
    VendorUnavailable: "the vendor did not answer",
    RequestRefused: "the vendor refused the request",
    AnswerUnreadable: "the vendor's answer makes no sense",
    VendorError: "the vendor did not do what was asked",
    SyncctlError: "it did not work",
}


def title_of(error: SyncctlError) -> str:
    """The headline of an error's class."""
    return next(TITLES[kind] for kind in type(error).__mro__ if kind in TITLES)


def error_block(error: SyncctlError, *, redact: Callable[[str], str]) -> RenderableType:
    """Headline, cause, every problem or the exchange with the vendor, and the fix."""
    lines: list[RenderableType] = [
        Text.assemble(("error: ", BAD), (title_of(error), STRONG)),
        indented(Text(visible(redact(error.message))), 2),
    ]
    if isinstance(error, ConfigError):
        lines += _problem_lines(error, redact)
    if isinstance(error, VendorError):
        lines += [indented(line, 2) for line in _exchange_lines(error.exchange, redact)]
    if isinstance(error, LimitReached):
        lines.append(indented(Text(wait_text(error.wait_seconds)), 2))
    if error.fix:
        lines.append(indented(Text.assemble(("fix: ", COMMAND), visible(redact(error.fix))), 2))
    return Group(*lines)


def _problem_lines(error: ConfigError, redact: Callable[[str], str]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for problem in error.problems:
        lines.append(
            indented(Text.assemble((visible(problem.where), STRONG), f": {visible(redact(problem.message))}"), 2)
        )
        if problem.hint:
            lines.append(indented(Text(visible(redact(problem.hint)), COMMAND), 4))
    return lines


def _exchange_lines(exchange: Exchange, redact: Callable[[str], str]) -> list[Text]:
    status = f"answered {exchange.status}" if exchange.status else "no answer"
    said = [status, f"code {short(exchange.code)}" if exchange.code else ""]
    said.append(f"request id {short(exchange.vendor_request_id)}" if exchange.vendor_request_id else "")
    lines = [
        joined([Text(visible(redact(exchange.request)), STRONG), Text(visible(exchange.system))]),
        joined([Text(part) for part in said]),
    ]
    if exchange.body:
        lines.append(Text(short(redact(exchange.body), BODY_SHOWN_MAX), QUIET))
    return lines


def wait_text(seconds: float | None) -> str:
    """How long a limit lasts."""
    if seconds is None:
        return "waiting does not help today; the run can be continued tomorrow"
    return f"it ends in {seconds:,.0f} seconds"


def error_fields(error: SyncctlError, *, redact: Callable[[str], str]) -> dict[str, Any]:
    """The error for a program: class, message, fix, exit code, and what its class carries."""
    fields: dict[str, Any] = {
        "error": type(error).__name__,
        "message": redact(error.message),
        "fix": redact(error.fix),
        "exit_code": error.exit_code,
    }
    if isinstance(error, ConfigError):
        fields["problems"] = [
            {"where": problem.where, "message": redact(problem.message), "fix": redact(problem.hint)}
            for problem in error.problems
        ]
    if isinstance(error, GuardTripped):
        fields["guard"] = error.guard
    if isinstance(error, VendorError):
        fields |= _exchange_fields(error.exchange, redact)
    if isinstance(error, LimitReached):
        fields["wait_seconds"] = error.wait_seconds
    return fields


def _exchange_fields(exchange: Exchange, redact: Callable[[str], str]) -> dict[str, Any]:
    return {
        "system": exchange.system,
        "request": redact(exchange.request),
        "status": exchange.status,
        "code": exchange.code,
        "vendor_request_id": exchange.vendor_request_id,
        "body": redact(exchange.body),
    }
