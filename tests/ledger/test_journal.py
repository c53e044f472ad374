"""The journal: states and their moves, one open write per intent, plans used once, runs, the lock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from push_desk import Desk, create, states, update
from syncctl.errors import LedgerError, LockedError, StalePlanError, UsageError
from syncctl.ledger.lock import locked
from syncctl.ledger.operation import Detail, Operation
from syncctl.ledger.states import MOVES, OPEN, State
from syncctl.model import Plan, Ref
from syncctl.planfile import sealed
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def desk() -> Desk:
    return Desk()


def begun(desk: Desk, *names: str) -> tuple[Plan, tuple[Operation, ...]]:
    plan = desk.plan(*(create("books", "customer", name) for name in names))
    means = desk.means()
    desk.journal.begin(plan, means.run, means.ids)
    return plan, desk.journal.operations.of_plan(plan.id)


def moved(desk: Desk, operation: Operation, *way: State, detail: Detail = Detail()) -> Operation:  # noqa: B008
    for state in way:
        with desk.journal.write() as db:
            desk.journal.operations.move(db, "run", operation, state, detail)
        operation = desk.journal.operations.get(operation.id)
    return operation


WAYS = {
    State.PLANNED: (),
    State.HELD: (State.HELD,),
    State.SENDING: (State.SENDING,),
    State.UNKNOWN: (State.SENDING, State.UNKNOWN),
    State.REVIEW: (State.SENDING, State.REVIEW),
    State.APPLIED: (State.SENDING, State.APPLIED),
    State.REJECTED: (State.SENDING, State.REJECTED),
    State.CONFLICT: (State.SENDING, State.CONFLICT),
    State.LAPSED: (State.LAPSED,),
}


@pytest.mark.parametrize("start", State)
def test_only_the_moves_of_the_table_are_possible(desk: Desk, start: State) -> None:
    _, operations = begun(desk, *map(str, range(len(State))))
    for to, operation in zip(State, operations, strict=True):
        here = moved(desk, operation, *WAYS[start])
        if to in MOVES[start]:
            assert moved(desk, here, to).state is to
        else:
            with pytest.raises(LedgerError, match="cannot go from"):
                moved(desk, here, to)


def test_the_table_knows_every_state_and_never_goes_back_to_planned_once_unknown() -> None:
    assert set(MOVES) == set(State)
    assert State.PLANNED not in MOVES[State.UNKNOWN]
    assert all(not MOVES[end] for end in (State.CONFLICT, State.LAPSED))
    assert MOVES[State.APPLIED] == {State.REVIEW}  # a create that the vendor never showed


def test_a_row_that_moved_meanwhile_is_not_moved_again(desk: Desk) -> None:
    _, (operation,) = begun(desk, "a")
    moved(desk, operation, State.SENDING)
    with pytest.raises(LedgerError, match="planned no more"):
        moved(desk, operation, State.HELD)


@pytest.mark.parametrize(("first", "second"), list(product(sorted(OPEN), sorted(OPEN))))
def test_one_write_per_intent_may_be_open_across_plans(desk: Desk, first: State, second: State) -> None:
    _, (one,) = begun(desk, "a")
    moved(desk, one, *WAYS[first])
    _, (other,) = begun(desk, "a")
    with pytest.raises(LedgerError, match="is open already"):
        moved(desk, other, *WAYS[second])


def test_a_move_that_fails_leaves_no_trace(desk: Desk) -> None:
    _, (one,) = begun(desk, "a")
    moved(desk, one, State.SENDING)
    _, (other,) = begun(desk, "a")
    events = desk.engine.db.execute("SELECT count(*) FROM audit").fetchone()
    with pytest.raises(LedgerError):
        moved(desk, other, State.SENDING)
    assert desk.engine.db.execute("SELECT count(*) FROM audit").fetchone() == events
    assert desk.journal.operations.get(other.id).state is State.PLANNED


def test_what_a_move_says_is_kept(desk: Desk) -> None:
    _, (operation,) = begun(desk, "a")
    ref = Ref("books", "customer", "7:8")
    detail = Detail(ref=ref, read_back=True, generation=3, base=b"{}", code="6240", message="m", fix="f", body="b")
    found = moved(desk, operation, State.SENDING, State.APPLIED, detail=detail)
    kept = (found.ref, found.read_back, found.generation, found.base, found.code, found.message, found.fix, found.body)
    assert kept == (ref, True, 3, b"{}", "6240", "m", "f", "b")
    assert desk.journal.operations.applied_creates(operation.plan) == {operation.change.target: ref}


def test_two_changes_with_one_intent_are_no_plan(desk: Desk) -> None:
    with pytest.raises(LedgerError, match="two changes with one intent"):
        begun(desk, "a", "a")
    assert desk.journal.operations.in_states(State) == ()


# --- plans ----------------------------------------------------------------------------------------------------------


def test_a_saved_plan_comes_back_as_it_was(desk: Desk) -> None:
    plan = desk.plan(create("books", "customer", "a"))
    assert desk.journal.plans.load(plan.id) == plan
    assert desk.journal.plans.latest() == plan.id
    assert plan.digest


def test_a_plan_that_was_edited_in_the_ledger_is_refused(desk: Desk) -> None:
    plan = desk.plan(create("books", "customer", "a", number="100"))
    desk.engine.db.execute("UPDATE plans SET body = replace(body, '\"100\"', '\"900\"')")
    with pytest.raises(StalePlanError, match="edited"):
        desk.journal.plans.load(plan.id)


def test_only_the_saved_plan_can_be_used(desk: Desk) -> None:
    from dataclasses import replace

    plan = desk.plan(create("books", "customer", "a"))
    means = desk.means()
    other = sealed(replace(plan, changes=(create("books", "customer", "b"),)))
    for wrong in (
        other,
        replace(plan, id="plan-x"),
        replace(plan, lineage="elsewhere"),
        replace(other, digest=plan.digest),
    ):
        with pytest.raises(StalePlanError):
            desk.journal.begin(wrong, means.run, means.ids)
    desk.journal.begin(plan, means.run, means.ids)
    assert desk.journal.plans.used_by(plan.id) == means.run
    with pytest.raises(StalePlanError, match="was used by run"):
        desk.journal.begin(plan, means.run, means.ids)


def test_a_run_that_applied_nothing_cannot_be_resumed(desk: Desk) -> None:
    with pytest.raises(UsageError, match="applied no plan"):
        desk.journal.resume(desk.means().run, desk.means().run)


# --- people ---------------------------------------------------------------------------------------------------------


def test_only_a_review_can_be_settled_and_a_created_record_must_be_named(desk: Desk) -> None:
    _, (operation, other) = begun(desk, "a", "b")
    with pytest.raises(UsageError, match="only one in review"):
        desk.journal.settle(operation.id, State.APPLIED, "run", "why")
    moved(desk, operation, *WAYS[State.REVIEW])
    with pytest.raises(UsageError, match="created a record"):
        desk.journal.settle(operation.id, State.APPLIED, "run", "why")
    ref = Ref("books", "customer", "7")
    assert desk.journal.settle(operation.id, State.APPLIED, "run", "Ann looked", ref=ref).ref == ref
    moved(desk, other, *WAYS[State.REVIEW])
    assert desk.journal.settle(other.id, State.LAPSED, "run", "it is not there").state is State.LAPSED
    events = [row[0] for row in desk.engine.db.execute("SELECT event FROM audit")]
    assert events.count("operation.settled") == 2
    assert desk.journal.verify() is None


def test_a_refused_change_can_be_released_and_says_so_in_the_chain(desk: Desk) -> None:
    (result,) = desk.push(create("books", "customer", "a", amount=-1))
    assert desk.journal.rejected_fingerprint(result.change.intent)
    desk.journal.release(result.operation, "run")
    assert desk.journal.rejected_fingerprint(result.change.intent) == ""
    with pytest.raises(UsageError, match="only a rejected one"):
        desk.journal.release(result.operation, "run")


# --- runs -----------------------------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first_and_one_without_end_was_cut_short(desk: Desk) -> None:
    desk.journal.runs.start("run-1", "pull")
    desk.clock.advance(60)
    desk.journal.runs.start("run-2", "reconcile")
    done = desk.journal.runs.finish("run-1", "applied", 0, {"applied": 3})
    assert (done.exit_code, done.counts, done.outcome) == (0, {"applied": 3}, "applied")
    listed = desk.journal.runs.list()
    assert [(run.id, bool(run.finished_at)) for run in listed] == [("run-2", False), ("run-1", True)]
    with pytest.raises(UsageError, match="there is no run"):
        desk.journal.runs.show("run-9")


def test_an_override_is_an_event(desk: Desk) -> None:
    desk.journal.runs.note("run-1", "guard.overridden", {"guard": "--max-changes 200"})
    row = desk.engine.db.execute("SELECT run, event, body FROM audit").fetchone()
    assert row == ("run-1", "guard.overridden", json.dumps({"guard": "--max-changes 200"}, separators=(",", ":")))


def test_requests_hold_the_exact_bytes_and_when(desk: Desk) -> None:
    ref = Ref("books", "customer", desk.vendor("books").seed("customer", number="1"))
    desk.pull()
    assert states(desk.push(update(ref, number=("1", "2")))) == ["applied"]
    (operation,) = desk.journal.operations.in_states({State.APPLIED})
    sent = desk.journal.requests.last_of(operation.id)
    assert sent is not None
    assert sent.request.rows == (operation.id,)
    assert json.loads(sent.request.body)["rows"][0]["fields"] == {"number": "2"}
    assert (sent.sends, sent.status, sent.first_sent_at) == (1, 200, desk.clock.now())


# --- lock -----------------------------------------------------------------------------------------------------------


def test_a16_two_runs_at_once_the_second_refuses_and_names_the_first(tmp_path: Path, clock: FakeClock) -> None:
    ledger = tmp_path / "ledger.db"
    holder = rf"run run-1, process {os.getpid()} on .*, since 2026-11-20"
    with locked(ledger, "run-1", clock), pytest.raises(LockedError, match=holder) as caught:
        locked(ledger, "run-2", clock).__enter__()
    assert caught.value.exit_code == 7
    with locked(ledger, "run-3", clock):
        pass
    assert (tmp_path / "ledger.db.lock").stat().st_mode & 0o777 == 0o600


def test_the_lock_of_a_dead_process_is_gone(tmp_path: Path, clock: FakeClock) -> None:
    ledger = tmp_path / "ledger.db"
    script = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from syncctl.clock import SystemClock\nfrom syncctl.ledger.lock import locked\n"
        "with locked(Path(sys.argv[1]), 'run-1', SystemClock()):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(ledger)], check=False)
    assert ended.returncode == -9
    assert "run-1" in (tmp_path / "ledger.db.lock").read_text()
    with locked(ledger, "run-2", clock):
        pass


def test_two_names_of_one_ledger_have_one_lock(tmp_path: Path, clock: FakeClock) -> None:
    ledger, name = tmp_path / "ledger.db", tmp_path / "link.db"
    ledger.touch()
    name.symlink_to(ledger)
    with locked(ledger, "run-1", clock), pytest.raises(LockedError), locked(name, "run-2", clock):
        pass


def test_a_ledger_in_memory_needs_no_lock(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    entered = []
    with locked(None, "run-1", clock):
        entered.append("run-1")
        with locked(None, "run-2", clock):
            entered.append("run-2")
    assert entered == ["run-1", "run-2"]
    assert list(tmp_path.iterdir()) == []
