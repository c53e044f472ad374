"""Strict YAML in which every scalar stays text and every node knows its place. No I/O: takes bytes, gives nodes.

`090` keeps its zero, `0.05` is exact and `NO` is Norway, because no scalar is ever resolved. What makes YAML a trap
(anchors, tags, merge keys, duplicate keys, several documents) is refused by name. Importing this costs 0.1 s (ruamel):
import it where a file is read, not at the top of the CLI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from syncctl.errors import ConfigError
from syncctl.mapping.language import At
from syncctl.model import Problem

BYTES_MAX: Final = 256_000
DEPTH_MAX: Final = 24
FILES_KEPT: Final = 64
"""A process that opens a project again, or the same mappings in another one, does not parse them again."""
PROBLEMS_MAX: Final = 200
"""A file that is nothing but problems must not make a report longer than itself."""


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as written. `quoted` is False for plain text, so that `x:` differs from `x: ""`."""

    text: str
    at: At
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """A sequence."""

    elements: tuple[Node, ...]
    at: At


@dataclass(frozen=True, slots=True)
class KeyValue:
    """One `key: value` of a Map; `key` is never a repetition within it."""

    key: Text
    value: Node


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping, in the order it was written."""

    pairs: tuple[KeyValue, ...]
    at: At

    def entries(self) -> Iterator[tuple[str, Node]]:
        """(key, value) in order."""
        return ((entry.key.text, entry.value) for entry in self.pairs)

    def get(self, key: str) -> Node | None:
        """The value under a key, or None."""
        return next((entry.value for entry in self.pairs if entry.key.text == key), None)


Node: TypeAlias = "Text | List | Map"


@lru_cache(maxsize=FILES_KEPT)
def read_yaml(name: str | Path, body: bytes) -> Map:
    """Reads one file whose top level is a map. `name` is how problems call it. The same bytes are read once.

    Raises ConfigError with every problem found.
    """
    reader = _Reader(str(name))
    root = reader.read(body)
    if reader.problems or root is None:
        raise ConfigError(f"{name} cannot be read", reader.problems[:PROBLEMS_MAX])
    return root


def what(node: Node) -> str:
    """What a node is, in a person's words: for messages."""
    if isinstance(node, Map):
        return "a map of `key: value`"
    if isinstance(node, List):
        return "a list"
    return f"`{short(node.text)}`" if node.text or node.quoted else "nothing"


def short(text: str) -> str:
    """A text in one line of at most 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."


def closest(name: str, known: Iterable[str]) -> str:
    """`did you mean `x`?`, or all the known names when there are few, or nothing."""
    names = sorted(set(known))
    lowered = {candidate.casefold(): candidate for candidate in names}
    near = get_close_matches(name, names, n=1) or [
        lowered[candidate] for candidate in get_close_matches(name.casefold(), lowered, n=1)
    ]
    if near:
        return f"did you mean `{near[0]}`?"
    return "known: " + ", ".join(f"`{candidate}`" for candidate in names) if 0 < len(names) <= 12 else ""


def unknown_keys(node: Map, known: Iterable[str]) -> list[Problem]:
    """A problem for every key of a map that is not among the known ones."""
    names = frozenset(known)
    return [
        Problem(str(entry.key.at), f"unknown key `{short(entry.key.text)}`", closest(entry.key.text, names))
        for entry in islice((entry for entry in node.pairs if entry.key.text not in names), PROBLEMS_MAX)
    ]


_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Controls, further line breaks (they would shift line numbers), bidi overrides (they disguise text)."""
_INDENT_TAB = re.compile(r"^ *(\t)[ \t]*[^\s#]", re.MULTILINE)
_QUOTE_HINT = 'quote a text that holds `,` `#` `: ` or brackets, for example "(Crew #)"'
_CLOSED: Final = {
    "[": f"write the `]`, and {_QUOTE_HINT}",
    "{": f"write the `}}`, and {_QUOTE_HINT}",
    '"': 'write the `"` at its end',
    "'": "write the `'` at its end; in the text itself it stands twice",
}
"""What opens something, and what to do where it is not closed."""


class _Refused(Exception):
    """Reading on makes no sense; the problem is already noted."""


class _Reader:
    """Reads one file; collects problems."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.depth = 0

    def problem(self, at: At, message: str, hint: str = "") -> None:
        self.problems.append(Problem(str(at), message, hint))

    def at(self, mark: Any) -> At:
        return At(self.name, mark.line + 1, mark.column + 1)

    def read(self, body: bytes) -> Map | None:
        try:
            return self.document(self.text(body))
        except _Refused:
            return None

    def text(self, body: bytes) -> str:
        """The text of the file, or a refusal."""
        start = At(self.name, 1, 1)
        if len(body) > BYTES_MAX:
            self.problem(start, f"more than {BYTES_MAX:,} bytes", "no configuration is that long: split the file")
            raise _Refused
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = body[: error.start].decode("utf-8", "replace")
            self.problem(_place(self.name, before, len(before)), "not UTF-8", "save the file as UTF-8")
            raise _Refused from error
        for found in islice(_FORBIDDEN.finditer(text), PROBLEMS_MAX):
            shown = f"U+{ord(found.group()):04X}"
            self.problem(_place(self.name, text, found.start()), f"a control character ({shown})", "remove it")
        for found in islice(_INDENT_TAB.finditer(text), PROBLEMS_MAX):
            self.problem(_place(self.name, text, found.start(1)), "a tab before the text", "indent with blanks")
        if self.problems:
            raise _Refused
        return text

    def document(self, text: str) -> Map | None:
        """The one document of the file."""
        try:
            return self.root(_events(text))
        except MarkedYAMLError as error:
            self.broken(error, text)
        except (YAMLError, ValueError, OverflowError) as error:
            # ruamel turns "\U00110000" into a chr() that raises a bare ValueError.
            self.problem(
                At(self.name, 1, 1), f"not valid YAML: {str(error).splitlines()[0]}", "look for a wrong `\\` escape"
            )
        return None

    def broken(self, error: MarkedYAMLError, text: str) -> None:
        """Text that is no YAML. What is never closed shows only at the end of the file: its place is its beginning."""
        mark, begun = error.problem_mark or error.context_mark, error.context_mark
        opened = "" if begun is None else text[begun.index : begun.index + 1]
        if opened in _CLOSED and mark.index >= len(text.rstrip()):
            self.problem(self.at(begun), f"this `{opened}` is never closed", _CLOSED[opened])
            return
        context = f"inside the `{opened}` of line {begun.line + 1}" if opened in ("[", "{") else error.context
        at = self.at(mark) if mark is not None else At(self.name, 1, 1)
        self.problem(at, *_explained(str(error.problem or error.context), str(context or "")))

    def root(self, events: Iterator[Event]) -> Map | None:
        next(events)
        first = next(events)
        if isinstance(first, StreamEndEvent):
            self.problem(At(self.name, 1, 1), "the file is empty", "write it, or remove it")
            return None
        if isinstance(first, DocumentStartEvent) and (first.version or first.tags):
            self.problem(At(self.name, 1, 1), "a `%` directive is not allowed", "remove the line")
        node = self.node(next(events), events)
        next(events)
        after = next(events)
        if not isinstance(after, StreamEndEvent):
            self.problem(self.at(after.start_mark), "a second document", "one file, one document: remove `---`")
        if isinstance(node, Map):
            return node
        hint = "remove the `- ` before the keys" if isinstance(node, List) else "a blank belongs behind the colon"
        self.problem(node.at, f"the file holds {what(node)}, not `key: value` lines", hint)
        return None

    def node(self, event: Event, events: Iterator[Event]) -> Node:
        """The node that begins with this event. Goes as deep as the file, which DEPTH_MAX bounds."""
        at = self.at(event.start_mark)
        self.plain(event, at)
        if isinstance(event, AliasEvent):
            return Text("", at)
        if isinstance(event, ScalarEvent):
            return self.scalar(event, at)
        self.depth += 1
        if self.depth > DEPTH_MAX:
            self.problem(at, f"nested more than {DEPTH_MAX} levels deep", "look for a bracket too many")
            raise _Refused
        node = self.map(events, at) if isinstance(event, MappingStartEvent) else self.list(events, at)
        self.depth -= 1
        return node

    def plain(self, event: Any, at: At) -> None:
        """Anchors, aliases and tags are refused."""
        if isinstance(event, AliasEvent):
            self.problem(
                at, f"an alias (`*{short(event.anchor)}`) is not allowed", "write the value out, or quote the text"
            )
        elif event.anchor is not None:
            self.problem(at, f"an anchor (`&{short(event.anchor)}`) is not allowed", "remove it, or quote the text")
        if getattr(event, "tag", None) is not None:
            self.problem(at, f"a tag (`{short(event.tag)}`) is not allowed", "every value is text: remove it")

    def scalar(self, event: Any, at: At) -> Text:
        bad = _FORBIDDEN.search(event.value)
        if bad is not None:
            self.problem(at, f"an escape that makes a control character (U+{ord(bad.group()):04X})", "remove it")
        return Text(event.value, at, quoted=event.style is not None)

    def list(self, events: Iterator[Event], at: At) -> List:
        elements = []
        while not isinstance(event := next(events), SequenceEndEvent):
            elements.append(self.node(event, events))
        return List(tuple(elements), at)

    def map(self, events: Iterator[Event], at: At) -> Map:
        pairs: dict[str, KeyValue] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key = self.node(event, events)
            value = self.node(next(events), events)
            if self.key(key, pairs):
                pairs[key.text] = KeyValue(key, value)
        return Map(tuple(pairs.values()), at)

    def key(self, key: Node, pairs: dict[str, KeyValue]) -> TypeGuard[Text]:
        """True for a key that can be taken."""
        if not isinstance(key, Text):
            self.problem(key.at, f"a key must be text, not {what(key)}", _QUOTE_HINT)
        elif key.text == "<<" and not key.quoted:
            self.problem(key.at, "a merge key (`<<`) is not allowed", "write the entries out")
        elif key.text in pairs:
            first = pairs[key.text].key.at
            self.problem(
                key.at, f"`{short(key.text)}` is here twice", f"first in line {first.line}, column {first.column}"
            )
        else:
            return True
        return False


def _events(text: str) -> Iterator[Event]:
    # plug_ins=[]: no search of the installation for extensions; pure=True: the C parser knows YAML 1.1 only.
    events: Iterator[Event] = YAML(typ="safe", pure=True, plug_ins=[]).parse(text)
    return events


def _place(name: str, text: str, offset: int) -> At:
    start = text.rfind("\n", 0, offset) + 1
    return At(name, text.count("\n", 0, offset) + 1, offset - start + 1)


def _explained(problem: str, context: str) -> tuple[str, str]:
    """The parser's complaint as (message, hint)."""
    if "'\\t'" in problem:
        return "a tab", "use blanks"
    if "<block" in problem:
        return "not valid YAML: this goes on nothing before it", f"indent the keys of one map alike; {_QUOTE_HINT}"
    return f"not valid YAML: {problem}" + (f" {context}" if context and context != problem else ""), _QUOTE_HINT
