"""How the pretend HubSpot signs apps in. No I/O. Sources: hubspot.md, Versions and Auth (parameters in the body)."""

from __future__ import annotations

from typing import Final

from syncctl.sandbox.oauth import OAuthRules

RULES: Final = OAuthRules(
    authorize_path="/oauth/authorize",
    token_path="/oauth/2026-09/token",  # noqa: S106 - a path
    revoke_path="/oauth/2026-09/token/revoke",
    access_seconds=1800,
    rotates=False,
    prefix="hubspot-sandbox",
)
