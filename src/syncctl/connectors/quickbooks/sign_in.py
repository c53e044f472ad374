"""How QuickBooks Online signs people in. No I/O. Source of every value: quickbooks.md, Facts, hosts and tokens."""

from __future__ import annotations

from typing import Final

from syncctl.auth.card import SignInCard

CARD: Final = SignInCard(
    authorize_url="https://appcenter.intuit.com/connect/oauth2",
    token_url="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106 - an address
    revoke_url="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
    scopes=("com.intuit.quickbooks.accounting",),
    pkce=False,  # not in Intuit's discovery document; the client's secret is always sent
    # Intuit rotates about daily and lets the old token be tried again (quickbooks.md: 24 h, [S]).
    grace_seconds=24 * 3600,
    callback=("realmId",),
    headers={"x-include-refresh-token-hard-expires-in": "true"},
)
