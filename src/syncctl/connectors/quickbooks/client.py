"""One QuickBooks company over HTTP: queries, the change feed, reads by id. I/O: network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from syncctl.connectors.base import Access, Limits
from syncctl.connectors.http import Answer, Http, Limiter
from syncctl.connectors.pace import StricterLimiter
from syncctl.connectors.quickbooks import queries
from syncctl.connectors.quickbooks.faults import explain, fault_in
from syncctl.connectors.quickbooks.options import Options
from syncctl.connectors.quickbooks.rows import Listed, counted, fed, queried
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Raw

MINOR_VERSION: Final = "75"
"""1 to 74 were discontinued in August 2025 (Intuit's page on minor versions)."""
TIMEOUT_SECONDS: Final = 120.0
"""QuickBooks itself gives a request up after 120 seconds (Intuit's page on limits and throttles)."""
LIMITS: Final = Limits(per_second=4, per_minute=300, concurrent=4)
"""Less than half of the 10 a second and 500 a minute that one app has in one company: ours lets an idle second's
requests follow at once, and a burst and the rate after it fall into one second of theirs."""
BATCHES: Final = Limits(per_second=1, per_minute=36, concurrent=1)
"""Of 40 batches a minute that one app may send into one company (same page)."""
ENHANCED: Final = "enhancedAllCustomFields"
_JSON: Final = {"Accept": "application/json"}
_TEXT: Final = {"Accept": "application/json", "Content-Type": "application/text"}


@dataclass
class Client:
    """Reads, and two views of one HTTP client: batches have a limit of their own."""

    http: Http
    batches: Http
    options: Options

    @property
    def base(self) -> str:
        """The path of this company."""
        return f"/v3/company/{self.options.realm}"

    def parameters(self) -> tuple[tuple[str, str], ...]:
        """What every request says."""
        included = (("include", ENHANCED),) if self.options.enhanced else ()
        return (("minorversion", MINOR_VERSION), *included)

    def query(self, kind: str, text: str) -> Listed:
        """The rows of one query. Raises VendorError."""
        answer = self._ask(text)
        return self.http.understood(answer, lambda: queried(answer.body, kind))

    def count(self, kind: str, conditions: Sequence[str]) -> int:
        """How many records fit. Raises VendorError."""
        answer = self._ask(queries.count(kind, conditions))
        return self.http.understood(answer, lambda: counted(answer.body))

    def columns(self, kind: str) -> str:
        """What a query asks for to get whole records."""
        return self.options.item_columns if kind == "Item" else "*"

    def rows_by_id(self, kind: str, ids: Sequence[str]) -> Listed:
        """The records with these ids, inactive ones too; what is gone is absent. Raises VendorError."""
        found = Listed([], "")
        for condition in queries.matches("Id", list(dict.fromkeys(ids))):
            conditions = (condition, queries.everything(kind))
            tail = f"MAXRESULTS {self.options.page_rows}"
            some = self.query(kind, queries.select(kind, conditions, columns=self.columns(kind), tail=tail))
            found = Listed([*found.rows, *some.rows], some.time)
        return found

    def changes(self, kind: str, since: str) -> Listed:
        """What the change feed tells since then. Raises VendorError."""
        query = (("entities", kind), ("changedSince", since))
        answer = self.get("cdc", query)
        return self.http.understood(answer, lambda: fed(answer.body, kind))

    def document(self, path: str, key: str) -> Raw:
        """The one object that an answer holds under a key. Raises VendorError."""
        answer = self.get(path)
        return self.http.understood(answer, lambda: _inside(answer, key))

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Answer:
        """One read below the company. Raises VendorError."""
        answer = self.http.read("GET", f"{self.base}/{path}", query=(*self.parameters(), *query), headers=_JSON)
        return self._checked(answer)

    def _ask(self, text: str) -> Answer:
        if len(text) <= queries.QUERY_IN_URL:
            return self.get("query", (("query", text),))
        answer = self.http.read(
            "POST", f"{self.base}/query", query=self.parameters(), body=text.encode(), headers=_TEXT
        )
        return self._checked(answer)

    def _checked(self, answer: Answer) -> Answer:
        """An answer with status 200 may still hold a fault."""
        if b'ault"' in answer.body[:200] and fault_in(answer.json()) is not None:
            raise self.http.error(answer)
        return answer


def _inside(answer: Answer, key: str) -> Raw:
    body = answer.json()
    found = body.get(key) if isinstance(body, dict) else None
    if not isinstance(found, dict):
        raise Undecodable(f"the answer holds no {key}")
    return found


def client_for(access: Access, options: Options) -> Client:
    """The client of one system."""
    account = Limiter(LIMITS, access.clock, access.reservations(""))
    http = Http(
        access,
        base_url=options.base_url,
        authorize=lambda: {"Authorization": f"Bearer {access.token()}"},
        explain=lambda answer: explain(answer, options),
        limiter=account,
        timeout_seconds=TIMEOUT_SECONDS,
        asks=("*/query",),
    )
    batches = replace(http, limiter=StricterLimiter(BATCHES, access.clock, account, access.reservations("batches")))
    return Client(http, batches, options)
