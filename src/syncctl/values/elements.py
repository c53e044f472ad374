"""The elements of a list of a record: its own, or records that the ledger joins. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Raw
from syncctl.paths import Hop, Path, Step, compile_read
from syncctl.values.canonical import flat
from syncctl.values.field_reader import joined_reader
from syncctl.values.locate import JOINED, locate
from syncctl.values.scope import Catalogue, Reader, Scope


def elements_reader(path: Path, system: str, kind: str, catalogue: Catalogue) -> Callable[[Raw, Scope], list[Any]]:
    """Reads the elements of a list of a record, its selectors applied; the list may be one that the ledger joins.

    A selector may step through a reference: `Line(SalesItemLineDetail.ItemRef->Name=Shipping)`.
    """
    steps = path.steps
    bare = Path((Hop((*steps[:-1], Step(steps[-1].name))),))
    found = catalogue.schema(system, kind).find(bare.key)
    joined = found is not None and found.reverse is not None
    get: Reader = joined_reader(found, system) if found and joined else _own_elements(bare)
    prefix = element_prefix(path, system, kind, catalogue)
    kept = [
        (locate(selector.path, system, kind, catalogue, prefix).read, selector.values)
        for selector in steps[-1].selectors
    ]

    def read(raw: Raw, scope: Scope) -> list[Any]:
        elements = get(raw, scope)
        if elements is None:
            return []
        listed = list(elements) if isinstance(elements, (list, tuple)) else [elements]
        if not kept:
            return listed
        return [
            element for element in listed if all(_chosen(reader, element, scope, values) for reader, values in kept)
        ]

    return read


def _own_elements(path: Path) -> Reader:
    get = compile_read(path)
    return lambda raw, _scope: get(raw)


def _chosen(read: Reader, element: Any, scope: Scope, values: tuple[str, ...]) -> bool:
    """True when one of the element's values there is one of these; what cannot be read is chosen by nobody."""
    try:
        return any(show(value) in values for value in flat(read(element, scope)))
    except Undecodable:
        return False


def element_prefix(path: Path, system: str, kind: str, catalogue: Catalogue) -> str:
    """Where the fields of a list's elements are looked up: under the list's key, or in the joined records' kind."""
    found = catalogue.schema(system, kind).find(path.key)
    return f"{JOINED}{found.reverse[0]}" if found is not None and found.reverse is not None else path.key
