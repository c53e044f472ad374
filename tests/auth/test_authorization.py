"""The browser's part of a sign-in: what it is sent to, and which answers are taken."""

from __future__ import annotations

import socket
import threading
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from token_server import CARD

from syncctl.auth.loopback import Loopback
from syncctl.auth.request import AuthorizationRequest, authorization_request, read_answer
from syncctl.clock import SystemClock
from syncctl.errors import ConfigError, CredentialError, SyncctlError

REDIRECT = "http://localhost:8765/callback"


def made() -> AuthorizationRequest:
    return authorization_request("books", CARD, "client-1", REDIRECT, ("accounting", "offline_access"))


def test_the_browser_is_sent_with_state_and_a_challenge_and_never_the_verifier() -> None:
    request = made()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
    assert asked.pop("code_challenge") not in ("", request.verifier)
    assert asked == {
        "response_type": "code",
        "client_id": "client-1",
        "redirect_uri": REDIRECT,
        "scope": "accounting offline_access",
        "state": request.state,
        "code_challenge_method": "S256",
    }
    assert request.verifier not in request.url


def test_no_two_requests_share_state_or_verifier() -> None:
    requests = [made() for _ in range(20)]
    assert len({request.state for request in requests} | {request.verifier for request in requests}) == 40


def test_the_code_of_the_answer_is_taken() -> None:
    request = made()
    assert request.code(read_answer(f"{REDIRECT}?code=abc&state={request.state}")) == "abc"


def test_only_the_query_may_be_pasted() -> None:
    request = made()
    assert request.code(read_answer(f" code=abc&state={request.state}\n")) == "abc"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"code": "abc", "state": "another"}, "another sign-in"),
        ({"code": "abc"}, "another sign-in"),
        ({}, "nothing was pasted"),
        ({"https://books.example/": ""}, "is no answer"),
        ({"state": "STATE", "error": "access_denied"}, "did not allow it: access_denied"),
        ({"state": "STATE"}, "there is no code"),
    ],
)
def test_an_answer_that_does_not_belong_or_refuses_is_not_taken(answer: dict[str, str], message: str) -> None:
    request = made()
    given = {name: request.state if value == "STATE" else value for name, value in answer.items()}
    with pytest.raises(CredentialError, match=message):
        request.code(given)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


STRAY = (
    ("/favicon.ico", {}),
    ("/callback", {}),
    ("/callback", {"code": "abc"}),
    ("/callback", {"code": "abc", "state": "another"}),
    ("/callback", {"error": "access_denied", "state": ""}),
    ("/elsewhere", {"code": "abc", "state": "s"}),
)


@pytest.mark.parametrize(
    "last", [{"code": "abc", "state": "s"}, {"error": "access_denied", "state": "s"}], ids=["code", "error"]
)
def test_only_a_request_with_this_sign_ins_state_ends_the_wait(last: dict[str, str]) -> None:
    port = free_port()
    server = Loopback(f"http://localhost:{port}/callback", "s", "books")
    answers = []

    def browse() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            answers.extend(client.get(path, params=query).status_code for path, query in (*STRAY, ("/callback", last)))

    browser = threading.Thread(target=browse)
    browser.start()
    try:
        assert server.wait(30, SystemClock()) == last
    finally:
        browser.join()
        server.close()
    assert answers == [400] * len(STRAY) + [200]


def test_waiting_for_a_browser_ends() -> None:
    server = Loopback(f"http://127.0.0.1:{free_port()}/callback", "s", "books")
    with pytest.raises(SyncctlError, match="no answer came within 0 seconds"):
        server.wait(0, SystemClock())
    server.close()


@pytest.mark.parametrize("address", ["https://localhost:1/x", "http://example.com:80/x", "http://localhost/x", "x"])
def test_the_callback_is_never_opened_elsewhere(address: str) -> None:
    with pytest.raises(ConfigError, match="is no address on this machine"):
        Loopback(address, "s", "books")
