"""Stripe's card and what of it configuration can change. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.base import Card, Limits
from syncctl.connectors.options import read_fields
from syncctl.connectors.stripe.kinds import KINDS
from syncctl.errors import ConfigError

BASE_URL: Final = "https://api.stripe.com"
API_VERSION: Final = "2026-10-28.endive"
"""The version the SDK 16.1.0 pins; without it an account's own default decides the shape of every answer."""

PAGE_SIZE: Final = 100
"""docs.stripe.com/api/pagination: limit is 1 to 100."""
EVENT_DAYS: Final = 30
"""docs.stripe.com/api/events/list: events go back at most 30 days."""
RETENTION_SECONDS: Final = 24 * 3600
"""docs.stripe.com/api/idempotent_requests: keys may be removed after 24 hours."""
KEY_LENGTH: Final = 255
"""docs.stripe.com/api/idempotent_requests."""
METADATA_VALUE: Final = 500
"""docs.stripe.com/metadata: 50 keys of at most 40 characters without square brackets, values of at most 500."""


@dataclass(frozen=True, slots=True)
class Options:
    """The system's settings in syncctl.yaml.

    `requests_per_second`: 20 stays under every published limit (docs.stripe.com/rate-limits: 25 per endpoint, 100
    live or 25 sandbox per account). `overlap_seconds`: how far a pull reads back before its cursor, for records that
    become visible late and for clocks that differ. `rate_limit_wait_seconds`: Stripe documents no Retry-After.
    `account`: a connected account, sent as Stripe-Account.
    """

    api_version: str = API_VERSION
    requests_per_second: float = 20.0
    overlap_seconds: int = 600
    rate_limit_wait_seconds: float = 2.0
    account: str = ""


def read_options(system: str, given: Mapping[str, str]) -> Options:
    """The options of one system; raises ConfigError with every problem."""
    found, problems = read_fields(Options, system, given, {"overlap_seconds": (0, EVENT_DAYS * 86_400)})
    if problems:
        raise ConfigError(f"the options of {system} are wrong", problems)
    return Options(**found)


def card(options: Options) -> Card:
    """What Stripe can do. One record per request; updates carry no version."""
    return Card(
        connector="stripe",
        kinds=tuple(KINDS),
        limits=Limits(per_second=options.requests_per_second),
        retention_seconds=RETENTION_SECONDS,
        key_length=KEY_LENGTH,
        replays_server_errors=True,
    )
