"""The one HTTP client: reads retry, writes never do. I/O: network.

Every answer that is not a success passes through the connector's `explain`, which knows the vendor's codes.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from hashlib import sha256
from typing import Any, Final, NoReturn, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
import tenacity

from syncctl.clock import Clock
from syncctl.connectors.base import Access, Allowance, Answered, DateTold, Limits
from syncctl.connectors.reservations import Reservations
from syncctl.errors import (
    AnswerUnreadable,
    AuthenticationFailed,
    Exchange,
    LimitReached,
    ReadOnly,
    RequestRefused,
    VendorError,
    VendorUnavailable,
)
from syncctl.fields.jsontext import decode_json, require_utf8
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Outcome, Request
from syncctl.redact import Redactor

READS: Final = ("GET", "HEAD")
READ_WAIT_SECONDS_MAX: Final = 90.0
"""A longer wait than this is no pause but a stop: the run ends with a resume point."""
BODY_SHOWN: Final = 2_000
SECRET_BYTES_MAX: Final = 4_096
ANSWER_KEPT: Final = 16_384
"""So much of the answer to a write stays readable in the audit chain; the digest is over all of it."""
Read = TypeVar("Read")
_syntax: Final = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer. Header names are lower case. `token` is the bearer token that the request carried."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    request: str = ""
    token: str = field(default="", repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The decoded body; raises Undecodable."""
        return decode_json(self.body)

    def checked(self) -> Answer:
        """The answer without the blanks that indent it; raises Undecodable when the body is no JSON.

        Builds no value: a page of rows is read row by row later. Taking the blanks out checks the syntax on its way.
        """
        try:
            require_utf8(self.body)
            if b"\n" in self.body:
                return replace(self, body=bytes(msgspec.json.format(self.body, indent=-1)))
            _syntax.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Undecodable(f"not JSON: {error}") from error
        return self


class NoAnswer(Exception):
    """The request may or may not have reached the vendor. `sent` is False when it certainly did not."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a vendor's refusal means, told from the vendor's code. `wait_seconds` None on a limit: not today."""

    outcome: Outcome
    code: str = ""
    message: str = ""
    fix: str = ""
    wait_seconds: float | None = None
    vendor_request_id: str = ""


class Authorize(Protocol):
    """Gives the headers of one request. May refresh a token; raises CredentialError."""

    def __call__(self) -> Mapping[str, str]: ...


class Limiter:
    """Lets requests through no faster than the limit, and no more than `concurrent` at once.

    Spaced by reservation: each caller takes the next free moment under the lock and waits outside it. The moments may
    be those of every process on the ledger (see reservations.py); the slots are this process's own. A limiter from a
    library would bring its own clock and sleep; tests and the simulator need ours.
    """

    def __init__(self, limits: Limits, clock: Clock, reservations: Reservations | None = None) -> None:
        self._interval = max(1 / limits.per_second, 60 / limits.per_minute if limits.per_minute else 0.0)
        self._clock = clock
        self._reservations = reservations or Reservations()
        self._slots = threading.BoundedSemaphore(limits.concurrent)

    def __enter__(self) -> None:
        self._slots.acquire()
        try:
            with self._reservations as moments:
                now = self._clock.boottime()
                start = self._take(moments, now)
            if start > now:
                self._clock.sleep(start - now)
        except BaseException:
            self._slots.release()
            raise

    def __exit__(self, *_: object) -> None:
        self._slots.release()

    def _take(self, moments: list[float], now: float) -> float:
        """When this request may go; `moments` holds the first free moment, and from now on the one after it."""
        # An idle second is not lost: up to one second of requests may follow at once.
        start = max([*moments, now - 1.0])
        moments[:] = [start + self._interval]
        return start

    def pause(self, seconds: float) -> None:
        """Nobody goes before then: the vendor asked for it."""
        with self._reservations as moments:
            moments[:1] = [max([*moments[:1], self._clock.boottime() + seconds])]


def _untold(_headers: Mapping[str, str]) -> Allowance | None:
    """A vendor whose answers do not tell how many requests are left."""
    return None


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that vendors' certificates are checked against: reading them takes 0.03 s, so all systems share
    them.
    """
    return httpx.create_ssl_context()


@dataclass(frozen=True)
class Http:
    """One system's HTTP client, made with its connector's access. `explain` turns an unsuccessful answer into a
    Complaint; `allowance` reads from an answer's headers how many requests are left; the access's meter keeps that,
    and the answer to the last write. A read whose token was rejected is sent once more when `renew` has another one; a
    write is not, it goes back to the plan. `asks` are the paths (`*` stands for anything) whose POSTs only ask; where
    the access is read only, every other request but GET and HEAD raises ReadOnly, and no connection is opened for it.
    """

    access: Access
    base_url: str
    authorize: Authorize
    explain: Callable[[Answer], Complaint]
    limiter: Limiter
    timeout_seconds: float = 60.0
    headers: Mapping[str, str] = field(default_factory=dict)
    asks: tuple[str, ...] = ()
    allowance: Callable[[Mapping[str, str]], Allowance | None] = _untold
    _client: list[httpx.Client] = field(default_factory=list, repr=False)

    @property
    def system(self) -> str:
        return self.access.name

    @property
    def redact(self) -> Redactor:
        return self.access.redact

    def close(self) -> None:
        """Gives the connections back."""
        while self._client:
            self._client.pop().close()

    @property
    def client(self) -> httpx.Client:
        if not self._client:
            self._client.append(
                httpx.Client(
                    base_url=self.base_url,
                    transport=self.access.transport,
                    timeout=self.timeout_seconds,
                    headers=dict(self.headers),
                    follow_redirects=False,
                    trust_env=self.access.transport is None,
                    verify=True if self.access.transport is not None else _trusted(),
                )
            )
        return self._client[0]

    def read(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request that changes nothing, tried again on limits, 5xx and lost answers. Raises VendorError."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_worth_another_try),
            wait=_wait,
            stop=tenacity.stop_after_attempt(self.access.read_attempts),
            sleep=self.access.clock.sleep,
            reraise=True,
        )
        answer: Answer = retrying(self._read_once, method, path, query, body, headers or {})
        return answer

    def read_json(self, method: str, path: str, **words: Any) -> Any:
        """The decoded body of `read`; a body that is no JSON is tried again like a lost answer. Raises VendorError."""
        return self.read(method, path, **words).json()

    def _read_once(
        self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        try:
            answer = self._exchange(method, path, query, body, headers)
            if answer.status == httpx.codes.UNAUTHORIZED and answer.token and self.access.renew(answer.token):
                answer = self._exchange(method, path, query, body, headers)
        except NoAnswer as error:
            raise self.unanswered(error, f"{method} {path}") from error
        if not answer.ok:
            raise self.error(answer)
        try:
            return answer.checked()
        except Undecodable as error:
            raise AnswerUnreadable(
                f"{self.system} answered {answer.status} with something that is {error}",
                self._shown(answer, ""),
            ) from error

    def send(self, request: Request) -> Answer:
        """One attempt at a write. Raises NoAnswer when there is no whole answer."""
        self.access.meter.answered = None
        answer = self._exchange(request.method, request.path, request.query, request.body, dict(request.headers))
        # A secret that the cut would halve is masked whole first.
        shown = self.redact(answer.body[: ANSWER_KEPT + SECRET_BYTES_MAX].decode("utf-8", "replace"))[:ANSWER_KEPT]
        self.access.meter.answered = Answered(answer.status, len(answer.body), sha256(answer.body).hexdigest(), shown)
        return answer

    def _exchange(
        self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        if self.access.read_only and not self._only_asks(method, path):
            raise ReadOnly(self.system, f"{method} {path}")
        with self.limiter:
            signed = {**headers, **self.authorize()}
            try:
                response = self.client.request(method, path, params=list(query) or None, content=body, headers=signed)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                raise NoAnswer(self.redact(str(error)), sent=False) from error
            except httpx.HTTPError as error:
                raise NoAnswer(self.redact(f"{type(error).__name__}: {error}"), sent=True) from error
        token = httpx.Headers(signed).get("authorization", "").removeprefix("Bearer ")
        answer = Answer(response.status_code, _lower(response.headers), response.content, f"{method} {path}", token)
        if not answer.ok or not self._only_asks(method, path):
            answer = self._without_secrets(answer)
        self.access.meter.last = self.allowance(answer.headers) or self.access.meter.last
        if "date" in answer.headers:
            self.access.meter.told = DateTold(answer.headers["date"], self.access.clock.now())
        return answer

    def _without_secrets(self, answer: Answer) -> Answer:
        """A refusal may echo the request, its credential included; codes and request ids of it go into the ledger."""
        headers = {name: self.redact.known(value.encode()).decode() for name, value in answer.headers.items()}
        return replace(answer, headers=headers, body=self.redact.known(answer.body))

    def _only_asks(self, method: str, path: str) -> bool:
        return method in READS or (method == "POST" and any(fnmatchcase(path, known) for known in self.asks))

    def error(self, answer: Answer) -> VendorError:
        """The typed error for an unsuccessful answer; a limit also slows everyone on this system down."""
        complaint = self.explain(answer)
        shown = replace(self._shown(answer, complaint.code), vendor_request_id=complaint.vendor_request_id)
        message = f"{self.system}: {self.redact(complaint.message)}"
        if complaint.outcome is Outcome.LATER:
            if complaint.wait_seconds:
                self.limiter.pause(min(complaint.wait_seconds, READ_WAIT_SECONDS_MAX))
            return LimitReached(message, shown, wait_seconds=complaint.wait_seconds, fix=complaint.fix)
        if complaint.outcome is Outcome.STOP:
            return AuthenticationFailed(message, shown, fix=complaint.fix)
        if answer.status >= 500:
            return VendorUnavailable(message, shown, fix=complaint.fix or "try again later")
        return RequestRefused(message, shown, fix=complaint.fix)

    def understood(self, answer: Answer, read: Callable[[], Read]) -> Read:
        """What `read` makes of an answer; raises AnswerUnreadable when it has another shape."""
        try:
            return read()
        except Undecodable as error:
            self.unreadable(answer, error)

    def unanswered(self, error: NoAnswer, request: str) -> VendorUnavailable:
        """The error for a read without an answer: nobody was reached, or nothing came back."""
        where = Exchange(self.system, request)
        if error.sent:
            return VendorUnavailable(f"{self.system} did not answer: {error}", where, fix="try again later")
        host = urlsplit(self.base_url).netloc
        fix = f"see that this machine reaches {host} (base_url, network, proxy, firewall), then try again"
        return VendorUnavailable(f"{self.system} cannot be reached: {error}", where, fix=fix)

    def unreadable(self, answer: Answer, error: Undecodable) -> NoReturn:
        """Raises AnswerUnreadable for an answer of another shape."""
        raise AnswerUnreadable(f"{self.system}: {error}", self._shown(answer, "")) from error

    def _shown(self, answer: Answer, code: str) -> Exchange:
        return Exchange(self.system, answer.request, answer.status, "", code, self.shown_body(answer))

    def shown_body(self, answer: Answer) -> str:
        """The answer's body as an error report or the journal may keep it: redacted, at most 2,000 characters."""
        # Only the beginning of a long body is looked at; a secret that the cut would halve is masked whole first.
        return self.redact(answer.body[: BODY_SHOWN + SECRET_BYTES_MAX].decode("utf-8", "replace"))[:BODY_SHOWN]


def _lower(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, LimitReached):
        return error.wait_seconds is not None and error.wait_seconds <= READ_WAIT_SECONDS_MAX
    return isinstance(error, VendorUnavailable | AnswerUnreadable)


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, LimitReached) and error.wait_seconds:
        return error.wait_seconds
    return float(min(0.5 * 2**state.attempt_number, 20.0))
