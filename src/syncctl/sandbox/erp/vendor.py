"""The pretend ERP: routes, the API key, its rate limit, its errors. No network.

GET /api/company · GET, POST /api/customers and /api/orders · GET, PUT /api/customers/K10001 and /api/orders/500001
"""

from __future__ import annotations

import copy
import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, json_answer, query_dict
from syncctl.sandbox.clock import ServerClock
from syncctl.sandbox.erp.refusals import (
    BROKEN,
    KEY_REUSED,
    TOO_FAST,
    WRONG_KEY,
    Refusal,
    malformed,
    not_found,
    unknown,
)
from syncctl.sandbox.erp.shapes import SHAPES, Raw
from syncctl.sandbox.erp.store import Store

PREFIX: Final = "/api/"
KEY_HEADER: Final = "x-api-key"
ROWS_MAX: Final = 100
ROWS: Final = 50
REQUESTS_PER_MINUTE: Final = 120
_KINDS: Final = {shape.path: kind for kind, shape in SHAPES.items()}


class ErpSandbox:
    """One company. `limits` off lets any rate through. `key_in`: where the ERP looks for a key under which it remembers
    an answer for `key_seconds`: `header:NAME`, `query:NAME` or nowhere; `enforce` off lets an external_ref come twice.
    """

    name = "erp"
    asks: tuple[str, ...] = ()

    def __init__(
        self,
        clock: Clock,
        *,
        token: str = "erp-sandbox-key-0001",  # noqa: S107 (of a pretend vendor)
        company: str = "4711",
        company_name: str = "Northwind Fertigung",
        limits: bool = True,
        enforce: bool = True,
        key_in: str = "",
        key_seconds: float = 86_400,
    ) -> None:
        self.clock = clock = ServerClock(clock)
        self.token = token
        self.company = company
        self.limits = limits
        self.key_seconds = key_seconds
        self.store = Store(clock, enforce=enforce)
        self._company_name = company_name
        self._key_in = key_in.partition(":")[::2]
        self._calls: deque[datetime] = deque()
        self._answered: dict[str, tuple[datetime, bytes, SandboxAnswer]] = {}
        self._serial = 0

    # --- what a Vendor is ---------------------------------------------------------------------------------------------

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        """Answers as the ERP would."""
        self._serial += 1
        try:
            self._gate(request)
            return self._once(request, lambda: self._routed(request))
        except Refusal as refusal:
            headers = {"Retry-After": "7"} if refusal.number == TOO_FAST else {}
            return refusal.answer({**self._headers(), **headers})

    def limited(self) -> SandboxAnswer:
        """Too many requests."""
        refusal = Refusal(TOO_FAST, f"more than {REQUESTS_PER_MINUTE} requests in a minute", status=429)
        return refusal.answer({**self._headers(), "Retry-After": "7"})

    def broken(self) -> SandboxAnswer:
        """The ERP fell over."""
        return Refusal(BROKEN, "internal error", status=500).answer(self._headers())

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Stores a record as people make it in the ERP; a known number changes that record."""
        return copy.deepcopy(self.store.seed(kind, dict(body)))

    def state(self) -> dict[str, Any]:
        """Everything stored: kind -> number -> record."""
        return {kind: dict(records) for kind, records in self.store.records.items()}

    # --- before the API -----------------------------------------------------------------------------------------------

    def _headers(self) -> dict[str, str]:
        return {"X-Request-No": hashlib.sha256(f"erp {self._serial}".encode()).hexdigest()[:10]}

    def _gate(self, request: SandboxRequest) -> None:
        if request.headers.get(KEY_HEADER, "") != self.token:
            raise Refusal(WRONG_KEY, "the API key is not valid", status=401)
        now = self.clock.now()
        while self._calls and self._calls[0] <= now - timedelta(minutes=1):
            self._calls.popleft()
        if self.limits and len(self._calls) >= REQUESTS_PER_MINUTE:
            raise Refusal(TOO_FAST, f"more than {REQUESTS_PER_MINUTE} requests in a minute", status=429)
        self._calls.append(now)

    def _once(self, request: SandboxRequest, act: Callable[[], SandboxAnswer]) -> SandboxAnswer:
        """The first answer to a key again, while it is remembered; a key never stands for two bodies."""
        where, name = self._key_in
        held_in: Mapping[str, str] = request.headers if where == "header" else query_dict(request)
        key = held_in.get(name.lower() if where == "header" else name, "") if where else ""
        if not key or request.method == "GET":
            return act()
        held = self._answered.get(key)
        if held is None or (self.clock.now() - held[0]).total_seconds() > self.key_seconds:
            self._answered[key] = (self.clock.now(), request.body, act())
        elif held[1] != request.body:
            raise Refusal(KEY_REUSED, "this key stands for another request", status=409)
        return self._answered[key][2]

    # --- routes -------------------------------------------------------------------------------------------------------

    def _routed(self, request: SandboxRequest) -> SandboxAnswer:
        steps = request.path.removeprefix(PREFIX).split("/") if request.path.startswith(PREFIX) else [""]
        if steps == ["company"] and request.method == "GET":
            return self._answer({"company": self.company, "name": self._company_name, "test_system": True})
        kind = _KINDS.get(steps[0])
        if kind is None or len(steps) > 2:
            raise not_found(request.path)
        match request.method, steps[1:]:
            case "GET", []:
                return self._answer(self._list(kind, query_dict(request)))
            case "GET", [identity]:
                return self._answer({"item": self.store.get(kind, identity)})
            case "POST", []:
                return self._written(kind, self.store.create(kind, self._body(request)), 201)
            case "PUT", [identity]:
                return self._written(kind, self.store.replace(kind, identity, self._body(request)), 200)
        raise Refusal(1000, f"{request.method} is not possible here", status=405)

    def _list(self, kind: str, query: dict[str, str]) -> Raw:
        shape = SHAPES[kind]
        for name in query:
            if name not in ("page", "per_page", "changed_from", *shape.filters):
                raise unknown(name)
        page, size = _whole("page", query, 1), _whole("per_page", query, ROWS)
        if size > ROWS_MAX:
            raise malformed("per_page", f"at most {ROWS_MAX}", size)
        filters = {name: query[name] for name in shape.filters if name in query}
        found = self.store.list(kind, filters, query.get("changed_from", ""))
        return {"items": found[(page - 1) * size : page * size], "page": page, "total": len(found)}

    def _body(self, request: SandboxRequest) -> Raw:
        try:
            body = decode_json(request.body)
        except Undecodable as error:
            raise Refusal(1000, "the body is no JSON", status=400) from error
        if not isinstance(body, dict):
            raise Refusal(1000, "the body is no object", status=400)
        return body

    def _written(self, kind: str, raw: Raw, status: int) -> SandboxAnswer:
        """A write answers with number and revision only."""
        identity = SHAPES[kind].identity
        return self._answer({"item": {identity: raw[identity], "rev": raw["rev"]}}, status)

    def _answer(self, body: Raw, status: int = 200) -> SandboxAnswer:
        return json_answer(status, copy.deepcopy(body), self._headers())


def _whole(name: str, query: Mapping[str, str], default: int) -> int:
    text = query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise malformed(name, "a number from 1 on", text)
    return int(text)
