"""The use cases settle and retry: a person's word about one write. I/O: the ledger; the vendor, for a named record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from syncctl.errors import NotHere, UsageError, no_such
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import State
from syncctl.model import Action, Change, Ref
from syncctl.project import Project
from syncctl.push import fingerprint, renew_dependents
from syncctl.run.applying import means, open_systems
from syncctl.run.progress import quiet
from syncctl.run.resuming import plan_of
from syncctl.run.running import never, running

VERDICTS: Final[Mapping[str, State]] = {
    "written": State.APPLIED,
    "refused": State.REJECTED,
    "never": State.LAPSED,
}
"""What a person found at the vendor: it is there; the vendor refused it, so do not send the same again; it never
happened, so the next plan may propose it anew."""
LOOK: Final = "see `syncctl ops list`"
IS: Final[Mapping[State, str]] = {
    State.PLANNED: "was not sent",
    State.HELD: "waits for another write",
    State.SENDING: "has no clear answer yet",
    State.UNKNOWN: "has no clear answer yet",
    State.REVIEW: "needs a person's word",
    State.APPLIED: "was written",
    State.REJECTED: "was refused",
    State.CONFLICT: "met a record that had changed",
    State.LAPSED: "was released, or a newer plan took its place",
}
"""How a write stands, as the end of a sentence."""
_RECONCILE: Final = "nothing to say about it: the next `syncctl reconcile` decides"
INSTEAD: Final[Mapping[State, str]] = {
    **dict.fromkeys(State, _RECONCILE),
    State.PLANNED: "to send it: syncctl runs resume {run}",
    State.REVIEW: "say what you found: syncctl ops settle {id} --as written|refused|never --note WHY",
    State.APPLIED: "nothing is left to do: syncctl runs show {run}",
    State.REJECTED: "to let it be planned again: syncctl ops retry {id}",
}
"""What may be said about it, or done."""


def settle(project: Project, operation: str, verdict: str, note: str, *, record: Ref | None = None) -> Operation:
    """Ends a write that is in review. `record` is the one that a create made; its vendor is asked whether it is there.

    Raises UsageError, LockedError, and for a `record` CredentialError, VendorError.
    """
    if verdict not in VERDICTS:
        said = f"--as takes {', '.join(VERDICTS)}; {verdict!r} is none of them"
        raise UsageError(said, fix="for example: --as written")
    found = _found(project, operation, State.REVIEW)
    if not note.strip():
        raise UsageError("a settled write needs a note", fix='say how you know: --note "found it in the list"')
    change = found.sent or found.change
    if record is not None and (record.system, record.kind) != (change.target.system, change.target.kind):
        raise UsageError(f"{record} is no {change.target.system} {change.target.kind}", fix=LOOK)
    if VERDICTS[verdict] is State.APPLIED and change.action is Action.CREATE and record is None:
        raise UsageError("which record was made is needed", fix="--record system:kind:id, as the vendor shows it")
    if record is not None and change.action is Action.CREATE:
        _refuse_taken(project, change, record)
        _refuse_absent(project, record)
    print_ = fingerprint(change, project.records, project.schemas()[change.target.system, change.target.kind])
    with running(project, "ops settle") as run:
        settled = project.journal.settle(operation, VERDICTS[verdict], run, note, ref=record, fingerprint=print_)
        if settled.ref is not None:
            with project.engine.write():
                project.records.mark_unread([settled.ref])
        _renew(project, run, settled)
        project.journal.runs.finish(run, "settled", 0, {})
    return settled


def _renew(project: Project, run: str, *decided: Operation) -> None:
    """What waited for these writes says what it waits for now."""
    renew_dependents(means(project, run, quiet, never), {one.intent for one in decided})


def _refuse_taken(project: Project, change: Change, record: Ref) -> None:
    """A record that was made for another source is not what this write made: its dependents would point to it."""
    partner = project.lookups.partner(change.mapping, record)
    maker = project.journal.operations.creators([record]).get(record, change.intent)
    if partner not in (None, change.source) or maker != change.intent:
        whose = f"the partner of {partner}" if partner else "what another write made"
        raise UsageError(f"{record} is {whose}, not of {change.source}", fix="look again which record was made")


def _refuse_absent(project: Project, record: Ref) -> None:
    """A record that nobody can see was not made: with a slip in its id the real one would have no partner."""
    open_systems(project, [record.system], quiet)
    identity = project.schemas()[record.system, record.kind].identity
    if not any(one.ref == record for one in project.connector(record.system).find(record.kind, identity, [record.id])):
        said = f"{record.system} shows no {record.kind} {record.id}"
        raise NotHere(said, fix="look again which record was made; if none was: --as never")


def retry(project: Project, operation: str) -> Operation:
    """Lets a refused write be planned again although nothing about it moved. Raises UsageError, LockedError."""
    refused = _found(project, operation, State.REJECTED)
    if (since := _written_since(project, refused)) is not None:
        said = (
            f"write {operation} ({refused.change.name}) was refused, and run {since.run} has written the record since"
        )
        raise UsageError(f"{said}: there is nothing to retry", fix=INSTEAD[since.state].format(run=since.run))
    with running(project, "ops retry") as run:
        released = project.journal.release(operation, run)
        _renew(project, run, released)
        project.journal.runs.finish(run, "released", 0, {})
    return released


def retry_run(project: Project, earlier: str) -> tuple[Operation, ...]:
    """The same for every refused write of a run's plan. Raises UsageError when it has none, LockedError."""
    plan = plan_of(project, earlier)
    of_plan = project.journal.operations.of_plan(plan, {State.REJECTED})
    refused = [one for one in of_plan if _written_since(project, one) is None]
    if not refused:
        said = "every refused write of run {} is written since" if of_plan else "run {} has no refused write"
        raise UsageError(said.format(earlier), fix=f"syncctl runs show {earlier}")
    with running(project, f"runs retry {earlier}") as run:
        released = tuple(project.journal.release(one.id, run) for one in refused)
        _renew(project, run, *released)
        project.journal.runs.finish(run, "released", 0, {"released": len(released)})
    return released


def _written_since(project: Project, refused: Operation) -> Operation | None:
    """The write that a later plan made of the same intent, if that is what became of it."""
    last = project.journal.operations.last(refused.change.intent)
    return last if last is not None and last.state is State.APPLIED else None


def _found(project: Project, operation: str, state: State) -> Operation:
    """The write, if a person may say this about it. Raises UsageError with what may be said about it instead."""
    operations = project.journal.operations
    known = {one.id: one for one in operations.in_states({state})}
    if operation in known:
        return known[operation]
    what = "write in review" if state is State.REVIEW else "refused write"
    other = operations.find(operation)
    if other is None:
        raise no_such(what, operation, known, otherwise=LOOK)
    fix = INSTEAD[other.state].format(id=other.id, run=other.run)
    raise UsageError(f"write {operation} ({other.change.name}) is no {what}: it {IS[other.state]}", fix=fix)
