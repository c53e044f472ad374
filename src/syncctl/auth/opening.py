"""A configured system's sign-in put together: card, client, store, and how it asks for tokens again. I/O: secrets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncctl.auth.card import SignInCard
from syncctl.auth.endpoint import Assertion, Client, TokenEndpoint
from syncctl.auth.linked import ITEMS, LinkedItems
from syncctl.auth.signed_in import SignedIn
from syncctl.auth.store import MemoryStore, TokenStore, open_store
from syncctl.auth.tokens import TOKENS, Kept, Tokens
from syncctl.errors import ConfigError

if TYPE_CHECKING:
    import httpx

    from syncctl.clock import Clock
    from syncctl.redact import Redactor
    from syncctl.settings import Settings, SignInSettings, SystemSettings


@dataclass(frozen=True)
class SystemSignIn:
    """What a command about one system's sign-in needs."""

    card: SignInCard
    settings: SignInSettings
    endpoint: TokenEndpoint
    store: TokenStore
    signed_in: SignedIn

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is asked for: what syncctl.yaml names, else the least that the connector needs."""
        return self.settings.scopes or self.card.scopes

    def on_trial(self, kept: Kept | None) -> SystemSignIn:
        """The same sign-in with these tokens, or asking for its first; what it keeps, only it sees."""
        store = MemoryStore(kept)
        return replace(self, store=store, signed_in=self.signed_in.on_trial(store))


def open_sign_in(
    settings: Settings,
    system: str,
    card: SignInCard | None,
    clock: Clock,
    redact: Redactor,
    transport: httpx.BaseTransport | None = None,
) -> SystemSignIn:
    """The sign-in of a system of syncctl.yaml. Raises ConfigError, CredentialError."""
    configured = settings.systems[system]
    card, wanted = _chosen(configured, card)
    here = card.at(configured.base_url)
    read = settings.credentials.read
    client = Client(read(wanted.client_id), read(wanted.client_secret) if wanted.client_secret else "")
    endpoint = TokenEndpoint(system, here, client, clock, redact, transport)
    store = open_store(settings.place(system), TOKENS, wanted.store)

    def again(before: Tokens | None) -> Tokens:
        if wanted.grant == "client_credentials":
            return endpoint.client_credentials(_without_refresh(wanted.scopes or card.scopes))
        if wanted.grant == "jwt_bearer":
            assert wanted.private_key is not None
            key = settings.credentials.read_text(wanted.private_key)
            return endpoint.jwt_bearer(Assertion(key, wanted.subject, wanted.audience))
        assert before is not None
        return endpoint.refresh(before)

    unattended = wanted.grant != "authorization_code"
    signed_in = SignedIn(system, here, store, again, clock, redact, unattended=unattended)
    return SystemSignIn(here, wanted, endpoint, store, signed_in)


def open_linked_items(settings: Settings, system: str) -> LinkedItems:
    """The connected items of a system of syncctl.yaml. Raises ConfigError."""
    configured = settings.systems[system]
    wanted = configured.sign_in
    assert wanted is not None, "a system with a `credential` keeps no items"
    if wanted.client_secret is None or wanted.grant != "authorization_code":
        raise ConfigError(
            f"{configured.at}: banks are connected with the client's id and its secret",
            fix="name both under `sign_in`, and no `grant`",
        )
    secret = wanted.client_secret

    def client() -> tuple[str, str]:
        return settings.credentials.read(wanted.client_id), settings.credentials.read(secret)

    return LinkedItems(system, client, open_store(settings.place(system), ITEMS, wanted.store))


def _chosen(configured: SystemSettings, card: SignInCard | None) -> tuple[SignInCard, SignInSettings]:
    """The card and the settings that fit each other. Raises ConfigError."""
    system, wanted = configured.name, configured.sign_in
    if wanted is None or card is None:
        raise ConfigError(
            f"{system} does not sign in: its secret is named under `credential`"
            if card is not None
            else f"the connector {configured.connector} knows no sign-in",
            fix=f"put the secret where `credential` of {system} points"
            + (", or write `sign_in:` in its place (docs/signing-in.md)" if card is not None else ""),
        )
    if wanted.grant not in card.grants:
        raise ConfigError(
            f"{configured.at}: {configured.connector} knows no grant {wanted.grant!r}",
            fix=f"use one of {', '.join(card.grants)}",
        )
    return card, wanted


def _without_refresh(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """A program that signs in by itself asks again; it has no refresh token to ask for (OpenID Connect Core, 11)."""
    return tuple(scope for scope in scopes if scope != "offline_access")
