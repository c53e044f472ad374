"""The HTTP client of one Salesforce system, and the reads that several parts share. I/O: network."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from syncctl.addresses import BadAddress, check_server
from syncctl.clock import Clock
from syncctl.connectors.base import Access, Limits
from syncctl.connectors.http import READ_WAIT_SECONDS_MAX, Answer, Http, Limiter, NoAnswer
from syncctl.connectors.salesforce import soql
from syncctl.connectors.salesforce.addresses import ASKS, Addresses
from syncctl.connectors.salesforce.complaints import Explain
from syncctl.connectors.salesforce.rows import RowPage, decode_page
from syncctl.connectors.salesforce.settings import Settings
from syncctl.connectors.salesforce.usage import Usage
from syncctl.errors import (
    AnswerUnreadable,
    ConfigError,
    Exchange,
    LimitReached,
    RequestRefused,
    VendorUnavailable,
)
from syncctl.fields.jsontext import encode_json
from syncctl.model import Action, Request

TIMEOUT_SECONDS: Final = 120.0
"""The vendor gives a call ten minutes; what has not answered by now is looked up afterwards."""
CONCURRENT: Final = 5
"""A developer edition allows five requests of 20 seconds or more at once."""
DATA: Final = "/services/data/"


@dataclass
class Client:
    """One system: reads inside the daily budget. `proved` is the last token that the vendor took."""

    name: str
    settings: Settings
    at: Addresses
    access: Access
    usage: Usage
    clock: Clock
    proved: str = field(default="", repr=False)
    _template: Http = field(kw_only=True)
    _https: dict[str, Http] = field(default_factory=dict, repr=False)
    _described: dict[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def http(self) -> Http:
        """The client of the server that the sign-in named. Raises VendorError, CredentialError."""
        instance = self.access.facts().get("instance_url", "").rstrip("/") or self._template.base_url
        _check_instance(self.name, instance)
        with self._lock:
            if instance not in self._https:
                self._https[instance] = replace(self._template, base_url=instance, _client=[])
            return self._https[instance]

    def close(self) -> None:
        """Gives the connections back."""
        for http in self._https.values():
            http.close()

    # --- exchanges ---

    def read(self, method: str, path: str, **words: Any) -> Answer:
        """A request that changes nothing. Raises VendorError."""
        self.usage.check(f"{method} {path}")
        answer = self.http.read(method, path, **words)
        self.proved = answer.token
        return answer

    def download(self, path: str, query: Sequence[tuple[str, str]]) -> Answer:
        """A read whose answer is no JSON: tried again on limits, 5xx and lost answers, too. Raises VendorError."""
        asked = Request(self.name, "", Action.UPDATE, "GET", path, tuple(query), (("accept", "text/csv"),))
        self.usage.check(f"GET {path}")
        http = self.http
        for attempt in range(1, self.access.read_attempts):
            try:
                return self._download_once(http, asked)
            except LimitReached as error:
                if error.wait_seconds is None or error.wait_seconds > READ_WAIT_SECONDS_MAX:
                    raise
                self.clock.sleep(error.wait_seconds)
            except VendorUnavailable:
                self.clock.sleep(min(0.5 * 2**attempt, 20.0))
        return self._download_once(http, asked)

    def _download_once(self, http: Http, asked: Request) -> Answer:
        try:
            answer = http.send(asked)
        except NoAnswer as error:
            raise http.unanswered(error, f"GET {asked.path}") from error
        if not answer.ok:
            raise http.error(answer)
        return answer

    def read_object(self, path: str, needed: str, query: Sequence[tuple[str, str]] = ()) -> Mapping[str, Any]:
        """The body of a read that must be an object with this member. Raises VendorError."""
        found = self.read("GET", path, query=query).json()
        if not isinstance(found, dict) or needed not in found:
            where = Exchange(self.name, f"GET {path}")
            raise AnswerUnreadable(f"{self.name} answered {path} without {needed}", where)
        return found

    # --- descriptions ---

    def forget(self) -> None:
        """The next description is asked for anew."""
        self._described.clear()

    def objects(self) -> dict[str, Mapping[str, Any]]:
        """Every object that this user may see, by name."""
        found = self.read_object(self.at.objects, "sobjects")
        return {str(one["name"]): one for one in found["sobjects"] if isinstance(one, dict) and "name" in one}

    def describe(self, kind: str) -> Mapping[str, Any]:
        """What this user may see of an object, asked for once. Raises VendorError."""
        if kind not in self._described:
            self._described[kind] = self.read_object(self.at.describe(kind), "fields")
        return self._described[kind]

    # --- queries ---

    def fits(self, query: str) -> bool:
        """True when a query is short enough for an address."""
        return len(urlencode({"q": query})) <= self.settings.url_limit

    def query(self, query: str, *, deleted: bool = False) -> Iterator[RowPage]:
        """Every page of a query: `done` alone says that there is no more. Raises VendorError."""
        path = self.at.query(deleted=deleted)
        headers = {"sforce-query-options": f"batchSize={self.settings.page_rows}"}
        answer = self.read("GET", path, query=(("q", query),), headers=headers)
        while True:
            page = decode_page(self.name, answer)
            yield page
            if page.done:
                return
            if not page.next_url.startswith(DATA):
                where = Exchange(self.name, answer.request, answer.status)
                raise AnswerUnreadable(f"{self.name} has more rows and does not say where", where)
            answer = self.read("GET", page.next_url, headers=headers)

    def count(self, kind: str) -> int:
        """How many live records there are."""
        query = soql.select(kind, ("COUNT()",))
        answer = self.read("GET", self.at.query(deleted=False), query=(("q", query),))
        return decode_page(self.name, answer).total

    def retrieve(self, kind: str, ids: Sequence[str], names: Sequence[str]) -> RowPage:
        """Records by id, as many fields as there are: the list of names is in the body. What is gone is left out."""
        body = encode_json({"ids": list(ids), "fields": list(names)})
        answer = self.read("POST", self.at.collection(kind), body=body)
        return decode_page(self.name, answer)


def limits(settings: Settings) -> Limits:
    """Our own pace: the vendor only counts by the day."""
    return Limits(settings.requests_per_second, concurrent=CONCURRENT)


def make_client(access: Access, settings: Settings) -> Client:
    """The client for one system; nothing is sent yet. Raises ConfigError."""
    if not access.base_url:
        raise ConfigError(
            f"{access.name}: base_url is missing",
            fix="set base_url to the org's My Domain: https://ACME.my.salesforce.com",
        )
    usage = Usage(access.name, settings.api_reserve_percent)

    def authorize() -> Mapping[str, str]:
        token = access.token()
        access.redact.add(token)
        return {"authorization": f"Bearer {token}"}

    template = Http(
        access,
        access.base_url.rstrip("/"),
        authorize,
        Explain(settings.lock_wait_seconds),
        Limiter(limits(settings), access.clock, access.reservations("")),
        timeout_seconds=TIMEOUT_SECONDS,
        headers={"accept": "application/json", "content-type": "application/json"},
        asks=ASKS,
        allowance=usage.read,
    )
    return Client(
        access.name, settings, Addresses(settings.api_version), access, usage, access.clock, _template=template
    )


def _check_instance(system: str, instance: str) -> None:
    """A token is only sent over TLS, or to this machine. Raises AnswerUnreadable."""
    try:
        check_server(instance)
    except BadAddress as error:
        where = Exchange(system, "sign-in")
        said = f"{system}: the sign-in named {instance!r} as its server: {error}"
        raise AnswerUnreadable(said, where, fix="sign in again at the system's own server") from error


def invisible(system: str, kind: str, name: str, why: str) -> RequestRefused:
    """The error for a field or object that this user does not see."""
    what = f"{kind}.{name}" if name else kind
    return RequestRefused(f"{system} has no {what}", Exchange(system, f"describe {kind}"), fix=why)
