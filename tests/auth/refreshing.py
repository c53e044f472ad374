"""A process that wants one access token: `python refreshing.py FOLDER URL`. Prints it."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
from token_server import CARD, CLIENT, SECRET

from syncctl.auth.endpoint import Client, TokenEndpoint
from syncctl.auth.signed_in import SignedIn
from syncctl.auth.store import FileStore, Place
from syncctl.auth.tokens import TOKENS, Kept, Tokens
from syncctl.clock import Clock, SystemClock
from syncctl.redact import Redactor

SYSTEM = "books"


def store_in(folder: Path) -> FileStore[Kept]:
    """The store of a project whose ledger is in this folder."""
    return FileStore(Place(folder / "ledger.db", SYSTEM, "sandbox"), TOKENS)


def signed_in(
    folder: Path, clock: Clock, base_url: str = "", transport: httpx.BaseTransport | None = None
) -> tuple[SignedIn, TokenEndpoint]:
    """The sign-in of one system in a folder, and the endpoint behind it."""
    card, redact = CARD.at(base_url), Redactor()
    endpoint = TokenEndpoint(SYSTEM, card, Client(CLIENT, SECRET), clock, redact, transport)

    def again(tokens: Tokens | None) -> Tokens:
        assert tokens is not None
        return endpoint.refresh(tokens)

    return SignedIn(SYSTEM, card, store_in(folder), again, clock, redact), endpoint


if __name__ == "__main__":
    found, _ = signed_in(Path(sys.argv[1]), SystemClock(), sys.argv[2])
    sys.stdout.write(found.token())
