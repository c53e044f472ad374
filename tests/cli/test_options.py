"""Days and limits as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncctl.cli.options import as_day, as_overrides, beginning
from syncctl.errors import UsageError


def test_a_day_begins_in_the_books_time_zone() -> None:
    assert beginning(as_day("2026-10-01"), "America/New_York") == "2026-10-01T04:00:00+00:00"
    assert beginning(as_day(""), "America/New_York") is None


def test_overrides_name_their_guard_and_leave_the_others() -> None:
    found = as_overrides(260, "15%", ["500USD", "20.50 EUR"])
    assert (found.max_changes, found.max_ratio) == (260, Decimal("0.15"))
    assert found.max_amount == (("USD", Decimal(500)), ("EUR", Decimal("20.50")))
    nothing = as_overrides(None, "", [])
    assert (nothing.max_changes, nothing.max_ratio, nothing.max_amount) == (None, None, ())


@pytest.mark.parametrize("text", ["500", "USD", "-5USD", "1e9USD", "500 usd"])
def test_an_amount_without_its_currency_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        as_overrides(None, "", [text])
