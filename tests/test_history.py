"""Looking back: what a run is called, what a resume did, which writes still wait, and a person's word about one."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deeds import bill, by_hand, join, settled_office
from office import Office
from syncctl import run
from syncctl.errors import Interrupted, LockedError, NotHere, StalePlanError, UsageError
from syncctl.ledger.lock import locked, running_now
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import State
from syncctl.model import Ref
from syncctl.report.page import console_for, print_page
from syncctl.report.runs import runs_report
from syncctl.run.history import OpenWrites, PastRun, ops_list, runs_list, runs_show
from syncctl.run.settling import retry, settle


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def newest(office: Office) -> PastRun:
    return runs_list(office.project)[0]


def ended(office: Office) -> tuple[str, int | None, bool]:
    """How the newest run is listed."""
    past = newest(office)
    return past.run.outcome, past.run.exit_code, past.resumable


COLON = "North: West Ltd"
"""QuickBooks takes no colon in a name."""


def refused_sale(office: Office) -> dict[str, Any]:
    """A sale to a new customer whom QuickBooks refuses for the name; the invoice waits, and the deal for that."""
    who = join(office, COLON)
    deal = office.deal(12_500)
    bill(office, who, "INV-9001", ("Design", 12_500), metadata={"hubspot_deal_id": deal["id"]})
    assert office.reconcile().exit_code == 5
    return who


def mend(office: Office, customer: dict[str, Any]) -> None:
    """What sales does about it."""
    office.clock.advance(60)
    by_hand(office, "stripe", f"/v1/customers/{customer['id']}", {"name": "North West Ltd"})
    run.pull(office.project)


def names(found: tuple[Operation, ...], state: State) -> list[str]:
    return [one.change.name for one in found if one.state is state]


# --- runs -----------------------------------------------------------------------------------------------------------


def test_a_plan_is_listed_with_the_code_the_shell_got(office: Office) -> None:
    run.pull(office.project)
    run.plan(office.project)
    assert ended(office) == ("in sync", 0, False)
    office.sell()
    office.plan()
    assert ended(office) == ("planned", 2, False)
    assert office.reconcile(dry_run=True).exit_code == 2
    assert ended(office) == ("planned", 2, False)


def test_a_run_that_a_signal_ended_is_interrupted_and_can_be_resumed(office: Office) -> None:
    office.sell()
    before = len(office.writes("quickbooks"))
    report = office.reconcile(stop=lambda: 143 if len(office.writes("quickbooks")) > before else 0)
    assert report.exit_code == 143
    assert ended(office) == ("interrupted", 143, True)
    assert run.resume(office.project, report.run.id).exit_code == 0
    assert ended(office) == ("applied", 0, False)


def test_a_signal_while_pulling_is_written_down_as_an_interruption(office: Office) -> None:
    def stop_there(event: str, _facts: dict[str, Any]) -> None:
        if event == "pull":
            raise Interrupted(2)

    with pytest.raises(Interrupted):
        office.reconcile(progress=stop_there)
    assert ended(office) == ("interrupted", 130, False)


def test_a_run_without_an_end_is_running_while_its_process_holds_the_ledger_and_interrupted_after(
    office: Office,
) -> None:
    office.project.journal.runs.start("night-7", "reconcile")
    with locked(office.project.settings.ledger, "night-7", office.clock):
        assert newest(office).run.outcome == "running"
        assert runs_show(office.project, "night-7").past.run.outcome == "running"
    assert newest(office).run.outcome == "interrupted"
    assert runs_show(office.project, "night-7").past.run.outcome == "interrupted"


def test_a_lock_that_a_dead_process_left_is_nobodys(tmp_path: Path) -> None:
    lock = tmp_path / "ledger.db.lock"
    assert running_now(tmp_path / "ledger.db") == ""
    lock.write_text(json.dumps({"run": "dead", "pid": 2**31 - 2, "host": socket.gethostname()}))
    assert running_now(tmp_path / "ledger.db") == ""
    lock.write_text(json.dumps({"run": "there", "pid": 1, "host": "another machine"}))
    assert running_now(tmp_path / "ledger.db") == "there"
    assert running_now(None) == ""


def test_an_unknown_run_names_the_nearest(office: Office) -> None:
    made = office.reconcile(dry_run=True).run.id
    for look in (runs_show, run.resume):
        with pytest.raises(UsageError) as caught:
            look(office.project, made[:-1])  # type: ignore[operator]
        assert caught.value.fix.startswith(f"did you mean {made} or ")


# --- resume ---------------------------------------------------------------------------------------------------------


def test_a_second_resume_writes_nothing_and_calls_everything_earlier(office: Office) -> None:
    office.sell()
    before = len(office.writes("quickbooks"))
    cut = office.reconcile(stop=lambda: 130 if len(office.writes("quickbooks")) > before else 0)
    assert cut.applied is not None
    first = run.resume(office.project, cut.run.id)
    done = {row.operation for row in cut.applied.rows if row.state is State.APPLIED}
    assert {row.operation for row in first.earlier} == done
    assert not done & {row.operation for row in first.rows}
    second, writes = office.count_writes(lambda: run.resume(office.project, cut.run.id))
    assert set(writes.values()) == {0}
    assert (second.rows, second.exit_code) == ((), 0)
    assert {row.operation for row in second.earlier} == {row.operation for row in cut.applied.rows}


def test_a_resume_with_only_refused_and_held_rows_left_continues_nothing_and_says_5(office: Office) -> None:
    refused_sale(office)
    past = newest(office)
    assert not past.resumable
    report, writes = office.count_writes(lambda: run.resume(office.project, past.run.id))
    assert set(writes.values()) == {0}
    assert (report.rows, report.exit_code) == ((), 5)
    assert {State.REJECTED, State.HELD} <= {row.state for row in report.earlier}


def test_what_another_plan_took_over_is_not_resumed(office: Office) -> None:
    office.sell()
    cut = office.reconcile(stop=lambda: 130 if office.writes("quickbooks") else 0)
    office.sell("INV-9002")
    office.reconcile()
    with pytest.raises(StalePlanError, match="another plan was applied"):
        run.resume(office.project, cut.run.id)


def test_a_resume_is_offered_only_where_it_would_not_be_refused(office: Office) -> None:
    office.sell()
    before = len(office.writes("quickbooks"))
    cut = office.reconcile(stop=lambda: 130 if len(office.writes("quickbooks")) > before else 0)
    assert (newest(office).resumable, newest(office).stale) == (True, "")
    office.sell("INV-9002")
    run.pull(office.project)
    listed = next(past for past in runs_list(office.project) if past.run.id == cut.run.id)
    assert not listed.resumable
    with pytest.raises(StalePlanError) as caught:
        run.resume(office.project, cut.run.id)
    assert listed.stale == runs_show(office.project, cut.run.id).past.stale
    assert caught.value.message == f"nothing more of run {cut.run.id} can be sent: {listed.stale}"
    page = io.StringIO()
    print_page(console_for(page, width=80), runs_report([listed]).show(80))
    assert "runs resume" not in page.getvalue()
    assert "syncctl reconcile   plan anew" in page.getvalue()


def test_a_run_that_wrote_nothing_is_not_resumed_and_leaves_no_run_behind(office: Office) -> None:
    made = office.reconcile(dry_run=True).run.id
    with pytest.raises(UsageError, match="wrote nothing"):
        run.resume(office.project, made)
    assert newest(office).run.id == made


# --- one at a time --------------------------------------------------------------------------------------------------


def test_a_plan_is_not_made_while_another_run_holds_the_ledger(office: Office) -> None:
    office.sell()
    run.pull(office.project)
    before = office.project.journal.plans.known()
    with locked(office.project.settings.ledger, "other-run", office.clock):
        with pytest.raises(LockedError, match="other-run"):
            run.plan(office.project)
        assert office.project.journal.plans.known() == before
    assert run.plan(office.project).changes


def test_a_ledger_that_another_process_writes_to_says_so(office: Office) -> None:
    from syncctl.ledger.engine import open_engine

    run.pull(office.project)
    other = open_engine(office.project.settings.ledger)
    office.project.engine.db.execute("PRAGMA busy_timeout = 0")
    with other.write(), pytest.raises(LockedError, match="another process is writing"):
        run.diff(office.project)
    other.close()


# --- open writes ----------------------------------------------------------------------------------------------------


def test_a_refusal_is_open_with_what_waits_for_it_until_what_it_rests_on_changes(office: Office) -> None:
    customer = refused_sale(office)
    found = ops_list(office.project)
    assert names(found.open, State.REJECTED) == [COLON]
    assert "INV-9001" in names(found.open, State.HELD)
    assert office.reconcile().applied is None
    assert ops_list(office.project).open == found.open
    mend(office, customer)
    assert names(ops_list(office.project).open, State.REJECTED) == []
    assert names(ops_list(office.project, everything=True).history, State.REJECTED) == [COLON]


def test_a_refusal_is_history_once_the_change_was_written(office: Office) -> None:
    mend(office, refused_sale(office))
    office.reconcile()
    assert len(office.booked("INV-9001")) == 1
    assert ops_list(office.project) == OpenWrites(())
    everything = ops_list(office.project, everything=True)
    assert (everything.open, names(everything.history, State.REJECTED)) == ((), [COLON])
    (refused,) = (one for one in everything.history if one.state is State.REJECTED)
    with pytest.raises(UsageError, match=f"and run {newest(office).run.id} has written the record since"):
        retry(office.project, refused.id)


def test_retry_is_for_refused_writes_only_and_is_a_run_of_its_own(office: Office) -> None:
    refused_sale(office)
    (refused,) = (one for one in ops_list(office.project).open if one.state is State.REJECTED)
    with pytest.raises(UsageError, match="no refused write"):
        retry(office.project, "nothing")
    assert COLON not in [change.name for change in office.plan().changes]
    assert retry(office.project, refused.id).state is State.LAPSED
    assert newest(office).run.command == "ops retry"
    assert COLON in [change.name for change in office.plan().changes]
    with pytest.raises(UsageError):
        retry(office.project, refused.id)


def in_review(office: Office) -> Operation:
    """A refused sale of which we suddenly do not know what became."""
    refused_sale(office)
    db = office.project.engine.db
    db.execute("UPDATE operations SET state = 'review' WHERE state = 'rejected'")
    (found,) = (one for one in ops_list(office.project).open if one.state is State.REVIEW)
    return found


@pytest.mark.parametrize(
    ("verdict", "planned_again"), [("never", True), ("refused", False)], ids=["never happened", "was refused"]
)
def test_a_person_ends_a_review(office: Office, verdict: str, planned_again: bool) -> None:
    review = in_review(office)
    assert COLON not in [change.name for change in office.plan().changes]
    settle(office.project, review.id, verdict, "looked at QuickBooks")
    word = {"never": "is left to the next plan", "refused": "was refused"}[verdict]
    for one in waiting_for(office, review):
        assert one.message == f"waits for {COLON}, which {word}: settled by hand: looked at QuickBooks"
    assert (COLON in [change.name for change in office.plan().changes]) is planned_again


def test_a_write_that_was_there_is_settled_with_its_record(office: Office) -> None:
    review = in_review(office)
    waits = waiting_for(office, review)
    with pytest.raises(UsageError, match="which record was made"):
        settle(office.project, review.id, "written", "found it")
    with pytest.raises(UsageError, match="is no quickbooks Customer"):
        settle(office.project, review.id, "written", "found it", record=Ref("quickbooks", "Invoice", "1"))
    with pytest.raises(NotHere, match="quickbooks shows no Customer 99999"):
        settle(office.project, review.id, "written", "found it", record=Ref("quickbooks", "Customer", "99999"))
    made = Ref("quickbooks", "Customer", office.seed("quickbooks", "Customer", {"DisplayName": "Found by hand"})["Id"])
    assert settle(office.project, review.id, "written", "found it", record=made).ref == made
    assert made in office.project.records.unread()
    assert {one.state for one in office.project.journal.operations.again(waits)} == {State.PLANNED}


def waiting_for(office: Office, parent: Operation) -> tuple[Operation, ...]:
    """The writes that are held because of another one; never none."""
    held = office.project.journal.operations.in_states({State.HELD})
    found = tuple(one for one in held if parent.intent in one.change.parents)
    assert found
    return found


@pytest.mark.parametrize(("verdict", "note"), [("writen", "x"), ("never", " ")])
def test_a_review_ends_only_with_a_verdict_and_a_note(office: Office, verdict: str, note: str) -> None:
    review = in_review(office)
    with pytest.raises(UsageError) as caught:
        settle(office.project, review.id, verdict, note)
    assert caught.value.fix
    assert review in ops_list(office.project).open
