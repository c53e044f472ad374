"""Which records are the same thing: claims candidates one to one, refuses ties. Pure.

The ledger yields candidates per rule, grouped by key; nothing here reads or writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

LOOKS_MAX: Final = 40_000
"""Candidates of one key that are looked at one by one; more of them are a tie: the rule says too little."""

Score: TypeAlias = Callable[[int, int], float | None]
"""The score of a candidate (left, right) from 0 to 100, or None when the rule's other criteria refuse it."""


@dataclass(frozen=True, slots=True)
class Group:
    """All unmatched records that share a key."""

    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Records that a rule links: one to one, or several on the side that `many` names."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Tie:
    """Records between which a rule cannot decide."""

    left: tuple[int, ...]
    right: tuple[int, ...]


def claim(groups: Iterable[Group], score: Score | None, *, many: str = "") -> Iterator[Claim | Tie]:
    """Claims every candidate that is the only one for both its records; all others are ties.

    >>> list(claim([Group((1,), (7,)), Group((2, 3), (8,))], None))
    [Claim(left=(1,), right=(7,), score=100.0), Tie(left=(2, 3), right=(8,))]
    """
    for group in groups:
        if score is None:
            yield _whole(group, many)
        elif len(group.left) * len(group.right) > LOOKS_MAX:
            yield Tie(group.left, group.right)
        else:
            yield from _components(group, score, many)


def _whole(group: Group, many: str) -> Claim | Tie:
    """A key alone decides: everybody in the group is a candidate for everybody."""
    if _fits(len(group.left), len(group.right), many):
        return Claim(group.left, group.right, 100.0)
    return Tie(group.left, group.right)


def _fits(left: int, right: int, many: str) -> bool:
    return (left == 1 or many == "left") and (right == 1 or many == "right")


def _components(group: Group, score: Score, many: str) -> Iterator[Claim | Tie]:
    scores = {
        (left, right): found
        for left in group.left
        for right in group.right
        if (found := score(left, right)) is not None
    }
    for lefts, rights in components(scores):
        edges = sum(1 for left in lefts for right in rights if (left, right) in scores)
        if _fits(len(lefts), len(rights), many) and edges == max(len(lefts), len(rights)):
            best = min(scores[left, right] for left in lefts for right in rights)
            yield Claim(lefts, rights, best)
        else:
            yield Tie(lefts, rights)


def components(edges: Iterable[tuple[int, int]]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Connected sets of a bipartite graph, each as sorted (lefts, rights), in order of the first left."""
    by_left: dict[int, list[int]] = defaultdict(list)
    by_right: dict[int, list[int]] = defaultdict(list)
    for left, right in edges:
        by_left[left].append(right)
        by_right[right].append(left)
    seen: set[int] = set()
    for start in sorted(by_left):
        if start in seen:
            continue
        lefts, rights, open_lefts = {start}, set[int](), [start]
        while open_lefts:
            for right in by_left[open_lefts.pop()]:
                if right not in rights:
                    rights.add(right)
                    new = [left for left in by_right[right] if left not in lefts]
                    lefts.update(new)
                    open_lefts += new
        seen |= lefts
        yield tuple(sorted(lefts)), tuple(sorted(rights))


def alike(
    left: Sequence[tuple[int, str]], right: Sequence[tuple[int, str]], at_least: int
) -> dict[tuple[int, int], float]:
    """Candidates whose texts are alike: (left, right) -> score. Only texts that share a trigram are compared."""
    from rapidfuzz import fuzz

    blocks: dict[str, list[int]] = defaultdict(list)
    for place, (_, text) in enumerate(right):
        for gram in _grams(text):
            blocks[gram].append(place)
    found: dict[tuple[int, int], float] = {}
    for number, text in left:
        for place in _likely(text, blocks):
            other, other_text = right[place]
            score = fuzz.token_sort_ratio(text.casefold(), other_text.casefold(), score_cutoff=at_least)
            if score >= at_least:
                found[number, other] = score
    return found


COMMON_BLOCK: Final = 500
"""A trigram that this many texts share says nothing, and is passed over where the text has rarer ones."""


def _grams(text: str) -> set[str]:
    folded = f" {text.casefold()} "
    return {folded[place : place + 3] for place in range(len(folded) - 2)}


def _likely(text: str, blocks: dict[str, list[int]]) -> Iterable[int]:
    """Places in the right list that share at least a third of the text's rarer trigrams."""
    grams = [blocks[gram] for gram in _grams(text) if gram in blocks]
    rare = [block for block in grams if len(block) <= COMMON_BLOCK] or grams
    shared: dict[int, int] = defaultdict(int)
    for block in rare:
        for place in block:
            shared[place] += 1
    return [place for place, count in shared.items() if count * 3 >= len(rare)]
