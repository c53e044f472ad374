"""The log: one JSON object per line with the run's id, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from typing import Any

from syncctl.log import LogFormat, configure_log, log_level
from syncctl.redact import Redactor

SECRET = "hunter2-hunter2"


def lines(form: LogFormat, *calls: tuple[int, str, dict[str, Any]]) -> list[str]:
    stream = io.StringIO()
    logger = configure_log(stream, form=form, level=logging.INFO, run_id="run-7", redact=Redactor([SECRET]))
    for level, event, added in calls:
        logger.log(level, event, extra=added)
    return stream.getvalue().splitlines()


def test_a_json_line_carries_the_run_and_what_was_added() -> None:
    (line,) = lines("json", (logging.INFO, "pulled", {"system": "stripe", "pages": 3}))
    found = json.loads(line)
    assert found.pop("at").endswith("+00:00")
    assert found == {"level": "info", "run": "run-7", "event": "pulled", "system": "stripe", "pages": 3}


def test_a67_a_secret_is_masked_wherever_it_hides() -> None:
    hidden = {"body": {"a": [f"x{SECRET}x"], SECRET: 1}, "error": ValueError(SECRET)}
    for form in ("json", "text"):
        (line,) = lines(form, (logging.INFO, f"sent {SECRET}", hidden))  # type: ignore[arg-type]
        assert SECRET not in line
        assert "[redacted]" in line


def test_a_value_whose_name_says_that_it_is_secret_is_masked_whatever_it_looks_like() -> None:
    for form in ("json", "text"):
        (line,) = lines(form, (logging.INFO, "sent", {"password": "tulip", "header": {"Authorization": "tulip"}}))  # type: ignore[arg-type]
        assert "tulip" not in line


def test_what_a_call_adds_comes_after_what_every_line_has() -> None:
    (line,) = lines("json", (logging.INFO, "pulled", {"system": "stripe"}))
    assert list(json.loads(line)) == ["at", "level", "run", "event", "system"]


def test_nothing_heavy_is_loaded_before_a_line_is_written() -> None:
    program = (
        "import io, logging, sys; from syncctl.log import configure_log;"
        "configure_log(io.StringIO(), form='json', level=logging.INFO, run_id='r', redact=str);"
        "assert not {'structlog', 'apprise', 'rich'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_secret_in_a_traceback_is_masked() -> None:
    stream = io.StringIO()
    logger = configure_log(stream, form="json", level=logging.INFO, run_id="r", redact=Redactor([SECRET]))
    try:
        raise ValueError(SECRET)
    except ValueError:
        logger.exception("failed")
    assert SECRET not in stream.getvalue()
    assert "ValueError" in json.loads(stream.getvalue())["traceback"]


def test_hostile_text_reaches_no_terminal_through_the_log() -> None:
    hostile = "Acme\x1b[2J\u202e\nfake: line"
    for form in ("json", "text"):
        (line,) = lines(form, (logging.INFO, hostile, {"customer": hostile}))  # type: ignore[arg-type]
        assert "\x1b" not in line
        assert "\u202e" not in line


def test_letters_of_any_script_stay_letters_and_nothing_of_the_value_is_lost() -> None:
    name = "Élodie García 株式会社 \u202eevil\U000e0041\x85 😀"
    (line,) = lines("json", (logging.INFO, "pushed", {"customer": name}))
    assert "Élodie García 株式会社" in line
    assert "😀" in line
    assert line.isprintable()
    assert json.loads(line)["customer"] == name


def test_plain_lines_are_for_people() -> None:
    assert lines("text", (logging.WARNING, "slow down", {"system": "hubspot"})) == [
        "warning: slow down  system=hubspot"
    ]


def test_configuring_again_replaces_the_stream() -> None:
    lines("json")
    (line,) = lines("json", (logging.INFO, "once", {}))
    assert json.loads(line)["event"] == "once"


def test_quiet_and_verbose_choose_the_level() -> None:
    chosen = [
        log_level(verbose=verbose, quiet=quiet) for verbose, quiet in ((0, False), (1, False), (2, False), (2, True))
    ]
    assert chosen == [logging.WARNING, logging.INFO, logging.DEBUG, logging.ERROR]
