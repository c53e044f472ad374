"""Canaries where systems sign in by themselves (Xero, Salesforce, OAuth of a declared system), in alert channels whose
server repeats what it was sent, and in writes that are refused for who asks, or cannot leave."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

import httpx
import pytest

from cli.house import House, Stream, house
from cli.test_declared_system import DECLARED
from syncctl.auth.store import FileStore, Place
from syncctl.auth.tokens import TOKENS, Kept, Tokens
from syncctl.cli.app import run
from syncctl.cli.session import Session
from syncctl.redact import Redactor
from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.erp import ErpSandbox
from test_canary import FIRST, Broken, Defect, Echo, Gone, Unauthorized, WritesRefused, secrets, spellings, written

SETTINGS: Final = """\
systems:
  xero: {connector: xero, environment: sandbox, company: a46fcb6f-2773-40c4-a119-8aa08bca1e8e,
         sign_in: {client_id: env:XERO_ID, client_secret: env:XERO_KEY}}
  crm: {connector: salesforce, environment: sandbox, base_url: "https://northwind.my.salesforce.com",
        sign_in: {client_id: env:CRM_ID, client_secret: env:CRM_KEY}}
  erp: {connector: rest, file: systems/erp.yaml, environment: sandbox, credential: env:ERP_KEY, company: "4711"}
books: {time_zone: Europe/Berlin}
alerts:
  - {channel: env:CHAT, allow_private: true}
"""
OAUTH: Final = "auth: {oauth2: https://erp.example.com/token, client_id: us, scope: books}"
PLAIN: Final = {"XERO_ID": "our-xero-app", "CRM_ID": "our-crm-app"}
CANARIES: Final = {
    "XERO_KEY": "xero/key+canary=Lp4Vn8Rw2Tz6Qk1Hs9Dg",
    "CRM_KEY": "crmkeycanary5Jc7Bm3Xv9Wf1Ey4Nd",
    "ERP_KEY": 'erp"oauth\\canary&Zt8Gq2Ku6Ma0Ri5Pb',
}
GIVEN: Final = ("access+canary/Oh3Yl7Cs1Fd5Vx9Zq==", "refresh.canary-Ug6Tb2Ne8Ja4Wk0Lm")
"""What a token server gives out."""
KEPT: Final = ("accesscanaryHx5Rf1Pv9Ct3Qs7Kz", "refreshcanaryDy2Mw8Gb4Ln6Xj0Ve")
"""What is in the stores."""
CHAT: Final = ("chatpwcanaryBs7Kd3Wq9Zf1Rt5Ym", "chatpathcanaryEu4Hp8Xc2Vj6Nl0Ga")


class Signs(Echo):
    """A token server that gives tokens, before a system that refuses and repeats them."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/token"):
            return super().handle_request(request)
        tokens = dict(zip(("access_token", "refresh_token"), GIVEN, strict=True))
        return httpx.Response(200, json={**tokens, "token_type": "Bearer", "expires_in": 1800}, request=request)


class WritesUnauthorized(WritesRefused):
    status = 401


class WritesGone(WritesRefused):
    """The first writes cannot leave, and the network says with what."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        before = len(self.sandbox.writes())
        answer = SandboxTransport.handle_request(self, request)
        if len(self.sandbox.writes()) > before:
            raise httpx.ConnectError(f"no route for {request.headers.get('authorization')}", request=request)
        return answer


class Repeating(BaseHTTPRequestHandler):
    """Refuses an alert, and repeats everything it was sent: in its reason, its headers and its body."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        sent = f"{self.path} {self.headers.get('Authorization')}"
        body = f"{sent} {' '.join(CHAT)}".encode()
        self.send_response(403, sent)
        self.send_header("X-Sent", sent)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def repeating() -> Iterator[str]:
    """The address of a channel whose server repeats what it is sent."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Repeating)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"json://bot:{CHAT[0]}@127.0.0.1:{server.server_port}/{CHAT[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Office:
    """A project of three systems that sign in, and everything that was said in it."""

    def __init__(self, folder: Path, chat: str) -> None:
        self.folder, self.chat, self.said, self.clock = folder, chat, "", FakeClock()
        (folder / "mappings").mkdir(parents=True)
        (folder / "systems").mkdir()
        (folder / "syncctl.yaml").write_text(SETTINGS)
        (folder / "systems" / "erp.yaml").write_text(DECLARED.replace("auth: {header: X-Api-Key}", OAUTH))
        now = self.clock.now()
        facts = {"instance_url": "https://northwind.my.salesforce.com"}
        tokens = Tokens(KEPT[0], datetime(2026, 11, 20, 4, tzinfo=UTC), now, KEPT[1], facts=facts)
        for system in ("xero", "crm"):
            FileStore(Place(folder / "ledger.db", system, "sandbox"), TOKENS).save(Kept(tokens))

    def run(self, *words: str, transport: type[SandboxTransport]) -> int:
        out, err = Stream(), Stream()
        box = Sandbox(ErpSandbox(self.clock, limits=False))
        around = {"transports": {name: transport(box) for name in ("xero", "crm", "erp")}, "clock": self.clock}
        environment = {"SYNCCTL_CONFIG": "/nonexistent", **PLAIN, **CANARIES, "CHAT": self.chat}
        code = run(
            ["--project", str(self.folder), *words],
            Session(out=out, err=err, answers=Stream(), environment=environment, surroundings=around),
        )
        self.said += out.getvalue() + err.getvalue()
        return code


def leaks(planted: tuple[str, ...], said: str, folder: Path) -> list[tuple[str, str]]:
    found = {**written(folder), "streams": said.encode()}
    return [
        (name, secret)
        for secret in planted
        for spelling in spellings(secret) | {quote(secret)}
        for name, body in found.items()
        if spelling[:FIRST].encode() in body
    ]


def test_no_client_secret_and_no_token_of_a_sign_in_leaves_nor_an_alerts_address(tmp_path: Path) -> None:
    with repeating() as chat:
        office, codes = Office(tmp_path / "books", chat), set[int]()
        for transport in (Echo, Unauthorized, Signs, Broken, Defect, Gone):
            for system in ("xero", "crm", "erp"):
                codes.add(office.run("pull", system, "-vv", transport=transport))
            office.clock.advance(3_600)  # whatever was good for an hour is asked for again
        assert office.run("doctor", "-vv", transport=Signs) != 0
        assert office.run("alerts", "test", transport=Echo) == 1
    assert set(codes) == {1, 4}  # every system was reached, and refused
    assert office.said.count("[redacted]") > 20
    assert "403" in office.said
    kept = {one for system in ("xero", "crm") for one in (office.folder / "tokens").rglob(f"*{system}*")}
    assert kept
    assert leaks((*CANARIES.values(), *GIVEN, *KEPT, *CHAT), office.said, office.folder) == []


@pytest.mark.parametrize("safe", ["", "/"], ids=["all of it", "but for slashes"])
@pytest.mark.parametrize("spelled", [quote, quote_plus])
def test_a_token_is_masked_however_an_address_spells_it(spelled: Callable[..., str], safe: str) -> None:
    for text in (shown := spelled(GIVEN[0], safe=safe), re.sub("%..", lambda found: found[0].lower(), shown)):
        assert Redactor(GIVEN)(text) == "[redacted]"
    assert Redactor(GIVEN)(GIVEN[0].replace("/", "\\/")) == "[redacted]"


@pytest.mark.parametrize("transport", [WritesUnauthorized, WritesGone], ids=lambda one: one.__name__)
@pytest.mark.parametrize("words", [("reconcile", "--yes"), ("apply", "PLAN")], ids=" ".join)
def test_no_secret_leaves_with_a_write_that_is_refused_for_who_asks_or_cannot_leave(
    words: tuple[str, ...], transport: type[SandboxTransport]
) -> None:
    with house() as found:
        said = sent(found, words, transport)
        assert leaks(tuple(secrets(found)), said, found.folder) == []


def sent(found: House, words: tuple[str, ...], transport: type[SandboxTransport]) -> str:
    assert found.first is not None
    (plan,) = set(re.findall(r"syncctl apply (\w+)", found.first.out))
    line = [plan if word == "PLAN" else word for word in words]
    wrote = found.run(*line, "--max-ratio", "100%", "-vv", transport=transport)
    assert wrote.code in (4, 5, 75)
    assert found.writes > 0
    listed = found.run("ops", "list", "--json")
    return wrote.out + wrote.err + listed.out + listed.err
