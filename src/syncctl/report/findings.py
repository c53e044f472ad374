"""Findings as people read them: conflicts with their ways out, refused ties, blocked rows, the rest by age. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.model import STAYS, Finding, FindingKind
from syncctl.report.advice import ADVICE
from syncctl.report.choices import confirm_commands, why_open
from syncctl.report.style import (
    BAD,
    COMMAND,
    NEW,
    OLD,
    QUIET,
    STRONG,
    WARN,
    WIDE,
    command_text,
    heading,
    indented,
    joined,
    rule,
    two_ends,
)
from syncctl.report.text import SHOWN_MAX, field_text, in_words, money_text, plural, short, since_text, value_text

if TYPE_CHECKING:
    from rich.console import RenderableType

BLANK: Final = Text()
BELOW: Final = 6
"""How far a finding's lines stand to the right: behind its number."""
_LINES: Final = re.compile(r"(\d+) lines?(?:: (.+))?", re.DOTALL)
ACCEPTED_MAX: Final = 20
"""How many findings a statement shows of those that were accepted, and of those on hold."""
UNDECIDED: Final = (FindingKind.TIE, FindingKind.PROPOSAL)
CAUSE_MAX: Final = 1_000
"""Characters of why a row is stopped: the way out stands at the end of it, and is wrapped, not cut."""
STOPPED: Final = (FindingKind.BLOCKED, FindingKind.REJECTED, FindingKind.POISON)


def finding_sections(findings: Sequence[Finding], *, width: int, now: datetime) -> list[RenderableType]:
    """Every section that has something in it; accepted findings are only counted."""
    waiting = [finding for finding in findings if finding.open]
    blocks = [*_decided_by_people(waiting, width, now), *staying(findings, width=width, now=now)]
    shown = {FindingKind.CONFLICT, *UNDECIDED, *STOPPED}
    rest = [finding for finding in waiting if finding.kind not in shown]
    if rest:
        title = heading("OPEN", "reported, never written; oldest first", plural(len(rest), "finding"))
        blocks += [title, rule(), open_list(rest, width=width, now=now), BLANK]
    blocks += to_be_corrected(findings, width=width, now=now)
    held = sum(finding.on_hold for finding in findings)
    if held:
        blocks += [Text(f"{plural(held, 'finding')} on hold after an undo", QUIET), BLANK]
    accepted = sum(finding.accepted and not finding.on_hold for finding in findings)
    if accepted:
        blocks += [Text(f"{plural(accepted, 'finding')} accepted with a note", QUIET), BLANK]
    return blocks


def _decided_by_people(waiting: Sequence[Finding], width: int, now: datetime) -> list[RenderableType]:
    """What no plan can settle by itself, a section for each cause."""
    return [
        *_section(
            "CONFLICTS",
            "both sides changed since they last agreed; a person decides",
            [finding for finding in waiting if finding.kind is FindingKind.CONFLICT],
            lambda finding: conflict_block(finding, now),
            BAD,
        ),
        *_section(
            "NOT MATCHED",
            "several records fit, or only the names are alike",
            [finding for finding in waiting if finding.kind in UNDECIDED],
            lambda finding: _undecided_block(finding, now, width),
            WARN,
        ),
        *_section(
            "STOPPED",
            "these rows are not written until the reason is gone",
            [finding for finding in waiting if finding.kind in STOPPED and not finding.stays],
            lambda finding: _said_block(finding, now, width),
            WARN,
        ),
    ]


def staying(findings: Sequence[Finding], *, width: int, now: datetime) -> list[RenderableType]:
    """What an undo leaves as it is."""
    return _section(
        "STAYS",
        "what an undo leaves as it is, and why",
        [finding for finding in findings if finding.stays],
        lambda finding: _said_block(finding, now, width),
        WARN,
    )


def on_hold(findings: Sequence[Finding], *, width: int, now: datetime) -> list[RenderableType]:
    """The findings that an undo keeps quiet, with what they say; the rest counted where there are many."""
    held = sorted((finding for finding in findings if finding.on_hold), key=lambda finding: finding.number)
    if not held:
        return []
    title = heading("ON HOLD", "after an undo, until match release", plural(len(held), "finding"))
    shown = (_said_block(finding, now, width, noted=False) for finding in held[:ACCEPTED_MAX])
    return [title, rule(), *shown, *_more(held), BLANK]


def to_be_corrected(findings: Sequence[Finding], *, width: int, now: datetime) -> list[RenderableType]:
    """The findings that need nobody: a plan made now corrects them."""
    planned = [finding for finding in findings if finding.planned]
    if not planned:
        return []
    title = heading("TO BE CORRECTED", "a plan writes these; nobody has to decide", plural(len(planned), "finding"))
    return [title, rule(), open_list(planned, width=width, now=now), BLANK]


def counted_findings(findings: Sequence[Finding]) -> list[str]:
    """`57 findings to be corrected`, `9 open findings`, `2 stay`: what there is of the three."""
    planned, stays = sum(one.planned for one in findings), sum(one.stays for one in findings)
    waiting = sum(one.open for one in findings) - stays
    return [
        *([f"{plural(planned, 'finding')} to be corrected"] if planned else []),
        *([plural(waiting, "open finding")] if waiting else []),
        *(["1 stays" if stays == 1 else f"{stays:,} stay"] if stays else []),
    ]


def _section(
    title: str, means: str, found: Sequence[Finding], block: Callable[[Finding], RenderableType], style: str
) -> list[RenderableType]:
    if not found:
        return []
    blocks: list[RenderableType] = [heading(title, means, str(len(found)), style), rule()]
    for finding in found:
        blocks += [block(finding), BLANK]
    return blocks


def sides_of(finding: Finding) -> tuple[str, str]:
    """What the two sides are called: their systems, or left and right where that would not tell them apart."""
    left = short(finding.left.system) if finding.left else "left"
    right = short(finding.right.system) if finding.right else "right"
    return (left, right) if left != right else (f"{left} (left)", f"{right} (right)")


def refs_of(finding: Finding) -> Text:
    """`stripe:invoice:in_1 ↔ quickbooks:Invoice:145`, or the one there is."""
    refs = [short(str(ref)) for ref in (finding.left, finding.right) if ref is not None]
    return Text(" ↔ ".join(refs), QUIET)


def _head(finding: Finding, now: datetime) -> RenderableType:
    """Number, record, mapping, amount, since when: the same line in every list."""
    title = Table.grid()
    title.add_column(width=BELOW, no_wrap=True)
    title.add_column(overflow="fold")
    named = Text.assemble((short(finding.name, 80) or "(no name)", STRONG), (f"  {short(finding.mapping)}", QUIET))
    title.add_row(Text(f"{finding.number:>4}" if finding.number else "", STRONG), named)
    money = money_text(finding.amount) if finding.amount else ""
    return two_ends(title, joined([Text(money), Text(since_text(finding.since, now), QUIET)]))


def kind_text(finding: Finding) -> str:
    """What sort of finding it is and why, in a person's words: `differs, rounding`."""
    title = STAYS.rstrip(": ") if finding.stays else ADVICE[finding.kind].title
    return ", ".join(filter(None, [title, finding.reason]))


def _below(*blocks: RenderableType) -> list[RenderableType]:
    return [indented(block, BELOW) for block in blocks]


def conflict_block(finding: Finding, now: datetime) -> RenderableType:
    """The values on both sides, the one they last agreed on, and the three ways out."""
    left, right = sides_of(finding)
    here, there = _value(finding.left_shown), _value(finding.right_shown)
    values = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        values.add_column(overflow="fold")
    values.add_row(Text(field_text(finding.field)), Text(left), Text(here, NEW))
    values.add_row("", Text(right), Text(there, NEW))
    if finding.base_shown:
        values.add_row("", Text("agreed on", QUIET), Text(_value(finding.base_shown), OLD))
    ways = Table.grid(padding=(0, 1, 0, 0))
    ways.add_column(no_wrap=True)
    ways.add_column(overflow="fold")
    ways.add_row(Text("1", STRONG), Text.assemble(f"{left} is right: set {here} in {right}, then reconcile again"))
    ways.add_row(Text("2", STRONG), Text.assemble(f"{right} is right: set {there} in {left}, then reconcile again"))
    ways.add_row(Text("3", STRONG), Text.assemble("both may stay: ", (accept_command(finding), COMMAND)))
    return Group(_head(finding, now), *_below(refs_of(finding), values, ways))


def accept_command(finding: Finding) -> str:
    """The command that keeps this finding quiet until it changes."""
    return f'syncctl findings accept {finding.number or "NUMBER"} --note "…"'


def _undecided_block(finding: Finding, now: datetime, width: int) -> RenderableType:
    if finding.choice is None:
        return _said_block(finding, now, width)
    commands = [command_text(words, width - BELOW) for words in confirm_commands(finding.mapping, finding.choice)]
    return Group(_head(finding, now), *_below(refs_of(finding), Text(why_open(finding.choice)), *commands))


def _said_block(finding: Finding, now: datetime, width: int, *, noted: bool = True) -> RenderableType:
    """The finding with what it says: on a wide page beside its Refs. `noted`: with its note."""
    where = f"{field_text(finding.field)}: " if finding.field and finding.hint and finding.kind in STOPPED else ""
    said = Text.assemble((f"{kind_text(finding)}: ", WARN), where, said_of(finding))
    lines = [joined([refs_of(finding), said])] if width >= WIDE else [refs_of(finding), said]
    words = accepted_text(finding) if finding.accepted else short(finding.note)
    note = [Text(words, QUIET)] if words and noted else []
    return Group(_head(finding, now), *_below(*lines, *note))


def open_list(findings: Iterable[Finding], *, width: int, now: datetime) -> RenderableType:
    """Findings one after the other, oldest first: number, record, amount, since when, Refs, kind and reason."""
    ranked = sorted(findings, key=lambda finding: (finding.since or "9", finding.mapping, finding.name))
    return Group(*(_said_block(finding, now, width) for finding in ranked))


def accepted_text(finding: Finding) -> str:
    """`accepted by anna on 2026-11-19: paid in cash`; of what an undo put on hold its note alone."""
    if finding.on_hold:
        return short(finding.note)
    who = f" by {short(finding.accepted_by)}" if finding.accepted_by else ""
    day = f" on {finding.accepted_at[:10]}" if finding.accepted_at else ""
    return f"accepted{who}{day}: {short(finding.note)}"


def accepted_list(findings: Iterable[Finding], now: datetime) -> Iterator[RenderableType]:
    """What people accepted, the newest first: number, record, amount, then why, by whom and when; the rest counted."""
    ranked = sorted(findings, key=lambda finding: (finding.accepted_at, finding.number), reverse=True)
    for finding in ranked[:ACCEPTED_MAX]:
        yield Group(_head(finding, now), *_below(Text(accepted_text(finding))))
    yield from _more(ranked)


def _more(found: Sequence[Finding]) -> Iterator[RenderableType]:
    if len(found) > ACCEPTED_MAX:
        yield Text(f"and {len(found) - ACCEPTED_MAX:,} more: syncctl findings list --all", QUIET)


def said_of(finding: Finding) -> str:
    """What a finding says: in one line, but for why a row is stopped."""
    if finding.choice is not None:
        return why_open(finding.choice)
    return short(finding.hint.removeprefix(STAYS), CAUSE_MAX if finding.kind in STOPPED else SHOWN_MAX) or _sides_text(
        finding
    )


def _sides_text(finding: Finding) -> str:
    """What each side holds, and how far apart: `TotalAmt: stripe 100.01 USD, quickbooks 100.00 USD, 0.01 USD lower`."""
    left, right = sides_of(finding)
    if finding.kind is FindingKind.MISSING:
        return f"only in {left if finding.left else right}"
    sides = ((left, finding.left_shown), (right, finding.right_shown))
    parts = [f"{name} {_value(shown)}" for name, shown in sides if finding.left_shown or finding.right_shown]
    lines = [_LINES.fullmatch(shown) for _, shown in sides]
    if all(lines):
        counts = (_lines_of(found, name) for found, (name, _) in zip(lines, sides, strict=True) if found)
        return f"lines that differ: {', '.join(counts)}"
    field = f"{field_text(finding.field)}: " if finding.field and parts else field_text(finding.field)
    return field + ", ".join(filter(None, [*parts, _words(finding)]))


def _lines_of(found: re.Match[str], name: str) -> str:
    """`1 in stripe (Consulting, 100,000.00 EUR)`."""
    said = "; ".join(value_text(line, "object") for line in (found[2] or "").split("; ") if line)
    return f"{found[1]} in {name} ({said})" if said else f"{found[1]} in {name}"


def _words(finding: Finding) -> str:
    """How the right side stands to the left one: `60.00 USD higher`, `30 days later`."""
    found = in_words(finding.left_shown, finding.right_shown)
    direction, _, size = found.partition(" ")
    return {"up": f"{size} higher", "down": f"{size} lower"}.get(direction, found)


def _value(shown: str) -> str:
    return value_text(shown) or "(empty)"
