"""A plan file gives back exactly the plan that was written, or refuses to give anything."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncctl.errors import StalePlanError
from syncctl.model import Action, Change, Edit, Finding, FindingKind, Money, Plan, Ref
from syncctl.planfile import (
    Situation,
    change_from_json,
    change_to_json,
    check_fresh,
    plan_digest,
    plan_from_json,
    plan_to_json,
    sealed,
    too_old,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
RAW = st.recursive(
    st.none() | st.booleans() | st.integers() | DECIMALS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
REFS = st.builds(Ref, TEXT, TEXT, TEXT)
MONEY = st.builds(Money, DECIMALS, st.sampled_from(["USD", "JPY", "KWD"]))
EDITS = st.builds(
    Edit,
    TEXT,
    RAW,
    RAW,
    st.sampled_from(["set", "add", "remove"]),
    TEXT,
    TEXT,
    TEXT,
    st.sampled_from(["", "amount", "text"]),
    st.tuples(TEXT, TEXT),
)
CHANGES = st.builds(
    Change,
    TEXT,
    TEXT,
    st.sampled_from(Action),
    REFS,
    st.none() | REFS,
    TEXT,
    st.lists(EDITS, max_size=3).map(tuple),
    st.none() | MONEY,
    st.none() | MONEY,
    st.lists(TEXT, max_size=2).map(tuple),
    st.none() | st.integers(0, 2**60),
    TEXT,
    TEXT,
    TEXT,
)
FINDINGS = st.builds(
    Finding, TEXT, st.sampled_from(FindingKind), st.none() | REFS, st.none() | REFS, amount=st.none() | MONEY
)
PLANS = st.builds(
    Plan,
    TEXT,
    TEXT,
    TEXT,
    st.integers(0, 2**40),
    TEXT,
    TEXT,
    st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
    st.lists(CHANGES, max_size=3).map(tuple),
    st.lists(FINDINGS, max_size=3).map(tuple),
)


def exactly(value: Any) -> str:
    """Equality of numbers is too mild: 1.50 and 1.5, 5 and Decimal(5) are different bytes."""
    return repr(value)


@settings(max_examples=50, deadline=None)
@given(PLANS)
def test_a_plan_comes_back_exactly(plan: Plan) -> None:
    plan = sealed(plan)
    assert exactly(plan_from_json(plan_to_json(plan))) == exactly(plan)


@settings(max_examples=50, deadline=None)
@given(CHANGES)
def test_a_change_comes_back_exactly(change: Change) -> None:
    assert exactly(change_from_json(change_to_json(change))) == exactly(change)


def example() -> Plan:
    edit = Edit("TotalAmt", Decimal("10.00"), Decimal("10.10"), codec="money", shown=("10 USD", "10.10 USD"))
    target = Ref("quickbooks", "Invoice", "145")
    change = Change("intent", "invoices", Action.UPDATE, target, None, "1001", (edit,), Money(Decimal("10.10"), "USD"))
    return sealed(
        Plan("plan-1", "2026-11-20T03:00:00+00:00", "abc", 7, "cfg", "0.1.0", (("stripe", "acct_1"),), (change,), ())
    )


def test_any_edited_byte_makes_it_another_plan() -> None:
    body = plan_to_json(example())
    for place in range(0, len(body) - 1, 3):
        edited = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(StalePlanError) as caught:
            plan_from_json(edited)
        assert caught.value.exit_code == 8


@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body.replace(b"10.10", b"10.1"),
        lambda body: body.replace(b'"pair":null', b'"pair":null,"extra":1'),
        lambda body: body.replace(b":", b": "),
        lambda body: body.replace(b'"schema_version":1', b'"schema_version":2'),
        lambda body: body[:-20],
        lambda _: b"",
        lambda _: b"[1e999999999999999999999]",
        lambda _: b"\xff\xfe",
        lambda _: b"[" * 100_000,
    ],
)
def test_what_is_no_untouched_plan_file_is_refused(edit: Any) -> None:
    with pytest.raises(StalePlanError):
        plan_from_json(edit(plan_to_json(example())))


def test_a_line_end_that_an_editor_adds_is_no_edit() -> None:
    body = plan_to_json(example())
    assert plan_from_json(body + b"\r\n") == plan_from_json(body.strip()) == example()


def test_every_json_says_its_schema_version() -> None:
    assert json.loads(plan_to_json(example()))["schema_version"] == 1


def test_the_digest_covers_changes_and_what_they_were_decided_from() -> None:
    plan = example()
    other = replace(plan.changes[0], parents=("somebody",))
    assert (
        len({plan_digest(plan), plan_digest(replace(plan, changes=(other,))), plan_digest(replace(plan, serial=8))})
        == 3
    )
    assert plan_digest(replace(plan, digest="anything")) == plan.digest


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), Decimal("Infinity"), {1, 2}, datetime(2026, 1, 1, tzinfo=UTC)])
def test_a_value_that_json_cannot_hold_exactly_is_refused(value: Any) -> None:
    edit = replace(example().changes[0].edits[0], after={"deep": [value]})
    with pytest.raises(ValueError, match="a plan cannot hold"):
        sealed(replace(example(), changes=(replace(example().changes[0], edits=(edit,)),)))


# --- staleness ------------------------------------------------------------------------------------------------------

NOW = Situation(datetime(2026, 11, 20, 4, tzinfo=UTC), "abc", 7, "cfg", "0.1.0", {"stripe": "acct_1"})


def test_a_plan_whose_facts_stand_is_fresh_for_a_day_and_not_a_second_longer() -> None:
    made = datetime.fromisoformat(example().created_at)
    check_fresh(example(), replace(NOW, now=made + timedelta(hours=24)))
    with pytest.raises(StalePlanError, match="24 hours"):
        check_fresh(example(), replace(NOW, now=made + timedelta(hours=24, seconds=1)))


@pytest.mark.parametrize(
    ("moved", "reason"),
    [
        ({"lineage": "other"}, "another ledger"),
        ({"serial": 8}, "records were pulled"),
        ({"config_hash": "new"}, "configuration or a mapping changed"),
        ({"tool_version": "0.2.0"}, "made by syncctl 0.1.0"),
        ({"pins": {"stripe": "acct_2"}}, "another company"),
        ({"pins": {}}, "another company"),
    ],
)
def test_c44_a_plan_whose_facts_moved_is_refused(moved: dict[str, Any], reason: str) -> None:
    with pytest.raises(StalePlanError, match=reason) as caught:
        check_fresh(example(), replace(NOW, **moved))
    assert caught.value.exit_code == 8


def test_a_plan_from_the_future_is_refused_too() -> None:
    assert too_old("2026-11-20T03:10:00+00:00", datetime(2026, 11, 20, 3, tzinfo=UTC))
    assert not too_old("2026-11-20T03:04:00+00:00", datetime(2026, 11, 20, 3, tzinfo=UTC))
