"""Every kind of credential in one project, each a canary: not one is in any byte that any command writes or prints.

Client secrets, authorization codes, access and refresh tokens, a bank's item tokens, a header's key, a basic password,
an alert's address; and vendors that refuse and break while they repeat all they were sent.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest

from cli.house import House, Stream, house
from cli.test_declared_system import DECLARED
from syncctl.cli.app import run
from syncctl.cli.session import Session
from syncctl.sandbox.base import Sandbox, SandboxRequest, SandboxTransport
from syncctl.sandbox.erp import ErpSandbox
from syncctl.sandbox.plaid import PlaidSandbox
from test_canary import FIRST, Broken, Defect, Echo, Gone, Unauthorized, spellings, written

SIGNED_IN: Final = "sign_in: {client_id: env:QB_ID, client_secret: env:QB_KEY}"
SYSTEMS: Final = """
  bank: {connector: plaid, environment: sandbox, sign_in: {client_id: env:PLAID_ID, client_secret: env:PLAID_KEY}}
  erp: {connector: rest, file: systems/erp.yaml, environment: sandbox, credential: env:ERP, company: "4711"}
  old: {connector: rest, file: systems/old.yaml, environment: sandbox, credential: env:OLD, company: "4711"}
"""
ALERTS: Final = "\nalerts:\n  - {channel: env:CHAT, allow_private: true}\n"
CANARIES: Final = {
    "QB_KEY": "qb/key+canary=Yx7Lw2Pq9Rt4Vz8Kd3Nm",
    "PLAID_KEY": "c0ffee7d21b94aa8a1e6plaidcanary55",
    "ERP": 'erp"key\\canary&Hu6Tg1Wf5Bs0Jx9Qe',
    "OLD": "old pass:canary%Mn2Vb8Cx4Zl6Kj1Hg",
}
ADDRESS_CANARIES: Final = ("chatcanaryPw3Xe7Rv1Tb9Yn5Um", "chatcanaryTokenQa8Ws6Ed4Rf2")
CHAT: Final = "json://bot:{}@127.0.0.1:1/{}".format(*ADDRESS_CANARIES)

AFTERWARDS: Final = (
    ("auth", "status"),
    ("plan",),
    ("alerts", "test"),
    ("ledger", "query", "SELECT * FROM audit", "--json"),
    ("ledger", "backup", "COPY"),
    ("auth", "logout", "quickbooks"),
    ("auth", "logout", "bank"),
)


class Story:
    """The project, and everything that was said in it."""

    def __init__(self, found: House) -> None:
        self.house, self.said = found, ""
        self.books: Any = found.boxes["quickbooks"].vendor
        self.books.oauth.app = replace(self.books.oauth.app, secret=CANARIES["QB_KEY"])
        self.bank = PlaidSandbox(found.clock, limits=False)
        self.bank.secret = CANARIES["PLAID_KEY"]
        erp = ErpSandbox(found.clock, limits=False, token=CANARIES["ERP"])
        found.boxes |= {"bank": Sandbox(self.bank), "erp": Sandbox(erp), "old": Sandbox(erp)}
        path = found.folder / "syncctl.yaml"
        text = path.read_text().replace("credential: env:QUICKBOOKS_ACCESS_TOKEN", SIGNED_IN)
        path.write_text(re.sub(r"(?m)^systems:\n", f"systems:{SYSTEMS}", text, count=1) + ALERTS)
        (found.folder / "systems").mkdir(exist_ok=True)
        (found.folder / "systems" / "erp.yaml").write_text(DECLARED)
        old = DECLARED.replace("auth: {header: X-Api-Key}", "auth: {basic: clerk}")
        (found.folder / "systems" / "old.yaml").write_text(old)

    def environment(self) -> dict[str, str]:
        return {**CANARIES, "QB_ID": self.books.oauth.app.id, "PLAID_ID": self.bank.client_id, "CHAT": CHAT}

    def run(self, *words: str, transport: type[SandboxTransport] = SandboxTransport, person: bool = False) -> int:
        """One command line; with a `person` who opens the address that is printed, and types where it ends."""
        out, err = Stream(), Typist(self) if person else Stream()
        session = Session(
            out=out,
            err=err,
            answers=Pasted(err) if isinstance(err, Typist) else Stream(),
            environment={"SYNCCTL_CONFIG": "/nonexistent", "COLUMNS": "160", **self.environment()},
            surroundings={
                "transports": {name: transport(box) for name, box in self.house.boxes.items()},
                "clock": self.house.clock,
            },
        )
        code = run(["--project", str(self.house.folder), *words], session)
        self.said += out.getvalue() + err.getvalue()
        return code

    def planted(self) -> set[str]:
        """Everything that must stay secret: what was put in, and what the vendors gave out."""
        env = (self.house.folder / ".env").read_text().splitlines()
        kept = {line.partition("=")[2] for line in env if "_CLIENT_ID=" not in line}
        oauth = self.books.oauth
        given = {*oauth._codes, *oauth._access, *oauth._refresh, *self.bank.banks, *self.bank._public}
        return {*CANARIES.values(), *ADDRESS_CANARIES, *kept, *given} - {""}


class Typist(Stream):
    """A person at the screen: a bank's page is gone through at once, another vendor's is opened and its end kept."""

    def __init__(self, story: Story) -> None:
        super().__init__()
        self.story, self.location = story, ""

    def flush(self) -> None:
        found = re.findall(r"^https?://\S+$", self.getvalue(), re.MULTILINE)
        if not found or self.location:
            return
        parts = urlsplit(found[0])
        if "redirect_uri" in parts.query:
            box = self.story.house.boxes["quickbooks"]
            asked = SandboxRequest("GET", parts.path, tuple(parse_qsl(parts.query)), {}, b"")
            self.location = box.handle(asked).headers["location"]
        else:
            self.location = found[0]
            self.story.bank.finish_link(found[0])


class Pasted(Stream):
    def __init__(self, screen: Typist) -> None:
        super().__init__()
        self.screen = screen

    def readline(self, _size: int = -1, /) -> str:
        self.screen.flush()
        return self.screen.location


def leaks(story: Story, folder: Path) -> list[tuple[str, str]]:
    found = {**written(folder), "streams": story.said.encode()}
    return [
        (name, secret)
        for secret in story.planted()
        for spelling in spellings(secret)
        for name, body in found.items()
        if spelling[:FIRST].encode() in body
    ]


def signed_in(story: Story) -> None:
    for system in ("quickbooks", "bank"):
        assert story.run("auth", "login", system, "--paste", person=True) == 0, story.said


def test_no_credential_of_any_kind_is_in_any_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with house() as found:
        story = Story(found)
        signed_in(story)
        assert story.run("pull", "bank", "erp", "-vv") == 0, story.said
        for transport in (Echo, Broken, Unauthorized, Defect):
            story.run("doctor", "-vv", transport=transport)  # asks every system
            story.run("auth", "login", "quickbooks", "--paste", transport=transport, person=True)
        found.clock.advance(3600)  # the access token has ended: the refresh is what is refused
        for transport in (Echo, Gone):
            story.run("pull", "quickbooks", "--log-format", "text", "-v", transport=transport)
        for words in AFTERWARDS:
            story.run(*(str(tmp_path / "copy.db") if word == "COPY" else word for word in words))
        assert story.said.count("[redacted]") > 20
        assert len(story.planted()) >= 12
        assert leaks(story, found.folder) == []
        assert leaks(story, tmp_path) == []
        stores = list((found.folder / "tokens").rglob("*"))
        assert all(path.stat().st_mode & 0o077 == 0 for path in (found.folder / "tokens", *stores))
