"""Text in Xero's `where` language, and moments as its header takes them. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

_AWKWARD: Final = re.compile(r'["\\]')


def quotable(value: str) -> bool:
    """True for a text that a condition can hold: how quotes and backslashes are escaped is not documented."""
    return not _AWKWARD.search(value)


def longest_plain_part(value: str) -> str:
    """The longest part of a text that a search can be given."""
    return max(_AWKWARD.split(value), key=len).strip()


def any_text(field: str, values: Sequence[str]) -> str:
    """The condition that a text field has one of these values."""
    return " OR ".join(f'{field}=="{value}"' for value in values)


def any_id(field: str, values: Sequence[str]) -> str:
    """The condition that an id field has one of these values."""
    return " OR ".join(f'{field}==guid("{value}")' for value in values)


def modified_since(moment: datetime) -> str:
    """If-Modified-Since: UTC, to the second, without an offset (Xero's page on requests and responses)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
