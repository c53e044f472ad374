"""The dry-run table: what a plan would write, what stops, what waits for a person, and what to type next. No I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.model import Action, Change, Finding, FindingKind, Plan
from syncctl.report.advice import step_for_stays, steps_for
from syncctl.report.changes import Numbered, change_block, grouped
from syncctl.report.findings import finding_sections
from syncctl.report.style import COMMAND, GOOD, QUIET, STRONG, WARN, command_text, heading, indented, rule, two_ends
from syncctl.report.text import plural, short
from syncctl.report.totals import totals, totals_block
from syncctl.safeguards import APPROVAL, PAUSE, PROTECTED

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

    from syncctl.guards import GuardTrip

BLANK = Text()
NOT_YET: Final = "nothing written yet"
WHAT_MIN: Final = 20
"""Columns that the gaps and what a command does need beside the command."""


def plan_table(
    plan: Plan,
    *,
    width: int,
    now: datetime,
    steps: bool = True,
    used_by: str = "",
    signed: RenderableType | None = None,
    approve: bool = False,
) -> RenderableType:
    """The whole table for a page of this width; `now` is what ages count from. Without `steps` it names no command to
    type: a question, or more of the page, follows. `used_by` is the run that sent the plan; `signed` stands below the
    headline: who made and who approved it; `approve`: a second person has to, and did not yet.
    """
    blocks: list[RenderableType] = [_headline(plan, used_by, width), *([signed] if signed is not None else []), BLANK]
    ordered = grouped(plan.changes)
    numbered = Numbered.of(ordered)
    for mapping, found in groupby(ordered, key=lambda change: change.mapping):
        changes = tuple(found)
        blocks += [mapping_heading(mapping, changes), rule()]
        for change in changes:
            blocks += [change_block(change, numbered, width), BLANK]
    blocks += for_good(numbered)
    blocks += finding_sections(plan.findings, width=width, now=now)
    if totals(plan.changes):
        blocks += [totals_block(plan.changes), BLANK]
    if steps and not used_by:
        blocks.append(next_steps(plan, approve=approve))
    return Group(*blocks)


def for_good(numbered: Numbered) -> list[RenderableType]:
    """Which changes nothing can take back once they are written, and why; nothing where there are none."""
    why: dict[str, list[str]] = {}
    for intent, change in numbered.changes.items():
        if change.final:
            why.setdefault(change.final, []).append(str(numbered.numbers[intent]))
    if not why:
        return []
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold", max_width=24)
    grid.add_column(overflow="fold")
    for reason, numbers in why.items():
        grid.add_row(Text(f"  {', '.join(numbers)}"), Text(short(reason), QUIET))
    return [heading("CANNOT BE UNDONE", "once they are written", style=WARN), grid, BLANK]


def _headline(plan: Plan, used_by: str, width: int) -> RenderableType:
    if not plan.changes:
        waiting = any(not finding.accepted for finding in plan.findings)
        said = "Nothing to write." if waiting else "In sync: nothing to write."
        return two_ends(Text(said, GOOD), Text(f"plan {plan.id}", QUIET))
    systems = sorted({change.target.system for change in plan.changes})
    said = f"{plural(len(plan.changes), 'change')} to {short(_listed(systems))}"
    if used_by:
        return heading("PLAN", f"{said}, sent by run {used_by}", f"plan {plan.id}")
    fits = len(f"DRY RUN  {said}, {NOT_YET}  plan {plan.id}") <= width
    return heading("DRY RUN", f"{said}, {NOT_YET}" if fits else f"{said},\n         {NOT_YET}", f"plan {plan.id}")


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def mapping_heading(mapping: str, changes: tuple[Change, ...]) -> RenderableType:
    """`invoices → quickbooks Invoice`, and how many changes of each action."""
    counts = Counter(change.action for change in changes)
    told = ", ".join(f"{counts[action]} to {action}" for action in Action if counts[action])
    targets = sorted({f"{change.target.system} {change.target.kind}" for change in changes})
    return two_ends(
        Text.assemble((short(mapping), STRONG), (" → ", QUIET), short(", ".join(targets))), Text(told, QUIET)
    )


def next_steps(
    plan: Plan, *, approve: bool = False, trips: Sequence[GuardTrip] = (), undoes: str = ""
) -> RenderableType:
    """The commands that make sense now, ready to be typed. `approve`: a second person has to approve the plan first;
    `trips`: the guards that it trips; `undoes`: the run that it takes back."""
    waiting = [finding for finding in plan.findings if not finding.accepted]
    kinds = {finding.kind for finding in waiting}
    steps = [_way_to_write(plan, approve, trips, undoes)] if plan.changes else []
    if kinds & {FindingKind.TIE, FindingKind.PROPOSAL}:
        steps.append(("syncctl match list", "decide which records belong together"))
    listed = [finding for finding in waiting if not finding.stays]
    if listed:
        steps.append(("syncctl findings list", f"see {plural(len(listed), 'open finding')} with their age"))
    return commands([*steps, *step_for_stays(waiting, undoes)])


def _way_to_write(plan: Plan, approve: bool, trips: Sequence[GuardTrip], undoes: str) -> tuple[str, str]:
    """The command that writes the plan, or what must come before it."""
    changes = these(len(plan.changes))
    guards = {trip.guard for trip in trips}
    again = f"syncctl undo {short(undoes)}" if undoes else "syncctl reconcile"
    if PAUSE in guards:
        return again, "look anew and write, once the file PAUSE is removed"
    if PROTECTED in guards:
        return again, "look anew, once no protected field is written"
    if approve or APPROVAL in guards:
        return f"syncctl approve {plan.id}", f"another person looks, and approves {changes}; then they can be written"
    flags = [flag for flag in dict.fromkeys(trip.flag for trip in trips) if flag]
    write = f"write {changes}" + (", although a guard stopped them" if flags else "")
    return " ".join(["syncctl apply", plan.id, *flags]), write


def next_for(findings: Sequence[Finding], *, undoes: str = "", first: Sequence[tuple[str, str]] = ()) -> RenderableType:
    """What to do about what is open: a command for each sort of finding, after the commands that come `first`.
    `undoes`: the run that was taken back."""
    correct = [("syncctl reconcile", "see what is to be corrected, and write it")]
    steps = steps_for([finding for finding in findings if finding.open], undoes)
    return commands([*first, *(correct if any(finding.planned for finding in findings) else []), *steps])


def these(count: int) -> str:
    """`this change`, `these 1,200 changes`."""
    return "this change" if count == 1 else f"these {count:,} changes"


def commands(steps: list[tuple[str, str]]) -> RenderableType:
    """Commands and what they do, aligned; on a page too narrow for the longest command what it does stands below."""
    return _Commands(steps) if steps else Group()


@dataclass(frozen=True, slots=True)
class _Commands:
    steps: list[tuple[str, str]]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield Text("NEXT", STRONG)
        if max(len(command) for command, _ in self.steps) + WHAT_MIN <= options.max_width:
            yield _aligned(self.steps)
            return
        for command, what in self.steps:
            yield indented(command_text(shell_words(command), options.max_width - 2), 2)
            yield indented(Text(what, QUIET))


def shell_words(command: str) -> list[str]:
    """A command's words, each as it is typed: what stands in quotes is one."""
    return re.findall(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""", command)


def _aligned(steps: Sequence[tuple[str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 3, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for command, what in steps:
        grid.add_row(Text(f"  {command}", COMMAND), Text(what, QUIET))
    return grid
