"""One mapping file on its way from nodes to values: its settings, and every problem found so far. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias, TypeVar

from syncctl.mapping.grammar import DATE, SHAPES, WHOLE, Shape
from syncctl.mapping.language import At
from syncctl.model import Problem
from syncctl.yamltext import List, Map, Node, Text, closest, short, unknown_keys, what

Books: TypeAlias = "Mapping[str, str | Books]"
"""The settings that `$names` stand for: nested, every leaf a text."""

Choice = TypeVar("Choice", bound=str)


class Loading:
    """Collects problems instead of raising them, so that a person sees all of them at once."""

    shapes: Mapping[str, Shape] = SHAPES
    """The maps that this kind of file is made of."""

    def __init__(self, name: str, books: Books) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self._books = books

    def problem(self, place: Node | At, message: str, hint: str = "") -> None:
        """Notes one problem; the place is a node or where it stands."""
        at = place if isinstance(place, At) else place.at
        self.problems.append(Problem(str(at), message, hint))

    # --- shapes -------------------------------------------------------------------------------------------------------

    def map(self, node: Node | None, shape: str) -> Map:
        """The node as a map of this shape, unknown and missing keys noted; empty where it is none."""
        known = self.shapes[shape]
        if not isinstance(node, Map):
            if node is not None:
                keys = ", ".join(f"`{name}`" for name in known.names[:4])
                self.problem(node, f"{known.title} is a map, not {what(node)}", f"its keys: {keys}" if keys else "")
            return Map((), node.at if node is not None else At(self.name, 1, 1))
        for entry in node.pairs:
            if entry.key.text in known.later:
                self.problem(entry.key, f"`{entry.key.text}` is not supported yet", known.later[entry.key.text])
        if known.open_keys is None:
            self.problems += unknown_keys(node, (*known.names, *known.later))
        for key in known.keys:
            if key.required and node.get(key.name) is None:
                self.problem(node, f"{known.title} needs `{key.name}`", key.help)
        return node

    def elements(self, node: Node | None, name: str) -> tuple[Node, ...]:
        """The elements of a list; none where it is no list."""
        if isinstance(node, List):
            return node.elements
        if node is not None:
            self.problem(node, f"`{name}` holds {what(node)}, not a list", "write [a, b], or one `- ` line for each")
        return ()

    def names(self, node: Node | None, name: str) -> tuple[str, ...]:
        """One text or a list of texts."""
        nodes = (node,) if isinstance(node, Text) else self.elements(node, name)
        return tuple(text for each in nodes if (text := self.text(each, name)) is not None)

    # --- scalars ------------------------------------------------------------------------------------------------------

    def text(self, node: Node | None, name: str, *, hint: str = "") -> str | None:
        """The text of a node; None where there is none."""
        if node is None:
            return None
        if not isinstance(node, Text):
            self.problem(node, f"`{name}` holds {what(node)}, not a text", hint)
            return None
        if not node.text.strip():
            self.problem(node, f"`{name}` is empty", hint)
            return None
        return node.text

    def choice(self, node: Node | None, name: str, choices: Sequence[Choice]) -> Choice | None:
        """The text of a node, one of the choices."""
        text = self.text(node, name, hint="use one of " + ", ".join(choices))
        found = next((choice for choice in choices if choice == text), None)
        if text is not None and found is None:
            self._refused(node, text, name, closest(text, choices))
        return found

    def like(self, node: Node | None, name: str, pattern: str, hint: str) -> str | None:
        """The text of a node, of this form."""
        text = self.text(node, name, hint=hint)
        if text is None or re.fullmatch(pattern, text):
            return text
        self._refused(node, text, name, hint)
        return None

    def whole(self, node: Node | None, name: str, *, low: int = 0, high: int = 999_999_999) -> int | None:
        """A whole number in these bounds."""
        hint = f"a whole number from {low} to {high}"
        text = self.like(node, name, WHOLE, hint)
        if text is None or low <= int(text) <= high:
            return None if text is None else int(text)
        self._refused(node, text, name, hint)
        return None

    def day(self, node: Node | None, name: str) -> date | None:
        """A calendar day: 2026-01-31."""
        hint = "a day: 2026-01-31"
        text = self.like(node, name, DATE, hint)
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            self._refused(node, text or "", name, hint)
            return None

    def _refused(self, node: Node | None, text: str, name: str, hint: str) -> None:
        if node is not None:
            self.problem(node, f"`{short(text)}` is no value of `{name}`", hint)

    # --- settings -----------------------------------------------------------------------------------------------------

    def filled(self, text: str, at: At) -> str:
        """A text, or the setting it names with `$`."""
        return (self.setting(text[1:], at) or "") if text.startswith("$") else text

    def setting(self, name: str, at: At) -> str | None:
        """The text of a setting."""
        found = self._find(name, at)
        if isinstance(found, Mapping):
            inside = closest(f"${name}", (f"${name}.{key}" for key in found))
            self.problem(at, f"`${short(name)}` is a group of settings, not one", inside)
            return None
        if found == "":
            self.problem(at, f"the setting `${short(name)}` is empty", "give it a text under `books:`")
        return found

    def table(self, name: str, at: At) -> Mapping[str, str]:
        """A table of values among the settings."""
        found = self._find(name, at)
        if isinstance(found, str):
            self.problem(at, f"`${short(name)}` is one text, not a table", "values: $tables.NAME")
        if not isinstance(found, Mapping):
            return {}
        pairs = {key: value for key, value in found.items() if isinstance(value, str)}
        if len(pairs) < len(found) or not pairs:
            self.problem(at, f"`${short(name)}` is no table of values", "a table is {left: right, …}")
        return pairs

    def _find(self, name: str, at: At) -> str | Books | None:
        found: str | Books | None = self._books
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        if found is None:
            hint = closest(f"${name}", _names(self._books)) or "add it to `books:` in syncctl.yaml"
            self.problem(at, f"there is no setting `${short(name)}`", hint)
        return found


def _names(books: Books, prefix: str = "$") -> Iterator[str]:
    """Every setting as a mapping names it; not the rows of tables."""
    for key, value in books.items():
        yield f"{prefix}{key}"
        if isinstance(value, Mapping) and prefix != "$tables.":
            yield from _names(value, f"{prefix}{key}.")
