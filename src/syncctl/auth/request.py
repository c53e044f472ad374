"""The authorization request: where the browser goes, and what it brings back. No I/O.

State ties the answer to this request; PKCE ties the code to this process (RFC 7636).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from syncctl.auth.card import SignInCard
from syncctl.errors import CredentialError

STATE_LENGTH: Final = 32
VERIFIER_LENGTH: Final = 64
WHOLE: Final = "paste the whole address at which the browser ends"


@dataclass(frozen=True, slots=True, repr=False)
class AuthorizationRequest:
    """One sign-in to a system under way. `verifier` is empty where the vendor knows no PKCE."""

    system: str
    url: str
    state: str
    verifier: str
    redirect_uri: str

    def code(self, answer: Mapping[str, str]) -> str:
        """The code in the browser's answer. Raises CredentialError when there is no answer, or when it is a refusal or
        belongs to another request.
        """
        again = f"syncctl auth login {self.system}"
        if not {"code", "error", "state"} & set(answer):
            said = "what was pasted is no answer to a sign-in" if answer else "nothing was pasted"
            raise CredentialError(f"{self.system}: {said}", fix=f"{again} --paste, then {WHOLE}")
        if not hmac.compare_digest(answer.get("state", "").encode(), self.state.encode()):
            said = "this answer belongs to another sign-in, or a part of it is missing"
            raise CredentialError(f"{self.system}: {said}", fix=f"start again: {again}, and {WHOLE}")
        if "error" in answer:
            said = answer.get("error_description") or answer["error"]
            raise CredentialError(
                f"{self.system} did not allow it: {said}", fix=f"start again and allow the access asked for: {again}"
            )
        if not answer.get("code"):
            raise CredentialError(f"{self.system}: there is no code in this answer", fix=f"{again}, and {WHOLE}")
        return answer["code"]


def authorization_request(
    system: str, card: SignInCard, client_id: str, redirect_uri: str, scopes: tuple[str, ...]
) -> AuthorizationRequest:
    """A new request; state and verifier come from the system's randomness."""
    state = generate_token(STATE_LENGTH)
    verifier = generate_token(VERIFIER_LENGTH) if card.pkce else ""
    challenge = (
        {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"} if verifier else {}
    )
    url = prepare_grant_uri(
        card.authorize_url,
        client_id,
        "code",
        redirect_uri=redirect_uri,
        scope=" ".join(scopes),
        state=state,
        **challenge,
        **dict(card.authorize_extra),
    )
    return AuthorizationRequest(system, str(url), state, verifier, redirect_uri)


def read_answer(address: str) -> dict[str, str]:
    """What stands in the address that the browser was sent to; a bare query string is taken too."""
    query = urlsplit(address.strip()).query or address.strip().lstrip("?")
    return dict(parse_qsl(query, keep_blank_values=True))
