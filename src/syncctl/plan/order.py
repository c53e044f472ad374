"""Changes in the order they are sent, and two changes to one record as one. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncctl.model import Change


def in_order(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes so that each comes after its parents; otherwise as planned."""
    placed: dict[str, Change] = {}
    by_intent = {change.intent: change for change in changes}
    entered: set[str] = set()
    for change in changes:
        waiting = [change]
        while waiting:
            current = waiting[-1]
            entered.add(current.intent)
            before = [
                by_intent[parent]
                for parent in current.parents
                if parent in by_intent and parent not in placed and parent not in entered
            ]
            if before:
                waiting.append(before[0])
                continue
            placed.setdefault(current.intent, waiting.pop())
    return tuple(placed.values())


def waits_for(changes: Mapping[str, Change], intents: Iterable[str], on: str) -> bool:
    """True when one of these intents is `on`, or waits for it through any number of others."""
    seen: set[str] = set()
    waiting = list(intents)
    while waiting:
        intent = waiting.pop()
        if intent == on:
            return True
        if intent not in seen and intent in changes:
            seen.add(intent)
            waiting += changes[intent].parents
    return False


def one_amount(first: Change, second: Change) -> bool:
    """False where two changes to one record each move an amount of their own (`amount:` of two mappings names two
    fields): one write tells guards of one amount, and the other would pass unseen.
    """
    now = first.amount_before if first.amount is None else first.amount
    return _still(first) or _still(second) or now == second.amount_before


def _still(change: Change) -> bool:
    return change.amount == change.amount_before


def joined(first: Change, second: Change) -> Change:
    """Two changes to one record, which have `one_amount`, as one write. Its amount is that of the one that moves money;
    of two that do, from before the first to after the second.
    """
    parents = tuple(dict.fromkeys(parent for parent in (*first.parents, *second.parents) if parent != first.intent))
    edits = (*first.edits, *second.edits)
    if not _still(second):
        if _still(first):
            first = replace(first, amount=second.amount, amount_before=second.amount_before)
        elif second.amount is not None:
            first = replace(first, amount=second.amount)
    also = tuple(one for one in second.sources if one not in first.sources)
    return replace(first, edits=edits, parents=parents, also=(*first.also, *also))
