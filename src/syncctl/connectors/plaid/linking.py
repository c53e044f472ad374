"""Connecting a bank, and signing in to it again, through Plaid's own page (Hosted Link). I/O: network.

Sources: Plaid's reference of /link/token/create, /link/token/get, /item/public_token/exchange and /item/remove. No pace
for looking is known, so that is an option.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from syncctl.auth.linked import ItemState, LinkSession, NewItem
from syncctl.connectors.http import Answer
from syncctl.connectors.plaid.client import Client
from syncctl.connectors.plaid.complaints import CODES, GONE
from syncctl.errors import AnswerUnreadable, CredentialError, Exchange, VendorError

CLIENT_NAME: Final = "syncctl"
NO_LINK: Final = "INVALID_LINK_TOKEN"


@dataclass(frozen=True, slots=True)
class HostedLink:
    """Plaid's pages, and the items they bring."""

    client: Client

    def begin(self, user: str, item_token: str = "") -> LinkSession:
        """A page for a new bank, or with an item's token for signing in again (update mode). Raises VendorError."""
        options = self.client.options
        seconds = options.link_minutes * 60
        body: dict[str, Any] = {
            "client_name": CLIENT_NAME,
            "language": options.language,
            "country_codes": list(options.countries),
            "user": {"client_user_id": user},
            "hosted_link": {"url_lifetime_seconds": seconds},
        }
        if item_token:
            body["access_token"] = item_token
        else:
            body |= {"products": ["transactions"], "transactions": {"days_requested": options.days}}
        answer = self.client.post("/link/token/create", body)
        found = self._object(answer)
        token = self._text(answer, found.get("link_token"), "link token")
        self.client.access.redact.add(token)
        url = self._text(answer, found.get("hosted_link_url"), "page to open: ask Plaid to enable Hosted Link")
        return LinkSession(token, url, seconds, options.link_poll_seconds)

    def look(self, session: LinkSession, *, again: bool) -> tuple[NewItem, ...] | None:
        """What came of a page: the banks that were connected; None while the person is not done.

        A page that was opened more than once has a session for each time: one result is enough, and only when none is
        under way any more there is none. Raises CredentialError, VendorError.
        """
        try:
            answer = self.client.post("/link/token/get", {"link_token": session.token})
        except VendorError as error:
            if error.exchange.code != NO_LINK:
                raise
            raise self._ended("the page has expired") from error
        sessions = [one for one in self._object(answer).get("link_sessions") or [] if isinstance(one, dict)]
        added = [new for one in sessions for new in self._added(answer, one)]
        if added:
            return tuple(added)
        if not sessions or not all(one.get("finished_at") for one in sessions):
            return None
        left = _left(sessions[-1])
        if again and not left:
            return ()
        raise self._ended(left or "the page ended without a bank")

    def _added(self, answer: Answer, session: Mapping[str, Any]) -> list[NewItem]:
        results = session.get("results") or {}
        found = []
        for one in results.get("item_add_results") or []:
            public = self._text(answer, one.get("public_token"), "public token")
            self.client.access.redact.add(public)
            found.append(NewItem(public, str((one.get("institution") or {}).get("name") or "")))
        return found

    def exchange(self, public_token: str) -> tuple[str, str]:
        """The item's id and its access token. A public token is good once, for half an hour (plaid.md).

        Raises VendorError.
        """
        answer = self.client.post("/item/public_token/exchange", {"public_token": public_token})
        found = self._object(answer)
        token = self._text(answer, found.get("access_token"), "access token")
        self.client.access.redact.add(token)
        return self._text(answer, found.get("item_id"), "item"), token

    def state(self, item_token: str) -> ItemState:
        """How an item stands. Raises VendorError."""
        answer = self.client.post("/item/get", {"access_token": item_token})
        item = self._object(answer).get("item") or {}
        code = str((item.get("error") or {}).get("error_code") or "")
        cause = CODES[code].cause if code in CODES else str((item.get("error") or {}).get("error_message") or "")
        institution, ends = item.get("institution_name") or "", item.get("consent_expiration_time") or ""
        return ItemState(str(institution), code, cause, str(ends))

    def remove(self, item_token: str) -> None:
        """Plaid forgets the item, and its access token is good for nothing. Raises VendorError."""
        try:
            self.client.post("/item/remove", {"access_token": item_token})
        except VendorError as error:
            if error.exchange.code not in GONE:
                raise

    def _ended(self, why: str) -> CredentialError:
        name = self.client.name
        return CredentialError(
            f"{name}: {self.client.access.redact(why)}; nothing was connected",
            fix=f"start again: syncctl auth login {name}",
        )

    def _object(self, answer: Answer) -> Mapping[str, Any]:
        found = answer.json()
        if not isinstance(found, dict):
            self._refuse(answer, "object")
        return found

    def _text(self, answer: Answer, found: Any, what: str) -> str:
        if not isinstance(found, str) or not found:
            self._refuse(answer, what)
        return found

    def _refuse(self, answer: Answer, what: str) -> NoReturn:
        where = Exchange(self.client.name, answer.request, answer.status)
        raise AnswerUnreadable(f"{self.client.name}: the answer holds no {what}", where, fix="try again later")


def _left(session: Mapping[str, Any]) -> str:
    """Why a page was left without a result, as Plaid tells it; empty where it tells nothing."""
    told = session.get("exit") or session.get("on_exit")
    if not told:
        return ""
    error = told.get("error") or {}
    code, said = str(error.get("error_code") or ""), error.get("display_message") or error.get("error_message")
    if code or said:
        cause = CODES[code].cause if code in CODES else ""
        text = ": ".join(part for part in (cause, str(said or "")) if part)
        return f"the page ended with {code}: {text}" if code and text else f"the page ended with {code or text}"
    status = str((told.get("metadata") or {}).get("status") or "")
    return f"the page was closed before it was done ({status})" if status else "the page was closed before it was done"
