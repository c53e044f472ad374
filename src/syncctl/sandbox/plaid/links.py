"""Hosted Link: the pages that banks are connected through, and what came of each. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from syncctl.sandbox.plaid.refusals import bad_field

Raw = dict[str, Any]
HOSTED: Final = ("completion_redirect_uri", "delivery_method", "is_mobile_app", "url_lifetime_seconds")
LIFETIME_SECONDS: Final = 30 * 60
PAGE: Final = (
    b"<!doctype html><meta charset=utf-8><title>Pretend bank</title>"
    b"<p>The pretend bank is connected. You can close this window."
)


@dataclass
class Link:
    """One link token. `updates` is the item that is signed in to again, or empty; `hosted`: it has a page."""

    token: str
    updates: str
    until: datetime
    hosted: bool
    sessions: list[Raw] = field(default_factory=list)

    def open(self, now: datetime) -> Raw:
        """A person opens the page."""
        if not self.hosted or now >= self.until:
            raise ValueError("there is no page at this address, or not any more")
        session: Raw = {
            "link_session_id": f"{self.token[-12:]}-{len(self.sessions) + 1}",
            "started_at": now.isoformat(),
            "finished_at": None,
            "results": {"item_add_results": []},
            "exit": None,
        }
        self.sessions.append(session)
        return session

    def under_way(self, now: datetime) -> Raw:
        """The session that a person is in, or a new one."""
        last = self.sessions[-1] if self.sessions else None
        return last if last is not None and last["finished_at"] is None else self.open(now)

    def finish(self, now: datetime, public_token: str = "", institution: Raw | None = None) -> None:
        """The person is done; a public token where a bank was connected."""
        session = self.under_way(now)
        session["finished_at"] = now.isoformat()
        if public_token:
            result: Raw = {"public_token": public_token, "institution": institution, "accounts": []}
            session["results"]["item_add_results"].append(result)

    def leave(self, now: datetime, status: str, error: Raw | None) -> None:
        """The person closes the page, or the bank refuses."""
        session = self.under_way(now)
        session["finished_at"] = now.isoformat()
        session["exit"] = {"error": error, "metadata": {"status": status, "link_session_id": "", "institution": None}}


def lifetime(hosted: Any) -> int:
    """How long a page may be used, in seconds. Raises Refusal."""
    if hosted is None:
        return LIFETIME_SECONDS
    if not isinstance(hosted, dict):
        raise bad_field("hosted_link must be an object")
    for name in hosted:
        if name not in HOSTED:
            raise bad_field(f"the following fields are not recognized by this endpoint: hosted_link.{name}")
    seconds = hosted.get("url_lifetime_seconds", LIFETIME_SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 1:
        raise bad_field("hosted_link.url_lifetime_seconds must be a positive integer")
    return seconds
