"""A web server on this machine that takes what alerts send; what it answers can be chosen. I/O: a socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """`taken` are the bodies that arrived, `looks` what `look` saw at those moments; `status` is what the next request
    gets; until `mute` is set, where there is one, none is answered.
    """

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.looks: list[object] = []
        self.look: Callable[[], object] = lambda: None
        self.status = 200
        self.location = ""
        self.mute: threading.Event | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def titles(self) -> list[str]:
        """The titles that arrived since the last look."""
        found = [str(body["title"]) for body in self.taken]
        self.taken.clear()
        return found

    @property
    def address(self) -> str:
        """Its Apprise address, with a secret in it."""
        return f"json://robot:hunter2-hunter2@127.0.0.1:{self._server.server_port}/hook"

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.01)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if listener.mute is not None:
                    listener.mute.wait(5)
                if listener.status < 300:
                    listener.looks.append(listener.look())
                    listener.taken.append(json.loads(body))
                self.send_response(listener.status)
                if listener.location:
                    self.send_header("Location", listener.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        return Handler


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener for as long as the block runs."""
    listener = Listener()
    thread = threading.Thread(target=listener.serve, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.close()
        thread.join()
