"""An alert as plain text that reads well as an e-mail and in a chat. No I/O.

A vendor's text is data of strangers: what an e-mail, a chat or a pager would obey in it is taken out (`harmless`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, get_args

from syncctl.alerts.ended import Ended, Sides
from syncctl.alerts.rule import Seen, Trouble, Verdict
from syncctl.report.runs import counts_of
from syncctl.report.statement_counts import counts_text
from syncctl.report.statement_rows import rows_of
from syncctl.report.text import amount_text, moment_text, visible
from syncctl.run import ApplyReport, ReconcileReport
from syncctl.settings import AlertState
from syncctl.statement_line import SideTotal, StatementLine

PAYLOAD_MAX: Final = 4_000
"""Characters of one request or answer; a memo can hold 5 MB."""
TROUBLES_MAX: Final = 5
"""Troubles that are told whole; of more, each has one line."""
LINES_MAX: Final = 40
LINE_MAX: Final = 300
RECOVERED: Final = "recovered"
STATES: Final[tuple[AlertState, ...]] = get_args(AlertState)
_WIDTH: Final = 9
_SIGNS: Final = str.maketrans({"<": "‹", ">": "›"})
_CALLS: Final = re.compile(r"@(?=(?:everyone|here|channel|all|room)\b)|(?<![\w.])@(?=\w)", re.IGNORECASE)
Redact = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Place:
    """Whose books an alert is about, and where the ledger's audit chain ends."""

    books: str
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """What is sent. `kind` is the most serious state that began, or "recovered"; `count` is of open items."""

    kind: str
    title: str
    body: str
    states: frozenset[str]
    count: int


def harmless(text: str, length: int = LINE_MAX, *, whole: int = 0) -> str:
    """Text of a stranger in one line: hidden characters written out; no tags, mentions, links or Markdown links.

    Cut to a length; the cut says how much there is (`whole`, when the text was cut before).

    >>> harmless("<!channel> [pay](http://evil.example) @everyone")
    '‹!channel› [pay] (http:/ /evil.example) (at)everyone'
    """
    there = whole or len(text)
    more = f"… ({there:,} characters)" if there > length else ""
    shown = visible(text[:length]).translate(_SIGNS).replace("](", "] (").replace("://", ":/ /")
    return _CALLS.sub("(at)", shown) + more


def alert_of(verdict: Verdict, seen: Seen, ended: Ended, place: Place, redact: Redact) -> Alert:
    """The alert for what began and ended."""
    ranked = sorted(verdict.begun, key=lambda trouble: STATES.index(trouble.state))
    kind = ranked[0].state if ranked else RECOVERED
    counts = [trouble.count for trouble in seen.troubles if trouble.state == "open"]
    counts += [row.count for row in verdict.ended if row.state == "open"]
    return Alert(
        kind,
        f"syncctl: {kind}: {harmless(place.books)}",
        redact("\n".join(_lines(verdict, ranked, ended, place, redact))) + "\n",
        frozenset([*(trouble.state for trouble in ranked), *(row.state for row in verdict.ended)]),
        max(counts, default=0),
    )


def test_alert(place: Place, run: str) -> Alert:
    """What `syncctl alerts test` sends: nobody may take it for a trouble."""
    lines = (
        f"TEST: this is a test of the alerts of {harmless(place.books)}. Nothing happened, and there is nothing to do.",
        "",
        _named("Run", run),
    )
    return Alert("test", f"syncctl: TEST: {harmless(place.books)}", "\n".join(lines) + "\n", frozenset(STATES), 0)


def _lines(verdict: Verdict, ranked: list[Trouble], ended: Ended, place: Place, redact: Redact) -> Iterator[str]:
    told = [trouble for trouble in ranked if not trouble.part]
    details = [trouble for trouble in ranked if trouble.part]
    for number, trouble in enumerate(told):
        yield from _whole(trouble, redact) if number < TROUBLES_MAX else (_line(trouble.what, redact),)
        yield ""
    if details:
        yield "New open items:" if told else "New sorts of open items:"
        yield from (f"  {_line(trouble.what, redact)}" for trouble in details[:LINES_MAX])
        yield ""
        if not told:
            yield from (_named("Fix", "decide each: correct the record, or accept the finding with a note"),
                        _named("Command", "syncctl findings list"), "")  # fmt: skip
    if verdict.ended:
        yield "Over:" if ranked else "It works again. What is over:"
        for row in verdict.ended[:LINES_MAX]:
            yield f"  {_line(row.what, redact)}, since {moment_text(row.since.isoformat())}"
        yield ""
    yield from _run_lines(ended, place)


def _whole(trouble: Trouble, redact: Redact) -> Iterator[str]:
    """What happened in one line; cause, fix, command; what the vendor got and said."""
    yield _line(trouble.what, redact)
    for name, said in (("System", trouble.system), ("Cause", trouble.cause), ("Fix", trouble.fix)):
        if said:
            yield _named(name, _told(said, redact, PAYLOAD_MAX))
    if trouble.command:
        yield _named("Command", visible(redact(trouble.command)))
    for name, payload in (("Request", trouble.request), ("Answer", trouble.answer)):
        if payload:
            yield _named(name, _told(payload, redact, PAYLOAD_MAX))


def _line(text: str, redact: Redact) -> str:
    return _told(text, redact, LINE_MAX)


def _told(text: str, redact: Redact, length: int) -> str:
    """Redacted well beyond the cut, so that none cuts a secret in two, and not over all of 5 MB."""
    return harmless(redact(text[: 2 * length]), length, whole=len(text) if len(text) > 2 * length else 0)


def _named(name: str, said: str) -> str:
    return f"{f'{name}:' if name else '':{_WIDTH}} {said}"


def _run_lines(ended: Ended, place: Place) -> Iterator[str]:
    yield _named("Books", harmless(place.books))
    job = harmless(str(ended.job))
    yield _named("Run", f"{ended.run}, {job}, {moment_text(ended.at.isoformat())}, exit code {ended.code}")
    report = ended.report
    if isinstance(report, ReconcileReport | ApplyReport) and report.run.counts:
        yield _named("Counts", counts_of(report.run))
    if isinstance(report, ReconcileReport):
        totals = _totals(report.statement, ended.sides)
        yield from (_named("" if number else "Totals", line) for number, line in enumerate(totals))
    if place.chain:
        yield _named("Audit", f"{place.chain} (compare with: syncctl ledger verify)")


def _totals(statement: Iterable[StatementLine], sides: Sides) -> Iterator[str]:
    """`invoices USD: stripe invoice 1,250.00, quickbooks Invoice 1,000.00; to be corrected (1) -250.00; unexplained
    0.00`: the rows of the statement that hold anything."""
    for line in tuple(statement)[:LINES_MAX]:
        names = sides.get(line.mapping, ("left", "right"))
        if line.counts is not None:
            yield harmless(f"{line.mapping}: {counts_text(line.counts, names)}")
            continue
        ends = (
            f"{name} {amount_text(one.amount, line.currency)}" for name, one in zip(names, _ends(line), strict=True)
        )
        rows = (f"{row.called} {amount_text(row.parts[0].amount, line.currency)}" for row in rows_of((line,), names))
        yield harmless(f"{line.mapping} {line.currency}: {'; '.join((', '.join(ends), *rows))}", 2 * LINE_MAX)


def _ends(line: StatementLine) -> tuple[SideTotal, SideTotal]:
    return line.left, line.right
