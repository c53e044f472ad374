"""A person's word and the plans made before it: what was accepted, matched or voided since is not written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from deeds import by_hand, settled_office
from office import LIMITLESS, Office, about
from syncctl import run
from syncctl.errors import Interrupted, LockedError, StalePlanError, UsageError
from syncctl.fields.schema import Field
from syncctl.ledger.totals import Totals
from syncctl.model import FindingKind, Plan, Ref
from syncctl.project import Project
from syncctl.run.guarding import check
from syncctl.run.review import findings_accept, findings_list, match_decide
from syncctl.run.running import running
from syncctl.run.settling import settle
from syncctl.statement import statement_lines
from syncctl.statement_line import Part
from two_systems import BILL, BOOKS_PERSON, ORDER, ORDERS, PEOPLE, PERSON, Desk, bill, books_person, order, person


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def accept_missing(project: Project) -> None:
    (found,) = about(findings_list(project), FindingKind.MISSING)
    findings_accept(project, found.number, "paid in cash, not for the books")


# --- what was accepted ------------------------------------------------------------------------------------------------


def missing_order() -> Desk:
    """An accepted order of a person whom the books do not know either."""
    desk = Desk()
    desk.put("shop", "person", person("p1", "Ann", "ann@x.example"))
    desk.put("shop", "order", order("1", ("Work", 100)))
    (found,) = [one for one in desk.findings() if one.mapping == "orders"]
    desk.accept(found.number, "paid in cash")
    return desk


def test_an_accepted_record_is_not_made_because_the_same_plan_makes_its_customer() -> None:
    made = missing_order().plan()
    assert [change.mapping for change in made.changes] == ["people"]
    assert [(one.mapping, one.accepted, one.note) for one in made.findings] == [("orders", True, "paid in cash")]


def test_an_accepted_record_stays_accepted_when_its_customer_finds_a_partner_and_not_when_it_changes() -> None:
    desk = missing_order()
    desk.put("books", "Person", books_person("1", "Ann", "ann@x.example"))
    assert [one.accepted for one in desk.findings() if one.mapping == "orders"] == [True]
    desk.put("shop", "order", order("1", ("Work", 200)))
    assert [one.accepted for one in desk.findings() if one.mapping == "orders"] == [False]


@pytest.mark.parametrize(
    "edit",
    [
        ("mapping: orders\n", "mapping: orders  # every order\n"),
        ("  - {left: placed, right: Date, owner: left}\n", ""),
        ("  - {left: placed, right: Date, owner: left}\n", "  - {left: placed, right: Date, once: true}\n"),
        ("  - {left: number, right: Number}\n", "  - {left: books_id, right: Id}\n  - {left: number, right: Number}\n"),
        ("lines:\n", "  - {left: note, right: Memo, owner: none}\nlines:\n"),
    ],
    ids=["a comment", "a field less", "another owner", "another rule", "a field more"],
)
def test_an_accepted_record_stays_accepted_when_the_mapping_is_edited_until_the_record_changes(
    edit: tuple[str, str],
) -> None:
    desk = missing_order()
    assert edit[0] in ORDERS
    orders = ORDERS.replace(*edit, 1).replace("marker: {right: Memo}\n", "")
    desk.load(PEOPLE, orders)
    assert [(one.accepted, one.note) for one in desk.findings() if one.mapping == "orders"] == [(True, "paid in cash")]
    desk.put("shop", "order", order("1", ("Work", 200)))
    assert [one.accepted for one in desk.findings() if one.mapping == "orders"] == [False]


def test_what_was_accepted_while_nothing_was_made_is_asked_again_once_the_mapping_makes_records() -> None:
    desk = Desk(PEOPLE, ORDERS.replace("create: right\n", ""))
    desk.put("shop", "order", order("1", ("Work", 100)))
    (found,) = desk.findings()
    desk.accept(found.number, "not yet")
    desk.load(PEOPLE, ORDERS)
    assert [one.accepted for one in desk.findings()] == [False]


def test_ten_accepted_cents_of_tax_explain_no_hundred_dollars() -> None:
    shop = replace(ORDER, fields={**ORDER.fields, "tax": Field("tax", "money.minor.stripe", currency="currency")})
    books = replace(BILL, fields={**BILL.fields, "Tax": Field("Tax", "money", currency="Currency")})
    mapping = ORDERS.partition("lines:")[0] + "  - {left: tax, right: Tax, owner: none, reason: tax}\n"
    desk = Desk(PEOPLE, mapping, schemas=(shop, books, PERSON, BOOKS_PERSON))
    desk.put("shop", "person", person("p1", "Ann", "ann@x.example"))
    desk.put("books", "Person", books_person("1", "Ann", "ann@x.example"))
    desk.put("shop", "order", order("1", ("Work", 10_000), books_id="9", tax=100))
    desk.put("books", "Bill", bill("9", "1", ("Work", "200.00"), Tax=1.10))

    def explained(*fields: str) -> tuple[tuple[tuple[str, Part], ...], Part]:
        for finding in desk.findings():
            if finding.field in fields:
                desk.accept(finding.number)
        number, totals = desk.books.lookups.mapping_id("orders"), Totals(desk.engine)
        left, right = (totals.sums(number, side) for side in (0, 1))
        gaps = [found.gap for found in totals.gaps(number, unmatched=(True, True))]
        (line,) = statement_lines(desk.projection("orders").mapping, left, right, gaps)
        return line.explained, line.waiting

    gap = Part(Decimal(100), 1)
    assert explained("Tax") == ((), gap)
    assert explained("Total") == ((("accepted", gap),), Part())


def test_the_number_that_a_person_read_never_names_another_finding() -> None:
    desk = Desk(PEOPLE)
    desk.put("shop", "person", person("p1", "Ann", "ann@x.example"))
    (read,) = desk.findings()
    desk.put("books", "Person", books_person("1", "Ann", "ann@x.example"))
    assert desk.findings() == ()
    desk.put("shop", "person", person("p2", "Bob", "bob@x.example"))
    assert [one.number for one in desk.findings()] != [read.number]


def test_a_plan_from_before_the_acceptance_is_stale(office: Office) -> None:
    office.sell("INV-9001", deal=False)
    made = office.plan()
    accept_missing(office.project)
    with pytest.raises(StalePlanError):
        run.apply(office.project, made, choices=LIMITLESS)
    assert office.booked("INV-9001") == []


# --- while somebody sits at the question ------------------------------------------------------------------------------


def test_beside_a_run_nobody_decides_and_who_tries_is_told_which_run_to_wait_for(office: Office) -> None:
    sold, lost = office.sell("INV-9001", deal=False), office.sell("INV-9002", customer=1, deal=False)
    run.pull(office.project)
    (one, two) = about(findings_list(office.project), FindingKind.MISSING)
    held = next(iter(office.records("quickbooks", "Invoice")))
    told: list[tuple[int, str]] = []

    def decide_meanwhile(_event: str, facts: dict[str, Any]) -> None:
        if facts.get("state") != "applied" or told:
            return
        other = office.open()
        left, right = Ref("stripe", "invoice", lost["id"]), Ref("quickbooks", "Invoice", held)
        for decide in (
            lambda: match_decide(other, "invoices", left, right, "confirm"),
            lambda: findings_accept(other, two.number, "paid in cash"),
        ):
            with pytest.raises(LockedError) as refused:
                decide()
            told.append((refused.value.exit_code, refused.value.message))
        other.close()

    report = office.reconcile(progress=decide_meanwhile)
    assert [(code, f"run {report.run.id}" in message) for code, message in told] == [(7, True), (7, True)]
    assert (one.accepted, report.exit_code) == (False, 0)
    assert [len(office.booked(each["number"])) for each in (sold, lost)] == [1, 1]


def test_a_plan_that_a_person_thought_about_for_more_than_a_day_is_not_written(office: Office) -> None:
    office.sell("INV-9001", deal=False)

    def yes_in_two_days(_plan: Plan) -> bool:
        office.clock.advance(48 * 3_600)
        return True

    with pytest.raises(StalePlanError, match="more than 24 hours ago"):
        office.reconcile(confirm=yes_in_two_days)
    assert office.booked("INV-9001") == []


# --- the rest of a plan -----------------------------------------------------------------------------------------------


def test_the_rest_of_a_plan_is_not_written_when_its_source_was_voided_since(office: Office) -> None:
    sold = office.sell("INV-9001", deal=False)
    cut = office.reconcile(stop=lambda: 130)
    office.clock.advance(3_600)
    by_hand(office, "stripe", f"/v1/invoices/{sold['id']}/void")
    run.pull(office.project)
    with pytest.raises(StalePlanError):
        run.resume(office.project, cut.run.id)
    assert office.booked("INV-9001") == []


def test_the_rest_of_a_plan_is_not_written_a_day_later_or_under_another_mapping(office: Office) -> None:
    office.sell("INV-9001", deal=False)
    cut = office.reconcile(stop=lambda: 130)
    office.edit("invoices", "{max_amount: ", "{max_changes: 1, max_amount: ")
    with pytest.raises(StalePlanError, match="a mapping changed"):
        run.resume(office.project, cut.run.id)
    office.edit("invoices", "max_changes: 1, ", "")
    office.clock.advance(25 * 3_600)
    with pytest.raises(StalePlanError, match="more than 24 hours ago"):
        run.resume(office.project, cut.run.id)
    assert office.booked("INV-9001") == []


def test_what_was_written_and_not_read_back_is_not_planned_again(office: Office) -> None:
    """A contact makes a customer, whose id flows back to the contact; the answer to that holds no record."""
    office.edit("contacts", "create: none", "create: right")

    def end_there(event: str, _facts: dict[str, Any]) -> None:
        if event == "read back":
            raise Interrupted(15)

    with pytest.raises(Interrupted):
        office.reconcile(progress=end_there)
    assert office.project.records.unread()
    assert [change for change in run.plan(office.project).changes if change.mapping == "contacts"] == []
    assert [change for change in office.reconcile().plan.changes if change.mapping == "contacts"] == []


# --- one's own words --------------------------------------------------------------------------------------------------


def test_two_records_of_one_side_can_be_told_apart_and_never_taken_for_a_pair(office: Office) -> None:
    first, second = (Ref("stripe", "customer", one["id"]) for one in office.customers("usd")[:2])
    run.pull(office.project)
    assert match_decide(office.project, "customers", first, second, "reject").verdict == "reject"
    assert run.plan(office.project).changes == ()
    for one, two, verdict in ((first, second, "confirm"), (first, first, "reject")):
        with pytest.raises(UsageError):
            match_decide(office.project, "customers", one, two, verdict)
    with pytest.raises(UsageError):
        match_decide(office.project, "invoices", first, second, "reject")


def test_a_write_is_not_settled_with_the_record_of_another_source(office: Office) -> None:
    office.sell("INV-9001", deal=False)
    office.reconcile()
    (other,) = office.booked("INV-9001")
    office.sell("INV-9002", deal=False)
    office.reconcile(stop=lambda: 130)
    db = office.project.engine.db
    db.execute("UPDATE operations SET state = 'review' WHERE state = 'planned'")
    (review,) = [
        str(row[0]) for row in db.execute("SELECT id FROM operations WHERE state = 'review' ORDER BY position LIMIT 1")
    ]
    with pytest.raises(UsageError, match="is the partner of stripe:invoice:"):
        settle(office.project, review, "written", "found it", record=Ref("quickbooks", "Invoice", other["Id"]))


def test_a_ledger_that_once_showed_a_plan_is_not_new_again_after_many_other_runs(office: Office) -> None:
    office.sell("INV-9001", deal=False)
    made = office.plan()
    for _ in range(60):
        with running(office.project, "ops retry") as number:
            office.project.journal.runs.finish(number, "released", 0, {})
    office.project.settings = replace(
        office.project.settings,
        systems={name: replace(one, environment="live") for name, one in office.project.settings.systems.items()},
    )
    assert "first_run" not in {trip.guard for trip in check(office.project, made, replace(LIMITLESS, first_run=False))}
