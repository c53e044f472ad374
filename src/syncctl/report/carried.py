"""A run's page: the plan it carried out, each change with what became of it. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from syncctl.ledger.states import State
from syncctl.model import Change, Edit, Run
from syncctl.report.changes import LATER_VALUE, Numbered, change_block, grouped, named_values
from syncctl.report.formats import Report
from syncctl.report.plans import CHANGE_COLUMNS, change_fields, change_rows
from syncctl.report.runs import Redact, run_fields
from syncctl.report.style import GOOD, QUIET, WARN, heading, indented, rule
from syncctl.report.summary import WORDS, next_after, trouble_lines
from syncctl.report.table import commands, mapping_heading
from syncctl.report.text import moment_text, plural, short

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.ledger.operation import Operation
    from syncctl.run.history import RunStory

BLANK: Final = Text()
OUTCOME_COLUMNS: Final = ("state", "code", "message", "fix")


def run_report(story: RunStory, redact: Redact) -> Report:
    """One run with everything it did. For a spreadsheet one row per field, with what became of its change."""
    by_intent = {one.intent: one for one in story.operations}
    value = named_values(one.change for one in story.operations)
    changes = grouped(tuple(_as_sent(one, value) for one in story.operations))
    numbered = Numbered.of(changes)
    outcomes = [_outcome(by_intent[change.intent], redact) for change in changes]

    def show(width: int) -> RenderableType:
        blocks: list[RenderableType] = [_headline(story), Text(_ended(story.past.run, story.plan), QUIET), BLANK]
        mapping = ""
        for change in changes:
            if change.mapping != mapping:
                mapping = change.mapping
                blocks += [mapping_heading(mapping, tuple(one for one in changes if one.mapping == mapping)), rule()]
            shown = _still(change, by_intent)
            blocks += [*_carried(shown, by_intent[change.intent], numbered, width, redact), BLANK]
        return Group(*blocks, _next(story))

    became = tuple(zip(changes, outcomes, strict=True))
    told = [change_fields(numbered.numbers, change) | outcome for change, outcome in became]
    rows = [row | outcome for change, outcome in became for row in change_rows(numbered.numbers, change)]
    fields = {**run_fields(story.past.run), "plan": story.plan, "changes": told}
    return Report("run", show, rows, fields, (*CHANGE_COLUMNS, *OUTCOME_COLUMNS), whole=True)


def _as_sent(operation: Operation, value: Callable[[str], str]) -> Change:
    """The change as it went out, else as planned, with the record it made."""
    change = operation.sent or operation.change
    edits = tuple(_known(edit, value) for edit in change.edits)
    return replace(change, target=operation.ref or change.target, parents=operation.change.parents, edits=edits)


def _known(edit: Edit, value: Callable[[str], str]) -> Edit:
    """The edit with the value that was filled in when it was sent; a record that the run made by its name."""
    if (named := value(edit.shown[1])) != edit.shown[1]:
        return replace(edit, shown=(edit.shown[0], named))
    if edit.shown[1] != LATER_VALUE or not isinstance(edit.after, str | int | Decimal):
        return edit
    return replace(edit, shown=(edit.shown[0], str(edit.after)))


def _outcome(operation: Operation, redact: Redact) -> dict[str, Any]:
    return {
        "state": operation.state,
        "code": operation.code,
        "message": redact(operation.message),
        "fix": redact(operation.fix),
    }


def _headline(story: RunStory) -> RenderableType:
    """How many of the plan's changes were written, and what became of the others."""
    counts = Counter(WORDS[one.state][0].lower() for one in story.operations)
    done = sum(map(_done, story.operations))
    right = f"run {short(story.past.run.id)}"
    if not story.operations:
        return heading("RUN", "it wrote nothing", right, GOOD)
    rest = "".join(f", {count:,} {word}" for word, count in counts.items() if word != "written")
    told = f"{done:,} of {plural(len(story.operations), 'change')} written{rest}"
    return heading("RUN", told, right, WARN if rest else GOOD)


def _ended(run: Run, plan: str) -> str:
    """`reconcile, 2026-11-20 03:00 UTC: partly applied, exit code 5; plan 5f2c9a41`."""
    code = f", exit code {run.exit_code}" if run.exit_code is not None else ""
    made = f"; plan {short(plan)}" if plan else ""
    return f"{short(run.command)}, {moment_text(run.started_at)}: {short(run.outcome)}{code}{made}"


def _carried(
    change: Change, operation: Operation, numbered: Numbered, width: int, redact: Redact
) -> list[RenderableType]:
    """The change as the dry run shows it, its outcome at the right margin; below, why it is not written."""
    title, _, style = WORDS[operation.state]
    block = change_block(change, numbered, width, outcome=Text(title.lower(), style))
    told = operation.message or operation.fix
    return [block, indented(trouble_lines(operation, redact))] if told and not _done(operation) else [block]


def _done(operation: Operation) -> bool:
    return operation.state is State.APPLIED


def _still(change: Change, by_intent: Mapping[str, Operation]) -> Change:
    """The change with what it still waits for: nothing once it is written, and nothing that is."""
    waits = () if _done(by_intent[change.intent]) else change.parents
    return replace(change, parents=tuple(one for one in waits if one in by_intent and not _done(by_intent[one])))


def _next(story: RunStory) -> RenderableType:
    if story.operations:
        counts = Counter(one.state for one in story.operations)
        return next_after(counts, story.past.run.id, stale=story.past.stale)
    return commands([(f"syncctl show {short(story.plan)}", "the plan it made")] if story.plan else [])
