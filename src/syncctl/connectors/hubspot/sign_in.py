"""How HubSpot signs people in, for apps; a service key needs no sign-in. No I/O. Source: hubspot.md, Versions and Auth.

The scopes are those of the objects that are read and written here; `scopes` in syncctl.yaml replaces them.
"""

from __future__ import annotations

from typing import Final

from syncctl.auth.card import SignInCard

READ_AND_WRITTEN: Final = ("contacts", "companies", "deals")

CARD: Final = SignInCard(
    authorize_url="https://app.hubspot.com/oauth/authorize",
    token_url="https://api.hubapi.com/oauth/2026-09/token",  # noqa: S106 - an address
    revoke_url="https://api.hubapi.com/oauth/2026-09/token/revoke",
    scopes=(
        "oauth",
        *(f"crm.objects.{kind}.{way}" for kind in READ_AND_WRITTEN for way in ("read", "write")),
        *(f"crm.schemas.{kind}.read" for kind in (*READ_AND_WRITTEN, "line_items")),
        "crm.objects.line_items.read",
        "crm.objects.owners.read",
        "e-commerce",
    ),
    pkce=False,
    client_in_body=True,
)
