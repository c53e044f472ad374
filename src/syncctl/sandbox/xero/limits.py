"""Xero's limits on the injected clock: so many calls a minute and a day. No I/O."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from syncctl.clock import Clock

APP_MINUTE: Final = 10_000
_MINUTE: Final = timedelta(seconds=60)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Calls per organisation and app: a minute, and a day (1,000 on the free tier)."""

    per_minute: int = 60
    per_day: int = 5_000


class Meter:
    """Counts calls. `take` names the limit that refuses one, or is empty."""

    def __init__(self, clock: Clock, allowance: Allowance) -> None:
        self.clock = clock
        self.allowance = allowance
        self._recent: deque[datetime] = deque()
        self._day_began = clock.now()
        self._today = 0

    def take(self) -> str:
        """Counts a call; the limit that refuses it, or the empty text."""
        now = self.clock.now()
        while self._recent and self._recent[0] <= now - _MINUTE:
            self._recent.popleft()
        if now >= self._day_began + _DAY:
            self._day_began, self._today = now, 0
        if self._today >= self.allowance.per_day:
            return "day"
        if len(self._recent) >= self.allowance.per_minute:
            return "minute"
        self._recent.append(now)
        self._today += 1
        return ""

    def use_up_the_day(self) -> None:
        """From now on the day's limit answers, until the day is over."""
        self._today = self.allowance.per_day

    def retry_after(self, problem: str) -> int:
        """Whole seconds until the limit lets a call through."""
        now = self.clock.now()
        if problem == "day":
            return math.ceil((self._day_began + _DAY - now).total_seconds())
        first = self._recent[0] if self._recent else now
        return max(1, math.ceil((first + _MINUTE - now).total_seconds()))

    def headers(self) -> dict[str, str]:
        """What every answer says is left (recorded)."""
        return {
            "X-DayLimit-Remaining": str(max(0, self.allowance.per_day - self._today)),
            "X-MinLimit-Remaining": str(max(0, self.allowance.per_minute - len(self._recent))),
            "X-AppMinLimit-Remaining": str(APP_MINUTE - len(self._recent)),
        }
