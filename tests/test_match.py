"""Which records are the same thing: claimed one to one, ties refused, in the order of the rules, as people decided."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncctl.errors import ConfigError
from syncctl.ledger.migrations import MATCH_KEYS
from syncctl.ledger.pairs import Decision
from syncctl.match import LOOKS_MAX, Claim, Group, Tie, alike, claim, components
from syncctl.model import FindingKind, Ref
from syncctl.projection.keys import RULES_MAX
from two_systems import AT, Desk, bill, books_person, order, person

# --- claims -----------------------------------------------------------------------------------------------------------

EDGES = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(10, 16)), st.floats(1, 100), max_size=14)


def results(edges: dict[tuple[int, int], float], many: str = "") -> list[Claim | Tie]:
    group = Group(tuple(sorted({one for one, _ in edges})), tuple(sorted({two for _, two in edges})))
    return list(claim([group], lambda one, two: edges.get((one, two)), many=many)) if edges else []


def degree(edges: Iterable[tuple[int, int]], record: int) -> int:
    return sum(record in edge for edge in edges)


@given(edges=EDGES)
def test_a_pair_is_claimed_exactly_when_neither_record_has_another_candidate(
    edges: dict[tuple[int, int], float],
) -> None:
    found = {(one.left, one.right): one.score for one in results(edges) if isinstance(one, Claim)}
    only = {edge: score for edge, score in edges.items() if degree(edges, edge[0]) == degree(edges, edge[1]) == 1}
    assert found == {((one,), (two,)): score for (one, two), score in only.items()}


@given(edges=EDGES, many=st.sampled_from(["", "left", "right"]))
def test_every_candidate_is_claimed_or_tied_exactly_once(edges: dict[tuple[int, int], float], many: str) -> None:
    found = results(edges, many)
    for side in (0, 1):
        listed = [record for one in found for record in (one.left, one.right)[side]]
        assert sorted(listed) == sorted({edge[side] for edge in edges})


@given(edges=EDGES, many=st.sampled_from(["left", "right"]))
def test_only_the_many_side_ever_shares_a_partner(edges: dict[tuple[int, int], float], many: str) -> None:
    for one in results(edges, many):
        if isinstance(one, Claim):
            single, several = (one.right, one.left) if many == "left" else (one.left, one.right)
            assert len(single) == 1
            assert all(degree(edges, record) == 1 for record in several)


@given(edges=EDGES)
def test_a_tie_names_everything_that_is_connected(edges: dict[tuple[int, int], float]) -> None:
    found = [one for one in results(edges) if isinstance(one, Tie)]
    for one, two in edges:
        held = [tie for tie in found if one in tie.left or two in tie.right]
        assert all(one in tie.left and two in tie.right for tie in held)


@given(edges=st.lists(st.tuples(st.integers(0, 5), st.integers(10, 15)), max_size=12))
def test_components_are_disjoint_and_cover_every_edge(edges: list[tuple[int, int]]) -> None:
    found = list(components(edges))
    for (lefts, rights), (other_lefts, other_rights) in combinations(found, 2):
        assert not set(lefts) & set(other_lefts)
        assert not set(rights) & set(other_rights)
    assert all(any(one in lefts and two in rights for lefts, rights in found) for one, two in edges)


def test_a_key_alone_links_one_to_one_and_refuses_the_rest() -> None:
    groups = [Group((1,), (7,)), Group((2, 3), (8,)), Group((4,), (9, 10)), Group((5, 6), (11, 12))]
    found = list(claim(groups, None))
    assert [type(one) for one in found] == [Claim, Tie, Tie, Tie]
    assert [type(one) for one in claim(groups, None, many="left")] == [Claim, Claim, Tie, Tie]
    assert [type(one) for one in claim(groups, None, many="right")] == [Claim, Tie, Claim, Tie]


def test_a_rule_that_says_too_little_is_a_tie_and_not_an_endless_search() -> None:
    side = tuple(range(LOOKS_MAX // 100 + 1))
    asked = []
    found = list(claim([Group(side, tuple(range(1000, 1100)))], lambda *pair: asked.append(pair)))
    assert [type(one) for one in found] == [Tie]
    assert asked == []


# --- likeness ---------------------------------------------------------------------------------------------------------


def test_names_are_compared_word_by_word_and_only_where_they_share_letters() -> None:
    left = [(1, "acme north"), (2, "zzz")]
    right = [(7, "north acme"), (8, "acme south"), (9, "quite other")]
    assert alike(left, right, 92) == {(1, 7): 100.0}


@given(
    names=st.lists(st.text(alphabet="abcd ", min_size=3, max_size=12).filter(str.strip), max_size=6),
    least=st.integers(60, 100),
)
def test_likeness_never_falls_below_what_was_asked_and_finds_the_same_name(names: list[str], least: int) -> None:
    left, right = list(enumerate(names)), [(100 + place, name) for place, name in enumerate(names)]
    found = alike(left, right, least)
    assert all(score >= least for score in found.values())
    assert all(found[place, 100 + place] == 100.0 for place in range(len(names)))


# --- rules over a ledger ----------------------------------------------------------------------------------------------

BY_EMAIL = """
mapping: people
left: shop.person
right: books.Person
match:
  - {left: email, right: Email, as: email}
  - {left: phone, right: Phone}
  - {left: name, right: Name, similar: 85}
create: right
fields:
  - {left: name, right: Name, owner: left}
"""


def pairs_of(desk: Desk, name: str = "people") -> set[tuple[str, str, str]]:
    """(left id, right id, rule) of every pair."""
    desk.refresh()
    number = desk.books.lookups.mapping_id(name)
    return {(left.id, right.id, rule) for _, left, right, rule, *_ in desk.books.pairs.of(number)}


def linked(desk: Desk, name: str = "people") -> set[tuple[str, str]]:
    return {(left, right) for left, right, _ in pairs_of(desk, name)}


def kinds(desk: Desk) -> list[tuple[str, str]]:
    """(kind, left or right id) of every finding."""
    return sorted((str(one.kind), (one.left or one.right or Ref("", "", "")).id) for one in desk.findings())


def test_an_earlier_rule_wins_over_a_later_one() -> None:
    desk = Desk(BY_EMAIL)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com", phone="5"))
    desk.put("books", "Person", books_person("1", "Ana", "A@x.com "), books_person("2", "Eve", "e@x.com", Phone="5"))
    assert linked(desk) == {("p1", "1")}


def test_empty_never_equals_empty() -> None:
    desk = Desk(BY_EMAIL)
    desk.put("shop", "person", person("p1", "Ana", ""), person("p2", "Bea", " "))
    desk.put("books", "Person", books_person("1", "Zoe", ""), books_person("2", "Yve", "\u00a0"))
    assert linked(desk) == set()


def test_a_tie_is_refused_listed_and_takes_its_records_out_of_later_rules() -> None:
    desk = Desk(BY_EMAIL)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com", phone="5"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com", Phone="5"), books_person("2", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("3", "Eve", "e@x.com", Phone="5"))
    desk.put("shop", "person", person("p2", "Bea", "b@x.com", phone="5"))
    assert linked(desk) == {("p2", "3")}
    (tie,) = [one for one in desk.findings() if one.field != "Name"]
    assert (tie.kind, tie.field) == (FindingKind.TIE, "email = Email (email)")
    assert tie.choice is not None
    assert [str(ref) for ref in (*tie.choice.left, *tie.choice.right)] == [
        "shop:person:p1",
        "books:Person:1",
        "books:Person:2",
    ]
    assert {change.target.id for change in desk.plan().changes} == {"3"}


def test_a_tie_dissolves_when_one_of_its_records_goes() -> None:
    desk = Desk(BY_EMAIL)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"), books_person("2", "Ana", "a@x.com"))
    assert kinds(desk) == [("tie", "p1")]
    desk.delete("books", "Person", "2")
    assert linked(desk) == {("p1", "1")}
    assert kinds(desk) == []


def test_c5_what_is_only_alike_is_proposed_and_nothing_is_created_meanwhile() -> None:
    desk = Desk(BY_EMAIL)
    desk.put("shop", "person", person("p1", "Acme Northwind", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Acme Northwinds", "b@x.com"))
    (found,) = desk.findings()
    assert found.kind is FindingKind.PROPOSAL
    assert found.choice is not None
    assert 0 < found.choice.score < 100
    assert linked(desk) == set()
    assert desk.plan().changes == ()


def test_a_confirmed_proposal_is_a_pair_and_stays_one() -> None:
    desk = Desk(BY_EMAIL)
    desk.put("shop", "person", person("p1", "Acme Northwind", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Acme Northwinds", "b@x.com"))
    desk.decide("p1", "1", "confirm")
    assert pairs_of(desk) == {("p1", "1", "person")}
    desk.put("books", "Person", books_person("1", "Quite Other", "c@x.com"))
    assert linked(desk) == {("p1", "1")}


def test_a_rejected_pair_is_never_linked_again_by_any_rule() -> None:
    desk = Desk(BY_EMAIL)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com", phone="5"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com", Phone="5"))
    assert linked(desk) == {("p1", "1")}
    desk.decide("p1", "1", "reject")
    assert linked(desk) == set()
    assert kinds(desk) == [("missing", "1"), ("missing", "p1")]
    desk.put("books", "Person", books_person("2", "Ana", "a@x.com"))
    assert linked(desk) == {("p1", "2")}


def test_rejecting_one_record_of_a_tie_links_the_other() -> None:
    desk = Desk(BY_EMAIL)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"), books_person("2", "Ana", "a@x.com"))
    desk.decide("p1", "1", "reject")
    assert linked(desk) == {("p1", "2")}


def test_a_person_may_match_a_record_that_takes_no_part_and_is_told_so() -> None:
    desk = Desk(BY_EMAIL.replace("match:", "where: {right: {City: Here}}\nmatch:"))
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Zoe", "z@x.com", City="There"))
    assert kinds(desk) == [("missing", "p1")]
    desk.decide("p1", "1", "confirm")
    assert kinds(desk) == [("left_scope", "p1")]
    assert linked(desk) == {("p1", "1")}


def test_void_and_deleted_records_are_no_candidates_and_archived_ones_are() -> None:
    desk = Desk(BY_EMAIL)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"), person("p2", "Bea", "b@x.com"), person("p3", "C", "c@x"))
    desk.put(
        "books",
        "Person",
        books_person("1", "Ana", "a@x.com", Void=True),
        books_person("2", "Bea", "b@x.com"),
        {**books_person("3", "C", "c@x"), "Active": False},
    )
    desk.delete("books", "Person", "2")
    assert linked(desk) == {("p3", "3")}


def test_more_rules_than_the_ledger_has_columns_for_are_a_problem_of_the_mapping() -> None:
    places = [(left, right) for left in ("name", "email", "phone") for right in ("Name", "Email", "Phone")]
    rules = "".join(f"  - {{left: {left}, right: {right}}}\n" for left, right in places)
    text = BY_EMAIL.split("match:")[0] + f"match:\n{rules}fields: [{{left: name, right: Name, owner: left}}]\n"
    with pytest.raises(ConfigError, match="does not fit") as caught:
        Desk(text)
    assert "9 ways to match" in str(caught.value.problems[0])
    assert RULES_MAX == MATCH_KEYS


def test_a_rule_that_neither_equals_nor_resembles_anything_is_a_problem_of_the_mapping() -> None:
    text = BY_AMOUNT.replace("      - {left: currency, right: Currency}\n", "")
    with pytest.raises(ConfigError) as caught:
        Desk(text)
    assert "nothing in this rule is equal or alike" in str(caught.value.problems[0])


# --- criteria ---------------------------------------------------------------------------------------------------------

BY_AMOUNT = """
mapping: orders
left: shop.order
right: books.Bill
match:
  - rule: same amount within a week
    all:
      - {left: currency, right: Currency}
      - {left: total, right: Total, tolerance: 0.05}
      - {left: placed, right: Date, within: 3d}
fields:
  - {left: number, right: Number, owner: left}
"""


@pytest.mark.parametrize(
    ("total", "day", "same"),
    [
        ("10.00", "2026-11-18", True),
        ("10.05", "2026-11-18", True),
        ("9.95", "2026-11-21", True),
        ("10.06", "2026-11-18", False),
        ("10.00", "2026-11-22", False),
        ("10.00", "2026-11-15", True),
        ("10.00", "2026-11-14", False),
    ],
)
def test_tolerance_and_days_look_at_each_candidate(total: str, day: str, same: bool) -> None:
    desk = Desk(BY_AMOUNT)
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", bill("7", "B", ("Work", total), Date=day))
    assert linked(desk, "orders") == ({("o1", "7")} if same else set())


def test_candidates_that_a_tolerance_cannot_tell_apart_are_a_tie() -> None:
    desk = Desk(BY_AMOUNT)
    desk.put("shop", "order", order("1", ("Work", 1000)), order("2", ("Work", 1003)))
    desk.put("books", "Bill", bill("7", "B", ("Work", "10.02")))
    assert kinds(desk) == [("missing", "7"), ("tie", "o1")] or kinds(desk) == [("tie", "o1")]
    assert linked(desk, "orders") == set()


def test_likeness_counts_together_with_the_other_criteria_of_its_rule() -> None:
    rule = "  - {rule: r, all: [{left: name, right: Name, similar: 80}, {left: city, right: City, similar: 80}]}\n"
    desk = Desk(
        BY_EMAIL.split("match:")[0] + "match:\n" + rule + "fields:\n  - {left: name, right: Name, owner: left}\n"
    )
    desk.put("shop", "person", person("p1", "Acme Northwind", "a", city="Berlin"))
    desk.put("books", "Person", books_person("1", "Acme Northwind", "b", City="Paris"))
    assert {one.kind for one in desk.findings()} == {FindingKind.MISSING}
    desk.put("books", "Person", books_person("1", "Acme Northwind", "b", City="Berlin"))
    assert {one.kind for one in desk.findings()} == {FindingKind.PROPOSAL}


# --- several records with one partner ---------------------------------------------------------------------------------

MANY = BY_EMAIL.replace("create: right", "many: left")


def test_several_records_share_one_partner_where_the_mapping_allows_it_also_when_they_come_later() -> None:
    desk = Desk(MANY)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"), person("p2", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"))
    assert linked(desk) == {("p1", "1"), ("p2", "1")}
    desk.put("shop", "person", person("p3", "Ana", "a@x.com"))
    assert linked(desk) == {("p1", "1"), ("p2", "1"), ("p3", "1")}


def test_each_of_several_records_has_findings_of_its_own() -> None:
    desk = Desk(MANY)
    desk.put(
        "shop", "person", person("p1", "Ana", "a@x.com"), person("p2", "Bea", "a@x.com"), person("p3", "C", "a@x.com")
    )
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"))
    found = desk.findings()
    assert [(one.left and one.left.id, one.field, one.left_shown) for one in found] == [
        ("p2", "Name", "Bea"),
        ("p3", "Name", "C"),
    ]


@pytest.mark.parametrize(
    ("many", "left", "right", "allowed"),
    [
        ("many: left", "p2", "1", True),
        ("many: right", "p1", "2", True),
        ("many: left", "p1", "2", False),
        ("many: right", "p2", "1", False),
        ("create: none", "p2", "1", False),
    ],
)
def test_a_person_may_add_a_record_to_a_partner_that_is_shared_and_to_no_other(
    many: str, left: str, right: str, allowed: bool
) -> None:
    desk = Desk(BY_EMAIL.replace("create: right", many).replace("owner: left", "owner: none"))
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"), person("p2", "Zoe", "z@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"), books_person("2", "Quite Other", "o@x.com"))
    assert linked(desk) == {("p1", "1")}
    decide_without_parting(desk, left, right)
    assert linked(desk) == ({("p1", "1"), (left, right)} if allowed else {("p1", "1")})


def decide_without_parting(desk: Desk, left: str, right: str) -> None:
    with desk.engine.write():
        desk.books.pairs.decide(
            Decision("people", Ref("shop", "person", left), Ref("books", "Person", right), "confirm", "ana", AT)
        )
        desk.books.passes.judge_again(desk.books.lookups.mapping_id("people"))


# --- markers ----------------------------------------------------------------------------------------------------------

MARKED = """
mapping: orders
left: shop.order
right: books.Bill
marker: {right: Memo}
match: [{left: number, right: Number}]
fields:
  - {left: number, right: Number, owner: left}
"""


@pytest.mark.parametrize(
    "memo", ["syncctl shop:order:o1", "Thanks! syncctl shop:order:o1", "see syncctl shop:order:o1."]
)
def test_a_marker_links_before_every_other_rule(memo: str) -> None:
    desk = Desk(MARKED)
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", bill("7", "other", ("Work", "10"), Memo=memo), bill("8", "1", ("Work", "10")))
    assert pairs_of(desk, "orders") == {("o1", "7", "marker")}


def test_a_copied_marker_is_a_tie() -> None:
    desk = Desk(MARKED)
    memo = "syncctl shop:order:o1"
    desk.put("shop", "order", order("1", ("Work", 1000)))
    desk.put("books", "Bill", bill("7", "1", ("Work", "10"), Memo=memo), bill("8", "2", ("Work", "10"), Memo=memo))
    assert [(one.kind, one.field) for one in desk.findings()] == [(FindingKind.TIE, "marker")]


# --- the guarantee ----------------------------------------------------------------------------------------------------

EMAILS = st.sampled_from(["", "a@x.com", "b@x.com", "A@x.com "])
PHONES = st.sampled_from(["", "1", "2"])


@given(
    left=st.lists(st.tuples(EMAILS, PHONES), max_size=5),
    right=st.lists(st.tuples(EMAILS, PHONES), max_size=5),
    late=st.integers(0, 5),
)
def test_whatever_comes_in_whatever_order_a_record_has_one_partner_at_most(
    left: list[tuple[str, str]], right: list[tuple[str, str]], late: int
) -> None:
    desk = Desk(BY_EMAIL)
    people = [person(f"p{n}", f"Lefty {n}", email, phone=phone) for n, (email, phone) in enumerate(left)]
    theirs = [books_person(str(n), f"Nobody {n * 7}", email, Phone=phone) for n, (email, phone) in enumerate(right)]
    desk.put("shop", "person", *people[:late])
    desk.put("books", "Person", *theirs[late:])
    desk.refresh()
    desk.put("shop", "person", *people[late:])
    desk.put("books", "Person", *theirs[:late])
    found = linked(desk)
    assert len({one for one, _ in found}) == len(found) == len({two for _, two in found})
    by_id = {f"p{n}": entry for n, entry in enumerate(left)}, {str(n): entry for n, entry in enumerate(right)}
    for one, two in found:
        (email, phone), (other_email, other_phone) = by_id[0][one], by_id[1][two]
        same_email = email.strip().lower() == other_email.strip().lower() != ""
        assert same_email or phone == other_phone != ""
