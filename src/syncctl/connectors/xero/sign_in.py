"""How Xero signs people and programs in. No I/O. Source of every value: Xero's pages on OAuth 2.0 and on scopes.

Web and PKCE apps send people to the browser; a custom connection (one organisation, paid) uses its id and secret alone.
"""

from __future__ import annotations

from typing import Final

from syncctl.auth.card import SignInCard

CARD: Final = SignInCard(
    authorize_url="https://login.xero.com/identity/connect/authorize",
    token_url="https://identity.xero.com/connect/token",  # noqa: S106 - an address
    revoke_url="https://identity.xero.com/connect/revocation",
    scopes=(
        "offline_access",
        "accounting.contacts",
        "accounting.invoices",  # credit notes and items too
        "accounting.payments",
        "accounting.banktransactions.read",
        "accounting.manualjournals.read",
        "accounting.settings.read",
    ),
    grants=("authorization_code", "client_credentials"),
    # A lost answer to a refresh: the token before may be tried again for 30 minutes.
    grace_seconds=30 * 60,
    refresh_seconds=60 * 86_400,
)
