"""Serves sandboxes over HTTP/1.1 on loopback, one port each. I/O: listens on 127.0.0.1, writes the ready file."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from syncctl.errors import SyncctlError
from syncctl.sandbox.base import ConnectionLost, Sandbox, SandboxAnswer, SandboxRequest, json_answer
from syncctl.sandbox.control import PREFIX, Fresh, control

HOST: Final = "127.0.0.1"
"""Nobody else on the network can reach a sandbox."""
STOP_POLL_SECONDS: Final = 0.05


class _Handler(BaseHTTPRequestHandler):
    """One keep-alive connection."""

    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet: with two, Nagle and delayed ACK cost 40 ms per answer.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdigit():
            self.close_connection = True
            self._write(json_answer(411, {"error": "a body needs a Content-Length"}))
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True  # the client, or our own stop, ended the request in the middle
            return
        try:
            answer = self.server.answer(self._request(body))
        except ConnectionLost:
            self.close_connection = True
            return
        self._write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815

    def _request(self, body: bytes) -> SandboxRequest:
        parts = urlsplit(self.path)
        return SandboxRequest(
            self.command,
            unquote(parts.path),
            tuple(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
        )

    def _write(self, answer: SandboxAnswer) -> None:
        given = {name.lower() for name in answer.headers}
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        if "date" not in given:
            self.send_header("Date", format_datetime(self.server.sandbox.vendor.clock.now(), usegmt=True))
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: the log is at /_sandbox/log."""


class _Server(ThreadingHTTPServer):
    """One sandbox on one port: a thread per connection, one request at a time."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, sandbox: Sandbox, port: int, fresh: Fresh | None) -> None:
        super().__init__((HOST, port), _Handler)
        self.sandbox = sandbox
        self.failures: list[BaseException] = []
        self._fresh = fresh
        self._one_at_a_time = threading.Lock()
        self._connections: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def answer(self, request: SandboxRequest) -> SandboxAnswer:
        with self._one_at_a_time:
            if request.path.startswith(PREFIX):
                return control(self.sandbox, self._fresh, request)
            return self.sandbox.handle(request)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is its own business; anything else is a defect of a sandbox and is kept."""
        error = sys.exception()
        if error is None or isinstance(error, ConnectionError):
            return
        self.failures.append(error)
        super().handle_error(request, client_address)

    def stop(self) -> None:
        """Takes no more requests, finishes the ones under way, closes every connection."""
        self.shutdown()
        for connection in tuple(self._connections):
            _stop_reading(connection)
        self.server_close()


def _stop_reading(connection: socket.socket) -> None:
    """Wakes the thread that waits for the next request; an answer being written still leaves."""
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return  # the client closed it first


class Served:
    """Sandboxes on loopback ports, as a context manager: `with Served({"stripe": sandbox}) as urls:`.

    `port_base` 8100 puts the first on 8101, the second on 8102 and so on; 0 takes any free ports. `fresh` says for
    each system how `POST /_sandbox/reset` builds its vendor anew. Raises SyncctlError when a port is taken; leaving
    the context raises SandboxFailed when a vendor raised while it answered.
    """

    def __init__(
        self, sandboxes: Mapping[str, Sandbox], *, port_base: int = 0, fresh: Mapping[str, Fresh] | None = None
    ) -> None:
        self._sandboxes = sandboxes
        self._port_base = port_base
        self._fresh = fresh or {}
        self._servers: dict[str, _Server] = {}
        self._threads: list[threading.Thread] = []

    def start(self) -> dict[str, str]:
        """Listens; the base URL of each system by its name."""
        try:
            for number, (name, sandbox) in enumerate(self._sandboxes.items(), start=1):
                self._servers[name] = _listen(sandbox, self._port(number), self._fresh.get(name))
        except SyncctlError:
            self._close()
            raise
        for name, server in self._servers.items():
            thread = threading.Thread(target=server.serve_forever, args=(STOP_POLL_SECONDS,), name=f"sandbox-{name}")
            thread.start()
            self._threads.append(thread)
        return {name: server.url for name, server in self._servers.items()}

    def _port(self, number: int) -> int:
        return self._port_base + number if self._port_base else 0

    def _close(self) -> None:
        for server in self._servers.values():
            server.server_close()
        self._servers.clear()

    def stop(self) -> tuple[BaseException, ...]:
        """Stops every server; what went wrong inside a vendor meanwhile."""
        for server in self._servers.values():
            server.stop()
        for thread in self._threads:
            thread.join()
        failures = tuple(error for server in self._servers.values() for error in server.failures)
        self._servers.clear()
        self._threads.clear()
        return failures

    def __enter__(self) -> dict[str, str]:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        failures = self.stop()
        if failures and kind is None:
            raise SandboxFailed(f"a sandbox failed {len(failures)} times") from failures[0]


class SandboxFailed(Exception):
    """A pretend vendor raised instead of answering: a defect of the sandbox, never of the client."""


def _listen(sandbox: Sandbox, port: int, fresh: Fresh | None) -> _Server:
    try:
        return _Server(sandbox, port, fresh)
    except OSError as error:
        raise SyncctlError(
            f"the {sandbox.vendor.name} sandbox cannot listen on {HOST}:{port}: {error.strerror}",
            fix="free the port or choose another --port-base (0 takes any free ports)",
        ) from error


def write_ready_file(path: Path, urls: Mapping[str, str]) -> None:
    """`{"stripe": "http://127.0.0.1:8101", …}`, there whole or not at all. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(urls, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def serve(
    sandboxes: Mapping[str, Sandbox],
    *,
    port_base: int = 8100,
    ready_file: Path | None = None,
    fresh: Mapping[str, Fresh] | None = None,
    on_ready: Callable[[Mapping[str, str]], None] | None = None,
) -> int:
    """Serves until SIGTERM or SIGINT and returns that signal's number; only callable in the main thread.

    The ready file is there exactly while all systems answer: an old one goes before the first port is opened.
    """
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    with (
        _Signals(signal.SIGTERM, signal.SIGINT) as signals,
        Served(sandboxes, port_base=port_base, fresh=fresh) as urls,
    ):
        try:
            if ready_file is not None:
                write_ready_file(ready_file, urls)
            if on_ready is not None:
                on_ready(urls)
            return signals.wait()
        finally:
            if ready_file is not None:
                ready_file.unlink(missing_ok=True)


class _Signals:
    """Turns the first of some signals into a value, and puts the old handlers back.

    Through a pipe, because an Event that a handler sets while its own thread enters `wait` would deadlock.
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._numbers = numbers
        self._before: dict[int, Any] = {}
        self._read, self._write = os.pipe()

    def __enter__(self) -> _Signals:
        for number in self._numbers:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)

    def _note(self, number: int, _frame: object) -> None:
        os.write(self._write, bytes([number]))

    def wait(self) -> int:
        """Blocks until a signal came."""
        return os.read(self._read, 1)[0]
