"""Findings about single records: ties, proposals, duplicates, and what has no partner. I/O: the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from syncctl.ledger.findings import Verdict
from syncctl.ledger.sides import SIDES
from syncctl.mapping.language import other
from syncctl.match import Claim, Tie
from syncctl.model import FindingKind, Ref, SideName
from syncctl.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.pairing import Matched


def unmatched(books: Books, projection: Projection, mapping: int, outcome: Matched) -> Iterator[Verdict]:
    """Ties, proposals and records without a partner."""
    yield from _undecided(outcome.ties, FindingKind.TIE)
    yield from _undecided(outcome.proposals, FindingKind.PROPOSAL)
    held = outcome.held
    for side in SIDES:
        for record, reason in books.sides.unreadable(mapping, side):
            yield Verdict(f"{side}:{record}", FindingKind.POISON, "", (("hint", reason),))
        twins = dict(_twins(books, projection, mapping, side))
        for record, hint in twins.items():
            yield Verdict(f"{side}:{record}", FindingKind.DUPLICATE, "", (("hint", hint),))
        created = projection.mapping.create in ("both", "right" if side == "left" else "left")
        if not created and not projection.mapping.reports_unmatched(side):
            continue
        for record, name, content in books.sides.unmatched(mapping, side):
            if (side, record) not in held and record not in twins:
                body = (("name", name), ("create", "yes" if created else ""), ("content", str(content)))
                yield Verdict(f"{side}:{record}", FindingKind.MISSING, "", body)


def _twins(books: Books, projection: Projection, mapping: int, side: SideName) -> Iterator[tuple[int, str]]:
    """Records that carry the marker of a source whose partner is another record: always news, whatever is ignored."""
    for place, key in enumerate(projection.rules):
        if key.marker is None or key.marker[0] != side:
            continue
        for record, _, text in books.sides.unpaired_keys(mapping, side, place):
            system, _, rest = text.partition(":")
            kind, _, identity = rest.partition(":")
            source = Ref(system, kind, identity)
            if (system, kind) != projection.mapping.side(other(side)):
                continue  # a text that only looks like a marker, or one of another mapping
            partner = books.lookups.partner(projection.mapping.name, source)
            if partner is not None:
                yield record, f"carries the marker of {source}, whose partner is {partner}: one of the two is too many"


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
