"""Where a value is read, and what it may look at: the record, its source, the live schemas. No I/O of its own.

What lies outside the record at hand (the record a reference names, a partner in another mapping) is asked from a
`Source`; every such look is noted in `Scope.uses`, so that the ledger knows whom a change concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from syncctl.fields.schema import Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Raw, Ref


class Source(Protocol):
    """What a value may look at beyond its own record."""

    def record(self, ref: Ref) -> Raw | None:
        """The record a reference names."""
        ...

    def pointing_here(self, system: str, kind: str, path: str, value: str) -> tuple[tuple[Ref, Raw], ...]:
        """Records of a kind whose value at `path` is `value`."""
        ...

    def partner(self, mapping: str, ref: Ref) -> Ref | None:
        """The record's partner in a mapping (the first, where there are several)."""
        ...

    def pair(self, mapping: str, ref: Ref) -> int | None:
        """The number of the record's pair in a mapping."""
        ...


@dataclass(slots=True)
class Scope:
    """Where a value is read: the record, what holds it, and the world around. `uses` collects the looks outside."""

    ref: Ref
    root: Raw
    source: Source
    uses: set[Ref] = field(default_factory=set)
    joined: dict[Ref, tuple[Any, ...]] = field(default_factory=dict)
    """Lists that the ledger joined, so that the same element is the same object however often it is read."""
    texts: dict[object, str] = field(default_factory=dict)
    """Links of the record itself that were followed already, by the cell that follows them: keys and fields share."""


@dataclass(frozen=True)
class Catalogue:
    """The live schemas of all systems, how each vendor tells a state, and the books' time zone."""

    schemas: Mapping[tuple[str, str], Schema]
    state: Callable[[Ref, Raw], str]
    time_zone: ZoneInfo
    sides: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)
    """Kinds that compiling looked at: what has to be pulled."""

    def schema(self, system: str, kind: str) -> Schema:
        """The schema of a kind; raises Undecodable when it was never pulled."""
        self.asked.add((system, kind))
        found = self.schemas.get((system, kind))
        if found is None:
            raise Undecodable(f"{system} has no kind {kind}")
        return found


Reader: TypeAlias = Callable[[Any, Scope], Any]
"""From a raw record or line element to a canonical value. Raises Undecodable."""
