"""The dry-run table: what a plan would write, what stops, what waits for a person, and what to type next. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from syncctl.model import Action, Change, FindingKind, Plan
from syncctl.report.changes import Numbered, change_block
from syncctl.report.findings import finding_sections
from syncctl.report.style import COMMAND, GOOD, QUIET, STRONG, heading, rule, two_ends
from syncctl.report.text import plural, short
from syncctl.report.totals import totals, totals_block

if TYPE_CHECKING:
    from rich.console import RenderableType

BLANK = Text()


def plan_table(plan: Plan, *, width: int, now: datetime, steps: bool = True, used_by: str = "") -> RenderableType:
    """The whole table for a page of this width; `now` is what ages count from. Without `steps` it names no command to
    type: a question, or more of the page, follows. `used_by` is the run that sent the plan.
    """
    blocks: list[RenderableType] = [_headline(plan, used_by), BLANK]
    groups = tuple(_by_mapping(plan.changes))
    numbered = Numbered.of(tuple(change for _, changes in groups for change in changes))
    for mapping, changes in groups:
        blocks += [_mapping_heading(mapping, changes), rule()]
        for change in changes:
            blocks += [change_block(change, numbered, width), BLANK]
    blocks += finding_sections(plan.findings, width=width, now=now)
    if totals(plan.changes):
        blocks += [totals_block(plan.changes), BLANK]
    if steps and not used_by:
        blocks.append(next_steps(plan))
    return Group(*blocks)


def _by_mapping(changes: tuple[Change, ...]) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """Changes grouped by mapping, mappings in the order of their first change."""
    order = list(dict.fromkeys(change.mapping for change in changes))
    ranked = sorted(changes, key=lambda change: order.index(change.mapping))
    for mapping, group in groupby(ranked, key=lambda change: change.mapping):
        yield mapping, tuple(group)


def _headline(plan: Plan, used_by: str) -> RenderableType:
    if not plan.changes:
        waiting = any(not finding.accepted for finding in plan.findings)
        said = "Nothing to write." if waiting else "In sync: nothing to write."
        return two_ends(Text(said, GOOD), Text(f"plan {plan.id}", QUIET))
    systems = sorted({change.target.system for change in plan.changes})
    said = f"{plural(len(plan.changes), 'change')} to {short(_listed(systems))}"
    if used_by:
        return heading("PLAN", f"{said}, sent by run {used_by}", f"plan {plan.id}")
    return heading("DRY RUN", f"{said}, nothing written yet", f"plan {plan.id}")


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _mapping_heading(mapping: str, changes: tuple[Change, ...]) -> RenderableType:
    counts = Counter(change.action for change in changes)
    told = ", ".join(f"{counts[action]} to {action}" for action in Action if counts[action])
    targets = sorted({f"{change.target.system} {change.target.kind}" for change in changes})
    return two_ends(
        Text.assemble((short(mapping), STRONG), (" → ", QUIET), short(", ".join(targets))), Text(told, QUIET)
    )


def next_steps(plan: Plan) -> RenderableType:
    """The commands that make sense now, ready to be typed."""
    waiting = [finding for finding in plan.findings if not finding.accepted]
    kinds = {finding.kind for finding in waiting}
    steps: list[tuple[str, str]] = []
    if plan.changes:
        steps.append((f"syncctl apply {plan.id}", f"write {_these(len(plan.changes))}"))
    if kinds & {FindingKind.TIE, FindingKind.PROPOSAL}:
        steps.append(("syncctl match list", "decide which records belong together"))
    if waiting:
        steps.append(("syncctl findings list", f"see {plural(len(waiting), 'open finding')} with their age"))
    return commands(steps)


def _these(count: int) -> str:
    return "this change" if count == 1 else f"these {count:,} changes"


def commands(steps: list[tuple[str, str]]) -> RenderableType:
    """Commands and what they do, aligned."""
    if not steps:
        return Group()
    size = max(len(command) for command, _ in steps)
    lines = [Text.assemble(("  " + command.ljust(size), COMMAND), ("   " + what, QUIET)) for command, what in steps]
    return Group(Text("NEXT", STRONG), *lines)
