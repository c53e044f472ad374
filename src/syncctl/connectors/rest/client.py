"""One declared system over HTTP: pages of a list, single records, single writes. I/O: network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, NoReturn

from syncctl.addresses import BadAddress
from syncctl.connectors.base import Access
from syncctl.connectors.http import Answer, Complaint, Http, Limiter
from syncctl.connectors.rest.addresses import filled, follow, split_query
from syncctl.connectors.rest.auth import authorize_for
from syncctl.connectors.rest.complaints import OUTCOMES, explain, failed, meaning_of
from syncctl.connectors.rest.language import Call, KindDeclaration, Query, SystemDeclaration
from syncctl.connectors.rest.paging import Asked, Turned, asked_at, turned
from syncctl.connectors.rest.rows import inside, listed, record_of
from syncctl.errors import AnswerUnreadable, AuthenticationFailed, Exchange, VendorError
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Outcome, Record, Request

_JSON: Final = {"Accept": "application/json"}


@dataclass
class Client:
    """Reads and sends for one system. `base_url` is where its paths begin."""

    system: SystemDeclaration
    base_url: str
    http: Http
    access: Access
    _proved: list[str] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """The system's configured name."""
        return self.access.name

    def close(self) -> None:
        """Gives the connections back."""
        self.http.close()

    # --- reads --------------------------------------------------------------------------------------------------------

    def page(self, kind: KindDeclaration, call: Call, position: str, more: Query = ()) -> tuple[list[bytes], Turned]:
        """The rows of one page, undecoded, and how the list goes on. Raises VendorError."""
        asked = asked_at(kind.paging, position)
        if asked.url:
            self._same_server(asked.url)
        answer = self._page(call, asked, more)
        try:
            rows = listed(answer.body, kind.rows)
            current = f"{self.base_url}{filled(call.path, {})}"
            return rows, self._turned(kind, position, asked, answer, len(rows), asked.url or current)
        except Undecodable as error:
            self.unreadable(answer, error)

    def _same_server(self, position: str) -> None:
        """A position comes from the ledger, and `base_url` may have changed since."""
        try:
            follow(self.base_url, self.base_url, position)
        except BadAddress as error:
            where = Exchange(self.name, f"GET {position[:100]}")
            raise AnswerUnreadable(f"{self.name}: {error}", where, fix="pull everything anew: --full") from error

    def _page(self, call: Call, asked: Asked, more: Query) -> Answer:
        if asked.url:
            path, query = split_query(asked.url)
            return self.get(path, query)
        return self.get(call.path, (*call.query, *more, *asked.query))

    def _turned(
        self, kind: KindDeclaration, position: str, asked: Asked, answer: Answer, rows: int, current: str
    ) -> Turned:
        found = turned(kind.paging, position, answer, rows)
        if not found.link:
            return found
        try:
            link = follow(self.base_url, current, found.link)
        except BadAddress as error:
            raise Undecodable(f"{error}: {found.link[:100]}") from error
        if link == asked.url:
            raise Undecodable("the next page is this page again")
        return replace(found, position=link)

    def record(self, kind: KindDeclaration, identity: str) -> Record | None:
        """One record as it is now, or None when it is not there. Raises VendorError."""
        try:
            answer = self.get(filled(kind.read.path, {"id": identity}), _filled(kind.read.query, "id", identity))
        except VendorError as error:
            if self._missing(error):
                return None
            raise
        try:
            row = inside(answer.body, kind.record)
            if row is None:
                raise Undecodable("it holds no record")
            return record_of(self.name, kind, row, answer.headers.get("etag", ""))
        except Undecodable as error:
            self.unreadable(answer, error)

    def _missing(self, error: VendorError) -> bool:
        exchange, errors = error.exchange, self.system.errors
        if (exchange.status or 0) >= 500 or isinstance(error, AuthenticationFailed):
            return False
        meaning = errors.codes.get(exchange.code) or errors.statuses.get(exchange.status or 0)
        return meaning == "not_found" if meaning else exchange.status in (404, 410)

    def get(self, path: str, query: Query = ()) -> Answer:
        """One read. Raises VendorError."""
        answer = self.http.read("GET", path, query=query, headers=_JSON)
        if failed(self.system.errors, answer):
            raise self.http.error(answer)
        self.accepted(answer)
        return answer

    def accepted(self, answer: Answer) -> None:
        """The token of this answer was taken: when it is rejected later, it has ended."""
        self._proved[:] = [answer.token]

    def unreadable(self, answer: Answer, error: Undecodable) -> NoReturn:
        """Raises AnswerUnreadable for an answer of another shape than the file says."""
        where = Exchange(self.name, answer.request, answer.status, body=self.http.shown_body(answer))
        fix = "compare the answer with the system's file: rows, record, id, paging"
        raise AnswerUnreadable(f"{self.name}: {error}", where, fix=fix) from error

    # --- writes -------------------------------------------------------------------------------------------------------

    def explain(self, answer: Answer, action: Action | None = None) -> Complaint:
        """What an unsuccessful answer means."""
        return explain(self.system, answer, self.access.clock.now(), action)

    def send(self, request: Request) -> Answer:
        """One attempt at a write. Raises NoAnswer, CredentialError."""
        return self.http.send(request)

    def token_ended(self, answer: Answer, action: Action) -> bool:
        """True when a refused write may go out again with another token: it was refused before it was looked at.

        One that never worked is not replaced: the next would fare no better.
        """
        refused = OUTCOMES[meaning_of(self.system.errors, answer, action)] is Outcome.STOP
        ended = answer.status == 401 and refused and answer.token in self._proved
        return ended and self.http.access.renew(answer.token)


def _filled(query: Query, name: str, value: str) -> Query:
    return tuple((key, text.replace(f"{{{name}}}", value)) for key, text in query)


def looked_up(call: Call, value: str) -> Call:
    """A call with a value put in."""
    return replace(call, path=filled(call.path, {"value": value}), query=_filled(call.query, "value", value))


def client_for(access: Access, system: SystemDeclaration) -> Client:
    """The client of one system. `base_url` of syncctl.yaml comes before the file's."""
    base_url = access.base_url.rstrip("/") or system.base_url
    authorize, signed_in = authorize_for(system.auth, access)
    http = Http(
        access if signed_in is None else replace(access, renew=signed_in.renew),
        base_url=base_url,
        authorize=authorize,
        explain=lambda answer: explain(system, answer, access.clock.now()),
        limiter=Limiter(system.limits, access.clock, access.reservations("")),
        timeout_seconds=system.timeout_seconds,
    )
    return Client(system, base_url, http, access)
