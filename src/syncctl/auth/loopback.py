"""Waits for the browser's answer on this machine. I/O: one HTTP server on 127.0.0.1, for one answer."""

from __future__ import annotations

from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final
from urllib.parse import urlsplit

from syncctl.auth.request import read_answer
from syncctl.clock import Clock
from syncctl.errors import ConfigError, CredentialError, SyncctlError

HOST: Final = "127.0.0.1"
IDLE_SECONDS: Final = 2.0
"""Browsers open connections ahead and say nothing on them; the answer may come on the next one."""
PAGE: Final = (
    b"<!doctype html><meta charset=utf-8><title>syncctl</title>"
    b"<p>syncctl has the answer. You can close this window and go back to the terminal."
)
OTHER: Final = (
    b"<!doctype html><meta charset=utf-8><title>syncctl</title>"
    b"<p>This is no answer to the sign-in that syncctl waits for. Go on in the window where you began it."
)


class _Server(HTTPServer):
    """Keeps the first answer to this sign-in; `timeout` bounds each wait."""

    def __init__(self, port: int, path: str, state: str) -> None:
        super().__init__((HOST, port), _Handler)
        self.path = path
        self.state = state
        self.answer: dict[str, str] = {}


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        """Browsers ask for other things too (an icon, the page ahead of time), and any page may call this address:
        only a request with this sign-in's state ends the wait, whatever else it says.
        """
        answer = read_answer(self.path) if urlsplit(self.path).path == self.server.path else {}
        ours = compare_digest(answer.get("state", "").encode(), self.server.state.encode())
        page = PAGE if ours else OTHER
        self.send_response_only(200 if ours else 400)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(page)
        if ours and not self.server.answer:
            self.server.answer = answer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the address holds the code."""


class Loopback:
    """The callback's server, listening from the moment it is made. `redirect_uri` must be one the vendor's app page
    lists, for example http://localhost:8765/callback; `state` is the request's own. Raises ConfigError, SyncctlError.
    """

    def __init__(self, redirect_uri: str, state: str, system: str) -> None:
        self._again = f"syncctl auth login {system}"
        self._system = system
        parts = urlsplit(redirect_uri)
        if parts.hostname not in (HOST, "localhost") or parts.scheme != "http" or parts.port is None:
            raise ConfigError(
                f"{redirect_uri} is no address on this machine",
                fix=f"`redirect` of {system} is http://localhost:PORT/PATH; else paste: {self._again} --paste",
            )
        try:
            self._server = _Server(parts.port, parts.path or "/", state)
        except OSError as error:
            raise SyncctlError(
                f"the port {parts.port} of {system}'s `redirect` cannot be opened: {error.strerror}",
                fix=f"end what uses it, or do without it: {self._again} --paste",
            ) from error

    def wait(self, seconds: float, clock: Clock) -> dict[str, str]:
        """The first answer that carries the state. Raises CredentialError when none comes in time."""
        end = clock.boottime() + seconds
        while not self._server.answer and (left := end - clock.boottime()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        if not self._server.answer:
            raise CredentialError(
                f"{self._system}: no answer came within {seconds:.0f} seconds",
                fix=f"{self._again} (with --paste where the browser is elsewhere); if the vendor's page shows an error,"
                " check `client_id` and `redirect` in syncctl.yaml against its app page first",
            )
        return self._server.answer

    def close(self) -> None:
        """Gives the port back."""
        self._server.server_close()
