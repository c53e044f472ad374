"""Client credentials of declared systems: one token for all processes on a ledger, asked for once, told apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rest_world import SHIPPED, connector, edited

from syncctl.auth.store import FileStore, Place, TokenStore
from syncctl.auth.tokens import TOKENS
from syncctl.connectors.rest import Rest
from syncctl.errors import AnswerUnreadable, AuthenticationFailed, VendorUnavailable
from syncctl.sandbox.base import Fault, Sandbox, SandboxAnswer, SandboxRequest, json_answer
from syncctl.sandbox.clock import FakeClock

AUTH = "auth: {oauth2: http://127.0.0.1:8105/token, client_id: us, scope: books}"


class Server:
    """Gives tokens for `seconds`; its interface takes all of them until they are `ended`."""

    name = "tokens"
    asks: tuple[str, ...] = ("/token",)

    def __init__(self, clock: FakeClock, seconds: int = 3600) -> None:
        self.clock, self.seconds = clock, seconds
        self.given = 0
        self.ended = 0
        self.answer: SandboxAnswer | None = None

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        if request.path == "/token":
            self.given += 1
            body = {"access_token": f"token-number-{self.given}", "expires_in": self.seconds}
            return self.answer or json_answer(200, body)
        number = int(request.headers["authorization"].rpartition("-")[2])
        if number <= self.ended:
            return json_answer(401, {"error": {"text": "token expired"}})
        return json_answer(200, {"company": "4711", "test_system": True})

    def broken(self) -> SandboxAnswer:
        return json_answer(500, {})


class Desk:
    """One ledger's folder, from which processes reach the server."""

    def __init__(self, folder: Path, clock: FakeClock, **words: int) -> None:
        self.folder, self.clock = folder, clock
        self.server = Server(clock, **words)
        self.box = Sandbox(self.server)  # type: ignore[arg-type]

    def process(self, auth: str = AUTH) -> Rest:
        text = edited(SHIPPED, ("auth: {header: X-Api-Key}", auth))
        return connector(self.clock, self.box, text, token="client-secret-1", tokens=self.store)

    def store(self, client: str) -> TokenStore:
        return FileStore(Place(self.folder / "ledger.db", f"erp.{client}", "sandbox"), TOKENS)


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Desk:
    return Desk(tmp_path, clock)


def test_every_process_on_a_ledger_uses_the_one_token(desk: Desk) -> None:
    desk.process().company()
    desk.process().company()
    assert desk.server.given == 1


def test_a62_processes_that_find_the_token_ended_make_one_request_for_the_next(desk: Desk) -> None:
    desk.process().company()
    desk.clock.advance(3600)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: one.company(), [desk.process() for _ in range(6)]))
    assert desk.server.given == 2


def test_a_token_that_another_process_got_and_the_system_ended_early_is_replaced_once(desk: Desk) -> None:
    desk.process().company()
    desk.server.ended = 1
    here, there = desk.process(), desk.process()
    assert {here.company().id, there.company().id} == {"4711"}
    assert desk.server.given == 2


def test_a_token_that_lives_a_minute_serves_more_than_one_request(tmp_path: Path, clock: FakeClock) -> None:
    desk = Desk(tmp_path, clock, seconds=60)
    process = desk.process()
    for _ in range(5):
        process.company()
    assert desk.server.given == 1


def test_another_client_or_scope_of_the_file_gets_a_token_of_its_own(desk: Desk) -> None:
    desk.process().company()
    desk.process(AUTH.replace("books", "books orders")).company()
    desk.process(AUTH.replace("us", "them")).company()
    assert desk.server.given == 3


def test_a_token_server_that_stumbles_is_asked_again(desk: Desk) -> None:
    desk.box.faults.append(Fault("500 before", path="/token", times=2))
    assert desk.process().company().id == "4711"
    desk.clock.advance(3600)
    desk.box.faults.append(Fault("500 before", path="/token", times=20))
    with pytest.raises(VendorUnavailable, match="erp's token endpoint answered 500"):
        desk.process().company()


def test_a63_a_refusal_says_where_the_client_is_written_down(desk: Desk) -> None:
    desk.server.answer = json_answer(401, {"error": "invalid_client", "error_description": "no such client"})
    with pytest.raises(AuthenticationFailed, match="erp gave no token: invalid_client: no such client") as caught:
        desk.process().company()
    assert caught.value.fix == (
        "check the client's id and `scope` in the system's file, and the secret that `credential` points to"
    )
    assert "client-secret-1" not in f"{caught.value}{caught.value.exchange}"


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": "two\nlines"}, {"access_token": 1}, []])
def test_an_answer_without_a_token_is_told(desk: Desk, body: object) -> None:
    desk.server.answer = json_answer(200, body)
    with pytest.raises(AnswerUnreadable, match="erp's token endpoint answered something that cannot be used"):
        desk.process().company()
