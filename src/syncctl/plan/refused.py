"""Takes out of a draft what its vendor refused before in the same words. I/O: looks up which side a record is on."""

from __future__ import annotations

from collections.abc import Callable

from syncctl.model import Change, Finding, FindingKind, Ref
from syncctl.plan.draft import Draft
from syncctl.plan.unfinished import WHAT_NOW
from syncctl.reconciliation.books import Books


def without_refused(books: Books, made: Draft, refused: Callable[[Change], str], at: str) -> Draft:
    """Takes out what its vendor refused before in the same words, and whatever waits for it; both become findings.

    `refused` says who refused it and why, or "". The changes are whole here, as they would be sent, and parents come
    first.
    """
    kept: list[Change] = []
    findings = list(made.findings)
    held: dict[str, str] = {}
    told: set[Ref | None] = set()
    for change in made.changes:
        refusal = refused(change)
        waits = next((held[parent] for parent in change.parents if parent in held), "")
        if not refusal and not waits:
            kept.append(change)
            continue
        held[change.intent] = waits or f"{change.name}, which was refused: {refusal}"
        source, target = (ref if ref and not ref.provisional else None for ref in (change.source, change.target))
        if waits and target in told:
            continue  # what would have flowed back to a record that is listed already
        told.update((source, target))
        kind, said = (FindingKind.REJECTED, refusal) if refusal else (FindingKind.BLOCKED, f"waits for {waits}")
        on_right = books.lookups.side_of(change.mapping, change.target) == "right"
        left, right = (source, target) if on_right else (target, source)
        findings.append(
            Finding(change.mapping, kind, left, right, since=at, hint=f"{said}; {WHAT_NOW}", name=change.name)
        )
    return Draft(tuple(kept), tuple(findings))
