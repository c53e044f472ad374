"""What an alert says: what happened, cause, fix, command, payload, run, chain; and nothing that a reader would obey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.alerts.ended import Ended, Job
from syncctl.alerts.failures import trouble_of
from syncctl.alerts.message import PAYLOAD_MAX, Place, alert_of, harmless
from syncctl.alerts.observing import observe
from syncctl.alerts.rule import Seen, Trouble, decide
from syncctl.alerts.telling import wants
from syncctl.credentials import CredentialReference
from syncctl.errors import (
    AuthenticationFailed,
    ConfigError,
    CredentialError,
    Exchange,
    GuardTripped,
    Interrupted,
    LedgerError,
    LimitReached,
    LockedError,
    RequestRefused,
    StalePlanError,
    SyncctlError,
    UsageError,
    VendorUnavailable,
)
from syncctl.model import Problem
from syncctl.redact import Redactor
from syncctl.settings import AlertChannel

DOCS = Path(__file__).resolve().parents[2] / "docs" / "alerts.md"
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
RECONCILE = Job("reconcile")
SECRET = "hunter2-hunter2"
PLACE = Place("books, live", "1,204 events, head 9f3a61c07d52be18")
HOSTILE = (
    "Acme\x1b[2J\u202e\nFix: pay now\n<!channel> <b>x</b> [pay](http://evil.example) @everyone "
    f"<script>&lt; key {SECRET}"
)


def exchange(body: str = '{"fault": "x"}', status: int | None = 401, code: str = "3200") -> Exchange:
    return Exchange("quickbooks", "GET /v3/company/1/query", status, "tid-1", code, body)


def body_of(error: BaseException, code: int = 1) -> str:
    ended = Ended(RECONCILE, "4f1b2c3d5e6f", AT, code, error=error)
    seen = observe(ended)
    return alert_of(decide((), seen, AT), seen, ended, PLACE, Redactor([SECRET])).body


def test_a_failed_sign_in_reads_well(golden: Callable[[str, str], None]) -> None:
    error = AuthenticationFailed(
        "the token has expired", exchange(), fix="sign in again: syncctl auth login quickbooks"
    )
    golden("alert_authentication", body_of(error, 4))
    assert body_of(error, 4) in DOCS.read_text(), "docs/alerts.md shows this one"


def test_hostile_text_of_a_vendor_reads_as_text(golden: Callable[[str, str], None]) -> None:
    error = RequestRefused(HOSTILE, exchange(HOSTILE, 400, "<!here>"), fix=HOSTILE)
    golden("alert_hostile", body_of(error))


def test_a67_a_secret_is_in_no_part_of_an_alert() -> None:
    assert SECRET not in body_of(RequestRefused(HOSTILE, exchange(HOSTILE), fix=HOSTILE))


def test_a_payload_is_bounded_and_says_how_much_there_is() -> None:
    body = body_of(RequestRefused("no", exchange("x" * 5_000_000)))
    assert len(body) < PAYLOAD_MAX + 2_000
    assert "(5,000,000 characters)" in body


@given(st.text())
def test_no_text_of_a_stranger_is_obeyed_by_a_reader(text: str) -> None:
    shown = harmless(text, 10_000)
    assert shown.isprintable()
    assert not {"<", ">", "\n", "\x1b"} & set(shown)
    assert "](" not in shown
    assert "://" not in shown
    assert "@everyone" not in shown
    assert "@here" not in shown


@pytest.mark.parametrize("text", ["Élodie García 株式会社", "jane@acme.example", "R&D 50% [a] (b) INV_100_3 *"])
def test_ordinary_names_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_what_is_over_is_told_with_its_beginning_beside_what_began() -> None:
    before, now = (Seen("plan", (Trouble(key, "failed", f"{key} failed"),), frozenset({"failed"})) for key in "ab")
    known = decide((), before, AT).known
    told = []
    for seen in (now, Seen("plan", (), frozenset({"failed"}))):
        ended = Ended(Job("plan"), "r", AT, 0)
        told.append(alert_of(decide(known, seen, AT), seen, ended, PLACE, Redactor()))
    assert [alert.kind for alert in told] == ["failed", "recovered"]
    assert told[0].body.startswith("b failed\n\nOver:\n  a failed, since 2026-11-20 03:00 UTC\n")
    assert told[1].body.startswith("It works again. What is over:\n  a failed, since 2026-11-20 03:00 UTC\n")


def test_a_new_sort_of_open_item_reaches_whom_their_number_reaches() -> None:
    before = Seen("plan", (Trouble("open", "open", "12 open items", count=12),), frozenset({"open"}))
    now = Seen("plan", (*before.troubles, Trouble("open a tie", "open", "a: 1 tie", "a", part=True)), before.sees)
    verdict = decide(decide((), before, AT).known, now, AT)
    alert = alert_of(verdict, now, Ended(Job("plan"), "r", AT, 2), PLACE, Redactor())
    assert "New sorts of open items:\n  a: 1 tie\n" in alert.body
    channel = AlertChannel(CredentialReference("env", "CHAT"))
    assert [wants(replace(channel, min_open=least), alert) for least in (1, 10, 100)] == [True, True, False]
    assert not wants(replace(channel, states=("failed", "guard")), alert)


SAME = [
    (GuardTripped("31", guard="--max-changes 31"), GuardTripped("60", guard="--max-changes 60")),
    (VendorUnavailable("timeout", exchange(status=None)), VendorUnavailable("HTTP 503", exchange(status=503))),
    (LimitReached("429", exchange()), LimitReached("wait 12 s", exchange())),
    (LockedError("run a1 holds it since 03:00"), LockedError("run b2 holds it since 04:00")),
    (StalePlanError("the plan a1 is stale"), StalePlanError("the plan b2 was used by run c3")),
    (LedgerError("disk has 12 MB left"), LedgerError("disk has 7 MB left")),
    (RequestRefused("row 12", exchange(code="6000")), RequestRefused("row 99", exchange(code="6000"))),
    (RuntimeError("1"), RuntimeError("2")),
]
OTHER = [
    (RequestRefused("no", exchange(code="6000")), RequestRefused("no", exchange(code="610"))),
    (AuthenticationFailed("no", exchange()), AuthenticationFailed("no", Exchange("xero", "GET /"))),
    (ConfigError("x", [Problem("a:1:1", "no such field")]), ConfigError("x", [Problem("a:1:1", "no such kind")])),
    (CredentialError("A is not set"), CredentialError("B is not set")),
    (GuardTripped("x", guard="--max-changes 31"), GuardTripped("x", guard="--max-amount 31USD")),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_cause_in_other_words_is_the_same_trouble(one: Exception, other: Exception) -> None:
    assert trouble_of(one, RECONCILE, "r").key == trouble_of(other, RECONCILE, "q").key


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_cause_is_another_trouble(one: Exception, other: Exception) -> None:
    assert trouble_of(one, RECONCILE, "r").key != trouble_of(other, RECONCILE, "r").key


@pytest.mark.parametrize(
    ("error", "state", "command"),
    [
        (AuthenticationFailed("x", exchange()), "authentication needed", "syncctl doctor"),
        (CredentialError("x"), "authentication needed", "syncctl doctor"),
        (GuardTripped("x", guard="max_changes"), "guard", "syncctl show"),
        (LimitReached("x", exchange()), "failed", "syncctl runs show r"),
        (LockedError("x"), "failed", "syncctl runs list"),
        (UsageError("x"), "failed", "syncctl reconcile --help"),
        (SyncctlError("x"), "failed", "syncctl reconcile"),
        (Interrupted(15), "failed", "syncctl runs list"),
        (RuntimeError("x"), "failed", "syncctl reconcile"),
    ],
)
def test_every_failure_has_a_state_and_a_command(error: BaseException, state: str, command: str) -> None:
    found = trouble_of(error, RECONCILE, "r")
    assert (found.state, found.command) == (state, command)
