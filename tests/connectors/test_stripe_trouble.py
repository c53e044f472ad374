"""Pulling from Stripe when rows, answers, limits or keys are not as they should be."""

from __future__ import annotations

import pytest
from stripe_wired import Wired, customers, ids, wired

from syncctl.errors import AnswerUnreadable, AuthenticationFailed, LimitReached
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def wire(clock: FakeClock) -> Wired:
    return wired(clock)


def test_a_row_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(wire: Wired) -> None:
    made = customers(wire, 130)
    wire.vendor.store.things["customer"][made[60]]["created"] = "yesterday"
    wire.vendor.store.things["customer"][made[70]]["object"] = "stranger"
    pages = wire.pull("customer")
    poison = {row.id: row.reason for page in pages for row in page.poison}
    assert set(ids(pages)) == set(made) - {made[60], made[70]}
    assert set(poison) == {made[60], made[70]}
    assert "created" in poison[made[60]]
    assert "stranger" in poison[made[70]]


def test_a_row_without_an_id_at_the_end_of_a_page_does_not_stop_the_pull(wire: Wired) -> None:
    made = customers(wire, 130)
    broken = wire.vendor.store.things["customer"][made[30]]
    broken["id"] = None
    pages = wire.pull("customer")
    assert set(ids(pages)) == set(made) - {made[30]}
    assert any(row.id == "" for page in pages for row in page.poison)


def test_a_row_that_is_no_json_is_set_aside_with_its_id_and_the_rest_goes_on(
    wire: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = customers(wire, 30)
    wire.vendor.store.things["customer"][made[7]]["name"] = "TORN"
    handle = wire.sandbox.handle

    def tear(request: SandboxRequest) -> SandboxAnswer:
        answer = handle(request)
        return SandboxAnswer(answer.status, answer.body.replace(b"TORN", rb"\ud800"), answer.headers)

    monkeypatch.setattr(wire.sandbox, "handle", tear)
    pages = wire.pull("customer")
    assert set(ids(pages)) == set(made) - {made[7]}
    assert pages[-1].complete
    [poison] = [row for page in pages for row in page.poison]
    assert (poison.id, "cannot be read" in poison.reason) == (made[7], True)
    assert wire.stripe.find("customer", "id", made[7:9])[0].ref.id == made[8]


def test_a_page_of_something_else_than_stripe_is_an_error_and_no_record(
    wire: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire.sandbox, "handle", lambda _request: SandboxAnswer(200, b"<html>Sign in</html>"))
    with pytest.raises(AnswerUnreadable, match="not JSON"):
        wire.pull("customer")


def test_an_invoice_in_an_older_shape_is_refused_by_the_names_of_its_fields(clock: FakeClock) -> None:
    wire = wired(clock, options={"api_version": "2024-06-20"})
    customer = wire.vendor.seed("customer", {"name": "Acme"})
    wire.vendor.seed(
        "invoice", {"customer": customer["id"], "status": "paid", "lines": [{"description": "Work", "amount": 5_000}]}
    )
    [page] = wire.pull("invoice")
    assert page.records == ()
    [poison] = page.poison
    assert "tax belongs to an older API version (it is now total_taxes)" in poison.reason
    assert "lines.data.0.price belongs to an older API version" in poison.reason


def test_c52_a_read_waits_out_a_429_and_goes_on(wire: Wired) -> None:
    customers(wire, 3)
    wire.fault("429", path="/v1/customers", times=2)
    before = wire.clock.slept
    assert len(ids(wire.pull("customer"))) == 3
    assert wire.clock.slept - before == pytest.approx(4.0, abs=0.2)


def test_a60_a_429_that_says_how_long_is_obeyed(wire: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = wire.vendor.limited()
    monkeypatch.setattr(
        wire.vendor, "limited", lambda: type(answer)(429, answer.body, {**answer.headers, "retry-after": "17"})
    )
    wire.fault("429")
    before = wire.clock.slept
    wire.pull("customer")
    assert wire.clock.slept - before == pytest.approx(17, abs=0.2)


def test_a_limit_that_stays_ends_the_pull_with_its_reason(wire: Wired) -> None:
    wire.fault("429", times=99)
    with pytest.raises(LimitReached, match="limit global-rate") as caught:
        wire.pull("customer")
    assert caught.value.exit_code == 75


def test_the_vendors_own_limit_is_never_reached_at_the_default_rate(wire: Wired) -> None:
    customers(wire, 3_000, apart_seconds=1)
    assert len(ids(wire.pull("customer"))) == 3_000
    assert {entry["status"] for entry in wire.sandbox.log} == {200}


def test_a_page_that_is_cut_short_is_asked_for_in_smaller_parts(wire: Wired) -> None:
    made = customers(wire, 130)
    wire.fault("truncated", path="/v1/customers", times=5)
    assert ids(wire.pull("customer")) == made[::-1]
    assert [dict(request.query)["limit"] for request in wire.sandbox.seen][:6] == ["100"] * 5 + ["10"]


def test_a_lost_answer_to_a_read_is_asked_for_again(wire: Wired) -> None:
    made = customers(wire, 5)
    wire.fault("lost", times=2)
    wire.fault("500 before", times=1)
    assert set(ids(wire.pull("customer"))) == set(made)


def test_a_wrong_key_is_one_clear_error_without_the_key(clock: FakeClock) -> None:
    key = "sk_test_wrongwrongwrongwrong9876"
    wire = wired(clock, token=key)
    with pytest.raises(AuthenticationFailed, match="Invalid API Key") as caught:
        wire.pull("customer")
    assert caught.value.exit_code == 4
    assert len(wire.sandbox.seen) == 1
    assert key not in str(caught.value) + caught.value.exchange.body


def test_a_restricted_key_is_told_which_permission_it_lacks(clock: FakeClock) -> None:
    key = "rk_test_restrictedrestricted01"
    wire = wired(clock, token=key, restricted={key: {"customer": "read"}})
    assert wire.pull("customer")[-1].complete
    with pytest.raises(AuthenticationFailed, match="rak_charge_read"):
        wire.pull("charge")


def test_a_restricted_key_still_tells_its_account(clock: FakeClock) -> None:
    key = "rk_test_restrictedrestricted01"
    wire = wired(clock, token=key, restricted={key: {"customer": "read"}})
    assert wire.stripe.company().id == "acct_1SandboxSandbox1"
    assert wired(clock).stripe.company().name == "Sandbox Inc"
