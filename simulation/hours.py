"""The clock of a simulated world: stands still until it is put forward, and can be put away with the world. No I/O."""

from __future__ import annotations

from datetime import datetime

from syncctl.sandbox.clock import FakeClock


class Hours(FakeClock):
    """A FakeClock that pickles, so that vendors and the clock they share are put away and taken out together."""

    def __reduce__(self) -> tuple[type[Hours], tuple[datetime]]:
        return type(self), (self.time,)
