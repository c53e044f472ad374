"""The pretend QuickBooks Online: routes, sign-in, limits, replays. No network."""

from __future__ import annotations

import copy
import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, json_answer, query_dict
from syncctl.sandbox.clock import ServerClock
from syncctl.sandbox.oauth import AuthorizationServer
from syncctl.sandbox.quickbooks.answers import (
    Refusal,
    answer_time,
    fault_answer,
    gateway_answer,
    invalid_id,
    not_found,
    stamp,
    unsupported,
)
from syncctl.sandbox.quickbooks.changes import change_feed
from syncctl.sandbox.quickbooks.checks import read_body
from syncctl.sandbox.quickbooks.company import company_info, furnish, preferences
from syncctl.sandbox.quickbooks.query import parse_query, run_query
from syncctl.sandbox.quickbooks.sales import shown
from syncctl.sandbox.quickbooks.shapes import BY_PATH, SHAPES
from syncctl.sandbox.quickbooks.sign_in import rules as rules_of
from syncctl.sandbox.quickbooks.store import Books, Raw, Rules
from syncctl.sandbox.quickbooks.writing import create, write

PARAMETERS: Final = frozenset("minorversion requestid operation include query entities changedSince sendTo".split())
REQUESTID_LENGTH: Final = 50
REQUESTS_PER_SECOND: Final = 10
REQUESTS_PER_MINUTE: Final = 500
BATCHES_PER_MINUTE: Final = 40
BATCH_ROWS: Final = 30
"""Limits: Intuit's page on limits and throttles."""


class QuickBooksSandbox:
    """One company. `seed` fixes the first ids; `limits` off lets any rate through; `quota` is how many reads are left
    this month (None: no quota); `requestid_seconds` is how long a requestid is remembered; other words set `Rules`.
    `falsely_deleted` are records that the change feed calls deleted though they are there, `unlisted` ones that
    listings leave out though they count: both as (kind, id).
    """

    name = "quickbooks"
    asks: tuple[str, ...] = ("*/query", "/oauth2/*", "/v2/oauth2/*")

    def __init__(
        self,
        clock: Clock,
        *,
        token: str = "quickbooks-sandbox-token",  # noqa: S107 (of a pretend vendor)
        realm: str = "9130350000000001",
        company: str = "Sandbox Company_US_1",
        seed: int = 1,
        limits: bool = True,
        quota: int | None = None,
        requestid_seconds: float = 86_400,
        cdc_days: int | None = 30,
        query_latin: bool = True,
        furnished: bool = True,
        **rules: Any,
    ) -> None:
        self.clock = clock = ServerClock(clock)
        self.token = token
        self.oauth = AuthorizationServer(clock, rules_of(realm))
        self.realm = realm
        self.limits = limits
        self.quota = quota
        self.requestid_seconds = requestid_seconds
        self.cdc_days = cdc_days
        self.query_latin = query_latin
        self.falsely_deleted: set[tuple[str, str]] = set()
        self.unlisted: set[tuple[str, str]] = set()
        self.books = Books(clock, Rules(realm, **rules), first_id=seed)
        self._company = company
        self._calls: deque[datetime] = deque()
        self._batches: deque[datetime] = deque()
        self._answered: dict[str, tuple[datetime, SandboxAnswer]] = {}
        self._serial = 0
        if furnished:
            furnish(self.books)
        self.books.all("CompanyInfo")["1"] = company_info(self.books.rules, stamp(clock.now()), company)
        self.books.all("Preferences")["1"] = preferences(self.books.rules, stamp(clock.now()))

    # --- what a Vendor is ---------------------------------------------------------------------------------------------

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        """Answers as QuickBooks would."""
        self._serial += 1
        signed_in = self.oauth.answer(request)
        if signed_in is not None:
            return signed_in
        refused = self._gate(request)
        if refused is not None:
            return refused
        try:
            return self._routed(request)
        except Refusal as refusal:
            return fault_answer(refusal, self.clock.now(), self._headers())

    def limited(self) -> SandboxAnswer:
        """429: slow down."""
        return gateway_answer(
            429, "3001", "ThrottleExceeded", "The request limit was reached.", "THROTTLE",
            self.clock.now(), self._headers(),
        )  # fmt: skip

    def broken(self) -> SandboxAnswer:
        """500: a system fault."""
        refusal = Refusal(
            "10000",
            "An application error has occurred while processing your request",
            "System Failure Error: An application error has occurred while processing your request",
            element="",
            status=500,
        )
        return fault_answer(refusal, self.clock.now(), self._headers())

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Stores a record made outside the API; raises Refusal when it cannot be one of this kind."""
        sent = read_body(kind, copy.deepcopy(dict(body)))
        held = self.books.get(kind, "1") if kind in ("CompanyInfo", "Preferences") else None
        if held is not None:
            return self.books.put(kind, {**held, **sent})
        return create(self.books, kind, sent, {"include": "enhancedAllCustomFields"}, strict=False)

    def state(self) -> dict[str, Any]:
        """Everything stored: kind -> id -> record."""
        return {kind: dict(records) for kind, records in self.books.records.items()}

    def set_rules(self, **changed: Any) -> None:
        """Changes the company's setup (a closing date, custom fields, numbering) and its Preferences."""
        self.books.rules = replace(self.books.rules, **changed)
        held = self.books.all("Preferences")["1"]
        self.books.all("Preferences")["1"] = {
            **preferences(self.books.rules, stamp(self.clock.now())),
            "SyncToken": str(int(held["SyncToken"]) + 1),
        }

    # --- before the API -----------------------------------------------------------------------------------------------

    def _headers(self) -> dict[str, str]:
        mark = hashlib.sha256(f"{self.realm} {self._serial}".encode()).hexdigest()
        return {"Intuit-Tid": f"1-{mark[:8]}-{mark[8:32]}", "Qbo-Version": "1988.128"}

    def _gate(self, request: SandboxRequest) -> SandboxAnswer | None:
        given = request.headers.get("authorization", "")
        if given != f"Bearer {self.token}" and not self.oauth.accepts(given.removeprefix("Bearer ")):
            shown_token = given.removeprefix("Bearer ") or "none"
            headers = {**self._headers(), "Www-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'}
            return gateway_answer(
                401, "3200", "AuthenticationFailed", f"Token expired: {shown_token}", "AUTHENTICATION",
                self.clock.now(), headers,
            )  # fmt: skip
        if not request.path.startswith(f"/v3/company/{self.realm}/"):
            return gateway_answer(
                403, "3100", "ApplicationAuthorizationFailed", "The application is not authorized for this company",
                "AUTHORIZATION", self.clock.now(), self._headers(),
            )  # fmt: skip
        if self._out_of_quota(request):
            return gateway_answer(
                429, "3001", "ThrottleExceeded",
                "The monthly CorePlus API call quota of this app's workspace is used up; calls are blocked until next "
                "month.", "THROTTLE", self.clock.now(), self._headers(),
            )  # fmt: skip
        return self.limited() if self.limits and self._too_fast(request) else None

    def _out_of_quota(self, request: SandboxRequest) -> bool:
        if self.quota is None or not (request.method == "GET" or request.path.endswith("/query")):
            return False
        self.quota = max(-1, self.quota - 1)
        return self.quota < 0

    def _too_fast(self, request: SandboxRequest) -> bool:
        now = self.clock.now()
        _forget(self._calls, now - timedelta(seconds=60))
        _forget(self._batches, now - timedelta(seconds=60))
        second = sum(1 for moment in self._calls if moment > now - timedelta(seconds=1))
        batch = request.path.endswith("/batch")
        if second >= REQUESTS_PER_SECOND or len(self._calls) >= REQUESTS_PER_MINUTE:
            return True
        if batch and len(self._batches) >= BATCHES_PER_MINUTE:
            return True
        self._calls.append(now)
        if batch:
            self._batches.append(now)
        return False

    # --- routes -------------------------------------------------------------------------------------------------------

    def _routed(self, request: SandboxRequest) -> SandboxAnswer:
        options = query_dict(request)
        unknown = sorted(set(options) - PARAMETERS)
        if unknown:
            raise unsupported(f"with the parameter {unknown[0]}")
        steps = request.path.removeprefix(f"/v3/company/{self.realm}/").strip("/").split("/")
        if steps == ["query"]:
            text = options.get("query") or request.body.decode("utf-8", "replace")
            return self._answer({"QueryResponse": self._query(text, options)})
        if request.method == "GET":
            return self._get(steps, options, request.path)
        if request.method != "POST" or len(steps) != 1:
            raise unsupported(f"{request.method} {request.path}")
        return self._once(options, lambda: self._post(steps[0], request, options))

    def _get(self, steps: list[str], options: Mapping[str, str], path: str) -> SandboxAnswer:
        if steps == ["cdc"]:
            return self._answer(change_feed(self.books, options, self.cdc_days, self.falsely_deleted))
        if steps == ["preferences"]:
            return self._answer({"Preferences": self.books.all("Preferences")["1"]})
        kind = BY_PATH.get(steps[0].lower())
        if kind is None or len(steps) != 2:
            raise unsupported(f"Could not find resource for relative : {path}")
        identity = "1" if kind == "CompanyInfo" else steps[1]
        if not identity.isdigit() and kind != "TaxCode":
            raise invalid_id(identity)
        found = self.books.get(kind, identity)
        if found is None:
            raise not_found()
        return self._answer({kind: shown(self.books, found, options)})

    def _query(self, text: str, options: Mapping[str, str]) -> Raw:
        query = parse_query(text, latin=self.query_latin)
        count, rows = run_query(self.books, query)
        if query.count:
            return {"totalCount": count}
        if not rows:
            return {}
        listed = [shown(self.books, raw, options) for raw in rows if (query.entity, raw["Id"]) not in self.unlisted]
        return {query.entity: listed, "startPosition": query.start, "maxResults": len(listed)}

    def _post(self, path: str, request: SandboxRequest, options: Mapping[str, str]) -> SandboxAnswer:
        if self.books.rules.lapsed:
            raise Refusal(
                "6190",
                "Invalid Company Status",
                "Subscription period has ended or canceled or there was a billing problem",
            )
        try:
            body = decode_json(request.body)
        except Undecodable as error:
            detail = f"Property Name:Unexpected character: {error}\n specified is unsupported or invalid"
            raise Refusal("2010", "Request has invalid or unsupported property", detail) from error
        if path == "batch":
            return self._answer({"BatchItemResponse": self._batch(body, options)})
        kind = BY_PATH.get(path.lower())
        if kind is None:
            raise unsupported(path)
        return self._answer({kind: shown(self.books, write(self.books, kind, body, options), options)})

    def _batch(self, body: Any, options: Mapping[str, str]) -> list[Raw]:
        items = body.get("BatchItemRequest") if isinstance(body, dict) else None
        if not isinstance(items, list) or not items:
            raise Refusal("2020", "Required param missing", "BatchItemRequest is missing", element="BatchItemRequest")
        if len(items) > BATCH_ROWS:
            detail = f"The maximum number of batch items is {BATCH_ROWS}. Supplied:{len(items)}"
            raise Refusal("1040", "Batch items exceed the maximum", detail)
        if not all(isinstance(item, dict) and item.get("bId") for item in items):
            raise Refusal("2020", "Required param missing", "Every batch item needs a bId", element="bId")
        return [{**self._batch_item(item, options), "bId": item["bId"]} for item in items]

    def _batch_item(self, item: Raw, options: Mapping[str, str]) -> Raw:
        try:
            if "Query" in item:
                return {"QueryResponse": self._query(item["Query"], options)}
            kind = next((key for key in item if key in SHAPES), "")
            if not kind:
                raise unsupported("without an entity")
            chosen = {**options, "operation": item.get("operation", "create")}
            if item.get("optionsData"):
                chosen["include"] = item["optionsData"]
            return {kind: shown(self.books, write(self.books, kind, item[kind], chosen), chosen)}
        except Refusal as refusal:
            return {"Fault": refusal.fault()}

    # --- answers ------------------------------------------------------------------------------------------------------

    def _answer(self, body: Raw) -> SandboxAnswer:
        headers = {**self._headers(), "Content-Type": "application/json;charset=utf-8"}
        return json_answer(200, {**body, "time": answer_time(self.clock.now())}, headers)

    def _once(self, options: Mapping[str, str], act: Any) -> SandboxAnswer:
        """The first answer to a requestid again, while it is remembered."""
        key = options.get("requestid", "")
        if len(key) > REQUESTID_LENGTH:
            detail = f"requestid is longer than {REQUESTID_LENGTH}"
            raise Refusal("2050", "String length is either shorter or longer than supported by specification", detail)
        held = self._answered.get(key) if key else None
        if held and (self.clock.now() - held[0]).total_seconds() <= self.requestid_seconds:
            return held[1]
        answer: SandboxAnswer = act()
        if key:
            self._answered[key] = (self.clock.now(), answer)
        return answer


def _forget(moments: deque[datetime], before: datetime) -> None:
    while moments and moments[0] <= before:
        moments.popleft()
