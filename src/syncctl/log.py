"""Log lines on stderr: JSON with the run's id off a terminal, plain text on one. I/O: writes to a stream.

Every line passes the redactor as a whole, so a secret in an argument, in an exception or in a vendor's text is masked
wherever it came from.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO, TypeAlias

LogFormat: TypeAlias = Literal["json", "text"]
NAME: Final = "syncctl"
_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What logging itself puts on a record; the rest came in through `extra` and belongs into the line."""


def configure_log(
    stream: TextIO, *, form: LogFormat, level: int, run_id: str, redact: Callable[[str], str]
) -> logging.Logger:
    """Sends the log of this package to `stream`; calling it again replaces what was set before."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine(run_id, redact) if form == "json" else PlainLine(redact))
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


class JsonLine(logging.Formatter):
    """One JSON object per line: at, level, run, event, and whatever the call added."""

    def __init__(self, run_id: str, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._run_id = run_id
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "run": self._run_id,
            "event": record.getMessage(),
            **_added(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _printable(json.dumps(_redacted(line, self._redact), ensure_ascii=False, default=str))


def _printable(line: str) -> str:
    """The same JSON with letters as they are; what a terminal would obey or hide (control, bidi, blank look-alikes)
    as JSON's own escape."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)


class PlainLine(logging.Formatter):
    """`warning: the event  key=value`, for a person at a terminal."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        from syncctl.report.text import visible

        added = "".join(f"  {key}={value}" for key, value in _added(record).items())
        line = f"{record.levelname.lower()}: {record.getMessage()}{added}"
        trace = f"\n{self._redact(self.formatException(record.exc_info))}" if record.exc_info else ""
        return visible(self._redact(line)) + trace


def _added(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in vars(record).items() if key not in _OWN}


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """Redacts text before it is encoded: masking encoded JSON could miss an escaped secret or break the line."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redact(str(key)): _redacted(inner, redact) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(inner, redact) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))
