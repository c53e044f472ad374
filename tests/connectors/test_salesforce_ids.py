"""Record ids of 15 and 18 letters, and texts of queries that no value can break out of."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.connectors.salesforce.soql import literal, one_of, quoted, select
from syncctl.fields.salesforce_ids import id18, known_id
from syncctl.plan.draft import Draft
from syncctl.sandbox.salesforce.soql import Compare, parse
from two_systems import Desk, books_person, person

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


# --- ids that other systems hold --------------------------------------------------------------------------------------

SHORT_ID, LONG_ID = "0015500001QdZPK", "0015500001QdZPKAA3"
MAPPING = """
mapping: people
left: shop.person
right: books.Person
match: [{match}]
create: none
unmatched: {{left: ignore, right: ignore}}
fields: [{fields}]
"""


def planned(match: str, fields: str, ours: dict[str, str], theirs: dict[str, str]) -> Draft:
    """What is planned for one record here and one there."""
    desk = Desk(MAPPING.format(match=match, fields=fields))
    desk.put("shop", "person", {**person("p1", "Ana", "a@x.com"), **ours})
    desk.put("books", "Person", {**books_person("1", "Bea", "a@x.com"), **theirs})
    return desk.plan()


def held_ids(ours: str, theirs: str) -> Draft:
    """What is planned for a pair of records that hold these ids."""
    holds = "{left: city, right: City, owner: left, as: salesforce_id}"
    return planned("{left: email, right: Email}", holds, {"city": ours}, {"City": theirs})


@pytest.mark.parametrize("held", [SHORT_ID, LONG_ID, LONG_ID.upper(), f" {LONG_ID} "])
def test_an_id_that_was_copied_with_15_characters_is_the_one_with_18(held: str) -> None:
    made = held_ids(LONG_ID, held)
    assert (made.changes, made.findings) == ((), ())


def test_another_id_is_corrected_as_the_owner_wrote_it() -> None:
    (change,) = held_ids(SHORT_ID, "0015500001QdZPk").changes
    assert [(edit.path, edit.after) for edit in change.edits] == [("City", SHORT_ID)]


@pytest.mark.parametrize("held", ["0015500001QdZPKAA4", "0015500001QdZPKAA9"])
def test_an_id_whose_last_three_characters_do_not_fit_blocks_its_row_by_name(held: str) -> None:
    made = held_ids(LONG_ID, held)
    assert made.changes == ()
    (found,) = made.findings
    assert f"'{held}' is no Salesforce id" in found.hint


def test_records_match_by_an_id_of_15_and_of_18_characters() -> None:
    by_id, name = "{left: city, right: City, as: salesforce_id}", "{left: name, right: Name, owner: left}"
    (change,) = planned(by_id, name, {"city": SHORT_ID}, {"City": LONG_ID}).changes
    assert (str(change.target), [edit.after for edit in change.edits]) == ("books:Person:1", ["Ana"])
