"""Reads records right before they are written, and says where each stands. I/O: reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.base import Connector
from syncctl.fields.jsontext import decode_json
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import State
from syncctl.model import Action, Change, Record, Ref
from syncctl.push.compare import Standing, standing
from syncctl.push.means import Means

READ_AHEAD_MAX: Final = 100
VERSIONED_AHEAD: Final = 25
"""Records read in one go where the vendor checks versions, so that an older read can do no harm."""
FRESH_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a fresh read says about a change. `moved` names the field somebody changed; `current` None: not there."""

    standing: Standing
    current: Record | None
    moved: str = ""


class FreshReads:
    """Fresh records of one pass, each given out once: after a write it is not fresh any more."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._held: dict[Ref, tuple[Record | None, float]] = {}

    def take(self, ref: Ref, following: Sequence[Operation]) -> Record | None:
        """The record as it is now, or None when the vendor has it no more. `following` are the operations that come
        next, read along where that is safe. Raises SyncctlError."""
        clock = self._means.clock
        held = self._held.pop(ref, None)
        if held is not None and clock.boottime() - held[1] <= FRESH_SECONDS:
            return held[0]
        refs = [ref, *self._along(ref, following)]
        self._means.reach("before-read")
        found = read_refs(self._means, refs)
        now = clock.boottime()
        self._held.update({other: (found.get(other), now) for other in refs[1:]})
        return found.get(ref)

    def written(self, refs: Iterable[Ref]) -> None:
        """What was read ahead of these is how they were before our own write."""
        for ref in refs:
            self._held.pop(ref, None)

    def forget(self) -> None:
        """What was read ahead is too old to rely on: time went by in a send."""
        self._held.clear()

    def _along(self, ref: Ref, following: Sequence[Operation]) -> list[Ref]:
        """What may be read along: what goes out in the same request, or more where the vendor checks versions."""
        card = self._means.connectors[ref.system].card
        others: list[Ref] = []
        for operation in following:
            target, action = operation.change.target, operation.change.action
            most = max(card.batch.get(action, 1), VERSIONED_AHEAD if card.versions else 1)
            alike = (target.system, target.kind) == (ref.system, ref.kind)
            if not alike or action is Action.CREATE or len(others) + 1 >= most:
                break
            if not target.provisional and target != ref and operation.state is State.PLANNED:
                others.append(target)
        return list(dict.fromkeys(others))


def read_refs(means: Means, refs: Sequence[Ref]) -> dict[Ref, Record]:
    """Records of one system and kind, by id, as they are now. Raises SyncctlError."""
    first = refs[0]
    schema = means.schema(first.system, first.kind)
    found = means.connectors[first.system].find(first.kind, schema.identity, [ref.id for ref in refs])
    return {record.ref: record for record in found}


def judge(connector: Connector, change: Change, current: Record | None, base: bytes) -> Verdict:
    """Where the record stands. One that is gone, or that the vendor calls deleted, has MOVED."""
    if current is None:
        return Verdict(Standing.MOVED, None, "the record, which is gone")
    raw = decode_json(current.raw)
    state = connector.state(change.target.kind, raw)
    if state == "deleted" and change.action is not Action.REACTIVATE:
        return Verdict(Standing.MOVED, current, "the record, which was deleted")
    where, moved = standing(change, raw, decode_json(base) if base else None, state)
    return Verdict(where, current, moved)
