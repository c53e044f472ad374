"""Ways in: client credentials, a signed assertion, a web sign-in with PKCE, each against the pretend sign-in server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connectors.salesforce_world import MY_DOMAIN, World, create, ids, make_world
from syncctl.auth.card import SignInCard
from syncctl.auth.endpoint import Assertion, Client, TokenEndpoint
from syncctl.auth.request import AuthorizationRequest, authorization_request
from syncctl.auth.signed_in import SignedIn
from syncctl.auth.store import FileStore, Place
from syncctl.auth.tokens import TOKENS, Kept, Tokens
from syncctl.connectors.salesforce import Salesforce
from syncctl.errors import AnswerUnreadable, AuthenticationFailed, ConfigError
from syncctl.model import Outcome
from syncctl.sandbox.base import SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.salesforce.signin import App

BACK = "http://127.0.0.1:8765/callback"
CARD: SignInCard = Salesforce.sign_in.at(MY_DOMAIN)


@pytest.fixture(scope="module")
def private_key() -> str:
    """PEM; made once, because that takes a moment."""
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(2048).as_pem(private=True).decode()


def public(pem: str) -> str:
    from joserfc.jwk import RSAKey

    return RSAKey.import_key(pem).as_pem(private=False).decode()


def endpoint(world: World, secret: str = "") -> TokenEndpoint:
    app = world.vendor.sign_ins.app
    transport = SandboxTransport(world.sandbox)
    return TokenEndpoint("salesforce", CARD, Client(app.client_id, secret), world.clock, world.redactor, transport)


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


@pytest.fixture
def program(world: World, tmp_path: Path) -> World:
    """A world whose connector signs in by itself, with client credentials."""
    asked = endpoint(world, world.vendor.sign_ins.app.client_secret)
    store = FileStore(Place(tmp_path / "ledger.db", "salesforce", "sandbox"), TOKENS)
    signed = SignedIn(
        "salesforce",
        CARD,
        store,
        lambda _: asked.client_credentials(CARD.scopes),
        world.clock,
        world.redactor,
        unattended=True,
    )
    access = replace(
        world.salesforce.access,
        token=signed.token,
        renew=signed.renew,
        facts=lambda: signed.tokens().facts,
    )
    return replace(world, salesforce=Salesforce(access))


def end_sessions(world: World) -> None:
    world.vendor.sign_ins.end_sessions()


# --- a program --------------------------------------------------------------------------------------------------------


def test_client_credentials_sign_in_once_for_many_requests(program: World) -> None:
    account = program.seed("Account")
    assert ids(program.pull("Account")) == [account]
    assert program.write(create("Contact", {}))[0].outcome is Outcome.APPLIED
    assert len(program.sent("/oauth2/token")) == 1


@pytest.mark.parametrize(
    ("app", "secret"), [(App(), "wrong-client-secret"), (App(run_as=""), App().client_secret)], ids=["secret", "user"]
)
def test_a_refused_app_gets_no_token(clock: FakeClock, app: App, secret: str) -> None:
    world = make_world(clock, app=app)
    with pytest.raises(AuthenticationFailed, match="gave no token"):
        endpoint(world, secret).client_credentials(CARD.scopes)


def test_a62_a_session_that_ended_is_renewed_once_for_a_read(program: World) -> None:
    account = program.seed("Account")
    program.salesforce.company()
    end_sessions(program)
    assert ids(program.pull("Account")) == [account]
    assert len(program.sent("/oauth2/token")) == 2


def test_a62_a_write_that_met_an_ended_session_goes_out_again_with_a_new_one(program: World) -> None:
    program.salesforce.company()
    end_sessions(program)
    request = program.request(create("Account", {"Name": "x"}))
    (receipt,) = program.salesforce.send(request)
    assert (receipt.outcome, receipt.wait_seconds) == (Outcome.LATER, 0.0)
    assert program.salesforce.send(request)[0].outcome is Outcome.APPLIED
    assert len(program.vendor.state()["Account"]) == 1


def test_a_new_session_that_is_refused_at_once_stops_and_does_not_go_round(program: World) -> None:
    program.vendor.sign_ins.session_seconds = -1
    (receipt,) = program.write(create("Account", {"Name": "x"}))
    assert (receipt.outcome, receipt.code) == (Outcome.STOP, "INVALID_SESSION_ID")
    with pytest.raises(AuthenticationFailed):
        program.salesforce.company()
    assert len(program.sent("/oauth2/token")) == 2


def test_a_sign_in_server_that_does_not_answer_leaves_the_write_for_later(program: World) -> None:
    program.fault("500 before", path="/token", times=3)
    request = program.request(create("Account", {"Name": "x"}))
    (receipt,) = program.salesforce.send(request)
    assert (receipt.outcome, receipt.wait_seconds) == (Outcome.LATER, 30.0)
    assert program.salesforce.send(request)[0].outcome is Outcome.APPLIED


@pytest.mark.parametrize("instance", ["http://na1.salesforce.com", "ftp://127.0.0.1", "https://169.254.169.254"])
def test_a_token_is_never_sent_in_the_clear(world: World, instance: str) -> None:
    access = replace(world.salesforce.access, facts=lambda: {"instance_url": instance})
    with pytest.raises(AnswerUnreadable, match="as its server"):
        Salesforce(access).company()
    assert world.sent("/services/data") == []


def test_the_server_that_the_sign_in_names_is_the_one_that_is_called(clock: FakeClock) -> None:
    hosts: list[str] = []

    class Listening(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            hosts.append(request.url.host)
            return super().handle_request(request)

    world = make_world(clock, transport=Listening)
    access = replace(world.salesforce.access, facts=lambda: {"instance_url": "https://usa1s.my.salesforce.com/"})
    Salesforce(access).company()
    assert hosts == ["usa1s.my.salesforce.com"]


def test_what_is_left_of_the_day_is_told(world: World) -> None:
    world.salesforce.company()
    left = world.salesforce.access.meter.last
    assert left is not None
    assert (left.left, left.span) == (99_999, "in 24 hours")


# --- an assertion -----------------------------------------------------------------------------------------------------


def test_a_signed_assertion_signs_in(clock: FakeClock, private_key: str) -> None:
    app = App(public_key=public(private_key))
    world = make_world(clock, app=app)
    tokens = endpoint(world).jwt_bearer(Assertion(private_key, app.run_as, "https://test.salesforce.com"))
    assert tokens.facts["instance_url"] == MY_DOMAIN
    assert world.vendor.sign_ins.holds(tokens.access)


@pytest.mark.parametrize(
    ("subject", "audience", "said"),
    [
        ("somebody@example.com", "https://test.salesforce.com", "approved"),
        (App().run_as, "https://example.com", "audience"),
    ],
)
def test_an_assertion_that_does_not_fit_is_refused(
    clock: FakeClock, private_key: str, subject: str, audience: str, said: str
) -> None:
    world = make_world(clock, app=App(public_key=public(private_key)))
    with pytest.raises(AuthenticationFailed, match=said):
        endpoint(world).jwt_bearer(Assertion(private_key, subject, audience))


# --- a person ---------------------------------------------------------------------------------------------------------


def browse(world: World, url: str) -> dict[str, str]:
    """What the browser brings back to the loopback address after the person agreed."""
    with httpx.Client(transport=SandboxTransport(world.sandbox)) as client:
        answer = client.get(url)
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def asked(world: World) -> AuthorizationRequest:
    return authorization_request("salesforce", CARD, world.vendor.sign_ins.app.client_id, BACK, CARD.scopes)


def signed_in(world: World) -> Tokens:
    request = asked(world)
    return endpoint(world).exchange_code(request.code(browse(world, request.url)), request.verifier, BACK)


def test_a_web_sign_in_with_pkce_gives_tokens_that_open_the_org(world: World) -> None:
    tokens = signed_in(world)
    assert tokens.refresh
    access = replace(world.salesforce.access, token=lambda: tokens.access, facts=lambda: tokens.facts)
    assert Salesforce(access).company().name == "Northwind Billing"


def test_a_stolen_code_is_worth_nothing_without_the_verifier(world: World) -> None:
    request = asked(world)
    code = request.code(browse(world, request.url))
    with pytest.raises(AuthenticationFailed, match="code verifier"):
        endpoint(world).exchange_code(code, "guess", BACK)


def test_a62_a_refresh_token_that_changes_at_each_use_is_kept_before_it_is_needed(
    clock: FakeClock, tmp_path: Path
) -> None:
    world = make_world(clock, app=App(rotates=True))
    store = FileStore(Place(tmp_path / "ledger.db", "salesforce", "sandbox"), TOKENS)
    first = signed_in(world)
    with store.lock():
        store.save(Kept(first))

    def again(before: Tokens | None) -> Tokens:
        assert before is not None
        return endpoint(world).refresh(before)

    for _ in range(2):
        clock.advance(3 * 3600)
        signed = SignedIn("salesforce", CARD, store, again, clock, world.redactor)
        assert world.vendor.sign_ins.holds(signed.token())
    held = store.load()
    assert held is not None
    assert held.tokens.refresh != first.refresh
    with pytest.raises(AuthenticationFailed, match="expired access/refresh token"):
        endpoint(world).refresh(first)


def test_a_token_that_was_revoked_opens_nothing(world: World) -> None:
    tokens = signed_in(world)
    endpoint(world).revoke(tokens)
    with pytest.raises(AuthenticationFailed, match="expired access/refresh token") as raised:
        endpoint(world).refresh(tokens)
    assert "syncctl auth login" in raised.value.fix


def test_without_the_orgs_address_nothing_begins(world: World) -> None:
    access = replace(world.salesforce.access, base_url="")
    with pytest.raises(ConfigError, match="base_url is missing") as raised:
        Salesforce(access)
    assert "My Domain" in raised.value.fix
