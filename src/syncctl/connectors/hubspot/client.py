"""The HTTP client of one HubSpot system, and the reads that several parts share. I/O: network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.connectors.base import Access, Allowance, Limits
from syncctl.connectors.http import Http, Limiter
from syncctl.connectors.hubspot.addresses import ASKS, Addresses
from syncctl.connectors.hubspot.complaints import explain
from syncctl.connectors.hubspot.rows import RowPage, decode_rows
from syncctl.connectors.hubspot.settings import DEFAULT_BASE_URL, Settings
from syncctl.connectors.pace import StricterLimiter
from syncctl.errors import AnswerUnreadable, Exchange
from syncctl.fields.jsontext import encode_json

CONCURRENT: Final = 4
INTERVAL: Final = "x-hubspot-ratelimit-interval-milliseconds"
LIST_PAGE: Final = 100
"""Records per page of a list (50 with property history, which is never asked for)."""


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


def allowance(headers: Mapping[str, str]) -> Allowance | None:
    """What is left of the day, else of the rolling interval; OAuth answers tell no day, answers to searches nothing.

    The header names are those of recorded answers.
    """
    today = headers.get("x-hubspot-ratelimit-daily-remaining", "")
    if today.isdecimal():
        return Allowance(int(today), "today")
    now, span = headers.get("x-hubspot-ratelimit-remaining", ""), headers.get(INTERVAL, "")
    if not (now.isdecimal() and span.isdecimal()):
        return None
    return Allowance(int(now), f"in these {int(span) / 1000:g} seconds")


def make_client(access: Access, settings: Settings) -> Client:
    """The client for one system; nothing is sent yet."""

    def authorize() -> Mapping[str, str]:
        token = access.token()
        access.redact.add(token)
        return {"authorization": f"Bearer {token}"}

    limiter = Limiter(limits(settings), access.clock, access.reservations(""))
    http = Http(
        access,
        access.base_url or DEFAULT_BASE_URL,
        authorize,
        explain,
        limiter,
        headers={"accept": "application/json", "content-type": "application/json"},
        asks=ASKS,
        allowance=allowance,
    )
    searches = Limits(settings.searches_per_second, concurrent=CONCURRENT)
    pace = StricterLimiter(searches, access.clock, limiter, access.reservations("searches"))
    at = Addresses(settings.api_version)
    return Client(access.name, settings, at, http, replace(http, limiter=pace), access.clock)
