"""Chance that repeats: one stream of numbers per part of the company, and decks of cards. No I/O."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


def stream(seed: int, part: str) -> random.Random:
    """The numbers of one part: a change in another part does not move them."""
    return random.Random(f"{seed}/{part}")  # noqa: S311  (nothing here is a secret)


class Deck(Generic[T]):
    """Cards and how many there are of each, dealt in random order and shuffled anew when they are used up.

    So the shares are exact, however few are dealt.
    """

    def __init__(self, chance: random.Random, cards: Mapping[T, int]) -> None:
        self._chance = chance
        self._cards = tuple(card for card, count in cards.items() for _ in range(count))
        self._left: list[T] = []

    def draw(self) -> T:
        if not self._left:
            self._left = list(self._cards)
            self._chance.shuffle(self._left)
        return self._left.pop()
