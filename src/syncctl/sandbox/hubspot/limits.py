"""The vendor's rate limits on the injected clock, with their headers and their 429 bodies. No I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from syncctl.clock import Clock

TEN_SECONDLY: Final = "TEN_SECONDLY_ROLLING"
DAILY: Final = "DAILY"
SECONDLY: Final = "SECONDLY"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Requests allowed: per rolling ten seconds and per day (Professional: 190 and 650,000), searches per second."""

    per_ten_seconds: int = 190
    per_day: int = 650_000
    searches_per_second: int = 5


class Meter:
    """Counts requests. `take` names the policy that refuses one, or is empty."""

    def __init__(self, clock: Clock, allowance: Allowance | None) -> None:
        self._clock = clock
        self.allowance = allowance
        self._recent: deque[datetime] = deque()
        self._searches: deque[datetime] = deque()
        self._day = ""
        self._today = 0

    def take(self, *, search: bool) -> str:
        """Counts a request; the policy that refuses it, or the empty text."""
        if self.allowance is None:
            return ""
        now = self._clock.now()
        self._roll(now)
        if self._today >= self.allowance.per_day:
            return DAILY
        if len(self._recent) >= self.allowance.per_ten_seconds:
            return TEN_SECONDLY
        if search and len(self._searches) >= self.allowance.searches_per_second:
            return SECONDLY
        self._recent.append(now)
        self._today += 1
        if search:
            self._searches.append(now)
        return ""

    def _roll(self, now: datetime) -> None:
        while self._recent and (now - self._recent[0]).total_seconds() >= 10:
            self._recent.popleft()
        while self._searches and (now - self._searches[0]).total_seconds() >= 1:
            self._searches.popleft()
        if self._day != now.date().isoformat():
            self._day, self._today = now.date().isoformat(), 0

    def headers(self, *, search: bool) -> dict[str, str]:
        """The limit headers of an answer; searches have none."""
        allowance = self.allowance or Allowance()
        if search:
            return {}
        return {
            "x-hubspot-ratelimit-daily": str(allowance.per_day),
            "x-hubspot-ratelimit-daily-remaining": str(max(allowance.per_day - self._today, 0)),
            "x-hubspot-ratelimit-interval-milliseconds": "10000",
            "x-hubspot-ratelimit-max": str(allowance.per_ten_seconds),
            "x-hubspot-ratelimit-remaining": str(max(allowance.per_ten_seconds - len(self._recent), 0)),
            "x-hubspot-ratelimit-secondly": str(allowance.per_ten_seconds // 10),
            "x-hubspot-ratelimit-secondly-remaining": str(allowance.per_ten_seconds // 10),
        }


_SAID: Final[Mapping[str, str]] = {
    DAILY: "You have reached your daily limit.",
    TEN_SECONDLY: "You have reached your ten_secondly_rolling limit.",
    SECONDLY: "You have reached your secondly limit.",
}


def limit_body(policy: str, correlation: str) -> dict[str, Any]:
    """The body of a 429."""
    return {
        "status": "error",
        "message": _SAID[policy],
        "errorType": "RATE_LIMIT",
        "correlationId": correlation,
        "policyName": policy,
        "groupName": "publicapi:private-apps:api-calls",
        "requestId": correlation.replace("-", "")[:16],
    }
