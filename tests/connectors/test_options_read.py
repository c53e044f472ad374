"""A wrong option of any system is refused with a fix when the system is opened: never a crash, never half a meaning."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from syncctl.connectors.base import Access
from syncctl.connectors.hubspot.settings import Settings as HubSpot
from syncctl.connectors.registry import connector_class
from syncctl.connectors.salesforce.settings import Settings as Salesforce
from syncctl.connectors.stripe.card import Options as Stripe
from syncctl.connectors.xero.options import Options as Xero
from syncctl.errors import ConfigError
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock

COMPANIES = {"xero": "0a1b2c3d-0000-4000-8000-000000000001", "quickbooks": "1"}
SHAPES: dict[str, Any] = {"hubspot": HubSpot, "salesforce": Salesforce, "stripe": Stripe, "xero": Xero}
NUMBERS = [(name, one.name) for name, shape in SHAPES.items() for one in fields(shape) if str(one.type) != "str"]


def opened(name: str, clock: FakeClock, option: str, text: str) -> object:
    company = COMPANIES.get(name, "acct_1")
    return connector_class(name)(Access(name, str, clock, Redactor(), company=company, options={option: text}))


@pytest.mark.parametrize(
    ("name", "option"),
    [*NUMBERS, ("quickbooks", "throttle_seconds"), ("quickbooks", "page_rows"), ("plaid", "per_minute")],
)
def test_a_number_that_is_none_or_out_of_range_is_refused(name: str, option: str, clock: FakeClock) -> None:
    for text in ("many", "-99999", "nan", "inf", ""):
        with pytest.raises(ConfigError) as caught:
            opened(name, clock, option, text)
        assert caught.value.fix or all(each.hint for each in caught.value.problems)


@pytest.mark.parametrize("name", [*SHAPES, "quickbooks", "plaid"])
def test_an_unknown_option_is_named_beside_the_known_ones(name: str, clock: FakeClock) -> None:
    with pytest.raises(ConfigError) as caught:
        opened(name, clock, "no_such_thing", "1")
    assert "no_such_thing" in " ".join([str(caught.value), *map(str, caught.value.problems)])


def test_every_wrong_option_is_told_at_once_with_what_may_stand_there(clock: FakeClock) -> None:
    wrong = {"overlap_seconds": "-1", "requests_per_second": "0", "acount": "acct_2"}
    with pytest.raises(ConfigError) as caught:
        connector_class("stripe")(Access("stripe", str, clock, Redactor(), options=wrong))
    known = "account, api_version, overlap_seconds, rate_limit_wait_seconds, requests_per_second"
    assert [str(each) for each in caught.value.problems] == [
        "stripe.overlap_seconds: `overlap_seconds` is '-1' (write a whole number from 0 to 2,592,000)",
        "stripe.requests_per_second: `requests_per_second` is '0' (write a number above 0)",
        f"stripe.acount: there is no option `acount` (known: {known})",
    ]
