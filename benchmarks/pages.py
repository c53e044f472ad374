"""Pages of invoices as Stripe sends them, made once, and a server process that only hands them out.

I/O: benchmarks/data; the server listens on 127.0.0.1 (`python -m benchmarks.pages FILE` prints its URL).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from benchmarks import made
from benchmarks.measure import DATA, ROOT

PAGE: Final = 100
"""Stripe's largest page."""
LENGTH_BYTES: Final = 8


def page_file(count: int) -> Path:
    """A file of pages, indented by two blanks, as Stripe's answers are."""
    starts = range(0, count, PAGE)
    pages = (_page(range(start, min(start + PAGE, count)), more=start + PAGE < count) for start in starts)
    return _file(f"pages-{count}", pages)


def row_file(count: int) -> Path:
    """A file of invoices, each as the connector hands it to the ledger: compact JSON of 1.4 KB."""
    return _file(f"rows-{count}", (made.stripe_invoice(number, lines=True) for number in range(count)))


def _file(name: str, bodies: Iterable[bytes]) -> Path:
    """Each body after its length."""
    stamp = Path(str(made.__file__)).stat().st_mtime_ns
    path = DATA / f"{name}-{stamp}.bin"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        for old in DATA.glob(f"{name}-*"):
            old.unlink()
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            for body in bodies:
                file.write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
        draft.rename(path)
    return path


def _page(numbers: range, *, more: bool) -> bytes:
    rows = [msgspec.Raw(made.stripe_invoice(number, lines=True)) for number in numbers]
    page = {"object": "list", "data": rows, "has_more": more, "url": "/v1/invoices"}
    return bytes(msgspec.json.format(msgspec.json.encode(page), indent=2))


def bodies(path: Path) -> Iterator[bytes]:
    """The pages or rows of a file, one at a time."""
    with path.open("rb") as file:
        while length := file.read(LENGTH_BYTES):
            yield file.read(int.from_bytes(length, "big"))


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The URL of a server process for these pages."""
    command = [sys.executable, "-m", "benchmarks.pages", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


class _Handler(BaseHTTPRequestHandler):
    """Answers `starting_after` with the page that follows it."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 20
    disable_nagle_algorithm = True
    pages: tuple[bytes, ...] = ()

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query).get("starting_after", ["in_-1"])[0]
        body = self.pages[(int(asked.removeprefix("in_")) + 1) // PAGE]
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


def main() -> None:
    """Serves until it is terminated."""
    _Handler.pages = tuple(bodies(Path(sys.argv[1])))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
