"""The pretend Stripe: who asks, how often, with which key and version, and what comes back. No network."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from syncctl.clock import Clock
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, form_dict
from syncctl.sandbox.clock import ServerClock
from syncctl.sandbox.stripe import seeds
from syncctl.sandbox.stripe.expand import expanded
from syncctl.sandbox.stripe.forms import nested
from syncctl.sandbox.stripe.limits import Buckets
from syncctl.sandbox.stripe.old_shape import as_of
from syncctl.sandbox.stripe.params import check
from syncctl.sandbox.stripe.refusals import Refusal
from syncctl.sandbox.stripe.render import shown
from syncctl.sandbox.stripe.routes import Call, Route, find_route
from syncctl.sandbox.stripe.search import SearchIndex
from syncctl.sandbox.stripe.store import KINDS, Store, Thing
from syncctl.sandbox.stripe.tables import PARAMS

VERSION: Final = "2026-10-28.endive"
KEY_SECONDS: Final = 24 * 3600
"""docs.stripe.com/api/idempotent_requests: keys may be removed after 24 hours; here they are."""
KEY_LENGTH: Final = 255
TOKEN: Final = "sk_test_sandboxsandboxsandbox"  # noqa: S105  opens nothing but this
_RATE_MESSAGE: Final = (
    "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """One idempotency key: what was asked, and what was answered when."""

    asked: tuple[str, str, bytes]
    answer: SandboxAnswer
    at: float


class StripeSandbox:
    """A Stripe account that lives in memory.

    `restricted` are restricted keys with their permissions, `{"rk_test_…": {"customer": "read"}}`. `version` is the
    account's own API version, used where a request names none, and in events. The limits are requests per second
    (None: no limit). `crashes` next writes are done, answered 500, and that answer is remembered for their keys.
    """

    name = "stripe"
    asks: tuple[str, ...] = ()

    def __init__(
        self,
        clock: Clock,
        *,
        token: str = TOKEN,
        restricted: Mapping[str, Mapping[str, str]] | None = None,
        seed: int = 1,
        account: str = "acct_1SandboxSandbox1",
        account_name: str = "Sandbox Inc",
        version: str = VERSION,
        requests_per_second: float | None = 100,
        endpoint_per_second: float | None = 25,
        search_lag_seconds: float = 60,
    ) -> None:
        self.clock = clock = ServerClock(clock)
        self.token = token
        self.restricted = restricted or {}
        self.version = version
        self.crashes = 0
        self.store = Store(clock, seed, account, account_name, version)
        self._index = SearchIndex(self.store, search_lag_seconds)
        self._buckets = Buckets(clock, requests_per_second, endpoint_per_second)
        self._keys: dict[str, _Remembered] = {}

    # --- the Vendor protocol ---

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        """Answers as the vendor would."""
        self.store.opened = True
        request_id = self.store.new_id("request")
        version = request.headers.get("stripe-version") or self.version
        try:
            key_name = self._authenticate(request)
            route, identity = _route(request)
            self._permit(key_name, route)
            reason = self._buckets.refused(route.name)
            if reason:
                return self._limited(reason, request_id)
            return self._remembering(request, route, identity, request_id, version)
        except Refusal as refusal:
            return self._refused(refusal, request_id, version)

    def limited(self) -> SandboxAnswer:
        return self._limited("global-rate", self.store.new_id("request"))

    def broken(self) -> SandboxAnswer:
        return self._refused(_broken(), self.store.new_id("request"), self.version)

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """See seeds.py. Raises ValueError for a kind or key that there is not."""
        self.store.request = {"id": None, "idempotency_key": None}
        return seeds.seed(self.store, kind, body)

    def state(self) -> dict[str, Any]:
        """Every record by kind and id, whole."""
        return {kind: {identity: self._whole(thing) for identity, thing in self._all(kind)} for kind in KINDS}

    def _all(self, kind: str) -> list[tuple[str, Thing]]:
        return list(self.store.things[kind].items())

    def _whole(self, thing: Thing) -> Thing:
        if thing["object"] == "event":
            return {**thing, "data": decode_json(encode_json(thing["data"]))}
        return {**shown(self.store, thing), "lines": thing["lines"]} if "lines" in thing else shown(self.store, thing)

    # --- one request ---

    def _authenticate(self, request: SandboxRequest) -> str:
        """The key of the request; raises Refusal."""
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        key = _basic_user(credential) if scheme.lower() == "basic" else credential.strip()
        if not key:
            raise Refusal(
                "You did not provide an API key. You need to provide your API key in the Authorization header, using"
                " Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
                401,
            )
        if key != self.token and key not in self.restricted:
            raise Refusal(f"Invalid API Key provided: {_starred(key)}", 401)
        return key

    def _permit(self, key: str, route: Route) -> None:
        if key == self.token:
            return
        needed = "read" if route.method == "GET" else "write"
        held = self.restricted[key].get(route.resource, "")
        if held == "write" or held == needed:
            return
        if route.resource == "account":
            hint = "The required permissions are not available for use by restricted keys."
        else:
            hint = f"Having the 'rak_{route.resource}_{needed}' permission would allow this request to continue."
        where = f"the required permissions for this endpoint on account '{self.store.account}'"
        raise Refusal(f"The provided key '{_starred(key)}' does not have {where}. {hint}", 403)

    def _remembering(
        self, request: SandboxRequest, route: Route, identity: str, request_id: str, version: str
    ) -> SandboxAnswer:
        """Does the request, unless its idempotency key says that it is done."""
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        asked = (request.method, request.path, request.body)
        self.store.request = {"id": request_id, "idempotency_key": key or None}
        if not key:
            return self._answer(request, route, identity, request_id, version)[0]
        if len(key) > KEY_LENGTH:
            raise Refusal(f"Idempotency keys can be at most {KEY_LENGTH} characters long.")
        held = self._keys.get(key)
        if held is not None and self.clock.now().timestamp() - held.at < KEY_SECONDS:
            return self._replayed(held, asked, key, request_id)
        answer, saved = self._answer(request, route, identity, request_id, version)
        headers = {**answer.headers, "idempotency-key": key, "original-request": request_id}
        answer = SandboxAnswer(answer.status, answer.body, headers)
        if saved:
            self._keys[key] = _Remembered(asked, answer, self.clock.now().timestamp())
        return answer

    def _replayed(self, held: _Remembered, asked: tuple[str, str, bytes], key: str, request_id: str) -> SandboxAnswer:
        if asked[:2] != held.asked[:2]:
            raise Refusal(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for"
                f" ('{asked[1]}' vs '{held.asked[1]}'). Try using a key other than '{key}' if you meant to execute a"
                " different request.",
                type="idempotency_error",
            )
        if asked != held.asked:
            raise Refusal(
                "Keys for idempotent requests can only be used with the same parameters they were first used with."
                f" Try using a key other than '{key}' if you meant to execute a different request.",
                type="idempotency_error",
            )
        headers = {**held.answer.headers, "request-id": request_id, "idempotent-replayed": "true"}
        return SandboxAnswer(held.answer.status, held.answer.body, headers)

    def _answer(
        self, request: SandboxRequest, route: Route, identity: str, request_id: str, version: str
    ) -> tuple[SandboxAnswer, bool]:
        """The answer, and whether an idempotency key remembers it."""
        try:
            done = self._done(request, route, identity)
        except Refusal as refusal:
            return self._refused(refusal, request_id, version), refusal.saved
        if request.method == "POST" and self.crashes > 0:
            self.crashes -= 1
            return self._refused(_broken(), request_id, version), True
        return self._ok(as_of(self.store, done, version), request, request_id, version), True

    def _done(self, request: SandboxRequest, route: Route, identity: str) -> Thing:
        pairs = form_dict(request) if request.method == "POST" else list(request.query)
        if request.method == "POST" and request.query:
            raise Refusal("POST parameters belong in the body, not in the query.")
        given = check(nested(pairs), PARAMS[route.params])
        paths = given.pop("expand", None) or []
        call = Call(self.store, self._index, self._account, route.kind, request.path, identity, given)
        return expanded(self.store, route.handler(call), paths) if paths else route.handler(call)

    def _account(self) -> Thing:
        profile = {"name": self.store.account_name, "support_email": None, "url": None}
        return {
            "id": self.store.account,
            "object": "account",
            "business_profile": profile,
            "charges_enabled": True,
            "country": "US",
            "default_currency": "usd",
            "email": "owner@example.com",
            "settings": {"dashboard": {"display_name": self.store.account_name, "timezone": "Etc/UTC"}},
            "type": "standard",
        }

    # --- answers ---

    def _ok(self, body: Thing, request: SandboxRequest, request_id: str, version: str) -> SandboxAnswer:
        retry = {"stripe-should-retry": "false"} if request.method == "POST" else {}
        return SandboxAnswer(200, _pretty(body), {**_headers(request_id, version), **retry})

    def _refused(self, refusal: Refusal, request_id: str, version: str) -> SandboxAnswer:
        body = refusal.body(request_id, self.store.now())
        return SandboxAnswer(refusal.status, _pretty(body), {**_headers(request_id, version), **refusal.headers})

    def _limited(self, reason: str, request_id: str) -> SandboxAnswer:
        headers = {"stripe-rate-limited-reason": reason, "stripe-should-retry": "true"}
        refusal = Refusal(_RATE_MESSAGE, 429, "rate_limit", headers=headers)
        return self._refused(refusal, request_id, self.version)


def _route(request: SandboxRequest) -> tuple[Route, str]:
    found = find_route(request.method, request.path)
    if found is None:
        raise Refusal(
            f"Unrecognized request URL ({request.method}: {request.path}). Please see https://stripe.com/docs or we can"
            " help at https://support.stripe.com/.",
            404,
        )
    return found


def _broken() -> Refusal:
    return Refusal("An unknown error occurred", 500, type="api_error")


def _headers(request_id: str, version: str) -> dict[str, str]:
    return {"content-type": "application/json", "request-id": request_id, "stripe-version": version}


def _pretty(body: Thing) -> bytes:
    """Indented, as the vendor sends it: a record alone and the same record in a list differ in their blanks."""
    return bytes(msgspec.json.format(encode_json(body), indent=2))


def _starred(key: str) -> str:
    return key if len(key) < 12 else f"{key[:8]}{'*' * (len(key) - 12)}{key[-4:]}"


def _basic_user(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
