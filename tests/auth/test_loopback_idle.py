"""A browser that opens a connection and says nothing holds no sign-in up."""

from __future__ import annotations

import socket
import threading

import httpx

from syncctl.auth.loopback import Loopback
from syncctl.clock import SystemClock


def test_a_connection_that_a_browser_opens_ahead_does_not_hold_the_answer_up() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Loopback(f"http://localhost:{port}/callback", "s", "books")
    found: list[dict[str, str]] = []
    waiting = threading.Thread(target=lambda: found.append(server.wait(20, SystemClock())))
    waiting.start()
    try:
        with socket.create_connection(("127.0.0.1", port)):
            answer = httpx.get(f"http://127.0.0.1:{port}/callback?code=abc&state=s", timeout=10, trust_env=False)
        waiting.join(10)
    finally:
        server.close()
    assert answer.status_code == 200
    assert found == [{"code": "abc", "state": "s"}]
