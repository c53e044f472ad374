"""What became of every change of a run: written, refused with cause and fix, unknown, held. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.ledger.states import LEFT, State, resumable
from syncctl.model import Change, Ref
from syncctl.report.changes import amount_of, edits_of, named_values, place_of, record_name
from syncctl.report.style import (
    BAD,
    COMMAND,
    GOOD,
    INDENT,
    LEFT_MIN,
    QUIET,
    SIGNS,
    STRONG,
    WARN,
    heading,
    indented,
    joined,
    rule,
    two_ends,
)
from syncctl.report.text import BODY_SHOWN_MAX, money_text, plural, short, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

BLANK: Final = Text()


class Row(Protocol):
    """What became of one change; `body` is the vendor's answer, redacted when it was stored."""

    @property
    def change(self) -> Change: ...
    @property
    def state(self) -> State: ...
    @property
    def ref(self) -> Ref | None: ...
    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def fix(self) -> str: ...
    @property
    def body(self) -> str: ...


WORDS: Final[dict[State, tuple[str, str, str]]] = {
    State.APPLIED: ("WRITTEN", "and read back", GOOD),
    State.REJECTED: ("REFUSED", "the vendor said no and wrote nothing", BAD),
    State.CONFLICT: ("CONFLICT", "it or its source changed after the dry run; nothing was written", WARN),
    State.UNKNOWN: ("UNKNOWN", "no clear answer; the next run finds out before anything else", BAD),
    State.SENDING: ("UNKNOWN", "no clear answer; the next run finds out before anything else", BAD),
    State.REVIEW: ("REVIEW", "only a person can tell whether it was written", BAD),
    State.HELD: ("HELD", "waits for something that was not written", WARN),
    State.PLANNED: ("NOT SENT", "the run stopped before them", WARN),
    State.LAPSED: ("LAPSED", "another plan took their place", QUIET),
}
"""Title, meaning, style; in the order they are shown."""


def run_summary(
    rows: Sequence[Row],
    *,
    run: str,
    width: int,
    redact: Callable[[str], str],
    earlier: Sequence[Row] = (),
    stays: int = 0,
    steps: bool = True,
) -> RenderableType:
    """Everything that became of a run's changes, then what the runs before it did with the same plan, then what to
    type next. `stays` counts what an undo leaves as it is. Without `steps` it names no command: the page ends in one
    list of them (`steps_after`)."""
    counts = Counter(row.state for row in (*rows, *earlier))
    done = sum(row.state is State.APPLIED for row in rows)
    told = f"{done:,} of {plural(len(rows), 'change')} written" if rows else "nothing to write"
    if earlier and not rows:
        told = "nothing to continue: " + ", ".join(f"{counts[state]:,} {WORDS[state][0].lower()}" for state in counts)
    if any(row.change.undoes for row in (*rows, *earlier)):
        told = ("" if rows else "nothing to continue: ") + _taken_back(counts, stays)
    head = heading("RUN", told, f"run {short(run)}", GOOD if done == len(rows) and not stays else WARN)
    sections = outcome_sections(rows, width=width, redact=redact)
    before = outcome_sections(earlier, width=width, redact=redact, earlier=True)
    return Group(head, BLANK, *sections, *before, *([next_after(counts, run)] if steps else []))


def _taken_back(counts: Counter[State], stays: int) -> str:
    """`50 of 61 taken back, 11 stay`: of all that the undone run wrote, by this run and those before it."""
    rest = f", {stays:,} {'stays' if stays == 1 else 'stay'}" if stays else ""
    return f"{counts[State.APPLIED]:,} of {counts.total() + stays:,} taken back{rest}"


def outcome_sections(
    rows: Sequence[Row], *, width: int, redact: Callable[[str], str], earlier: bool = False
) -> list[RenderableType]:
    """A section per outcome: a line for each change that was written, everything about each one that was not."""
    blocks: list[RenderableType] = []
    value = named_values(row.change for row in rows)
    for state, (title, means, style) in WORDS.items():
        found = [row for row in rows if row.state is state and row.code != LEFT]
        if not found:
            continue
        said = (f"{title} EARLIER", "by the runs before this one") if earlier else (title, means)
        blocks += [heading(*said, str(len(found)), style), rule()]
        if state is State.APPLIED:
            blocks += [_written(found, width), BLANK]
        else:
            for row in found:
                blocks += [_trouble(row, width, redact, value), BLANK]
    return blocks + _left_out([row for row in rows if row.code == LEFT], width)


def _left_out(rows: Sequence[Row], width: int) -> list[RenderableType]:
    """`3 left by ann: waiting for the customer`, and the rows."""
    blocks: list[RenderableType] = []
    for reason in dict.fromkeys(row.message for row in rows):
        found = [row for row in rows if row.message == reason]
        title = heading("LEFT OUT", f"{len(found):,} {short(reason)}", "they stay open", WARN)
        blocks += [title, rule(), _written(found, width), BLANK]
    return blocks


def _written(rows: Sequence[Row], width: int) -> RenderableType:
    """A line per change; on a page too narrow for record and amount the amount stands below the record."""
    amounts = [Text(money_text(row.change.amount)) if row.change.amount else Text() for row in rows]
    if max(amount.cell_len for amount in amounts) + LEFT_MIN > width:
        lines = (
            two_ends(Text.assemble(_did(row), "  ", _what(row)), one) for row, one in zip(rows, amounts, strict=True)
        )
        return Group(*lines)
    grid = Table.grid(expand=True, padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(justify="right", no_wrap=True)
    for row, amount in zip(rows, amounts, strict=True):
        grid.add_row(_did(row), _what(row), amount)
    return grid


def _did(row: Row) -> Text:
    sign, style = SIGNS[row.change.action]
    return Text(f"  {sign} {row.change.action}", style)


def _what(row: Row) -> Text:
    return joined([Text(record_name(row.change), STRONG), Text(_where(row), QUIET)])


def _where(row: Row) -> str:
    """The record's Ref; a made-up id of a record that was never made is not shown."""
    return place_of(row.ref or row.change.target)


def _trouble(row: Row, width: int, redact: Callable[[str], str], value: Callable[[str], str]) -> RenderableType:
    """The record, the cause with the vendor's code, what was to be written, the vendor's answer, and the fix."""
    change = row.change
    sign, style = SIGNS[change.action]
    head = Text.assemble("  ", (f"{sign} {change.action}  ", style), (record_name(change), STRONG))
    place = joined([short(change.mapping), _where(row)])
    told = row.state is not State.HELD and bool(change.edits)
    wanted = [("to write", edits_of(change, width - INDENT - 10, value))] if told else []
    lines = _lines([("where", place), *_why(row, redact, wanted)])
    return Group(two_ends(head, amount_of(change)), indented(lines))


def trouble_lines(row: Row, redact: Callable[[str], str]) -> RenderableType:
    """Why a change is not written: the cause with the vendor's code, its answer, the fix."""
    return _lines(_why(row, redact))


def _why(
    row: Row, redact: Callable[[str], str], wanted: Sequence[tuple[str, RenderableType]] = ()
) -> list[tuple[str, RenderableType]]:
    """`wanted` stands behind the cause: what was to be written."""
    code = f"{short(row.code)}: " if row.code else ""
    lines: list[tuple[str, RenderableType]] = [("cause", Text(code + visible(redact(row.message)))), *wanted]
    if row.body:
        lines.append(("answer", Text(short(redact(row.body), BODY_SHOWN_MAX))))
    if row.fix:
        lines.append(("fix", Text(visible(redact(row.fix)))))
    return lines


def _lines(named: Sequence[tuple[str, RenderableType]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style=QUIET)
    grid.add_column(overflow="fold")
    for name, told in named:
        grid.add_row(Text(name, COMMAND if name == "fix" else QUIET), told)
    return grid


def next_after(counts: Counter[State], run: str, *, stale: str = "") -> RenderableType:
    """What to type after a run. `stale` says why what it left unsent cannot be sent any more."""
    from syncctl.report.table import commands

    return commands(steps_after(counts, run, stale=stale))


def steps_after(counts: Counter[State], run: str, *, stale: str = "") -> list[tuple[str, str]]:
    """The same as commands and what they do."""
    steps: list[tuple[str, str]] = []
    if resumable([state for state in counts if counts[state]]):
        unknown = counts[State.UNKNOWN] or counts[State.SENDING]
        what = "find out what is unknown, send the rest" if unknown else "send what was not sent"
        steps.append(plan_anew(run, stale) if stale else (f"syncctl runs resume {short(run)}", what))
    if counts[State.REVIEW]:
        steps.append(("syncctl ops list", "decide what only a person can tell"))
    if counts[State.CONFLICT] or counts[State.REJECTED]:
        steps.append(("syncctl reconcile", "look again, after the fix"))
    return steps


def plan_anew(run: str, stale: str) -> tuple[str, str]:
    """The command for a run that cannot be gone on with, and why."""
    return "syncctl reconcile", f"plan anew what run {short(run)} left: {visible(stale)}"
