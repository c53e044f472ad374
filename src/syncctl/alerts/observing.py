"""What a run saw that is not well: from its report, or from the error that ended it. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, assert_never, get_args

from syncctl.alerts.ended import Ended, Job
from syncctl.alerts.failures import trouble_of
from syncctl.alerts.rule import Seen, Trouble
from syncctl.ledger.states import State
from syncctl.model import Finding, FindingKind, Plan
from syncctl.push import OperationResult
from syncctl.report.advice import ADVICE
from syncctl.report.summary import WORDS
from syncctl.report.text import plural
from syncctl.run import ApplyReport, PullReport, ReconcileReport
from syncctl.settings import AlertState

DRY_RUN: Final = "reconcile --dry-run"
TERMINATED: Final = 143
EVERYTHING: Final[frozenset[AlertState]] = frozenset(get_args(AlertState))
FAILURES: Final[frozenset[AlertState]] = frozenset({"failed", "authentication needed"})
SENDS_NOTHING_YET: Final[frozenset[AlertState]] = FAILURES | {"open", "guard"}
WELL: Final = frozenset({State.APPLIED, State.LAPSED})
STOPPED: Final[dict[str, tuple[str, AlertState]]] = {
    "auth": ("AuthenticationFailed", "authentication needed"),
    "limit": ("LimitReached", "failed"),
    "unavailable": ("VendorUnavailable", "failed"),
}
"""A stop in the middle of a push is the same trouble as the error that ends a pull."""


def observe(ended: Ended, *, requests: Callable[[str], str] = lambda _operation: "") -> Seen:
    """The troubles of one run; `requests` tells what was sent for an operation, empty where nothing was."""
    job = str(ended.job)
    if ended.error is not None:
        return Seen(job, (trouble_of(ended.error, ended.job, ended.run),), frozenset())
    if ended.code == TERMINATED:
        return Seen(job, (_terminated(ended),), frozenset())
    troubles = _causes(tuple(_troubles(ended, requests)))
    failed = any(trouble.state in FAILURES for trouble in troubles)
    # A run that something stopped did not come to the rest: that it saw nothing there means nothing.
    sees = frozenset[AlertState]() if failed else _sees(ended)
    whole = isinstance(ended.report, ReconcileReport) and ended.job == Job("reconcile")
    return Seen(job, troubles, sees, whole)


def _causes(troubles: tuple[Trouble, ...]) -> tuple[Trouble, ...]:
    """Without what only follows: changes that wait for one that failed, and of a run that something stopped, open items
    that the rest of it would have closed."""
    failed = any(trouble.state in FAILURES for trouble in troubles)
    told = tuple(trouble for trouble in troubles if not (failed and trouble.state == "open"))
    held = f"{_outcome(State.HELD)} "
    first = tuple(trouble for trouble in told if not trouble.key.startswith(held))
    return first if any(trouble.state != "open" for trouble in first) else told


def _terminated(ended: Ended) -> Trouble:
    fix = "look why it was ended: a time limit of its service, a restart of the machine"
    return Trouble("terminated", "failed", f"{ended.job} was terminated before its end", cause="SIGTERM", fix=fix,
                   command="syncctl runs list")  # fmt: skip


def _sees(ended: Ended) -> frozenset[AlertState]:
    report = ended.report
    if isinstance(report, ReconcileReport):
        if ended.job.command == DRY_RUN:
            return FAILURES | {"open"}
        return SENDS_NOTHING_YET if report.trips or not report.confirmed else EVERYTHING
    if isinstance(report, ApplyReport):
        return EVERYTHING - {"open"}
    return frozenset({"failed", "open"}) if isinstance(report, Plan) else FAILURES


def _troubles(ended: Ended, requests: Callable[[str], str]) -> Iterator[Trouble]:
    report = ended.report
    match report:
        case ReconcileReport():
            yield from _reconciled(ended, report, requests)
        case ApplyReport():
            yield from _applied(ended, report, requests)
        case Plan():
            yield from _open(ended.job, report.findings)
            yield from _to_write(ended.job, report)
        case PullReport() | None:
            return
        case _:
            assert_never(report)


def _reconciled(ended: Ended, report: ReconcileReport, requests: Callable[[str], str]) -> Iterator[Trouble]:
    yield from _rows(report.resolved, ended, requests)
    for trip in report.trips:
        yield trouble_of(trip.error(), ended.job, ended.run)
    if report.applied is not None:
        yield from _applied(ended, report.applied, requests)
    elif not report.confirmed:
        count = plural(len(report.plan.changes), "change")
        yield Trouble(
            "guard approval",
            "guard",
            f"{count} wait for a yes; nothing was sent",
            cause="reconcile writes nothing off a terminal without --yes",
            fix="look at the plan, then apply it",
            command=f"syncctl show {report.plan.id}",
        )
    elif not report.trips:
        yield from _to_write(ended.job, report.plan)
    yield from _open(ended.job, report.findings)


def _applied(ended: Ended, report: ApplyReport, requests: Callable[[str], str]) -> Iterator[Trouble]:
    yield from _rows(report.rows, ended, requests)
    if report.unread is not None:
        yield trouble_of(report.unread, ended.job, ended.run)


def _rows(rows: Iterable[OperationResult], ended: Ended, requests: Callable[[str], str]) -> Iterator[Trouble]:
    """One trouble per mapping and outcome; the first row of each tells what was sent and answered."""
    groups: dict[tuple[str, str], list[OperationResult]] = {}
    for row in rows:
        if row.state not in WELL:
            place = row.change.target.system if row.stop else row.change.mapping
            groups.setdefault((row.stop or _outcome(row.state), place), []).append(row)
    for (outcome, place), group in groups.items():
        yield _row_trouble(outcome, place, group, ended, requests)


def _outcome(state: State) -> str:
    return WORDS[state][0].lower()


def _row_trouble(
    outcome: str, place: str, rows: list[OperationResult], ended: Ended, requests: Callable[[str], str]
) -> Trouble:
    first = rows[0]
    stopped, state = STOPPED.get(outcome, ("", "partly applied"))
    about = "" if stopped else place
    what = f"{plural(len(rows), 'change')} not sent: {place} stopped" if stopped else (
        f"{plural(len(rows), 'change')} {outcome} in {place}"
    )  # fmt: skip
    return Trouble(
        f"{stopped or outcome} {place}",
        state,
        what,
        about,
        count=len(rows),
        cause=f"{first.code}: {first.message}" if first.code else first.message,
        fix=first.fix,
        command=f"syncctl runs show {ended.run}",
        system=first.change.target.system,
        request=requests(first.operation),
        answer=first.body,
    )


def _to_write(job: Job, plan: Plan) -> Iterator[Trouble]:
    if plan.changes:
        count = len(plan.changes)
        what = f"{plural(count, 'change')} to write"
        fix = "look at them, then apply the plan"
        yield Trouble(_scoped("changes", job), "open", what, count=count, fix=fix, command=f"syncctl show {plan.id}")


def _open(job: Job, findings: Iterable[Finding]) -> Iterator[Trouble]:
    """What waits for a person: their number, and each sort of each mapping. What a vendor refused is a failed write on
    the night it is refused and on every night after it. What the next run corrects waits for nobody."""
    waiting = Counter((finding.mapping, finding.kind) for finding in findings if finding.open)
    refused = {mapping: count for (mapping, kind), count in waiting.items() if kind is FindingKind.REJECTED}
    for mapping, count in refused.items():
        what = f"{plural(count, 'change')} refused in {mapping}, and not sent again"
        yield Trouble(f"{_outcome(State.REJECTED)} {mapping}", "partly applied", what, mapping, count,
                      command="syncctl ops list")  # fmt: skip
    count = sum(waiting.values()) - sum(refused.values())
    if not count:
        return
    fix = "decide each: correct the record, or accept the finding with a note"
    what = f"{plural(count, 'open item')} for a person"
    yield Trouble(_scoped("open", job), "open", what, count=count, fix=fix, command="syncctl findings list")
    for (mapping, kind), number in sorted(waiting.items()):
        if kind is not FindingKind.REJECTED:
            said = f"{mapping}: {number:,} {ADVICE[kind].title}"
            yield Trouble(f"open {mapping} {kind}", "open", said, mapping, part=True)


def _scoped(key: str, job: Job) -> str:
    """Numbers over some mappings are not compared with those over all."""
    return " ".join((key, *job.names))
