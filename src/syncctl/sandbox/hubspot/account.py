"""One pretend account: objects, properties, associations, owners, pipelines and the search index. No I/O."""

from __future__ import annotations

import random
from bisect import insort
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from syncctl.clock import Clock
from syncctl.sandbox.hubspot.catalog import GROUPS, built_in, modified_property
from syncctl.sandbox.hubspot.kinds import PLURALS
from syncctl.sandbox.hubspot.properties import Property, instant

RESTORABLE = timedelta(days=90)
"""An archived record can be restored for 90 days (vendor's documentation); then it is gone."""


@dataclass
class Stored:
    """One record. `properties` holds what is set, computed values included."""

    id: str
    kind: str
    properties: dict[str, str]
    created: datetime
    updated: datetime
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """An admin's rule: on a create or update over a 2026-09 path `property` must be set when the others match."""

    property: str
    when: Mapping[str, str] = field(default_factory=dict)


Edge = tuple[str, str, str, str]
"""From kind, from id, to kind, to id."""


class Account:
    """All state of the pretend vendor. Every change goes through `touch` or `archive`."""

    def __init__(
        self, clock: Clock, *, seed: int, portal_id: int, currency: str, currencies: Iterable[str], search_lag: float
    ) -> None:
        self.clock = clock
        self.portal_id = portal_id
        self.currency = currency
        self.currencies = tuple(dict.fromkeys((currency, *currencies)))
        self.search_lag = timedelta(seconds=search_lag)
        self.properties: dict[str, dict[str, Property]] = {kind: built_in(kind, self.currencies) for kind in PLURALS}
        self.groups: dict[str, dict[str, str]] = {kind: dict([GROUPS[kind]]) for kind in PLURALS}
        self.objects: dict[str, dict[str, Stored]] = {kind: {} for kind in PLURALS}
        self.order: dict[str, list[int]] = {kind: [] for kind in PLURALS}
        self.merged_into: dict[str, dict[str, str]] = {kind: {} for kind in PLURALS}
        self.edges: dict[Edge, set[int]] = {}
        self.neighbours: dict[tuple[str, str, str], list[str]] = {}
        self.rules: dict[str, list[Rule]] = {kind: [] for kind in PLURALS}
        self.owners: dict[str, dict[str, Any]] = {}
        self.pipelines: dict[str, dict[str, Any]] = {}
        self.index: dict[str, dict[int, dict[str, str]]] = {kind: {} for kind in PLURALS}
        self.unique: dict[tuple[str, str], dict[str, str]] = {}
        self._unindexed: deque[tuple[datetime, str, int, dict[str, str] | None]] = deque()
        self._random = random.Random(seed)  # noqa: S311
        self._last_id = 30_000_000_000 + self._random.randrange(1_000_000)

    def new_id(self) -> str:
        """The next record id: ever larger, never without gaps."""
        self._last_id += self._random.randrange(1, 9_000)
        return str(self._last_id)

    def now(self) -> datetime:
        """The time in whole milliseconds, as the vendor keeps it."""
        moment = self.clock.now()
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    # --- objects ----------------------------------------------------------------------------------------------------

    def add(self, record: Stored) -> None:
        """Stores a new record under its id."""
        self.objects[record.kind][record.id] = record
        insort(self.order[record.kind], int(record.id))
        self._last_id = max(self._last_id, int(record.id))

    def drop(self, record: Stored) -> None:
        """Takes a record away for good (merged into another)."""
        del self.objects[record.kind][record.id]
        self.order[record.kind].remove(int(record.id))
        self._forget_unique(record)
        for edge in [edge for edge in self.edges if record.id in (edge[1], edge[3])]:
            self._drop_edge(edge)
        self.index_later(record, None)

    def live(self, kind: str, identity: str) -> Stored | None:
        """The record with this id, or the one it was merged into; None when there is none or it is archived."""
        found = self.any(kind, identity)
        return found if found is not None and found.archived_at is None else None

    def any(self, kind: str, identity: str) -> Stored | None:
        """Like `live`, archived ones included while they can be restored."""
        while identity in self.merged_into[kind]:
            identity = self.merged_into[kind][identity]
        found = self.objects[kind].get(identity)
        if found is not None and found.archived_at is not None and found.archived_at + RESTORABLE < self.now():
            return None
        return found

    def touch(self, record: Stored, *, at: datetime | None = None, at_once: bool = False) -> None:
        """After any change: the modification date moves and the search index learns of it later."""
        record.updated = at or self.now()
        record.properties[modified_property(record.kind)] = instant(record.updated)
        record.properties["hs_object_id"] = record.id
        self.index_later(record, dict(record.properties), at_once=at_once)

    def archive(self, record: Stored, *, at: datetime | None = None, at_once: bool = False) -> None:
        record.archived_at = at or self.now()
        self._forget_unique(record)
        self.index_later(record, None, at_once=at_once)

    def put_back(self, record: Stored, properties: dict[str, str], updated: datetime) -> None:
        """Undoes an update."""
        self._forget_unique(record)
        record.properties = properties
        self._remember_unique(record)
        self.touch(record, at=updated)

    def _drop_edge(self, edge: Edge) -> None:
        self.edges.pop(edge, None)
        kind, identity, other_kind, other = edge
        held = self.neighbours.get((kind, identity, other_kind), [])
        if other in held:
            held.remove(other)

    def restore(self, kind: str, identity: str) -> Stored:
        """What a person does in the recycle bin; raises KeyError when there is nothing to restore."""
        record = self.objects[kind][identity]
        record.archived_at = None
        self._remember_unique(record)
        self.touch(record)
        return record

    # --- unique values ----------------------------------------------------------------------------------------------

    def set_unique(self, record: Stored, name: str, value: str) -> None:
        """Moves the record to its new value of a unique property."""
        table = self.unique.setdefault((record.kind, name), {})
        before = record.properties.get(name, "")
        if before and table.get(before) == record.id:
            del table[before]
        if value:
            table[value] = record.id

    def holder(self, kind: str, name: str, value: str) -> Stored | None:
        """The live record that has this value of a unique property."""
        identity = self.unique.get((kind, name), {}).get(value)
        return self.objects[kind].get(identity) if identity else None

    def unique_names(self, kind: str) -> tuple[str, ...]:
        """Properties whose value only one record may have; a contact's e-mail is one without saying so."""
        named = tuple(found.name for found in self.properties[kind].values() if found.unique)
        return ("email", *named) if kind == "contact" else named

    def _forget_unique(self, record: Stored) -> None:
        for name in self.unique_names(record.kind):
            table = self.unique.get((record.kind, name), {})
            if table.get(record.properties.get(name, "")) == record.id:
                del table[record.properties[name]]

    def _remember_unique(self, record: Stored) -> None:
        for name in self.unique_names(record.kind):
            value = record.properties.get(name)
            if value:
                self.unique.setdefault((record.kind, name), {}).setdefault(value, record.id)

    # --- the search index -------------------------------------------------------------------------------------------

    def index_later(self, record: Stored, properties: dict[str, str] | None, *, at_once: bool = False) -> None:
        due = self.now() if at_once else self.now() + self.search_lag
        self._unindexed.append((due, record.kind, int(record.id), properties))

    def indexed(self, kind: str) -> dict[int, dict[str, str]]:
        """What a search sees now: older than the truth by the lag."""
        now = self.now()
        waiting: deque[tuple[datetime, str, int, dict[str, str] | None]] = deque()
        for entry in self._unindexed:
            due, of, identity, properties = entry
            if due > now:
                waiting.append(entry)
            elif properties is None:
                self.index[of].pop(identity, None)
            else:
                self.index[of][identity] = properties
        self._unindexed = waiting
        return self.index[kind]

    # --- owners and pipelines ---------------------------------------------------------------------------------------

    def stages(self, pipeline: str | None = None) -> dict[str, dict[str, Any]]:
        """Deal stages by id, of one pipeline or of all."""
        chosen = self.pipelines.values() if pipeline is None else [self.pipelines[pipeline]]
        return {stage["id"]: stage for found in chosen for stage in found["stages"]}
