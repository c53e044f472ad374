"""How much of the org's daily requests is used, as every answer tells it, and what is left to others. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.base import Allowance
from syncctl.connectors.http import Complaint
from syncctl.connectors.salesforce.complaints import BUDGET
from syncctl.errors import Exchange, LimitReached
from syncctl.model import Outcome

HEADER: Final = "sforce-limit-info"
_USAGE: Final = re.compile(r"\bapi-usage=(\d+)/(\d+)")


@dataclass
class Usage:
    """Requests used of those allowed in 24 hours. `used` None: no answer told it yet."""

    system: str
    reserve_percent: float
    used: int | None = None
    allowed: int = 0

    def read(self, headers: Mapping[str, str]) -> Allowance | None:
        """Notes what an answer's headers tell, and what is left; None where they tell nothing."""
        found = _USAGE.search(headers.get(HEADER, ""))
        if found is None:
            return None
        self.used, self.allowed = int(found.group(1)), int(found.group(2))
        return Allowance(max(self.allowed - self.used, 0), "in 24 hours")

    @property
    def spent(self) -> bool:
        """True when only the reserve is left."""
        if self.used is None or not self.allowed:
            return False
        return self.used >= self.allowed * (1 - self.reserve_percent / 100)

    def complaint(self) -> Complaint:
        """Why nothing more is sent."""
        message = (
            f"{self.used:,} of {self.allowed:,} requests of the last 24 hours are used; "
            f"{self.reserve_percent:g} % are left to others"
        )
        fix = "run again later, lower api_reserve_percent, or let an admin add requests"
        return Complaint(Outcome.LATER, BUDGET, message, fix, None)

    def check(self, request: str) -> None:
        """Raises LimitReached before a request that would touch the reserve."""
        if self.spent:
            found = self.complaint()
            where = Exchange(self.system, request, code=found.code)
            raise LimitReached(f"{self.system}: {found.message}", where, wait_seconds=None, fix=found.fix)
