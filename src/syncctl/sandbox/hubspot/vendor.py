"""The pretend HubSpot: authentication, limits, scopes and dispatch around its endpoints. No network."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal
from urllib.parse import urlencode

from syncctl.clock import Clock
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, json_answer
from syncctl.sandbox.clock import ServerClock
from syncctl.sandbox.hubspot import records, routes, seeding
from syncctl.sandbox.hubspot.account import Account
from syncctl.sandbox.hubspot.calls import Behaviour, Call, Reply
from syncctl.sandbox.hubspot.kinds import NAMES, SCOPES, kind_of
from syncctl.sandbox.hubspot.limits import DAILY, TEN_SECONDLY, Allowance, Meter, limit_body
from syncctl.sandbox.hubspot.refusals import Refusal, invalid_json
from syncctl.sandbox.hubspot.sign_in import RULES
from syncctl.sandbox.oauth import AuthorizationServer

DEFAULT_TOKEN: Final = "pat-na1-5a6d0b0c-0000-4000-8000-syncctlsandbox"  # noqa: S105
"""The credential of a served sandbox; not a secret."""
LAG_SECONDS: Final = 10.0
"""How far the search index is behind; the vendor promises nothing."""

CredentialState = Literal["valid", "expired", "creator left"]


class HubSpotSandbox:
    """One account. `scopes` None means every scope; `allowance` None switches the rate limits off.

    `search_lag_seconds`, `behaviour` and `allowance` set what the vendor does not promise; `credential` can be
    changed while it runs.
    """

    name = "hubspot"
    asks: tuple[str, ...] = ("/crm/*/search", "/crm/*/batch/read", RULES.token_path, RULES.revoke_path)

    def __init__(
        self,
        clock: Clock,
        *,
        token: str = DEFAULT_TOKEN,
        seed: int = 1,
        portal_id: int = 48_213_977,
        company_currency: str = "USD",
        currencies: Iterable[str] = ("EUR", "GBP"),
        search_lag_seconds: float = LAG_SECONDS,
        allowance: Allowance | None = Allowance(),  # noqa: B008
        behaviour: Behaviour = Behaviour(),  # noqa: B008
        scopes: Iterable[str] | None = None,
    ) -> None:
        self.clock = clock = ServerClock(clock)
        self.token = token
        self.oauth = AuthorizationServer(clock, RULES)
        self.credential: CredentialState = "valid"
        self.scopes = None if scopes is None else frozenset(scopes)
        self.behaviour = behaviour
        self.meter = Meter(clock, allowance)
        self.limit_policy = TEN_SECONDLY
        self.account = Account(
            clock,
            seed=seed,
            portal_id=portal_id,
            currency=company_currency,
            currencies=currencies,
            search_lag=search_lag_seconds,
        )
        self._requests = 0
        seeding.furnish(self.account)

    # --- what every vendor has --------------------------------------------------------------------------------------

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        """Answers as the vendor would."""
        self._requests += 1
        signed_in = self.oauth.answer(request)
        if signed_in is not None:
            return signed_in
        search = request.path.endswith("/search")
        try:
            policy = self.meter.take(search=search)
            if policy:
                return self._answer((429, limit_body(policy, self._correlation())), search=search)
            return self._answer(self._dispatch(request), search=search)
        except Refusal as refusal:
            return self._answer((refusal.status, refusal.body(self._correlation())), search=search)

    def limited(self) -> SandboxAnswer:
        """A 429 of the policy in `limit_policy`."""
        return self._answer((429, limit_body(self.limit_policy, self._correlation())), search=False)

    def broken(self) -> SandboxAnswer:
        body = {"status": "error", "message": "internal error", "correlationId": self._correlation()}
        return self._answer((500, body), search=False)

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Kinds: a record's, `owner`, `pipeline`, `property:deal`, `rule:deal`. Raises ValueError."""
        family, _, of = kind.partition(":")
        if family == "property":
            return self.define_property(of, body)
        if family == "rule":
            return seeding.seed_rule(self.account, of, body)
        if family == "owner":
            return seeding.seed_owner(self.account, body)
        if family == "pipeline":
            return seeding.seed_pipeline(self.account, body)
        if kind not in SCOPES:
            raise ValueError(f"there is no kind {kind!r}")
        return seeding.seed_record(self.account, kind, body)

    def state(self) -> dict[str, Any]:
        """Records by kind and id with every property that is set; association types under `associations`."""
        return seeding.everything(self.account)

    # --- what only a person can do ----------------------------------------------------------------------------------

    def define_property(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A custom property: `{"name", "label", "type", …}`; only `name` is needed. Raises ValueError."""
        try:
            return seeding.seed_property(self.account, kind, body)
        except Refusal as refusal:
            raise ValueError(str(refusal)) from refusal

    def restore(self, kind: str, identity: str) -> dict[str, Any]:
        """Takes a record out of the recycle bin, as a person can for 90 days. Raises KeyError."""
        return seeding.whole(self.account.restore(kind, identity))

    def edit(self, kind: str, identity: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A person changes a record. Raises Refusal."""
        return seeding.whole(records.update(self.account, self.account.objects[kind][identity], values, "v3"))

    def merge(self, kind: str, primary: str, other: str) -> dict[str, Any]:
        """A person merges two records; the winner."""
        pair = self.account.objects[kind][primary], self.account.objects[kind][other]
        return seeding.whole(
            records.merge(self.account, kind, pair[0], pair[1], keep_id=self.behaviour.keep_primary_id)
        )

    def use_up_the_day(self) -> None:
        """From now on the daily limit answers."""
        self.limit_policy = DAILY

    # --- dispatch ---------------------------------------------------------------------------------------------------

    def _dispatch(self, request: SandboxRequest) -> Reply:
        self._authenticate(request)
        if len(f"{request.path}?{urlencode(request.query)}") > self.behaviour.url_limit:
            raise Refusal(414, "URI_TOO_LONG", "The request URI is too long")
        address = routes.canonical(request.path)
        found = routes.find(request.method, *address) if address else None
        if address is None or found is None:
            raise Refusal(404, "OBJECT_NOT_FOUND", f"Unable to find {request.method} {request.path}")
        route, parts = found
        unknown = sorted({name for name, _ in request.query} - route.query)
        if unknown:
            raise invalid_json(f"unknown query parameter {unknown[0]}")
        self._authorize(route, parts)
        call = Call(self.account, self.behaviour, address[0], parts, _joined(request), request.body)
        return route.endpoint(call)

    def _authenticate(self, request: SandboxRequest) -> None:
        if self.credential == "expired":
            raise Refusal(
                401,
                "EXPIRED_AUTHENTICATION",
                "The OAuth token used to make this call expired 7 second(s) ago.",
                context={"expire time": ["2026-11-20T02:59:53.000Z"]},
            )
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != self.token and not self.oauth.accepts(token):
            raise Refusal(
                401,
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication.",
            )

    def _authorize(self, route: routes.Route, parts: Mapping[str, str]) -> None:
        if "associations" in route.path and self.credential == "creator left":
            raise Refusal(
                403,
                "USER_DOES_NOT_HAVE_PERMISSIONS",
                "The user who created this token does not have permission to edit associations.",
            )
        if self.scopes is None or parts.get("type", "").lower() not in NAMES:
            return
        verb = "write" if route.writes else "read"
        scope = f"{SCOPES[kind_of(parts['type'])]}.{verb}"
        if route.path.startswith("properties"):
            scope = scope.replace("crm.objects", "crm.schemas")
        if scope not in self.scopes:
            raise Refusal(
                403,
                "MISSING_SCOPES",
                "This app hasn't been granted all required scopes to make this call.",
                errors=[
                    {
                        "message": "One or more of the following scopes are required.",
                        "context": {"requiredGranularScopes": [scope]},
                    }
                ],
                links={"scopes": "https://developers.hubspot.com/scopes"},
            )

    def _correlation(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.account.portal_id}/{self._requests}"))

    def _answer(self, reply: Reply, *, search: bool) -> SandboxAnswer:
        status, body = reply
        headers = {"x-hubspot-correlation-id": self._correlation(), **self.meter.headers(search=search)}
        if body is None:
            return SandboxAnswer(status, b"", headers)
        answer = json_answer(status, body, headers)
        content_type = {"content-type": "application/json;charset=utf-8"}
        return SandboxAnswer(status, answer.body, {**answer.headers, **content_type})


def _joined(request: SandboxRequest) -> dict[str, str]:
    """The query with repeated names joined by commas: the vendor reads both ways of giving a list."""
    found: dict[str, str] = {}
    for name, value in request.query:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found
