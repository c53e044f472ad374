"""Nights of a cron job with alerts: one per change, delivered after the run, kept until it arrives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.house import House, Said, house
from listener import Listener, listening
from syncctl.alerts.delivering import deliver
from syncctl.ledger.alerts import Alerts
from syncctl.ledger.engine import open_engine
from syncctl.ledger.lock import running_now
from syncctl.redact import Redactor
from syncctl.sandbox.base import Fault
from syncctl.settings import load_settings

DAY = 86_400
WRONG = {"STRIPE_API_KEY": "sk_test_" + "nobodyhasthis00"}


@pytest.fixture(scope="module")
def served() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def listener(served: Listener) -> Listener:
    served.status, served.mute = 200, None
    served.looks.clear()
    served.taken.clear()
    return served


class Nights:
    """A house whose channel is the listener."""

    def __init__(self, house: House, listener: Listener) -> None:
        self.house = house
        self.environment = {"CHAT": listener.address}

    def alerts(self, text: str) -> None:
        path = self.house.folder / "syncctl.yaml"
        path.write_text(path.read_text().partition("\nalerts:")[0] + f"\nalerts:\n{text}\n")

    def run(self, *words: str, terminal: bool = False, **environment: str) -> Said:
        self.house.clock.advance(DAY)
        return self.house.run(*words, environment={**self.environment, **environment}, terminal=terminal)


@pytest.fixture
def nights(listener: Listener) -> Iterator[Nights]:
    with house() as found:
        made = Nights(found, listener)
        made.alerts("  - {channel: env:CHAT, allow_private: true}")
        yield made


def test_three_nights_without_a_sign_in_are_one_alert_and_the_recovery_is_one(
    nights: Nights, listener: Listener
) -> None:
    assert [nights.run("pull", **WRONG).code for _ in range(3)] == [4, 4, 4]
    (taken,) = listener.taken
    assert taken["title"] == "syncctl: authentication needed: project, sandbox"
    for told in ("System:   stripe", "Cause:", "Fix:", "Command:  syncctl doctor", "Answer:", ", pull, ", "head "):
        assert told in taken["message"]
    assert WRONG["STRIPE_API_KEY"] not in taken["message"]
    listener.taken.clear()
    assert [nights.run("pull").code for _ in range(2)] == [0, 0]
    (taken,) = listener.taken
    assert taken["title"] == "syncctl: recovered: project, sandbox"
    assert "It works again" in taken["message"]


def test_a_plan_that_waits_is_told_once_and_an_alert_goes_out_after_the_run(nights: Nights, listener: Listener) -> None:
    ledger = nights.house.folder / "ledger.db"
    listener.look = lambda: running_now(ledger)
    assert [nights.run("reconcile").code for _ in range(2)] == [6, 6]
    assert listener.titles == ["syncctl: guard: project, sandbox"]
    assert listener.looks == [""], "the run was over"


def test_a_push_that_is_stopped_is_told_with_the_whole_exchange_and_not_with_what_follows_from_it(
    nights: Nights, listener: Listener
) -> None:
    books = nights.house.boxes["quickbooks"]
    books.faults.append(Fault("429", "POST", "/batch", times=99))
    assert nights.run("reconcile", "--yes", "--max-ratio", "100%").code == 75
    (taken,) = listener.taken
    assert taken["title"] == "syncctl: failed: project, sandbox"
    said = taken["message"]
    assert "changes not sent: quickbooks stopped\nSystem:   quickbooks\nCause:    3001: " in said
    assert "Command:  syncctl runs show " in said
    assert "Request:  POST /v3/company/" in said
    assert '{"BatchItemRequest":[' in said
    assert "ThrottleExceeded" in said
    assert "Counts:   " in said
    assert "invoices USD: stripe invoice 87,004.09, quickbooks Invoice 98,456.51; " in said
    assert "open item" not in said
    assert "held in" not in said


def test_what_a_person_does_at_a_terminal_is_told_to_nobody_else(nights: Nights, listener: Listener) -> None:
    assert nights.run("pull", terminal=True, **WRONG).code == 4
    assert nights.run("diff", **WRONG).code == 2
    assert listener.taken == []


def test_an_alert_that_does_not_arrive_changes_no_exit_code_is_kept_reported_and_tried_again(
    nights: Nights, listener: Listener
) -> None:
    listener.status = 503
    said = nights.run("pull", **WRONG)
    assert said.code == 4
    assert "alerts for env:CHAT could not be delivered" in said.error["event"]
    assert "1 kept" in said.error["event"]
    assert "hunter2" not in said.err
    (row,) = nights.run("alerts", "list", "--json").json["rows"]
    assert (row["channel"], row["state"], row["tries"]) == ("env:CHAT", "waiting", 1)
    assert "503" in row["cause"]
    checks = {one["check"]: one for one in nights.run("doctor", "--json").json["rows"]}
    assert (checks["alerts delivered"]["state"], checks["alerts for env:CHAT"]["state"]) == ("FAILED", "ok")
    assert checks["alerts delivered"]["cause"] == "1 alert undelivered"
    listener.status = 200
    assert nights.run("pull", **WRONG).code == 4
    assert listener.titles == ["syncctl: authentication needed: project, sandbox"]
    assert nights.run("alerts", "list").out == "every alert arrived\n"


def test_after_a_week_it_is_given_up_with_a_report_until_the_channel_works_again(
    nights: Nights, listener: Listener
) -> None:
    listener.status = 503
    nights.run("pull", **WRONG)
    nights.house.clock.advance(7 * DAY)
    assert "1 given up" in nights.run("pull", **WRONG).error["event"]
    (row,) = nights.run("alerts", "list", "--json").json["rows"]
    assert (row["state"], row["tries"]) == ("given up", 2)
    checks = {one["check"]: one for one in nights.run("doctor", "--json").json["rows"]}
    assert checks["alerts delivered"]["cause"] == "1 alert given up after a week"
    listener.status = 200
    nights.run("pull")
    assert listener.titles == ["syncctl: recovered: project, sandbox"]
    assert nights.run("alerts", "list").out == "every alert arrived\n"


def test_an_alert_for_a_channel_that_is_gone_is_given_up(nights: Nights, listener: Listener) -> None:
    listener.status = 503
    nights.run("pull", **WRONG)
    nights.alerts("  - {channel: env:OTHER, allow_private: true}")
    said = nights.run("pull", OTHER=listener.address, **WRONG)
    assert "no longer in syncctl.yaml" in said.error["event"]


def test_each_channel_hears_what_it_asked_for(nights: Nights, listener: Listener) -> None:
    nights.alerts("  - {channel: env:CHAT, allow_private: true, states: [open], min_open: 10}")
    nights.run("pull", **WRONG)
    nights.run("plan")
    assert listener.titles == ["syncctl: open: project, sandbox"], "28 changes to write; the failure is not for it"
    nights.alerts("  - {channel: env:CHAT, allow_private: true, states: [open], min_open: 100}")
    nights.run("plan", "customers")
    assert listener.titles == []


def test_a_broken_mapping_and_a_ledger_that_cannot_be_opened_are_told(nights: Nights, listener: Listener) -> None:
    mapping = nights.house.folder / "mappings" / "invoices.yaml"
    whole = mapping.read_text()
    mapping.write_text(whole + "nonsense: 1\n")
    assert [nights.run("reconcile", "--yes").code for _ in range(2)] == [78, 78]
    (taken,) = listener.taken
    assert "nonsense" in taken["message"]
    listener.taken.clear()
    mapping.write_text(whole)
    here = str(nights.house.folder)
    assert [nights.run("pull", SYNCCTL_LEDGER=here).code for _ in range(2)] == [1, 1]
    assert listener.titles == ["syncctl: failed: project, sandbox"] * 2, "nothing can be remembered, so every time"


def test_a_test_message_is_marked_and_nothing_is_kept_of_it(nights: Nights, listener: Listener) -> None:
    said = nights.run("alerts", "test", "--json")
    assert (said.code, said.json["rows"][0]["state"]) == (0, "sent")
    (taken,) = listener.taken
    assert (taken["title"], taken["type"]) == ("syncctl: TEST: project, sandbox", "info")
    listener.status = 500
    assert nights.run("alerts", "test").code == 1
    assert nights.run("alerts", "list").out == "every alert arrived\n"


def test_doctor_names_what_is_wrong_with_a_channel_and_sends_nothing(nights: Nights, listener: Listener) -> None:
    nights.alerts("  - channel: env:CHAT\n  - channel: env:NOWHERE\n  - channel: env:ODD")
    said = nights.run("doctor", "--json", ODD="odd://hunter2-hunter2")
    checks = {one["check"]: one for one in said.json["rows"] if one["check"].startswith("alerts for")}
    assert "allow_private: true" in checks["alerts for env:CHAT"]["fix"]
    assert "NOWHERE" in checks["alerts for env:NOWHERE"]["cause"]
    assert "Apprise" in checks["alerts for env:ODD"]["cause"]
    assert "hunter2" not in said.out
    assert listener.taken == []


def test_a_channel_that_never_answers_holds_nothing_up(nights: Nights, listener: Listener, tmp_path: Path) -> None:
    listener.mute = threading.Event()
    settings = load_settings(nights.house.folder, environment=nights.environment)
    engine = open_engine(tmp_path / "ledger.db")
    alerts, now = Alerts(engine), nights.house.clock.now()
    alerts.tell((), now, "run-1", "failed", "title", "body", ["env:CHAT"])
    (tried,) = deliver(alerts, settings, nights.house.clock, Redactor(), seconds=0.05)
    assert "no answer in time" in tried.cause
    assert [one.state for one in alerts.undelivered()] == ["waiting"]
    listener.mute.set()
    engine.close()


def test_two_processes_do_not_deliver_the_same_alert(tmp_path: Path, nights: Nights) -> None:
    engine = open_engine(tmp_path / "ledger.db")
    alerts, now = Alerts(engine), nights.house.clock.now()
    alerts.tell((), now, "run-1", "failed", "title", "body", ["env:CHAT"])
    assert [len(alerts.take(["env:CHAT"], now)) for _ in range(2)] == [1, 0]
    engine.close()
