"""The sign-in server of the pretend org: tokens for four kinds of grants, revoked, and whose they are. No I/O.

Nobody is asked for a password: whoever opens the authorize address has agreed already.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from syncctl.sandbox.base import SandboxRequest
from syncctl.sandbox.salesforce.calls import Reply
from syncctl.sandbox.salesforce.org import Org
from syncctl.sandbox.salesforce.refusals import SignInRefused

PREFIX: Final = "/services/oauth2/"
JWT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CODE_LIFE: Final = timedelta(minutes=15)
AUDIENCES: Final = ("https://login.salesforce.com", "https://test.salesforce.com")


@dataclass
class App:
    """An external client app. `public_key` is PEM; `rotates`: each refresh token works once; `run_as` may be empty."""

    client_id: str = "3MVG9syncctlSandboxConsumerKey0001"
    client_secret: str = "syncctl-sandbox-consumer-secret"  # noqa: S105
    run_as: str = "integration@example.com"
    public_key: str = ""
    redirect_uris: tuple[str, ...] = ("http://localhost:8765/callback", "http://127.0.0.1:8765/callback")
    rotates: bool = False


@dataclass(frozen=True, slots=True)
class _Code:
    redirect_uri: str
    challenge: str
    made: datetime


@dataclass
class SignIns:
    """Tokens given out. `token` holds for ever; the others for `session_seconds` from their last use."""

    org: Org
    token: str
    app: App = field(default_factory=App)
    session_seconds: float = 7_200.0
    _sessions: dict[str, datetime] = field(default_factory=dict)
    _refresh: set[str] = field(default_factory=set)
    _codes: dict[str, _Code] = field(default_factory=dict)
    _given: int = 0
    static_ok: bool = True

    def holds(self, token: str) -> bool:
        """True for a token that opens the org now."""
        if token == self.token:
            return self.static_ok
        last = self._sessions.get(token)
        if last is None or last + timedelta(seconds=self.session_seconds) < self.org.clock.now():
            return False
        self._sessions[token] = self.org.clock.now()
        return True

    def end_sessions(self) -> None:
        """Every session ends, as when an admin ends them."""
        self._sessions.clear()

    def handle(self, request: SandboxRequest) -> Reply:
        """Raises SignInRefused."""
        name = request.path.removeprefix(PREFIX)
        form = dict(request.query) | dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        if name == "authorize":
            return self._authorize(form)
        if name == "token" and request.method == "POST":
            return Reply(200, self._token(form, request))
        if name == "revoke":
            return self._revoke(form)
        if name == "userinfo":
            return self._userinfo(request)
        raise SignInRefused("invalid_request", f"there is no {request.method} {request.path}")

    # --- grants ---

    def _token(self, form: Mapping[str, str], request: SandboxRequest) -> dict[str, Any]:
        grant = form.get("grant_type", "")
        if "scope" in form and grant != "authorization_code":
            raise SignInRefused("invalid_request", "scope parameter not supported")
        if grant == "client_credentials":
            self._known(form, request, secret=True)
            if not self.app.run_as:
                raise SignInRefused("invalid_grant", "no client credentials user enabled")
            return self._session(request)
        if grant == JWT:
            self._assertion(form.get("assertion", ""))
            return self._session(request)
        if grant == "authorization_code":
            self._known(form, request, secret=False)
            self._redeem(form)
            return self._session(request) | {"refresh_token": self._new_refresh()}
        if grant == "refresh_token":
            self._known(form, request, secret=False)
            return self._refreshed(form, request)
        raise SignInRefused("unsupported_grant_type", "grant type not supported")

    def _known(self, form: Mapping[str, str], request: SandboxRequest, *, secret: bool) -> None:
        """The app, by the form or by Basic authorization."""
        client, given = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            client, _, given = base64.b64decode(encoded).decode().partition(":")
        if client != self.app.client_id:
            raise SignInRefused("invalid_client_id", "client identifier invalid")
        if (secret or given) and given != self.app.client_secret:
            raise SignInRefused("invalid_client", "invalid client credentials")

    def _session(self, request: SandboxRequest) -> dict[str, Any]:
        self._given += 1
        token = f"00D5e00000sandbox!AQ{hashlib.sha256(f'access {self._given}'.encode()).hexdigest()}"
        self._sessions[token] = self.org.clock.now()
        host = request.headers.get("host", "")
        scheme = "http" if host.startswith(("127.0.0.1", "localhost")) else "https"
        return {
            "access_token": token,
            "instance_url": f"{scheme}://{host}",
            "id": f"https://login.salesforce.com/id/{self._org_id()}/{self.org.user}",
            "issued_at": str(int(self.org.clock.now().timestamp() * 1000)),
            "scope": "api refresh_token",
            "signature": "",
            "token_type": "Bearer",
        }

    def _new_refresh(self) -> str:
        self._given += 1
        token = f"5Aep861syncctl{hashlib.sha256(f'refresh {self._given}'.encode()).hexdigest()}"
        self._refresh.add(token)
        return token

    def _refreshed(self, form: Mapping[str, str], request: SandboxRequest) -> dict[str, Any]:
        held = form.get("refresh_token", "")
        if held not in self._refresh:
            raise SignInRefused("invalid_grant", "expired access/refresh token")
        found = self._session(request)
        if self.app.rotates:
            self._refresh.discard(held)
            found["refresh_token"] = self._new_refresh()
        return found

    def _assertion(self, text: str) -> None:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import RSAKey

        try:
            claims = jwt.decode(text, RSAKey.import_key(self.app.public_key), algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise SignInRefused("invalid_grant", "invalid assertion") from error
        now = self.org.clock.now().timestamp()
        if claims.get("iss") != self.app.client_id:
            raise SignInRefused("invalid_client_id", "client identifier invalid")
        if claims.get("aud") not in AUDIENCES:
            raise SignInRefused("invalid_grant", "audience is invalid")
        expires = str(claims.get("exp", ""))  # a client in the wild sends a text
        if not expires.isdigit() or not now < int(expires) <= now + 300:
            raise SignInRefused("invalid_grant", "assertion is expired or lasts too long")
        if claims.get("sub") != self.app.run_as:
            raise SignInRefused("invalid_grant", "user hasn't approved this consumer")

    # --- the web sign-in ---

    def _authorize(self, form: Mapping[str, str]) -> Reply:
        uri = form.get("redirect_uri", "")
        if form.get("client_id") != self.app.client_id or uri not in self.app.redirect_uris:
            raise SignInRefused("redirect_uri_mismatch", "redirect_uri must match configuration")
        if form.get("response_type") != "code" or form.get("code_challenge_method", "S256") != "S256":
            raise SignInRefused("invalid_request", "only codes, with a challenge of method S256")
        if not form.get("code_challenge"):
            raise SignInRefused("invalid_request", "missing required code challenge")
        self._given += 1
        code = f"aPrx{hashlib.sha256(f'code {self._given}'.encode()).hexdigest()[:40]}"
        self._codes[code] = _Code(uri, form["code_challenge"], self.org.clock.now())
        back = urlencode({"code": code, "state": form.get("state", "")})
        return Reply(302, None, {"location": f"{uri}?{back}"})

    def _redeem(self, form: Mapping[str, str]) -> None:
        found = self._codes.pop(form.get("code", ""), None)
        if found is None or found.made + CODE_LIFE < self.org.clock.now():
            raise SignInRefused("invalid_grant", "expired authorization code")
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(hashed).rstrip(b"=").decode() != found.challenge:
            raise SignInRefused("invalid_grant", "invalid code verifier")
        if form.get("redirect_uri") != found.redirect_uri:
            raise SignInRefused("invalid_grant", "redirect_uri must match")

    # --- the rest ---

    def _revoke(self, form: Mapping[str, str]) -> Reply:
        token = form.get("token", "")
        if token not in self._refresh and token not in self._sessions:
            raise SignInRefused("unsupported_token_type", "this token type is not supported")
        self._refresh.discard(token)
        self._sessions.pop(token, None)
        return Reply(200)

    def _userinfo(self, request: SandboxRequest) -> Reply:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.holds(token):
            return Reply(403, "Bad_OAuth_Token")
        body = {
            "sub": f"https://login.salesforce.com/id/{self._org_id()}/{self.org.user}",
            "user_id": self.org.user,
            "organization_id": self._org_id(),
            "preferred_username": self.app.run_as,
        }
        return Reply(200, body)

    def _org_id(self) -> str:
        return next(iter(self.org.records["Organization"]))
