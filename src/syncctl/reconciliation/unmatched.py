"""Findings about single records: ties, proposals, duplicates, and what has no partner. I/O: the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from syncctl.ledger.findings import Verdict
from syncctl.ledger.sides import SIDES
from syncctl.mapping.language import other
from syncctl.match import Claim, Tie
from syncctl.model import FindingKind, SideName
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.content import own_content
from syncctl.reconciliation.duplicates import duplicates
from syncctl.reconciliation.pairing import Matched

RETOLD: Final = frozenset({"name", "content"})
"""What an edit of the mapping tells otherwise of a record that stayed as it was."""


def unmatched(
    books: Books, projection: Projection, mapping: int, outcome: Matched, edited_at: int | None
) -> Iterator[Verdict]:
    """Ties, proposals and records without a partner.

    `edited_at`: the mapping was edited, and this is the number of the ledger-wide sequence that its last pass had seen.
    """
    yield from _undecided(outcome.ties, FindingKind.TIE)
    yield from _undecided(outcome.proposals, FindingKind.PROPOSAL)
    held = outcome.held
    for side in SIDES:
        for record, reason, keys in books.candidates.unreadable(mapping, side):
            hint = reason if (side, record) in held else f"{reason}{_not_matched(projection, side, keys)}"
            yield Verdict(f"{side}:{record}", FindingKind.POISON, "", (("hint", hint),))
        twins = duplicates(books, projection, mapping, side, {record for where, record in held if where == side})
        for record, hint in twins.items():
            yield Verdict(f"{side}:{record}", FindingKind.DUPLICATE, "", (("hint", hint),))
        created = projection.mapping.create in ("both", "right" if side == "left" else "left")
        if not created and not projection.mapping.reports_unmatched(side):
            continue
        content = own_content(projection, side)
        moved = None if edited_at is None else books.records.changed_since(*projection.mapping.side(side), edited_at)
        for record, name, fingerprint, cells in books.candidates.unmatched(mapping, side):
            if (side, record) not in held and record not in twins:
                same = content(fingerprint, cells)
                body = (("name", name), ("create", "yes" if created else ""), ("content", same))
                retold = frozenset[str]() if moved is None or record in moved else RETOLD
                yield Verdict(f"{side}:{record}", FindingKind.MISSING, "", body, retold)


def _not_matched(projection: Projection, side: SideName, keys: tuple[str | None, ...]) -> str:
    """What follows where a record that cannot be read has no value to match it by, or ""."""
    blind = [rule.name for rule, key in zip(projection.rules, keys, strict=False) if rule.rule and key is None]
    if not blind:
        return ""
    rules = f"rule{'s' if len(blind) > 1 else ''} {', '.join(map(repr, blind))}"
    return f"; {rules} cannot match it: {unmatched_meanwhile(projection, side)}"


def unmatched_meanwhile(projection: Projection, side: SideName) -> str:
    """What follows where a record on `side` cannot be matched because it cannot be read."""
    (here, _), (there, _) = projection.mapping.side(side), projection.mapping.side(other(side))
    until = f"until it is corrected in {here} and pulled"
    if projection.mapping.create in ("both", side):
        return f"what may belong to it in {there} counts as missing and is not made in {here} {until}"
    return f"what belongs to it in {there} counts as missing {until}"


def _undecided(found: Iterable[tuple[str, Tie | Claim]], kind: FindingKind) -> Iterator[Verdict]:
    for rule, group in found:
        subject = f"left:{group.left[0]}"
        body = {
            "rule": rule,
            "lefts": ",".join(map(str, group.left)),
            "rights": ",".join(map(str, group.right)),
            "score": f"{group.score:.0f}" if isinstance(group, Claim) else "",
        }
        yield Verdict(subject, kind, rule, tuple(body.items()))
