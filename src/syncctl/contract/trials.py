"""Which values are written to a field, and whether they came back. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from syncctl.contract.subject import Kind
from syncctl.contract.values import canonical, general_values, place_of
from syncctl.fields.schema import Field, Schema
from syncctl.model import Edit, Raw
from syncctl.paths import parse_path, read


@dataclass(frozen=True, slots=True)
class Trial:
    """One field, the values it is given one after the other, and what else must be written with them. `within` are the
    fields of its elements, where it is a list of objects.
    """

    field: Field
    values: tuple[Any, ...]
    alongside: Mapping[str, Any]
    within: tuple[Field, ...] = ()

    @property
    def linked(self) -> bool:
        """True for links to other records, which are added one by one to a record that exists."""
        return self.field.many and self.field.type == "ref"

    def edits(self, value: Any) -> list[Edit]:
        """The edits that write one value."""
        also = [Edit(place, None, one) for place, one in self.alongside.items()]
        return [*also, Edit(place_of(self.field), None, value, "add" if self.linked else "set", self.field.codec)]

    def differences(self, value: Any, raw: Raw) -> Iterator[str]:
        """What of the value that was written came back as something else."""
        if not self.within:
            yield from _different(self.field, [value], read(raw, parse_path(place_of(self.field))))
            return
        held = list(read(raw, parse_path(self.field.path)))
        for inner in self.within:
            tail = inner.path.removeprefix(f"{self.field.path}.")
            yield from _different(inner, _inner(value, tail), _inner(held, tail))


def _different(field: Field, sent: Iterable[Any], held: Iterable[Any]) -> Iterator[str]:
    wanted, back = canonical(field, sent), canonical(field, held)
    if not all(one in back for one in wanted):
        yield f"{field.path} was written as {_shown(wanted)} and came back as {_shown(back)}"


def _inner(elements: Any, tail: str) -> list[Any]:
    listed = elements if isinstance(elements, list) else [elements]
    return [found for element in listed for found in read(element, parse_path(tail))]


def _shown(values: list[Any]) -> str:
    return ", ".join(str(value) for value in values) or "nothing"


def trials(kind: Kind, schema: Schema) -> tuple[list[Trial], list[str]]:
    """A trial for every writable field, and the fields that the subject would have to say more about."""
    found: list[Trial] = []
    unsaid: list[str] = []
    writable = [one for one in schema.fields.values() if one.writable != "never" and one.path not in kind.left_out]
    lists = _lists(kind, writable)
    for field in (*writable, *(one for one in lists.values() if one not in writable)):
        owner = next((path for path in lists if field.path.startswith(f"{path}.")), "")
        if owner:
            if not _inner(kind.values.get(owner, []), field.path.removeprefix(f"{owner}.")):
                unsaid.append(f"{field.path} is in no element that the subject's `values` give for {owner}")
        elif field.path not in kind.values and field.type in ("ref", "object"):
            unsaid.append(f"{field.path} needs a value in the subject's `values`")
        else:
            values = [kind.values[field.path]] if field.path in kind.values else general_values(field)
            within = _within(field, writable) if field.path in lists else ()
            found.append(Trial(field, tuple(values), kind.alongside.get(field.path, {}), within))
    return found, unsaid


def _lists(kind: Kind, writable: list[Field]) -> dict[str, Field]:
    """The lists of objects by path, the outer ones first; of some only the fields of their elements are writable."""
    said = [one for one in writable if one.many and one.type == "object"]
    begun = [path for path in kind.values if any(one.path.startswith(f"{path}.") for one in writable)]
    held = {one.path for one in writable}
    unsaid = [Field(path, "object", many=True, writable="always") for path in begun if path not in held]
    return {one.path: one for one in sorted((*said, *unsaid), key=lambda one: len(one.path))}


def _within(field: Field, writable: list[Field]) -> tuple[Field, ...]:
    """The fields of a list's elements; of an object among them its own fields stand for it."""
    inner = [one for one in writable if one.path.startswith(f"{field.path}.")]
    return tuple(one for one in inner if not any(other.path.startswith(f"{one.path}.") for other in inner))
