"""Writes without a clear answer: looked for, replayed while the key is remembered, else waited for; never doubled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from push_desk import Desk, create, known_later, states, update
from syncctl.ledger.states import State
from syncctl.model import Action, Ref
from syncctl.push import exit_code, push, resolve_open, resume
from syncctl.push.telling import UNDECIDED, way_on, way_to_resume


class Died(BaseException):
    """The process is gone; no handler may see it."""


@pytest.fixture
def desk() -> Desk:
    return Desk()


def dying_at(point: str) -> Desk:
    """A desk whose first run dies the first time it comes there."""
    desk = Desk()
    left = [point]

    def reach(name: str) -> None:
        if left == [name]:
            left.clear()
            raise Died

    desk.reach = reach
    return desk


# --- lost answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["books", "pay", "plain"])
@pytest.mark.parametrize("fault", ["lost", "drop", "late:40", "500 before", "500 after"])
def test_a1_one_record_whatever_happens_to_the_answer(desk: Desk, system: str, fault: str) -> None:
    kind = {"books": "customer", "pay": "credit", "plain": "memo"}[system]
    desk.vendor(system).faults = [fault]
    assert states(desk.push(create(system, kind, "one"))) == ["applied"]
    desk.clock.advance(3600)
    assert len(desk.vendor(system).of_kind(kind)) == 1


def test_an_answer_that_was_lost_costs_one_look_and_no_wait(desk: Desk) -> None:
    desk.vendor("books").faults = ["lost"]
    desk.push(create("books", "customer", "one"))
    assert (desk.connector("books").reads, desk.vendor("books").requests, desk.clock.slept) == (1, 1, 0)


def test_a_request_that_never_arrived_is_replayed_with_the_same_bytes_and_key(desk: Desk) -> None:
    desk.vendor("books").faults = ["drop"]
    desk.push(create("books", "customer", "one"))
    rows = desk.engine.db.execute("SELECT key, sends FROM requests").fetchall()
    assert [row[1] for row in rows] == [2]
    assert desk.clock.slept == 0


def test_a_saved_server_error_is_not_replayed_but_looked_for_and_sent_under_the_next_key(desk: Desk) -> None:
    desk.vendor("pay").faults = ["500 before"]
    (result,) = desk.push(create("pay", "credit", "one"))
    rows = desk.engine.db.execute("SELECT key, sends FROM requests ORDER BY id").fetchall()
    assert result.state is State.APPLIED
    assert [row[1] for row in rows] == [1, 1]
    assert rows[0][0] != rows[1][0]
    assert desk.clock.slept > 120


def test_where_keys_are_not_remembered_absence_is_waited_for(desk: Desk) -> None:
    desk.vendor("plain").faults = ["late:100"]
    assert states(desk.push(create("plain", "memo", "one"))) == ["applied"]
    assert desk.vendor("plain").requests == 1


def test_a_send_that_took_long_is_waited_for_from_its_end(desk: Desk) -> None:
    plain = desk.vendor("plain")
    plain.before_write = lambda: desk.clock.advance(400)
    plain.faults = ["late:100"]
    assert states(desk.push(create("plain", "memo", "one"))) == ["applied"]
    assert plain.requests == 1


def test_a_request_may_be_on_its_way_for_as_long_as_it_can_be_kept_back(desk: Desk) -> None:
    desk.vendor("plain").faults = ["drop"]
    desk.vendor("plain").down = True
    began = desk.clock.now()
    (result,) = desk.push(create("plain", "memo", "one"))
    sent = desk.journal.requests.last_of(result.operation)
    assert sent is not None
    assert sent.window_end - began == timedelta(seconds=15 + 90 + 60)


def test_a_refusal_of_a_replay_says_nothing_about_the_first_send(desk: Desk) -> None:
    """The first request is still on its way when the vendor is too busy for the second."""
    desk.vendor("books").faults = ["late:100", "stop"]
    (result,) = desk.push(create("books", "customer", "one"))
    assert result.state is State.UNKNOWN
    desk.next_night()
    assert len(desk.vendor("books").of_kind("customer")) == 1
    assert desk.journal.open_intents() == {}


def test_dependents_go_on_in_the_same_run_once_the_parent_is_found(desk: Desk) -> None:
    desk.vendor("books").faults = ["lost"]
    parent = create("books", "customer", "one")
    child = create("pay", "credit", "two", parent, stage=known_later(parent.target))
    assert states(desk.push(parent, child)) == ["applied", "applied"]


def test_dependents_of_an_open_write_are_held(desk: Desk) -> None:
    desk.vendor("books").faults = ["drop"] * 9
    desk.vendor("books").down = True
    parent = create("books", "customer", "one")
    results = desk.push(parent, create("pay", "credit", "two", parent))
    assert states(results) == ["unknown", "held"]
    assert "may or may not have happened" in results[1].message
    assert (results[0].fix, "again later" in str(results)) == (UNDECIDED, False)
    assert exit_code(results) == 5


def test_what_waits_says_what_became_of_what_it_waits_for_since(desk: Desk) -> None:
    desk.vendor("plain").faults = ["drop"]
    desk.vendor("plain").down = True
    parent = create("plain", "memo", "one", amount=-1)
    child = create("pay", "credit", "two", parent)
    held = desk.push(parent, child, create("crm", "deal", "three", child))[1:]
    assert all("may or may not have happened" in one.message for one in held)
    desk.vendor("plain").down = False
    assert states(resolve_open(desk.means())) == ["rejected"]
    now = [desk.journal.operations.get(one.operation).message for one in held]
    assert now[0] == "waits for memo one, which was refused: amount must be positive"
    assert now[1] == f"waits for credit two, which is held itself: {now[0]}"


def test_what_only_a_person_can_mend_stands_before_what_happens_by_itself() -> None:
    assert way_on("try again later; a status page tells more") == f"a status page tells more. Then {UNDECIDED}"
    assert way_on("sign in: syncctl auth login books").startswith("sign in: syncctl auth login books. Then nothing to")
    assert way_to_resume("try again later", "r1").endswith("syncctl runs resume r1")
    assert way_to_resume("ask an admin", "r1") == "ask an admin"


# --- the next night -------------------------------------------------------------------------------------------------


def test_a2_a_key_that_the_vendor_forgot_is_not_used_again(desk: Desk) -> None:
    desk.vendor("books").faults = ["lost"]
    desk.vendor("books").down = True
    assert states(desk.push(create("books", "customer", "one"))) == ["unknown"]
    desk.vendor("books").down = False
    assert states(desk.next_night()) == ["applied"]
    assert desk.vendor("books").requests == 1


def test_a_dry_run_only_looks_at_open_writes(desk: Desk) -> None:
    desk.vendor("books").faults = ["lost", "drop"]
    desk.vendor("books").down = True
    desk.push(create("books", "customer", "one"), create("books", "customer", "two"))
    desk.vendor("books").down = False
    before = desk.vendor("books").requests
    assert states(resolve_open(desk.means(), look_only=True)) == ["applied", "unknown"]
    assert (desk.vendor("books").requests, desk.clock.slept) == (before, 0)


def test_what_never_happened_lapses_when_its_plan_is_too_old_to_be_sent(desk: Desk) -> None:
    desk.vendor("books").faults = ["drop"]
    desk.vendor("books").down = True
    change = create("books", "customer", "one")
    desk.push(change)
    desk.vendor("books").down = False
    desk.clock.advance(60)
    assert states(desk.next_night()) == ["lapsed"]
    assert desk.journal.open_intents() == {}
    assert states(desk.push(change)) == ["applied"]
    assert len(desk.vendor("books").of_kind("customer")) == 1


def test_a_replay_would_come_too_late_long_before_the_memory_ends(desk: Desk) -> None:
    """Xero remembers six minutes: a replay that might be kept back until after that must not go out."""
    desk.card("books", retention_seconds=360.0)
    desk.vendor("books").faults = ["drop"]
    desk.vendor("books").down = True
    desk.push(create("books", "customer", "one"))
    desk.vendor("books").down = False
    desk.clock.advance(200)
    desk.restart()
    assert states(resolve_open(desk.means())) == ["applied"]
    sends = [row[0] for row in desk.engine.db.execute("SELECT sends FROM requests")]
    assert sends == [1, 1]


def test_where_absence_is_never_proven_a_person_decides(desk: Desk) -> None:
    desk.card("plain", absence_seconds=None)
    desk.vendor("plain").faults = ["drop"]
    change = create("plain", "memo", "one")
    (result,) = desk.push(change)
    assert result.state is State.REVIEW
    assert "syncctl ops settle" in result.fix
    assert states(desk.push(change)) == ["held"]
    settled = desk.journal.settle(result.operation, State.LAPSED, desk.means().run, "not there, Ann looked")
    assert settled.state is State.LAPSED
    assert states(desk.push(change)) == ["applied"]


def test_while_the_key_is_remembered_an_undecided_write_is_left_to_the_next_run(desk: Desk) -> None:
    desk.card("books", absence_seconds=None)
    desk.vendor("books").faults = ["drop", "drop"]
    assert states(desk.push(create("books", "customer", "one"))) == ["unknown"]
    assert states(resolve_open(desk.means())) == ["applied"]
    assert desk.vendor("books").requests == 3


def test_the_same_key_with_other_bytes_goes_to_review(desk: Desk) -> None:
    change = create("books", "customer", "one")
    plan = desk.plan(change)
    means = desk.means()
    operation = "op-000999"
    desk.journal.begin(plan, means.run, lambda: operation)
    from syncctl.push.send import key_of

    key = key_of(desk.engine.lineage, [(operation, 1)], 64)
    desk.vendor("books").keys[key] = [desk.clock.now().isoformat(), "other bytes", []]
    (result,) = resume(means.run, desk.means())
    assert (result.state, result.code) == (State.REVIEW, "other bytes")


def test_a_machine_that_slept_before_a_replay_does_not_send_it_after_the_memory_ended() -> None:
    naps = [90_000.0]
    desk = Desk()
    desk.vendor("books").faults = ["late:30"]
    passed: list[str] = []

    def reach(name: str) -> None:
        passed.append(name)
        if name == "after-intent" and passed.count(name) == 2:
            desk.clock.advance(naps.pop())

    desk.reach = reach
    assert states(desk.push(create("books", "customer", "one"))) == ["applied"]
    assert (desk.vendor("books").requests, len(desk.vendor("books").of_kind("customer"))) == (1, 1)


# --- updates --------------------------------------------------------------------------------------------------------


def seeded(desk: Desk, system: str, kind: str, **values: object) -> Ref:
    ref = Ref(system, kind, desk.vendor(system).seed(kind, **values))
    desk.pull()
    return ref


@pytest.mark.parametrize(("system", "kind"), [("books", "customer"), ("pay", "charge"), ("crm", "deal")])
@pytest.mark.parametrize("fault", ["lost", "drop", "late:40", "500 before", "500 after"])
def test_c58_an_update_without_an_answer_is_read_before_it_is_tried_again(
    desk: Desk, system: str, kind: str, fault: str
) -> None:
    ref = seeded(desk, system, kind, stage="a")
    desk.vendor(system).faults = [fault]
    assert states(desk.push(update(ref, stage=("a", "b")))) == ["applied"]
    assert desk.vendor(system).records[ref.id]["stage"] == "b"


def test_a_human_edit_after_an_update_without_an_answer_stays(desk: Desk) -> None:
    ref = seeded(desk, "crm", "deal", stage="a")
    desk.vendor("crm").faults = ["drop"]
    desk.vendor("crm").down = True
    desk.connector("crm").vendor.down = False
    vendor = desk.vendor("crm")
    vendor.before_write = lambda: setattr(vendor, "down", True)
    assert states(desk.push(update(ref, stage=("a", "b")))) == ["unknown"]
    vendor.down = False
    vendor.edit(ref.id, stage="by hand")
    assert states(desk.next_night()) == ["conflict"]
    assert vendor.records[ref.id]["stage"] == "by hand"


def test_absence_of_an_update_is_seen_even_where_that_of_a_create_is_not(desk: Desk) -> None:
    desk.card("crm", absence_seconds=None)
    ref = seeded(desk, "crm", "deal", stage="a")
    desk.vendor("crm").faults = ["drop"]
    assert states(desk.push(update(ref, stage=("a", "b")))) == ["applied"]
    assert desk.clock.slept == 15 + 90 + 60 + 120


def test_a_void_without_an_answer_is_seen_in_the_state(desk: Desk) -> None:
    ref = seeded(desk, "books", "invoice", number="1")
    desk.vendor("books").faults = ["lost"]
    assert states(desk.push(update(ref, action=Action.VOID))) == ["applied"]
    assert len(desk.vendor("books").log) == 1


# --- batches --------------------------------------------------------------------------------------------------------


def test_a_batch_without_an_answer_is_replayed_whole(desk: Desk) -> None:
    desk.card("books", batch={Action.CREATE: 10})
    desk.vendor("books").faults = ["drop"]
    results = desk.push(*(create("books", "customer", str(number)) for number in range(4)))
    assert states(results) == ["applied"] * 4
    assert [row[0] for row in desk.engine.db.execute("SELECT sends FROM requests")] == [2]


def test_a_batch_of_which_a_row_is_decided_is_not_replayed(desk: Desk) -> None:
    desk.card("plain", batch={Action.CREATE: 10}, retention_seconds=86_400.0)
    desk.vendor("plain").faults = ["half"]
    desk.vendor("plain").down = True
    results = desk.push(*(create("plain", "memo", str(number)) for number in range(3)))
    assert states(results) == ["applied", "applied", "unknown"]
    desk.vendor("plain").down = False
    gone = next(identity for identity, raw in desk.vendor("plain").records.items() if raw["note"].endswith(":2"))
    del desk.vendor("plain").records[gone]
    assert states(resolve_open(desk.means())) == ["applied"]
    assert [row[0] for row in desk.engine.db.execute("SELECT sends FROM requests")] == [1, 1]


# --- deaths ---------------------------------------------------------------------------------------------------------

POINTS = ["plan-opened", "before-intent", "inside-intent", "after-intent", "after-send", "inside-outcome"]
POINTS += ["after-outcome", "before-finish"]


@pytest.mark.parametrize("point", POINTS)
def test_a_rerun_after_a_death_leaves_one_record_each(point: str) -> None:
    desk = dying_at(point)
    customer = create("books", "customer", "one", number="C-1")
    invoice = create("books", "invoice", "in", customer, customer={"value": known_later(customer.target)})
    plan = desk.plan(customer, invoice)
    means = desk.means()
    with pytest.raises(Died):
        push(plan, means)
    desk.clock.advance(30)
    desk.restart()
    assert State.SENDING not in {result.state for result in resolve_open(desk.means())}
    if desk.journal.operations.unsent(plan.id):
        assert set(states(resume(means.run, desk.means()))) == {"applied"}
    assert [raw["kind"] for raw in desk.vendor("books").records.values()] == ["customer", "invoice"]
    assert desk.journal.verify() is None


@pytest.mark.parametrize("point", ["after-unknown", "before-probe", "after-probe", "before-replay", "after-send"])
def test_a_death_while_finding_out_changes_nothing(point: str) -> None:
    desk = Desk()
    change = create("books", "customer", "one")
    deaths = ["after-intent", point]

    def reach(name: str) -> None:
        if deaths and deaths[0] == name:
            deaths.pop(0)
            raise Died

    desk.reach = reach
    with pytest.raises(Died):
        desk.push(change)
    desk.clock.advance(30)
    desk.restart()
    with pytest.raises(Died):
        resolve_open(desk.means())
    desk.clock.advance(30)
    desk.restart()
    assert states(resolve_open(desk.means())) == ["applied"]
    assert len(desk.vendor("books").records) == 1


def test_a_clock_that_was_put_back_does_not_make_the_wait_endless(desk: Desk) -> None:
    desk.vendor("plain").faults = ["drop"]
    desk.vendor("plain").down = True
    desk.push(create("plain", "memo", "one"))
    desk.vendor("plain").down = False
    desk.clock.time -= timedelta(hours=3)
    desk.restart()
    resolve_open(desk.means())
    assert desk.clock.slept <= 300
    assert len(desk.vendor("plain").of_kind("memo")) <= 1


def test_a_clock_that_was_put_back_does_not_make_a_memory_longer(desk: Desk) -> None:
    desk.vendor("books").faults = ["drop"]
    desk.vendor("books").down = True
    desk.push(create("books", "customer", "one"))
    desk.vendor("books").down = False
    desk.clock.time -= timedelta(hours=3)
    desk.restart()
    resolve_open(desk.means())
    assert [row[0] for row in desk.engine.db.execute("SELECT sends FROM requests")] == [1]


def test_a_signal_during_the_wait_leaves_the_write_open(desk: Desk) -> None:
    desk.vendor("plain").faults = ["drop"]
    desk.stop = lambda: desk.clock.slept >= 5
    (result,) = desk.push(create("plain", "memo", "one"))
    assert result.state is State.UNKNOWN
    assert desk.clock.slept == 5
    assert desk.vendor("plain").requests == 1


def test_a_system_that_is_not_configured_any_more_keeps_its_open_writes(desk: Desk) -> None:
    desk.vendor("plain").faults = ["drop"]
    desk.vendor("plain").down = True
    desk.push(create("plain", "memo", "one"))
    del desk.systems.connectors["plain"]
    assert states(resolve_open(desk.means())) == ["unknown"]
