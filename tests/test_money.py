"""Minor units: exact both ways, by the vendor's table and not by ISO's."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.model import Money
from syncctl.money import exponent, from_minor, to_minor

WHOLE = st.integers(-(10**40), 10**40)
DECIMALS = st.integers(0, 4)


@given(amount=WHOLE, decimals=DECIMALS)
def test_minor_units_round_trip_exactly_at_any_size(amount: int, decimals: int) -> None:
    assert to_minor(from_minor(amount, decimals), decimals) == amount


@given(amount=WHOLE, decimals=DECIMALS)
def test_a_minor_amount_is_the_major_one_times_its_power_of_ten(amount: int, decimals: int) -> None:
    assert from_minor(amount, decimals).as_tuple().exponent == -decimals
    assert int(str(from_minor(amount, decimals)).replace(".", "")) == amount


@given(amount=st.decimals(min_value=-(10**9), max_value=10**9, places=4), decimals=DECIMALS)
def test_an_amount_finer_than_the_unit_is_refused_and_never_rounded(amount: Decimal, decimals: int) -> None:
    fits = amount == amount.quantize(Decimal(1).scaleb(-decimals))
    if fits:
        assert from_minor(to_minor(amount, decimals), decimals) == amount
    else:
        with pytest.raises(ValueError, match="decimals"):
            to_minor(amount, decimals)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_has_no_minor_units(amount: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        to_minor(Decimal(amount), 2)


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("ISK", 2), ("UGX", 2), ("HUF", 2), ("MGA", 0)],
)
def test_a21_the_vendors_table_decides_how_many_decimals(currency: str, decimals: int) -> None:
    assert exponent("stripe", currency) == decimals


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("9800.0", "9,800.00"), ("0.5", "0.50"), ("1.234", "1.234"), ("500", "500"), ("12.30", "12.30")],
)
def test_an_amount_in_a_sentence_is_never_written_with_one_decimal(amount: str, shown: str) -> None:
    assert str(Money(Decimal(amount), "USD")) == f"{shown} USD"
