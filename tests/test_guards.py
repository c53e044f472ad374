"""Guards: at the limit a plan goes, one past it nothing does."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from push_desk import create, update
from syncctl.errors import GuardTripped
from syncctl.guards import PROJECT, Facts, GuardTrip, amounts_moved, check_guards, uncapped
from syncctl.mapping.language import At, Guards
from syncctl.model import Action, Change, Money, Plan, Ref
from syncctl.safeguards import Safeguards, needs_approval

USD_1000 = Guards(max_amount=(("USD", Decimal(1000)),))


def plan(*changes: Change) -> Plan:
    return Plan("plan", "2026-11-20T03:00:00+00:00", "lineage", 1, "config", "0.1.0", (), changes, ())


def many(count: int, mapping: str = "customers") -> list[Change]:
    return [replace(create("books", "customer", f"{mapping}{number}"), mapping=mapping) for number in range(count)]


def money(amount: str, currency: str = "USD") -> Money:
    return Money(Decimal(amount), currency)


def invoice(amount: str, currency: str = "USD", name: str = "in") -> Change:
    return create("books", "invoice", name, moves=money(amount, currency))


def corrected(before: str, after: str, action: Action = Action.UPDATE) -> Change:
    change = update(Ref("books", "invoice", "1"), action=action)
    return replace(change, amount=money(after), amount_before=money(before))


def trips(
    changes: list[Change],
    limits: Guards = PROJECT,
    *,
    mappings: dict[str, Guards] | None = None,
    in_scope: dict[str, int] | None = None,
    overrides: Guards = Guards(),  # noqa: B008
    facts: Facts = Facts(),  # noqa: B008
) -> list[str]:
    found = check_guards(
        plan(*changes),
        limits,
        mappings=mappings or {},
        in_scope=in_scope if in_scope is not None else {"customers": 100_000, "invoices": 100_000},
        overrides=overrides,
        facts=facts,
    )
    return [trip.guard for trip in found]


# --- number of changes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "expected"), [(50, []), (51, ["max_changes"])])
def test_fifty_changes_go_and_fifty_one_do_not(count: int, expected: list[str]) -> None:
    assert trips(many(count)) == expected


def test_an_override_raises_the_limit_and_is_named_by_the_trip() -> None:
    (trip,) = check_guards(plan(*many(51)), mappings={}, in_scope={"customers": 10_000}, facts=Facts())
    by = "the project (the default)"
    assert trip == GuardTrip("max_changes", "number of changes", "50", "51", "--max-changes 51", by=by)
    assert trips(many(51), overrides=Guards(max_changes=51)) == []
    with pytest.raises(
        GuardTripped, match=r"^number of changes: 51, allowed is 50 by the project \(the default\)$"
    ) as caught:
        raise trip.error()
    assert (caught.value.exit_code, caught.value.guard) == (6, "--max-changes 51")


CONTACTS = many(20, "contacts")
AT = (("max_changes", At("mappings/contacts.yaml", 15, 9)), ("max_amount", At("mappings/contacts.yaml", 15, 30)))


@pytest.mark.parametrize("own", [20, 60, 10_000])
def test_the_project_counts_the_whole_run_whatever_a_mapping_allows(own: int) -> None:
    mappings, scope = {"contacts": Guards(max_changes=own)}, {"contacts": 100_000, "customers": 100_000}
    assert trips([*CONTACTS, *many(30)], mappings=mappings, in_scope=scope) == []
    assert trips([*CONTACTS, *many(31)], mappings=mappings, in_scope=scope) == ["max_changes"]


def test_a_mapping_counts_its_own_changes_says_where_its_limit_stands_and_the_flag_serves_the_whole_run() -> None:
    changes, scope = [*CONTACTS, *many(5)], {"contacts": 100_000, "customers": 100_000}
    own = {"contacts": Guards(max_changes=19, places=AT), "customers": Guards(max_changes=5)}
    (trip,) = check_guards(plan(*changes), mappings=own, in_scope=scope, facts=Facts())
    where = "by mapping contacts (mappings/contacts.yaml:15:9)"
    assert str(trip) == f"number of changes of mapping contacts: 20, allowed is 19 {where}"
    assert trip.flag == "--max-changes 25"
    assert trips(changes, mappings=own, in_scope=scope, overrides=Guards(max_changes=25)) == []
    assert trips(changes, mappings=own, in_scope=scope, overrides=Guards(max_changes=24)) == ["max_changes"]


def test_a_plan_without_changes_trips_nothing() -> None:
    assert trips([], facts=Facts(first_run=True, live=True, shrunk=("stripe.invoice",))) == []


# --- share of the records -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "scope", "expected"),
    [
        (20, 200, []),
        (20, 199, ["max_ratio"]),
        (21, 210, []),
        (21, 209, ["max_ratio"]),
        (19, 19, []),
        (20, 0, ["max_ratio"]),
        (19, 0, []),
    ],
)
def test_a_tenth_of_the_records_may_change_from_twenty_changes_on(count: int, scope: int, expected: list[str]) -> None:
    assert trips(many(count), in_scope={"customers": scope}) == expected


def test_the_override_that_a_ratio_trip_names_lets_the_plan_through() -> None:
    (trip,) = check_guards(plan(*many(30)), mappings={}, in_scope={"customers": 90}, facts=Facts())
    assert (trip.flag, trip.actual) == ("--max-ratio 0.34", "33.3 % (30 of 90 records)")
    override = Guards(max_ratio=Decimal(trip.flag.split()[1]))
    assert trips(many(30), in_scope={"customers": 90}, overrides=override) == []
    assert trips(many(30), in_scope={"customers": 0}, overrides=Guards(max_ratio=Decimal(1))) == []


@pytest.mark.parametrize(
    ("counts", "scope", "own", "expected"),
    [
        ({"a": 20, "b": 20}, {"a": 200, "b": 200}, {}, []),
        ({"a": 20, "b": 20}, {"a": 2000, "b": 199}, {}, ["b"]),
        ({"a": 20, "b": 20}, {"a": 2000, "b": 199}, {"b": "0.5"}, ["b"]),
        ({"a": 20, "b": 20}, {"a": 2000, "b": 2000}, {"b": "0.01"}, []),
        ({"a": 20, "b": 21}, {"a": 2000, "b": 2000}, {"b": "0.01"}, ["b"]),
        ({"a": 10, "b": 10}, {"a": 100, "b": 100}, {}, []),
        ({"a": 10, "b": 10}, {"a": 100, "b": 99}, {"a": "1", "b": "1"}, ["all"]),
    ],
)
def test_the_projects_share_holds_for_each_mapping_and_for_all_together_and_a_mappings_own_is_only_tighter(
    counts: dict[str, int], scope: dict[str, int], own: dict[str, str], expected: list[str]
) -> None:
    changes = [change for name, count in counts.items() for change in many(count, name)]
    mappings = {name: Guards(max_ratio=Decimal(share)) for name, share in own.items()}
    found = check_guards(plan(*changes), mappings=mappings, in_scope=scope, facts=Facts())
    said = [re.search(r"share of (?:mapping )?(\w+)", trip.what) for trip in found]
    assert [one[1] for one in said if one] == expected


def test_more_changes_than_records_are_all_of_them() -> None:
    (trip,) = check_guards(plan(*many(30)), mappings={}, in_scope={"customers": 10}, facts=Facts())
    assert (trip.actual, trip.flag) == ("100.0 % (30 of 10 records)", "--max-ratio 1.00")
    assert trips(many(30), in_scope={"customers": 10}, overrides=Guards(max_ratio=Decimal(1))) == []


# --- amounts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "expected"), [("1000", []), ("1000.01", ["max_amount", "max_amount"])])
def test_an_amount_at_the_limit_goes_and_a_cent_more_does_not(amount: str, expected: list[str]) -> None:
    assert trips([invoice(amount)], USD_1000) == expected
    assert trips([invoice(f"-{amount}")], USD_1000) == expected


def test_an_amount_that_names_no_currency_keeps_the_lowest_limit() -> None:
    limits = Guards(max_amount=(("USD", Decimal(1000)), ("EUR", Decimal(500))))
    unnamed = invoice("600", "")
    found = check_guards(plan(unnamed), limits, mappings={}, in_scope={"invoices": 1}, facts=Facts())
    assert {(trip.limit, trip.actual, trip.flag) for trip in found} == {("500 EUR", "600", "--max-amount 600EUR")}
    assert trips([unnamed], limits, overrides=Guards(max_amount=(("EUR", Decimal(600)),))) == []
    approved = needs_approval(plan(unnamed), Safeguards(approve_above=limits.max_amount))
    assert approved.endswith("moves 600, and above 500 EUR a second person approves")


def test_many_small_amounts_add_up() -> None:
    half = [invoice("500", name="a"), invoice("500", name="b")]
    assert trips(half, USD_1000) == []
    (trip,) = check_guards(
        plan(*half, invoice("0.01", name="c")), USD_1000, mappings={}, in_scope={"invoices": 1}, facts=Facts()
    )
    assert (trip.what, trip.limit, trip.actual) == ("amount of all changes", "1,000 USD", "1,000.01 USD")
    assert trip.flag == "--max-amount 1000.01USD"


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (corrected("900", "1000"), ["100"]),
        (corrected("1000", "900"), ["100"]),
        (corrected("-50", "50"), ["100"]),
        (corrected("900", "900"), ["0"]),
        (corrected("900", "900", Action.VOID), ["900"]),
        (replace(corrected("900", "0", Action.VOID), amount=None), ["900"]),
        (invoice("-25"), ["25"]),
        (replace(corrected("900", "1"), amount_before=None), ["1"]),
        (replace(corrected("900", "1"), amount_before=money("900", "EUR")), ["1", "900"]),
        (create("books", "customer", "a"), []),
    ],
)
def test_an_update_moves_the_distance_and_everything_else_the_whole(change: Change, moved: list[str]) -> None:
    assert [str(one.amount) for one in amounts_moved(change)] == moved


def test_a_currency_keeps_its_own_limit_when_another_is_raised() -> None:
    limits = Guards(max_amount=(("USD", Decimal(1000)), ("EUR", Decimal(1000))))
    changes = [invoice("2000", "USD", "a"), invoice("2000", "EUR", "b")]
    override = Guards(max_amount=(("USD", Decimal(2000)),))
    found = check_guards(
        plan(*changes), limits, mappings={}, in_scope={"invoices": 1}, overrides=override, facts=Facts()
    )
    assert {trip.limit for trip in found} == {"1,000 EUR"}


def test_the_project_adds_up_the_amounts_of_all_mappings_and_a_mapping_its_own() -> None:
    own = {"contacts": Guards(max_amount=(("USD", Decimal(900)), ("EUR", Decimal(10))), places=AT)}
    theirs = replace(invoice("900", name="a"), mapping="contacts")
    assert trips([theirs, invoice("100", name="b")], USD_1000, mappings=own) == []
    assert trips([theirs, invoice("100.01", name="b")], USD_1000, mappings=own) == ["max_amount"]
    assert trips([invoice("11", "EUR", "b")], USD_1000, mappings=own) == []
    euros = replace(invoice("11", "EUR", "b"), mapping="contacts")
    found = check_guards(plan(euros, theirs), USD_1000, mappings=own, in_scope={}, facts=Facts())
    where = "11 EUR, allowed is 10 EUR by mapping contacts (mappings/contacts.yaml:15:30)"
    assert [str(trip) for trip in found] == [
        f"amount of one change of mapping contacts: {euros.name}: {where}",
        f"amount of all changes of mapping contacts: {where}",
    ]
    assert trips([euros, theirs], USD_1000, mappings=own, overrides=Guards(max_amount=(("EUR", Decimal(11)),))) == []
    dear = replace(invoice("950", name="a"), mapping="contacts")
    found = check_guards(plan(dear, invoice("40", name="b")), USD_1000, mappings=own, in_scope={}, facts=Facts())
    assert {trip.flag for trip in found} == {"--max-amount 990USD"}


def test_without_a_limit_no_amount_trips() -> None:
    assert trips([invoice("1000000")]) == []


# --- circumstances --------------------------------------------------------------------------------------------------


def test_the_first_run_on_live_books_only_plans_and_no_flag_changes_that() -> None:
    (trip,) = check_guards(
        plan(*many(1)), mappings={}, in_scope={"customers": 1}, facts=Facts(first_run=True, live=True)
    )
    assert (trip.guard, trip.flag) == ("first_run", "")
    assert trips(many(1), facts=Facts(first_run=True)) == []
    assert trips(many(1), facts=Facts(live=True)) == []


def test_a_kind_that_shrank_stops_everything_until_it_is_allowed() -> None:
    assert trips(many(1), facts=Facts(shrunk=("stripe.invoice",))) == ["shrunk"]
    assert trips(many(1), facts=Facts(shrunk=("stripe.invoice",), allow_shrunk=True)) == []


def test_a_currency_that_neither_the_project_nor_the_mapping_names_has_no_ceiling() -> None:
    project, own = Guards(max_amount=(("USD", Decimal(1)),)), Guards(max_amount=(("EUR", Decimal(1)),))
    moved = [("invoices", "EUR"), ("payments", "EUR"), ("payments", "JPY"), ("payments", "USD"), ("payments", "")]
    assert uncapped(moved, project, {"invoices": own}) == ("EUR", "JPY")
    assert (
        uncapped(moved, project, {"invoices": own}, Guards(max_amount=(("JPY", Decimal(1)), ("EUR", Decimal(1))))) == ()
    )


def test_a_change_of_two_mappings_counts_for_the_limits_of_both() -> None:
    joined = replace(
        create("books", "customer", "1"), mapping="customers", also=(("mails", Ref("pay", "person", "1")),)
    )
    assert trips([joined], mappings={"mails": Guards(max_changes=0)}) == ["max_changes"]
    assert trips([joined], mappings={"mails": Guards(max_changes=1)}) == []
    shared = [replace(change, also=joined.also) for change in many(20)]
    own = {"mails": Guards(max_ratio=Decimal("0.1"))}
    assert trips(shared, mappings=own, in_scope={"mails": 200, "customers": 10_000}) == []
    assert trips(shared, mappings=own, in_scope={"mails": 199, "customers": 10_000}) == ["max_ratio", "max_ratio"]
