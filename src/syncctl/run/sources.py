"""Whether a change's source moved since the plan, as its mapping sees it. I/O: the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from syncctl.diff import split_body
from syncctl.fields.jsontext import decode_record
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.sides import project_raw
from syncctl.mapping.language import other
from syncctl.model import Action, Change, Record, Ref, SideName
from syncctl.project import Project
from syncctl.projection.projection import Projection
from syncctl.projection.side import Side
from syncctl.values.scope import Scope

SEEN: Final = timedelta(minutes=10)
"""What this run pulled so short a time ago is not read again; a person may think longer than that about a dry run."""
_LEFT: Final = {
    "filtered": "it is no longer what the mapping asks for",
    "before": "it is dated before the mapping begins",
    "poison": "it cannot be read any more",
}
AMOUNT: Final = "its amount"
DATED: Final = "its date"


class PlanSources:
    """The sources of a plan's changes. `seen_from`: what was pulled since then is not read again (None: all is)."""

    def __init__(self, project: Project, seen_from: datetime | None) -> None:
        self.project = project
        self.seen_from = seen_from

    def due(self, ref: Ref) -> bool:
        """True when the record must be read again before anything is written from it."""
        pulled = self.project.records.pulled_at(ref.system, ref.kind)
        return self.seen_from is None or not pulled or datetime.fromisoformat(pulled) < self.seen_from

    @cached_property
    def _projections(self) -> dict[str, Projection]:
        return {projection.mapping.name: projection for projection, _ in self.project.projections()}

    def moved(self, change: Change, before: Record | None, now: Record | None) -> str:
        """What moved between the ledger's record and the vendor's, or ""; what the mapping does not read never has."""
        if now is None:
            return "it is gone"
        projection = self._projections[change.mapping]
        side: SideName = "left" if projection.mapping.left == (now.ref.system, now.ref.kind) else "right"
        here = self._side(projection, side, now)
        writes = change.action in (Action.CREATE, Action.UPDATE)
        if writes and here.scope:
            return _LEFT.get(here.scope, f"it is {here.scope} now")
        # What we wrote into it ourselves and have not read back is no news.
        if before is None or before.raw == now.raw or now.ref in self.project.records.unread():
            return ""
        there = self._side(projection, side, before)
        if here.scope != there.scope:
            return f"it is {here.scope or 'open'} now"
        return self._differing(projection, side, (before, there), (now, here)) if writes else ""

    def _side(self, projection: Projection, side: SideName, record: Record) -> Side:
        return project_raw(projection, side, record.ref, record.raw, self.project.lookups, "")

    def _differing(
        self, projection: Projection, side: SideName, before: tuple[Record, Side], now: tuple[Record, Side]
    ) -> str:
        there, here = (dict(self._content(projection, side, *each)) for each in (before, now))
        moved = [name for name in {**there, **here} if there.get(name) != here.get(name)]
        fields = [name for name in moved if name not in (AMOUNT, DATED)]
        return f"{', '.join(fields or moved)} moved" if moved else ""

    def _content(self, projection: Projection, side: SideName, record: Record, seen: Side) -> Iterator[tuple[str, Any]]:
        """Cells and lines; the values that are written once, whose cells only say that there is one; the amount."""
        cells, blocks = split_body(seen.body, len(projection.lines))
        scope = Scope(record.ref, decode_record(record.raw), self.project.lookups)
        for slot, cell in zip(projection.slots, cells, strict=True):
            if slot.entry.owner != other(side):
                yield slot.name, _once(slot.reading(side).read, scope) if slot.entry.once else cell
        for block, lines in zip(projection.lines, blocks, strict=True):
            yield block.name, sorted(lines)
        yield AMOUNT, (seen.amount, seen.currency)
        yield DATED, seen.dated


def _once(read: Any, scope: Scope) -> str:
    try:
        return show(read(scope.root, scope))
    except Undecodable as error:
        return str(error)
