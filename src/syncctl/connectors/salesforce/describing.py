"""What an object's description says, as far as reading it goes. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

COMPOUND: Final = frozenset({"address", "location", "complexvalue", "base64", "datacategorygroupreference"})
"""Types that are not read: compound values (their parts are fields of their own, and bulk jobs refuse them), files."""
_STAMPS: Final = ("SystemModstamp", "LastModifiedDate")


@dataclass(frozen=True, slots=True)
class Shape:
    """One object as this user may read it. `types` are the fields that a query may name, with their types.

    `stamp` is the field that moves with every change; empty where the object has none that can be searched by.
    """

    kind: str
    prefix: str
    types: Mapping[str, str]
    filterable: frozenset[str]
    stamp: str
    replicable: bool
    calculated: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every field to read, in a stable order."""
        return tuple(self.types)

    @property
    def head(self) -> tuple[str, ...]:
        """The fields that the connector itself needs."""
        return tuple(name for name in ("Id", "SystemModstamp", "IsDeleted", "MasterRecordId") if name in self.types)

    @property
    def deletable(self) -> bool:
        """True where a row says itself that it was deleted."""
        return "IsDeleted" in self.types


def shape_of(description: Mapping[str, Any]) -> Shape:
    """From a description."""
    readable = {str(one["name"]): one for one in description["fields"] if one.get("type") not in COMPOUND}
    search = frozenset(name for name, one in readable.items() if one.get("filterable"))
    ordered = frozenset(name for name, one in readable.items() if one.get("sortable"))
    return Shape(
        str(description["name"]),
        str(description.get("keyPrefix") or ""),
        {name: str(readable[name]["type"]) for name in sorted(readable)},
        search,
        next((name for name in _STAMPS if name in search and name in ordered), ""),
        bool(description.get("replicateable")),
        tuple(sorted(name for name, one in readable.items() if one.get("calculated"))),
    )
