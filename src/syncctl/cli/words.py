"""Global options may stand before or after the command; here they are moved before it. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

WITH_VALUE: Final = frozenset({"--project", "--profile", "--output", "-o", "--color", "--log-format", "--run-id"})
FLAGS: Final = frozenset({"--json", "--quiet", "-q", "--verbose", "-v", "-vv", "-qv"})


def global_first(words: Sequence[str]) -> list[str]:
    """The words with every global option in front; nothing after `--` is touched.

    >>> global_first(["pull", "stripe", "-o", "json", "--full", "-v"])
    ['-o', 'json', '-v', 'pull', 'stripe', '--full']
    """
    front: list[str] = []
    rest: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            rest += [word, *waiting]
            break
        name, equals, _ = word.partition("=")
        if word in FLAGS or (equals and name in WITH_VALUE) or (word.startswith("-o") and word != "-o"):
            front.append(word)
        elif word in WITH_VALUE:
            front += [word, *waiting[:1]]
            waiting = waiting[1:]
        else:
            rest.append(word)
    return [*front, *rest]
