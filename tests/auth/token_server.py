"""A pretend authorization server with rotating refresh tokens, over HTTP on 127.0.0.1 or as an httpx transport.

Strict: an unknown client, a used refresh token after its grace, a wrong verifier or a form field that nobody asked for
is refused as RFC 6749 says. It counts what it was asked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import httpx

from syncctl.auth.card import SignInCard
from syncctl.clock import Clock

CLIENT, SECRET = "client-1", "client-secret-000001"
CARD = SignInCard(
    authorize_url="https://login.vendor.example/authorize",
    token_url="https://identity.vendor.example/token",
    revoke_url="https://identity.vendor.example/revoke",
    scopes=("accounting", "offline_access"),
    grants=("authorization_code", "client_credentials"),
    grace_seconds=1800,
    refresh_seconds=60 * 86_400,
)
FIELDS = {
    "authorization_code": {"grant_type", "code", "redirect_uri", "code_verifier"},
    "refresh_token": {"grant_type", "refresh_token"},
    "client_credentials": {"grant_type", "scope"},
}


@dataclass
class TokenServer:
    """The state: which refresh token is current, which were used when, and which codes are waiting."""

    clock: Clock
    grace_seconds: float = 1800
    seconds: int = 1800
    codes: dict[str, str] = field(default_factory=dict)
    current: str = ""
    used: dict[str, datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    lose: int = 0
    """So many answers get lost after the work is done."""
    _made: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, headers: dict[str, str], body: str) -> tuple[int, dict[str, object]]:
        """One request."""
        with self._lock:
            form = dict(parse_qsl(body, keep_blank_values=True))
            if headers.get("authorization") != "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode():
                return 401, {"error": "invalid_client"}
            if path == "/revoke":
                self.asked.append("revoke")
                self.current = ""
                return 200, {}
            grant = form.get("grant_type", "")
            self.asked.append(grant)
            if set(form) - FIELDS.get(grant, set()):
                return 400, {"error": "invalid_request", "error_description": f"unknown: {sorted(form)}"}
            return self._grant(grant, form)

    def _grant(self, grant: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        match grant:
            case "authorization_code":
                challenge = self.codes.pop(form.get("code", ""), None)
                digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                if challenge != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
                    return 400, {"error": "invalid_grant", "error_description": "the code does not fit"}
                return 200, self._new(refresh=True)
            case "refresh_token":
                if not self._may_refresh(form.get("refresh_token", "")):
                    return 400, {"error": "invalid_grant", "error_description": "the refresh token was used"}
                return 200, self._new(refresh=True)
            case "client_credentials":
                return 200, self._new(refresh=False)
        return 400, {"error": "unsupported_grant_type"}

    def _may_refresh(self, token: str) -> bool:
        if token == self.current:
            return True
        since = self.used.get(token)
        return since is not None and self.clock.now() - since < timedelta(seconds=self.grace_seconds)

    def _new(self, *, refresh: bool) -> dict[str, object]:
        self._made += 1
        body: dict[str, object] = {
            "access_token": f"access-token-{self._made:06}",
            "expires_in": self.seconds,
            "token_type": "Bearer",
        }
        if refresh:
            if self.current:
                self.used.setdefault(self.current, self.clock.now())
            self.current = f"refresh-token-{self._made:06}"
            body["refresh_token"] = self.current
        return body


class TokenTransport(httpx.BaseTransport):
    """The server without a network."""

    def __init__(self, server: TokenServer) -> None:
        self.server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        status, body = self.server.answer(request.url.path, dict(request.headers), request.read().decode())
        if self.server.lose:
            self.server.lose -= 1
            raise httpx.ReadTimeout("no answer", request=request)
        return httpx.Response(status, json=body)


@contextmanager
def served(server: TokenServer) -> Iterator[str]:
    """The server on a port of this machine; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = server.answer(self.path, headers, body)
            text = json.dumps(answer).encode()
            self.send_response_only(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
