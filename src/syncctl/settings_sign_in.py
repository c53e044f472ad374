"""The `sign_in:` block of a system, checked value by value; problems are collected, never raised. No I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast, get_args

from syncctl.auth.card import Grant
from syncctl.credentials import CredentialReference
from syncctl.settings import SignInSettings, TokenStoreName
from syncctl.yamltext import List, Map, Text, unknown_keys, what

if TYPE_CHECKING:
    from syncctl.settings_values import Reading

IN_SIGN_IN: Final = (
    "grant", "client_id", "client_secret", "store", "redirect", "scopes", "subject", "private_key", "audience",
)  # fmt: skip
JWT_NEEDS: Final = ("subject", "private_key", "audience")
NOTHING: Final = SignInSettings(CredentialReference("", ""))


def read_sign_in(reading: Reading, node: Map) -> SignInSettings:
    """The sign-in of one system; a harmless one where something is wrong."""
    reading.problems += unknown_keys(node, IN_SIGN_IN)
    client = reading.reference(node, "client_id", needed="name the app registered at the vendor: client_id: env:NAME")
    grant = cast("Grant", reading.choice(node, "grant", get_args(Grant)) or NOTHING.grant)
    if grant == "client_credentials" and node.get("client_secret") is None:
        reading.problem(node, "`client_secret` is missing", "a program that signs in by itself needs one: env:NAME")
    if grant == "jwt_bearer":
        for key in JWT_NEEDS:
            reading.text(node, key, needed=f"a JWT sign-in needs {', '.join(JWT_NEEDS)}")
    return replace(
        NOTHING,
        client_id=client or NOTHING.client_id,
        client_secret=reading.reference(node, "client_secret"),
        grant=grant,
        store=cast("TokenStoreName", reading.choice(node, "store", get_args(TokenStoreName)) or NOTHING.store),
        redirect=reading.text(node, "redirect") or NOTHING.redirect,
        scopes=_scopes(reading, node),
        subject=reading.text(node, "subject"),
        private_key=reading.reference(node, "private_key"),
        audience=reading.text(node, "audience"),
    )


def _scopes(reading: Reading, node: Map) -> tuple[str, ...]:
    """A list of scopes, or one text with blanks between them."""
    held = node.get("scopes")
    if isinstance(held, Text):
        return tuple(held.text.split())
    if held is None:
        return ()
    if not isinstance(held, List):
        reading.problem(held, f"`scopes` holds {what(held)}", "list them: scopes: [offline_access, …]")
        return ()
    named = [element for element in held.elements if isinstance(element, Text)]
    for element in held.elements:
        if not isinstance(element, Text):
            reading.problem(element, f"{what(element)} is no scope", "write its name")
    return tuple(element.text for element in named)
