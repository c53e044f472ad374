"""How the pretend Xero signs apps in. No I/O. Source: Xero's pages on OAuth 2.0 (paths, lives, grace)."""

from __future__ import annotations

from syncctl.sandbox.oauth import OAuthRules


def rules(*, custom_connection: bool) -> OAuthRules:
    """Xero's authorization server. A custom connection signs in by itself, and gets no refresh token."""
    people = ("authorization_code", "refresh_token")
    return OAuthRules(
        authorize_path="/identity/connect/authorize",
        token_path="/connect/token",  # noqa: S106 - a path
        revoke_path="/connect/revocation",
        access_seconds=1800,
        refresh_seconds=60 * 86_400,
        grace_seconds=30 * 60,
        grants=("client_credentials",) if custom_connection else people,
        prefix="xero-sandbox",
    )
