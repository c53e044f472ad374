"""A vendor that cannot say any more what changed since the last pull: everything is read again, and that is told."""

from __future__ import annotations

import json

from cli.house import house

DAYS = 31


def test_c15_a46_a_pull_after_too_long_reads_everything_again_and_says_so_aloud() -> None:
    with house() as there:
        there.clock.advance(DAYS * 86_400)
        said = there.run("pull", "stripe.invoice", "quickbooks.Invoice")
        told = [json.loads(line) for line in said.err.splitlines()]
        assert {
            (line["level"], line["system"], line["kind"], line["why"]) for line in told if line["event"] == "anew"
        } == {
            ("warning", "stripe", "invoice", "the last pull is too long ago: events are kept for 30 days"),
            ("warning", "quickbooks", "Invoice", "the last pull is too long ago: changes are told for 30 days"),
        }
        again = there.run("pull", "stripe.invoice", "quickbooks.Invoice")
        assert "anew" not in again.err
        seen = there.run("pull", "stripe.invoice", terminal=True)
        assert "reading all of" not in seen.err


def test_on_a_terminal_the_reason_stays_when_the_lines_of_progress_are_gone() -> None:
    with house() as there:
        there.clock.advance(DAYS * 86_400)
        said = there.run("pull", "stripe.invoice", terminal=True)
        assert "reading all of stripe invoice again: the last pull is too long ago" in " ".join(said.err.split())
