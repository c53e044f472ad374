"""How requests are signed in: a header made of the credential, or a token got for it. I/O: network, for tokens."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from syncctl.connectors.base import Access, Limits
from syncctl.connectors.http import Answer, Complaint, Http, Limiter
from syncctl.connectors.rest.language import Auth
from syncctl.errors import AnswerUnreadable, Exchange
from syncctl.model import Outcome

EARLY_SECONDS: Final = 60.0
"""A token is replaced so long before it ends."""
LIFETIME_SECONDS: Final = 300.0
"""Of a token whose answer does not say."""
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class Secret:
    """Bearer, basic or a header of the system's own: the same for every request."""

    def __init__(self, auth: Auth, access: Access) -> None:
        self._auth = auth
        self._access = access

    def __call__(self) -> Mapping[str, str]:
        secret = self._access.token()
        self._access.redact.add(secret)
        if self._auth.way == "header":
            return {self._auth.name: self._auth.prefix + secret}
        if self._auth.way == "bearer":
            return {"Authorization": f"Bearer {secret}"}
        return {"Authorization": _basic(self._auth.name, secret, self._access)}


def _basic(user: str, secret: str, access: Access) -> str:
    """Without a user the credential is `user:password` itself."""
    pair = base64.b64encode((f"{user}:{secret}" if user else secret).encode()).decode()
    access.redact.add(pair)
    return f"Basic {pair}"


@dataclass
class Tokens:
    """OAuth 2.0 client credentials (RFC 6749, 4.4): one token at a time, for all threads."""

    auth: Auth
    access: Access
    http: Http
    _token: str = ""
    _until: float = 0.0
    _fresh: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self) -> Mapping[str, str]:
        with self._lock:
            if not self._token or self.access.clock.boottime() >= self._until:
                self._get()
            return {"Authorization": f"Bearer {self._token}"}

    def renew(self, rejected: str) -> bool:
        """Told a token that the system rejected: True when there is another one, or will be at the next request.

        One that never worked is not replaced: the next would fare no better.
        """
        with self._lock:
            if self._token != rejected:
                return bool(self._token)
            ended, self._token = not self._fresh, ""
            return ended

    def accepted(self) -> None:
        """The token was taken: when it is rejected later, it has ended."""
        self._fresh = False

    def _get(self) -> None:
        secret = self.access.token()
        self.access.redact.add(secret)
        asked = {"grant_type": "client_credentials", **({"scope": self.auth.scope} if self.auth.scope else {})}
        headers = dict(_FORM)
        if self.auth.in_body:
            asked |= {"client_id": self.auth.name, "client_secret": secret}
        else:
            headers["Authorization"] = _basic(self.auth.name, secret, self.access)
        answer = self.http.read("POST", self.auth.token_url, body=urlencode(asked).encode(), headers=headers)
        found = answer.json()
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token or not token.isprintable():
            where = Exchange(self.access.name, answer.request, answer.status)
            message = f"{self.access.name}: the token server's answer holds no access token"
            raise AnswerUnreadable(message, where, fix="check `oauth2:`")
        self.access.redact.add(token)
        lifetime = found.get("expires_in")
        seconds = float(lifetime) if isinstance(lifetime, int) and not isinstance(lifetime, bool) else LIFETIME_SECONDS
        self._token, self._fresh = token, True
        self._until = self.access.clock.boottime() + max(seconds - EARLY_SECONDS, seconds / 2)


def _explain_token(answer: Answer) -> Complaint:
    """RFC 6749, 5.2: 400 and 401 name a wrong client, secret or scope."""
    if answer.status == 429:
        return Complaint(Outcome.LATER, "429", "the token server's limit is reached", "try again later", 10.0)
    if answer.status >= 500:
        return Complaint(Outcome.UNKNOWN, str(answer.status), "the token server failed", "try again later")
    return Complaint(
        Outcome.STOP,
        str(answer.status),
        f"no token was given: {answer.body[:200].decode('utf-8', 'replace')}",
        "check the client's id, its secret and `scope`",
    )


def authorize_for(auth: Auth, access: Access, timeout_seconds: float) -> Secret | Tokens:
    """How this system's requests are signed in."""
    if auth.way != "oauth2":
        return Secret(auth, access)
    http = Http(
        system=access.name,
        base_url=auth.token_url,
        authorize=dict,
        explain=_explain_token,
        clock=access.clock,
        limiter=Limiter(Limits(per_second=2, concurrent=1), access.clock),
        redact=access.redact,
        transport=access.transport,
        timeout_seconds=timeout_seconds,
    )
    return Tokens(auth, access, http)
