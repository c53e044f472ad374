"""Every way in which a sign-in fails: one cause, the fix with the very command, the exit code, and no secret."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from cli.house import Said, Stream
from cli.test_auth_banks import Screen
from syncctl.cli.app import run
from syncctl.cli.session import Session
from syncctl.sandbox.base import Sandbox, SandboxRequest, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.oauth import App
from syncctl.sandbox.plaid import PlaidSandbox
from syncctl.sandbox.quickbooks import QuickBooksSandbox
from syncctl.sandbox.salesforce import SalesforceSandbox

TEXT = """\
systems:
  books:
    {connector: quickbooks, environment: sandbox, company: "9130350000000001", sign_in: {
      client_id: env:ID, client_secret: env:KEY, redirect: "http://localhost:8765/callback"}}
  crm:
    {connector: salesforce, environment: sandbox, base_url: "http://127.0.0.1:1", sign_in: {
      client_id: env:ID, client_secret: env:KEY, grant: client_credentials}}
  bank: {connector: plaid, environment: sandbox, credential: env:BANK}
books: {time_zone: UTC}
"""
BANK = "5f0c00000000000000000001:plaid-sandbox-secret-000000001"
NOTHING: Callable[[object], object] = repr
"""Everything is as it should be, but for what the command asks."""
LOGIN = ("auth", "login", "books", "--paste")
PULL = ("pull", "books")


class Desk:
    """A project with three systems, whose person does with the vendor's page what `browse` says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FakeClock()
        (folder / "mappings").mkdir()
        (folder / "syncctl.yaml").write_text(TEXT)
        self.vendor = QuickBooksSandbox(self.clock, realm="9130350000000001")
        others = {"crm": SalesforceSandbox(self.clock), "bank": PlaidSandbox(self.clock)}
        self.boxes = {name: Sandbox(vendor) for name, vendor in {"books": self.vendor, **others}.items()}
        self.environment = {"ID": App().id, "KEY": App().secret, "BANK": BANK}
        self.browse: Callable[[str], str] = lambda answer: answer
        self.open = ExitStack()

    def run(self, *words: str) -> Said:
        out, answers = Stream(), Stream()

        def person(url: str) -> None:
            parts = urlsplit(url)
            request = SandboxRequest("GET", parts.path, tuple(parse_qsl(parts.query)), {}, b"")
            answers.write(self.browse(self.boxes["books"].handle(request).headers.get("location", "")))
            answers.seek(0)

        err = Screen(person)
        session = Session(
            out=out,
            err=err,
            answers=answers,
            environment={"SYNCCTL_CONFIG": "/nonexistent", **self.environment},
            surroundings={"transports": {n: SandboxTransport(b) for n, b in self.boxes.items()}, "clock": self.clock},
        )
        return Said(run(["--project", str(self.folder), *words], session), out.getvalue(), err.getvalue())

    def pastes(self, text: Callable[[str], str]) -> None:
        self.browse = text

    def waits(self, seconds: float) -> None:
        """Between the vendor's page and the answer."""

        def late(answer: str) -> str:
            self.clock.advance(seconds)
            return answer

        self.browse = late

    def takes_the_port(self) -> None:
        """Another program has the callback's port."""
        taken = self.open.enter_context(socket.socket())
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        self.write("8765", str(taken.getsockname()[1]))

    def write(self, old: str, new: str) -> None:
        path = self.folder / "syncctl.yaml"
        path.write_text(path.read_text().replace(old, new))

    def after_a_sign_in(self, what: Callable[[], None]) -> None:
        assert self.run(*LOGIN).code == 0
        what()
        self.clock.advance(3600)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    with made.open:
        yield made


def denied(answer: str) -> str:
    return re.sub(r"code=[^&]+", "error=access_denied", answer)


CASES: dict[str, tuple[Callable[[Desk], object], tuple[str, ...], int, str, str]] = {
    "nothing pasted": (
        lambda desk: desk.pastes(lambda _: ""), LOGIN, 4,
        "books: nothing was pasted", "syncctl auth login books --paste, then paste the whole address",
    ),
    "something else pasted": (
        lambda desk: desk.pastes(lambda _: "https://example.com/"), LOGIN, 4,
        "books: what was pasted is no answer to a sign-in", "syncctl auth login books --paste",
    ),
    "a state that is not ours": (
        lambda desk: desk.pastes(lambda answer: answer.replace("state=", "state=x")), LOGIN, 4,
        "books: this answer belongs to another sign-in", "start again: syncctl auth login books",
    ),
    "consent denied": (
        lambda desk: desk.pastes(denied), LOGIN, 4,
        "books did not allow it: access_denied", "allow the access asked for: syncctl auth login books",
    ),
    "the code is too old": (
        lambda desk: desk.waits(600), LOGIN, 4,
        "books gave no token: the code of this sign-in is too old", "syncctl auth login books",
    ),
    "a wrong client secret": (
        lambda desk: desk.environment.update(KEY="wrong-key-000001"), LOGIN, 4,
        "books gave no token: invalid_client", "check client_id and client_secret of books in syncctl.yaml",
    ),
    "a wrong client id": (
        NOTHING, ("pull", "crm"), 4,
        "crm gave no token: invalid_client_id", "page: syncctl auth login crm",
    ),
    "the port is taken": (
        Desk.takes_the_port, LOGIN[:3], 1,
        "books's `redirect` cannot be opened: Address already in use", "syncctl auth login books --paste",
    ),
    "a redirect elsewhere": (
        lambda desk: desk.write("http://localhost:8765", "https://books.example"), LOGIN[:3], 78,
        "https://books.example/callback is no address on this machine", "syncctl auth login books --paste",
    ),
    "nobody is signed in at night": (
        NOTHING, PULL, 4, "nobody is signed in to books", "sign in: syncctl auth login books",
    ),
    "taken back before the night": (
        lambda desk: desk.after_a_sign_in(desk.vendor.oauth.revoke_all), PULL, 4,
        "books gave no token: the sign-in has ended, or was taken back at the vendor (invalid_grant",
        "sign in again: syncctl auth login books",
    ),
    "a bank's token that is none": (
        lambda desk: desk.environment.update(BANK=f"{BANK}:not-a-token"), ("pull", "bank"), 4,
        "bank: what stands after the secret is no access token", "syncctl auth login bank",
    ),
    "a bank's token of nobody": (
        lambda desk: desk.environment.update(BANK=f"{BANK}:access-sandbox-00000000-0000-0000-0000-000000000000"),
        ("pull", "bank"), 4, "the access token is not valid here", "syncctl auth login bank",
    ),
    "a bank's client of nobody": (
        lambda desk: desk.environment.update(BANK=f"{BANK}x:access-sandbox-00000000-0000-0000-0000-000000000000"),
        ("pull", "bank"), 4, "client id or secret is not valid", "syncctl auth status bank",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("arrange", "words", "code", "cause", "fix"), CASES.values(), ids=list(CASES))
def test_a_sign_in_that_fails_says_why_and_what_to_type(
    desk: Desk, arrange: Callable[[Desk], object], words: tuple[str, ...], code: int, cause: str, fix: str
) -> None:
    arrange(desk)
    said = desk.run(*words)
    assert (said.code, said.error["exit_code"]) == (code, code), said.err
    assert cause in said.error["cause"]
    assert fix in said.error["fix"]
    assert "\n" not in said.error["cause"] + said.error["fix"]
    held = "".join(path.read_text() for path in (desk.folder / "tokens").glob("*.json"))
    assert not held or words == PULL, "a sign-in that failed keeps nothing"
    tokens = re.findall(r'"(?:access|refresh)": "([^"]+)"', held)
    secrets = [desk.environment["KEY"], *desk.environment["BANK"].split(":")[1:], *tokens]
    assert not [secret for secret in secrets if secret in said.out + said.err]
