"""The vendor's rate limits: a bucket for the account, one for each endpoint. No I/O."""

from __future__ import annotations

from syncctl.clock import Clock


class Buckets:
    """`account` and `endpoint` requests per second, each up to one second's worth at once; None is no limit.

    docs.stripe.com/rate-limits: 100 a second for a live account, 25 for a sandbox, 25 on one endpoint.
    """

    def __init__(self, clock: Clock, account: float | None, endpoint: float | None) -> None:
        self._clock = clock
        self._account = account
        self._endpoint = endpoint
        self._filled: dict[str, tuple[float, float]] = {}

    def refused(self, endpoint: str) -> str:
        """The reason this request is one too many, or ""."""
        if self._account is not None and not self._take("", self._account):
            return "global-rate"
        if self._endpoint is not None and not self._take(endpoint, self._endpoint):
            return "endpoint-rate"
        return ""

    def _take(self, name: str, rate: float) -> bool:
        now = self._clock.boottime()
        level, at = self._filled.get(name, (rate, now))
        level = min(rate, level + (now - at) * rate)
        allowed = level >= 1
        self._filled[name] = (level - 1 if allowed else level, now)
        return allowed
