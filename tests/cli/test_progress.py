"""Long work says what it does: a line per step off a terminal, one line per system on it."""

from __future__ import annotations

import io
import json
import logging

import pytest
from house import Stream

from syncctl.cli.progress import LiveLines, LogLines, told
from syncctl.log import configure_log
from syncctl.redact import Redactor
from syncctl.report.page import console_for


@pytest.mark.parametrize(
    ("event", "facts", "text"),
    [
        (
            "pull",
            {"system": "stripe", "kind": "invoice", "pages": 1, "records": 1200},
            "pulling stripe invoice: 1 page, 1,200 records",
        ),
        (
            "pull",
            {"system": "hubspot", "kind": "deal", "pages": 2, "records": 9, "left": 88},
            "pulling hubspot deal: 2 pages, 9 records, 88 requests left",
        ),
        ("push", {"state": "applied", "name": "Acme\x1b", "mapping": "deals"}, "applied: Acme\\x1b (deals)"),
        ("wait", {"seconds": 12.4, "operations": 1}, "waiting 12 seconds until unanswered writes can be told apart"),
        ("other", {"a": 1}, "other {'a': 1}"),
    ],
)
def test_a_step_in_words(event: str, facts: dict[str, object], text: str) -> None:
    assert told(event, facts) == text


def test_off_a_terminal_a_step_is_told_once_in_a_while() -> None:
    stream = io.StringIO()
    configure_log(stream, form="json", level=logging.INFO, run_id="r", redact=Redactor())
    lines = LogLines()
    for page in range(1, 500):
        lines("pull", {"system": "stripe", "kind": "invoice", "pages": page, "records": page * 100})
    lines("pull", {"system": "stripe", "kind": "charge", "pages": 1, "records": 1})
    for name in ("a", "b"):
        lines("push", {"operation": name, "name": "Acme", "state": "applied"})
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in found] == ["pull", "pull", "push", "push"]
    assert found[2]["step_name"] == "Acme"


def test_on_a_terminal_the_lines_make_room_for_a_question() -> None:
    stream = Stream(terminal=True)
    console = console_for(stream, color="never", width=80)
    with LiveLines(console) as lines:
        lines("pull", {"system": "stripe", "kind": "invoice", "pages": 1, "records": 1})
        with lines.paused():
            stream.write("QUESTION")
            before = stream.getvalue()
        lines("push", {"state": "applied", "name": "Acme", "mapping": "deals"})
    assert "pulling stripe invoice" in before
    assert "applied: Acme" in stream.getvalue()
