"""How Salesforce signs people and programs in. No I/O. Source: salesforce.md, Auth.

`base_url` moves the addresses to the org's My Domain: client credentials are only taken there. No scopes are asked
for: the app's own page says what it may, and a scope with client credentials or a JWT is refused (from memory). An app
for people needs `refresh_token` among its scopes; a refresh token that was exchanged for another one is worth nothing.
"""

from __future__ import annotations

from typing import Final

from syncctl.auth.card import SignInCard

CARD: Final = SignInCard(
    authorize_url="https://login.salesforce.com/services/oauth2/authorize",
    token_url="https://login.salesforce.com/services/oauth2/token",  # noqa: S106 - an address
    revoke_url="https://login.salesforce.com/services/oauth2/revoke",
    grants=("authorization_code", "client_credentials", "jwt_bearer"),
    client_in_body=True,
)
