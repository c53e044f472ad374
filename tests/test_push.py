"""One write, in order: what each step promises, against a vendor with every fault."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from push_desk import Desk, create, known_later, marker, new, states, update
from push_vendor import schema
from syncctl.errors import StalePlanError
from syncctl.ledger.states import State
from syncctl.model import Action, Change, Edit, Ref
from syncctl.push import exit_code, push, resolve_open, resume


@pytest.fixture
def desk() -> Desk:
    return Desk()


def chain(desk: Desk) -> tuple[Change, Change, Change]:
    """A customer and its invoice in the books, and the deal in the CRM that gets the invoice's number."""
    deal = Ref("crm", "deal", desk.vendor("crm").seed("deal", linked=""))
    desk.pull()
    customer = create("books", "customer", "acme", number="C-1")
    pointer = {"value": known_later(customer.target)}
    invoice = create("books", "invoice", "in_1", customer, number="1001", amount=250, customer=pointer)
    return customer, invoice, update(deal, invoice, linked=("", known_later(invoice.target)))


# --- the chain ------------------------------------------------------------------------------------------------------


def test_a_chain_is_written_in_order_and_filled_from_the_answers(desk: Desk) -> None:
    results = desk.push(*chain(desk))
    (customer,), (invoice,), (deal,) = (
        desk.vendor("books").of_kind("customer"),
        desk.vendor("books").of_kind("invoice"),
        desk.vendor("crm").of_kind("deal"),
    )
    assert states(results) == ["applied"] * 3
    assert invoice["customer"] == {"value": customer["id"]}
    assert deal["linked"] == invoice["id"]
    assert exit_code(results) == 0
    assert desk.records.raw(Ref("books", "invoice", invoice["id"])) == invoice


def test_failed_invoice_blocks_the_crm_update(desk: Desk) -> None:
    customer, invoice, deal = chain(desk)
    broken = create("books", "invoice", "in_1", customer, amount=-1)
    assert broken.intent == invoice.intent
    results = desk.push(customer, broken, deal)
    assert states(results) == ["applied", "rejected", "held"]
    assert results[1].message == "amount must be positive"
    assert results[2].message == "waits for invoice in_1, which was refused: amount must be positive"
    assert desk.vendor("crm").requests == 0
    assert exit_code(results) == 5


def test_a_parent_listed_after_its_child_is_still_sent_first(desk: Desk) -> None:
    customer, invoice, deal = chain(desk)
    assert states(desk.push(deal, invoice, customer)) == ["applied"] * 3
    assert [entry[2] for entry in desk.vendor("books").log] == ["customer", "invoice"]


def test_a_parent_that_is_not_in_the_plan_is_in_agreement(desk: Desk) -> None:
    stranger = create("books", "customer", "known already")
    assert states(desk.push(create("pay", "credit", "cr_1", stranger))) == ["applied"]


def test_a_parent_whose_last_write_was_refused_holds_although_this_plan_leaves_it_out(desk: Desk) -> None:
    refused = create("books", "customer", "acme", amount=-1)
    desk.push(refused)
    (result,) = desk.push(create("pay", "credit", "cr_1", refused))
    assert (result.state, result.message) == (
        State.HELD,
        "waits for customer acme, which was refused: amount must be positive",
    )


def test_an_answer_without_the_record_is_read_again_before_a_dependent_uses_it(desk: Desk) -> None:
    desk.connector("books").mute = True
    customer = create("books", "customer", "acme", number="C-1")
    credit = create("pay", "credit", "cr_1", customer, stage=known_later(customer.target, "number"))
    other = create("pay", "credit", "cr_2", customer, stage=known_later(customer.target, "number"))
    assert states(desk.push(customer, credit, other)) == ["applied"] * 3
    assert [raw["stage"] for raw in desk.vendor("pay").of_kind("credit")] == ["C-1", "C-1"]
    assert desk.connector("books").reads == 1


def test_an_answer_without_the_record_marks_it_to_be_read(desk: Desk) -> None:
    desk.connector("books").mute = True
    (result,) = desk.push(create("books", "customer", "acme"))
    assert desk.records.unread() == (result.ref,)


def test_a_value_known_after_apply_is_respelled_for_its_field(desk: Desk) -> None:
    customer = create("books", "customer", "acme")
    credit = create("pay", "credit", "cr_1", customer, day=known_later(customer.target, "created"))
    assert states(desk.push(customer, credit)) == ["applied", "applied"]
    assert desk.vendor("pay").of_kind("credit")[0]["day"] == "2026-11-20"


def test_a_later_change_of_the_same_record_is_not_waited_for(desk: Desk) -> None:
    customer = create("books", "customer", "acme", number="C-1")
    credit = create("pay", "credit", "cr_1", customer, stage=known_later(customer.target, "number"))
    back = update(customer.target, credit, stage=(None, known_later(credit.target)))
    assert states(desk.push(customer, credit, back)) == ["applied"] * 3


def test_a_value_that_the_vendor_never_gave_holds_the_dependent(desk: Desk) -> None:
    customer = create("books", "customer", "acme")
    credit = create("pay", "credit", "cr_1", customer, stage=known_later(customer.target, "number"))
    results = desk.push(customer, credit)
    assert states(results) == ["applied", "held"]
    assert "waits for number of books:customer:1" in results[1].message


def test_a_made_up_id_never_reaches_a_vendor(desk: Desk) -> None:
    customer = create("books", "customer", "acme")
    credit = create("pay", "credit", "cr_1", customer, stage=customer.target.id)
    results = desk.push(customer, credit)
    assert states(results) == ["applied", "held"]
    assert desk.vendor("pay").requests == 0


def test_a_record_created_here_can_be_updated_in_the_same_plan(desk: Desk) -> None:
    customer = create("books", "customer", "acme", number="C-1")
    later = update(customer.target, customer, number=("C-1", "C-2"))
    assert states(desk.push(customer, later)) == ["applied", "applied"]
    assert desk.vendor("books").of_kind("customer")[0]["number"] == "C-2"


def test_a_hold_is_no_refusal_and_says_why() -> None:
    desk = Desk(holds=lambda change: "no enforced number" if change.action is Action.CREATE else "")
    (result,) = desk.push(create("plain", "memo", "m_1"))
    assert (result.state, result.message) == (State.HELD, "no enforced number")


# --- fresh reads ----------------------------------------------------------------------------------------------------


def seeded(desk: Desk, **values: object) -> Ref:
    ref = Ref("books", "invoice", desk.vendor("books").seed("invoice", **values))
    desk.pull()
    return ref


def test_what_is_as_wanted_already_is_applied_without_a_write(desk: Desk) -> None:
    ref = seeded(desk, number="1", amount=12)
    change = update(ref, number=("1", "2"), amount=(12, Decimal("12.50")))
    desk.vendor("books").edit(ref.id, number="2 ", amount="12.5")
    (result,) = desk.push(change)
    assert (result.state, result.message) == (State.APPLIED, "it was as wanted already")
    assert desk.vendor("books").requests == 0


def test_c43_a_field_that_a_human_moved_is_a_conflict_and_keeps_the_humans_value(desk: Desk) -> None:
    ref = seeded(desk, number="1", stage="open")
    change = update(ref, number=("1", "2"))
    desk.vendor("books").edit(ref.id, number="by hand")
    (result,) = desk.push(change)
    assert (result.state, result.message) == (
        State.CONFLICT,
        "number changed since the plan; the value there stays",
    )
    assert desk.vendor("books").records[ref.id]["number"] == "by hand"
    held = desk.records.raw(ref)
    assert held is not None
    assert held["number"] == "by hand"


def test_a_payment_that_bumps_the_version_does_not_stop_the_write(desk: Desk) -> None:
    ref = seeded(desk, number="1", stage="open")
    change = update(ref, number=("1", "2"))
    desk.vendor("books").edit(ref.id, stage="paid")
    assert states(desk.push(change)) == ["applied"]
    assert desk.vendor("books").records[ref.id] | {"version": ""} == desk.vendor("books").records[ref.id] | {
        "version": "",
        "number": "2",
        "stage": "paid",
    }


def test_a56_stale_sync_token_is_a_conflict_not_a_retry(desk: Desk) -> None:
    ref = seeded(desk, number="1", stage="open")
    vendor = desk.vendor("books")
    vendor.before_write = lambda: vendor.edit(ref.id, stage="between read and write")
    (result,) = desk.push(update(ref, number=("1", "2")))
    assert (result.state, result.code) == (State.CONFLICT, "5010")
    assert vendor.records[ref.id]["number"] == "1"
    assert vendor.requests == 1


def test_a_record_that_is_gone_is_a_conflict(desk: Desk) -> None:
    ref = seeded(desk, number="1")
    del desk.vendor("books").records[ref.id]
    (result,) = desk.push(update(ref, number=("1", "2")))
    assert result.state is State.CONFLICT
    assert "gone" in result.message


def test_updates_of_a_versioned_vendor_are_read_in_one_call(desk: Desk) -> None:
    refs = [seeded(desk, number=str(number)) for number in range(20)]
    changes = [update(ref, stage=(None, "x")) for ref in refs]
    assert states(desk.push(*changes)) == ["applied"] * 20
    assert desk.connector("books").reads == 1


def test_a_read_that_grew_old_is_made_again(desk: Desk) -> None:
    refs = [seeded(desk, number=str(number)) for number in range(3)]
    desk.vendor("books").before_write = lambda: desk.clock.advance(20)
    assert states(desk.push(*(update(ref, stage=(None, "x")) for ref in refs))) == ["applied"] * 3
    assert desk.connector("books").reads == 2


def test_a_record_that_the_vendor_shows_as_deleted_is_a_conflict(desk: Desk) -> None:
    ref = seeded(desk, number="1")
    desk.vendor("books").edit(ref.id, state="deleted")
    (result,) = desk.push(update(ref, action=Action.VOID))
    assert (result.state, desk.vendor("books").requests) == (State.CONFLICT, 0)


def test_a_void_that_somebody_did_already_is_not_sent_again(desk: Desk) -> None:
    ref = seeded(desk, number="1")
    assert states(desk.push(update(ref, action=Action.VOID))) == ["applied"]
    assert desk.vendor("books").records[ref.id]["state"] == "void"
    assert states(desk.push(update(ref, action=Action.VOID))) == ["applied"]
    assert desk.vendor("books").requests == 1


def test_an_added_line_is_told_from_a_twin_that_was_there_before(desk: Desk) -> None:
    line = {"text": "Licence", "amount": 5}
    ref = seeded(desk, lines=[{"id": 1, **line}])
    add = Edit("lines", None, line, action="add", codec="object", field="lines")
    change = Change("invoices|add", "invoices", Action.UPDATE, ref, None, "invoice", (add,))
    desk.vendor("books").faults = ["lost"]
    assert states(desk.push(change)) == ["applied"]
    assert desk.vendor("books").records[ref.id]["lines"] == [{"id": 1, **line}, line]
    assert len(desk.vendor("books").log) == 1


# --- answers --------------------------------------------------------------------------------------------------------


def test_a60_a_short_limit_is_waited_for_and_a_long_one_ends_the_run_for_that_system(desk: Desk) -> None:
    desk.vendor("books").faults = ["429", "ok", "later"]
    changes = [create("books", "customer", name) for name in ("a", "b", "c")]
    results = desk.push(*changes, create("pay", "credit", "other system"))
    assert states(results) == ["applied", "planned", "planned", "applied"]
    assert desk.clock.slept == 3
    assert (results[2].stop, exit_code(results)) == ("limit", 75)


def test_a60_a_daily_limit_resumes_tomorrow_and_sends_only_the_rest(desk: Desk) -> None:
    desk.vendor("books").faults = ["ok", "quota"]
    changes = [create("books", "customer", name) for name in ("a", "b", "c")]
    means = desk.means()
    push(desk.plan(*changes), means)
    desk.next_night()
    results = resume(means.run, desk.means())
    assert states(results) == ["applied"] * 3
    assert len(desk.vendor("books").of_kind("customer")) == 3


def test_a_vendor_that_never_has_time_ends_the_run_for_that_system(desk: Desk) -> None:
    desk.vendor("books").faults = ["429"] * 9
    (result,) = desk.push(create("books", "customer", "a"))
    assert (result.state, result.stop, desk.vendor("books").requests) == (State.PLANNED, "limit", 5)


def test_an_authentication_problem_weighs_more_than_a_limit(desk: Desk) -> None:
    desk.vendor("books").faults = ["quota"]
    desk.vendor("pay").faults = ["stop"]
    assert exit_code(desk.push(create("books", "customer", "a"), create("pay", "credit", "b"))) == 4


def test_a_missing_scope_stops_the_system_and_holds_what_depends_on_it(desk: Desk) -> None:
    desk.vendor("books").faults = ["stop"]
    customer, invoice, deal = chain(desk)
    results = desk.push(customer, invoice, deal, create("pay", "credit", "other"))
    assert states(results) == ["planned", "planned", "held", "applied"]
    assert results[2].message == "waits for invoice in_1, which was not sent"
    assert exit_code(results) == 4


def test_after_a_missing_scope_is_granted_the_next_attempt_has_another_key(desk: Desk) -> None:
    desk.vendor("books").faults = ["stop"]
    means = desk.means()
    push(desk.plan(create("books", "customer", "a")), means)
    assert states(resume(means.run, desk.means())) == ["applied"]
    keys = {row[0] for row in desk.engine.db.execute("SELECT key FROM requests")}
    assert len(keys) == 2


def test_a_connection_that_never_opened_leaves_the_change_planned(desk: Desk) -> None:
    desk.vendor("books").faults = ["unreached"]
    (result,) = desk.push(create("books", "customer", "a"))
    assert result.state is State.APPLIED
    assert desk.clock.slept == 1


def test_three_writes_without_an_answer_stop_the_system(desk: Desk) -> None:
    desk.vendor("plain").faults = ["drop"] * 5
    results = desk.push(*(create("plain", "memo", str(number)) for number in range(5)))
    assert states(results) == ["unknown"] * 3 + ["planned"] * 2
    assert (results[4].stop, exit_code(results)) == ("unavailable", 1)
    assert "syncctl runs resume" in results[4].fix


def test_writes_without_an_answer_between_good_ones_stop_nothing(desk: Desk) -> None:
    desk.vendor("plain").faults = ["drop", "ok"] * 3
    results = desk.push(*(create("plain", "memo", str(number)) for number in range(7)))
    assert states(results) == ["applied"] * 7


@pytest.mark.parametrize("named", [True, False])
def test_c3_a_taken_number_with_our_marker_is_adopted(desk: Desk, named: bool) -> None:
    desk.vendor("books").names_holder = named
    change = create("books", "customer", "acme", number="C-1")
    assert change.source is not None
    there = desk.vendor("books").seed("customer", number="C-1", note=f"{marker(change.source)} seen by Ann")
    (result,) = desk.push(change)
    assert (result.state, result.ref) == (State.APPLIED, Ref("books", "customer", there))
    assert len(desk.vendor("books").of_kind("customer")) == 1


@pytest.mark.parametrize("note", ["", "syncctl source:customer:acme2", "made by hand"])
def test_a4_a_name_that_somebody_else_has_is_refused_with_a_way_out(desk: Desk, note: str) -> None:
    desk.vendor("books").seed("customer", number="C-1", note=note)
    (result,) = desk.push(create("books", "customer", "acme", number="C-1"))
    assert (result.state, result.code) == (State.REJECTED, "6240")
    assert "another name" in result.fix


def test_a_record_that_is_renamed_never_becomes_another_one(desk: Desk) -> None:
    ref = seeded(desk, number="1")
    seeded(desk, number="2", note="syncctl source:invoice:of-1")
    (result,) = desk.push(update(ref, number=("1", "2"), note=(None, "syncctl source:invoice:of-1")))
    assert (result.state, result.code) == (State.REJECTED, "6240")
    assert desk.connector("books").reads == 1


def test_an_answer_that_does_not_say_which_record_it_made_is_looked_into(desk: Desk) -> None:
    desk.vendor("books").faults = ["anonymous"]
    (result,) = desk.push(create("books", "customer", "a"))
    assert (result.state, result.ref) == (State.APPLIED, Ref("books", "customer", "1"))


def test_a_value_that_cannot_be_written_is_refused_before_anything_is_sent(desk: Desk) -> None:
    changes = [create("crm", "contact", "good"), create("crm", "contact", "bad", stage="unwritable")]
    results = desk.push(*changes)
    assert states(results) == ["applied", "rejected"]
    assert "a value that cannot be written" in results[1].message


def test_a_refused_change_is_recognised_until_something_about_it_moves(desk: Desk) -> None:
    from syncctl.push import fingerprint

    change = create("books", "customer", "acme", amount=-1)
    desk.push(change)
    kept = desk.journal.rejected_fingerprint(change.intent)
    customers = schema("books", "customer")
    assert kept == fingerprint(change, desk.records, customers)
    assert kept != fingerprint(create("books", "customer", "acme", amount=-2), desk.records, customers)
    desk.push(create("books", "customer", "acme", amount=2))
    assert desk.journal.rejected_fingerprint(change.intent) == ""


# --- batches --------------------------------------------------------------------------------------------------------


def test_alike_changes_go_out_in_one_request(desk: Desk) -> None:
    results = desk.push(*(create("crm", "contact", str(number)) for number in range(25)))
    assert states(results) == ["applied"] * 25
    assert desk.vendor("crm").requests == 3


def test_a65_in_a_batch_every_row_has_its_own_outcome(desk: Desk) -> None:
    changes = [create("crm", "contact", str(number), amount=-1 if number in (2, 5, 7) else 1) for number in range(10)]
    results = desk.push(*changes)
    assert states(results).count("applied") == 7
    assert states(results).count("rejected") == 3
    assert desk.vendor("crm").requests == 1


def test_a_row_that_the_answer_does_not_mention_is_looked_for(desk: Desk) -> None:
    desk.vendor("crm").faults = ["half"]
    results = desk.push(*(create("crm", "contact", str(number)) for number in range(3)))
    assert states(results) == ["applied"] * 3
    assert len(desk.vendor("crm").of_kind("contact")) == 3


def test_a_child_does_not_ride_in_its_parents_batch(desk: Desk) -> None:
    parent = create("crm", "contact", "a")
    child = create("crm", "contact", "b", parent, stage=known_later(parent.target))
    assert states(desk.push(parent, child)) == ["applied", "applied"]
    assert desk.vendor("crm").requests == 2
    assert [words["state"] for _, words in desk.told] == ["applied", "applied"]


def deals(desk: Desk, count: int) -> list[Ref]:
    refs = [Ref("crm", "deal", desk.vendor("crm").seed("deal", stage="a", linked="a")) for _ in range(count)]
    desk.pull()
    return refs


def test_two_changes_of_one_record_do_not_share_a_request(desk: Desk) -> None:
    (deal,) = deals(desk, 1)
    results = desk.push(update(deal, stage=("a", "b")), update(deal, mapping="other", linked=("a", "b")))
    assert states(results) == ["applied", "applied"]
    assert desk.vendor("crm").requests == 2


def test_what_was_read_along_is_read_again_after_a_send_where_no_version_guards_it(desk: Desk) -> None:
    first, second = deals(desk, 2)
    crm = desk.vendor("crm")
    crm.before_write = lambda: crm.edit(second.id, stage="by hand") if crm.requests == 1 else None
    before = update(first, stage=("a", "b"))
    assert states(desk.push(before, update(second, before, stage=("a", "b")))) == ["applied", "conflict"]
    assert crm.records[second.id]["stage"] == "by hand"


def test_a_second_change_of_a_record_in_a_batch_does_not_meet_our_own_first_one_as_somebodys(desk: Desk) -> None:
    desk.card("books", batch={Action.UPDATE: 30})
    ids = [desk.vendor("books").seed("customer", name=f"c{number}") for number in range(40)]
    desk.pull()
    changes = [update(Ref("books", "customer", identity), phone=(None, "1")) for identity in ids]
    again = update(changes[10].target, mapping="cities", city=(None, "Bonn"))
    rows = push(desk.plan(*changes, again), replace(desk.means(), canary=3))  # reads and batches fall apart
    assert set(states(rows)) == {"applied"}


def test_without_versions_nothing_is_read_further_ahead_than_it_is_sent(desk: Desk) -> None:
    desk.card("crm", batch={})
    desk.push(*(update(deal, stage=("a", "b")) for deal in deals(desk, 3)))
    assert desk.connector("crm").reads == 3


# --- plans, stops ---------------------------------------------------------------------------------------------------


def test_a_plan_is_used_once(desk: Desk) -> None:
    plan = desk.plan(create("books", "customer", "a"))
    push(plan, desk.means())
    with pytest.raises(StalePlanError, match="was used by run"):
        push(plan, desk.means())
    assert desk.vendor("books").requests == 1


def test_a_signal_ends_the_push_between_two_writes(desk: Desk) -> None:
    desk.stop = lambda: desk.vendor("books").requests >= 2
    results = desk.push(*(create("books", "customer", name) for name in "abcd"))
    assert states(results) == ["applied", "applied", "planned", "planned"]
    assert results[3].stop == "signal"


def test_another_plan_makes_what_was_left_lapse(desk: Desk) -> None:
    desk.vendor("books").faults = ["quota"]
    means = desk.means()
    push(desk.plan(create("books", "customer", "a")), means)
    desk.push(create("pay", "credit", "b"))
    with pytest.raises(StalePlanError, match="nothing is left"):
        resume(means.run, desk.means())


def test_a_machine_that_slept_before_the_socket_sends_only_after_a_new_look(desk: Desk) -> None:
    naps = [86_400.0]
    desk.reach = lambda name: desk.clock.advance(naps.pop()) if name == "after-intent" and naps else None
    ref = seeded(desk, number="1")
    vendor = desk.vendor("books")
    results = desk.push(update(ref, number=("1", "2")))
    assert states(results) == ["applied"]
    assert (vendor.requests, len(vendor.log)) == (1, 1)


def test_progress_is_told_for_every_change(desk: Desk) -> None:
    desk.push(*chain(desk))
    told = [words for what, words in desk.told if what == "push"]
    assert [words["state"] for words in told] == ["applied"] * 3
    assert told[0]["name"] == "customer acme"


def test_new_records_have_made_up_ids() -> None:
    assert new("books", "customer", "x").provisional


def test_an_open_write_holds_dependents_although_a_later_plan_for_it_lapsed(desk: Desk) -> None:
    parent = create("plain", "memo", "m")
    desk.vendor("plain").down = True
    desk.vendor("plain").faults = ["drop"]
    desk.push(parent)
    desk.push(parent)
    (child,) = desk.push(create("pay", "credit", "c", parent))
    assert (child.state, desk.vendor("pay").requests) == (State.HELD, 0)


def test_an_open_write_of_the_same_change_holds_the_next_one(desk: Desk) -> None:
    change = create("plain", "memo", "m")
    desk.vendor("plain").down = True
    desk.vendor("plain").faults = ["drop"]
    assert states(desk.push(change)) == ["unknown"]
    assert desk.journal.open_intents() == {change.intent: State.UNKNOWN}
    (again,) = desk.push(change)
    assert again.state is State.HELD
    desk.vendor("plain").down = False
    assert states(resolve_open(desk.means())) == ["applied"]
    assert len(desk.vendor("plain").of_kind("memo")) == 1
