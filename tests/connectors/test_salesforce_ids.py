"""Record ids of 15 and 18 letters, and texts of queries that no value can break out of."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.connectors.salesforce.ids import id18, known_id
from syncctl.connectors.salesforce.soql import literal, one_of, quoted, select
from syncctl.sandbox.salesforce.soql import Compare, parse

RECORDED = ("0012300000bVTq1AAG", "0015500001QdZPKAA3", "0065500000KQ12XAAT", "001Da00000xnAk6IAE")
SHORT = st.text(string.ascii_letters + string.digits, min_size=15, max_size=15)


@pytest.mark.parametrize("whole", RECORDED)
def test_recorded_ids_have_the_checksum_that_is_computed(whole: str) -> None:
    assert id18(whole[:15]) == whole
    assert id18(whole) == whole


@given(SHORT)
def test_an_id_whose_case_a_spreadsheet_lost_is_whole_again(short: str) -> None:
    whole = id18(short)
    assert whole[:15] == short
    assert id18(whole.upper()) == id18(whole.lower()) == whole


@pytest.mark.parametrize("text", ["", "001", "0012300000bVTq1AAH", "0012300000bVTq1AA", "0012300000bVTq'", "new-1"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no Salesforce id"):
        id18(text)
    assert known_id(text) == ""


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_no_text_becomes_syntax(values: list[str]) -> None:
    query = parse(select("Account", ("Id",), (one_of("Name", map(quoted, values)),)))
    assert isinstance(query.where, Compare)
    assert [one.value for one in query.where.values] == values


@pytest.mark.parametrize(
    ("type_", "text", "shown"),
    [
        ("string", "O'Brien", "'O\\'Brien'"),
        ("currency", "1,234.50", "1234.5"),
        ("boolean", "TRUE", "true"),
        ("date", "2026-12-31", "2026-12-31"),
        ("datetime", "2026-12-31T23:00:00+01:00", "2026-12-31T22:00:00.000Z"),
    ],
)
def test_a_literal_suits_its_field(type_: str, text: str, shown: str) -> None:
    assert literal(type_, text) == shown


@pytest.mark.parametrize(("type_", "text"), [("currency", "1 OR 1=1"), ("boolean", "x"), ("date", "x' OR Id != '")])
def test_what_cannot_be_a_value_is_no_literal(type_: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"not a number|not true or false|Invalid isoformat"):
        literal(type_, text)
