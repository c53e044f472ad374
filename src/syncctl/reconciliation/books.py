"""The parts of one ledger that reconciling needs, together. I/O: none of its own."""

from __future__ import annotations

from syncctl.ledger.candidates import Candidates
from syncctl.ledger.comparing import Comparing
from syncctl.ledger.findings import Findings
from syncctl.ledger.histories import Histories
from syncctl.ledger.holds import Holds
from syncctl.ledger.lookups import Lookups
from syncctl.ledger.made import Made
from syncctl.ledger.pairs import Pairs
from syncctl.ledger.passes import Passes
from syncctl.ledger.records import Records
from syncctl.ledger.sides import Sides
from syncctl.ledger.unkept import Unkept
from syncctl.safeguards import TRIES


class Books:
    """The parts of one ledger that reconciling needs, together."""

    def __init__(self, records: Records, lookups: Lookups, tries: int = TRIES) -> None:
        engine = records.engine
        self.engine = engine
        self.records = records
        self.lookups = lookups
        self.sides = Sides(engine, records, lookups)
        self.candidates = Candidates(engine)
        self.comparing = Comparing(engine)
        self.made = Made(engine, records)
        self.pairs = Pairs(engine, lookups)
        self.findings = Findings(engine)
        self.histories = Histories(engine, records)
        self.holds = Holds(engine)
        self.passes = Passes(engine)
        self.unkept = Unkept(engine, tries)
