"""What keeps a write from being made, told in one wording wherever its finding is listed. No I/O.

The ledger knows that a record has no partner; only planning knows why none is made. A list of findings says the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import shorten
from typing import Final, TypeAlias

from syncctl.ledger.operation import Operation
from syncctl.model import Finding, FindingKind, Ref

SAID_MAX: Final = 150
"""Characters of a vendor's sentence in a list; `ops list` has all of it."""
WHAT_NOW: Final = "what to do: syncctl ops list"
STOPPED: Final = frozenset({FindingKind.BLOCKED, FindingKind.REJECTED})
About: TypeAlias = tuple[str, Ref | None, Ref | None]
"""What a finding is about: its mapping and its records."""


def refused_words(operation: Operation, message: str) -> str:
    """Who refused a write, and why; `message` is the vendor's, redacted."""
    return f"{operation.system} said: {shorten(message, SAID_MAX, placeholder=' …')}"


def as_planned(listed: Sequence[Finding], drafted: Sequence[Finding]) -> tuple[Finding, ...]:
    """The ledger's findings; those whose write is stopped say what stops it, as the dry run does, and those that are
    left alone why. What the draft does not list, it corrects: that is `planned`.
    """
    hints = {one.number: one.hint for one in drafted if one.number and one.kind not in STOPPED}
    stopped = {one.number for one in listed if one.kind in STOPPED}
    why = {_about(one): one for one in drafted if one.kind in STOPPED and one.number not in stopped}
    still = stopped | {one.number for one in drafted if one.kind not in STOPPED}

    def told(one: Finding) -> Finding:
        if one.accepted or one.number in still:
            return replace(one, hint=hints.get(one.number, one.hint))
        if (found := why.get(_about(one))) is not None:
            return replace(one, kind=found.kind, field=found.field, hint=found.hint, reason="")
        return replace(one, planned=one.number > 0)

    return tuple(map(told, listed))


def as_listed(drafted: Sequence[Finding], listed: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of a draft; what stops a write has the age and amount of the ledger's finding that the write would
    settle, and its number where there is exactly one.
    """
    still = {one.number for one in drafted}
    found: dict[About, list[Finding]] = {}
    for one in listed:
        if one.number not in still:
            found.setdefault(_about(one), []).append(one)
    return tuple(_aged(one, found.get(_about(one), ())) if one.kind in STOPPED else one for one in drafted)


def _aged(finding: Finding, found: Sequence[Finding]) -> Finding:
    if finding.number or not found:
        return finding
    since = min(one.since for one in found)
    return replace(finding, number=found[0].number if len(found) == 1 else 0, since=since, amount=found[0].amount)


def _about(finding: Finding) -> About:
    return finding.mapping, finding.left, finding.right
