"""The HTTP client of one HubSpot system, and the reads that several parts share. I/O: network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.connectors.base import Access, Limits
from syncctl.connectors.http import Http, Limiter
from syncctl.connectors.hubspot.addresses import Addresses
from syncctl.connectors.hubspot.complaints import explain
from syncctl.connectors.hubspot.rows import RowPage, decode_rows
from syncctl.connectors.hubspot.settings import DEFAULT_BASE_URL, Settings
from syncctl.errors import AnswerUnreadable, Exchange
from syncctl.fields import encode_json

CONCURRENT: Final = 4
LIST_PAGE: Final = 100
"""Records per page of a list (50 with property history, which is never asked for)."""


class SearchLimiter(Limiter):
    """Searches have a limit of their own beside the account's: both must let a request through."""

    def __init__(self, limits: Limits, clock: Clock, account: Limiter) -> None:
        super().__init__(limits, clock)
        self._account = account

    def __enter__(self) -> None:
        super().__enter__()
        self._account.__enter__()

    def __exit__(self, *error: object) -> None:
        self._account.__exit__(*error)
        super().__exit__(*error)


@dataclass(frozen=True, slots=True)
class Client:
    """One system: its name, its settings, its addresses and two views of one HTTP client."""

    name: str
    settings: Settings
    at: Addresses
    http: Http
    searches: Http
    clock: Clock

    def post(self, path: str, body: Mapping[str, Any], query: Sequence[tuple[str, str]] = ()) -> RowPage:
        """A read that is a POST: rows of a batch."""
        return decode_rows(self.name, self.http.read("POST", path, query=query, body=encode_json(body)))

    def get(self, path: str, query: Sequence[tuple[str, str]]) -> RowPage:
        """One page of a list."""
        return decode_rows(self.name, self.http.read("GET", path, query=query))

    def search(self, kind: str, body: Mapping[str, Any]) -> RowPage:
        """One page of a search."""
        path = self.at.objects(kind, "search")
        return decode_rows(self.name, self.searches.read("POST", path, body=encode_json(body)))

    def definitions(self, kind: str) -> list[dict[str, Any]]:
        """The metadata of every property of a kind."""
        found = self._object("GET", self.at.properties(kind), "results")
        return [one for one in found["results"] if isinstance(one, dict) and isinstance(one.get("name"), str)]

    def details(self) -> dict[str, Any]:
        """The account's details: portal, type, currencies."""
        return self._object("GET", self.settings.account_info_path or self.at.account, "portalId")

    def _object(self, method: str, path: str, needed: str) -> dict[str, Any]:
        """The body of a read that must be an object with this member; raises VendorError."""
        found = self.http.read_json(method, path)
        if not isinstance(found, dict) or needed not in found:
            raise AnswerUnreadable(
                f"{self.name} answered {path} without {needed}", Exchange(self.name, f"{method} {path}")
            )
        return found


def limits(settings: Settings) -> Limits:
    """The account's limit as requests per second."""
    return Limits(settings.requests_per_10_seconds / 10, concurrent=CONCURRENT)


def make_client(access: Access, settings: Settings) -> Client:
    """The client for one system; nothing is sent yet."""

    def authorize() -> Mapping[str, str]:
        token = access.token()
        access.redact.add(token)
        return {"authorization": f"Bearer {token}"}

    limiter = Limiter(limits(settings), access.clock)
    http = Http(
        access.name,
        access.base_url or DEFAULT_BASE_URL,
        authorize,
        explain,
        access.clock,
        limiter,
        access.redact,
        transport=access.transport,
        headers={"accept": "application/json", "content-type": "application/json"},
        read_only=access.read_only,
    )
    pace = SearchLimiter(Limits(settings.searches_per_second, concurrent=CONCURRENT), access.clock, limiter)
    at = Addresses(settings.api_version)
    return Client(access.name, settings, at, http, replace(http, limiter=pace), access.clock)
