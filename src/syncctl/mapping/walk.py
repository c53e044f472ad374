"""Everything a mapping names, in the order of its file: its paths and its links to other mappings. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from syncctl.mapping.language import (
    At,
    Block,
    Conditions,
    Constant,
    Entry,
    First,
    Form,
    Mapping,
    PathValue,
    Rule,
    Sum,
    Template,
)
from syncctl.paths import Path


@dataclass(frozen=True, slots=True)
class Wait:
    """A mapping that must be planned before this one, and where that is said."""

    name: str
    at: At


def paths_in(form: Form) -> Iterator[Path]:
    """Every path of a form."""
    match form:
        case PathValue(path):
            yield path
        case First(members):
            for member in members:
                yield from paths_in(member)
        case Template():
            yield from form.paths
        case Sum(terms):
            for term in terms:
                yield from paths_in(term.value)
        case Constant():
            pass


def waits(mapping: Mapping) -> Iterator[Wait]:
    """Every mapping this one waits for: links, `link(…)` in paths, `after`; the same name may come often."""
    for form in (mapping.dated.left, mapping.dated.right, mapping.amount.left, mapping.amount.right):
        if form is not None:
            yield from _in_form(form)
    yield from _in_conditions(mapping.where)
    yield from _in_rules(mapping.match)
    yield from _in_entries(mapping.fields)
    for block in mapping.lines:
        yield from _in_block(block)
    yield from (Wait(name, mapping.at) for name in mapping.after)


def _in_block(block: Block) -> Iterator[Wait]:
    yield from _in_conditions(block.when)
    yield from _in_rules(block.match)
    yield from _in_entries(block.fields)


def _in_rules(rules: tuple[Rule, ...]) -> Iterator[Wait]:
    for criterion in (criterion for rule in rules for criterion in rule.criteria):
        yield from _in_form(criterion.left)
        yield from _in_form(criterion.right)
        if criterion.link:
            yield Wait(criterion.link, criterion.at)


def _in_entries(entries: tuple[Entry, ...]) -> Iterator[Wait]:
    for entry in entries:
        yield from _in_form(entry.left)
        yield from _in_form(entry.right)
        yield from _in_conditions(entry.when)
        if entry.link:
            yield Wait(entry.link, entry.at)


def _in_conditions(conditions: Conditions) -> Iterator[Wait]:
    for test in (*conditions.left, *conditions.right):
        yield from (Wait(name, test.at) for name in _links(test.path))


def _in_form(form: Form) -> Iterator[Wait]:
    for path in paths_in(form):
        yield from (Wait(name, form.at) for name in _links(path))


def _links(path: Path) -> Iterator[str]:
    return (hop.link for hop in path.hops if hop.link)
