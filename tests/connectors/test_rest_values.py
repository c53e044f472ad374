"""Declared types: what a system spells its own way is read exactly and written back the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncctl.connectors.rest.load import load_system
from syncctl.fields.codecs import codec_named, decode, encode
from syncctl.fields.currency import currency_of
from syncctl.fields.dates import NotAFormat, parse_format
from syncctl.fields.declared import declare
from syncctl.fields.undecodable import Undecodable, excerpt
from syncctl.model import Money, Ref
from syncctl.sameness import same

GERMAN = {"decimal": ",", "group": ".", "decimals": 2}
WALLS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1))  # noqa: DTZ001 - they get a zone
AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False, allow_infinity=False)
BERLIN = {"format": "DD.MM.YYYY HH:mm:ss", "zone": "Europe/Berlin"}


@given(AMOUNTS)
def test_a_decimal_comma_goes_round(amount: Decimal) -> None:
    codec = declare("money", GERMAN)
    written = encode(codec, Money(amount, "EUR"), "EUR")
    assert "." not in written
    assert written.count(",") == 1
    assert decode(codec, written, "EUR") == Money(amount, "EUR")


@given(AMOUNTS, st.sampled_from(".' "))
def test_thousands_are_read_with_and_without_their_sign(amount: Decimal, group: str) -> None:
    codec = declare("number", {"decimal": ",", "group": group})
    grouped = f"{amount:,.2f}".replace(",", "G").replace(".", ",").replace("G", group)
    assert decode(codec, grouped) == amount
    assert decode(codec, f"{amount:.2f}".replace(".", ",")) == amount


@pytest.mark.parametrize(
    "text",
    ["1.234.56", "1,234.56", "1234.56", "12.34,5", "1.2345,00", "1 234,00", "", "-", "1,", ",5", "1e3", "NaN", "∞",
     "１２,00", "0x10", "12,00 €", "1.234,", "--1", "1,2,3"],
)  # fmt: skip
def test_a_number_spelled_otherwise_is_never_guessed(text: str) -> None:
    """C30: a comma and a point may trade places; what is doubtful is an error, never another amount."""
    codec = codec_named(declare("money", GERMAN))
    with pytest.raises(Undecodable):
        codec.decode(text, "EUR")


def test_a_json_number_is_taken_as_it_is() -> None:
    assert decode(declare("money", GERMAN), Decimal("12.50"), "EUR") == Money(Decimal("12.5"), "EUR")
    assert decode(declare("money", GERMAN), 0, "EUR") == Money(Decimal(0), "EUR")


def test_what_does_not_fit_the_declared_decimals_is_not_rounded_away() -> None:
    with pytest.raises(ValueError, match="more than 2 decimals"):
        encode(declare("money", GERMAN), Money(Decimal("1.005"), "EUR"), "EUR")
    assert encode(declare("number", {"decimal": ","}), Decimal("1.005")) == "1,005"
    assert encode(declare("number", {"decimal": ","}), Decimal(100)) == "100"


@given(st.integers(-(10**15), 10**15), st.integers(0, 4))
def test_whole_minor_units_go_round(units: int, decimals: int) -> None:
    codec = declare("money", {"minor": decimals})
    value = decode(codec, units, "EUR")
    assert value == Money(Decimal(units).scaleb(-decimals), "EUR")
    assert encode(codec, value, "EUR") == units


@pytest.mark.parametrize("raw", [1.5, Decimal("1.5"), "15", True, [1]])
def test_an_integer_is_whole(raw: Any) -> None:
    with pytest.raises(Undecodable):
        codec_named(declare("number", {"whole": True})).decode(raw, "")


@given(st.dates(min_value=date(1, 1, 1)), st.sampled_from(["DD.MM.YYYY", "YYYYMMDD", "MM/DD/YYYY", "YYYY-MM-DD"]))
def test_a_day_goes_round(day: date, form: str) -> None:
    codec = declare("date", {"format": form})
    assert decode(codec, encode(codec, day)) == day


@pytest.mark.parametrize("text", ["31.02.2026", "1.2.2026", "2026-01-01", "01.01.26", "01.01.2026 00:00", "00.00.0000"])
def test_no_such_day_is_refused(text: str) -> None:
    with pytest.raises(Undecodable):
        codec_named(declare("date", {"format": "DD.MM.YYYY"})).decode(text, "")


def test_an_instant_is_written_as_the_day_it_is_in_its_own_zone() -> None:
    moment = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert encode(declare("instant", BERLIN), moment) == "21.11.2026 00:30:00"
    assert decode(declare("instant", BERLIN), "21.11.2026 00:30:00") == moment


@given(WALLS)
def test_a_local_time_goes_round_but_for_the_hour_that_comes_twice(wall: datetime) -> None:
    moment = wall.replace(microsecond=0, tzinfo=UTC)
    codec = declare("instant", BERLIN)
    assert moment - decode(codec, encode(codec, moment)) in (timedelta(0), timedelta(hours=1))


def test_a_time_that_the_clocks_leap_over_is_refused() -> None:
    with pytest.raises(Undecodable, match="leap over"):
        codec_named(declare("instant", BERLIN)).decode("29.03.2026 02:30:00", "")


@given(WALLS, st.sampled_from(["Z", "SSSZ"]))
def test_an_offset_in_the_text_says_which_moment_it_is(wall: datetime, tail: str) -> None:
    form = "YYYY-MM-DDTHH:mm:ss" + {"Z": "Z", "SSSZ": ".SSSZ"}[tail]
    moment = wall.replace(microsecond=0, tzinfo=UTC)
    codec = declare("instant", {"format": form})
    assert decode(codec, encode(codec, moment)) == moment
    assert decode(codec, wall.replace(microsecond=0).isoformat() + (".000" if tail[0] == "S" else "") + "-0500") == (
        moment + timedelta(hours=5)
    )


@given(st.integers(0, 4_000_000_000_000))
def test_unix_times_go_round(millis: int) -> None:
    seconds, exact = declare("instant", {"format": "epoch"}), declare("instant", {"format": "epoch_ms"})
    assert encode(exact, decode(exact, millis)) == millis
    assert encode(seconds, decode(seconds, millis // 1000)) == millis // 1000


def test_booleans_are_spelled_as_declared() -> None:
    codec = declare("bool", {"true": "J", "false": "N"})
    assert (decode(codec, "J"), decode(codec, "N")) == (True, False)
    assert (encode(codec, True), encode(codec, "false")) == ("J", "N")
    with pytest.raises(Undecodable):
        decode(codec, "Y")
    numbers = declare("bool", {"true": "1", "false": "0", "as": "number"})
    assert (decode(numbers, 1), decode(numbers, "0"), encode(numbers, True)) == (True, False, 1)
    with pytest.raises(Undecodable):
        decode(numbers, True)


def test_references_are_written_as_numbers_where_the_file_says_so() -> None:
    codec = declare("ref", {"as": "number"})
    assert encode(codec, Ref("erp", "customer", "4711")) == 4711
    assert decode(codec, 4711) == "4711"
    for wrong in ("K1", "007", "1" * 30):
        with pytest.raises(Undecodable):
            encode(codec, Ref("erp", "customer", wrong))


def test_a_codec_is_known_by_its_name_alone() -> None:
    """A schema kept in the ledger and a saved plan hold nothing else."""
    assert codec_named('money.declared:{"decimal":",","group":"."}').decode("1.000,5", "EUR").amount == Decimal(
        "1000.5"
    )
    day = 'date.declared:{"format":"DD.MM.YYYY"}'
    assert decode(day, encode(day, date(2026, 12, 31))) == date(2026, 12, 31)
    assert same('number.declared:{"decimal":",","group":"."}', "1.000,50", "1000,5")
    assert not same("number", "1.000,50", "1000,5")


@pytest.mark.parametrize("name", ["", "nothing", "money.nothing", 'nothing.declared:{"format":"DD"}'])
def test_a_name_that_no_codec_has_is_never_another_codec(name: str) -> None:
    assert not same(name, "1", "1.0")
    with pytest.raises(KeyError):
        codec_named(name)


@pytest.mark.parametrize("form", ["DD.MM", "DD.MM.YY", "DD.MM.YYYY DD", "YYYY-MM-DD HH", "", "D.M.YYYY", "YYYY-MM-DDQ"])
def test_a_format_that_does_not_say_the_day_is_refused(form: str) -> None:
    with pytest.raises(NotAFormat):
        parse_format(form, time=False)


DECLARED: dict[str, tuple[str, type]] = {
    "money": (declare("money", GERMAN), Money),
    "number": (declare("number", {"decimal": ",", "group": "."}), Decimal),
    "date": (declare("date", {"format": "DD.MM.YYYY"}), date),
    "instant": (declare("instant", BERLIN), datetime),
    "bool": (declare("bool", {"true": "J", "false": "N"}), bool),
}


@given(text=st.text() | st.text("0123456789.,-:JN ", max_size=19), name=st.sampled_from(sorted(DECLARED)))
@example(text="1.234,50", name="money")
@example(text="-1,5", name="number")
@example(text="31.12.2026", name="date")
@example(text="31.12.2026 23:59:59", name="instant")
@example(text="N", name="bool")
@example(text="1.234,50\n", name="money")
def test_any_text_is_a_value_of_its_declared_type_or_refused_by_its_own_words(text: str, name: str) -> None:
    codec, kind = DECLARED[name]
    refusal = ""
    try:
        value = decode(codec, text, "EUR")
    except Undecodable as error:
        refusal, value = str(error), None
    named = (excerpt(text), excerpt(text.strip()))
    expected = refusal.endswith(named) if refusal else type(value) is kind or not text.strip()
    assert expected, (value, refusal)


def test_an_amount_in_a_fixed_currency_needs_no_field() -> None:
    text = """
system: Shop
base_url: https://shop.example.com
auth: bearer
kinds:
  thing:
    id: id
    list: /things
    read: /things/{id}
    fields: {id: id, fixed: {type: money, currency: EUR}, told: {type: money, currency: curr}, curr: currency}
"""
    fields = load_system("systems/shop.yaml", text.encode()).kinds["thing"].fields
    raw = {"fixed": 1, "told": 2, "curr": "usd"}
    assert [currency_of(raw, fields[name]) for name in ("fixed", "told")] == ["EUR", "USD"]
