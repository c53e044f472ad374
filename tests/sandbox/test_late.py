"""Requests that reach a vendor after the client gave up: applied at their own time, in order, whoever looks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tiny_vendor import TinyVendor

from syncctl.fields.jsontext import encode_json
from syncctl.sandbox.base import ConnectionLost, Fault, Sandbox, SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.control import control
from syncctl.sandbox.quickbooks import QuickBooksSandbox
from syncctl.sandbox.stripe import StripeSandbox

SECONDS, HOURS = 5, 3 * 3600


def request(method: str, path: str, body: Any = None, **headers: str) -> SandboxRequest:
    return SandboxRequest(method, path, (), headers, b"" if body is None else encode_json(body))


def send_late(sandbox: Sandbox, seconds: float, asked: SandboxRequest) -> None:
    sandbox.faults.append(Fault("late", seconds=seconds))
    with pytest.raises(ConnectionLost):
        sandbox.handle(asked)


def things(sandbox: Sandbox) -> bytes:
    return sandbox.handle(request("GET", "/things")).body


@pytest.fixture
def tiny(clock: FakeClock) -> Sandbox:
    return Sandbox(TinyVendor(clock))


@pytest.mark.parametrize("seconds", [SECONDS, HOURS])
def test_a_late_request_is_there_from_its_due_time_on_and_not_before(
    tiny: Sandbox, clock: FakeClock, seconds: float
) -> None:
    send_late(tiny, seconds, request("POST", "/things", {"n": 1}))
    clock.advance(seconds - 1)
    assert things(tiny) == b"[]"
    clock.advance(1)
    assert things(tiny) == b'[{"n":1}]'
    clock.advance(HOURS)
    assert things(tiny) == b'[{"n":1}]'


def test_late_requests_are_applied_in_the_order_of_their_due_times(tiny: Sandbox, clock: FakeClock) -> None:
    send_late(tiny, HOURS, request("POST", "/things", {"sent": "first"}))
    send_late(tiny, SECONDS, request("POST", "/things", {"sent": "last"}))
    clock.advance(HOURS)
    assert things(tiny) == b'[{"sent":"last"},{"sent":"first"}]'


def test_a_request_that_waits_lets_the_late_ones_by(tiny: Sandbox, clock: FakeClock) -> None:
    send_late(tiny, SECONDS, request("POST", "/things", {"sent": "first"}))
    tiny.faults.append(Fault("slow", seconds=60))
    tiny.handle(request("POST", "/things", {"sent": "last"}))
    assert things(tiny) == b'[{"sent":"first"},{"sent":"last"}]'


def test_a_vendor_stamps_a_late_request_with_the_time_it_came(clock: FakeClock) -> None:
    stripe = StripeSandbox(clock)
    sandbox = Sandbox(stripe)
    head = {"authorization": f"Bearer {stripe.token}", "content-type": "application/x-www-form-urlencoded"}
    sent = SandboxRequest("POST", "/v1/customers", (), head, b"name=Late")
    began = int(clock.now().timestamp())
    send_late(sandbox, SECONDS, sent)
    clock.advance(HOURS)
    sandbox.catch_up()
    (made,) = stripe.state()["customer"].values()
    assert made["created"] == began + SECONDS
    assert stripe.clock.now() == clock.now()


def test_what_the_vendor_remembers_of_a_late_request_ages_from_the_time_it_came(clock: FakeClock) -> None:
    books = QuickBooksSandbox(clock, requestid_seconds=HOURS)
    sandbox = Sandbox(books)
    head = {"authorization": f"Bearer {books.token}", "content-type": "application/json"}
    path = f"/v3/company/{books.realm}/customer"
    sent = SandboxRequest("POST", path, (("requestid", "r1"),), head, encode_json({"DisplayName": "Late"}))
    send_late(sandbox, SECONDS, sent)
    clock.advance(SECONDS + HOURS + 1)
    assert b'"6240"' in sandbox.handle(sent).body  # the name is taken: executed anew, not answered from memory


def test_putting_the_clock_forward_applies_what_falls_due(tiny: Sandbox) -> None:
    send_late(tiny, HOURS, request("POST", "/things", {"n": 1}))
    control(tiny, None, request("POST", "/_sandbox/clock", {"advance_seconds": HOURS - 1}))
    assert tiny.vendor.state() == {"thing": {}}
    control(tiny, None, request("POST", "/_sandbox/clock", {"advance_seconds": 1}))
    assert tiny.vendor.state() == {"thing": {"0": {"n": 1}}}


def test_the_state_holds_what_is_due_by_now(tiny: Sandbox, clock: FakeClock) -> None:
    send_late(tiny, SECONDS, request("POST", "/things", {"n": 1}))
    clock.advance(SECONDS)
    assert control(tiny, None, request("GET", "/_sandbox/state")).body == b'{"thing":{"0":{"n":1}}}'


def test_a_reset_forgets_what_is_on_its_way(tiny: Sandbox, clock: FakeClock) -> None:
    send_late(tiny, SECONDS, request("POST", "/things", {"n": 1}))
    control(tiny, lambda: TinyVendor(clock), request("POST", "/_sandbox/reset"))
    clock.advance(SECONDS)
    assert things(tiny) == b"[]"


def test_the_clock_of_a_vendor_goes_on_after_a_late_request_that_fails(clock: FakeClock) -> None:
    tiny = Sandbox(TinyVendor(clock))
    send_late(tiny, SECONDS, request("POST", "/slip"))
    clock.advance(HOURS)
    with pytest.raises(ZeroDivisionError):
        tiny.catch_up()
    assert tiny.vendor.clock.now() == clock.now() == datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
