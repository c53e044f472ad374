"""In place of httpx.Client, which would take more time than all the rest: the same requests, over a Line. No network.

What httpx makes of a real connection is tested with the served sandboxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from simulation.lines import Line
from syncctl.connectors.http import Http
from syncctl.sandbox.base import SandboxRequest


@dataclass(frozen=True, slots=True)
class Answered:
    """What Http reads of an httpx.Response."""

    status_code: int
    headers: dict[str, str]
    content: bytes


class Caller:
    """As httpx.Client, as far as Http uses it."""

    def __init__(self, http: Http) -> None:
        if not isinstance(http.access.transport, Line):
            raise TypeError(f"{http.system} is not on a line of a simulated world")
        self._base = urlsplit(http.base_url).path.rstrip("/")
        self._headers = {name.lower(): value for name, value in http.headers.items()}
        self._line = http.access.transport

    def request(
        self,
        method: str,
        url: str,
        *,
        params: list[tuple[str, str]] | None,
        content: bytes | None,
        headers: dict[str, str],
    ) -> Answered:
        """One exchange. Raises httpx.ReadTimeout and httpx.ConnectError."""
        parts = urlsplit(url)
        place = parts.path if parts.netloc else f"{self._base}/{parts.path.lstrip('/')}"
        query = [(str(name), str(value)) for name, value in params] if params else parse_qsl(parts.query, True)
        given = {**self._headers, **{name.lower(): value for name, value in headers.items()}}
        answer = self._line.exchange(SandboxRequest(method, unquote(place), tuple(query), given, content or b""))
        return Answered(answer.status, dict(answer.headers), answer.body)

    def close(self) -> None:
        """There are no connections."""
