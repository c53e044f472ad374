"""The edits that put a record back: property tests over any record and any edits of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncctl.edits import apply_edits, current_value
from syncctl.fields.schema import Field, Schema
from syncctl.model import Edit, Raw
from syncctl.plan.inverse import changed_since, inverse

BILL = Schema(
    "books", "Bill", {field.path: field for field in (Field("Line", "object", many=True), Field("Line.Id", "id"))}
)
TEXTS = st.text("abc", min_size=1, max_size=3)
RECORDS = st.fixed_dictionaries({}, optional={"A": TEXTS, "B": TEXTS, "C": TEXTS})


def setting(record: Raw, wanted: dict[str, str | None]) -> tuple[Edit, ...]:
    return tuple(Edit(name, record.get(name), value) for name, value in wanted.items())


@given(RECORDS, st.dictionaries(st.sampled_from("ABC"), st.none() | TEXTS))
def test_a_record_is_as_it_was_after_its_edits_are_taken_back(record: Raw, wanted: dict[str, str | None]) -> None:
    edits = setting(record, wanted)
    now = apply_edits(record, edits)
    found = inverse(BILL, edits, record, now)
    back = apply_edits(now, found.edits)
    assert found.moved == ()
    assert all(back.get(name) == record.get(name) for name in "ABC")
    assert inverse(BILL, edits, record, back).edits == ()  # what is back is done


@given(RECORDS, st.dictionaries(st.sampled_from("ABC"), TEXTS, min_size=1), st.sampled_from("xyz"))
def test_what_somebody_wrote_since_is_named_and_never_written_over(
    record: Raw, wanted: dict[str, str], theirs: str
) -> None:
    edits = setting(record, dict(wanted))
    name = next(iter(wanted))
    now = {**apply_edits(record, edits), name: theirs}
    found = inverse(BILL, edits, record, now)
    assert found.moved == (name,)
    assert all(edit.path != name for edit in found.edits)


def bill(*lines: tuple[str, str]) -> Raw:
    return {"Line": [{"Id": identity, "Text": text} for identity, text in lines]}


def test_a_line_that_was_added_goes_by_its_new_id_and_its_twin_stays() -> None:
    base, now = bill(("1", "Work")), bill(("1", "Work"), ("2", "Work"))
    added = Edit("Line", None, {"Text": "Work"}, "add", "object", "Line")
    found = inverse(BILL, [added], base, now)
    assert [(edit.action, edit.path) for edit in found.edits] == [("remove", "Line(Id=2)")]
    assert apply_edits(now, found.edits) == base
    assert inverse(BILL, [added], base, base).edits == ()


def test_a_line_of_ours_that_somebody_changed_stays() -> None:
    added = Edit("Line", None, {"Text": "Work"}, "add", "object", "Line")
    assert inverse(BILL, [added], bill(), bill(("2", "Other work"))).moved == ("Line",)


def test_a_line_that_was_removed_comes_back_without_its_old_id() -> None:
    removed = Edit("Line(Id=1)", {"Id": "1", "Text": "Work"}, None, "remove", "object", "Line")
    (edit,) = inverse(BILL, [removed], bill(("1", "Work")), bill()).edits
    assert (edit.action, edit.path, edit.after) == ("add", "Line", {"Text": "Work"})
    assert current_value(bill(), edit) is None
    assert inverse(BILL, [removed], bill(("1", "Work")), bill(("9", "Work"))).edits == ()


def test_a_new_record_of_ours_is_changed_when_a_field_or_a_line_of_it_is() -> None:
    edits = (Edit("A", None, "x"), Edit("Line", None, {"Text": "Work"}, "add", "object", "Line"))
    first = {"A": "x", **bill(("1", "Work"))}
    assert changed_since(edits, first, {**first, "Other": "theirs"}) == ()
    assert changed_since(edits, first, {**first, "A": "y"}) == ("A",)
    assert changed_since(edits, first, {"A": "x", **bill(("1", "Work"), ("2", "More"))}) == ("Line",)


def test_lines_without_ids_go_back_as_a_whole_list_or_not_at_all() -> None:
    base: Raw = {"Line": [{"Text": "Work"}]}
    added = Edit("Line", None, {"Text": "More"}, "add", "object", "Line")
    now: Raw = {"Line": [{"Text": "Work"}, {"Text": "More", "Number": 2}]}
    (edit,) = inverse(BILL, [added], base, now).edits
    assert (edit.action, edit.path, edit.after) == ("set", "Line", base["Line"])
    assert inverse(BILL, [added], base, base).edits == ()
    theirs = {"Line": [*now["Line"], {"Text": "Theirs"}]}
    assert inverse(BILL, [added], base, theirs).moved == ("Line",)
