"""FieldPath: the text that names a place in a record, and how to read and write there. No I/O.

a.b                       steps inside, and through a list to all its elements
Line(DetailType=X|Y)      the elements whose field has one of these values; selectors may follow each other
companies(primary)        the elements with that label
(Project ID)              the field with that label, wherever the vendor keeps it
CustomerRef->DisplayName  from a reference to the record it names
link(invoices)->number    from the record to its partner in another mapping
$parent.x  $state         the record that holds a line; the record's state in one vocabulary
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

LABEL_FIELD = "label"
"""`companies(primary)` is short for `companies(label=primary)`."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Keeps the elements of a list whose field at `path` is one of `values`; a value `$name` is a setting."""

    path: Path
    values: tuple[str, ...]

    def __str__(self) -> str:
        if str(self.path) == LABEL_FIELD and len(self.values) == 1 and "=" not in self.values[0]:
            return f"({self.values[0]})"
        return f"({self.path}={'|'.join(self.values)})"


@dataclass(frozen=True, slots=True)
class Step:
    """One key, with the selectors that follow it."""

    name: str
    selectors: tuple[Selector, ...] = ()

    def __str__(self) -> str:
        return self.name + "".join(map(str, self.selectors))


@dataclass(frozen=True, slots=True)
class Hop:
    """The steps between two arrows. At most one of `label` (a field by its label) and `link` (a mapping) is set."""

    steps: tuple[Step, ...] = ()
    label: str = ""
    link: str = ""
    parent: bool = False
    state: bool = False

    def __str__(self) -> str:
        if self.link:
            return f"link({self.link})"
        if self.state:
            return "$state"
        parts = [f"({self.label})"] if self.label else []
        return ("$parent." if self.parent else "") + ".".join(parts + [str(step) for step in self.steps])


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path. `str()` gives the text back."""

    hops: tuple[Hop, ...]

    def __str__(self) -> str:
        return "->".join(map(str, self.hops))

    @property
    def plain(self) -> bool:
        """True when the path stays inside one record and names no label or state: it can be read and written here."""
        hop = self.hops[0]
        return len(self.hops) == 1 and not (hop.label or hop.link or hop.parent or hop.state)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the first hop."""
        return self.hops[0].steps

    @property
    def key(self) -> str:
        """The steps of the first hop without selectors: what a Schema calls the field (`Line.Amount`)."""
        return ".".join(step.name for step in self.hops[0].steps)


_NAME = re.compile(r"[^.()=|>\s](?:[^.()=|>-]|-(?!>))*")


class PathError(ValueError):
    """The text is no path; the message says why and where."""


@cache
def parse_path(text: str) -> Path:
    """Reads a path; raises PathError."""
    reader = _Reader(text.strip())
    path = reader.path()
    if reader.at < len(reader.text):
        raise PathError(f"{text!r}: cannot read from {reader.rest()!r} on")
    return path


class _Reader:
    """A cursor over the text of one path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def rest(self) -> str:
        return self.text[self.at :]

    def take(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def path(self) -> Path:
        hops = [self.hop()]
        while self.take("->"):
            hops.append(self.hop())
        return Path(tuple(hops))

    def hop(self) -> Hop:
        if self.take("$state"):
            return Hop(state=True)
        if self.take("link("):
            return Hop(link=self.bracketed())
        parent = self.take("$parent.")
        if self.take("("):
            label = self.bracketed()
            return Hop(self.steps() if self.take(".") else (), label=label, parent=parent)
        return Hop(self.steps(), parent=parent)

    def bracketed(self) -> str:
        """The text up to the closing bracket; brackets inside it pair up: `(Revenue (USD))`."""
        depth = 1
        for stop in range(self.at, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[stop], 0)
            if depth == 0:
                break
        else:
            raise PathError(f"{self.text!r}: `)` is missing after {self.rest()!r}")
        found = self.text[self.at : stop].strip()
        self.at = stop + 1
        if not found:
            raise PathError(f"{self.text!r}: nothing between the brackets")
        return found

    def steps(self) -> tuple[Step, ...]:
        found = [self.step()]
        while self.take("."):
            found.append(self.step())
        return tuple(found)

    def step(self) -> Step:
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise PathError(f"{self.text!r}: a field name is missing at {self.rest()!r}")
        self.at = match.end()
        selectors = []
        while self.take("("):
            selectors.append(self.selector())
        return Step(match.group().strip(), tuple(selectors))

    def selector(self) -> Selector:
        inside = self.bracketed()
        path, equals, values = inside.partition("=")
        if not equals:
            return Selector(parse_path(LABEL_FIELD), (inside,))
        options = tuple(value.strip() for value in values.split("|"))
        if not all(options):
            raise PathError(f"{self.text!r}: a value is missing in `({inside})`")
        return Selector(parse_path(path), options)


def read(value: Any, path: Path) -> Iterator[Any]:
    """Every raw value at a plain path, in order; nothing where a step is missing or null."""
    return _walk(value, path.steps)


def _walk(value: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _walk(element, steps)
    elif not steps:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        step = steps[0]
        inner = value.get(step.name)
        if step.selectors:
            inner = [element for element in _elements(inner) if _selected(element, step.selectors)]
        if inner is not None:
            yield from _walk(inner, steps[1:])


def _elements(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _selected(element: Any, selectors: tuple[Selector, ...]) -> bool:
    for selector in selectors:
        steps = selector.path.hops[0].steps
        plain = type(element) is dict and len(steps) == 1 and not steps[0].selectors
        value = element.get(steps[0].name) if plain else None
        if type(value) is str:  # the common case: an id, a kind, a label
            if value not in selector.values:
                return False
        elif not any(as_text(found) in selector.values for found in read(element, selector.path)):
            return False
    return True


def as_text(value: Any) -> str:
    """A raw scalar as a selector compares it; a reference object by its `value`."""
    if isinstance(value, dict):
        inner = value.get("value", value.get("id"))
        value = value if inner is None else inner
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def compile_read(path: Path) -> Callable[[Any], Any]:
    """A fast reader for a plain path through objects; None when absent.

    Falls back to `read` (first value, or a tuple of several) as soon as a selector, or a list of anything but objects,
    is in the way.
    """
    names = [step.name for step in path.steps]
    if any(step.selectors for step in path.steps):
        return lambda raw: _one_or_many(raw, path)
    first = names[0]
    if len(names) == 1:
        return lambda raw: raw.get(first) if type(raw) is dict else _one_or_many(raw, path)
    return _two_keys(path, first, names[1]) if len(names) == 2 else _many_keys(path, names)


def _two_keys(path: Path, first: str, second: str) -> Callable[[Any], Any]:
    def two(raw: Any) -> Any:
        inner = raw.get(first) if type(raw) is dict else None
        if type(inner) is dict:
            return inner.get(second)
        if type(inner) is list and all(type(element) is dict for element in inner):
            found = [value for element in inner if (value := element.get(second)) is not None]
            if not any(type(value) is list for value in found):
                return _counted(found)
        return _one_or_many(raw, path)

    return two


def _many_keys(path: Path, names: list[str]) -> Callable[[Any], Any]:
    def many(raw: Any) -> Any:
        value = raw
        for name in names:
            if type(value) is not dict:
                return _one_or_many(raw, path)
            value = value.get(name)
        return value if type(value) is not list else _one_or_many(raw, path)

    return many


def _one_or_many(raw: Any, path: Path) -> Any:
    return _counted(list(read(raw, path)))


def _counted(found: list[Any]) -> Any:
    """Nothing as None, one value as itself, several as a tuple."""
    if not found:
        return None
    return found[0] if len(found) == 1 else tuple(found)


def write(target: Any, path: Path, value: Any) -> Any:
    """A copy of `target` with `value` at a plain path. Missing objects are made; an element that no selector finds is
    appended with its selector's values. `value` None removes the key, and an element that is only its selector; what
    is not there is not made to be emptied.
    """
    if value is None and next(_walk(target, path.steps), None) is None:
        return target
    return _written(target, path.steps, value)


def _written(target: Any, steps: tuple[Step, ...], value: Any) -> Any:
    if not steps:
        return value
    if value is None and not isinstance(target, dict):
        return target
    step, rest = steps[0], steps[1:]
    result = dict(target) if isinstance(target, dict) else {}
    inner = result.get(step.name)
    if inner is None and value is None:
        return result
    if step.selectors:
        made = _written_elements(_elements(inner), step.selectors, rest, value)
        result[step.name] = made[0] if isinstance(inner, dict) and len(made) == 1 else made
    elif isinstance(inner, list) and rest:
        result[step.name] = [_written(element, rest, value) for element in inner]
    elif (written := _written(inner, rest, value)) is None:
        del result[step.name]
    else:
        result[step.name] = written
    return result


def _written_elements(
    elements: list[Any], selectors: tuple[Selector, ...], rest: tuple[Step, ...], value: Any
) -> list[Any]:
    changed, found = [], False
    for element in elements:
        if not _selected(element, selectors):
            changed.append(element)
            continue
        found = True
        made = _written(element, rest, value)
        if made is not None and not (value is None and _only_selected(made, selectors)):
            changed.append(made)
    if not found and value is not None:
        changed.append(_written(element_from(selectors), rest, value))
    return changed


def _only_selected(element: Any, selectors: tuple[Selector, ...]) -> bool:
    """True when nothing is left of an element but what its selectors look at."""
    return isinstance(element, dict) and element.keys() <= {selector.path.steps[0].name for selector in selectors}


def element_from(selectors: tuple[Selector, ...]) -> Any:
    """A new list element that its selectors would find (the first of several values)."""
    element: Any = {}
    for selector in selectors:
        element = write(element, selector.path, selector.values[0])
    return element
