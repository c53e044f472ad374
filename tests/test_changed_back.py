"""What is changed back at a vendor night after night is not written for ever: it is told, with the days."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from deeds import bill, settled_office
from office import Office
from syncctl import run
from syncctl.errors import UsageError
from syncctl.ledger import audit
from syncctl.model import Finding
from syncctl.run.releasing import match_release
from syncctl.run.restoring import verify_ledger
from syncctl.run.review import findings_accept, match_decide
from syncctl.sandbox.stripe.changes import update

MAIL, DUE, LINES = "BillEmail.Address", "DueDate", "Line(DetailType=SalesItemLineDetail)"
THEIRS = "ar@o-brien.example"
ENTRY = "  - {left: {first: [due_date, effective_at]}, right: DueDate, owner: left}\n"
DUES = f"""mapping: dues
left: stripe.invoice
right: quickbooks.Invoice
match: [{{left: number, right: DocNumber}}]
fields:
{ENTRY}"""


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        found.without_canary()
        found.sell(deal=False)
        found.reconcile()
        yield found


def night(office: Office, theirs: str = THEIRS, days: int = 0, **more: Any) -> list[str]:
    """The fields that a night writes, after a workflow has set the e-mail of an invoice again during the day; before
    that it let it be for so many days."""
    office.clock.advance(days * 24 * 3600)
    (booked,) = office.booked("INV-9001")
    office.amend("Invoice", booked, BillEmail={"Address": theirs}, **more)
    office.clock.advance(24 * 3600)
    report = office.reconcile()
    return [edit.field for change in report.plan.changes for edit in change.edits]


def told(office: Office) -> Finding:
    (finding,) = run.diff(office.project).findings
    return finding


def released(office: Office) -> str:
    finding = told(office)
    assert finding.left is not None
    assert finding.right is not None
    return match_release(office.project, "invoices", finding.left, finding.right)[0].verdict


def test_c48_a_value_that_is_changed_back_is_written_three_times_then_told_with_days_values_and_ways_out(
    office: Office,
) -> None:
    assert [night(office) for _ in range(4)] == [[MAIL], [MAIL], [MAIL], []]
    finding = told(office)
    ours = office.records("stripe", "customer")[office.customers("usd")[0]["id"]]["email"]
    assert finding.hint == (
        f"{MAIL}: changed back in quickbooks 3 times: we wrote {ours} and found {THEIRS} again each time (written"
        " 2026-11-21, 2026-11-22, 2026-11-23). It is not sent again until one of the two values moves: look in"
        " quickbooks for a workflow or an integration that sets it, let quickbooks lead (`owner: right`), or try again:"
        f" `syncctl match release invoices {finding.left} {finding.right}`"
    )
    # What else differs in the record is written all the same, and the finding stays.
    assert night(office, DueDate="2027-03-01") == [DUE]
    assert told(office).hint == finding.hint
    # A person's word starts anew, only once, and takes no other word back.
    assert finding.left is not None
    assert finding.right is not None
    match_decide(office.project, "invoices", finding.left, finding.right, "confirm")
    assert [released(office), released(office)] == ["not sent again", "confirm"]
    event = audit.last_of(office.project.engine.db, "unkept.released")
    assert event is not None
    assert (json.loads(event.body)["fields"], len(json.loads(event.body)["rows"]["operations"])) == ([MAIL], 3)
    with pytest.raises(UsageError, match="nobody has decided"):
        released(office)
    assert [night(office) for _ in range(4)] == [[MAIL], [MAIL], [MAIL], []]
    findings_accept(office.project, told(office).number, "their clerk's address")
    assert office.reconcile().exit_code == 0
    assert verify_ledger(office.project.settings, office.clock).broken == ()


def test_c48_another_value_on_either_side_is_written_and_a_correction_there_ends_it(office: Office) -> None:
    assert night(office) == [MAIL]
    # What another write of the same day finds, while ours is there, does not count.
    (booked,) = office.booked("INV-9001")
    office.amend("Invoice", booked, DueDate="2027-03-01")
    office.reconcile()
    assert [night(office) for _ in range(3)] == [[MAIL], [MAIL], []]
    # Left alone it stays, however long; once it was kept for more than 30 days, the same mistake is a new one.
    assert night(office, days=40) == []
    office.amend("Invoice", office.booked("INV-9001")[0], BillEmail={"Address": office.customers("usd")[0]["email"]})
    office.reconcile()
    assert [night(office, days=days) for days in (0, 0, 31, 0)] == [[MAIL]] * 4
    assert night(office, "somebody@else.example") == [MAIL]
    assert night(office) == [MAIL]
    office.reconcile()
    assert run.diff(office.project).findings == ()
    # What will be written again is not left alone: a release is about what was decided.
    office.amend("Invoice", office.booked("INV-9001")[0], BillEmail={"Address": THEIRS})
    run.pull(office.project)
    finding = told(office)
    assert finding.left is not None
    assert finding.right is not None
    match_decide(office.project, "invoices", finding.left, finding.right, "confirm")
    assert released(office) == "confirm"


def test_how_often_is_a_setting_and_writes_joined_with_those_of_another_mapping_count(office: Office) -> None:
    path = office.folder / "syncctl.yaml"
    path.write_text(path.read_text().replace("guards: {", "guards: {tries: 2, "))
    (office.folder / "mappings" / "dues.yaml").write_text(DUES)
    office.edit("invoices", ENTRY, "")
    line, *rest = office.booked("INV-9001")[0]["Line"]
    theirs = [{**line, "Description": "Beratung"}, *rest]
    found = [night(office, DueDate=f"2027-03-0{day}", Line=theirs) for day in (1, 2, 3)]
    assert found == [[DUE, MAIL, LINES, LINES], [DUE, MAIL, LINES, LINES], [DUE]]
    assert ["changed back in quickbooks 2 times" in one.hint for one in run.diff(office.project).findings] == [True] * 2


def test_a_line_that_the_source_has_once_more_or_takes_away_itself_was_not_changed_back(office: Office) -> None:
    path = office.folder / "syncctl.yaml"
    path.write_text(path.read_text().replace("guards: {", "guards: {tries: 1, "))
    office.reopen()
    store = office.sandboxes["stripe"].vendor.store
    (sold,) = (one for one in store.things["invoice"].values() if one["number"] == "INV-9001")
    (line,) = sold["lines"]["data"]
    for count in (2, 3, 2, 3, 2):
        lines = [{**line, "id": f"il_{place}"} for place in range(count)]
        total = count * line["amount"]
        same = dict.fromkeys(("total", "subtotal", "amount_due", "amount_remaining"), total)
        update(store, sold, {**same, "lines": {**sold["lines"], "data": lines}}, "invoice.updated")
        office.clock.advance(24 * 3600)
        assert office.reconcile().exit_code == 0
        assert float(office.booked("INV-9001")[0]["TotalAmt"]) == total / 100


def test_several_lines_that_are_taken_off_together_night_after_night_are_left_alone(office: Office) -> None:
    path = office.folder / "syncctl.yaml"
    path.write_text(path.read_text().replace("guards: {", "guards: {tries: 1, "))
    office.reopen()
    bill(office, office.customers("usd")[0], "INV-9002", ("Travel", 5000), ("Food", 3000), ("Room", 9000))
    office.reconcile()
    found = []
    for _ in range(2):
        (booked,) = office.booked("INV-9002")
        office.amend("Invoice", booked, Line=booked["Line"][:1])
        office.clock.advance(24 * 3600)
        found.append([edit.field for change in office.reconcile().plan.changes for edit in change.edits])
    assert found == [[LINES, LINES], []]
    assert "changed back in quickbooks once:" in told(office).hint


def test_what_was_as_wanted_when_it_was_to_be_written_is_no_write_of_ours(office: Office) -> None:
    path = office.folder / "syncctl.yaml"
    path.write_text(path.read_text().replace("guards: {", "guards: {tries: 1, "))
    office.reopen()
    (booked,) = office.booked("INV-9001")
    office.amend("Invoice", booked, BillEmail={"Address": THEIRS})

    def correct(_plan: object) -> bool:
        """A person sets it right while another one looks at the dry run."""
        return bool(office.amend("Invoice", office.booked("INV-9001")[0], BillEmail=booked["BillEmail"]))

    _, writes = office.count_writes(lambda: office.reconcile(confirm=correct))
    assert set(writes.values()) == {0}
    assert night(office) == [MAIL]
