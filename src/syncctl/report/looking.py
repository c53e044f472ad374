"""What a person types into a vendor's own search to see whether a write happened. No I/O.

No vendor here documents the address of its search page, so the words are said and not a link.
"""

from __future__ import annotations

import re
from typing import Final

from syncctl.model import Action, Change
from syncctl.report.text import money_text, short

MARKER: Final = re.compile(r"syncctl \S+")


def search_words(change: Change) -> tuple[str, ...]:
    """Our own mark in a new record, its name or number, its amount; of a record that was there already its id too."""
    marks = (MARKER.search(edit.after) for edit in change.edits if isinstance(edit.after, str))
    marked = next((found.group() for found in marks if found), "") if change.action is Action.CREATE else ""
    identity = "" if change.target.provisional else change.target.id
    amount = money_text(change.amount) if change.amount is not None else ""
    return tuple(dict.fromkeys(short(word) for word in (change.name, identity, marked, amount) if word))


def where_to_look(change: Change) -> str:
    """`search quickbooks (Invoice) for INV-9001, or syncctl stripe:invoice:in_1, or 125.00 USD`."""
    words = ", or ".join(search_words(change)) or "it"
    return f"search {short(change.target.system)} ({short(change.target.kind)}) for {words}"
