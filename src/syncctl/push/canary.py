"""The first writes of a run, read back before the rest goes out. I/O: reads.

A mapping that is wrong writes the wrong thing into every record; three records are mended by hand, three hundred are
not. The answer to a write is not enough: some vendors echo what they were sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from syncctl.edits import current_value
from syncctl.errors import SyncctlError
from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_of
from syncctl.fields.jsontext import decode_json
from syncctl.fields.schema import Schema
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.operation import Detail, Operation
from syncctl.ledger.states import State
from syncctl.model import Change, Edit, Raw, Record
from syncctl.push.compare import STATES_AFTER, differing
from syncctl.push.fresh import read_refs
from syncctl.push.means import Means, Stop, stop_for
from syncctl.push.settle import Settled

TRIES_MAX: Final = 3
PAUSE_SECONDS: Final = 2.0
"""A vendor may answer from a copy that lags: what does not look as meant is read so often, with this pause between."""
CODE: Final = "canary"
SHOWN_MAX: Final = 80
"""Characters of one value."""


class Canary:
    """Counts the first writes of a run; `stop` says why nothing may follow them."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._left = means.canary
        self._written: list[Operation] = []
        self._good = 0
        self.stop: Stop | None = None

    def room(self, most: int) -> int:
        """How many rows the next request may carry: while the canary is out no more than it has left."""
        return min(most, self._left) if self._left else most

    def count(self, settled: Sequence[Settled]) -> None:
        """Takes note of what was written."""
        written = [entry.operation for entry in settled if entry.state is State.APPLIED][: self._left]
        self._written += self._means.journal.operations.again(written)
        self._left -= len(written)

    def passes(self) -> bool:
        """True when more may be sent: what the canary wrote so far is there as it was meant.

        Looked at before the next write, not after the last: a payment of ours makes an invoice of ours a paid one.
        """
        if self.stop is None and self._written:
            self._means.reach("before-canary")
            self._read_back()
            self._good += len(self._written)
            self._written = []
        return self.stop is None

    def _read_back(self) -> None:
        try:
            wrong = [(one, said) for one in self._written if (said := self._wrong(one))]
        except SyncctlError as error:
            self.stop = stop_for(error)
            return
        if not wrong:
            return
        rows = "; ".join(f"{_name(one)}: {said}" for one, said in wrong)
        count, most = len(wrong), self._good + len(self._written)
        first = "the first write is" if most == 1 else f"of the first {most} writes {count} {_IS[count == 1]}"
        message = f"{first} not there as meant: {rows}"
        self.stop = Stop("canary", message, "look at these records, then at their mapping", CODE)
        with self._means.journal.write() as db:
            for one, said in wrong:
                detail = Detail(code=CODE, message=f"read back, it is not as meant: {said}")
                self._means.journal.operations.explain(db, self._means.run, one, detail)

    def _wrong(self, operation: Operation) -> str:
        """What of a record is not as it was meant, or ""; a copy that lags gets time. Raises SyncctlError."""
        change, said = operation.sent or operation.change, ""
        for attempt in range(TRIES_MAX):
            if attempt:
                self._means.clock.sleep(PAUSE_SECONDS)
            ref = operation.ref or change.target
            record = read_refs(self._means, [ref]).get(ref)
            if record is None and attempt == TRIES_MAX - 1:
                record = self._answered(operation)
            said = self._differs(operation, change, record) if record else f"{ref.system} does not show {ref}"
            if not said:
                return ""
        return said

    def _differs(self, operation: Operation, change: Change, record: Record) -> str:
        ref = record.ref
        raw = decode_json(record.raw)
        state = self._means.connectors[ref.system].state(ref.kind, raw)
        wanted = STATES_AFTER.get(change.action)
        if wanted and state not in wanted:
            return f"its state is {state}"
        base = decode_json(operation.base) if operation.base else None
        schema = self._means.schema(ref.system, ref.kind)
        return ", ".join(_told(edit, raw, schema) for edit in differing(change, raw, base))

    def _answered(self, operation: Operation) -> Record | None:
        """The record as the answer to the write held it, where a read by id does not show it yet."""
        ref = operation.ref
        return self._means.records.record(ref) if ref is not None and operation.read_back else None


def _name(operation: Operation) -> str:
    change = operation.change
    return change.name or str(operation.ref or change.target)


def _told(edit: Edit, raw: Raw, schema: Schema) -> str:
    """`TotalAmt: meant 125 USD, there 99 USD`."""
    meant = edit.shown[1] or show(edit.after)
    if edit.action != "set":
        return f"{edit.field or edit.path}: {meant or 'an element'} was to be {_DONE[edit.action]}"
    field = schema.find(edit.field) or schema.find(edit.path)
    value, currency = current_value(raw, edit), currency_of(raw, field) if field else ""
    try:
        there = show(decode(edit.codec, value, currency))
    except (Undecodable, KeyError):
        there = show(value)
    return f"{edit.field or edit.path}: meant {_cut(meant)}, there {_cut(there)}"


def _cut(text: str) -> str:
    return (text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…") or "(empty)"


_IS: Final = {True: "is", False: "are"}
_DONE: Final = {"add": "added", "remove": "removed"}
