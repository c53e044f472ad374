"""Names that must be unique at a vendor: no two records of one plan get names that are equal but for case. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from syncctl.fields.schema import Schema
from syncctl.fields.sharing import decides, sharers
from syncctl.model import Change, Raw, Ref
from syncctl.paths import parse_path, read

Name: TypeAlias = tuple[str, str, str, str]
"""System, kind, place and the name without case and outer blanks, with among whom it must be the only one."""


class Names:
    """The unique names that one plan gives out, and to which record."""

    def __init__(self) -> None:
        self._given: dict[Name, tuple[Ref, str]] = {}

    def taken(self, schema: Schema, change: Change, made: Raw) -> str:
        """Why a change that leaves its record as `made` may not have its names, or "".

        QuickBooks takes "ACME" and "Acme" for one name (code 6240).
        """
        for place, text, names in _names(schema, change, made):
            for name in names:
                holder, given = self._given.get(name, (change.target, ""))
                if holder != change.target:
                    return (
                        f"{place} {text!r} and {given!r}, which this plan gives to another record, are one name to"
                        f" {schema.system}: give one of the two another name"
                    )
        return ""

    def give(self, schema: Schema, change: Change, made: Raw) -> None:
        """Remembers the names of a planned change."""
        for _, text, names in _names(schema, change, made):
            self._given.setdefault(names[0], (change.target, text))


def _names(schema: Schema, change: Change, made: Raw) -> Iterator[tuple[str, str, list[Name]]]:
    """(field, name as written, the name in each kind that shares the uniqueness, its own first)."""
    for field in schema.fields.values():
        if not field.unique or not any(decides(field, edit) for edit in change.edits):
            continue
        for text in read(made, parse_path(field.place)):
            if isinstance(text, str):
                plain = " ".join(text.split()).casefold()
                name = f"{plain} {sharers(field, made)}".rstrip()
                kinds = (schema.kind, *field.unique_with)
                yield field.path, text, [(schema.system, kind, field.place, name) for kind in kinds]
