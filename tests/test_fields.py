"""The only encoder and decoder of values: nothing is lost, shifted or made up on the way in or out."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from syncctl.fields.builtin import CODECS
from syncctl.fields.codecs import decode, encode
from syncctl.fields.currency import currency_of
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.numbers import parse_number, plain_number
from syncctl.fields.placeholder import placeholder, unknown_in
from syncctl.fields.schema import Field, Schema
from syncctl.fields.text import clean_text, show
from syncctl.fields.undecodable import Undecodable
from syncctl.model import NEW, Money, Ref, Unknown
from syncctl.money import STRIPE_EXPONENTS, STRIPE_READ_ONLY_CURRENCIES

# --- round trips ------------------------------------------------------------------------------------------------------

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2)
TEXTS = st.text(min_size=1, max_size=30).filter(lambda text: not text.isspace())
DAYS = st.dates(date(1, 1, 2), date(9999, 12, 30))
INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda found: found.replace(microsecond=found.microsecond // 1000 * 1000)
)
CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "ISK", "HUF"])
IDS = st.from_regex(r"[A-Za-z0-9_]{1,12}", fullmatch=True)

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "enum": TEXTS,
    "id": IDS,
    "number": AMOUNTS,
    "number.text": AMOUNTS,
    "money": AMOUNTS.map(lambda amount: Money(amount, "USD")),
    "money.text": AMOUNTS.map(lambda amount: Money(amount, "USD")),
    "money.flipped": AMOUNTS.map(lambda amount: Money(amount, "USD")),
    "money.minor.stripe": AMOUNTS.map(lambda amount: Money(amount, "USD")),
    "date": DAYS,
    "date.midnight": DAYS,
    "date.epoch": DAYS,
    "instant.epoch": INSTANTS.map(lambda found: found.replace(microsecond=0)),
    "instant.iso": INSTANTS,
    "bool": st.booleans(),
    "bool.text": st.booleans(),
    "currency": CURRENCIES,
    "currency.lower": CURRENCIES,
    "currency.value": CURRENCIES,
    "ref": IDS,
    "ref.value": IDS,
    "ref.element": IDS,
    "object": st.dictionaries(IDS, IDS, min_size=1, max_size=3),
}


def test_every_codec_has_a_round_trip_here() -> None:
    assert VALUES.keys() == CODECS.keys()


@pytest.mark.parametrize("codec", sorted(VALUES))
@given(data=st.data())
def test_what_is_encoded_decodes_to_the_same_value_through_json(codec: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[codec])
    sent = decode_json(encode_json({"value": encode(codec, value, "USD")}))["value"]
    assert decode(codec, sent, "USD") == value


@pytest.mark.parametrize("codec", sorted(VALUES))
def test_null_and_blank_text_are_empty_for_every_codec(codec: str) -> None:
    assert [decode(codec, raw) for raw in (None, "", " ", "\u00a0\t")] == [None] * 4
    assert encode(codec, None) is None


@pytest.mark.parametrize("codec", sorted(VALUES))
def test_a_value_known_after_apply_is_held_by_a_placeholder_in_every_codec(codec: str) -> None:
    unknown = Unknown(Ref("books", "Bill", f"{NEW}1"), "Number")
    assert decode(codec, encode(codec, unknown)) == unknown


@pytest.mark.parametrize("codec", ["ref", "ref.value", "ref.element"])
def test_a_reference_to_a_planned_record_never_shows_its_made_up_id(codec: str) -> None:
    planned = Ref("books", "Bill", f"{NEW}1")
    raw = encode(codec, planned)
    assert unknown_in(raw) == Unknown(planned, "")
    assert "new-1" not in [raw, *(raw.values() if isinstance(raw, dict) else [])]


def test_a_placeholder_survives_json() -> None:
    unknown = Unknown(Ref("a", "B.c", f"{NEW}x#y"), "metadata.id")
    assert unknown_in(decode_json(encode_json(placeholder(unknown)))) == unknown


# --- money ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "minor", "major"),
    [("USD", 1999, "19.99"), ("JPY", 500, "500"), ("KWD", 1234, "1.234"), ("ISK", 50000, "500"), ("HUF", 150, "1.5")],
)
def test_a21_minor_units_become_the_amount_people_mean(currency: str, minor: int, major: str) -> None:
    assert decode("money.minor.stripe", minor, currency) == Money(Decimal(major), currency)


@given(
    currency=st.sampled_from(sorted({*STRIPE_EXPONENTS, "USD", "HUF"} - STRIPE_READ_ONLY_CURRENCIES)),
    minor=st.integers(-(10**12), 10**12),
)
def test_minor_units_round_trip_in_every_writable_currency(currency: str, minor: int) -> None:
    value = decode("money.minor.stripe", minor, currency)
    assert encode("money.minor.stripe", value, currency) == minor


@pytest.mark.parametrize("currency", sorted(STRIPE_READ_ONLY_CURRENCIES))
def test_a_currency_whose_decimals_are_unresolved_is_never_written(currency: str) -> None:
    with pytest.raises(Undecodable, match="read only"):
        encode("money.minor.stripe", Money(Decimal(1), currency), currency)


@pytest.mark.parametrize(("currency", "amount"), [("ISK", "10.50"), ("UGX", "0.01"), ("JPY", "1.5"), ("USD", "0.001")])
def test_an_amount_the_currency_cannot_hold_is_refused(currency: str, amount: str) -> None:
    with pytest.raises(ValueError, match="decimals"):
        encode("money.minor.stripe", Money(Decimal(amount), currency), currency)


@pytest.mark.parametrize("text", ["15000", "15000.00", "15,000", " 15000 ", "1.5e4", "+15000", "15,000.00"])
def test_c30_fifteen_thousand_is_fifteen_thousand_in_every_spelling(text: str) -> None:
    assert parse_number(text) == 15000
    assert plain_number(parse_number(text)) == "15000"


@pytest.mark.parametrize(
    "text",
    ["15,00", "1,5000", "15 000", "15'000", "0,123", "1,23,456", "15000,00", "$15", "15 USD", "1_000", "0x1F", "12-",
     "NaN", "Infinity", "-inf", "1e9999", "1e400", "--1", ".", "e5", ",", "1,000,00"],
)  # fmt: skip
def test_c30_a_doubtful_number_is_an_error_and_never_another_number(text: str) -> None:
    with pytest.raises(Undecodable):
        parse_number(text)


@given(text=st.text(alphabet="0123456789.,eE+-", max_size=12))
def test_a_number_is_read_as_it_says_or_not_at_all(text: str) -> None:
    try:
        value = parse_number(text)
    except Undecodable:
        return
    assert value == Decimal(text.replace(",", ""))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.40000000000000002220446049250313080847263336181640625", "0.4"),
        ("6000.00000000000033306690738754696212708950942724609375000", "6000"),
        ("0.30000000000000004", "0.3"),
        ("0.7999999999999999", "0.8"),
        ("3.3000000000000003", "3.3"),
        ("1234567.8900000001", "1234567.89"),
        ("-0.30000000000000004", "-0.3"),
    ],
)
def test_a20_the_tail_of_a_binary_float_is_not_a_difference(text: str, number: str) -> None:
    assert plain_number(parse_number(text)) == number
    assert plain_number(decode("number", decode_json(text.encode()))) == number
    assert decode("money", decode_json(text.encode()), "USD") == Money(Decimal(number), "USD")


@given(cents=st.integers(0, 10**12), other=st.integers(0, 10**12), sign=st.sampled_from([1, -1]))
def test_a20_a_sum_made_with_floats_reads_as_the_sum_made_with_decimals(cents: int, other: int, sign: int) -> None:
    assert parse_number(repr(sign * (cents / 100 + other / 100))) == sign * Decimal(cents + other) / 100


@given(cents=st.integers(0, 10**12), other=st.integers(0, 10**12))
@example(cents=5961, other=6418)
def test_a20_a_difference_made_with_floats_is_right_to_the_cent(cents: int, other: int) -> None:
    """Digits that a subtraction cancels cannot be told from digits that were meant."""
    assert round(parse_number(repr(cents / 100 - other / 100)), 2) == Decimal(cents - other) / 100


@pytest.mark.parametrize(
    "text", ["12345678901234.56", "123456789012345.67", "99999999999999999999.99", "1234567890123.456"]
)
def test_a_long_exact_amount_keeps_every_digit(text: str) -> None:
    assert plain_number(parse_number(text)) == text


@pytest.mark.parametrize("raw", [10**28, Decimal("1E+400"), Decimal("1E+999999"), Decimal("1E-999999"), "9" * 29])
@pytest.mark.parametrize("codec", ["number", "money", "money.minor.stripe"])
def test_a_number_too_long_to_be_added_up_exactly_is_an_error(codec: str, raw: Any) -> None:
    with pytest.raises(Undecodable):
        decode(codec, raw, "USD")


@pytest.mark.parametrize("raw", [True, [], {}, "yes", [1]])
@pytest.mark.parametrize("codec", ["number", "money", "money.minor.stripe", "number.text"])
def test_what_is_no_number_is_an_error(codec: str, raw: Any) -> None:
    with pytest.raises(Undecodable):
        decode(codec, raw, "USD")


@pytest.mark.parametrize(
    ("raw", "currency"),
    [({"cur": "eur"}, "EUR"), ({"cur": {"value": "EUR", "name": "Euro"}}, "EUR"), ({}, "USD"), ({"cur": None}, "USD")],
)
def test_an_amounts_currency_comes_from_its_record_else_from_the_books(raw: dict[str, Any], currency: str) -> None:
    assert currency_of(raw, Field("total", "money", currency="cur", currency_default="USD")) == currency


# --- dates ------------------------------------------------------------------------------------------------------------

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(day=DAYS, hour=st.integers(0, 23), offset=OFFSETS)
def test_c31_a_date_stays_the_day_it_says_whatever_time_and_offset_follow_it(
    day: date, hour: int, offset: timezone
) -> None:
    written = datetime(day.year, day.month, day.day, hour, 30, tzinfo=offset).isoformat()
    for codec in ("date", "date.midnight"):
        assert decode(codec, written) == day
        assert decode(codec, encode(codec, decode(codec, written))) == day


@given(day=DAYS)
def test_c31_a_day_kept_as_a_unix_time_is_its_midnight_in_utc(day: date) -> None:
    sent = encode("date.epoch", day)
    assert sent % 86_400 == 0
    assert decode("date.epoch", sent) == day


@pytest.mark.parametrize("raw", ["2026-11-31", "2026-13-01", "15/11/2026", "2026-11-181", "soon", 20261118, True, {}])
def test_what_is_no_date_is_an_error(raw: Any) -> None:
    with pytest.raises(Undecodable):
        decode("date", raw)


@pytest.mark.parametrize(
    ("codec", "raw"),
    [
        ("instant.epoch", 10**18),
        ("instant.epoch", -(10**18)),
        ("instant.epoch", 10**400),
        ("instant.epoch", "1795003200"),
        ("instant.epoch", Decimal("1795003200.5")),
        ("instant.epoch", True),
        ("date.epoch", 10**15),
        ("instant.iso", "0001-01-01T00:00:00+14:00"),
        ("instant.iso", "9999-12-31T23:59:59-14:00"),
        ("instant.iso", "2026-11-18T12:00:00"),
        ("instant.iso", "2026-11-18"),
        ("instant.iso", 1795003200),
    ],
)
def test_a_time_that_is_none_or_has_no_place_in_the_calendar_is_an_error(codec: str, raw: Any) -> None:
    with pytest.raises(Undecodable):
        decode(codec, raw)


def test_one_instant_has_one_value_however_its_offset_is_written() -> None:
    texts = ["2026-11-18T12:00:00Z", "2026-11-18T04:00:00-08:00", "2026-11-18T12:00:00.000+00:00"]
    assert {decode("instant.iso", text) for text in texts} == {datetime(2026, 11, 18, 12, tzinfo=UTC)}
    assert decode("instant.epoch", 1795003200) == datetime(2026, 11, 18, 12, tzinfo=UTC)


# --- texts, references, booleans --------------------------------------------------------------------------------------


@given(text=st.text(max_size=20))
def test_cleaning_a_text_twice_is_cleaning_it_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_text(text) == " ".join(clean_text(text).split())


def test_a6_blanks_and_composed_accents_do_not_make_texts_differ() -> None:
    assert len({clean_text(text) for text in ("Zoe\u0308  Ltd", " Zo\u00eb\u00a0Ltd ", "Zo\u00eb\tLtd\n")}) == 1


@pytest.mark.parametrize(
    ("raw", "text"), [(True, "true"), (7, "7"), (Decimal("1.50"), "1.50"), (Decimal("1E+2"), "100")]
)
def test_a_scalar_in_a_text_field_is_read_as_it_is_written(raw: Any, text: str) -> None:
    assert decode("text", raw) == text


@pytest.mark.parametrize("codec", ["ref", "ref.value", "ref.element"])
def test_a_reference_is_read_bare_as_value_or_as_object(codec: str) -> None:
    assert {decode(codec, raw) for raw in ("5", 5, {"value": "5", "name": "n"}, {"id": "5", "label": "x"})} == {"5"}
    assert [decode(codec, raw) for raw in ({"value": ""}, {"value": None}, {"id": None})] == [None] * 3


@pytest.mark.parametrize("raw", [True, {}, {"name": "only a name"}, [1], {"value": ["x"]}])
def test_what_names_no_record_is_an_error(raw: Any) -> None:
    with pytest.raises(Undecodable):
        decode("ref", raw)


@pytest.mark.parametrize("raw", [1, 0, "yes", "True", [], {}])
def test_only_true_and_false_are_booleans(raw: Any) -> None:
    with pytest.raises(Undecodable):
        decode("bool", raw)


@pytest.mark.parametrize("raw", [7, ["USD"], {"name": "dollar", "value": 7}, "US\x1fD"])
def test_what_is_no_currency_is_an_error(raw: Any) -> None:
    with pytest.raises(Undecodable):
        decode("currency", raw)


@given(
    raw=st.recursive(
        st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["value", "id", "x"]), inner),
        max_leaves=4,
    ),
    codec=st.sampled_from(sorted(VALUES)),
)
def test_whatever_a_vendor_sends_is_a_value_of_the_codecs_type_or_a_refusal_on_one_line(raw: Any, codec: str) -> None:
    value = decoded_or_refused(codec, raw)
    if isinstance(value, Undecodable):
        assert re.fullmatch(r"(not|a) [^:]+: .{1,60}", str(value))
    elif value is not None:
        assert of_type(codec.partition(".")[0], value)
    if not isinstance(raw, dict):  # a reference or a currency may stand empty in its object
        assert (value is None) is (raw is None or (isinstance(raw, str) and not raw.strip()))


def decoded_or_refused(codec: str, raw: Any) -> Any:
    try:
        return decode(codec, raw, "USD")
    except Undecodable as refusal:
        return refusal


def of_type(name: str, value: Any) -> bool:
    """Exactly what a value of this type is: aware, finite, in its currency, never blank."""
    match value:
        case bool():
            return name in ("bool", "object")
        case Money(Decimal() as amount, "USD"):
            return name == "money" and amount.is_finite()
        case Decimal():
            return name in ("number", "object") and value.is_finite()
        case datetime():
            return name == "instant" and value.tzinfo is UTC
        case date():
            return name == "date"
        case str():
            return name in ("text", "enum", "id", "ref", "currency", "object") and value != ""
        case _:
            return name == "object"


# --- JSON -------------------------------------------------------------------------------------------------------------


@given(number=st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
def test_a20_a_json_number_keeps_every_digit(number: Decimal) -> None:
    text = format(number, "f")
    assert decode_json(f'{{"a": {text}}}'.encode())["a"] == Decimal(text)
    assert decode_json(encode_json({"a": number}))["a"] == number


@pytest.mark.parametrize(
    "body",
    [b'{"a": NaN}', b'{"a": Infinity}', b'{"a": "\\ud800"}', b'{"a": "\xed\xa0\x80"}', b'{"a": "\xff"}', b"", b"{",
     b'{"a": 1e99999999999999999999}', b'{"a": ' + b"9" * 6000 + b"}", b"[" * 100_000],
)  # fmt: skip
def test_hostile_json_is_refused_and_never_half_read(body: bytes) -> None:
    with pytest.raises(Undecodable):
        decode_json(body)


def test_1e400_is_read_as_the_number_it_is() -> None:
    assert decode_json(b'{"a": 1e400}')["a"] == Decimal("1E+400")


def test_the_other_side_reads_what_the_standard_library_would() -> None:
    value = {"a": [Decimal("0.10"), 1, None, True, "é\u2028"], "b": {}}
    assert json.loads(encode_json(value), parse_float=Decimal) == value


# --- showing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (Decimal("12.50"), "12.5"),
        (Decimal("1.25E+1"), "12.5"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+3"), "1000"),
        (Money(Decimal("10.00"), "USD"), "10 USD"),
        (Money(Decimal("10.00"), ""), "10"),
        (True, "true"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 5, tzinfo=timezone(timedelta(hours=5))), "2026-01-31T00:00:00Z"),
        (Ref("s", "k", "7"), "7"),
        (("a", Decimal(1)), "a, 1"),
    ],
)
def test_a_value_has_one_text(value: Any, text: str) -> None:
    assert show(value) == text


@given(left=st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_equal_numbers_have_equal_texts_at_any_scale(left: Decimal) -> None:
    assert plain_number(left) == plain_number(left.normalize()) == plain_number(left.quantize(Decimal("0.00000001")))
    assume(left != 0)
    assert plain_number(left) != plain_number(-left)


# --- schemas ----------------------------------------------------------------------------------------------------------


def test_a_schema_finds_a_field_by_path_or_by_the_star_that_stands_for_it() -> None:
    schema = Schema("s", "k", {"a": Field("a"), "metadata.*": Field("metadata.*", writable="always")})
    found = schema.find("metadata.crm_id")
    assert found is not None
    assert (found.path, found.place, found.writable) == ("metadata.crm_id", "metadata.crm_id", "always")
    assert schema.find("b") is None
    assert schema.find("a.b") is None


def test_labels_are_found_without_case_and_outer_blanks() -> None:
    schema = Schema("s", "k", {"cf1": Field("cf1", label="Project ID "), "cf2": Field("cf2", label="Other")})
    assert [found.path for found in schema.labelled(" project id")] == ["cf1"]
    assert schema.labelled("missing") == ()
