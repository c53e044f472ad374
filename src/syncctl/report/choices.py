"""Records that a person has to choose from: why nothing was matched, and the command for each choice. No I/O."""

from __future__ import annotations

import shlex
from typing import Final

from syncctl.model import Choice, Ref
from syncctl.report.text import plural, short

COMMANDS_MAX: Final = 6
"""Choices that are written out; beyond them the records are named, and one command shows how."""


def why_open(choice: Choice) -> str:
    """Why no pair was made."""
    if len(choice.left) == len(choice.right) == 1:
        return only_alike(choice.rule, choice.score)
    counts = " and ".join(
        f"{plural(len(refs), refs[0].kind + ' record')} of {refs[0].system}"
        for refs in (choice.left, choice.right)
        if len(refs) > 1
    )
    return short(f"{counts} fit equally by rule {choice.rule!r}")


def confirm_commands(mapping: str, choice: Choice) -> list[list[str]]:
    """What to type for each choice, as words."""
    pairs = [(one, two) for one in choice.left for two in choice.right]
    return [confirm_words(mapping, one, two) for one, two in pairs[:COMMANDS_MAX]]


def only_alike(rule: str, score: float) -> str:
    """Why two records that fit each other alone are not matched without a person."""
    alike = f", {score:.0f} % alike" if score else ""
    return short(f"only this was compared: {rule}{alike}; that is no proof, so a person decides")


def confirm_words(mapping: str, left: Ref, right: Ref) -> list[str]:
    """The command that takes two records for one, as words of a shell."""
    return decision_words("confirm", mapping, left, right)


def decision_words(verb: str, mapping: str, left: Ref, right: Ref) -> list[str]:
    """The command that confirms, rejects or releases a pair, as words of a shell."""
    return ["syncctl", "match", verb, *(shell_word(word) for word in (mapping, str(left), str(right)))]


def shell_word(text: str) -> str:
    """A word to be typed at a shell: quoted where it must be, hidden characters visible."""
    return shlex.quote(short(text))
