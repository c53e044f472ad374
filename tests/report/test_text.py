"""Vendor text is hostile; amounts and dates are said as a person says them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.report.text import (
    amount_text,
    exact_text,
    field_text,
    in_words,
    plural,
    short,
    since_text,
    value_text,
    values_text,
    visible,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller & Søn 株式会社", "Müller & Søn 株式会社"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("a\u00a0b", "a\\xa0b"),
        ("a\u2028b", "a\\u2028b"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\x9b31m", "\\x9b31m"),
        ("Z" + "\u0301" * 9, "Z\u0301\u0301\u0301" + "\\u0301" * 6),
        ("é", "é"),
    ],
)
def test_what_hides_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_whatever_a_vendor_sends_is_printable_afterwards(text: str) -> None:
    assert all(character.isprintable() or character == " " for character in visible(text))
    assert visible(visible(text)) == visible(text)


def test_a_long_memo_is_cut_and_says_so() -> None:
    assert short("x" * 5_000_000, 10) == "xxxxxxxxxx… (5,000,000 characters)"


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1250", "USD", "1,250.00"),
        ("1250", "JPY", "1,250"),
        ("0.125", "USD", "0.125"),
        ("-1234567.5", "EUR", "-1,234,567.50"),
        ("1E+3", "USD", "1,000.00"),
        ("0", "", "0.00"),
        ("1250.00", "JPY", "1,250"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(amount: str, currency: str, shown: str) -> None:
    assert amount_text(Decimal(amount), currency) == shown


@pytest.mark.parametrize(
    ("before", "after", "codec", "words"),
    [
        ("1190 USD", "1250 USD", "money", "up 60.00"),
        ("1250 USD", "1190.5 USD", "", "down 59.50"),
        ("1250", "1190", "money", "down 60.00"),
        ("3", "5", "number", "up 2"),
        ("1250 USD", "1250 EUR", "money", ""),
        ("2026-11-30", "2026-12-30", "date", "30 days later"),
        ("2026-12-01", "2026-11-30", "date", "1 day earlier"),
        ("1042", "1043", "text", ""),
        ("", "1250 USD", "money", ""),
        ("Acme", "Acme GmbH", "text", ""),
    ],
)
def test_differences_are_said_in_words(before: str, after: str, codec: str, words: str) -> None:
    assert in_words(before, after, codec) == words


def test_a_document_number_is_no_amount() -> None:
    assert value_text("1042") == "1042"
    assert value_text("1042", "money") == "1,042.00"
    assert value_text("1042 USD") == "1,042.00 USD"


def test_ages_count_whole_days() -> None:
    now = datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert since_text("2026-11-08T02:00:00Z", now) == "since 2026-11-08 (12 days)"
    assert since_text("2026-11-19T23:00:00+00:00", now) == "since 2026-11-19 (today)"
    assert since_text("2026-11-18", now) == "since 2026-11-18 (2 days)"
    assert since_text("", now) == ""


def test_plurals() -> None:
    assert [plural(2, noun) for noun in ("change", "currency", "day")] == ["2 changes", "2 currencies", "2 days"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("INV-1042, 5300 JPY", "INV-1042, 5,300 JPY"),
        ("Sensor, door & window, 1385.8 EUR", "Sensor, door & window, 1,385.80 EUR"),
        ("100 USD", "100.00 USD"),
        ("API calls, per 10,000, 10535 USD, 10.75 USD", "API calls, per 10,000, 10,535.00 USD, 10.75 USD"),
        ("Plan, 12 months", "Plan, 12 months"),
        ("Step 3, 40", "Step 3, 40"),
    ],
)
def test_a_line_ends_in_its_amounts_with_the_decimals_of_their_currency(line: str, shown: str) -> None:
    assert value_text(line, "object") == shown


def test_what_a_rule_looks_for_has_its_amounts_as_people_write_them() -> None:
    assert values_text("1042, 500 USD, 2026-11-20") == "1042, 500.00 USD, 2026-11-20"


def test_a_program_gets_the_same_decimals_without_separators() -> None:
    assert exact_text("1250 USD", "money") == "1250.00 USD"
    assert exact_text("1250 JPY") == "1250 JPY"
    assert exact_text("1042") == "1042"


def test_a_field_is_called_without_selectors_and_keys() -> None:
    assert field_text("Line(LinkedTxn.TxnType=Invoice)") == "Line"
    assert field_text("SalesTermRef->Name") == "SalesTermRef"
    assert field_text("(PO Number)") == "(PO Number)"
