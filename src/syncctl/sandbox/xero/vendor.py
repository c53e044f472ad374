"""The pretend Xero: sign-in, limits, keys, routes. No network."""

from __future__ import annotations

import copy
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, json_answer, query_dict
from syncctl.sandbox.clock import ServerClock
from syncctl.sandbox.oauth import AuthorizationServer
from syncctl.sandbox.xero import allocations, payments
from syncctl.sandbox.xero.answers import NOT_FOUND, Raw, Refusal, api_json, gateway, unreadable
from syncctl.sandbox.xero.checks import read_body
from syncctl.sandbox.xero.company import category, furnish, organisation
from syncctl.sandbox.xero.contacts import merge
from syncctl.sandbox.xero.documents import How
from syncctl.sandbox.xero.limits import Allowance, Meter
from syncctl.sandbox.xero.listing import find_record, list_records
from syncctl.sandbox.xero.moments import written
from syncctl.sandbox.xero.shapes import ENDPOINTS, IDENTITY
from syncctl.sandbox.xero.sign_in import rules as rules_of
from syncctl.sandbox.xero.store import Books, Rules
from syncctl.sandbox.xero.writing import elements_of, write_by_id, write_many, write_one

API: Final = "/api.xro/2.0/"
CONNECTIONS: Final = "/connections"
KEY_LENGTH: Final = 128
KEY_SECONDS: Final = 360.0
"""Both from Xero's page on idempotency."""
_WRITING: Final = frozenset({"summarizeErrors", "unitdp"})


class XeroSandbox:
    """One organisation, and the app that is connected to it. `token` never runs out; `allowance` sets the limits;
    `scopes` None means all; `key_seconds` is how long a key is remembered; other words set `Rules`. `unlisted` are ids
    that lists leave out though they count.
    """

    name = "xero"
    asks: tuple[str, ...] = ("/connect/*",)

    def __init__(
        self,
        clock: Clock,
        *,
        token: str = "xero-sandbox-access-token",  # noqa: S107 (of a pretend vendor)
        tenant: str = "a46fcb6f-2773-40c4-a119-8aa08bca1e8e",
        company: str = "Demo Company (US)",
        seed: int = 1,
        allowance: Allowance = Allowance(),  # noqa: B008
        scopes: Iterable[str] | None = None,
        custom_connection: bool = False,
        key_seconds: float = KEY_SECONDS,
        furnished: bool = True,
        **rules: Any,
    ) -> None:
        self.clock = clock = ServerClock(clock)
        self.tenant = tenant
        self.scopes = None if scopes is None else frozenset(scopes)
        self.token = token
        self.oauth = AuthorizationServer(clock, rules_of(custom_connection=custom_connection))
        self.meter = Meter(clock, allowance)
        self.limit_problem = "minute"
        self.key_seconds = key_seconds
        self.unlisted: set[str] = set()
        self.connected = True
        self.books = Books(clock, Rules(tenant, **rules), seed)
        self._company = company
        self._answered: dict[str, tuple[datetime, str, SandboxAnswer]] = {}
        self._serial = 0
        if furnished:
            furnish(self.books)
        self.books.put("Organisation", organisation(self.books, company), touch=False)

    # --- what a Vendor is ---------------------------------------------------------------------------------------------

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        """Answers as Xero would."""
        self._serial += 1
        signed_in = self.oauth.answer(request)
        refused = self._gate(request) if signed_in is None else signed_in
        if refused is not None:
            return refused
        if request.path.lower().startswith(CONNECTIONS):
            return self._connections(request)
        return self._once(request)

    def limited(self) -> SandboxAnswer:
        """429 of the limit in `limit_problem`."""
        seconds = {"day": 66_975, "minute": 3}.get(self.limit_problem, 3)
        return self._too_many(self.limit_problem, seconds)

    def broken(self) -> SandboxAnswer:
        """500."""
        body = {"Title": "An error occurred", "Detail": "An error occurred in Xero. Check the API Status page."}
        return api_json(500, {**body, "Status": 500}, self._headers())

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Stores a record made outside the API: like a create, but ids may be given and periods are not checked.

        Accounts, tax rates and tracking categories are stored as given over a plain one. Raises Refusal and Invalid.
        """
        given = copy.deepcopy(dict(body))
        if kind == "TrackingCategory":
            return self.books.put(kind, category(self.books, given["Name"], tuple(given.get("Options", ()))))
        if kind in ("Account", "TaxRate"):
            plain = next(iter(self.books.all(kind).values()))
            new = {IDENTITY[kind]: self.books.new_id(kind)} if kind == "Account" else {}
            return self.books.put(kind, {**plain, **new, **given}, touch=kind == "Account")
        own = {key: given.pop(key) for key in ("UpdatedDateUTC", "Status") if key in given and kind == "Payment"}
        archived = given.pop("ContactStatus", "") == "ARCHIVED"
        stored = write_one(self.books, kind, read_body(kind, given), How(create=True, decimals=4, strict=False))
        if own.get("Status") == "DELETED":
            return payments.delete_payment(self.books, stored["PaymentID"])
        return self.books.put(kind, {**stored, "ContactStatus": "ARCHIVED"}) if archived else stored

    def state(self) -> dict[str, Any]:
        """Everything stored, by kind and id."""
        return {
            kind: {str(raw[IDENTITY[kind]]): raw for raw in held.values()} for kind, held in self.books.records.items()
        }

    # --- what only a person can do ------------------------------------------------------------------------------------

    def set_rules(self, **rules: Any) -> None:
        """The organisation is set up differently from now on: lock dates, currencies, plan."""
        self.books.rules = replace(self.books.rules, **rules)
        self.books.put("Organisation", organisation(self.books, self._company), touch=False)

    def edit(self, kind: str, identity: str, **changed: Any) -> dict[str, Any]:
        """A person changes a record in Xero."""
        held = self.books.get(kind, identity)
        assert held is not None
        return self.books.put(kind, {**held, **changed})

    def merge(self, loser: str, winner: str) -> None:
        """A person merges two contacts."""
        merge(self.books, loser, winner)

    def allocate(self, credit: str, invoice: str, amount: str) -> None:
        """A person takes a credit note off an invoice."""
        allocations.allocate(self.books, credit, invoice, Decimal(amount), self.books.today())

    def take_back(self, credit: str, invoice: str) -> None:
        """A person takes a credit note's allocation to an invoice back."""
        allocations.take_back(self.books, credit, invoice)

    def lock(self, day: date) -> None:
        """A person locks the books up to this day."""
        self.set_rules(period_lock=day.isoformat())

    def use_up_the_day(self) -> None:
        """From now on the day's limit answers."""
        self.meter.use_up_the_day()

    # --- gate ---------------------------------------------------------------------------------------------------------

    def _gate(self, request: SandboxRequest) -> SandboxAnswer | None:
        """The answer to a request that gets no further: token, organisation, scope, limits."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != self.token and not self.oauth.accepts(token):
            expired = f"TokenExpired: token expired at {self.clock.now():%m/%d/%Y %H:%M:%S}"
            verdict = expired if self.oauth.knows(token) else "AuthenticationUnsuccessful"
            headers = {**self._headers(), "WWW-Authenticate": 'Bearer error="invalid_token"'}
            return gateway(401, "Unauthorized", verdict, self._instance(), headers)
        if not request.path.startswith(API):
            return None if request.path.lower().startswith(CONNECTIONS) else self._missing()
        if request.headers.get("xero-tenant-id", "").lower() != self.tenant or not self.connected:
            return gateway(403, "Forbidden", "AuthenticationUnsuccessful", self._instance(), self._headers())
        problem = self.meter.take()
        if problem:
            return self._too_many(problem, self.meter.retry_after(problem))
        if not self._allowed(request):
            headers = {**self._headers(), "WWW-Authenticate": 'Bearer error="insufficient_scope"'}
            return gateway(401, "Unauthorized", "AuthorizationUnsuccessful", self._instance(), headers)
        return None

    def _allowed(self, request: SandboxRequest) -> bool:
        endpoint = ENDPOINTS.get(request.path.removeprefix(API).partition("/")[0])
        if self.scopes is None or endpoint is None:
            return True
        needed = set(endpoint.scopes)
        if request.method == "GET":
            needed |= {f"{scope}.read" for scope in endpoint.scopes}
        return bool(needed & self.scopes)

    def _too_many(self, problem: str, seconds: int) -> SandboxAnswer:
        headers = {**self._headers(), "X-Rate-Limit-Problem": problem, "Retry-After": str(seconds)}
        return SandboxAnswer(429, b"", headers)

    # --- routes -------------------------------------------------------------------------------------------------------

    def _connections(self, request: SandboxRequest) -> SandboxAnswer:
        identity = str(uuid.uuid5(uuid.NAMESPACE_URL, self.tenant))
        if request.method == "DELETE" and request.path.lower() == f"{CONNECTIONS}/{identity}":
            self.connected = False
            return SandboxAnswer(204, b"", {})
        if request.method != "GET" or request.path.lower() != CONNECTIONS:
            return self._missing()
        if not self.connected:
            return json_answer(200, [])
        moment = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.0000000")
        found = {
            "id": identity,
            "authEventId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.tenant}/auth")),
            "tenantId": self.tenant,
            "tenantType": "ORGANISATION",
            "tenantName": self._company,
            "createdDateUtc": moment,
            "updatedDateUtc": moment,
        }
        return json_answer(200, [found])

    def _once(self, request: SandboxRequest) -> SandboxAnswer:
        """The first answer to a key again, also a refusal, while it is remembered."""
        key = request.headers.get("idempotency-key", "") if request.method in ("PUT", "POST") else ""
        if len(key) > KEY_LENGTH:
            return self._key_problem(f"Idempotency Key: {key} with length {len(key)} is too long.")
        print_ = hashlib.sha256(f"{request.method} {request.path} {request.query}".encode() + request.body).hexdigest()
        held = self._answered.get(key) if key else None
        if held and (self.clock.now() - held[0]).total_seconds() <= self.key_seconds:
            if held[1] != print_:
                return self._key_problem(f"Idempotency Key: {key} is used with a different request.")
            return held[2]
        answer = self._routed(request)
        if key:
            self._answered[key] = (self.clock.now(), print_, answer)
        return answer

    def _key_problem(self, message: str) -> SandboxAnswer:
        return api_json(400, Refusal(10, "ValidationException", message).body(), self._headers())

    def _routed(self, request: SandboxRequest) -> SandboxAnswer:
        try:
            plural, _, rest = request.path.removeprefix(API).strip("/").partition("/")
            if plural == "CreditNotes" and request.method == "PUT" and rest.endswith(f"/{allocations.PLURAL}"):
                return self._allocate(rest.partition("/")[0], request)
            if plural not in ENDPOINTS or "/" in rest:
                return self._missing()
            if request.method == "GET":
                return self._get(plural, rest, request)
            if request.method not in ("PUT", "POST") or not ENDPOINTS[plural].writable:
                return self._missing()
            return self._write(plural, rest, request)
        except Refusal as refusal:
            return api_json(refusal.status, refusal.body(), self._headers())

    def _get(self, plural: str, key: str, request: SandboxRequest) -> SandboxAnswer:
        query = query_dict(request)
        if key:
            found = find_record(self.books, plural, key, query)
            return self._missing() if found is None else self._answer(200, {plural: [found]})
        since = request.headers.get("if-modified-since", "")
        rows = list_records(self.books, plural, query, since, self.unlisted)
        return self._answer(200, {"Organisations": rows[plural]} if plural == "Organisation" else rows)

    def _allocate(self, note: str, request: SandboxRequest) -> SandboxAnswer:
        query, body = self._read_write(allocations.PLURAL, request)
        if self.books.get("CreditNote", note) is None:
            return self._missing()
        elements = elements_of(allocations.PLURAL, body)
        summarize = query.get("summarizeErrors", "true").lower() != "false"
        return self._answer(*allocations.write_allocations(self.books, note, elements, summarize=summarize))

    def _read_write(self, plural: str, request: SandboxRequest) -> tuple[dict[str, str], Any]:
        """Query and body of a write. Raises Refusal."""
        query = query_dict(request)
        unknown = sorted(set(query) - _WRITING)
        if unknown:
            raise Refusal(16, "QueryParseException", f"The query parameter '{unknown[0]}' is not known for {plural}")
        try:
            return query, decode_json(request.body)
        except Undecodable as error:
            raise unreadable(str(error)) from error

    def _write(self, plural: str, key: str, request: SandboxRequest) -> SandboxAnswer:
        query, body = self._read_write(plural, request)
        decimals = 4 if query.get("unitdp") == "4" else 2
        if key:
            if request.method == "PUT":
                return self._missing()
            return self._answer(*write_by_id(self.books, plural, key, body, decimals))
        summarize = query.get("summarizeErrors", "true").lower() != "false"
        how = How(create=request.method == "PUT" or plural == "Payments", decimals=decimals)
        return self._answer(*write_many(self.books, plural, body, how, summarize=summarize))

    # --- answers ------------------------------------------------------------------------------------------------------

    def _answer(self, status: int, body: Raw) -> SandboxAnswer:
        if status != 200:
            return api_json(status, body, self._headers())
        head = {
            "Id": self._instance(),
            "Status": "OK",
            "ProviderName": "syncctl sandbox",
            "DateTimeUTC": written(self.clock.now()).replace("+0000", ""),
        }
        return api_json(200, {**head, **body}, self._headers())

    def _missing(self) -> SandboxAnswer:
        return SandboxAnswer(404, NOT_FOUND.encode(), {"content-type": "text/html; charset=utf-8", **self._headers()})

    def _instance(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.tenant}/{self._serial}"))

    def _headers(self) -> dict[str, str]:
        return {"Xero-Correlation-Id": self._instance(), **self.meter.headers()}
