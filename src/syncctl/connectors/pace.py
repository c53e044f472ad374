"""A limit of its own for some requests of a system, inside the limit of all of them. I/O: waits."""

from __future__ import annotations

from syncctl.clock import Clock
from syncctl.connectors.base import Limits
from syncctl.connectors.http import Limiter
from syncctl.connectors.reservations import Reservations


class StricterLimiter(Limiter):
    """Both limits must let a request through: that of these requests, and the account's."""

    def __init__(self, limits: Limits, clock: Clock, account: Limiter, reservations: Reservations) -> None:
        super().__init__(limits, clock, reservations)
        self._account = account

    def __enter__(self) -> None:
        super().__enter__()
        try:
            self._account.__enter__()
        except BaseException:
            super().__exit__()
            raise

    def __exit__(self, *error: object) -> None:
        self._account.__exit__(*error)
        super().__exit__(*error)
