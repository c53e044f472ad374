"""How a vendor signs people and programs in: addresses, least scopes, what its tokens are like. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias
from urllib.parse import urlsplit, urlunsplit

Grant: TypeAlias = Literal["authorization_code", "client_credentials", "jwt_bearer"]


@dataclass(frozen=True, slots=True)
class SignInCard:
    """One vendor's sign-in. Numbers and addresses carry their source beside the constant they come from.

    `scopes` are the least that pulling and pushing need. `client_in_body`: the client's id and secret go into the form,
    not into HTTP Basic. `grace_seconds`: how long a refresh token may be used again after it was exchanged (0: never).
    `refresh_seconds`: how long an unused refresh token lives where the answer does not say so (None: for ever).
    `callback`: facts that stand in the browser's answer beside the code, to be kept with the tokens. `headers` go with
    every request to the token endpoint.
    """

    authorize_url: str
    token_url: str
    revoke_url: str = ""
    scopes: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ("authorization_code",)
    pkce: bool = True
    client_in_body: bool = False
    grace_seconds: float = 0
    refresh_seconds: float | None = None
    callback: tuple[str, ...] = ()
    authorize_extra: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def at(self, base_url: str) -> SignInCard:
        """The same card at another server (a sandbox): the vendor's paths under that scheme and host."""
        if not base_url:
            return self
        return replace(
            self,
            authorize_url=_moved(self.authorize_url, base_url),
            token_url=_moved(self.token_url, base_url),
            revoke_url=_moved(self.revoke_url, base_url),
        )


def _moved(url: str, base_url: str) -> str:
    if not url:
        return ""
    there, here = urlsplit(base_url), urlsplit(url)
    return urlunsplit((there.scheme, there.netloc, here.path, here.query, ""))
