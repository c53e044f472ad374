"""What HubSpot's headers tell about the requests that are left."""

from __future__ import annotations

import pytest

from syncctl.connectors.base import Allowance
from syncctl.connectors.hubspot.client import allowance

WINDOW = {"x-hubspot-ratelimit-remaining": "88", "x-hubspot-ratelimit-interval-milliseconds": "10000"}


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({**WINDOW, "x-hubspot-ratelimit-daily-remaining": "649912"}, Allowance(649_912, "today")),
        (WINDOW, Allowance(88, "in these 10 seconds")),
        ({"x-hubspot-ratelimit-remaining": "88"}, None),
        ({"x-hubspot-ratelimit-daily-remaining": "many"}, None),
        ({}, None),
    ],
    ids=["a private app", "OAuth: no day", "no window", "no number", "a search"],
)
def test_the_day_is_told_before_the_window_and_nothing_is_made_up(
    headers: dict[str, str], told: Allowance | None
) -> None:
    assert allowance(headers) == told
