"""Writes without a good end: what waits, what to do about each, and what a person's word did to one. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.ledger.states import State
from syncctl.push.telling import UNDECIDED
from syncctl.report.changes import amount_of, place_of, record_name
from syncctl.report.formats import Report
from syncctl.report.looking import search_words, where_to_look
from syncctl.report.runs import OPERATION_COLUMNS, operation_fields
from syncctl.report.style import GOOD, QUIET, SIGNS, STRONG, heading, indented, joined, rule, two_ends
from syncctl.report.summary import outcome_sections
from syncctl.report.table import commands
from syncctl.report.text import plural, short, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.ledger.operation import Operation
    from syncctl.run.history import OpenWrites

Redact = Callable[[str], str]
BLANK: Final = Text()
OPEN_COLUMNS: Final = ("operation", "open", "run", "updated_at")
LISTED: Final = (
    "Listed is the newest write of every change that is still wanted and not written. What was written is in"
    " `syncctl runs show RUN`"
)
REST: Final = "; what nobody waits for any more is in `syncctl ops list --all`"
NOT_REACHED: Final = "the run stopped before it"
CUT_SHORT: Final = "the run ended while this was being sent"
"""Nobody knows yet whether it arrived."""
HISTORY: Final = "nothing to do: overtaken by what changed later"
WAYS: Final[Mapping[State, str]] = {
    State.UNKNOWN: UNDECIDED,
    State.SENDING: UNDECIDED,
    State.REVIEW: "{look}, then say what you found: syncctl ops settle {id} --as written|refused|never --note WHY",
    State.REJECTED: "correct what the cause names",
    State.HELD: "nothing to do here: it is planned again once what it waits for is written",
    State.PLANNED: "nothing is wrong with it: syncctl runs resume {run} sends it, and a new plan proposes it again",
}
"""How each state ends. A fix that a write has of its own comes first, but for a review: that needs a person's word."""
AGAIN: Final = (
    "It is planned again once its source, its target or its mapping has changed; to send it again as it is:"
    " syncctl ops retry {id}"
)
DECISIONS: Final[Mapping[str, str]] = {
    "released": "Nothing was sent now. The refusal no longer holds this write back: the next plan proposes it again,"
    " if it is still wanted. If nothing was corrected the vendor may refuse it again.",
    "written": "It counts as written. The record is read again by the next pull.",
    "refused": "It counts as refused: the same is not sent again until its source, target or mapping changes, or"
    " `syncctl ops retry {id}` releases it.",
    "never": "It counts as never sent: the next plan proposes it again, if it is still wanted.",
}
"""What a person's word about a write means from now on."""
ENDED: Final[Mapping[str, str]] = {"written": "written", "refused": "refused", "never": "never sent"}
NEXT: Final[Mapping[str, str]] = {
    "released": "plan it again, look, and send it after your yes",
    "written": "pull, compare, and go on with what waited for it",
    "refused": "look again, after the fix",
    "never": "plan it again, look, and send it after your yes",
}


def open_writes_report(found: OpenWrites, redact: Redact, *, everything: bool = False) -> Report:
    """Every write that waits for something, with cause and way out; what is listed and what is not; then history,
    if `everything` was asked for."""
    opened = [_with_way_out(row) for row in found.open]

    def show(width: int) -> RenderableType:
        blocks = [*_opened(opened, width, redact), Text(f"{LISTED}{'' if everything else REST}.", QUIET)]
        if found.history:
            blocks += [BLANK, heading("HISTORY", HISTORY, str(len(found.history)), QUIET), BLANK]
            blocks += outcome_sections(found.history, width=width, redact=redact)[:-1]
        steps = _steps(opened)
        return Group(*blocks, *([BLANK, commands(steps)] if steps else []))

    rows = [_open_fields(row, redact, still=True) for row in opened]
    rows += [_open_fields(row, redact, still=False) for row in found.history]
    return Report("operations", show, rows, {}, (*OPEN_COLUMNS, *OPERATION_COLUMNS, "search_for"))


def _opened(opened: Sequence[Operation], width: int, redact: Redact) -> list[RenderableType]:
    if not opened:
        return [Text("Nothing is open: no write waits for you, for a vendor or for another write.")]
    title = heading("OPEN WRITES", "planned, and without a good end so far", plural(len(opened), "write"))
    return [title, BLANK, *outcome_sections(opened, width=width, redact=redact)]


def _with_way_out(row: Operation) -> Operation:
    """The operation with the way it ends, and the command for it, in its fix."""
    names = {"id": row.id, "run": row.run, "look": where_to_look(row.sent or row.change)}
    own = "" if row.state is State.REVIEW else row.fix.rstrip(".")
    fix = own or WAYS.get(row.state, "").format(**names)
    if row.state is State.REJECTED:
        fix = f"{fix}. {AGAIN.format(**names)}"
    cause = CUT_SHORT if row.state in (State.UNKNOWN, State.SENDING) else NOT_REACHED
    return replace(row, message=row.message or cause, fix=fix)


def _steps(opened: Sequence[Operation]) -> list[tuple[str, str]]:
    """What to type next, for the list as a whole; what names one write stands with that write."""
    states = {row.state for row in opened}
    unsent = [row.run for row in opened if row.state is State.PLANNED]
    steps = [(f"syncctl runs resume {short(unsent[-1])}", "send what was not sent")] if unsent else []
    if states & {State.UNKNOWN, State.SENDING}:
        steps.append(("syncctl reconcile", "find out what is unknown, then the whole job"))
    elif states & {State.REJECTED, State.HELD}:
        steps.append(("syncctl reconcile", "after the fix: plan and send what is still wanted"))
    return steps


def _open_fields(row: Operation, redact: Redact, *, still: bool) -> dict[str, Any]:
    head = {"operation": row.id, "open": still, "run": row.run, "updated_at": row.updated_at}
    looks = search_words(row.sent or row.change) if row.state is State.REVIEW else ()
    return {**head, **operation_fields(row, redact), "search_for": list(looks)}


def decided_report(operation: Operation, decision: str, redact: Redact) -> Report:
    """What a person's word did: `decision` is released, written, refused or never. The vendor's old words are told as
    what they are: old."""
    change = operation.change
    fields = {
        "operation": operation.id,
        "mapping": change.mapping,
        "action": change.action,
        "name": record_name(change),
        "decision": decision,
        "record": operation.ref or change.target,
        "before": redact(operation.message),
        "means": DECISIONS[decision].format(id=operation.id),
        "next": "syncctl reconcile",
    }

    def show(_width: int) -> RenderableType:
        means = Text(str(fields["means"]))
        steps = commands([("syncctl reconcile", NEXT[decision])])
        return Group(*_decided(operation, decision, redact), BLANK, means, BLANK, steps)

    return Report("operation", show, [fields], {}, tuple(fields))


def _decided(operation: Operation, decision: str, redact: Redact) -> list[RenderableType]:
    """The decision as a heading; below, the write and what was said of it."""
    change, released = operation.change, decision == "released"
    said = "a refused write may be planned again" if released else f"as {ENDED[decision]}, by your word"
    sign, style = SIGNS[change.action]
    head = Text.assemble("  ", (f"{sign} {change.action}  ", style), (record_name(change), STRONG))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style=QUIET)
    grid.add_column(overflow="fold")
    grid.add_row("where", joined([short(change.mapping), _place(operation)]))
    if operation.message:
        grid.add_row("refused before" if released else "note", Text(visible(redact(operation.message))))
    title = heading("RELEASED" if released else "SETTLED", said, short(operation.id), GOOD)
    return [title, rule(), two_ends(head, amount_of(change)), indented(grid)]


def _place(operation: Operation) -> str:
    return place_of(operation.ref or operation.change.target)


def released_report(operations: Sequence[Operation], redact: Redact) -> Report:
    """The refused writes of a run that may be planned again, and what to type next."""
    fields = [
        {"operation": row.id, "mapping": row.change.mapping, "action": row.change.action,
         "name": record_name(row.change), "refused_before": redact(row.message)}
        for row in operations
    ]  # fmt: skip

    def show(_width: int) -> RenderableType:
        title = heading("RELEASED", plural(len(operations), "refused write"), style=GOOD)
        rows = [line for row in operations for line in _decided(row, "released", redact)[2:]]
        steps = commands([("syncctl reconcile", NEXT["released"])])
        return Group(title, rule(), *rows, BLANK, steps)

    return Report("operations", show, fields, {"next": "syncctl reconcile"}, tuple(fields[0]))
