"""Secrets are planted wherever one goes in, and looked for in every byte that comes out: files, streams, tracebacks."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

import httpx
import pytest

from cli.house import House, house
from conftest import ROOT
from syncctl.redact import Redactor
from syncctl.sandbox.base import SandboxTransport

FIRST: Final = 24
"""So many letters of a secret, in whatever spelling, count as the secret."""


def spellings(secret: str) -> set[str]:
    """A secret as it stands in headers, URLs, JSON and base64 (behind any number of other bytes)."""
    found = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    for before in range(3):
        encoded = base64.b64encode(b"x" * before + secret.encode()).decode()
        found.add(encoded[4 : len(encoded) - 4])
    return found


class Echo(SandboxTransport):
    """A vendor that refuses, and says in its refusal everything it was sent, in every spelling."""

    status = 400
    refuses = "/"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.refuses not in request.url.path:
            return super().handle_request(request)
        sent = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        authorization = request.headers.get("authorization", "")
        body = {
            "message": f"refused {authorization}",
            "error": {"message": sent, "type": "invalid_request_error", "code": quote(authorization)},
            "Fault": {"Error": [{"Message": sent, "Detail": json.dumps(sent), "code": "2010"}], "type": "Validation"},
            "headers": base64.b64encode(sent.encode()).decode(),
            "credential": base64.b64encode(authorization.removeprefix("Bearer ").encode()).decode(),
            "request": request.read().decode(),
        }
        return httpx.Response(self.status, json=body, headers={"request-id": authorization}, request=request)


class Broken(Echo):
    status = 500


class Unauthorized(Echo):
    status = 401


class Limited(Echo):
    status = 429


class WritesRefused(Echo):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        before = len(self.sandbox.writes())
        answer = SandboxTransport.handle_request(self, request)
        return super().handle_request(request) if len(self.sandbox.writes()) > before else answer


class WritesBroken(WritesRefused):
    status = 500


class Defect(SandboxTransport):
    """An error nobody foresaw, whose text holds the request."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise RuntimeError(f"cannot send {dict(request.headers)}")


class Gone(SandboxTransport):
    """The network fails, and says with what."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no route for {request.headers.get('authorization')}", request=request)


COMMANDS: Final = (
    ("doctor",),
    ("pull", "--full"),
    ("reconcile", "--dry-run"),
    ("schema", "pull"),
    ("auth", "status"),
    ("reconcile", "--yes", "--max-ratio", "100%", "--max-changes", "5000"),
)
AFTERWARDS: Final = (
    ("findings", "list"),
    ("runs", "list"),
    ("ops", "list"),
    ("plan", "--out", "PLAN"),
    ("ledger", "query", "SELECT * FROM operations"),
)


@pytest.fixture
def fresh() -> Iterator[House]:
    with house() as found:
        yield found


def secrets(found: House) -> list[str]:
    """A client id is none: it stands in every address of a sign-in."""
    named = [line.partition("=") for line in (found.folder / ".env").read_text().splitlines()]
    return [value for name, _, value in named if value and not name.endswith("_CLIENT_ID")]


def written(folder: Path) -> dict[str, bytes]:
    """Every byte under a folder, except where secrets are kept."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    kept = {folder / ".env"}
    return {str(path): path.read_bytes() for path in files if path not in kept and path.parent.name != "tokens"}


@pytest.mark.parametrize(
    "transport",
    [Echo, Broken, Limited, WritesRefused, WritesBroken, Defect],
    ids=lambda one: one.__name__,
)
def test_no_secret_leaves_whatever_a_vendor_answers(fresh: House, transport: type[SandboxTransport]) -> None:
    planted = secrets(fresh)
    assert len(planted) == 5
    said = ""
    for number, words in enumerate(COMMANDS):
        look = (("-vv",), ("--log-format", "text", "-v"))[number % 2]
        answer = fresh.run(*words, *look, transport=transport, terminal=number % 2 == 1, typed="y\n")
        said += answer.out + answer.err
    for words in AFTERWARDS:
        answer = fresh.run(*(str(fresh.folder / "friday.plan") if word == "PLAN" else word for word in words), "--json")
        said += answer.out + answer.err
    assert "refused" in said or "cannot send" in said or transport in (Broken, Limited)
    bytes_out = {**written(fresh.folder), "streams": said.encode()}
    assert any(name.endswith("ledger.db") for name in bytes_out)
    leaks = [
        (name, spelling)
        for secret in planted
        for spelling in spellings(secret)
        for name, body in bytes_out.items()
        if spelling[:FIRST].encode() in body
    ]
    assert leaks == []


def test_no_secret_stays_in_a_temporary_folder(fresh: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    planted = secrets(fresh)
    fresh.run("pull", "--full")
    fresh.run("demo", "--scale", "0.01")
    for body in written(tmp_path).values():
        assert not any(secret.encode() in body for secret in planted)
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize(
    "written_there",
    [
        "base_url: https://me:canary-7f3a9c1e5b@api.example.com",
        "options: {api_key: sk_live_canary7f3a9c1e5b}",
        "company: Bearer canary-7f3a9c1e5b",
        "credential: canary-7f3a9c1e5b",
        "credential: https://hooks.slack.com/services/T0/B0/canary-7f3a9c1e5b",
    ],
)
def test_a_secret_written_into_the_settings_is_refused_and_never_repeated(fresh: House, written_there: str) -> None:
    path = fresh.folder / "syncctl.yaml"
    key = written_there.partition(":")[0]
    lines = path.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip() == "connector: stripe")
    own = [line for line in lines[at + 1 : at + 6] if line.strip().startswith(f"{key}:")]
    lines = [line for number, line in enumerate(lines) if not (at < number < at + 6 and line in own)]
    lines.insert(at + 1, f"    {written_there}")
    path.write_text("\n".join(lines))
    for look in ((), ("-vv",), ("--log-format", "text")):
        said = fresh.run("pull", *look, terminal="text" in look)
        assert said.code == 78, said.err
        assert "canary" not in said.out + said.err
        assert "7f3a9c1e5b" not in said.out + said.err


def test_no_recorded_traffic_holds_anything_with_the_shape_of_a_secret() -> None:
    look = Redactor()
    files = [path for path in (ROOT / "cassettes").rglob("*") if path.is_file()]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        assert "sk_live_" not in text
        assert "Bearer " not in look(text).replace("Bearer [redacted]", "")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Token canary-7f3a9c1e5b",
        '{"authorization": "Bearer canary-7f3a9c1e5b"}',
        '{\\"client_secret\\": \\"canary-7f3a9c1e5b\\"}',
        "x-api-key: canary-7f3a9c1e5b",
        "https://me:canary-7f3a9c1e5b@erp.example.com/x",
        "see https://hooks.slack.com/services/T0/B0/canary-7f3a9c1e5b",
        "access-production-12345678-canary-7f3a9c1e5b".replace("canary-", "abcd-"),
        "00D5e0000008xyz!AQcanary.7f3a9c1e5b",
        "refresh_token=canary-7f3a9c1e5b&grant_type=x",
    ],
)
def test_a_secret_nobody_told_us_about_is_known_by_its_shape(text: str) -> None:
    shown = Redactor()(text)
    assert "7f3a9c1e5b" not in shown
    assert "[redacted]" in shown


@pytest.mark.parametrize("before", ["", "a", "ab", "abc:"])
def test_a_known_secret_is_masked_in_every_spelling(before: str) -> None:
    secret = 'p@ss/w"rd+with=signs&more 100%'
    redact = Redactor([secret])
    for text in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps({"a": secret})):
        assert "with" not in redact(text)
    encoded = base64.b64encode(f"{before}{secret}".encode()).decode()
    assert len(redact(encoded).replace("[redacted]", "")) <= len(base64.b64encode(before.encode())) + 4
