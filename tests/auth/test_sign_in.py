"""Signed in: tokens are refreshed early and once, kept before they are used; a crash in between is told or mended."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from refreshing import SYSTEM, signed_in, store_in
from token_server import CLIENT, SECRET, TokenServer, TokenTransport

from syncctl.auth.endpoint import Client, TokenEndpoint
from syncctl.auth.request import authorization_request
from syncctl.auth.signed_in import SignedIn
from syncctl.auth.tokens import Kept, NotTokens, Tokens, from_answer, from_text, to_text
from syncctl.errors import AuthenticationFailed, CredentialError, LimitReached, VendorUnavailable
from syncctl.sandbox.clock import FakeClock


class Desk:
    """A signed-in system at a pretend authorization server."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.server = TokenServer(self.clock)
        self.store = store_in(folder)
        self.folder = folder
        self.signed_in, self.endpoint = self.open()

    def open(self) -> tuple[SignedIn, TokenEndpoint]:
        """What a new process would have."""
        return signed_in(self.folder, self.clock, transport=TokenTransport(self.server))

    def sign_in(self) -> Tokens:
        """The browser's part, and the tokens kept."""
        card = self.endpoint.card
        request = authorization_request(SYSTEM, card, CLIENT, "http://localhost:8765/callback", card.scopes)
        self.server.codes["code-1"] = request.url.partition("code_challenge=")[2].partition("&")[0]
        tokens = self.endpoint.exchange_code("code-1", request.verifier, request.redirect_uri)
        self.store.save(Kept(tokens))
        return tokens

    def refreshes(self) -> int:
        return self.server.asked.count("refresh_token")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "tokens")


def test_a_good_token_is_used_without_asking_the_vendor(desk: Desk) -> None:
    tokens = desk.sign_in()
    assert desk.signed_in.token() == tokens.access
    assert desk.refreshes() == 0


def test_a_token_is_renewed_before_its_last_two_minutes(desk: Desk) -> None:
    tokens = desk.sign_in()
    desk.clock.advance(1800 - 121)
    assert desk.signed_in.token() == tokens.access
    desk.clock.advance(2)
    assert desk.signed_in.token() != tokens.access
    assert desk.refreshes() == 1


def test_a62_many_workers_that_find_the_token_expired_make_one_refresh(desk: Desk) -> None:
    desk.sign_in()
    desk.clock.advance(1800)
    opened = [desk.open()[0] for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda one: one.token(), opened))
    assert found == {"access-token-000002"}
    assert desk.refreshes() == 1


def test_the_new_refresh_token_is_in_the_store_before_the_access_token_is_given_out(desk: Desk) -> None:
    desk.sign_in()
    desk.clock.advance(1800)
    access = desk.signed_in.token()
    kept = desk.store.load()
    assert kept is not None
    assert (kept.tokens.access, kept.tokens.refresh) == (access, desk.server.current)
    assert kept.refreshing_since is None


def test_a_token_the_vendor_rejects_early_is_renewed_once_for_all_who_were_told(desk: Desk) -> None:
    tokens = desk.sign_in()
    other = desk.open()[0]
    assert desk.signed_in.renew(tokens.access)
    assert other.renew(tokens.access)
    assert desk.signed_in.token() == other.token() != tokens.access
    assert desk.refreshes() == 1


def test_a_lost_answer_is_asked_again_with_the_same_token(desk: Desk) -> None:
    desk.sign_in()
    desk.clock.advance(1800)
    desk.server.lose = 1
    assert desk.signed_in.token() == "access-token-000003"
    assert desk.store.load() == Kept(desk.signed_in.tokens())


def test_a_vendor_that_is_down_leaves_the_tokens_as_they_were(desk: Desk) -> None:
    tokens = desk.sign_in()
    desk.clock.advance(1800)
    desk.server.lose = 3
    with pytest.raises(VendorUnavailable):
        desk.signed_in.token()
    kept = desk.store.load()
    assert kept is not None
    assert kept.tokens == tokens
    assert desk.open()[0].token().startswith("access-token")


def test_a62_a_crash_between_rotation_and_store_recovers_within_the_vendors_grace(desk: Desk) -> None:
    tokens = desk.sign_in()
    desk.clock.advance(1800)
    desk.store.save(Kept(tokens, desk.clock.now()))  # what the dead process had written
    desk.endpoint.refresh(tokens)  # what it got, and took with it
    desk.clock.advance(600)
    assert desk.open()[0].token() == "access-token-000003"


def test_a62_a_crash_that_cannot_be_mended_is_told_with_its_time_and_the_way_out(desk: Desk) -> None:
    tokens = desk.sign_in()
    desk.clock.advance(1800)
    desk.store.save(Kept(tokens, desk.clock.now()))
    desk.endpoint.refresh(tokens)
    desk.clock.advance(1801)
    with pytest.raises(AuthenticationFailed) as caught:
        desk.open()[0].token()
    assert "was sent at 2026-11-20 03:30 UTC, and the new one was never kept here" in caught.value.message
    assert "takes it again for 30 minutes after that, which is over" in caught.value.message
    assert caught.value.fix == "sign in: syncctl auth login books"


def test_nobody_signed_in_is_exit_4_with_the_command(desk: Desk) -> None:
    with pytest.raises(CredentialError, match="nobody is signed in to books") as caught:
        desk.signed_in.token()
    assert caught.value.exit_code == 4
    assert caught.value.fix == "sign in: syncctl auth login books"


def test_a_sign_in_that_ended_is_not_sent_to_the_vendor(desk: Desk) -> None:
    desk.sign_in()
    desk.clock.advance(61 * 86_400)
    with pytest.raises(CredentialError, match="ended on 2027-01-19"):
        desk.signed_in.token()
    assert desk.refreshes() == 0


def test_a_refused_client_says_where_to_look(desk: Desk) -> None:
    tokens = desk.sign_in()
    endpoint = TokenEndpoint(
        SYSTEM,
        desk.endpoint.card,
        Client(CLIENT, "wrong-secret-0001"),
        desk.clock,
        desk.endpoint.redact,
        TokenTransport(desk.server),
    )
    with pytest.raises(AuthenticationFailed, match="invalid_client") as caught:
        endpoint.refresh(tokens)
    assert "client_secret of books in syncctl.yaml" in caught.value.fix
    assert "wrong-secret-0001" not in str(caught.value.exchange)


def test_no_secret_stands_in_any_text_of_a_sign_in(desk: Desk) -> None:
    tokens = desk.sign_in()
    for shown in (repr(tokens), repr(Kept(tokens)), repr(Client(CLIENT, SECRET)), repr(desk.signed_in)):
        assert tokens.access not in shown
        assert tokens.refresh not in shown
        assert SECRET not in shown
    assert desk.endpoint.redact(f"{tokens.access} {tokens.refresh} {SECRET}") == "[redacted] [redacted] [redacted]"


def test_a_program_that_signs_in_by_itself_needs_nobody(desk: Desk) -> None:
    found = SignedIn(
        SYSTEM,
        desk.endpoint.card,
        desk.store,
        lambda _before: desk.endpoint.client_credentials(("accounting",)),
        desk.clock,
        desk.endpoint.redact,
        unattended=True,
    )
    first = found.token()
    desk.clock.advance(1800)
    assert found.token() != first
    assert desk.server.asked == ["client_credentials", "client_credentials"]


def test_revoking_tells_the_vendor(desk: Desk) -> None:
    tokens = desk.sign_in()
    desk.endpoint.revoke(tokens)
    with pytest.raises(AuthenticationFailed, match="invalid_grant"):
        desk.endpoint.refresh(tokens)


@pytest.mark.parametrize(("status", "error"), [(429, LimitReached), (503, VendorUnavailable)])
def test_a_busy_token_endpoint_is_no_refusal_of_the_sign_in(
    desk: Desk, status: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = desk.sign_in()
    monkeypatch.setattr(desk.server, "answer", lambda *_: (status, {}))
    with pytest.raises(error):
        desk.endpoint.refresh(tokens)


def test_tokens_are_kept_in_a_file_that_only_the_owner_reads(desk: Desk) -> None:
    desk.sign_in()
    assert stat.S_IMODE(desk.store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.store.path.parent.stat().st_mode) == 0o700


def test_tokens_that_others_can_read_are_refused(desk: Desk) -> None:
    desk.sign_in()
    desk.store.path.chmod(0o644)
    with pytest.raises(CredentialError, match="can be read by others"):
        desk.store.load()


def test_what_is_kept_reads_back_as_it_was(desk: Desk) -> None:
    tokens = desk.sign_in()
    kept = Kept(tokens, desk.clock.now())
    assert from_text(to_text(kept)) == kept


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 9}', '{"format": 1, "access": "a"}', "\x00"])
def test_a_store_that_holds_something_else_is_told_without_repeating_it(desk: Desk, text: str) -> None:
    desk.sign_in()
    desk.store.path.write_text(text or "secret-looking-text", encoding="utf-8")
    with pytest.raises(CredentialError, match="cannot be read") as caught:
        desk.store.load()
    assert "secret-looking-text" not in str(caught.value)


def test_the_vendors_own_word_on_a_refresh_tokens_life_wins(desk: Desk) -> None:
    now = desk.clock.now()
    answer = {
        "access_token": "access-token-000009",
        "refresh_token": "refresh-token-000009",
        "expires_in": "3600",
        "x_refresh_token_expires_in": 8_726_400,
        "x_refresh_token_hard_expires_in": 86_400,
    }
    tokens = from_answer(answer, now, None, 60 * 86_400)
    assert tokens.expires_at == now + timedelta(hours=1)
    assert tokens.refresh_expires_at == now + timedelta(days=1)


@pytest.mark.parametrize("answer", [{}, {"access_token": ""}, {"access_token": 7}, {"error": "invalid_grant"}])
def test_an_answer_without_a_token_is_none(desk: Desk, answer: dict[str, object]) -> None:
    with pytest.raises(NotTokens):
        from_answer(answer, desk.clock.now(), None, None)


def test_signing_out_forgets_the_tokens_and_can_be_said_twice(desk: Desk) -> None:
    desk.sign_in()
    desk.store.delete()
    desk.store.delete()
    assert desk.store.load() is None
