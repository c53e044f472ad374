"""Pretend vendors put away as bytes and taken out as often as wanted, each time with another clock. No I/O.

Taking them out is several times quicker than building or deep-copying them.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping

from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import FakeClock


class _Putter(pickle.Pickler):
    def __init__(self, file: io.BytesIO, clock: FakeClock) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.clock = clock

    def persistent_id(self, found: object) -> str | None:
        return "clock" if found is self.clock else None


class _Taker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, clock: FakeClock) -> None:
        super().__init__(file)
        self.clock = clock

    def persistent_load(self, _name: str) -> FakeClock:
        return self.clock


def put_away(sandboxes: Mapping[str, Sandbox], clock: FakeClock) -> bytes:
    """Sandboxes as they are now, without the clock that they share."""
    kept = io.BytesIO()
    _Putter(kept, clock).dump(dict(sandboxes))
    return kept.getvalue()


def taken_out(kept: bytes, clock: FakeClock) -> dict[str, Sandbox]:
    """The sandboxes as they were put away, on this clock."""
    found: dict[str, Sandbox] = _Taker(io.BytesIO(kept), clock).load()
    return found
