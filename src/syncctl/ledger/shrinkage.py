"""Kinds of which a complete pull brought far fewer records than before, until they are back or a person allows it.
I/O: SQL.

Kept in the ledger: the next night's pull brings the same few records and finds nothing unusual about them.
"""

from __future__ import annotations

from typing import Final

from syncctl.ledger.engine import Engine

PREFIX: Final = "shrunk:"
KEPT: Final = (4, 5)
"""At least four of five records must still be there."""


def note_count(engine: Engine, name: str, before: int, after: int, *, complete: bool) -> bool:
    """Takes note of a pull of the kind `system.kind`; True while it holds over 20 % fewer records than it did. Joins
    the caller's transaction: the one that takes the records away, or a pull cut short after it forgets how many there
    were.
    """
    noted = engine.meta(PREFIX + name)
    was = int(noted) if noted else before
    least, of = KEPT
    fewer = after * of < was * least and (complete or bool(noted))
    if fewer is not bool(noted):
        engine.set_meta(PREFIX + name, str(was) if fewer else "")
    return fewer


def shrunk_kinds(engine: Engine) -> tuple[str, ...]:
    """The kinds that are shrunk now, as `system.kind`."""
    rows = engine.db.execute(
        "SELECT substr(key, ?) FROM meta WHERE key GLOB ? AND value <> '' ORDER BY key", (len(PREFIX) + 1, PREFIX + "*")
    )
    return tuple(str(row[0]) for row in rows)


def allow_shrunk(engine: Engine) -> None:
    """A person says that so few is right: what is there now is what the next pull is measured by. Own transaction."""
    with engine.write() as db:
        db.execute("UPDATE meta SET value = '' WHERE key GLOB ?", (PREFIX + "*",))
