"""How requests are signed in: a header made of the credential, or a token got for it. I/O: network, for tokens."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from syncctl.connectors.base import Access
from syncctl.connectors.rest.language import Auth
from syncctl.model import digest

if TYPE_CHECKING:
    from syncctl.auth.signed_in import SignedIn
    from syncctl.auth.tokens import Tokens
    from syncctl.connectors.http import Authorize

FIX: Final = "check the client's id and `scope` in the system's file, and the secret that `credential` points to"


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


def signed_in_for(auth: Auth, access: Access) -> SignedIn:
    """OAuth 2.0 client credentials (RFC 6749, 4.4): one token at a time, for every process on the ledger."""
    from syncctl.auth.card import SignInCard
    from syncctl.auth.endpoint import Client, TokenEndpoint
    from syncctl.auth.signed_in import SignedIn

    card = SignInCard("", auth.token_url, grants=("client_credentials",), client_in_body=auth.in_body)

    def again(_before: Tokens | None) -> Tokens:
        client = Client(auth.name, access.token())
        endpoint = TokenEndpoint(access.name, card, client, access.clock, access.redact, access.transport, fix=FIX)
        return endpoint.client_credentials(tuple(auth.scope.split()))

    store = access.tokens(digest(auth.token_url, auth.name, auth.scope)[:8])
    return SignedIn(access.name, card, store, again, access.clock, access.redact, unattended=True)


def authorize_for(auth: Auth, access: Access) -> tuple[Authorize, SignedIn | None]:
    """How this system's requests are signed in, and what renews it, where something does."""
    if auth.way != "oauth2":
        return Secret(auth, access), None
    signed_in = signed_in_for(auth, access)
    return lambda: {"Authorization": f"Bearer {signed_in.token()}"}, signed_in
