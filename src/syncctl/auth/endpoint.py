"""A vendor's token endpoint: one request per call, no retry, typed errors. I/O: network.

The forms are authlib's; the HTTP is ours, so that a sandbox can stand in for the vendor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oauth2.rfc7523 import JWTBearerGrant
from joserfc.jwk import RSAKey

from syncctl.auth.card import SignInCard
from syncctl.auth.tokens import NotTokens, Tokens, from_answer
from syncctl.errors import (
    AnswerUnreadable,
    AuthenticationFailed,
    CredentialError,
    Exchange,
    LimitReached,
    VendorUnavailable,
)
from syncctl.redact import Redactor

if TYPE_CHECKING:
    from syncctl.clock import Clock

JWT_SECONDS: Final = 180
"""Life of an assertion we sign; Salesforce takes at most 5 minutes, simple-salesforce uses 3 (salesforce.md)."""
BODY_SHOWN: Final = 2_000


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """Who asks: the app registered at the vendor. `secret` is empty for an app that only uses PKCE."""

    id: str
    secret: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Assertion:
    """What a JWT bearer grant is signed with: a PEM private key, who is spoken for, and who is spoken to."""

    private_key: str
    subject: str
    audience: str


@dataclass(frozen=True)
class TokenEndpoint:
    """One system's token endpoint. `fix` stands in every refusal where what to do is not told by the code: where the
    client is written down elsewhere than under `sign_in`.
    """

    system: str
    card: SignInCard
    client: Client
    clock: Clock
    redact: Redactor
    transport: httpx.BaseTransport | None = None
    fix: str = ""

    def exchange_code(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens for the code that the browser brought. Raises VendorError."""
        for secret in (code, verifier):
            self.redact.add(secret)
        words = {"code": code, "redirect_uri": redirect_uri, **({"code_verifier": verifier} if verifier else {})}
        return self._ask("authorization_code", words, None)

    def refresh(self, tokens: Tokens) -> Tokens:
        """New tokens for a refresh token. Raises VendorError."""
        return self._ask("refresh_token", {"refresh_token": tokens.refresh}, tokens)

    def client_credentials(self, scopes: tuple[str, ...]) -> Tokens:
        """Tokens for the app itself. Raises VendorError."""
        return self._ask("client_credentials", {"scope": " ".join(scopes)} if scopes else {}, None)

    def jwt_bearer(self, assertion: Assertion) -> Tokens:
        """Tokens for a user who allowed this app to speak for them (RFC 7523). Raises VendorError."""
        now = int(self.clock.now().timestamp())
        signed = JWTBearerGrant.sign(
            _rsa_key(assertion.private_key, self.system),
            self.client.id,
            assertion.audience,
            subject=assertion.subject,
            issued_at=now,
            expires_at=now + JWT_SECONDS,
            header={"alg": "RS256"},
        )
        text = signed.decode() if isinstance(signed, bytes) else signed
        return self._ask(JWTBearerGrant.GRANT_TYPE, {"assertion": text}, None)

    def revoke(self, tokens: Tokens) -> None:
        """Tells the vendor to forget the tokens. Raises VendorError."""
        words = {"token": tokens.refresh or tokens.access}
        self._post(self.card.revoke_url, str(httpx.QueryParams(words)))

    def _ask(self, grant: str, words: Mapping[str, str], before: Tokens | None) -> Tokens:
        answer = self._post(self.card.token_url, prepare_token_request(grant, **words), grant)
        try:
            body = answer.json()
            if not isinstance(body, dict):
                raise NotTokens("it is no object")
            tokens = from_answer(body, self.clock.now(), before, self.card.refresh_seconds)
        except (ValueError, UnicodeDecodeError) as error:
            raise AnswerUnreadable(
                f"{self.system}'s token endpoint answered something that cannot be used: {error}",
                self._exchange(answer),
                fix=f"try again; if it stays, {self.fix or 'sign in again'}",
            ) from error
        for secret in (tokens.access, tokens.refresh):
            self.redact.add(secret)
        return tokens

    def _post(self, url: str, form: str, grant: str = "") -> httpx.Response:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        auth: httpx.Auth = httpx.Auth()
        self.redact.add(self.client.secret)
        if self.card.client_in_body or not self.client.secret:
            secret = {"client_secret": self.client.secret} if self.client.secret else {}
            form = f"{form}&{httpx.QueryParams({'client_id': self.client.id, **secret})}"
        else:
            auth = httpx.BasicAuth(self.client.id, self.client.secret)
        try:
            with httpx.Client(transport=self.transport, timeout=30, trust_env=self.transport is None) as client:
                answer = client.post(url, content=form.encode(), headers={**headers, **self.card.headers}, auth=auth)
        except httpx.HTTPError as error:
            raise VendorUnavailable(
                f"{self.system}'s token endpoint did not answer: {self.redact(str(error)) or type(error).__name__}",
                Exchange(self.system, f"POST {url}"),
                fix="try again later",
            ) from error
        if answer.is_success:
            return answer
        raise self._refusal(answer, grant)

    def _refusal(self, answer: httpx.Response, grant: str) -> AuthenticationFailed | LimitReached | VendorUnavailable:
        shown = self._exchange(answer)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return LimitReached(f"{self.system}'s token endpoint asks to wait", shown, fix="try again later")
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            return VendorUnavailable(
                f"{self.system}'s token endpoint answered {answer.status_code}", shown, fix="try again later"
            )
        what = f"{shown.code}: {_said(answer)}" if _said(answer) else shown.code or str(answer.status_code)
        story = _STORIES.get(grant, "") if shown.code == "invalid_grant" else ""
        said = f"{story} ({self.redact(what)})" if story else self.redact(what)
        fix = self.fix or _fix(shown.code, grant).format(system=self.system)
        return AuthenticationFailed(f"{self.system} gave no token: {said}", shown, fix=fix)

    def _exchange(self, answer: httpx.Response) -> Exchange:
        request = f"POST {answer.request.url.copy_with(query=None)}"
        body = self.redact(answer.text)[:BODY_SHOWN] if not answer.is_success else ""
        code = self.redact(str(_body(answer).get("error", "")))
        return Exchange(self.system, request, answer.status_code, code=code, body=body)


def _rsa_key(pem: str, system: str) -> RSAKey:
    try:
        return RSAKey.import_key(pem)
    except ValueError as error:
        raise CredentialError(
            f"the private key of {system} is no RSA key in PEM form", fix="point private_key at a file -----BEGIN …"
        ) from error


_STORIES: Final = {
    "authorization_code": "the code of this sign-in is too old, or was used before",
    "refresh_token": "the sign-in has ended, or was taken back at the vendor",
}
"""What an `invalid_grant` means; most vendors say no more than the code."""
_LOGIN: Final = "syncctl auth login {system}"
_APP: Final = f"check client_id and client_secret of {{system}} in syncctl.yaml against the vendor's app page: {_LOGIN}"
_FIXES: Final = {
    "invalid_client": _APP,
    "invalid_client_id": _APP,  # Salesforce's own
    "invalid_scope": f"allow these scopes on the vendor's app page, or name fewer under `scopes`, then: {_LOGIN}",
    "unauthorized_client": f"allow this grant on the vendor's app page, or choose another `grant`, then: {_LOGIN}",
    "unsupported_grant_type": f"choose another `grant` of {{system}} in syncctl.yaml, then: {_LOGIN}",
}
_AGAIN: Final = f"sign in again: {_LOGIN}"
_BY_ITSELF: Final = f"allow the app and its user on the vendor's app page, then: {_LOGIN}"
_ATTENDED: Final = ("authorization_code", "refresh_token")


def _fix(code: str, grant: str) -> str:
    """What to do about a refusal; `{system}` stands for its name."""
    return _FIXES.get(code) or (_BY_ITSELF if grant and grant not in _ATTENDED else _AGAIN)


def _body(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except (ValueError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def _said(answer: httpx.Response) -> str:
    return str(_body(answer).get("error_description", ""))
