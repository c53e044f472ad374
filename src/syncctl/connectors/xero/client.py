"""One Xero organisation over HTTP: pages, reads by id, the connections of the credential. I/O: network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from syncctl.connectors.base import Access, Allowance
from syncctl.connectors.http import Http
from syncctl.connectors.xero.faults import explain
from syncctl.connectors.xero.kinds import KINDS, Kind
from syncctl.connectors.xero.limiter import MinuteLimiter
from syncctl.connectors.xero.options import URL, Options
from syncctl.connectors.xero.rows import Listed, listed, readable_dates
from syncctl.connectors.xero.where import modified_since
from syncctl.errors import AnswerUnreadable, Exchange
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Raw

TIMEOUT_SECONDS: Final = 100.0
CONNECTIONS: Final = "/connections"
_JSON: Final = {"Accept": "application/json"}
Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Client:
    """Reads of one organisation."""

    http: Http
    options: Options
    tenant: str

    def page(self, kind: str, page: int, *, since: datetime | None = None, more: Query = ()) -> Listed:
        """One page of a list in the order of ids, or the whole list of a kind without pages. Raises VendorError."""
        found = KINDS[kind]
        paged: Query = ()
        if found.paged:
            size = str(self.options.page_rows)
            paged = (("page", str(page)), ("pageSize", size), ("order", f"{found.lister.identity} ASC"))
        headers = {"If-Modified-Since": modified_since(since)} if since and found.modified else {}
        return self._rows(kind, found.path, (*paged, *self._asked(found), *more), headers)

    def one(self, kind: str) -> Raw:
        """The one record of a kind that has one. Raises VendorError."""
        found = self._rows(kind, KINDS[kind].path, (), {})
        if len(found.rows) != 1:
            raise AnswerUnreadable(
                f"{self.http.system}: expected one {kind}, not {len(found.rows)}",
                Exchange(self.http.system, f"GET {KINDS[kind].path}"),
            )
        record: Raw = decode_json(found.rows[0])
        return record

    def connections(self) -> list[Raw]:
        """The organisations that this credential opens. Raises VendorError."""
        answer = self.http.read("GET", CONNECTIONS, headers=_JSON)
        return self.http.understood(answer, lambda: _objects(answer.json()))

    def writing(self, kind: str) -> Query:
        """What every write of a kind says: each element gets its own result, and unit prices keep their decimals."""
        summary = (("summarizeErrors", "false"),)
        return (*summary, *self._prices(KINDS[kind]))

    def _asked(self, kind: Kind) -> Query:
        archived: Query = (("includeArchived", "true"),) if kind.archived else ()
        return (*archived, *self._prices(kind))

    def _prices(self, kind: Kind) -> Query:
        return (("unitdp", str(self.options.unit_decimals)),) if kind.prices else ()

    def _rows(self, kind: str, path: str, query: Query, headers: dict[str, str]) -> Listed:
        answer = self.http.read("GET", path, query=query, headers={**_JSON, **self.tenancy(), **headers})
        return self.http.understood(answer, lambda: listed(answer.body, kind))

    def tenancy(self) -> dict[str, str]:
        """The header that says which organisation is meant."""
        return {"xero-tenant-id": self.tenant}


def _objects(found: Any) -> list[Raw]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Undecodable("not a list of connections")
    return found


def decoded(body: bytes) -> Any:
    """An answer's JSON with readable dates. Raises Undecodable."""
    return decode_json(readable_dates(body))


def allowance(headers: Mapping[str, str]) -> Allowance | None:
    """What is left of the day; every answer of the API tells it (recorded)."""
    left = headers.get("x-daylimit-remaining", "")
    return Allowance(int(left), "today") if left.isdecimal() else None


def client_for(access: Access, options: Options) -> Client:
    """The client of one system; nothing is sent yet."""

    def authorize() -> dict[str, str]:
        token = access.token()
        access.redact.add(token)
        return {"Authorization": f"Bearer {token}"}

    http = Http(
        access,
        base_url=access.base_url.rstrip("/") or URL,
        authorize=authorize,
        explain=lambda answer: explain(answer, options),
        limiter=MinuteLimiter(options.calls_per_minute, access.clock, access.reservations("")),
        timeout_seconds=TIMEOUT_SECONDS,
        headers={"User-Agent": "syncctl"},
        allowance=allowance,
    )
    return Client(http, options, access.company)
