"""Log lines on stderr: JSON with the run's id off a terminal, plain text on one. I/O: writes to a stream.

Every line goes through structlog's processors: the time, the level and the run are put in front, a traceback becomes
text, and the redactor comes last, over the whole line: a secret in an argument, an exception or a vendor's text is
masked wherever it came from. structlog is loaded with the first line that is written, not before.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO, TypeAlias

from syncctl.redact import MASK

if TYPE_CHECKING:
    from structlog.typing import Processor

LogFormat: TypeAlias = Literal["json", "text"]
Redact: TypeAlias = Callable[[str], str]
Line: TypeAlias = MutableMapping[str, Any]
NAME: Final = "syncctl"
OWN: Final = ("at", "level", "run", "event")
"""What every line begins with; what was added by the call follows."""


def configure_log(stream: TextIO, *, form: LogFormat, level: int, run_id: str, redact: Redact) -> logging.Logger:
    """Sends the log of this package to `stream`; calling it again replaces what was set before."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(form, run_id, redact))
    logger = logging.getLogger(NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    return logger


def log_level(*, verbose: int, quiet: bool, steps: bool = False) -> int:
    """-q shows errors only; -v adds each step, -vv each request. `steps`: nobody watches, so steps are told anyway."""
    if quiet:
        return logging.ERROR
    return logging.DEBUG if verbose > 1 else logging.INFO if verbose or steps else logging.WARNING


class LineFormatter(logging.Formatter):
    """A record as one line: `{"at": …, "level": …, "run": …, "event": …}` with whatever the call added, or for a person
    at a terminal `warning: the event  key=value`."""

    def __init__(self, form: LogFormat, run_id: str, redact: Redact) -> None:
        super().__init__()
        self._form = form
        self._run_id = run_id
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._chain.format(record)

    @cached_property
    def _chain(self) -> logging.Formatter:
        from structlog.processors import format_exc_info
        from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level

        return ProcessorFormatter(
            foreign_pre_chain=[add_log_level, ExtraAdder()],
            processors=[
                _stamped(self._run_id),
                format_exc_info,
                ProcessorFormatter.remove_processors_meta,
                _ordered,
                _masked(self._redact),
                _json_line if self._form == "json" else _text_line,
            ],
        )


def _stamped(run_id: str) -> Processor:
    """Adds the run and the moment the call was made at."""

    def stamp(_logger: Any, _method: str, line: Line) -> Line:
        line["run"] = run_id
        line["at"] = datetime.fromtimestamp(line["_record"].created, UTC).isoformat(timespec="milliseconds")
        return line

    return stamp


def _ordered(_logger: Any, _method: str, line: Line) -> Line:
    """Our own keys first, a traceback last."""
    trace = line.pop("exception", None)
    rest = {key: value for key, value in line.items() if key not in OWN}
    return {**{key: line[key] for key in OWN}, **rest, **({"traceback": trace} if trace else {})}


def _masked(redact: Redact) -> Processor:
    """Redacts every text of the line before it is encoded: masking encoded JSON could miss an escaped secret or break
    the line."""

    def mask(_logger: Any, _method: str, line: Line) -> Line:
        masked: Line = _redacted(dict(line), redact)
        return masked

    return mask


def _redacted(value: Any, redact: Redact) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redact(str(key)): _named(str(key), inner, redact) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(inner, redact) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))


def _named(key: str, value: Any, redact: Redact) -> Any:
    """A value whose name says that it is a secret is masked, whatever it looks like."""
    if isinstance(value, str) and value and redact(f"{key}=x") != redact(key) + "=x":
        return MASK
    return _redacted(value, redact)


def _json_line(_logger: Any, _method: str, line: Line) -> str:
    return _printable(json.dumps(line, ensure_ascii=False, default=str))


def _printable(line: str) -> str:
    """The same line with letters as they are; what a terminal would obey or hide (control, bidi, blank look-alikes) as
    JSON's escape."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)


def _text_line(_logger: Any, _method: str, line: Line) -> str:
    trace = "".join(f"\n{_printable(row)}" for row in line.pop("traceback", "").splitlines())
    added = "".join(f"  {key}={value}" for key, value in line.items() if key not in OWN)
    return _printable(f"{line['level']}: {line['event']}{added}") + trace
