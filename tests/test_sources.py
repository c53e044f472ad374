"""What a change was made from is read again before an old plan writes it: what moved there is not written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from deeds import by_hand, hints, settled_office, vendor
from office import LIMITLESS, Office
from push_desk import Desk, create, states
from syncctl import run
from syncctl.model import Change, Plan, Record, Ref
from syncctl.plan.order import joined
from syncctl.push import OperationResult, push
from syncctl.run import ApplyReport


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def void(office: Office, sold: dict[str, Any]) -> None:
    """Somebody voids an invoice at Stripe."""
    by_hand(office, "stripe", f"/v1/invoices/{sold['id']}/void")


def apply(office: Office, plan: Plan) -> ApplyReport:
    return run.apply(office.project, plan, choices=LIMITLESS)


def of(report: ApplyReport, sold: dict[str, Any], system: str) -> OperationResult:
    """What became of the invoice's change at a system."""
    return next(row for row in report.rows if row.change.target.system == system and sold["number"] in row.change.name)


def reads(office: Office, sold: dict[str, Any]) -> int:
    """How often Stripe was asked for this invoice by its id."""
    path = f"/v1/invoices/{sold['id']}"
    return sum(entry["method"] == "GET" and entry["path"] == path for entry in office.sandboxes["stripe"].log)


def test_an_invoice_voided_after_the_plan_is_not_booked_what_waits_for_it_is_held_and_all_others_go_on(
    office: Office,
) -> None:
    voided, kept = office.sell("INV-1"), office.sell("INV-2", customer=1)
    plan = office.plan()
    office.clock.advance(3 * 3600)
    void(office, voided)
    report = apply(office, plan)
    stale = of(report, voided, "quickbooks")
    assert (str(stale.state), stale.fix, report.exit_code) == ("conflict", "plan again", 5)
    assert stale.message == f"stripe:invoice:{voided['id']} changed since the plan: it is void now"
    assert (len(office.booked("INV-1")), len(office.booked("INV-2"))) == (0, 1)
    assert str(of(report, kept, "quickbooks").state) == "applied"
    held = [row.message for row in report.rows if str(row.state) == "held"]
    assert held
    assert all("changed since the plan: it is void now" in message for message in held)
    assert "quickbooks_invoice_number" not in office.deal_of(voided)


def test_a_resume_does_not_write_what_moved_and_the_next_plan_decides_anew(office: Office) -> None:
    voided = office.sell("INV-1")
    plan = office.plan()
    void(office, voided)
    first = apply(office, plan)
    office.reopen()
    run.resume(office.project, first.run.id)
    assert office.booked("INV-1") == []
    assert not any(change.name == "INV-1" for change in office.plan().changes)


def test_an_amount_that_moved_is_not_booked_and_what_the_mapping_does_not_read_is_no_matter(office: Office) -> None:
    dearer, paid = office.sell("INV-1"), office.sell("INV-2", customer=1)
    plan = office.plan()
    held = vendor(office, "stripe").store.things["invoice"]
    held[dearer["id"]] |= {"total": 20_000, "amount_due": 20_000}
    held[paid["id"]]["attempt_count"] = 3
    report = apply(office, plan)
    assert of(report, dearer, "quickbooks").message.endswith("changed since the plan: TotalAmt moved")
    assert (len(office.booked("INV-1")), len(office.booked("INV-2"))) == (0, 1)


def test_a_source_is_read_once_by_an_apply_and_never_by_the_run_that_pulled_it(office: Office) -> None:
    sold = office.sell("INV-1")
    office.reconcile()
    # Stripe's own record is read right before it is written, and by the canary after; the source on its own, never.
    assert (len(office.booked("INV-1")), reads(office, sold)) == (1, 2)
    sold = office.sell("INV-2")
    plan = office.plan()
    assert apply(office, plan).exit_code == 0
    assert reads(office, sold) == 3  # the same, and the source before the first write


class Moving:
    """Sources of which these (id) moved."""

    def __init__(self, *moved: str) -> None:
        self.ids = moved

    def due(self, _ref: Ref) -> bool:
        return True

    def moved(self, change: Change, _before: Record | None, now: Record | None) -> str:
        return "it moved" if now is not None and now.ref.id in self.ids else ""


def test_sources_of_one_kind_are_read_together_and_one_that_moved_ends_all_its_changes() -> None:
    desk = Desk()
    people = [Ref("crm", "contact", desk.vendor("crm").seed("contact", note=name)) for name in ("Ana", "Bo", "Cy")]
    made = [replace(create("pay", "credit", f"c{ref.id}"), source=ref) for ref in people]
    first = replace(create("books", "customer", "later", made[2]), source=people[0])
    asked = desk.connector("crm").reads
    means = replace(desk.means(), sources=Moving(people[0].id))
    assert states(push(desk.plan(*made, first), means)) == ["conflict", "applied", "applied", "conflict"]
    assert desk.connector("crm").reads == asked + 1
    assert len(desk.vendor("pay").log) == 2


def test_a_write_of_two_mappings_is_not_sent_when_the_second_ones_source_moved() -> None:
    desk = Desk()
    people = [Ref("crm", "contact", desk.vendor("crm").seed("contact", note=name)) for name in ("Ana", "Bo")]
    first, second = (replace(create("pay", "credit", f"c{ref.id}"), source=ref) for ref in people)
    both = joined(first, replace(second, mapping="others"))
    assert both.sources == (("credits", people[0]), ("others", people[1]))
    alone = replace(create("books", "customer", "alone"), source=people[1])
    kept = replace(create("books", "customer", "kept"), source=people[0])
    means = replace(desk.means(), sources=Moving(people[1].id))
    assert states(push(desk.plan(both, alone, kept), means)) == ["conflict", "conflict", "applied"]
    assert desk.vendor("pay").log == []


def test_a_person_who_thinks_for_long_before_the_yes_does_not_book_what_was_voided_meanwhile(office: Office) -> None:
    sold = office.sell("INV-1")

    def after_lunch(_plan: Plan) -> bool:
        office.clock.advance(3600)
        void(office, sold)
        return True

    report = office.reconcile(confirm=after_lunch)
    assert report.exit_code == 5
    assert office.booked("INV-1") == []


def test_while_the_system_of_a_source_is_down_nothing_is_written_from_it_and_a_resume_goes_on(office: Office) -> None:
    sold = office.sell("INV-1")
    plan = office.plan()
    office.fault("stripe", fault="500 before", method="GET", path=f"/v1/invoices/{sold['id']}", times=20)
    report = apply(office, plan)
    assert (report.exit_code, office.booked("INV-1")) == (1, [])
    assert of(report, sold, "quickbooks").stop == "unavailable"
    office.sandboxes["stripe"].faults.clear()
    assert run.resume(office.project, report.run.id).exit_code == 0
    assert len(office.booked("INV-1")) == 1
    assert hints(office.reconcile().findings) == []
