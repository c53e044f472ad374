"""A wait for unanswered writes says which record, which request, since when, until when, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

from push_desk import Desk, create


def test_a_wait_names_the_record_the_request_since_when_until_when_and_why() -> None:
    desk = Desk()
    desk.vendor("plain").faults = ["drop"]
    sent = desk.clock.now()
    desk.push(create("plain", "memo", "one"))
    told = [(event, facts) for event, facts in desk.told if event in ("look", "wait")]
    assert [event for event, _ in told] == ["look", "wait"]
    for _, facts in told:
        assert (facts["record"], facts["request"], facts["mapping"]) == ("memo one", "create memo", "memos")
        assert (facts["system"], facts["sent"]) == ("plain", sent.isoformat(timespec="seconds"))
        assert "no answer" in facts["why"]
    wait = told[-1][1]
    waited = datetime.fromisoformat(wait["until"]) - sent
    assert timedelta(seconds=wait["seconds"] - 1) <= waited <= timedelta(seconds=desk.clock.slept + 1)


def test_a_batch_names_its_first_records_and_counts_the_rest() -> None:
    desk = Desk()
    desk.vendor("crm").faults = ["drop"]
    desk.push(*(create("crm", "contact", f"c{number}") for number in range(5)))
    facts = next(facts for event, facts in desk.told if event == "look")
    assert facts["record"] == "contact c0, contact c1, contact c2 and 2 more"
    assert len(facts["operations"]) == 5
