"""A pretend vendor's authorization server: consent page, token endpoint, revocation, as strict as RFC 6749 and 7636.

Tokens rotate, expire and are revoked by the vendor's clock; a used refresh token works again within the vendor's grace.
No network.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from syncctl.clock import Clock
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, json_answer

CODE_SECONDS: Final = 300
_AUTHORIZE: Final = frozenset({"client_id", "redirect_uri", "response_type", "scope", "state"})
_PKCE: Final = frozenset({"code_challenge", "code_challenge_method"})
_FORMS: Final[Mapping[str, frozenset[str]]] = {
    "authorization_code": frozenset({"grant_type", "code", "redirect_uri", "code_verifier"}),
    "refresh_token": frozenset({"grant_type", "refresh_token", "scope"}),
    "client_credentials": frozenset({"grant_type", "scope"}),
}
_CLIENT: Final = frozenset({"client_id", "client_secret"})


@dataclass(frozen=True, slots=True)
class OAuthRules:
    """How one vendor's authorization server behaves. `prefix` begins its tokens; `pkce` asks for a challenge.

    `callback` stands beside the code in the browser's answer, `told` in each token answer. `refresh_told` names the
    field of the answer that says how long an unused refresh token lives.
    """

    authorize_path: str
    token_path: str
    revoke_path: str = ""
    access_seconds: int = 3600
    refresh_seconds: float | None = None
    refresh_told: str = ""
    grace_seconds: float = 0
    rotates: bool = True
    pkce: bool = False
    grants: tuple[str, ...] = ("authorization_code", "refresh_token")
    prefix: str = "sandbox"
    callback: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class App:
    """The app registered at the vendor. `secret` empty: a public client that only uses PKCE."""

    id: str = "syncctl-sandbox-app"
    secret: str = "syncctl-sandbox-app-key"  # noqa: S105 - of a pretend vendor
    scopes: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ("http://localhost:8765/callback",)


@dataclass(frozen=True, slots=True)
class _Code:
    redirect: str
    challenge: str
    scope: str
    until: datetime


@dataclass
class _Refresh:
    scope: str
    until: datetime | None
    used: datetime | None = None


class _Refused(Exception):
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.status = error, status


class AuthorizationServer:
    """One vendor's. `answer` gives None for a path that is not its own; `accepts` knows its access tokens."""

    def __init__(self, clock: Clock, rules: OAuthRules) -> None:
        self.clock = clock
        self.rules = rules
        self.app = App()
        self.asked: list[str] = []
        """The grants that were asked for, in order: tests count refreshes."""
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, datetime] = {}
        self._refresh: dict[str, _Refresh] = {}
        self._serial = 0

    def accepts(self, token: str) -> bool:
        """True for an access token of this server that has not ended."""
        until = self._access.get(token)
        return until is not None and self.clock.now() < until

    def knows(self, token: str) -> bool:
        """True for an access token of this server, ended or not."""
        return token in self._access

    def expire(self) -> None:
        """Ends every access token now, as a vendor may."""
        self._access = dict.fromkeys(self._access, self.clock.now())

    def revoke_all(self) -> None:
        """Somebody takes the app out on the vendor's page."""
        self._access.clear()
        self._refresh.clear()

    def answer(self, request: SandboxRequest) -> SandboxAnswer | None:
        """One request; None when it is for somebody else."""
        places = {
            ("GET", self.rules.authorize_path): self._authorize,
            ("POST", self.rules.token_path): self._token,
            ("POST", self.rules.revoke_path): self._revoke,
        }
        found = places.get((request.method, request.path)) if request.path else None
        if found is None:
            return None
        try:
            return found(request)
        except _Refused as refused:
            body = {"error": refused.error, "error_description": str(refused)}
            return json_answer(refused.status, body, {"cache-control": "no-store"})

    # --- the consent page: whoever looks at it agrees ---------------------------------------------------------------

    def _authorize(self, request: SandboxRequest) -> SandboxAnswer:
        asked = dict(request.query)
        unknown = set(asked) - _AUTHORIZE - _PKCE
        if unknown:
            raise _Refused("invalid_request", f"unknown parameter {min(unknown)}")
        if asked.get("client_id") != self.app.id:
            raise _Refused("unauthorized_client", "there is no such app")
        if asked.get("redirect_uri") not in self.app.redirects:
            raise _Refused("invalid_request", "the redirect_uri is not one of the app's")
        answer = self._consent(asked)
        location = f"{asked['redirect_uri']}?{urlencode(answer)}"
        return SandboxAnswer(302, b"", {"location": location})

    def _consent(self, asked: Mapping[str, str]) -> dict[str, str]:
        state = {"state": asked["state"]} if "state" in asked else {}
        if asked.get("response_type") != "code":
            return {"error": "unsupported_response_type", **state}
        if self.rules.pkce and asked.get("code_challenge_method") != "S256":
            return {"error": "invalid_request", "error_description": "a code challenge is required", **state}
        if self._foreign(asked.get("scope", "")):
            return {"error": "invalid_scope", **state}
        code = self._new("code")
        until = self.clock.now() + timedelta(seconds=CODE_SECONDS)
        self._codes[code] = _Code(asked["redirect_uri"], asked.get("code_challenge", ""), asked.get("scope", ""), until)
        return {"code": code, **state, **self.rules.callback}

    def _foreign(self, scope: str) -> set[str]:
        return set(scope.split()) - set(self.app.scopes) if self.app.scopes else set()

    # --- tokens -----------------------------------------------------------------------------------------------------

    def _token(self, request: SandboxRequest) -> SandboxAnswer:
        form = self._form(request)
        grant = form.get("grant_type", "")
        self.asked.append(grant)
        if grant not in self.rules.grants or grant not in _FORMS:
            raise _Refused("unsupported_grant_type", f"no grant {grant!r}")
        unknown = set(form) - _FORMS[grant] - _CLIENT
        if unknown:
            raise _Refused("invalid_request", f"unknown field {min(unknown)}")
        if grant == "client_credentials":
            return self._grant(form.get("scope", ""), refresh="")
        scope = self._spend_code(form) if grant == "authorization_code" else self._spend_refresh(form)
        refresh = form["refresh_token"] if grant == "refresh_token" and not self.rules.rotates else ""
        return self._grant(scope, refresh=refresh or self._new_refresh(scope))

    def _form(self, request: SandboxRequest) -> dict[str, str]:
        """The form of an app that has proved who it is."""
        if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            raise _Refused("invalid_request", "the body is no form")
        pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        form = dict(pairs)
        if len(form) != len(pairs):
            raise _Refused("invalid_request", "a field is repeated")
        identity, secret = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
        if identity != self.app.id or not hmac.compare_digest(secret, self.app.secret):
            raise _Refused("invalid_client", "client authentication failed", 401)
        return form

    def _spend_code(self, form: Mapping[str, str]) -> str:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.until <= self.clock.now() or code.redirect != form.get("redirect_uri"):
            raise _Refused("invalid_grant", "the code is unknown, used or too old")
        if code.challenge and not hmac.compare_digest(code.challenge, _challenge(form.get("code_verifier", ""))):
            raise _Refused("invalid_grant", "the code verifier does not fit")
        return code.scope

    def _spend_refresh(self, form: Mapping[str, str]) -> str:
        now, held = self.clock.now(), self._refresh.get(form.get("refresh_token", ""))
        if held is None or (held.until is not None and held.until <= now):
            raise _Refused("invalid_grant", "the refresh token is unknown, revoked or expired")
        if held.used is not None and now - held.used > timedelta(seconds=self.rules.grace_seconds):
            raise _Refused("invalid_grant", "the refresh token was used before")
        if self.rules.rotates:
            held.used = held.used or now
        return held.scope

    def _grant(self, scope: str, *, refresh: str) -> SandboxAnswer:
        access = self._new("access")
        self._access[access] = self.clock.now() + timedelta(seconds=self.rules.access_seconds)
        body: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.rules.access_seconds,
            **({"scope": scope} if scope else {}),
            **({"refresh_token": refresh} if refresh else {}),
            **self.rules.told,
        }
        if refresh and self.rules.refresh_told and self.rules.refresh_seconds is not None:
            body[self.rules.refresh_told] = int(self.rules.refresh_seconds)
        return json_answer(200, body, {"cache-control": "no-store"})

    def _new_refresh(self, scope: str) -> str:
        seconds = self.rules.refresh_seconds
        token = self._new("refresh")
        self._refresh[token] = _Refresh(
            scope, None if seconds is None else self.clock.now() + timedelta(seconds=seconds)
        )
        return token

    def _revoke(self, request: SandboxRequest) -> SandboxAnswer:
        token = self._form(request).get("token", "")
        self.asked.append("revoke")
        if self._refresh.pop(token, None) is not None:
            self._access.clear()
        self._access.pop(token, None)
        return json_answer(200, {}, {})

    def _new(self, what: str) -> str:
        self._serial += 1
        return f"{self.rules.prefix}-{what}-{self._serial:08}"


def _basic(request: SandboxRequest) -> tuple[str, str] | None:
    """The client of an HTTP Basic header; None without one."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        identity, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _Refused("invalid_client", "the authorization header is broken", 401) from None
    return identity, secret


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
