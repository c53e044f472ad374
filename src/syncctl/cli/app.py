"""The Typer app: global options, every command, and the one place where exceptions become messages and exit codes.

I/O: standard streams. Command modules import nothing heavy at their top; each use case is imported when it is called.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from syncctl.cli.exits import ERROR, OK, USAGE, code_of
from syncctl.cli.mistakes import in_our_words
from syncctl.cli.sections import Sections, without_types
from syncctl.cli.session import Flags, Session
from syncctl.cli.signals import stopping
from syncctl.cli.watch import after_run
from syncctl.cli.words import global_first
from syncctl.errors import Interrupted, SyncctlError, UsageError
from syncctl.settings import CHOICES, Preferences

GROUPS: Final = (
    "start",
    "auth",
    "pull",
    "plans",
    "approve",
    "reconcile",
    "undo",
    "match",
    "findings",
    "explain",
    "runs",
    "ops",
    "alerts",
    "schema",
    "connector",
    "ledger",
    "sandbox",
    "help",
)
"""The modules of this package that add commands, in the order of the help page."""

_TYPER_USAGE: Final[type[Exception]] = typer.BadParameter.__mro__[1]
"""Typer's error for a wrong command line; only its subclass has a public name."""
_NO_WORDS: Final = tuple(kind for kind in _TYPER_USAGE.__subclasses__() if kind.__name__ == "NoArgsIsHelpError")
"""A group without a command: its message is the group's help page."""


app = typer.Typer(
    name="syncctl",
    cls=Sections,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: syncctl help exit-codes",
)


@app.callback()
def syncctl(
    context: typer.Context,
    project: Annotated[Path | None, typer.Option("--project", metavar="DIR", help="The project's folder.")] = None,
    profile: Annotated[str, typer.Option("--profile", metavar="NAME", help="A profile of syncctl.yaml.")] = "",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FORMAT", help="table, json, jsonl, csv or md.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The same as -o json.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Data and errors only.")] = False,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, show_default=False, help="More on stderr; -vv for all.")
    ] = 0,
    color: Annotated[str, typer.Option("--color", metavar="WHEN", help="auto, always or never.")] = "",
    log_format: Annotated[
        str, typer.Option("--log-format", metavar="FORM", help="json or text; auto by default.")
    ] = "",
    run_id: Annotated[str, typer.Option("--run-id", metavar="ID", help="Names this run in ledger and log.")] = "",
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False,  # noqa: ARG001
) -> None:
    """Reconcile billing, books and CRM: find what drifted apart, show the corrections, write each of them once.

    These options may stand before or after the command.
    """
    chosen = {"output": "json" if as_json else output, "color": color, "log_format": log_format}
    for name, value in chosen.items():
        if value and value not in CHOICES[name]:
            flag = f"--{name.replace('_', '-')}"
            allowed = f"{flag} takes {', '.join(CHOICES[name])}; {value!r} is none of them"
            near = next((one for one in CHOICES[name] if one[0] == value[0].lower()), "")
            raise UsageError(
                allowed, fix=f"did you mean {flag} {near}?" if near else f"for example: {flag} {CHOICES[name][0]}"
            )
    flags = Flags(project, Preferences(profile, **chosen), quiet, verbose, run_id)
    session: Session = context.obj
    session.configure(flags)


@cache
def command() -> TyperGroup:
    """The whole command tree, built once."""
    for group in GROUPS:
        import_module(f"syncctl.cli.{group}").add_to(app)
    found = get_command(app)
    assert isinstance(found, TyperGroup)
    without_types(found)
    return found


def run(words: Sequence[str], session: Session | None = None) -> int:
    """Runs one command line and returns its exit code; nothing escapes."""
    session = session or Session()
    for stream in (session.out, session.err):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A name in a script that the terminal's encoding lacks is no reason to fail.
            reconfigure(errors="backslashreplace")
    code, error = _carried_out(words, session)
    after_run(session, code, error)
    return code


def _carried_out(words: Sequence[str], session: Session) -> tuple[int, BaseException | None]:
    """The exit code, and what ended the command early."""
    try:
        with stopping(session.say):
            answer = command().main(global_first(words), prog_name="syncctl", standalone_mode=False, obj=session)
        return session.exit_code(answer if isinstance(answer, int) else OK), None
    except (Exception, Interrupted) as raised:  # noqa: BLE001 - this is where all of them end
        error = _foreseen(raised)
        return session.exit_code(_ended_by(error, session)), error


def _foreseen(error: BaseException) -> BaseException:
    """The error, in our words where the disk is full, failing or read-only."""
    if isinstance(error, SyncctlError | Interrupted):
        return error
    from syncctl.ledger.disk import disk_error

    return disk_error(error) or error


def _ended_by(error: BaseException, session: Session) -> int:
    """Says what went wrong, on stderr; returns the exit code."""
    session.read_preferences()
    if isinstance(error, Interrupted):
        return code_of(error)  # `stopping` has said what holds
    if isinstance(error, _NO_WORDS):
        session.err.write(f"{_message(error)}\n")
        return USAGE
    if isinstance(error, _TYPER_USAGE):
        _show(in_our_words(error, command()), session)
        return USAGE
    if isinstance(error, SyncctlError):
        from syncctl.run.placing import placed

        error.fix = placed(error, session.settings, session.job)
        _show(error, session)
        return code_of(error)
    if isinstance(error, typer.Abort):
        return ERROR
    _show_defect(error, session)
    return ERROR


def _message(error: Any) -> str:
    return str(error.format_message())


def _show(error: SyncctlError, session: Session) -> None:
    from syncctl.report.errors import error_block, error_fields, title_of

    if session.log_form == "json":
        _log(title_of(error), error_fields(error, redact=session.redact), session)
        return
    from syncctl.report.page import print_page

    print_page(session.console(session.err), error_block(error, redact=session.redact))


def _show_defect(error: BaseException, session: Session) -> None:
    """An error that nobody foresaw: named, redacted, and with its traceback for those who ask."""
    said = f"{type(error).__name__}: {error}"
    if session.log_form == "json":
        trace = "".join(traceback.format_exception(error))
        _log("an error nobody foresaw", {"error": type(error).__name__, "message": said, "traceback": trace}, session)
        return
    if session.flags.verbose:
        session.err.write(session.redact("".join(traceback.format_exception(error))))
    fix = "run it again with -v and report what it prints; nothing in the ledger is half done"
    _show(SyncctlError(f"this is a defect of syncctl: {said}", fix=fix), session)


def _log(event: str, fields: dict[str, Any], session: Session) -> None:
    import logging

    from syncctl.log import configure_log

    log = configure_log(session.err, form="json", level=logging.ERROR, run_id=session.run_id, redact=session.redact)
    # `message` is logging's own name for the text.
    log.error(event, extra={"cause" if key == "message" else key: value for key, value in fields.items()})
