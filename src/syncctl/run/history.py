"""The use cases that look back: runs and what they did, and the writes that are still open. I/O: the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from syncctl.errors import no_such
from syncctl.ledger.lock import running_now
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import OPEN, UNSENT, State, resumable
from syncctl.model import Run
from syncctl.project import Project
from syncctl.run.planning import refresh_all, refused_before, whole_draft
from syncctl.run.resuming import why_stale
from syncctl.run.running import INTERRUPTED, RUNNING

LISTED: Final = OPEN | UNSENT | {State.REJECTED, State.CONFLICT}
"""Operations without a good end."""
RUNS_LOOKED_AT: Final = 1_000


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run; `resumable` when going on with it would find something out or send something. Where that would be
    refused `stale` says why.
    """

    run: Run
    resumable: bool
    stale: str = ""


@dataclass(frozen=True, slots=True)
class RunStory:
    """A run with the plan it carried out, or made and left, and what became of each of its changes by now."""

    past: PastRun
    operations: tuple[Operation, ...] = ()
    plan: str = ""


@dataclass(frozen=True, slots=True)
class OpenWrites:
    """`open` are operations that wait for something; `history` are those without a good end that nobody waits for."""

    open: tuple[Operation, ...]
    history: tuple[Operation, ...] = ()


def runs_list(project: Project, limit: int = 20) -> tuple[PastRun, ...]:
    """The last runs, newest first; one without an end is running now, or was interrupted."""
    holder = running_now(project.settings.ledger)
    journal = project.journal
    seen: set[str] = set()
    found = []
    for run in journal.runs.list(limit):
        plan = journal.runs.plan_of(run.id)
        newest = bool(plan) and plan not in seen
        seen.add(plan)
        found.append(_past(project, _ended(run, holder), plan if newest and run.id != holder else ""))
    return tuple(found)


def _past(project: Project, run: Run, plan: str) -> PastRun:
    """The run; `plan` is what could be left of it."""
    states = project.journal.operations.states_of(plan) if plan else frozenset()
    if not resumable(states):
        return PastRun(run, resumable=False)
    stale = why_stale(project, plan) if states & UNSENT else ""
    return PastRun(run, resumable=not stale, stale=stale)


def _ended(run: Run, holder: str) -> Run:
    if run.finished_at:
        return run
    return replace(run, outcome=RUNNING if run.id == holder else INTERRUPTED)


def runs_show(project: Project, run: str) -> RunStory:
    """One run with its plan and operations. Raises UsageError."""
    journal = project.journal
    known = [one.id for one in journal.runs.list(RUNS_LOOKED_AT)]
    if run not in known:
        raise no_such("run", run, known, otherwise="no run has been made yet")
    holder = running_now(project.settings.ledger)
    plan = journal.runs.plan_of(run)
    past = _past(project, _ended(journal.runs.show(run), holder), plan if run != holder else "")
    return RunStory(past, journal.operations.of_plan(plan) if plan else (), plan or journal.plans.made_by(run))


def ops_list(project: Project, *, everything: bool = False) -> OpenWrites:
    """The newest write of every change that is not settled. A refusal is settled once a plan made now would leave the
    change out, or send it again because its source, its target or its mapping moved. Raises ConfigError."""
    operations = project.journal.operations
    newest = operations.newest(OPEN | UNSENT | {State.REJECTED})
    undecided = {one.plan for one in newest if one.state in OPEN}
    wanted = _wanted(project, newest)
    waiting = tuple(one for one in newest if _waits(one, undecided, wanted))
    if not everything:
        return OpenWrites(waiting)
    shown = {one.id for one in waiting}
    return OpenWrites(waiting, tuple(one for one in operations.in_states(LISTED) if one.id not in shown))


def _waits(operation: Operation, undecided: set[str], wanted: dict[str, bool]) -> bool:
    """True for what is undecided, for a refusal that still stands, and for what was left unsent and is still wanted:
    a plan made now wants it too, or a write of its own plan is undecided."""
    if operation.state in OPEN:
        return True
    if operation.state is State.REJECTED:
        return wanted.get(operation.intent, False)
    return operation.intent in wanted or operation.plan in undecided


def _wanted(project: Project, operations: Iterable[Operation]) -> dict[str, bool]:
    """The intents that a plan made now holds, and whether each is what its vendor refused before."""
    if all(one.state in OPEN for one in operations):
        return {}
    compiled = project.projections()
    refresh_all(project, compiled)
    made = whole_draft(project, compiled, frozenset())
    return {change.intent: bool(refused_before(project, change)) for change in made.changes}
