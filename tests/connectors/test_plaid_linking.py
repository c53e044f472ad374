"""Connecting a bank through Plaid's own page, and signing in to it again: what comes of a page, whatever people do."""

from __future__ import annotations

from typing import Any

import pytest
from plaid_wired import Wired

from syncctl.auth.linked import ItemState, Linking, LinkSession, wait_for
from syncctl.errors import AnswerUnreadable, AuthenticationFailed, CredentialError, RequestRefused
from syncctl.sandbox.base import Fault
from syncctl.sandbox.clock import FakeClock

PACE = 5


class Visiting(FakeClock):
    """A clock on which a person does something at the given waits (the first is 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.deeds: dict[int, Any] = {}

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if seconds == PACE:  # the rate limit waits too, for less
            self.waits.append(seconds)
            self.deeds.pop(len(self.waits), lambda: None)()


@pytest.fixture
def wire() -> Wired:
    return Wired(Visiting())


def page(wire: Wired, item_token: str = "") -> tuple[Linking, LinkSession]:
    linking = wire.plaid.linking
    return linking, linking.begin("books", item_token)


def wait(wire: Wired, linking: Linking, session: LinkSession, *, again: bool = False) -> Any:
    return wait_for(linking, session, wire.clock, "bank", again=again)


def do(wire: Wired, **deeds: Any) -> None:
    """What the person does at which wait: `_3=…`."""
    assert isinstance(wire.clock, Visiting)
    wire.clock.deeds = {int(name[1:]): deed for name, deed in deeds.items()}


def test_a_bank_is_connected_once_the_person_is_done_and_looked_for_at_the_pace_of_the_option(wire: Wired) -> None:
    linking, session = page(wire)
    assert session.url.startswith("https://secure.plaid.com/hl/link-sandbox-")
    do(wire, _2=lambda: wire.vendor.open_link(session.url), _4=lambda: wire.vendor.finish_link(session.url, "Oak Bank"))
    (new,) = wait(wire, linking, session)
    assert wire.clock.waits == [PACE] * 4  # type: ignore[attr-defined]
    assert new.institution == "Oak Bank"
    identity, token = linking.exchange(new.public_token)
    assert token == wire.vendor.banks[identity].token
    for secret in (token, new.public_token, session.token):
        assert secret not in f"{new}{session}"
        assert wire.redact(f"it is {secret}") == "it is [redacted]"


def test_the_page_asks_for_what_the_options_say() -> None:
    options = {"countries": "US, CA", "language": "fr", "link_minutes": "10", "link_poll_seconds": "2"}
    wire = Wired(FakeClock(), options={**options, "days": "90"})
    asked: list[dict[str, Any]] = []
    answer = wire.vendor._link
    wire.vendor._link = lambda body, host: asked.append(body) or answer(body, host)  # type: ignore[method-assign, func-returns-value]
    _, session = page(wire)
    (body,) = asked
    assert (body["country_codes"], body["language"]) == (["US", "CA"], "fr")
    assert (body["hosted_link"], body["transactions"]) == ({"url_lifetime_seconds": 600}, {"days_requested": 90})
    assert (session.seconds, session.poll_seconds) == (600, 2)


def test_a_page_that_nobody_finishes_ends_with_its_time_and_the_command(wire: Wired) -> None:
    linking, session = page(wire)
    before = wire.clock.boottime()
    with pytest.raises(CredentialError, match="nobody finished the bank's page within 30 minutes") as caught:
        wait(wire, linking, session)
    assert (caught.value.exit_code, caught.value.fix) == (4, "start again: syncctl auth login bank")
    assert 1800 <= wire.clock.boottime() - before < 2000


def test_a_page_that_is_closed_ends_the_wait_with_where_it_was_left(wire: Wired) -> None:
    linking, session = page(wire)
    do(wire, _2=lambda: wire.vendor.leave_link(session.url, "requires_credentials"))
    with pytest.raises(CredentialError, match=r"closed before it was done \(requires_credentials\)") as caught:
        wait(wire, linking, session)
    assert caught.value.exit_code == 4


def test_a_bank_that_refuses_is_told_with_its_code(wire: Wired) -> None:
    linking, session = page(wire)
    error = {"error_code": "INSTITUTION_DOWN", "error_message": "not responding", "display_message": "Come back later."}
    wire.vendor.leave_link(session.url, error=error)
    with pytest.raises(CredentialError, match="ended with INSTITUTION_DOWN: the bank does not answer Plaid: Come back"):
        wait(wire, linking, session)


def test_a_page_that_is_opened_again_after_it_was_closed_still_brings_the_bank(wire: Wired) -> None:
    linking, session = page(wire)
    wire.vendor.leave_link(session.url)
    wire.vendor.open_link(session.url)
    do(wire, _1=lambda: wire.vendor.finish_link(session.url))
    assert len(wait(wire, linking, session)) == 1


def test_a_link_that_plaid_no_longer_knows_has_expired(wire: Wired) -> None:
    linking, session = page(wire)
    wire.vendor._links.clear()
    with pytest.raises(CredentialError, match="the page has expired"):
        wait(wire, linking, session)


def test_another_refusal_while_waiting_is_not_taken_for_the_persons() -> None:
    wire = Wired(Visiting(), credential="5f0c00000000000000000001:plaid-sandbox-secret-000000001")
    linking, session = page(wire)
    wire.vendor.client_id = "another"
    with pytest.raises(AuthenticationFailed, match="client id or secret"):
        wait(wire, linking, session)


def test_a_plaid_that_stumbles_while_somebody_waits_is_asked_again(wire: Wired) -> None:
    linking, session = page(wire)
    wire.vendor.finish_link(session.url)
    wire.sandbox.faults.append(Fault("500 before", times=2))
    assert len(wait(wire, linking, session)) == 1


def test_what_the_page_brought_is_good_once_and_for_half_an_hour(wire: Wired) -> None:
    linking, session = page(wire)
    wire.vendor.finish_link(session.url)
    (new,) = wait(wire, linking, session)
    wire.clock.advance(31 * 60)
    for _ in range(2):
        with pytest.raises(AuthenticationFailed, match="used up or older than half an hour"):
            linking.exchange(new.public_token)


def test_signing_in_again_opens_the_bank_under_the_same_token(wire: Wired) -> None:
    (bank,) = wire.vendor.banks.values()
    bought = wire.buy()
    bank.login_required = True
    with pytest.raises(AuthenticationFailed, match=rf"item {bank.item['item_id']}\)"):
        wire.pull()
    linking, session = page(wire, bank.token)
    assert linking.state(bank.token).code == "ITEM_LOGIN_REQUIRED"
    do(wire, _1=lambda: wire.vendor.finish_link(session.url))
    assert wait(wire, linking, session, again=True) == ()
    assert linking.state(bank.token) == ItemState("First Platypus Bank")
    assert [record.ref.id for record in wire.pull()[-1].records] == [bought]


def test_a_removed_bank_is_forgotten_by_plaid_and_removing_it_twice_is_no_error(wire: Wired) -> None:
    (bank,) = wire.vendor.banks.values()
    wire.plaid.linking.remove(bank.token)
    assert wire.vendor.banks == {}
    wire.plaid.linking.remove(bank.token)
    with pytest.raises(AuthenticationFailed, match="this connection was removed"):
        wire.plaid.linking.state(bank.token)


def test_a_bank_that_plaid_cannot_forget_now_is_no_success(wire: Wired) -> None:
    (bank,) = wire.vendor.banks.values()
    wire.vendor._remove = lambda _: refuse()  # type: ignore[method-assign]
    with pytest.raises(RequestRefused, match="not now"):
        wire.plaid.linking.remove(bank.token)


def refuse() -> dict[str, Any]:
    from syncctl.sandbox.plaid.refusals import Refusal

    raise Refusal("INVALID_REQUEST", "SOMETHING", "not now")


def test_an_answer_without_a_page_to_open_is_told(wire: Wired) -> None:
    wire.vendor._link = lambda body, host: {"link_token": "link-sandbox-1"}  # type: ignore[method-assign]  # noqa: ARG005
    with pytest.raises(AnswerUnreadable, match="no page to open: ask Plaid to enable Hosted Link"):
        page(wire)
