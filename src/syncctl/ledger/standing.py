"""Whether this ledger is the one that ran last, or an older copy of it. I/O: SQL, the file of kept heads."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from syncctl.errors import OldLedger
from syncctl.ledger import audit
from syncctl.ledger.heads import KeptHead, family, last_head

RESTORED: Final = "ledger.restored"
ACCEPT: Final = "syncctl ledger restore --accept-loss"
WHAT_TO_DO: Final = (
    f"put the newer ledger back (syncctl ledger restore FILE); or, if it is lost, go on with this one: {ACCEPT}"
)


@dataclass(frozen=True, slots=True)
class Behind:
    """What is known to have come after this ledger's end: `kept` is the newest head outside, `forked` that this ledger
    went another way since."""

    kept: KeptHead
    forked: bool

    @property
    def sentence(self) -> str:
        """What is wrong, for a person."""
        ran = f"run {self.kept.run} of {self.kept.at[:16].replace('T', ' ')} UTC"
        if self.forked:
            return f"this ledger is a copy that went its own way: {ran} wrote to another copy of it"
        return f"this ledger is older than its last run: it does not know {ran}"

    def error(self) -> OldLedger:
        """Why nothing may be written from this ledger."""
        return OldLedger(f"{self.sentence}; writing from it could write things twice", fix=WHAT_TO_DO)


def behind(db: sqlite3.Connection, lineage: str, heads: Path) -> Behind | None:
    """None when nothing outside knows more than this ledger does. Raises OSError when the heads cannot be read."""
    kept = last_head(heads, family(lineage))
    if kept is None:
        return None
    here = audit.hash_at(db, kept.head.count)
    if kept.lineage != lineage:
        return None if given_up(db) == kept.head else Behind(kept, forked=False)
    if here is None:
        return Behind(kept, forked=False)
    return None if here == kept.head.hash else Behind(kept, forked=True)


def given_up(db: sqlite3.Connection) -> audit.Head | None:
    """The head that the last restore of this ledger gave up, knowingly; None when it was never restored."""
    event = audit.last_of(db, RESTORED)
    if event is None:
        return None
    body: dict[str, Any] = json.loads(event.body)
    lost = body.get("given_up")
    return audit.Head(int(lost[0]), str(lost[1])) if lost else None
