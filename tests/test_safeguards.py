"""What a plan needs beside its limits: a second person above an amount, fields nobody writes, rows left out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from push_desk import create, update
from syncctl.errors import ConfigError
from syncctl.model import Change, Edit, Money, Person, Plan, Ref
from syncctl.safeguards import (
    Approval,
    Safeguards,
    approval_trip,
    needs_approval,
    protected_trips,
    selection,
)
from syncctl.settings import load_settings

ANN, BEN = Person(1000, "ann"), Person(1001, "ben")
LIMITS = Safeguards(approve_above=(("USD", Decimal(1000)), ("EUR", Decimal(900))))
INVOICE = Ref("books", "invoice", "1")


def plan(*changes: Change, made_by: Person = ANN) -> Plan:
    return Plan("p1", "2026-11-20T03:00:00+00:00", "l", 1, "c", "0.1.0", (), changes, (), "digest", made_by)


def invoice(amount: str, currency: str = "USD", name: str = "in") -> Change:
    return create("books", "invoice", name, moves=Money(Decimal(amount), currency))


def writing(*edits: Edit) -> Change:
    return replace(update(INVOICE), edits=edits)


# --- a second person ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ([invoice("1000")], False),
        ([invoice("1000.01")], True),
        ([invoice("500", name="a"), invoice("500", name="b")], False),
        ([invoice("500", name="a"), invoice("500.01", name="b")], True),
        ([invoice("900", "EUR")], False),
        ([invoice("901", "EUR")], True),
        ([invoice("1000", "USD", "a"), invoice("900", "EUR", "b")], False),
        ([invoice("1000000", "JPY")], False),
    ],
)
def test_an_amount_at_the_limit_needs_nobody_and_a_cent_more_a_second_person(
    changes: list[Change], needed: bool
) -> None:
    assert bool(needs_approval(plan(*changes), LIMITS)) is needed
    assert (approval_trip(plan(*changes), None, LIMITS) is not None) is needed


@pytest.mark.parametrize(
    ("approval", "made_by", "said"),
    [
        (None, ANN, "nobody has approved it"),
        (Approval(ANN, "now"), ANN, "nobody else has approved it"),
        (Approval(Person(1000, "benny"), "now"), ANN, "nobody else has approved it"),
        (Approval(BEN, "now"), Person(-1, ""), "who made this plan is not known"),
        (Approval(BEN, "now"), ANN, ""),
        (Approval(Person(1001, "ann"), "now"), ANN, ""),
    ],
)
def test_the_number_of_the_user_counts_not_the_name(approval: Approval | None, made_by: Person, said: str) -> None:
    trip = approval_trip(plan(invoice("2000"), made_by=made_by), approval, LIMITS)
    assert trip is None if not said else said in str(trip)
    if trip is not None:
        assert (trip.flag, trip.error().exit_code) == ("", 6)


# --- fields that nobody writes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "tripped"),
    [
        (Edit("amount", 1, 2), True),
        (Edit("amounts", 1, 2), False),
        (Edit("a.place", 1, 2, field="amount"), True),
        (Edit("amount.value", 1, 2), True),
        (Edit("Line(Id=3).Amount", 1, 2), False),
    ],
)
def test_a_plan_that_writes_a_protected_field_trips(edit: Edit, tripped: bool) -> None:
    found = list(protected_trips(plan(writing(edit)), Safeguards(protected=("books.invoice.amount",))))
    assert bool(found) is tripped


@pytest.mark.parametrize(
    ("edit", "tripped"),
    [
        (Edit("Line(Id=3).Amount", 1, 2), True),
        (Edit("Line", None, {"Amount": 3}, "add"), True),
        (Edit("Line", None, {"Description": "x"}, "add"), False),
        (Edit("Line(Id=3)", {"Amount": 3}, None, "remove"), True),
        (Edit("Line", None, [{"Amount": 3}]), True),
        (Edit("Line(Id=3).Description", 1, 2), False),
    ],
)
def test_a_protected_field_of_a_line_is_protected_in_every_way_to_write_it(edit: Edit, tripped: bool) -> None:
    found = list(protected_trips(plan(writing(edit)), Safeguards(protected=("books.invoice.Line.Amount",))))
    assert bool(found) is tripped
    if found:
        assert (found[0].flag, "invoices" in str(found[0])) == ("", True)


def test_a_field_of_another_kind_or_system_is_not_meant() -> None:
    change = writing(Edit("amount", 1, 2))
    for name in ("books.customer.amount", "crm.invoice.amount"):
        assert not list(protected_trips(plan(change), Safeguards(protected=(name,))))


# --- rows left out --------------------------------------------------------------------------------------------------


def test_what_waits_for_a_row_that_is_left_is_left_too() -> None:
    customer = create("books", "customer", "acme")
    bill = create("books", "invoice", "in_1", customer)
    deal = update(Ref("crm", "deal", "1"), bill, linked=("", "x"))
    other = create("books", "invoice", "in_2")
    made = plan(deal, bill, other, customer)
    found = selection(made, {customer.intent: "left by ann: wait"})
    assert [change.intent for change in found.of(made).changes] == [other.intent]
    assert set(found.left.values()) == {"left by ann: wait"}


def test_an_intent_that_is_not_in_the_plan_leaves_nothing() -> None:
    made = plan(invoice("1"))
    assert selection(made, {"somebody else's": "why"}).of(made) == made


# --- settings -------------------------------------------------------------------------------------------------------

SETTINGS = """
systems:
  stripe: {{connector: stripe, environment: sandbox, credential: "env:S"}}
books: {{time_zone: UTC}}
guards: {{{guards}}}
"""


def load(folder: Path, guards: str) -> Safeguards:
    (folder / "syncctl.yaml").write_text(SETTINGS.format(guards=guards))
    return load_settings(folder, environment={}, user_file=folder / "none").safeguards


def test_three_writes_are_read_back_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Safeguards(3, (), ())
    assert load(tmp_path, "canary: 0").canary == 0
    found = load(tmp_path, "approve_above: [10000 USD, 9000 EUR], protected: [stripe.invoice.number]")
    assert found.approve_above == (("USD", Decimal(10000)), ("EUR", Decimal(9000)))
    assert found.protected == ("stripe.invoice.number",)


@pytest.mark.parametrize(
    ("guards", "said"),
    [
        ("canary: many", "`many` is no number of writes"),
        ("canary: -1", "`-1` is no number of writes"),
        ("approve_above: 10000", "is no amount"),
        ("protected: [number]", "is no field of a system"),
        ("protected: [stripe..number]", "is no field of a system"),
        ("protected: [strype.invoice.number]", "no system is named `strype`"),
        ("approve_over: 10 USD", "approve_over"),
    ],
)
def test_a_wrong_safeguard_is_named_with_its_place(tmp_path: Path, guards: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, guards)
    (problem,) = caught.value.problems
    assert said in problem.message
    assert problem.where.startswith("syncctl.yaml:5:")
