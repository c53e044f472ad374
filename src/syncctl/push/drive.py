"""Takes operations in order through gate, fresh read, batches and sends, until nothing more can go. I/O: all of it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from syncctl.errors import SyncctlError
from syncctl.fields.schema import Schema
from syncctl.ledger.operation import Detail, Operation
from syncctl.ledger.requests import SentRequest
from syncctl.ledger.states import State
from syncctl.model import Action, Change, Outcome
from syncctl.push.canary import Canary
from syncctl.push.compare import Standing
from syncctl.push.fill import Waits, fill_change
from syncctl.push.fresh import READ_AHEAD_MAX, FreshReads, Verdict, judge
from syncctl.push.gate import check_gate
from syncctl.push.means import Means, Stop, StopKind, stop_for
from syncctl.push.refusal import fingerprint
from syncctl.push.send import Ready, request_for, send_again, send_first
from syncctl.push.settle import Settled
from syncctl.push.sources import SourceReads
from syncctl.push.telling import way_to_resume
from syncctl.push.waiting import held

WAIT_SECONDS_MAX: Final = 90.0
"""A longer wait than this is no pause but a stop: the rest is left for `runs resume`."""
TRIES_MAX: Final = 5
"""How often one operation may be told to come later in one run."""
RESUME_WRITING: Final = "when all is well, remove the file PAUSE and go on with `syncctl runs resume`"
UNKNOWN_IN_A_ROW_MAX: Final = 3
"""So many requests without an answer, and the system gets nothing more in this run."""


class Drive:
    """One pass over operations. `stops` says which systems get nothing more, and why."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.stops: dict[str, Stop] = {}
        self._reads = FreshReads(means)
        self._sources = SourceReads(means, {})
        self._ended: set[str] = set()
        self._tries: Counter[str] = Counter()
        self._unknown_in_a_row: Counter[str] = Counter()
        self._pending: deque[Operation] = deque()
        self._failed = ""
        self._pause = ""
        self._canary = Canary(means)

    @property
    def halted(self) -> bool:
        """True when nothing more goes out: somebody asked to stop or paused all writing, a row failed and the caller
        wants none after, or the first writes are not there as meant."""
        return bool(self._failed or self.closed or self.means.stop())

    @property
    def closed(self) -> bool:
        """True once nothing may be written in this run any more, not even what was sent before. A pause that is lifted
        meanwhile stays one: `runs resume` goes on."""
        self._pause = self._pause or self.means.paused()
        return bool(self._pause or self._canary.stop)

    def stop_of(self, system: str) -> Stop | None:
        """Why what is still PLANNED for a system was not sent."""
        if system in self.stops:
            stop = self.stops[system]
            unheard = stop.kind == "unavailable"
            return replace(stop, fix=way_to_resume(stop.fix, self.means.run)) if unheard else stop
        if self.means.stop():
            return Stop("signal", "the run was asked to stop")
        if self._canary.stop is not None:
            return self._canary.stop
        if self._pause:
            return Stop("paused", self._pause, RESUME_WRITING)
        return Stop("fail_fast", f"--fail-fast: {self._failed} was not applied") if self._failed else None

    def run(self, operations: Sequence[Operation]) -> None:
        """Sends what may be sent: PLANNED operations, and UNKNOWN ones whose absence is proven (with their next
        generation already set). Returns early when the caller's `stop` says so."""
        self._pending = deque(operations)
        while self._pending and not self.halted and self._canary.passes():
            group = self._next_group()
            if group:
                self._send(group)

    # --- collecting ---

    def _next_group(self) -> list[Ready]:
        """The next operations that go out in one request; those that cannot be sent are settled on the way."""
        group: list[Ready] = []
        while self._pending and not self._failed and (not group or self._fits(self._pending[0], group)):
            operation = self._pending.popleft()
            ready = self._ready(operation)
            if ready is not None:
                group.append(ready)
        return group

    def _fits(self, operation: Operation, group: Sequence[Ready]) -> bool:
        first, change = group[0].operation.change, operation.change
        if self.means.fail_fast or change.target.system != first.target.system:
            return False  # the rows of one request are all sent, whatever becomes of the first
        connector = self.means.connectors[change.target.system]
        if connector.request_key(change) != connector.request_key(first):
            return False
        most = self._canary.room(connector.card.batch.get(change.action, 1))
        together = {ready.operation.intent for ready in group}
        targets = {ready.operation.change.target for ready in group}
        return len(group) < most and not together & set(change.parents) and change.target not in targets

    def _ready(self, operation: Operation) -> Ready | None:
        """The operation made ready to send; None when it is held, stopped, or decided without a send."""
        if operation.system in self.stops or operation.id in self._ended:
            return None
        try:
            check_gate(self.means, operation)
            change = fill_change(self.means, operation)
        except Waits as error:
            self._hold(operation, str(error))
            self._tell(operation, State.HELD)
            return None
        try:
            return self._as_planned(operation, change)
        except SyncctlError as error:
            self.stops[operation.system] = stop_for(error)
            return None

    def _as_planned(self, operation: Operation, change: Change) -> Ready | None:
        """The operation, if what it was made from and what it writes to are as the plan saw them. Raises SyncctlError
        when one of them cannot be read."""
        if self._sources.moved(operation.change, self._pending):
            self._end(operation)
            return None
        if change.action is Action.CREATE:
            return Ready(operation, change)
        connector = self.means.connectors[operation.system]
        current = self._reads.take(change.target, tuple(islice(self._pending, READ_AHEAD_MAX)))
        verdict = judge(connector, change, current, operation.base or self._base(change))
        if verdict.standing is Standing.OPEN:
            return Ready(operation, change, verdict.current)
        self._tell(operation, decide_unsent(self.means, operation, verdict))
        return None

    def _end(self, operation: Operation) -> None:
        """A source moved: this change, and others that were made from it, are decided without a send."""
        for ended in self._sources.end(operation):
            self._ended.add(ended.id)
            self._tell(ended, State.CONFLICT)

    def _base(self, change: Change) -> bytes:
        """The record as the plan saw it."""
        found = self.means.records.record(change.target)
        return found.raw if found else b""

    def _hold(self, operation: Operation, reason: str) -> None:
        detail = held(reason)
        operations = self.means.journal.operations
        with self.means.journal.write() as db:
            if operation.state is State.PLANNED:
                operations.move(db, self.means.run, operation, State.HELD, detail)
            else:
                operations.explain(db, self.means.run, operation, detail)

    # --- sending ---

    def _send(self, group: Sequence[Ready]) -> None:
        connector = self.means.connectors[group[0].operation.system]
        try:
            request = request_for(self.means, connector, group)
        except ValueError as error:
            self._unsendable(group, error)
            return
        if not self._canary.passes() or self.closed:
            return  # they stay as they are, and the pass ends
        settled = send_first(self.means, connector, group, request)
        self._canary.count(settled)
        self._reads.written(ready.change.target for ready in group)
        if not connector.card.versions:
            self._reads.forget()
        self._heed(settled)

    def _unsendable(self, group: Sequence[Ready], error: ValueError) -> None:
        """A value the connector cannot write. One row's fault must not stop the others: each goes alone."""
        if len(group) > 1:
            for ready in group:
                self._send([ready])
            return
        operation, change = group[0].operation, group[0].change
        detail = Detail(
            fingerprint=fingerprint(change, self.means.records, self._schema(change)),
            code="unsendable",
            message=f"this cannot be sent: {error}",
            fix="correct the value at its source or the mapping",
        )
        with self.means.journal.write() as db:
            self.means.journal.operations.move(db, self.means.run, operation, State.REJECTED, detail)
        self._tell(operation, State.REJECTED)

    def _schema(self, change: Change) -> Schema:
        return self.means.schema(change.target.system, change.target.kind)

    def replay(self, sent: SentRequest, operations: Sequence[Operation]) -> None:
        """The same bytes under the same key once more."""
        if self.closed:
            return
        self._heed(send_again(self.means, self.means.connectors[sent.request.system], sent, operations))

    def _heed(self, settled: Sequence[Settled]) -> None:
        """Slows down, stops a system, or puts operations back in front, as the answer asked."""
        for entry in settled:
            self._tell(entry.operation, entry.state)
            if entry.receipt.outcome is Outcome.STOP:
                self._stop(entry, "auth")
        later = [entry for entry in settled if entry.receipt.outcome is Outcome.LATER]
        if later:
            self._later(later)
        self._count_unknown(settled)

    def _tell(self, operation: Operation, state: State) -> None:
        change = operation.change
        if self.means.fail_fast and state not in (State.APPLIED, State.PLANNED):
            self._failed = self._failed or change.name or operation.intent
        told = {"operation": operation.id, "mapping": change.mapping, "name": change.name, "state": str(state)}
        self.means.progress("push", told)

    def _later(self, entries: Sequence[Settled]) -> None:
        system = entries[0].operation.system
        waits = [entry.receipt.wait_seconds for entry in entries]
        again = [entry.operation for entry in entries if entry.state is State.PLANNED]
        self._tries.update(operation.id for operation in again)
        longest = max((wait for wait in waits if wait is not None), default=0.0)
        tired = any(self._tries[operation.id] >= TRIES_MAX for operation in again)
        if None in waits or longest > WAIT_SECONDS_MAX or tired:
            self._stop(entries[0], "limit")
            return
        wait(self.means, longest)
        if system not in self.stops:
            self._pending.extendleft(reversed(self.means.journal.operations.again(again)))

    def _stop(self, entry: Settled, kind: StopKind) -> None:
        receipt = entry.receipt
        stop = Stop(
            kind,
            receipt.message or f"{entry.operation.system} takes no more writes now",
            receipt.fix,
            receipt.code,
            receipt.body,
        )
        self.stops.setdefault(entry.operation.system, stop)

    def _count_unknown(self, settled: Sequence[Settled]) -> None:
        system = settled[0].operation.system
        if any(entry.state is not State.UNKNOWN for entry in settled):
            self._unknown_in_a_row[system] = 0
            return
        self._unknown_in_a_row[system] += 1
        if self._unknown_in_a_row[system] >= UNKNOWN_IN_A_ROW_MAX:
            message = f"{system} left {UNKNOWN_IN_A_ROW_MAX} writes in a row without a clear answer"
            self.stops.setdefault(system, Stop("unavailable", message))


def decide_unsent(means: Means, operation: Operation, verdict: Verdict) -> State:
    """Ends an operation by what a fresh read shows: already as wanted, or somebody else's value is there."""
    applied = verdict.standing is Standing.DONE
    current = verdict.current
    if applied:
        detail = Detail(ref=current.ref if current else None, read_back=True, message="it was as wanted already")
    else:
        message = f"{verdict.moved} changed since the plan; the value there stays"
        detail = Detail(code="moved", message=message, fix="plan again")
    with means.journal.write() as db:
        if current is not None:
            means.records.store_receipt(current, means.at)
        to = State.APPLIED if applied else State.CONFLICT
        means.journal.operations.move(db, means.run, operation, to, detail)
    return to


def wait(means: Means, seconds: float) -> bool:
    """Waits in short naps, so that a signal ends it; False when one did."""
    left = seconds
    while left > 0 and not means.stop():
        nap = min(left, 1.0)
        means.clock.sleep(nap)
        left -= nap
    return left <= 0
