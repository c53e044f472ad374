"""Each guard by what reaches the vendors: at its limit the plan goes, one past it not one request that writes.

`--yes` is the answer to a question and never to a guard; an override names its guard and is written down.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest

from cli.house import House, Said, house, moved
from syncctl.ledger.engine import open_engine
from syncctl.ledger.shrinkage import allow_shrunk, note_count, shrunk_kinds
from syncctl.model import Person
from syncctl.sandbox.base import Fault, SandboxTransport

ANN = Person(1000, "ann")


@contextmanager
def unlimited() -> Iterator[House]:
    with house() as one:
        limit(one, "max_ratio: 10%", "max_ratio: 100%")
        for path in (one.folder / "mappings").glob("*.yaml"):  # their own limits would count as well
            path.write_text(re.sub(r"^guards:.*\n", "", path.read_text(), flags=re.MULTILINE))
        yield one


@pytest.fixture
def found() -> Iterator[House]:
    with unlimited() as one:
        yield one


@pytest.fixture(scope="module")
def planned() -> Iterator[dict[str, Any]]:
    """The plan that every house here would make; tests only count in it."""
    with unlimited() as one:
        yield plan(one)


def limit(found: House, old: str, new: str) -> None:
    path = found.folder / "syncctl.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def plan(found: House) -> dict[str, Any]:
    made: dict[str, Any] = found.run("plan", "--json", by=ANN).json["plan"]
    return made


def overridden(found: House) -> list[dict[str, Any]]:
    said = found.run("ledger", "query", "select body from audit where event = 'guard.overridden' order by id", "--json")
    return [json.loads(row["body"]) for row in said.json["rows"]]


# --- at the limit, and one past it ----------------------------------------------------------------------------------


def send(found: House, command: str, *words: str) -> Said:
    """A plan made now and sent by one of the two commands that send one."""
    if command == "reconcile":
        return found.run("reconcile", "--yes", *words, by=ANN)
    found.clock.advance(1)  # of two plans of one moment neither is the newest
    return found.run("apply", plan(found)["id"], *words, by=ANN)


@pytest.mark.parametrize(("command", "past"), [("apply", 0), ("apply", 1), ("reconcile", 1)])
def test_the_number_of_changes(found: House, planned: dict[str, Any], command: str, past: int) -> None:
    limit(found, "max_changes: 500", f"max_changes: {len(planned['changes']) - past}")
    said = send(found, command)
    assert (said.code == 6, found.writes == 0) == (bool(past), bool(past))
    assert ("--max-changes" in said.err) is bool(past)
    if command == "reconcile":
        next_ = said.out.rpartition("NEXT")[2].split()
        assert next_[:5] == ["syncctl", "apply", next_[2], "--max-changes", str(len(planned["changes"]))]


@pytest.mark.parametrize(
    ("command", "currency", "past"), [("apply", "USD", "0.01"), ("reconcile", "EUR", "0"), ("reconcile", "EUR", "0.01")]
)
def test_the_amount_of_a_run_in_each_currency(
    found: House, planned: dict[str, Any], command: str, currency: str, past: str
) -> None:
    most = moved(planned, currency) - Decimal(past)
    limit(found, "max_amount: [1000000 USD, 1000000 EUR, 150000000 JPY]", f"max_amount: [{most} {currency}]")
    said = send(found, command)
    tripped = past != "0"
    assert (said.code == 6, found.writes == 0) == (tripped, tripped)
    assert ("--max-amount" in said.err) is tripped


def test_the_share_of_the_records_that_changes(found: House) -> None:
    limit(found, "max_ratio: 100%", "max_ratio: 1%")
    made = plan(found)["id"]
    flags = re.findall(r"--max-ratio (0\.\d\d)", found.run("apply", made, by=ANN).err)
    most = max(map(Decimal, flags))
    less = found.run("apply", made, "--max-ratio", str(most - Decimal("0.01")), by=ANN)
    assert (less.code, found.writes) == (6, 0)
    assert found.run("apply", made, "--max-ratio", str(most), by=ANN).code != 6
    assert {event["guard"] for event in overridden(found)} == {"max_ratio"}


def test_a_kind_that_shrank_by_more_than_a_fifth(found: House) -> None:
    made = plan(found)
    engine = open_engine(found.folder / "ledger.db")
    note_count(engine, "quickbooks.Invoice", 100, 79, complete=True)
    engine.close()
    said = found.run("apply", made["id"], by=ANN)
    assert (said.code, found.writes) == (6, 0)
    assert "--allow-shrunk" in said.err
    assert found.run("apply", made["id"], "--allow-shrunk", by=ANN).code != 6
    (event,) = overridden(found)
    assert (event["guard"], event["actual"], event["by"]) == ("shrunk", "quickbooks.Invoice", "ann")


@pytest.mark.parametrize(("field", "tripped"), [("DocNumber", True), ("ShipDate", False)])
def test_a_protected_field(found: House, field: str, tripped: bool) -> None:
    limit(found, "canary: 3", f"canary: 3\n  protected: [quickbooks.Invoice.{field}]")
    said = send(found, "apply", "--max-changes", "1000", "--max-amount", "1000000USD")
    assert (said.code == 6, found.writes == 0) == (tripped, tripped)
    assert ("is protected" in said.err) is tripped


# --- overrides --------------------------------------------------------------------------------------------------------


def test_an_override_names_its_guard_and_is_kept_with_whose_it_was(found: House, planned: dict[str, Any]) -> None:
    limit(found, "max_changes: 500", "max_changes: 3")
    count = len(planned["changes"])
    said = send(found, "apply", "--max-changes", str(count), "--max-amount", "1000000EUR")
    assert said.code != 6
    (event,) = overridden(found)
    assert (event["guard"], event["limit"], event["actual"]) == ("max_changes", "3", str(count))
    assert (event["by"], event["uid"]) == ("ann", 1000)


def test_the_override_of_one_currency_leaves_the_other_its_limit(found: House) -> None:
    limit(found, "max_amount: [1000000 USD, 1000000 EUR, 150000000 JPY]", "max_amount: [1 USD, 1 EUR]")
    assert (send(found, "apply", "--max-amount", "1000000USD").code, found.writes) == (6, 0)
    assert send(found, "apply", "--max-amount", "1000000USD", "--max-amount", "1000000EUR").code != 6
    assert {event["guard"] for event in overridden(found)} == {"max_amount"}


# --- a mapping's own limit --------------------------------------------------------------------------------------------


def test_a_mappings_own_limit_counts_its_share_and_never_lifts_the_projects(
    found: House, planned: dict[str, Any]
) -> None:
    made = planned["changes"]
    count, theirs = len(made), sum(row["mapping"] == "invoices" for row in made)
    own = found.folder / "mappings" / "invoices.yaml"
    text = own.read_text()
    own.write_text(f"{text}guards: {{max_changes: 100000, max_amount: 1000000000 USD}}\n")
    limit(found, "max_changes: 500", f"max_changes: {count - 1}")
    said = send(found, "reconcile")
    assert (said.code, found.writes) == (6, 0)
    assert f"number of changes: {count}, allowed is {count - 1} by the project (syncctl.yaml:" in said.err
    limit(found, f"max_changes: {count - 1}", f"max_changes: {count}")
    own.write_text(f"{text}guards: {{max_changes: {theirs - 1}}}\n")
    said = send(found, "reconcile")
    assert (said.code, found.writes) == (6, 0)
    place = f"mappings/invoices.yaml:{text.count(chr(10)) + 1}:"
    assert f"mapping invoices: {theirs}, allowed is {theirs - 1} by mapping invoices ({place}" in said.err
    own.write_text(f"{text}guards: {{max_changes: {theirs}}}\n")
    assert send(found, "reconcile").code != 6
    assert overridden(found) == []


def test_an_undo_keeps_a_mappings_limit_and_a_rest_is_not_sent_under_other_limits(found: House) -> None:
    own = found.folder / "mappings" / "invoices.yaml"
    text = own.read_text()
    found.boxes["quickbooks"].faults.append(Fault("429", "POST", "/customer", times=99))
    assert found.run("reconcile", "--yes", "--run-id", "night-8", by=ANN).code == 75
    found.boxes["quickbooks"].faults.clear()
    before = found.writes
    own.write_text(f"{text}guards: {{max_changes: 0}}\n")
    said = found.run("runs", "resume", "night-8", by=ANN)
    assert (said.code, found.writes) == (8, before)
    assert "nothing more of run night-8 can be sent: " in said.err
    assert "`syncctl reconcile` plans anew" in said.err
    own.write_text(text)
    assert found.run("runs", "resume", "night-8", by=ANN).code in (0, 5)
    before = found.writes
    own.write_text(f"{text}guards: {{max_changes: 0}}\n")
    said = found.run("undo", "night-8", "--yes", by=ANN)
    assert (said.code, found.writes) == (6, before)
    assert "allowed is 0 by mapping invoices (mappings/invoices.yaml:" in said.err


# --- a kind that shrank ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "fewer"), [(100, False), (80, False), (79, True), (0, True)])
def test_four_of_five_records_are_enough(after: int, fewer: bool) -> None:
    engine = open_engine(None)
    assert note_count(engine, "stripe.invoice", 100, after, complete=True) is fewer
    assert shrunk_kinds(engine) == (("stripe.invoice",) if fewer else ())


def test_a_pull_of_what_is_new_says_nothing_about_what_is_gone() -> None:
    engine = open_engine(None)
    assert not note_count(engine, "stripe.invoice", 100, 10, complete=False)


def test_a_kind_stays_shrunk_the_next_night_until_it_is_back_or_allowed() -> None:
    engine = open_engine(None)
    note_count(engine, "stripe.invoice", 100, 50, complete=True)
    assert note_count(engine, "stripe.invoice", 50, 50, complete=True)
    assert not note_count(engine, "stripe.invoice", 50, 80, complete=False)
    note_count(engine, "stripe.invoice", 100, 50, complete=True)
    allow_shrunk(engine)
    assert shrunk_kinds(engine) == ()
    assert not note_count(engine, "stripe.invoice", 50, 50, complete=True)


class CutAtCharges(SandboxTransport):
    """The network goes away when the charges are asked for: customers, products and invoices were brought."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/v1/charges"):
            raise RuntimeError("no network any more")
        return super().handle_request(request)


def test_a_pull_that_is_cut_short_after_the_sweep_remembers_that_a_kind_shrank(found: House) -> None:
    stripe: Any = found.boxes["stripe"].vendor
    for name in list(stripe.store.things["invoice"])[::3]:
        stripe.store._forget("invoice", name)  # without an event: as a filter or an outage at the vendor would
    assert found.run("pull", "stripe", "--full", transport=CutAtCharges).code == 1
    engine = open_engine(found.folder / "ledger.db")
    assert shrunk_kinds(engine) == ("stripe.invoice",)
    engine.close()


# --- the canary ------------------------------------------------------------------------------------------------------


def test_a_whole_night_of_good_writes_reads_back_as_it_was_meant(found: House) -> None:
    limit(found, "canary: 3", "canary: 20")
    said = found.run("reconcile", "--yes", "--json")
    states = [row["state"] for row in said.json["applied"]]
    assert states.count("applied") > 20
    assert "planned" not in states
