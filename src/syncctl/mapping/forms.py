"""Nodes to value forms: paths, constants, `first`, `text`, `sum`, and tables of values. No I/O."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from syncctl.mapping.language import At, Constant, First, Form, PathValue, Sum, Table, Template, Term
from syncctl.mapping.loading import Loading
from syncctl.paths import Hop, Path, PathError, Selector, Step, parse_path
from syncctl.yamltext import Map, Node, Text, closest, short, what

UNREADABLE: Final = Path((Hop((Step("?"),)),))
"""Stands where a path could not be read; its problem is noted, so no mapping that holds it is ever given out."""
Split: TypeAlias = Literal["first", "last"]
SPLITS: Final[tuple[Split, ...]] = ("first", "last")
FORM_KEYS: Final = ("constant", "first", "text", "sum")
_SETTING: Final = re.compile(r"\$(?!state$|parent\.)([A-Za-z_][\w.-]*)")
_BRACES: Final = re.compile(r"\{([^{}]*)\}|([{}])")
FORM_HINT: Final = 'a path, $name, {constant: X}, {first: […]}, {text: "…"} or {sum: […]}'


def read_form(loading: Loading, node: Node | None, *, parent: bool = False) -> Form:
    """One side of a field or rule. `parent`: the record that holds the line can be named with `$parent.`."""
    if node is None:
        return PathValue(UNREADABLE, At(loading.name, 1, 1))
    if isinstance(node, Text):
        return _scalar(loading, node, parent=parent)
    if isinstance(node, Map):
        return _map(loading, node, parent=parent)
    loading.problem(node, "a value cannot be a list", FORM_HINT)
    return PathValue(UNREADABLE, node.at)


def _scalar(loading: Loading, node: Text, *, parent: bool) -> Form:
    text = loading.text(node, "value", hint=FORM_HINT)
    if text is None:
        return PathValue(UNREADABLE, node.at)
    setting = _SETTING.fullmatch(text.strip())
    if setting is not None:
        return Constant(loading.setting(setting[1], node.at) or "", node.at, setting[1])
    return PathValue(read_path(loading, text, node.at, parent=parent), node.at)


def _map(loading: Loading, node: Map, *, parent: bool) -> Form:
    named = [name for name in FORM_KEYS if node.get(name) is not None]
    if len(named) != 1:
        _no_form(loading, node, named)
        return PathValue(UNREADABLE, node.at)
    name = named[0]
    inner = loading.map(node, name).get(name)
    if name == "constant":
        return Constant(loading.text(inner, name, hint="to empty a field write empty: clear") or "", node.at)
    if name == "first":
        members = loading.elements(inner, name)
        if not members and inner is not None:
            loading.problem(inner, "`first` has no members", "{first: [a, b]}")
        return First(tuple(read_form(loading, member, parent=parent) for member in members), node.at)
    if name == "sum":
        return _sum(loading, node, loading.elements(inner, name), parent=parent)
    return _template(loading, node, inner, parent=parent)


def _no_form(loading: Loading, node: Map, named: list[str]) -> None:
    """Notes why a map is no value form."""
    keys = [key for key, _ in node.entries()]
    if named:
        loading.problem(node, f"one value has both `{'` and `'.join(named)}`", FORM_HINT)
    elif keys:
        loading.problem(node, f"no value form has the key `{short(keys[0])}`", closest(keys[0], FORM_KEYS))
    else:
        loading.problem(node, "an empty value", FORM_HINT)


def _sum(loading: Loading, node: Map, elements: tuple[Node, ...], *, parent: bool) -> Form:
    if not elements:
        loading.problem(node, "`sum` has no terms", "{sum: [gross, -fee]}")
    terms = []
    for element in elements:
        sign = 1
        if isinstance(element, Text) and element.text.startswith("-"):
            sign, element = -1, Text(element.text[1:], element.at, element.quoted)  # noqa: PLW2901 - the sign is read
        terms.append(Term(sign, read_form(loading, element, parent=parent)))
    return Sum(tuple(terms), node.at)


def _template(loading: Loading, node: Map, inner: Node | None, *, parent: bool) -> Form:
    text = loading.text(inner, "text", hint='{text: "{firstname} {lastname}"}') or ""
    split: Split | None = loading.choice(node.get("split"), "split", SPLITS)
    at = inner.at if inner is not None else node.at
    found = Template(_parts(loading, text, at, parent=parent), node.at, split or "")
    if text and not any(not isinstance(part, str) for part in found.parts) and "{" not in text:
        loading.problem(at, "the text names no field", "put a path in braces, or write {constant: …}")
    if split and (len(found.paths) != 2 or not _separator(found)):
        loading.problem(node, "`split` needs two fields and something between them", '{text: "{a} {b}", split: last}')
    return found


def _separator(template: Template) -> str:
    places = [number for number, part in enumerate(template.parts) if isinstance(part, Path)]
    return "".join(part for part in template.parts[places[0] + 1 : places[1]] if isinstance(part, str))


def _parts(loading: Loading, text: str, at: At, *, parent: bool) -> tuple[str | Path, ...]:
    """The literal text and the paths of a template, in order; settings are text."""
    parts: list[str | Path] = []
    end = 0
    for found in _BRACES.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        inside = (found[1] or "").strip()
        setting = _SETTING.fullmatch(inside)
        if not inside:
            loading.problem(at, "a `{` without a path and its `}`", 'write {text: "Stripe {id}"}')
        elif setting is not None:
            parts.append(loading.setting(setting[1], at) or "")
        else:
            parts.append(read_path(loading, inside, at, parent=parent))
    return _joined([*parts, text[end:]])


def _joined(parts: list[str | Path]) -> tuple[str | Path, ...]:
    """Neighbouring texts as one, empty ones gone."""
    joined: list[str | Path] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        elif part != "":
            joined.append(part)
    return tuple(joined)


# --- paths ------------------------------------------------------------------------------------------------------------


def read_path(loading: Loading, text: str, at: At, *, parent: bool = False) -> Path:
    """A path, the settings in its selectors filled in."""
    if text.startswith("-"):
        loading.problem(at, f"`{short(text)}` begins with a minus sign", f"write {{sum: [{short(text)}]}}")
        return UNREADABLE
    if "{" in text or "}" in text:
        loading.problem(at, f"`{short(text)}` is no path", f'a text with fields in it is {{text: "{short(text)}"}}')
        return UNREADABLE
    try:
        path = parse_path(text)
    except PathError as error:
        loading.problem(at, f"no path: {error}")
        return UNREADABLE
    found = _filled(loading, path, at)
    if any(hop.parent for hop in found.hops[(1 if parent else 0) :]):
        loading.problem(
            at, "`$parent.` has no meaning here", "it begins a path inside a line that has a list on its side"
        )
    for step in (step for hop in found.hops for step in hop.steps if step.name.startswith("$")):
        loading.problem(
            at, f"`{short(step.name)}` cannot stand inside a path", "`$state`, `$parent.` and settings begin a value"
        )
    return found


def _filled(loading: Loading, path: Path, at: At) -> Path:
    """The path with the settings in its selectors filled in."""
    if "=$" not in str(path) and "|$" not in str(path):
        return path
    hops = []
    for hop in path.hops:
        steps = (
            replace(step, selectors=tuple(_selector(loading, selector, at) for selector in step.selectors))
            for step in hop.steps
        )
        hops.append(replace(hop, steps=tuple(steps)))
    return Path(tuple(hops))


def _selector(loading: Loading, selector: Selector, at: At) -> Selector:
    found = replace(selector, values=tuple(loading.filled(value, at) for value in selector.values))
    if not all(found.values):
        return found  # the problem is already noted
    try:
        fits = parse_path(f"x{found}").steps[0].selectors == (found,)
    except PathError:
        fits = False
    if not fits:
        loading.problem(
            at, f"the text of a setting in `{selector}` cannot stand there", "`|` and unpaired brackets cannot"
        )
    return found


def read_lines_path(loading: Loading, node: Node | None, name: str) -> Path | None:
    """The path of a list of lines: it stays in the record."""
    text = loading.text(node, name)
    if node is None or text is None:
        return None
    path = read_path(loading, text, node.at)
    if not path.plain:
        loading.problem(
            node, f"`{short(text)}` is no list of this record", "name a list by its path: Line(DetailType=…)"
        )
    return path


# --- tables -----------------------------------------------------------------------------------------------------------


def read_table(loading: Loading, node: Node | None, otherwise: Node | None) -> Table | None:
    """`values` and `else`."""
    default = None
    if otherwise is not None:
        default = _cell(loading, otherwise, "else")
    if node is None:
        if otherwise is not None:
            loading.problem(
                otherwise, "`else` without `values`", "give the table, or use {first: [path, {constant: X}]}"
            )
        return None
    if isinstance(node, Text) and node.text.startswith("$"):
        pairs = tuple(loading.table(node.text[1:], node.at).items())
    elif isinstance(node, Map):
        pairs = tuple((key, _cell(loading, value, "values")) for key, value in node.entries())
        if not pairs:
            loading.problem(node, "`values` is empty", "values: {left: right}")
    else:
        loading.problem(
            node, f"`values` holds {what(node)}, not a table", "values: {left: right}, or values: $tables.NAME"
        )
        pairs = ()
    return Table(pairs, default)


def _cell(loading: Loading, node: Node, name: str) -> str:
    """One right value of a table; `""` is the empty value."""
    if isinstance(node, Text) and node.quoted and not node.text:
        return ""
    return loading.filled(loading.text(node, name) or "", node.at)
