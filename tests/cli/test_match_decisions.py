"""A person's word about two records: asked for when they are strikingly unlike, kept, listed, and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from house import House, Said, columns, house

CONFIRM = ("match", "confirm", "customers")


@pytest.fixture
def fresh() -> Iterator[House]:
    with house() as found:
        yield found


def matches(place: House, mapping: str, *more: str) -> list[Any]:
    return list(place.run("match", "list", *mapping.split(), "--json", *more).json["rows"])


def pairs(place: House, mapping: str) -> list[tuple[str, str]]:
    return [(row["left"], row["right"]) for row in matches(place, mapping, "--all") if row["decided_by"] == "rule"]


def strangers(place: House, mapping: str) -> tuple[str, str]:
    """The left record of the first pair, the right one of the last."""
    found = pairs(place, mapping)
    return found[0][0], found[-1][1]


def seen(place: House) -> list[str]:
    """What the ledger makes of everything; a finding that comes back has another number and age, and what the newest
    plan corrects is told apart only until somebody decides something.
    """
    found = place.run("diff", "--json").json
    rows = [{key: row[key] for key in row if key not in ("number", "since")} for row in found["findings"]]
    totals = ("mapping", "currency", "left", "right", "left_matched", "right_matched")
    return sorted(map(str, [*rows, *({key: line.get(key) for key in totals} for line in found["statement"])]))


def audited(place: House, event: str) -> list[Any]:
    rows = place.run("ledger", "query", f"SELECT body FROM audit WHERE event = '{event}'", "--json").json["rows"]
    return [json.loads(row["body"]) for row in rows]


# --- strikingly unlike ----------------------------------------------------------------------------------------------


def test_unlike_records_are_not_confirmed_off_a_terminal_without_yes(fresh: House) -> None:
    left, right = strangers(fresh, "customers")
    said = fresh.run(*CONFIRM, left, right)
    assert (said.code, said.out) == (6, "")
    assert f"{left} and {right} look like different things (name: " in said.error["cause"]
    assert "e-mail: " in said.error["cause"]
    assert "--yes" in said.error["fix"]
    assert f"syncctl explain {left}" in said.error["fix"]
    assert not audited(fresh, "match.confirm")
    assert fresh.run(*CONFIRM, left, right, "--yes").code == 0
    assert (left, right, "person") in [
        (row["left"], row["right"], row["decided_by"]) for row in matches(fresh, "customers", "--all")
    ]


@pytest.mark.parametrize(("typed", "code"), [("n\n", 6), ("y\n", 0)])
def test_on_a_terminal_what_sets_them_apart_is_shown_and_asked_about(fresh: House, typed: str, code: int) -> None:
    left, right = strangers(fresh, "customers")
    said = fresh.run(*CONFIRM, left, right, terminal=True, typed=typed)
    assert said.code == code
    assert "These two look like different things" in said.err
    assert "Take them for one all the same? [y/N]" in said.err
    assert ("nothing was decided" in said.err) is bool(code)
    assert bool(audited(fresh, "match.confirm")) is not bool(code)


def test_invoices_of_another_number_and_amount_are_unlike_though_their_names_look_alike(fresh: House) -> None:
    found = pairs(fresh, "invoices")
    said = [fresh.run("match", "confirm", "invoices", found[0][0], right) for _, right in found[1:4]]
    assert {one.code for one in said} == {6}
    assert all("amount: " in one.error["cause"] for one in said)


@pytest.mark.parametrize("kind", ["tie", "proposed"])
def test_what_a_rule_holds_for_or_only_the_name_speaks_for_is_confirmed_without_a_question(
    fresh: House, kind: str
) -> None:
    row = next(row for row in matches(fresh, "") if row["decided_by"] == kind)
    said = fresh.run("match", "confirm", row["mapping"], row["left"], row["right"], terminal=True, typed="")
    assert said.code == 0
    assert "[y/N]" not in said.err


# --- taken back -----------------------------------------------------------------------------------------------------


def released(place: House, mapping: str, left: str, right: str) -> Said:
    return place.run("match", "release", mapping, left, right, "--json")


def test_a_confirmed_pair_that_is_released_stands_as_if_nobody_had_decided(fresh: House) -> None:
    left, right = strangers(fresh, "customers")
    before, listed = seen(fresh), matches(fresh, "customers", "--all")
    fresh.run(*CONFIRM, left, right, "--yes")
    assert seen(fresh) != before
    (row,) = released(fresh, "customers", left, right).json["rows"]
    assert (row["decision"], row["was"]) == ("released", "confirm")
    assert seen(fresh) == before
    assert sorted(map(str, matches(fresh, "customers", "--all"))) == sorted(map(str, listed))


def test_a_rejected_pair_that_is_released_is_matched_by_its_rule_again(fresh: House) -> None:
    left, right = pairs(fresh, "customers")[0]
    before = seen(fresh)
    fresh.run("match", "reject", "customers", left, right)
    assert (left, right) not in pairs(fresh, "customers")
    assert "rejected" in columns(matches(fresh, "customers", "--all"), "decided_by")
    assert released(fresh, "customers", left, right).code == 0
    assert (left, right) in pairs(fresh, "customers")
    assert "rejected" not in columns(matches(fresh, "customers", "--all"), "decided_by")
    assert seen(fresh) == before


def test_a_tie_that_was_decided_is_open_again_after_its_release(fresh: House) -> None:
    tie = next(row for row in matches(fresh, "invoices") if row["decided_by"] == "tie")
    ties = matches(fresh, "invoices")
    fresh.run("match", "confirm", "invoices", tie["left"], tie["right"])
    assert matches(fresh, "invoices") != ties
    released(fresh, "invoices", tie["left"], tie["right"])
    assert matches(fresh, "invoices") == ties


def test_a_release_is_in_the_audit_with_what_was_decided_and_makes_older_plans_stale(fresh: House) -> None:
    left, right = pairs(fresh, "customers")[0]
    fresh.run("match", "reject", "customers", left, right)
    plan = fresh.run("plan", "--json").json["plan"]["id"]
    released(fresh, "customers", left, right)
    (event,) = audited(fresh, "match.release")
    assert (event["mapping"], event["left"], event["right"], event["was"]) == ("customers", left, right, "reject")
    assert event["by"]
    assert event["decided_at"]
    assert fresh.run("apply", plan, "--max-ratio", "100%").code == 8
    assert fresh.writes == 0


def test_a_pair_that_a_rule_made_outlives_its_confirmation_which_is_released_once(fresh: House) -> None:
    left, right = pairs(fresh, "customers")[0]
    assert fresh.run(*CONFIRM, left, right).code == 0
    assert released(fresh, "customers", left, right).code == 0
    assert (left, right) in pairs(fresh, "customers")
    said = fresh.run("match", "release", "customers", left, right)
    assert said.code == 64
    assert said.error["cause"] == f"nobody has decided about {left} and {right}"
    assert "syncctl match list --all customers" in said.error["fix"]


def test_the_list_shows_how_a_decision_is_taken_back(fresh: House) -> None:
    left, right = pairs(fresh, "customers")[0]
    fresh.run("match", "reject", "customers", left, right)
    page = " ".join(fresh.run("match", "list", "--all", "customers").out.replace("\\\n", " ").split())
    assert f"syncctl match release customers {left} {right}" in page
    assert page.count("syncctl match release") == 1


# --- one word for one record ------------------------------------------------------------------------------------------


def test_a_record_that_was_confirmed_with_one_is_not_confirmed_with_another_until_it_is_released(fresh: House) -> None:
    (left, right), (second, other) = pairs(fresh, "customers")[:2]
    assert fresh.run(*CONFIRM, left, other, "--yes").code == 0
    for again in ((second, other), (left, right)):
        said = fresh.run(*CONFIRM, *again)
        assert (said.code, said.out) == (64, "")
        assert f"is confirmed with {left if again[0] == second else other} already (by " in said.error["cause"]
        assert said.error["fix"] == f"if that was wrong: syncctl match release customers {left} {other}"
    assert len(audited(fresh, "match.confirm")) == 1
    assert fresh.run(*CONFIRM, left, other, "--yes").code == 0
    assert fresh.run("match", "release", "customers", left, other).code == 0
    assert fresh.run(*CONFIRM, left, right, "--yes").code == 0
