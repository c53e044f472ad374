"""What a difference means: who owns it, which side is written, and when nobody may."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.diff import FINDING_OF, Judgement, base_of, judge, judge_cell
from syncctl.fields.jsontext import decode_json
from syncctl.model import Ref
from syncctl.projection.projection import Projection
from syncctl.projection.slots import Slot
from two_systems import Desk, World, bill, books_person, order, person

PEOPLE = """
mapping: people
left: shop.person
right: books.Person
match: [{left: id, right: Id}]
fields:
"""
BILLS = """
mapping: orders
left: shop.order
right: books.Bill
match: [{left: number, right: Number}]
fields:
"""


def mapping(*entries: str, head: str = PEOPLE) -> Projection:
    return Desk(head + "".join(f"  - {entry}\n" for entry in entries)).compiled[0][0]


def bodies(compiled: Projection, left: dict[str, Any], right: dict[str, Any], **pairs: int) -> tuple[str, str]:
    found = []
    for side, raw in (("left", left), ("right", right)):
        ref = Ref(*compiled.mapping.side(side), "1")  # type: ignore[arg-type]
        decoded = decode_json(json.dumps(raw).encode())
        found.append(compiled.project(side, ref, decoded, World(**pairs), "").body)  # type: ignore[arg-type]
    return found[0], found[1]


def judged(
    compiled: Projection, left: dict[str, Any], right: dict[str, Any], base: str = "{}", **pairs: int
) -> Judgement:
    return judge(compiled, *bodies(compiled, left, right, **pairs), base)


def said(compiled: Projection, left: dict[str, Any], right: dict[str, Any], **pairs: int) -> list[tuple[str, str]]:
    """(result, toward) of every cell that is not equal."""
    return [(cell.result, cell.toward) for cell in judged(compiled, left, right, **pairs).cells]


# --- owners -----------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["", "Ana", "Bea", "Cleo"])


@given(left=NAMES, right=NAMES)
def test_the_owners_value_is_wanted_on_the_other_side_and_never_the_other_way(left: str, right: str) -> None:
    for owner, source, toward in (("left", left, "right"), ("right", right, "left")):
        compiled = mapping(f"{{left: name, right: Name, owner: {owner}}}")
        expected = [("write", toward)] if left != right and source else []
        assert said(compiled, {"name": left}, {"Name": right}) == expected


@given(left=NAMES, right=NAMES)
def test_a_check_is_reported_and_never_written(left: str, right: str) -> None:
    compiled = mapping("{left: name, right: Name, owner: none}")
    assert said(compiled, {"name": left}, {"Name": right}) == ([("report", "")] if left != right else [])


@pytest.mark.parametrize(
    ("empty", "left", "right", "expected"),
    [
        ("keep", "", "Ana", []),
        ("clear", "", "Ana", [("write", "right")]),
        ("fill", "", "Ana", [("write", "left")]),
        ("keep", "Ana", "", [("write", "right")]),
        ("clear", "Ana", "", [("write", "right")]),
        ("fill", "Ana", "", [("write", "right")]),
    ],
)
def test_an_owner_without_a_value_keeps_clears_or_is_filled(
    empty: str, left: str, right: str, expected: list[tuple[str, str]]
) -> None:
    compiled = mapping(f"{{left: name, right: Name, owner: left, empty: {empty}}}")
    assert said(compiled, {"name": left}, {"Name": right}) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("Ana", "", [("write", "right")]), ("Ana", "Bea", []), ("", "", []), ("", "Bea", []), ("Ana", "Ana", [])],
)
def test_once_is_written_while_the_target_is_empty_and_then_never_compared(
    left: str, right: str, expected: list[tuple[str, str]]
) -> None:
    compiled = mapping("{left: name, right: Name, once: true}")
    assert said(compiled, {"name": left}, {"Name": right}) == expected


def test_once_does_not_mind_a_source_that_cannot_be_read_when_the_target_is_set() -> None:
    compiled = mapping("{left: {text: '{name}'}, right: Name, once: true}")
    assert said(compiled, {"name": {"odd": 1}}, {"Name": "Ana"}) == []
    assert said(compiled, {"name": {"odd": 1}}, {}) == [("blocked", "")]


# --- three-way merge --------------------------------------------------------------------------------------------------


@given(agreed=NAMES, left=NAMES, right=NAMES)
def test_c45_a_two_way_field_follows_the_side_that_moved_and_never_the_last_writer(
    agreed: str, left: str, right: str
) -> None:
    compiled = mapping("{left: city, right: City, owner: both}")
    base = base_of(compiled, *bodies(compiled, {"city": agreed}, {"City": agreed}))
    (cell,) = judged(compiled, {"city": left}, {"City": right}, base).cells or (None,)
    if left == right:
        assert cell is None
    elif agreed == left:
        assert (cell.result, cell.toward) == ("write", "left")
    elif agreed == right:
        assert (cell.result, cell.toward) == ("write", "right")
    else:
        assert (cell.result, cell.toward) == ("conflict", "")


@given(left=NAMES, right=NAMES)
def test_before_any_agreement_an_empty_side_is_filled_and_two_values_are_asked(left: str, right: str) -> None:
    compiled = mapping("{left: city, right: City, owner: both}")
    expected = []
    if left != right:
        empty = "left" if not left else "right" if not right else ""
        expected = [("write", empty)] if empty else [("conflict", "")]
    assert said(compiled, {"city": left}, {"City": right}) == expected


@given(
    agreed=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    left=st.integers(0, 9),
    right=st.integers(0, 9),
)
def test_what_differed_within_the_tolerance_at_the_agreement_has_not_moved_since(
    agreed: tuple[int, int], left: int, right: int
) -> None:
    compiled = mapping("{left: {sum: [phone]}, right: {sum: [Phone]}, owner: both, tolerance: 3}")
    base = base_of(compiled, *bodies(compiled, {"phone": str(agreed[0])}, {"Phone": str(agreed[1])}))
    cells = judged(compiled, {"phone": str(left)}, {"Phone": str(right)}, base).cells
    moved = (left != agreed[0], right != agreed[1])
    if abs(left - right) <= 3:
        assert [cell.result for cell in cells] in ([], ["tolerated"])
    else:
        (cell,) = cells
        expected = {(True, False): ("write", "right"), (False, True): ("write", "left"), (True, True): ("conflict", "")}
        assert (cell.result, cell.toward) == expected[moved]


def test_the_base_of_a_field_outlives_an_edit_that_puts_another_field_before_it() -> None:
    old = mapping("{left: city, right: City, owner: both}")
    base = base_of(old, *bodies(old, {"city": "Bonn"}, {"City": "Bonn"}))
    new = mapping("{left: name, right: Name, owner: both}", "{left: city, right: City, owner: both}")
    left, right = {"name": "Ana", "city": "Bonn"}, {"Name": "Ana", "City": "Rome"}
    assert [(cell.result, cell.toward) for cell in judged(new, left, right, base).cells] == [("write", "left")]


def test_a_field_that_did_not_speak_at_the_agreement_has_no_base() -> None:
    compiled = mapping("{left: city, right: City, owner: both, when: {left: {name: Ana}}}")
    base = base_of(compiled, *bodies(compiled, {"name": "Bea", "city": "Bonn"}, {"City": "Rome"}))
    left = {"name": "Ana", "city": ""}
    assert [(c.result, c.toward) for c in judged(compiled, left, {"City": "Rome"}, base).cells] == [("write", "left")]


# --- money ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "cents", "total", "expected"),
    [
        ("owner: none, tolerance: 0.01, reason: rounding", 1000, "10.01", ("tolerated", "rounding")),
        ("owner: none, tolerance: 0.01, reason: rounding", 1000, "10.02", ("report", "amount")),
        ("owner: none, reason: fee", 1000, "10.02", ("report", "fee")),
        ("owner: left, tolerance: 0.05, reason: tax", 1000, "10.05", ("tolerated", "tax")),
        ("owner: left, tolerance: 0.05, reason: tax", 1000, "10.06", ("write", "amount")),
        ("owner: none, tolerance: 0.05", 0, "0.05", ("tolerated", "rounding")),
    ],
)
def test_a17_within_the_tolerance_is_listed_under_its_reason_and_beyond_it_is_news(
    entry: str, cents: int, total: str, expected: tuple[str, str]
) -> None:
    compiled = mapping(f"{{left: total, right: Total, {entry}}}", head=BILLS)
    (cell,) = judged(compiled, order("1", ("x", cents)), bill("1", "1", ("x", total))).cells
    assert (cell.result, cell.reason) == expected


@pytest.mark.parametrize("owner", ["left", "right", "both", "none"])
@pytest.mark.parametrize("currency", [{"value": "EUR"}, {"value": ""}, None])
def test_c26_amounts_in_two_currencies_are_blocked_whoever_owns_them(owner: str, currency: Any) -> None:
    compiled = mapping(f"{{left: total, right: Total, owner: {owner}}}", head=BILLS)
    theirs = bill("1", "1", ("x", "10"), Currency=currency)
    (cell,) = judged(compiled, order("1", ("x", 1000)), theirs).cells
    assert (cell.result, cell.reason) == ("blocked", "currency")


def test_an_amount_and_nothing_are_no_question_of_currencies() -> None:
    compiled = mapping("{left: total, right: Total, owner: left}", head=BILLS)
    theirs = {**bill("1", "1"), "Total": None}
    assert said(compiled, order("1", ("x", 1000)), theirs) == [("write", "right")]


# --- tables and named functions ---------------------------------------------------------------------------------------

TABLE = "values: {small: S, tiny: S, large: L}"


@pytest.mark.parametrize(
    ("owner", "left", "right", "expected"),
    [
        ("left", "small", "S", []),
        ("left", "tiny", "S", []),
        ("left", "large", "S", [("write", "right")]),
        ("right", "tiny", "S", []),
        ("right", "large", "S", [("write", "left")]),
        ("right", "odd", "S", [("write", "left")]),
        ("left", "odd", "S", [("blocked", "")]),
        ("left", "", "S", []),
    ],
)
def test_a_table_of_values_is_two_way_and_an_unknown_value_blocks_the_row(
    owner: str, left: str, right: str, expected: list[tuple[str, str]]
) -> None:
    compiled = mapping(f"{{left: city, right: City, owner: {owner}, {TABLE}}}")
    assert said(compiled, {"city": left}, {"City": right}) == expected


def test_a_table_with_else_takes_any_value() -> None:
    compiled = mapping(f"{{left: city, right: City, owner: left, {TABLE}, else: M}}")
    assert said(compiled, {"city": "odd"}, {"City": "M"}) == []
    assert said(compiled, {"city": "odd"}, {"City": "S"}) == [("write", "right")]


def test_a_named_function_compares_and_the_value_differs_only_beyond_it() -> None:
    compiled = mapping("{left: email, right: Email, owner: left, as: email}")
    assert said(compiled, {"email": "Ana@X.com"}, {"Email": "ana@x.com"}) == []
    assert said(compiled, {"email": "Ana@X.com"}, {"Email": "eve@x.com"}) == [("write", "right")]


# --- links ------------------------------------------------------------------------------------------------------------

LINKED = BILLS.replace("fields:", "fields:\n  - {left: person, right: Person, owner: left, link: people}")


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ({"p1": 5, "1": 5}, []),
        ({"p1": 5, "1": 6}, [("write", "right")]),
        ({"p1": 5}, [("write", "right")]),
        ({"1": 5}, [("blocked", "")]),
    ],
)
def test_linked_references_are_equal_when_the_other_mapping_links_them(
    pairs: dict[str, int], expected: list[tuple[str, str]]
) -> None:
    compiled = Desk(PEOPLE + "  - {left: name, right: Name, owner: left}\n", LINKED).projection("orders")
    assert said(compiled, order("1"), bill("1", "1"), **pairs) == expected


# --- conditions -------------------------------------------------------------------------------------------------------


def test_an_entry_speaks_only_under_its_condition_on_either_side() -> None:
    compiled = mapping("{left: city, right: City, owner: left, when: {left: {name: Ana}, right: {Name: Ana}}}")
    assert said(compiled, {"name": "Ana", "city": "a"}, {"Name": "Ana", "City": "b"}) == [("write", "right")]
    assert said(compiled, {"name": "Bea", "city": "a"}, {"Name": "Ana", "City": "b"}) == []
    assert said(compiled, {"name": "Ana", "city": "a"}, {"Name": "Bea", "City": "b"}) == []


def test_an_entry_that_does_not_speak_blocks_nothing() -> None:
    compiled = mapping(f"{{left: city, right: City, owner: left, {TABLE}, when: {{right: {{Name: Ana}}}}}}")
    assert said(compiled, {"city": "odd"}, {"Name": "Bea", "City": "S"}) == []
    assert said(compiled, {"city": "odd"}, {"Name": "Ana", "City": "S"}) == [("blocked", "")]


FALLBACK = (
    "{left: city, right: City, owner: left, values: {B: Bonn}, when: {left: {name: Ana}}}",
    "{left: phone, right: City, owner: left, when: {left: {name: Bea}}}",
    "{left: {constant: Nowhere}, right: City, owner: left}",
)


@pytest.mark.parametrize(
    ("name", "right", "expected"),
    [
        ("Ana", "Bonn", []),
        ("Ana", "555", [("write", "right")]),
        ("Bea", "555", []),
        ("Bea", "Bonn", [("write", "right")]),
        ("Cleo", "Nowhere", []),
        ("Cleo", "Bonn", [("write", "right")]),
    ],
)
def test_of_entries_that_write_one_place_the_first_whose_condition_holds_speaks_alone_with_its_own_table(
    name: str, right: str, expected: list[tuple[str, str]]
) -> None:
    compiled = mapping(*FALLBACK)
    assert said(compiled, {"name": name, "city": "B", "phone": "555"}, {"City": right}) == expected


def test_a_conditional_owner_is_one_owner_at_a_time() -> None:
    compiled = mapping(
        "{left: city, right: City, owner: left, when: {left: {name: Ana}}}", "{left: city, right: City, owner: right}"
    )
    assert said(compiled, {"name": "Ana", "city": "a"}, {"City": "b"}) == [("write", "right")]
    assert said(compiled, {"name": "Bea", "city": "a"}, {"City": "b"}) == [("write", "left")]


def test_a_condition_on_the_written_side_hands_over_to_the_next_entry() -> None:
    compiled = mapping(
        "{left: city, right: City, owner: left, when: {right: {Name: Ana}}}", "{left: phone, right: City, owner: left}"
    )
    left = {"city": "a", "phone": "5"}
    assert said(compiled, left, {"Name": "Ana", "City": "a"}) == []
    assert said(compiled, left, {"Name": "Bea", "City": "5"}) == []
    assert said(compiled, left, {"Name": "Bea", "City": "a"}) == [("write", "right")]


def test_two_checks_of_one_place_are_two_findings_with_two_names() -> None:
    compiled = mapping("{left: name, right: Name, owner: none}", "{left: city, right: Name, owner: none}")
    assert [slot.name for slot in compiled.slots] == ["Name", "city = Name"]
    assert said(compiled, {"name": "a", "city": "b"}, {"Name": "c"}) == [("report", ""), ("report", "")]


# --- values that block ------------------------------------------------------------------------------------------------


def test_a_value_that_cannot_be_read_blocks_its_row_with_the_reason() -> None:
    compiled = mapping("{left: placed, right: Date, owner: left}", head=BILLS)
    (cell,) = judged(compiled, order("1", placed=10**20), bill("1", "1")).cells
    assert cell.result == "blocked"
    assert cell.hint.startswith("left: not a Unix time")


def test_different_values_where_one_is_wanted_block_the_row() -> None:
    compiled = mapping("{left: lines.text, right: Memo, owner: left}", head=BILLS)
    assert said(compiled, order("1", ("a", 1), ("a", 2)), {**bill("1", "1"), "Memo": "a"}) == []
    assert said(compiled, order("1", ("a", 1), ("b", 2)), {**bill("1", "1"), "Memo": "a"}) == [("blocked", "")]


EMPTY, SKIPPED, PENDING = "\x00", "\x02", "\x05s:k:new-1#a"
CELLS = [EMPTY, "\x01no", SKIPPED, "\x03a:b:c", "\x04x", PENDING, "1 USD", "2 EUR", "p1", "set", "x"]
ENTRIES = ["owner: left", "owner: both", "owner: none, tolerance: 1", "once: true", "owner: right, empty: fill"]
PLACES = [(BILLS, "left: total, right: Total"), (PEOPLE, "left: name, right: Name")]


@pytest.mark.parametrize(("head", "places"), PLACES)
@pytest.mark.parametrize("entry", ENTRIES)
def test_no_pair_of_cells_makes_a_write_over_the_owners_value(head: str, places: str, entry: str) -> None:
    slot = mapping(f"{{{places}, {entry}}}", head=head).slots[0]
    for left, right in permutations(CELLS, 2):
        found = judge_cell(0, slot, left, right)
        if found is None:
            continue
        assert found.result in FINDING_OF
        assert (found.result == "write") is (found.toward != "")
        if found.result == "write":
            owner = slot.entry.owner
            assert owner != "none"
            written = left if found.toward == "left" else right
            assert written == EMPTY or found.toward == {"left": "right", "right": "left"}.get(owner)


@pytest.mark.parametrize(("head", "places"), PLACES)
@pytest.mark.parametrize("entry", ENTRIES)
def test_an_unequal_pair_of_cells_is_passed_over_only_where_nothing_is_wanted(
    head: str, places: str, entry: str
) -> None:
    slot = mapping(f"{{{places}, {entry}}}", head=head).slots[0]
    for left, right in permutations(CELLS, 2):
        source, target = (right, left) if slot.entry.owner == "right" else (left, right)
        silent = SKIPPED in (left, right) or (slot.entry.once and target == "set")
        if not silent and "\x01no" not in (left, right):
            silent = {
                "none": PENDING in (left, right),
                "both": False,
                "left": source == EMPTY,
                "right": False,  # an owner without a value is filled
            }[slot.entry.owner] and not _in_two_currencies(slot, left, right)
        assert (judge_cell(0, slot, left, right) is None) is silent, (left, right)


@pytest.mark.parametrize(("head", "places"), PLACES)
@pytest.mark.parametrize("entry", ENTRIES)
def test_a_cell_that_cannot_be_read_blocks_whatever_stands_on_the_other_side(
    head: str, places: str, entry: str
) -> None:
    slot = mapping(f"{{{places}, {entry}}}", head=head).slots[0]
    for other in CELLS:
        if other in (SKIPPED, "set", "\x01no"):
            continue
        for left, right, side in (("\x01no", other, "left"), (other, "\x01no", "right")):
            found = judge_cell(0, slot, left, right)
            assert found is not None
            assert (found.result, found.hint) == ("blocked", f"{side}: no")


def test_two_currencies_block_and_are_never_within_a_tolerance() -> None:
    for entry in ("owner: left", "owner: both", "owner: none, tolerance: 1", "owner: right, empty: fill"):
        slot = mapping(f"{{left: total, right: Total, {entry}}}", head=BILLS).slots[0]
        found = judge_cell(0, slot, "1 USD", "1 EUR")
        assert found is not None
        assert (found.result, found.reason) == ("blocked", "currency")


def _in_two_currencies(slot: Slot, left: str, right: str) -> bool:
    amounts = slot.common == "money" and not slot.entry.once and not {left[:1], right[:1]} & {EMPTY, PENDING[:1]}
    return amounts and left.partition(" ")[2] != right.partition(" ")[2]


# --- lines ------------------------------------------------------------------------------------------------------------

LINES = (
    BILLS.replace("fields:", "fields: [{left: number, right: Number, owner: left}]")
    + """lines:
  - left: lines
    right: Line(Kind=Item)
    owner: left
    match: [{left: text, right: Text}]
    fields: [{left: text, right: Text}, {left: amount, right: Amount, tolerance: 0.01}]
"""
)
LINE = st.tuples(st.sampled_from(["Work", "Travel"]), st.integers(1, 4))


def line_verdicts(ours: list[tuple[str, int]], theirs: list[tuple[str, int]]) -> list[tuple[int, int]]:
    """(unequal on the left, unequal on the right) of the block, when it is not equal."""
    compiled = Desk(LINES).projection("orders")
    left, right = order("1", *ours), bill("1", "1", *((text, str(cents / 100)) for text, cents in theirs))
    return [(len(found.left), len(found.right)) for found in judged(compiled, left, right).lines]


@given(lines=st.lists(LINE, max_size=6), data=st.data())
def test_lines_that_are_the_same_in_any_order_agree_and_twins_are_no_tie(
    lines: list[tuple[str, int]], data: st.DataObject
) -> None:
    assert line_verdicts(lines, data.draw(st.permutations(lines))) == []


def test_a_line_more_or_other_is_a_difference_of_that_line_only() -> None:
    assert line_verdicts([("Work", 100), ("Work", 100)], [("Work", 100)]) == [(1, 0)]
    assert line_verdicts([("Work", 100)], [("Work", 100), ("Travel", 200)]) == [(0, 1)]
    assert line_verdicts([("Work", 100), ("Travel", 100)], [("Travel", 300), ("Work", 100)]) == [(1, 1)]


def test_a_lines_amount_within_its_tolerance_is_equal_but_an_exact_twin_comes_first() -> None:
    assert line_verdicts([("Work", 100)], [("Work", 101)]) == []
    assert line_verdicts([("Work", 1000), ("Work", 1001)], [("Work", 1001), ("Work", 999)]) == []


def test_a57_lines_that_no_block_claims_are_left_alone() -> None:
    compiled = Desk(LINES).projection("orders")
    theirs = bill("1", "1", ("Work", "10"))
    theirs["Line"].append({"Id": "9", "Text": "Subtotal", "Amount": 10, "Kind": "Sum"})
    assert judged(compiled, order("1", ("Work", 1000)), theirs).lines == ()


def test_two_people_mapped_alike_are_quiet() -> None:
    compiled = mapping("{left: name, right: Name, owner: left}")
    assert judged(compiled, person("1", "Ana", ""), books_person("1", " Ana ", "")).quiet
