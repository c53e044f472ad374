"""Mappings against the live schemas, offline: every problem at once, each with its place and a fix. No I/O."""

from __future__ import annotations

from collections.abc import Mapping as Keyed
from collections.abc import Sequence

from syncctl.errors import ConfigError
from syncctl.fields.schema import Schema
from syncctl.mapping.check_owners import Owners, check_owners
from syncctl.mapping.check_values import check_values
from syncctl.mapping.check_writes import check_writes
from syncctl.mapping.checking import SIDES, Checking
from syncctl.mapping.language import Mapping
from syncctl.mapping.load import in_order_of_place
from syncctl.mapping.order import circles
from syncctl.mapping.resolve import Missing, World
from syncctl.model import Problem
from syncctl.yamltext import closest


def check_mapping(
    mapping: Mapping, schemas: Keyed[tuple[str, str], Schema], mappings: Sequence[Mapping]
) -> list[Problem]:
    """Everything wrong with one mapping, from top to bottom. `mappings` are all of them, this one included.

    What concerns two mappings is reported with the later one; a circle of links with each of its members.
    """
    return _check(Checking(mapping, World(schemas, {each.name: each for each in mappings})), Owners(), mappings)


def _check(checking: Checking, owners: Owners, mappings: Sequence[Mapping]) -> list[Problem]:
    mapping = checking.mapping
    for side in SIDES:
        try:
            checking.world.schema(*mapping.side(side))
        except Missing as missing:
            checking.problem(mapping.at, f"`{side}`: {missing.message}", missing.hint)
    for name in mapping.after:
        if name not in checking.world.mappings:
            checking.problem(mapping.at, f"`after` names no mapping: `{name}`", closest(name, checking.world.mappings))
    check_values(checking)
    check_writes(checking)
    check_owners(checking, owners)
    inside = [problem for problem in circles(mappings) if problem.where.startswith(f"{mapping.at.file}:")]
    return list(in_order_of_place([*checking.problems, *inside]))


def check_mappings(
    mappings: Sequence[Mapping], schemas: Keyed[tuple[str, str], Schema], among: Sequence[Mapping]
) -> tuple[Problem, ...]:
    """Everything wrong with some mappings, file by file; `among` are all there are."""
    world, owners = World(schemas, {each.name: each for each in among}), Owners()
    return tuple(problem for mapping in mappings for problem in _check(Checking(mapping, world), owners, among))


def refuse_unfit(
    mappings: Sequence[Mapping], schemas: Keyed[tuple[str, str], Schema], among: Sequence[Mapping]
) -> None:
    """Raises ConfigError with everything wrong with some mappings: in one wording, whichever command meets it."""
    problems = check_mappings(mappings, schemas, among)
    if problems:
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise ConfigError(f"{count} in the mappings; nothing was written", problems, fix="mend the places named above")
