"""What a person does about each sort of open finding, and with which command. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from syncctl.model import Finding, FindingKind
from syncctl.report.text import plural, short

NUMBERED_MAX: Final = 5
"""Findings of one sort that are named by their number; of more, the rest are counted."""


class Advice(NamedTuple):
    """What the finding is called, what to do about it, and the command to type."""

    title: str
    todo: str
    command: str


ADVICE: Final[Mapping[FindingKind, Advice]] = {
    FindingKind.CONFLICT: Advice(
        "conflict", "set the right value in one of the two systems, then look again", "syncctl reconcile"
    ),
    FindingKind.TIE: Advice("several fit", "say which records belong together", "syncctl match list"),
    FindingKind.PROPOSAL: Advice("may belong together", "say which records belong together", "syncctl match list"),
    FindingKind.REJECTED: Advice("refused", "see what the vendor refused, and the way out", "syncctl ops list"),
    FindingKind.BLOCKED: Advice(
        "blocked", "settle what the row says it waits for; it is planned again then", "syncctl reconcile"
    ),
    FindingKind.POISON: Advice("unreadable", "correct the record in its system, then read it again", "syncctl pull"),
    FindingKind.DIFFERENCE: Advice(
        "differs", "see both values, and correct the one that is wrong in its system", "syncctl explain REF"
    ),
    FindingKind.MISSING: Advice(
        "no partner", "see why; enter the partner, or match the two by hand", "syncctl explain REF"
    ),
    FindingKind.DUPLICATE: Advice(
        "duplicate", "see which records are the same; void or archive one in its system", "syncctl explain REF"
    ),
    FindingKind.LEFT_SCOPE: Advice(
        "left the mapping", "see which condition it left; correct the record, or its partner", "syncctl explain REF"
    ),
    FindingKind.GONE: Advice(
        "partner gone",
        "bring the record back, end its partner too, or do what its row says; then look again",
        "syncctl reconcile",
    ),
}
"""Every sort of finding, in the order in which people settle them."""


def step_for_stays(waiting: Sequence[Finding], undoes: str) -> list[tuple[str, str]]:
    """The command for what an undo leaves: these findings have no number and cannot be accepted. `undoes` is the run
    that was taken back."""
    stays = sum(each.stays for each in waiting)
    if not stays:
        return []
    said = f"{plural(stays, 'record')} of the run {'stays' if stays == 1 else 'stay'}"
    todo = "do at the vendor what the cause names, then undo again; what has no way out may stay"
    return [(f"syncctl undo {short(undoes) or 'RUN'}", f"{said}: {todo}")]


def steps_for(waiting: Sequence[Finding], undoes: str = "") -> list[tuple[str, str]]:
    """A command for each thing to do about what is open, with the numbers of the findings it is about. `undoes`: the
    run that an undo took back."""
    found = {kind: [each for each in waiting if each.kind is kind and not each.stays] for kind in ADVICE}
    sorts: dict[tuple[str, str], list[str]] = {}
    for kind, advice in ADVICE.items():
        if found[kind]:
            sorts.setdefault((advice.command, advice.todo), []).append(f"{advice.title} ({_numbers(found[kind])})")
    steps = [(command, f"{', '.join(named)}: {todo}") for (command, todo), named in sorts.items()]
    accept = [('syncctl findings accept NUMBER --note "…"', "let a difference stand until it changes")]
    return [*(steps + accept if steps else []), *step_for_stays(waiting, undoes)]


def _numbers(findings: Sequence[Finding]) -> str:
    """`3, 20 and 12 more`; how many they are where the ledger gave one of them no number."""
    if not all(each.number for each in findings):
        return plural(len(findings), "finding")
    named = [str(number) for number in sorted(each.number for each in findings)]
    more = len(named) - NUMBERED_MAX
    return ", ".join(named[:NUMBERED_MAX]) + (f" and {more} more" if more > 0 else "")
