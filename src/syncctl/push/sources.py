"""Whether what a change was made from is still as the plan saw it. I/O: reads.

Each source is read once in a run, many of one kind together. What is compared is the caller's: only it knows the
mappings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from syncctl.ledger.operation import Detail, Operation
from syncctl.ledger.states import UNSENT, State
from syncctl.model import Change, Record, Ref
from syncctl.push.fresh import read_refs
from syncctl.push.means import Means

AHEAD_MAX: Final = 100
"""Sources of one kind read in one go."""


@dataclass(frozen=True, slots=True)
class SourceReads:
    """The sources read so far: each as the plan saw it and as it is now."""

    means: Means
    held: dict[Ref, tuple[Record | None, Record | None]]

    def moved(self, change: Change, following: Sequence[Operation]) -> str:
        """What moved in the change's source since the plan, or "". `following` are the operations that come next,
        whose sources are read along. Raises SyncctlError when the source's system cannot be asked."""
        source = change.source
        if source is None or not self._due(source):
            return ""
        if source not in self.held:
            self._read(source, following)
        return self.means.sources.moved(change, *self.held[source])

    def _due(self, ref: Ref) -> bool:
        return not ref.provisional and ref.system in self.means.connectors and self.means.sources.due(ref)

    def _read(self, first: Ref, following: Iterable[Operation]) -> None:
        refs = {first: None}
        for operation in following:
            ref = operation.change.source
            alike = ref is not None and (ref.system, ref.kind) == (first.system, first.kind)
            if ref is not None and alike and ref not in self.held and len(refs) < AHEAD_MAX and self._due(ref):
                refs[ref] = None
        found = read_refs(self.means, list(refs))
        self.held.update({ref: (self.means.records.record(ref), found.get(ref)) for ref in refs})

    def end(self, operation: Operation, moved: str) -> tuple[Operation, ...]:
        """Ends a change whose source moved, and all others of its plan that were made from it; returns them.

        The source is stored in the same transaction: whatever comes later would find that nothing moved.
        """
        source = operation.change.source
        assert source is not None
        now = self.held[source][1]
        alike = self.means.journal.operations.of_plan(operation.plan, UNSENT)
        others = {one.id: why for one in alike if one.change.source == source and (why := self.moved(one.change, ()))}
        ended = (operation, *(one for one in alike if one.id in others and one.id != operation.id))
        with self.means.journal.write() as db:
            for one in ended:
                message = f"{source} changed since the plan: {others.get(one.id, moved)}"
                detail = Detail(code="source_moved", message=message, fix="plan again")
                self.means.journal.operations.move(db, self.means.run, one, State.CONFLICT, detail)
            if now is not None:
                self.means.records.store_receipt(now, self.means.at)
            else:
                self.means.records.mark_unread([source])
        return ended
