"""Lines are changed, added and removed one by one; those of nobody and of others stay as they are."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plan_desk import FEWER, desk_with, only, reasons, written
from syncctl.edits import apply_edits
from syncctl.model import FindingKind
from syncctl.plan.draft import Draft
from two_systems import ORDERS, PEOPLE, bill, order


def lines_plan(ours: list[tuple[str, int]], theirs: list[dict[str, Any]], text: str = ORDERS) -> Draft:
    """What is planned when an order's lines meet a bill's."""
    desk = desk_with(PEOPLE, text)
    desk.put("shop", "order", order("100", *ours, books_id="7"))
    desk.put("books", "Bill", {**bill("7", "100"), "Line": theirs, "Total": sum(cents for _, cents in ours) / 100})
    return desk.plan()


def line(identity: str, text: str, amount: float, kind: str = "Item", **more: Any) -> dict[str, Any]:
    return {"Id": identity, "Text": text, "Amount": amount, "Kind": kind, **more}


def test_a57_c40_a_line_that_changes_keeps_its_id_and_the_others_are_not_touched() -> None:
    theirs = [line("1", "Work", 10, Tax="A"), line("2", "Travel", 5), line("3", "Sum", 15, kind="Total")]
    made = lines_plan([("Work", 1200), ("Travel", 500)], theirs)
    (edit,) = only(made).edits
    assert (edit.path, edit.before, edit.after) == ("Line(Id=1).Amount", 10, 12)
    assert apply_edits({"Line": theirs}, [edit])["Line"] == [{**theirs[0], "Amount": 12}, *theirs[1:]]


def test_lines_are_added_and_removed_one_by_one() -> None:
    made = lines_plan([("Work", 1000), ("Hotel", 700)], [line("1", "Work", 10), line("2", "Travel", 5)])
    added, removed = only(made).edits
    assert (added.action, added.path, added.after) == ("add", "Line", {"Kind": "Item", "Text": "Hotel", "Amount": 7})
    assert (removed.action, removed.path) == ("remove", "Line(Id=2)")


def test_lines_in_another_order_are_not_rewritten_and_equal_ones_need_no_id() -> None:
    theirs = [line("2", "Work", 20), {"Text": "Hotel", "Amount": 7, "Kind": "Item"}, line("1", "Work", 10)]
    made = lines_plan([("Work", 1000), ("Work", 2000), ("Hotel", 700), ("Gift", 100)], theirs)
    assert [(edit.action, edit.after) for edit in only(made).edits] == [
        ("add", {"Kind": "Item", "Text": "Gift", "Amount": 1})
    ]


def test_twin_lines_are_counted() -> None:
    made = lines_plan([("Work", 1000)] * 3, [line("1", "Work", 10)])
    assert [(edit.action, edit.after["Text"]) for edit in only(made).edits] == [("add", "Work")] * 2


def test_without_a_rule_lines_pair_as_they_stand() -> None:
    text = ORDERS.replace("    match: [{left: text, right: Text}]\n", "")
    made = lines_plan([("Hotel", 700)], [line("1", "Work", 10)], text)
    assert written(only(made)) == {"Line(Id=1).Text": "Hotel", "Line(Id=1).Amount": 7}


def test_a_rule_of_lines_may_look_at_the_amount_with_a_tolerance() -> None:
    text = ORDERS.replace(
        "match: [{left: text, right: Text}]",
        "match: [{rule: near, all: [{left: text, right: Kind, values: {Work: Item}}, "
        "{left: amount, right: Amount, tolerance: 0.05}]}]",
    )
    made = lines_plan([("Work", 1000)], [line("1", "Old", 10.04), line("2", "Old", 12)], text)
    assert [(edit.action, edit.path) for edit in only(made).edits] == [
        ("set", "Line(Id=1).Text"),
        ("set", "Line(Id=1).Amount"),
        ("remove", "Line(Id=2)"),
    ]


def test_a_line_of_the_owner_that_no_block_claims_blocks_the_record() -> None:
    text = ORDERS.replace("    owner: left\n    match", "    owner: left\n    when: {left: {text: Work}}\n    match")
    made = lines_plan([("Work", 1000), ("Gift", 100)], [line("1", "Work", 9)], text)
    assert made.changes == ()
    assert reasons(made) == ["1 of the lines in lines fit no block of the mapping, so the record is left alone"]


def test_an_element_belongs_to_the_first_block_that_fits() -> None:
    text = ORDERS + (
        "  - {left: lines, right: Line(Kind=Gift), owner: left, fields: [{left: text, right: Text}, "
        "{left: amount, right: Amount}]}\n"
    )
    text = text.replace("    owner: left\n    match", "    owner: left\n    when: {left: {text: Work}}\n    match")
    made = lines_plan([("Work", 1000), ("Mug", 100)], [line("1", "Work", 10)], text)
    (edit,) = only(made).edits
    assert (edit.action, edit.after) == ("add", {"Kind": "Gift", "Text": "Mug", "Amount": 1})


def test_lines_that_nobody_owns_are_reported_and_not_written() -> None:
    made = lines_plan([("Work", 1000)], [], ORDERS.replace("    owner: left\n    match", "    match"))
    assert made.changes == ()
    assert [(one.kind, one.field) for one in made.findings] == [(FindingKind.DIFFERENCE, "Line(Kind=Item)")]


def test_a_check_inside_a_line_is_reported_and_never_written() -> None:
    text = ORDERS.replace("{left: amount, right: Amount}", "{left: amount, right: Amount, owner: none}")
    made = lines_plan([("Work", 1000)], [line("1", "Work", 9)], text)
    assert made.changes == ()
    assert [(one.kind, one.field) for one in made.findings] == [(FindingKind.DIFFERENCE, "Line(Kind=Item)")]


def test_a_line_without_id_is_not_changed_alone() -> None:
    made = lines_plan([("Work", 1000)], [{"Text": "Work", "Amount": 9, "Kind": "Item"}])
    assert made.changes == ()
    assert reasons(made) == ["a line of Line has no id, so it cannot be changed alone"]


def test_a_line_in_another_currency_blocks_the_record() -> None:
    desk = desk_with()
    desk.put("shop", "order", {**order("100", ("Work", 1000), books_id="7"), "currency": "eur"})
    desk.put("books", "Bill", bill("7", "100", ("Work", "10")))
    made = desk.plan()
    assert made.changes == ()
    assert "Amount: the two sides are in different currencies" in reasons(made)


def test_a_total_that_the_vendor_adds_up_is_not_reported_while_its_lines_are_corrected() -> None:
    desk = desk_with()
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", bill("7", "100", ("Work", "12")))
    assert {one.field for one in desk.findings()} == {"Total", "Line(Kind=Item)"}
    made = desk.plan()
    assert written(only(made)) == {"Line(Id=1).Amount": 10}
    assert made.findings == ()


SINGLE = ORDERS.split("lines:")[0] + (
    "lines:\n  - {right: Line(Kind=Fee), owner: left, "
    "fields: [{left: note, right: Text}, {left: total, right: Amount}]}\n"
)


def test_a_block_without_a_left_list_is_one_line_made_from_the_record() -> None:
    made = lines_plan([("Work", 1000)], [line("1", "Work", 3)], SINGLE)
    (edit,) = only(made).edits
    assert (edit.action, edit.after) == ("add", {"Kind": "Fee", "Amount": 10})
    quiet = lines_plan([("Work", 1000)], [line("1", "Work", 3), line("2", "", 10, kind="Fee")], SINGLE)
    assert (quiet.changes, quiet.findings) == ((), ())


def test_a_line_reads_its_record_with_parent() -> None:
    text = ORDERS.replace("{left: text, right: Text}\n", "{left: $parent.number, right: Text}\n").replace(
        "    match: [{left: text, right: Text}]\n", ""
    )
    made = lines_plan([("Work", 1000)], [line("1", "Work", 10)], text)
    assert written(only(made)) == {"Line(Id=1).Text": "100"}


OURS = st.lists(
    st.tuples(st.sampled_from(["Work", "Travel", "Hotel"]), st.integers(1, 4).map(lambda n: n * 100)), max_size=4
)


@given(ours=OURS, theirs=OURS, others=st.integers(0, 2), ruled=st.booleans())
@FEWER
def test_after_the_edits_the_owned_lines_are_the_owners_and_all_others_as_they_were(
    ours: list[tuple[str, int]], theirs: list[tuple[str, int]], others: int, ruled: bool
) -> None:
    held = [line(str(n), text, cents / 100) for n, (text, cents) in enumerate(theirs, 1)]
    held += [line(str(90 + n), "Sum", 1, kind="Total") for n in range(others)]
    text = ORDERS if ruled else ORDERS.replace("    match: [{left: text, right: Text}]\n", "")
    made = lines_plan(ours, held, text)
    edits = [edit for change in made.changes for edit in change.edits if edit.path.startswith("Line")]
    after = apply_edits({"Line": held}, edits).get("Line", [])
    items = sorted((one["Text"], float(one["Amount"])) for one in after if one["Kind"] == "Item")
    assert items == sorted((text, cents / 100) for text, cents in ours)
    assert [one for one in after if one["Kind"] == "Total"] == held[len(theirs) :]
    kept = {one["Id"] for one in after if "Id" in one}
    assert len(kept) >= len({one["Id"] for one in held}) - max(0, len(theirs) - len(ours)) - (
        len(theirs) if ruled else 0
    )
