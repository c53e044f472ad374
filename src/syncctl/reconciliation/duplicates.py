"""Records that are one too many: what they are the same as has a partner already. I/O: the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from syncctl.mapping.language import other
from syncctl.model import Ref, SideName
from syncctl.projection.keys import Key
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books


def duplicates(books: Books, projection: Projection, mapping: int, side: SideName, held: set[int]) -> dict[int, str]:
    """Records of a side (ledger numbers) that are one too many, each with what it is the same as and what to do.

    `held` are those that a tie or proposal speaks about already.
    """
    found = dict(_with_anothers_marker(books, projection, mapping, side))
    if projection.mapping.create in ("both", other(side)) and not projection.mapping.many:
        for record, hint in _with_anothers_key(books, projection, mapping, side):
            if record not in held:
                found.setdefault(record, hint)
    return found


def _with_anothers_marker(
    books: Books, projection: Projection, mapping: int, side: SideName
) -> Iterator[tuple[int, str]]:
    """Records that carry the marker of a source whose partner is another record: always news, whatever is ignored."""
    for place, key in enumerate(projection.rules):
        if key.marker is None or key.marker[0] != side:
            continue
        for record, _, text in books.candidates.unpaired_keys(mapping, side, place):
            system, _, rest = text.partition(":")
            kind, _, identity = rest.partition(":")
            source = Ref(system, kind, identity)
            if (system, kind) != projection.mapping.side(other(side)):
                continue  # a text that only looks like a marker, or one of another mapping
            partner = books.lookups.partner(projection.mapping.name, source)
            if partner is not None:
                yield record, f"carries the marker of {source}, whose partner is {partner}: one of the two is too many"


def _with_anothers_key(books: Books, projection: Projection, mapping: int, side: SideName) -> Iterator[tuple[int, str]]:
    """Records that a rule would have linked to a partner that is taken: no second one is made for them.

    Only rules that decide by equal values alone count: whoever writes such a rule says that equal values are one
    thing. What a rule only narrows down (the same customer and amount within days) says no such thing.
    """
    deciding = [(place, key) for place, key in enumerate(projection.rules) if _decides(key)]
    if next(books.candidates.unmatched(mapping, side), None) is None:
        return
    rejected = _rejected(books, projection.mapping.name)
    for place, key in deciding:
        for record, pair in books.candidates.with_key_of_a_pair(mapping, side, place):
            left, right = books.pairs.members(pair)
            if left is None or right is None:
                continue
            twin, partner = (left, right) if side == "left" else (right, left)
            if rejected.isdisjoint((frozenset((record, partner)), frozenset((record, twin)))):
                yield record, _taken(books, projection, key, record, twin, partner, side)
        for alike in books.candidates.with_one_key(mapping, side, place):
            for number, record in enumerate(alike):
                older = next((one for one in alike[:number] if frozenset((record, one)) not in rejected), None)
                if older is not None:
                    yield record, _one_of_two(books, projection, key, record, older)


def _decides(key: Key) -> bool:
    return key.rule is not None and not (key.marker or key.fuzzy or key.residual or key.rule.review)


def _rejected(books: Books, name: str) -> set[frozenset[int | None]]:
    """Records (ledger numbers) that are two things, as a person said: of two sides, or of one."""
    said = (one for one in books.pairs.decisions(name) if one.verdict == "reject")
    return {frozenset((books.records.number_of(one.left), books.records.number_of(one.right))) for one in said}


def _one_of_two(books: Books, projection: Projection, key: Key, record: int, older: int) -> str:
    here, first = books.records.ref_of(record), books.records.ref_of(older)
    return (
        f"rule {key.name!r}: it is the same as {first}; only one record is made of the two: merge them in"
        f" {here.system}, or say that they are two: syncctl match reject {projection.mapping.name} {here} {first}"
    )


def _taken(books: Books, projection: Projection, key: Key, record: int, twin: int, partner: int, side: SideName) -> str:
    here, there = books.records.ref_of(record), books.records.ref_of(partner)
    left, right = (here, there) if side == "left" else (there, here)
    return (
        f"rule {key.name!r}: it is the same as {books.records.ref_of(twin)}, whose partner is {there}: merge the two in"
        f" {here.system}, or say that they are two: syncctl match reject {projection.mapping.name} {left} {right}"
    )
