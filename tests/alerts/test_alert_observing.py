"""What each end of a run is as an alert: its states, what makes two nights the same, and what it vouches for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from report.plans import CUSTOMER, DEAL, INVOICE, PHONE
from syncctl.alerts.ended import Ended, Job, RunReport
from syncctl.alerts.observing import EVERYTHING, FAILURES, observe
from syncctl.alerts.rule import Seen
from syncctl.errors import Exchange, Interrupted, VendorUnavailable
from syncctl.guards import GuardTrip
from syncctl.ledger.states import State
from syncctl.model import Finding, FindingKind, Plan, Ref, Run
from syncctl.push import OperationResult
from syncctl.run import ApplyReport, PullReport, ReconcileReport

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
RUN = Run("r1", "reconcile", "2026-11-20T03:00:00+00:00")
PLAN = Plan("p1", "2026-11-20T03:00:00+00:00", "l", 1, "c", "0", (), (INVOICE,), ())
TRIP = GuardTrip("max_changes", "changes", "50", "61", "--max-changes 61")
UNREAD = VendorUnavailable("down", Exchange("hubspot", "GET /"))
TIE = Finding("invoices", FindingKind.TIE, Ref("stripe", "invoice", "in_1"), None)
REFUSED = replace(TIE, kind=FindingKind.REJECTED)
ACCEPTED = replace(TIE, accepted=True)
WRITTEN = OperationResult("o1", CUSTOMER, State.APPLIED)
NO = OperationResult("o2", INVOICE, State.REJECTED, code="6540", message="no", fix="mend it", body="{}")
HELD = OperationResult("o3", DEAL, State.HELD, message="waits")
UNKNOWN = OperationResult("o4", PHONE, State.UNKNOWN)
STOPPED = OperationResult("o5", PHONE, State.PLANNED, stop="auth")


def pushed(*rows: OperationResult) -> ApplyReport:
    return ApplyReport(RUN, rows, 5)


def reconciled(applied: ApplyReport | None = None, findings: tuple[Finding, ...] = (), **more: object) -> RunReport:
    made = replace(PLAN, changes=()) if applied is None and not more else PLAN
    return ReconcileReport(RUN, made, applied, (), findings, 0, PullReport(()), **more)  # type: ignore[arg-type]


def seen(report: RunReport | None, job: Job = Job("reconcile"), code: int = 0) -> Seen:  # noqa: B008
    return observe(Ended(job, "r1", AT, code, report), requests=lambda operation: f"sent {operation}")


@pytest.mark.parametrize(
    ("report", "keys"),
    [
        (reconciled(), []),
        (reconciled(findings=(ACCEPTED,)), []),
        (reconciled(pushed(WRITTEN), (replace(TIE, planned=True),)), []),
        (reconciled(findings=(TIE, TIE)), ["open", "open invoices tie"]),
        (reconciled(pushed(WRITTEN)), []),
        (reconciled(pushed(WRITTEN, NO, HELD)), ["refused invoices"]),
        (reconciled(pushed(HELD)), ["held deals"]),
        (reconciled(pushed(WRITTEN), (REFUSED,)), ["refused invoices"]),
        (reconciled(pushed(STOPPED, HELD), (TIE,)), ["AuthenticationFailed quickbooks"]),
        (reconciled(resolved=(UNKNOWN,)), ["unknown customers", "changes"]),
        (reconciled(trips=(TRIP,)), ["guard --max-changes"]),
        (reconciled(confirmed=False), ["guard approval"]),
        (replace(pushed(WRITTEN), unread=UNREAD), ["VendorUnavailable hubspot"]),
        (pushed(NO, UNKNOWN), ["refused invoices", "unknown customers"]),
        (PLAN, ["changes"]),
        (PullReport(()), []),
    ],
)
def test_what_a_run_saw(report: RunReport, keys: list[str]) -> None:
    assert [trouble.key for trouble in seen(report).troubles] == keys


def test_a_refused_write_is_the_same_trouble_the_night_after_when_it_is_not_sent_again() -> None:
    first, second = (seen(report).troubles for report in (reconciled(pushed(NO)), reconciled(None, (REFUSED,))))
    assert [one.key for one in first] == [one.key for one in second]


def test_a_refused_write_brings_what_was_sent_and_answered() -> None:
    (trouble,) = seen(pushed(NO)).troubles
    assert (trouble.cause, trouble.fix, trouble.request, trouble.answer, trouble.system, trouble.command) == (
        "6540: no", "mend it", "sent o2", "{}", "quickbooks", "syncctl runs show r1",
    )  # fmt: skip


def test_numbers_over_some_mappings_are_not_those_over_all() -> None:
    (total, _) = seen(reconciled(findings=(TIE,)), Job.of("reconcile", ["refunds", "invoices"])).troubles
    assert total.key == "open invoices refunds"


@pytest.mark.parametrize(
    ("report", "command", "sees"),
    [
        (reconciled(pushed(WRITTEN)), "reconcile", EVERYTHING),
        (reconciled(trips=(TRIP,)), "reconcile", EVERYTHING - {"partly applied"}),
        (reconciled(confirmed=False), "reconcile", EVERYTHING - {"partly applied"}),
        (reconciled(), "reconcile --dry-run", FAILURES | {"open"}),
        (reconciled(pushed(STOPPED)), "reconcile", frozenset()),
        (pushed(WRITTEN), "apply", EVERYTHING - {"open"}),
        (PLAN, "plan", frozenset({"failed", "open"})),
        (PullReport(()), "pull", FAILURES),
    ],
)
def test_a_run_vouches_for_what_it_came_past(report: RunReport, command: str, sees: frozenset[str]) -> None:
    assert seen(report, Job(command)).sees == sees


def test_only_a_whole_reconcile_vouches_for_other_jobs() -> None:
    jobs = [Job("reconcile"), Job.of("reconcile", ["invoices"]), Job("reconcile --dry-run")]
    assert [seen(reconciled(), job).whole for job in jobs] == [True, False, False]


def test_a_run_that_is_terminated_has_failed_and_vouches_for_nothing() -> None:
    graceful = seen(reconciled(pushed(WRITTEN)), code=143)
    at_once = observe(Ended(Job("pull"), "r1", AT, 143, error=Interrupted(15)))
    for found in (graceful, at_once):
        assert [trouble.key for trouble in found.troubles] == ["terminated"]
        assert found.sees == frozenset()
