"""An archived record is made active again where the mapping lets archiving follow the side that leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deeds import NOTHING, quiet_hour, settled_office
from syncctl.model import Action, FindingKind
from two_systems import BILL, BOOKS_PERSON, ORDER, ORDERS, PEOPLE, PERSON, Desk, books_person, order, person

FOLLOWS = PEOPLE.replace("create: right\n", "create: right\ngone: {archived: archive}\n")
ANA, ARCHIVED_ANA = person("p1", "Ana", "a@x.com"), {**books_person("1", "Ana", "a@x.com"), "Active": False}


def desk_with(people: str = FOLLOWS, **more: object) -> Desk:
    """Ana buys at the shop; the books have put her away."""
    desk = Desk(people, ORDERS)
    desk.put("shop", "person", {**ANA, **more})
    desk.put("books", "Person", ARCHIVED_ANA)
    return desk


def test_a_partner_that_is_archived_while_the_side_that_leads_is_active_is_made_active_again() -> None:
    made = desk_with().plan()
    (change,) = made.changes
    assert (change.action, str(change.target), str(change.source)) == (
        Action.REACTIVATE,
        "books:Person:1",
        "shop:person:p1",
    )
    assert (change.reason, change.edits, made.findings) == ("shop:person:p1 is active", (), ())


def test_what_is_made_for_the_record_waits_until_it_is_active_again() -> None:
    desk = desk_with()
    desk.put("shop", "order", order("100", ("Work", 1000)))
    again, made = (change for change in desk.plan().changes if change.target.system == "books")
    assert (again.action, made.action) == (Action.REACTIVATE, Action.CREATE)
    assert again.intent in made.parents


@pytest.mark.parametrize(
    ("people", "active"), [(PEOPLE, True), (FOLLOWS, False), (FOLLOWS.replace("create: right", "create: left"), True)]
)
def test_nothing_is_made_active_again_unless_the_mapping_says_so_and_the_active_side_leads(
    people: str, active: bool
) -> None:
    made = desk_with(people, Active=active).plan()
    assert [change.action for change in made.changes if change.action is Action.REACTIVATE] == []


def test_where_the_vendor_cannot_make_it_active_again_that_is_said() -> None:
    keeps = replace(BOOKS_PERSON, actions=BOOKS_PERSON.actions - {Action.REACTIVATE})
    desk = Desk(FOLLOWS, schemas=(ORDER, BILL, PERSON, keeps))
    desk.put("shop", "person", ANA)
    desk.put("books", "Person", ARCHIVED_ANA)
    made = desk.plan()
    assert made.changes == ()
    assert {one.kind for one in made.findings} == {FindingKind.BLOCKED, FindingKind.GONE}
    assert "books.Person records cannot be made active again" in [one.hint for one in made.findings]


def test_a_quickbooks_customer_that_was_put_away_is_active_again_and_gets_the_invoice() -> None:
    with settled_office() as office:
        office.edit("customers", "archived: report", "archived: archive")
        who = office.records("quickbooks", "Customer")[office.customers("usd")[0]["metadata"]["quickbooks_id"]]
        office.amend("Customer", who, Active=False)
        sold = office.sell()
        report = office.reconcile()
        assert report.exit_code == 0
        assert office.records("quickbooks", "Customer")[who["Id"]]["Active"] is True
        assert [booked["CustomerRef"]["value"] for booked in office.booked(sold["number"])] == [who["Id"]]
        assert quiet_hour(office) == NOTHING
