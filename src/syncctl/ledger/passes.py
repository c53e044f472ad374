"""How far each mapping's last pass came: versions and the sequence number it had seen. I/O: SQL."""

from __future__ import annotations

from dataclasses import dataclass

from syncctl.ledger.engine import Engine


@dataclass(frozen=True, slots=True)
class Pass:
    """A mapping's last pass: the versions it was made with, and the ledger-wide sequence number it had seen."""

    sides: str
    verdicts: str
    seen: int


class Passes:
    """The last pass of every mapping. Methods join the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def last(self, mapping: int) -> Pass:
        """The last pass of a mapping."""
        row = self.engine.db.execute(
            "SELECT projection, verdicts, seen_seq FROM mappings WHERE id = ?", (mapping,)
        ).fetchone()
        return Pass(*row)

    def set(self, mapping: int, done: Pass) -> None:
        """Remembers a pass."""
        self.engine.db.execute(
            "UPDATE mappings SET projection = ?, verdicts = ?, seen_seq = ? WHERE id = ?",
            (done.sides, done.verdicts, done.seen, mapping),
        )

    def judge_again(self, mapping: int) -> None:
        """The next pass matches and judges everything anew: a person decided something."""
        self.engine.db.execute("UPDATE mappings SET verdicts = '' WHERE id = ?", (mapping,))

    def newest(self) -> int:
        """The newest number of the ledger-wide sequence."""
        return int(self.engine.db.execute("SELECT value FROM counters WHERE name = 'seq'").fetchone()[0])

    def waiting(self, mapping: int) -> bool:
        """True when something a mapping looked at changed without a record of its own changing."""
        row = self.engine.db.execute("SELECT 1 FROM stale_sides WHERE mapping = ? LIMIT 1", (mapping,)).fetchone()
        return row is not None
