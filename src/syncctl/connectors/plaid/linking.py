"""Connecting a bank, or signing in to it again, through Plaid's own page (Hosted Link). I/O: network.

begin   the address to open in a browser
result  what came of it, once the person is done there
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from syncctl.connectors.http import Answer
from syncctl.connectors.plaid.client import Client
from syncctl.errors import AnswerUnreadable, Exchange

CLIENT_NAME: Final = "syncctl"
LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True, repr=False)
class LinkSession:
    """One sign-in under way: `url` is opened in a browser, `token` asks what came of it."""

    token: str
    url: str
    expires: str


@dataclass(frozen=True, slots=True, repr=False)
class LinkedItem:
    """A bank that was connected: `access_token` is what belongs into the credential."""

    item_id: str
    access_token: str


def begin(client: Client, *, user: str, countries: tuple[str, ...] = ("US",), access_token: str = "") -> LinkSession:
    """A page for a new bank, or with its `access_token` for signing in again (update mode). Raises VendorError."""
    body: dict[str, Any] = {
        "client_name": CLIENT_NAME,
        "language": LANGUAGE,
        "country_codes": list(countries),
        "user": {"client_user_id": user},
        "hosted_link": {},
    }
    if access_token:
        body["access_token"] = access_token
    else:
        body |= {"products": ["transactions"], "transactions": {"days_requested": client.options.days}}
    answer = client.post("/link/token/create", body)
    found = _object(client, answer)
    token = _text(client, answer, found.get("link_token", found.get("token")), "link token")
    client.access.redact.add(token)
    url = _text(client, answer, found.get("hosted_link_url"), "page to open")
    return LinkSession(token, url, str(found.get("expiration") or ""))


def result(client: Client, session: LinkSession) -> LinkedItem | None:
    """The bank that was connected; None while the person is not done, or after signing in again. Raises VendorError."""
    answer = client.post("/link/token/get", {"link_token": session.token})
    for one in _object(client, answer).get("link_sessions") or []:
        added = (one.get("results") or {}).get("item_add_results") or []
        if added:
            return _exchanged(client, str(added[0].get("public_token") or ""))
    return None


def _exchanged(client: Client, public_token: str) -> LinkedItem:
    """A public token is good once, for half an hour (plaid.md)."""
    client.access.redact.add(public_token)
    answer = client.post("/item/public_token/exchange", {"public_token": public_token})
    found = _object(client, answer)
    token = _text(client, answer, found.get("access_token"), "access token")
    client.access.redact.add(token)
    return LinkedItem(_text(client, answer, found.get("item_id"), "item"), token)


def _object(client: Client, answer: Answer) -> Mapping[str, Any]:
    found = answer.json()
    if not isinstance(found, dict):
        _refuse(client, answer, "object")
    return found


def _text(client: Client, answer: Answer, found: Any, what: str) -> str:
    if not isinstance(found, str) or not found:
        _refuse(client, answer, what)
    return found


def _refuse(client: Client, answer: Answer, what: str) -> NoReturn:
    where = Exchange(client.name, answer.request, answer.status)
    raise AnswerUnreadable(f"{client.name}: the answer holds no {what}", where, fix="try again later")
