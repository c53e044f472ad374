"""One item: its accounts, its transactions, and what changed in which order. No I/O."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from syncctl.sandbox.plaid.refusals import bad_field, mutated

Raw = dict[str, Any]


@dataclass
class Entry:
    """One transaction: as it is now, when it appeared, when it last changed, whether it is gone."""

    raw: Raw
    made: int
    changed: int
    gone: bool = False


@dataclass
class Bank:
    """`steps` counts changes; a cursor names one of them. `ready` False: the first reading is still under way."""

    item: Raw
    token: str
    accounts: dict[str, Raw] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    steps: int = 0
    ready: bool = True
    login_required: bool = False
    stuck: bool = False

    def put(self, raw: Raw) -> None:
        """A transaction that is new, or has changed."""
        self.steps += 1
        held = self.entries.get(raw["transaction_id"])
        made = held.made if held is not None else self.steps
        self.entries[raw["transaction_id"]] = Entry(raw, made, self.steps)

    def remove(self, identity: str) -> None:
        """A transaction that the bank took back."""
        self.steps += 1
        entry = self.entries[identity]
        entry.gone, entry.changed = True, self.steps

    def sync(self, cursor: str, count: int) -> Raw:
        """One page of what changed after a cursor. Raises Refusal."""
        if not self.ready:
            return {"added": [], "modified": [], "removed": [], "next_cursor": "", "has_more": False}
        start, at, end = _parsed(cursor, self.steps)
        if at != start and (end != self.steps or self.stuck):
            raise mutated()
        changed = sorted(
            (
                entry
                for entry in self.entries.values()
                if entry.changed > at and not (entry.gone and entry.made > start)
            ),
            key=lambda entry: entry.changed,
        )
        page, rest = changed[:count], changed[count:]
        after = page[-1].changed if rest else self.steps
        return {
            "added": [entry.raw for entry in page if entry.made > start and not entry.gone],
            "modified": [entry.raw for entry in page if entry.made <= start and not entry.gone],
            "removed": [
                {name: entry.raw[name] for name in ("account_id", "transaction_id")} for entry in page if entry.gone
            ],
            "next_cursor": _written(start if rest else after, after, self.steps),
            "has_more": bool(rest),
        }


def _parsed(cursor: str, now: int) -> tuple[int, int, int]:
    """Where the update began, how far it is, and the last change when it began. Raises Refusal."""
    if not cursor:
        return 0, 0, now
    try:
        start, at, end = json.loads(base64.b64decode(cursor, validate=True))
        return int(start), int(at), int(end)
    except (ValueError, TypeError) as error:
        raise bad_field("cursor must be a value that /transactions/sync returned") from error


def _written(start: int, at: int, end: int) -> str:
    return base64.b64encode(json.dumps([start, at, end]).encode()).decode()
