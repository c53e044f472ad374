"""Whether what a change was made from is still as the plan saw it. I/O: reads.

Each source is read once in a run, many of one kind together. What is compared is the caller's: only it knows the
mappings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
        """What moved in the change's sources since the plan, or "". `following` are the operations that come next,
        whose sources are read along. Raises SyncctlError when a source's system cannot be asked."""
        return next((why for _, why in self._moves(change, following)), "")

    def _moves(self, change: Change, following: Sequence[Operation]) -> Iterator[tuple[Ref, str]]:
        """The sources of a change that moved, and what of each. A change of several mappings has several."""
        for mapping, source in change.sources:
            if not self._due(source):
                continue
            if source not in self.held:
                self._read(source, following)
            why = self.means.sources.moved(replace(change, mapping=mapping, source=source), *self.held[source])
            if why:
                yield source, why

    def _due(self, ref: Ref) -> bool:
        return not ref.provisional and ref.system in self.means.connectors and self.means.sources.due(ref)

    def _read(self, first: Ref, following: Iterable[Operation]) -> None:
        refs = {first: None}
        for ref in (ref for operation in following for _, ref in operation.change.sources):
            alike = (ref.system, ref.kind) == (first.system, first.kind)
            if alike and ref not in self.held and len(refs) < AHEAD_MAX and self._due(ref):
                refs[ref] = None
        found = read_refs(self.means, list(refs))
        self.held.update({ref: (self.means.records.record(ref), found.get(ref)) for ref in refs})

    def end(self, operation: Operation) -> tuple[Operation, ...]:
        """Ends a change of which a source moved, and all others of its plan that were made from that; returns them.

        The source is stored in the same transaction: whatever comes later would find that nothing moved.
        """
        source = next(ref for ref, _ in self._moves(operation.change, ()))
        alike = self.means.journal.operations.of_plan(operation.plan, UNSENT)
        ended = {one.id: (one, why) for one in (operation, *alike) if (why := self._why(one.change, source))}
        now = self.held[source][1]
        with self.means.journal.write() as db:
            for one, why in ended.values():
                detail = Detail(
                    code="source_moved", message=f"{source} changed since the plan: {why}", fix="plan again"
                )
                self.means.journal.operations.move(db, self.means.run, one, State.CONFLICT, detail)
            if now is not None:
                self.means.records.store_receipt(now, self.means.at)
            else:
                self.means.records.mark_unread([source])
        return tuple(one for one, _ in ended.values())

    def _why(self, change: Change, source: Ref) -> str:
        """What moved in this source of a change, or "" when it has no such source."""
        if all(ref != source for _, ref in change.sources):
            return ""
        return next((why for ref, why in self._moves(change, ()) if ref == source), "")
