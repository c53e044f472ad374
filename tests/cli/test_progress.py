"""Long work says what it does: a line per step off a terminal, one line per system on it."""

from __future__ import annotations

import io
import json
import logging

import pytest

from cli.house import Stream
from syncctl.cli.progress import LiveLines, LogLines, told
from syncctl.log import configure_log
from syncctl.redact import Redactor
from syncctl.report.page import console_for

SENT = "create Invoice INV-9\\x1b (invoices) at quickbooks, sent 2026-11-20 03:00:10 UTC"
UNSEEN = "until then it could still be made unseen, and a second one with it"
UNANSWERED = {
    "system": "quickbooks",
    "mapping": "invoices",
    "record": "INV-9\x1b",
    "request": "create Invoice",
    "operations": ["op-1"],
    "sent": "2026-11-20T03:00:10+00:00",
    "why": "no answer within 60 seconds",
}


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
            {"system": "hubspot", "kind": "deal", "pages": 2, "records": 9, "left": 8800, "span": "today"},
            "pulling hubspot deal: 2 pages, 9 records, 8,800 requests left today",
        ),
        ("pull", {"system": "stripe", "kind": "charge", "pages": 0, "records": 0}, "pulling stripe charge"),
        (
            "pulled",
            {"system": "stripe", "kind": "charge", "pages": 1, "records": 1},
            "pulled stripe charge: 1 page, 1 record",
        ),
        (
            "anew",
            {"system": "stripe", "kind": "charge", "why": "the last pull is too long ago"},
            "reading all of stripe charge again: the last pull is too long ago",
        ),
        ("open", {"system": "stripe"}, "opening stripe: whose books, which fields"),
        ("plan", {}, "comparing and planning"),
        ("push", {"state": "applied", "name": "Acme\x1b", "mapping": "deals"}, "applied: Acme\\x1b (deals)"),
        (
            "look",
            UNANSWERED,
            f"finding out what became of {SENT}: no answer within 60 seconds",
        ),
        (
            "wait",
            {**UNANSWERED, "seconds": 165, "until": "2026-11-20T03:02:55+00:00"},
            f"waiting until 03:02:55 UTC, 165 seconds, for {SENT}: no answer within 60 seconds; {UNSEEN}",
        ),
    ],
)
def test_a_step_in_words(event: str, facts: dict[str, object], text: str) -> None:
    assert told(event, facts) == text


def test_off_a_terminal_each_kind_and_each_write_is_one_line() -> None:
    stream = io.StringIO()
    configure_log(stream, form="json", level=logging.INFO, run_id="r", redact=Redactor())
    lines = LogLines()
    for page in range(1, 500):
        lines("pull", {"system": "stripe", "kind": "invoice", "pages": page, "records": page * 100})
    lines("pulled", {"system": "stripe", "kind": "invoice", "pages": 499, "records": 49_900})
    for name in ("a", "b"):
        lines("push", {"operation": name, "name": "Acme", "state": "applied"})
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in found] == ["pulled", "push", "push"]
    assert found[0]["records"] == 49_900
    assert found[1]["step_name"] == "Acme"


def test_a_long_pull_is_told_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    configure_log(stream, form="json", level=logging.INFO, run_id="r", redact=Redactor())
    lines, now = LogLines(), iter((0.0, 6.0, 12.0, 18.0, 24.0))
    monkeypatch.setattr("syncctl.cli.progress.time.monotonic", lambda: next(now))
    for page in range(5):
        lines("pull", {"system": "stripe", "kind": "invoice", "pages": page, "records": page})
    assert [json.loads(line)["pages"] for line in stream.getvalue().splitlines()] == [2, 4]


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


def test_on_a_terminal_each_unanswered_write_has_its_line_until_something_else_happens() -> None:
    stream = Stream(terminal=True)
    with LiveLines(console_for(stream, color="never", width=300)) as lines:
        for record in ("INV-1", "INV-2"):
            lines("look", {**UNANSWERED, "record": record})
        lines("wait", {**UNANSWERED, "record": "INV-2", "seconds": 5, "until": "2026-11-20T03:02:55+00:00"})
        assert (lines.shown.count("INV-1"), lines.shown.count("INV-2"), lines.shown.count("\n")) == (1, 1, 1)
        lines("plan", {})
        assert lines.shown == "comparing and planning"
