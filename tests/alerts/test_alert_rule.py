"""The rule of alerts: one per change of state, never one per night (the table of docs/alerts.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.alerts.rule import FORGOTTEN_AFTER, Seen, Trouble, Verdict, decide, size_class
from syncctl.ledger.alerts import Known
from syncctl.settings import AlertState

NIGHT = timedelta(days=1)
FIRST = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ALL: frozenset[AlertState] = frozenset(get_args(AlertState))
AUTH = Trouble("AuthenticationFailed quickbooks", "authentication needed", "reconcile: sign in at quickbooks")
DOWN = Trouble("VendorUnavailable hubspot", "failed", "reconcile: hubspot did not answer")
LOCKED = Trouble("LockedError", "failed", "another run holds the ledger", patient=True)
GUARD = Trouble("guard max_changes", "guard", "too many changes")
REFUSED = Trouble("refused invoices", "partly applied", "1 change refused in invoices", "invoices", 1)
TIES = Trouble("open invoices tie", "open", "invoices: 3 tie", "invoices", part=True)


def opened(count: int) -> Trouble:
    return Trouble("open", "open", f"{count} open items", count=count)


def failed(*troubles: Trouble, job: str = "reconcile") -> Seen:
    """A run that an error ended: it vouches for nothing."""
    return Seen(job, troubles, frozenset())


def ended(*troubles: Trouble, job: str = "reconcile", whole: bool = True) -> Seen:
    """A run that came to its end."""
    return Seen(job, troubles, ALL, whole)


def nights(runs: Sequence[Seen], *, apart: timedelta = NIGHT) -> Iterator[Verdict]:
    known: tuple[Known, ...] = ()
    for number, seen in enumerate(runs):
        verdict = decide(known, seen, FIRST + apart * number)
        known = verdict.known
        yield verdict


def told(*runs: Seen, apart: timedelta = NIGHT) -> list[str]:
    """Per night: `+key` for what began, `-key` for what ended, empty for no alert."""
    return [
        " ".join([*(f"+{one.key}" for one in verdict.begun), *(f"-{one.key}" for one in verdict.ended)])
        for verdict in nights(runs, apart=apart)
    ]


def test_a_company_that_is_in_sync_hears_nothing() -> None:
    assert told(ended(), ended(), ended()) == ["", "", ""]


def test_ten_nights_of_one_failure_are_one_alert_and_its_end_is_one() -> None:
    assert told(*[failed(AUTH)] * 10, ended(), ended()) == [f"+{AUTH.key}", *[""] * 9, f"-{AUTH.key}", ""]


def test_a_failure_that_changes_its_cause_is_told_once_more() -> None:
    assert told(failed(AUTH), failed(DOWN), failed(AUTH), failed(DOWN), ended()) == [
        f"+{AUTH.key}", f"+{DOWN.key}", "", "", f"-{AUTH.key} -{DOWN.key}",
    ]  # fmt: skip


def test_a_pull_that_works_does_not_end_what_reconcile_met() -> None:
    pulled = Seen("pull", (), frozenset({"failed", "authentication needed"}))
    assert told(ended(GUARD), pulled, ended(GUARD), ended()) == [f"+{GUARD.key}", "", "", f"-{GUARD.key}"]


def test_what_two_jobs_meet_is_told_once_and_over_when_neither_meets_it() -> None:
    pulled = Seen("pull", (), frozenset({"failed", "authentication needed"}))
    runs = [failed(AUTH, job="pull"), failed(AUTH), pulled, failed(AUTH), ended()]
    assert told(*runs) == [f"+{AUTH.key}", "", "", "", f"-{AUTH.key}"]


def test_a_whole_reconcile_vouches_for_every_job() -> None:
    assert told(failed(DOWN, job="apply"), ended()) == [f"+{DOWN.key}", f"-{DOWN.key}"]
    assert told(failed(DOWN, job="apply"), ended(whole=False)) == [f"+{DOWN.key}", ""]


def test_a_run_that_failed_says_nothing_about_open_items() -> None:
    assert told(ended(opened(3), TIES), failed(DOWN), ended(opened(3), TIES)) == [
        "+open +open invoices tie", f"+{DOWN.key}", f"-{DOWN.key}",
    ]  # fmt: skip


def test_open_items_are_told_when_their_number_has_one_more_digit() -> None:
    counts = (3, 7, 2, 9, 12, 40, 9, 11, 130, 0)
    assert told(*[ended(*([opened(count)] if count else [])) for count in counts]) == [
        "+open", "", "", "", "+open", "", "", "", "+open", "-open",
    ]  # fmt: skip


def test_after_most_of_them_are_done_a_new_heap_is_told_again() -> None:
    assert told(*map(ended, map(opened, (120, 49, 51, 130)))) == ["+open", "", "", "+open"]


def test_a_new_sort_of_open_item_is_told_and_its_end_is_not() -> None:
    runs = [ended(opened(3)), ended(opened(4), TIES), ended(opened(3)), ended(opened(4), TIES)]
    assert told(*runs) == ["+open", "+open invoices tie", "", "+open invoices tie"]


def test_a_refused_write_is_over_when_nothing_of_its_mapping_is_open() -> None:
    assert told(ended(REFUSED), ended(REFUSED), ended()) == ["+refused invoices", "", "-refused invoices"]
    assert told(ended(REFUSED), ended(TIES)) == ["+refused invoices", "+open invoices tie"]


def test_a_ledger_that_is_busy_once_is_told_only_when_it_stays_so() -> None:
    assert told(failed(LOCKED), ended(), failed(LOCKED), ended()) == [""] * 4
    assert told(failed(LOCKED), failed(LOCKED), failed(LOCKED), ended()) == ["", "+LockedError", "", "-LockedError"]


def test_a_monthly_job_still_hears_that_it_works_again_and_an_old_trouble_begins_anew() -> None:
    month, long = timedelta(days=31), FORGOTTEN_AFTER + NIGHT
    assert told(failed(DOWN), ended(), apart=month) == [f"+{DOWN.key}", f"-{DOWN.key}"]
    assert told(failed(DOWN), failed(DOWN), apart=long) == [f"+{DOWN.key}"] * 2


@pytest.mark.parametrize(("count", "digits"), [(0, 0), (1, 1), (9, 1), (10, 2), (99, 2), (100, 3), (12_345, 5)])
def test_the_size_of_a_number_is_its_digits(count: int, digits: int) -> None:
    assert size_class(count) == digits


SINGLE = (AUTH, DOWN, GUARD, REFUSED)
RUNS = st.lists(
    st.one_of(
        st.builds(ended, st.sampled_from(SINGLE)),
        st.builds(failed, st.sampled_from((AUTH, DOWN)), job=st.sampled_from(("reconcile", "pull"))),
        st.just(ended()),
    ),
    max_size=12,
)


@given(RUNS)
def test_a_trouble_begins_and_ends_in_turns_and_a_clean_whole_run_ends_all(runs: list[Seen]) -> None:
    lasting: set[str] = set()
    for seen, verdict in zip(runs, nights(runs), strict=True):
        begun, over = {one.key for one in verdict.begun}, {one.key for one in verdict.ended}
        assert not begun & lasting, "told twice"
        assert over <= lasting, "over without a beginning"
        lasting = (lasting | begun) - over
        assert {one.key for one in seen.troubles} <= lasting, "not told"
        if seen == ended():
            assert not lasting


@given(RUNS, st.integers(0, 11))
def test_the_same_run_again_is_never_news(runs: list[Seen], place: int) -> None:
    runs = [*runs[:place], *([runs[place]] * 2 if place < len(runs) else [])]
    if place < len(runs):
        *_, last = nights(runs)
        assert not last.begun
        assert not last.ended
