"""Salesforce record ids: 15 letters where case counts, or 18 that survive a spreadsheet; syncctl knows only the 18.
Other systems hold them as they were copied. No I/O."""

from __future__ import annotations

import re
from typing import Final

from syncctl.fields.undecodable import Undecodable

_FORM: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-5]{3})?")
_LOOKS: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_SUFFIX: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BLOCK: Final = 5
PREFIX_LENGTH: Final = 3
"""An id begins with three characters that tell its object (`keyPrefix` of the object's description)."""


def id18(text: str) -> str:
    """The 18-character form. In an 18-character id whose case was lost, the last three letters give it back.

    Raises ValueError for what is no id, or whose last three letters contradict the rest.
    """
    if not _FORM.fullmatch(text):
        raise ValueError(f"{text!r} is no Salesforce id")
    if len(text) == 18:
        return _with_case(text)
    return text + "".join(_letter(text[start : start + _BLOCK]) for start in range(0, 15, _BLOCK))


def comparable(text: str) -> str:
    """What stands for a text that may hold an id: an id's 18 characters, any other text itself.

    Raises Undecodable for 18 characters whose last three do not fit the rest: a mistyped or cut id names no record.
    """
    if not _LOOKS.fullmatch(text):
        return text
    try:
        return id18(text)
    except ValueError as error:
        raise Undecodable(str(error)) from error


def known_id(text: str) -> str:
    """The 18-character form, or the empty text for what is no id."""
    try:
        return id18(text)
    except ValueError:
        return ""


def _letter(block: str) -> str:
    """The checksum of five characters: one bit for each that is upper case, the first character lowest."""
    return _SUFFIX[sum(1 << place for place, character in enumerate(block) if character.isupper())]


def _with_case(text: str) -> str:
    suffix = text[15:].upper()
    found = []
    for block, letter in enumerate(suffix):
        bits = _SUFFIX.index(letter)
        for place, character in enumerate(text[block * _BLOCK : (block + 1) * _BLOCK]):
            upper = bool(bits >> place & 1)
            if upper and not character.isalpha():
                raise ValueError(f"{text!r} is no Salesforce id: its last three letters do not fit the rest")
            found.append(character.upper() if upper else character.lower())
    restored = "".join(found) + suffix
    if text not in (restored, restored.upper(), restored.lower()):
        raise ValueError(f"{text!r} is no Salesforce id: its last three letters do not fit the rest")
    return restored
