"""The canary and the pause: the first writes are read back before the rest, and a file stops what has begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from push_desk import Desk, create, states, update
from syncctl.model import Change, Ref
from syncctl.push import OperationResult, exit_code, push, resolve_open, resume


@pytest.fixture
def desk() -> Desk:
    return Desk()


def notes(count: int) -> list[Change]:
    return [create("pay", "credit", f"cr_{number}", stage="new") for number in range(1, count + 1)]


def send(
    desk: Desk, changes: list[Change], *, canary: int = 3, paused: Callable[[], str] = lambda: ""
) -> tuple[OperationResult, ...]:
    return push(desk.plan(*changes), replace(desk.means(), canary=canary, paused=paused))


def spoil(desk: Desk, system: str, *, identity: str, **values: str) -> None:
    """An automation at the vendor changes a record as soon as it is there, before anybody reads it."""
    connector, held = desk.connector(system), desk.connector(system).find

    def find(kind: str, field: str, values_wanted: list[str]) -> object:
        if identity in values_wanted:
            desk.vendor(system).edit(identity, **values)
        return held(kind, field, values_wanted)

    connector.find = find  # type: ignore[method-assign, assignment]


# --- the first writes are read back ---------------------------------------------------------------------------------


def test_after_three_good_writes_the_rest_goes_out(desk: Desk) -> None:
    results = send(desk, notes(5))
    assert states(results) == ["applied"] * 5
    assert desk.connector("pay").reads == 3


def test_a_first_write_that_is_not_there_as_meant_stops_the_run_before_the_fourth(desk: Desk) -> None:
    spoil(desk, "pay", identity="3", stage="spoilt")
    results = send(desk, notes(5))
    assert states(results) == ["applied"] * 3 + ["planned"] * 2
    assert desk.vendor("pay").requests == 3
    assert exit_code(results) == 5
    assert results[3].stop == "canary"
    assert "of the first 3 writes 1 is not there as meant" in results[3].message
    assert [result.message for result in results[:2]] == ["", ""]
    assert "stage: meant new, there spoilt" in results[2].message


def test_the_rest_of_a_stopped_run_can_be_resumed_and_has_a_canary_of_its_own(desk: Desk) -> None:
    spoil(desk, "pay", identity="3", stage="spoilt")
    plan = desk.plan(*notes(5))
    first = replace(desk.means(), canary=3)
    push(plan, first)
    reads = desk.connector("pay").reads
    again = resume(first.run, replace(desk.means(), canary=1))
    assert states(again) == ["applied"] * 5
    assert desk.connector("pay").reads == reads + 1


def test_after_the_last_write_of_a_plan_there_is_nothing_to_hold_back(desk: Desk) -> None:
    assert states(send(desk, notes(1))) == ["applied"]
    assert desk.connector("pay").reads == 0


def test_the_first_write_that_is_wrong_is_the_only_one(desk: Desk) -> None:
    spoil(desk, "pay", identity="1", stage="spoilt")
    results = send(desk, notes(5))
    assert states(results) == ["applied"] + ["planned"] * 4
    assert results[1].message.startswith("the first write is not there as meant: credit cr_1: stage: meant new")


def test_what_a_later_write_of_ours_does_to_an_earlier_one_is_no_alarm(desk: Desk) -> None:
    """A payment makes the invoice that was created before it a paid one."""
    vendor = desk.vendor("pay")

    def before_write() -> None:
        if vendor.requests == 2:
            vendor.edit("1", stage="paid")

    vendor.before_write = before_write
    assert states(send(desk, notes(5))) == ["applied"] * 5


def test_a_canary_of_nought_reads_nothing_back(desk: Desk) -> None:
    spoil(desk, "pay", identity="2", stage="spoilt")
    assert states(send(desk, notes(5), canary=0)) == ["applied"] * 5
    assert desk.connector("pay").reads == 0


def test_the_first_batch_is_cut_to_the_size_of_the_canary(desk: Desk) -> None:
    contacts = [create("crm", "contact", f"c{number}", stage="new") for number in range(12)]
    assert states(send(desk, contacts)) == ["applied"] * 12
    sizes = desk.engine.db.execute("SELECT count(*) FROM request_rows GROUP BY request ORDER BY request").fetchall()
    assert sizes == [(3,), (9,)]


def test_a_batch_that_is_not_there_as_meant_is_the_last_one(desk: Desk) -> None:
    contacts = [create("crm", "contact", f"c{number}", stage="new") for number in range(12)]
    told = desk.connector("crm").find

    def lying(kind: str, field: str, values: list[str]) -> object:
        for identity in values:
            desk.vendor("crm").records[identity]["stage"] = "spoilt"
        return told(kind, field, values)

    desk.connector("crm").find = lying  # type: ignore[method-assign, assignment]
    results = send(desk, contacts)
    assert states(results) == ["applied"] * 3 + ["planned"] * 9
    assert "of the first 3 writes 3 are not there as meant" in results[3].message


def test_refused_rows_are_no_writes_and_do_not_use_the_canary_up(desk: Desk) -> None:
    spoil(desk, "books", identity="3", stage="spoilt")
    refused = [create("books", "customer", f"bad{number}", amount=-1) for number in range(3)]
    good = [create("books", "customer", f"c{number}", stage="x") for number in range(4)]
    results = send(desk, [*refused, *good])
    assert states(results) == ["rejected"] * 3 + ["applied"] * 3 + ["planned"]


def test_a_record_that_the_vendor_does_not_show_is_read_again_before_anything_is_concluded(desk: Desk) -> None:
    connector, held = desk.connector("pay"), desk.connector("pay").find
    lags = [1, 1]

    def lagging(kind: str, field: str, values: list[str]) -> object:
        return () if lags and lags.pop() else held(kind, field, values)

    connector.find = lagging  # type: ignore[method-assign, assignment]
    assert states(send(desk, notes(4))) == ["applied"] * 4
    assert (lags, connector.reads) == ([], 3)


def test_a_vendor_that_cannot_be_read_gets_nothing_more(desk: Desk) -> None:
    vendor = desk.vendor("pay")
    vendor.before_write = lambda: setattr(vendor, "down", vendor.requests == 2)
    results = send(desk, notes(5))
    assert states(results) == ["applied"] * 2 + ["planned"] * 3
    assert exit_code(results) == 1


def test_an_update_that_came_back_as_it_was_stops_the_run(desk: Desk) -> None:
    refs = [Ref("books", "invoice", desk.vendor("books").seed("invoice", stage="old")) for _ in range(5)]
    desk.pull()
    vendor = desk.vendor("books")
    held = vendor.handle

    def handle(key: str, body: str) -> list[dict[str, Any]]:
        answer = held(key, body)
        vendor.edit("1", stage="old")
        return answer

    vendor.handle = handle  # type: ignore[method-assign]
    results = send(desk, [update(ref, stage=("old", "new")) for ref in refs])
    assert states(results) == ["applied"] + ["planned"] * 4
    assert "stage: meant new, there old" in results[0].message


# --- a pause --------------------------------------------------------------------------------------------------------


def pause_after(desk: Desk, system: str, writes: int) -> Callable[[], str]:
    return lambda: "paused: wrong rates" if desk.vendor(system).requests >= writes else ""


def test_a_pause_lets_the_write_in_flight_end_and_sends_nothing_after_it(desk: Desk) -> None:
    results = send(desk, notes(5), paused=pause_after(desk, "pay", 2))
    assert states(results) == ["applied"] * 2 + ["planned"] * 3
    assert desk.vendor("pay").requests == 2
    assert exit_code(results) == 6
    assert {result.message for result in results[2:]} == {"paused: wrong rates"}


def test_a_pause_that_comes_between_gate_and_send_still_holds(desk: Desk) -> None:
    ref = Ref("books", "invoice", desk.vendor("books").seed("invoice", stage="old"))
    desk.pull()
    results = send(
        desk,
        [update(ref, stage=("old", "new"))],
        paused=lambda: "paused" if desk.connector("books").reads else "",
    )
    assert states(results) == ["planned"]
    assert desk.vendor("books").requests == 0


def test_a_run_that_was_paused_ends_even_when_the_file_is_gone_again(desk: Desk) -> None:
    once = ["paused"]

    def paused() -> str:
        return once.pop() if once and desk.vendor("pay").requests else ""

    results = send(desk, notes(5), paused=paused)
    assert states(results) == ["applied"] + ["planned"] * 4
    assert {result.stop for result in results[1:]} == {"paused"}


def test_while_paused_an_unknown_write_is_looked_up_and_not_sent_again(desk: Desk) -> None:
    desk.vendor("pay").faults = ["drop", "lost"]
    send(desk, notes(2), canary=0, paused=pause_after(desk, "pay", 2))
    sent = desk.vendor("pay").requests
    desk.restart()
    resolve_open(replace(desk.means(), paused=lambda: "paused"))
    assert desk.vendor("pay").requests == sent == 2
    assert [one["stage"] for one in desk.vendor("pay").of_kind("credit")] == ["new"]
    resolved = resolve_open(desk.means())
    assert "applied" in states(resolved)
    assert len(desk.vendor("pay").of_kind("credit")) == 2
