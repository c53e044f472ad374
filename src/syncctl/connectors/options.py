"""The options of a system in syncctl.yaml, read by the types of its connector's settings. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from math import inf
from typing import Any, Final, TypeAlias

from syncctl.model import Problem

Range: TypeAlias = tuple[float, float]
"""The least and the greatest value."""
_READ: Final[Mapping[str, Callable[[str], Any]]] = {"str": str, "int": int, "float": float}


def read_fields(
    shape: type[Any], system: str, given: Mapping[str, str], ranges: Mapping[str, Range]
) -> tuple[dict[str, Any], list[Problem]]:
    """What can be read, by name, and a problem at `system.name` for everything else.

    `shape` is a dataclass of texts and numbers. A number that `ranges` does not name is above 0.
    """
    types = {one.name: str(one.type) for one in fields(shape)}
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, text in given.items():
        where = f"{system}.{name}"
        if name not in types:
            problems.append(Problem(where, f"there is no option `{name}`", f"known: {', '.join(sorted(types))}"))
            continue
        value = _value(types[name], text)
        if isinstance(value, str) or (value is not None and _fits(value, ranges.get(name))):
            found[name] = value
        else:
            problems.append(Problem(where, f"`{name}` is {text!r}", _wanted(types[name], ranges.get(name))))
    return found, problems


def _value(kind: str, text: str) -> Any:
    try:
        return _READ[kind](text)
    except ValueError:
        return None


def _fits(value: float, limits: Range | None) -> bool:
    """False for NaN, too, which is neither less nor greater than anything."""
    return 0 < value < inf if limits is None else limits[0] <= value <= limits[1]


def _wanted(kind: str, limits: Range | None) -> str:
    number = "a whole number" if kind == "int" else "a number"
    return f"write {number} above 0" if limits is None else f"write {number} from {limits[0]:,} to {limits[1]:,}"
