"""Connecting a bank through Plaid's own page, and signing in to it again."""

from __future__ import annotations

import pytest
from plaid_wired import Wired

from conftest import FakeClock
from syncctl.connectors.plaid.linking import begin, result
from syncctl.errors import AnswerUnreadable, AuthenticationFailed, RequestRefused


@pytest.fixture
def wire(clock: FakeClock) -> Wired:
    return Wired(clock)


def test_a_bank_is_connected_once_the_person_is_done(wire: Wired) -> None:
    session = begin(wire.plaid.client, user="books")
    assert session.url.startswith("https://secure.plaid.com/hl/link-sandbox-")
    assert result(wire.plaid.client, session) is None
    wire.vendor.finish_link(session.url)
    linked = result(wire.plaid.client, session)
    assert linked is not None
    assert linked.access_token == wire.vendor.banks[linked.item_id].token
    assert linked.access_token not in f"{linked}{session}"
    assert wire.redact(f"token {linked.access_token}") == "token [redacted]"
    assert list(wire.plaid.client.items()) == list(wire.vendor.banks)


def test_a_public_token_is_good_once_and_for_half_an_hour(wire: Wired) -> None:
    session = begin(wire.plaid.client, user="books")
    wire.vendor.finish_link(session.url)
    wire.clock.advance(31 * 60)
    with pytest.raises(RequestRefused, match="public token"):
        result(wire.plaid.client, session)


def test_signing_in_again_opens_the_bank_under_the_same_token(wire: Wired) -> None:
    (bank,) = wire.vendor.banks.values()
    bought = wire.buy()
    bank.login_required = True
    with pytest.raises(AuthenticationFailed):
        wire.pull()
    session = begin(wire.plaid.client, user="books", access_token=bank.token)
    wire.vendor.finish_link(session.url)
    assert result(wire.plaid.client, session) is None
    assert [record.ref.id for record in wire.pull()[-1].records] == [bought]


def test_an_answer_without_a_page_to_open_is_told(wire: Wired) -> None:
    wire.vendor._link = lambda _: {"link_token": "link-sandbox-1"}  # type: ignore[method-assign]
    with pytest.raises(AnswerUnreadable, match="no page to open"):
        begin(wire.plaid.client, user="books")
