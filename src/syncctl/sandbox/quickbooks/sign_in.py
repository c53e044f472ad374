"""How the pretend QuickBooks signs apps in. No I/O. Sources: quickbooks.md, hosts and tokens; [S] there: about daily
rotation in which the old token may be tried again.
"""

from __future__ import annotations

from syncctl.sandbox.oauth import OAuthRules


def rules(realm: str) -> OAuthRules:
    """Intuit's authorization server for one company."""
    return OAuthRules(
        authorize_path="/connect/oauth2",
        token_path="/oauth2/v1/tokens/bearer",  # noqa: S106 - a path
        revoke_path="/v2/oauth2/tokens/revoke",
        access_seconds=3600,
        refresh_seconds=8_726_400,
        refresh_told="x_refresh_token_expires_in",
        grace_seconds=86_400,
        prefix="AB0sandbox",
        callback={"realmId": realm},
    )
