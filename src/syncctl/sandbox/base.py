"""What every pretend vendor shares: requests, answers, faults, the log and the httpx transport. No network.

A vendor implements `handle(request)`; `Sandbox` puts faults and the log around it. The clock is injected, so that
tests, the demo and the served sandbox all decide what time it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

import httpx

from syncctl.sandbox.clock import ServerClock

FAULTS = ("429", "500 before", "500 after", "lost", "late", "truncated", "slow")


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """One request as a server sees it. Header names are lower case; `query` keeps order and repeats."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class SandboxAnswer:
    """One answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Vendor(Protocol):
    """A pretend vendor: state and one function. `asks` are the paths (`*` stands for anything) whose POSTs change no
    record: queries, batch reads, sign-in.
    """

    name: str
    asks: tuple[str, ...]
    clock: ServerClock

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        """Answers as the vendor would; never raises for what a client sends."""
        ...

    def limited(self) -> SandboxAnswer:
        """The vendor's own answer to too many requests."""
        ...

    def broken(self) -> SandboxAnswer:
        """The vendor's own 500."""
        ...

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Stores a record made outside the API: like a create, but server-owned fields may be given."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything stored, by kind and id."""
        ...


@dataclass
class Fault:
    """Do this to the next `times` requests that match.

    `late`: the client gets no answer now, and the vendor gets the request `seconds` later. `slow`: so much later, and
    the client waits for it.
    """

    fault: str
    method: str = ""
    path: str = ""
    times: int = 1
    seconds: float = 5.0
    skip: int = 0

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Fault:
        """`{"match": {"method", "path"}, "fault", "times", "seconds", "skip"}`; raises ValueError on anything else."""
        name = body.get("fault")
        name = "lost" if name == "lost answer" else name
        if name not in FAULTS:
            raise ValueError(f"no fault named {name!r}; there are {', '.join(FAULTS)}")
        match = body.get("match", {})
        if not isinstance(match, Mapping):
            raise ValueError('`match` is {"method", "path"}')
        numbers = {key: value for key, value in body.items() if key not in ("fault", "match")}
        return cls(name, **_checked(match, _MATCH, "match"), **_checked(numbers, _NUMBERS, "fault"))

    def hits(self, request: SandboxRequest) -> bool:
        """True when this request is one of those; counts down."""
        if self.times <= 0 or (self.method and self.method != request.method) or self.path not in request.path:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


_MATCH: Final[Mapping[str, Sequence[type]]] = {"method": (str,), "path": (str,)}
_NUMBERS: Final[Mapping[str, Sequence[type]]] = {"times": (int,), "seconds": (int, float), "skip": (int,)}


def _checked(words: Mapping[str, Any], known: Mapping[str, Sequence[type]], of: str) -> dict[str, Any]:
    """A word that is overlooked would do the fault to other requests than were meant."""
    for word, value in words.items():
        if word not in known:
            raise ValueError(f"a {of} has no {word!r}; it has {', '.join(known)}")
        if type(value) not in known[word]:
            raise ValueError(f"`{word}` cannot be {value!r}: a {known[word][-1].__name__} is expected")
    return dict(words)


class ConnectionLost(Exception):
    """The client gets no answer. `seconds` is how long it waited in vain."""

    def __init__(self, seconds: float) -> None:
        super().__init__("the connection was lost")
        self.seconds = seconds


class Sandbox:
    """A vendor with faults and a log around it. Not safe for several threads at once; the server holds a lock."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.log: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self._late: list[tuple[datetime, SandboxRequest]] = []

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        """One request through faults, vendor and log. Raises ConnectionLost when the client shall see no answer."""
        self.catch_up()
        fault = next((found for found in self.faults if found.hits(request)), None)
        entry: dict[str, Any] = {
            "at": self.vendor.clock.now().astimezone(UTC).isoformat(),
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "status": None,
            "fault": fault.fault if fault else None,
        }
        self.log.append(entry)
        answer = self._faulty(request, fault) if fault else self.vendor.handle(request)
        entry["status"] = answer.status
        return answer

    def _faulty(self, request: SandboxRequest, fault: Fault) -> SandboxAnswer:
        if fault.fault == "429":
            return self.vendor.limited()
        if fault.fault == "500 before":
            return self.vendor.broken()
        if fault.fault == "late":
            self._late.append((self.vendor.clock.now() + timedelta(seconds=fault.seconds), request))
            raise ConnectionLost(0.0)
        if fault.fault == "slow":
            self.vendor.clock.sleep(fault.seconds)
            self.catch_up()
        answer = self.vendor.handle(request)
        if fault.fault == "lost":
            raise ConnectionLost(0.0)
        if fault.fault == "500 after":
            return self.vendor.broken()
        if fault.fault == "truncated":
            return SandboxAnswer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)
        return answer

    def catch_up(self) -> None:
        """Applies the late requests that have arrived by now, each at its own time and in that order."""
        now = self.vendor.clock.now()
        arrived = sorted((entry for entry in self._late if entry[0] <= now), key=lambda entry: entry[0])
        self._late = [entry for entry in self._late if entry[0] > now]
        for moment, request in arrived:
            with self.vendor.clock.at(moment):
                self.vendor.handle(request)

    def restart(self, vendor: Vendor) -> None:
        """Goes on with this vendor, without faults, log and requests on their way. In place: whoever holds this
        sandbox sees it.
        """
        self.vendor = vendor
        self.log.clear()
        self.faults.clear()
        self._late.clear()

    def writes(self) -> list[dict[str, Any]]:
        """The log's requests that may have changed something: what a second run must not add to."""
        return [entry for entry in self.log if not self._only_asks(entry["method"], entry["path"])]

    def _only_asks(self, method: str, path: str) -> bool:
        asked = method == "POST" and any(fnmatchcase(path, known) for known in self.vendor.asks)
        return asked or method in ("GET", "HEAD")


class SandboxTransport(httpx.BaseTransport):
    """Lets an httpx client talk to a Sandbox in the same process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = self.sandbox.handle(from_httpx(request))
        except ConnectionLost as error:
            raise httpx.ReadTimeout(str(error), request=request) from error
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body, request=request)


def from_httpx(request: httpx.Request) -> SandboxRequest:
    """The server's view of an httpx request."""
    parts = urlsplit(str(request.url))
    return SandboxRequest(
        request.method,
        request.url.path,
        tuple(parse_qsl(parts.query, keep_blank_values=True)),
        {name.lower(): value for name, value in request.headers.items()},
        request.read(),
    )


def json_answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> SandboxAnswer:
    """An answer with a JSON body; Decimals are written digit by digit."""
    from syncctl.fields.jsontext import encode_json

    return SandboxAnswer(status, encode_json(body), {"content-type": "application/json", **(headers or {})})


def query_dict(request: SandboxRequest) -> dict[str, str]:
    """The query as a dict (the last of repeated names)."""
    return dict(request.query)


def form_dict(request: SandboxRequest) -> list[tuple[str, str]]:
    """A form-encoded body as pairs."""
    return parse_qsl(request.body.decode(), keep_blank_values=True)


def json_body(request: SandboxRequest) -> Any:
    """The decoded JSON body; raises ValueError."""
    return json.loads(request.body or b"{}")
