"""The access token of a signed-in system: refreshed early, once, for every thread and process. I/O: store, network.

A refresh is single-flight: whoever needs a new token takes the store's lock, looks whether somebody was faster, and
only then asks the vendor. The store says "refreshing since" before the vendor is asked and holds the new tokens before
they are used, so that a crash in between is known, and mended where the vendor lets the old token be used again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from syncctl.auth.card import SignInCard
from syncctl.auth.store import TokenStore
from syncctl.auth.tokens import Kept, Tokens
from syncctl.clock import Clock
from syncctl.errors import AuthenticationFailed, CredentialError, VendorUnavailable
from syncctl.failpoints import reach
from syncctl.redact import Redactor

EARLY_SECONDS: Final = 120
"""An access token is not used in its last two minutes (the second half of its life, when that is shorter): a page or a
write must not outlive it."""
ATTEMPTS: Final = 3
"""A refresh whose answer was lost is asked again with the same token, where the vendor allows that."""
PAUSE_SECONDS: Final = 2.0


@dataclass(frozen=True)
class SignedIn:
    """One system's sign-in. `again` asks the vendor for tokens: with the refresh token, or anew for grants without one.

    `unattended` grants (client credentials, JWT) need nobody to have signed in before.
    """

    system: str
    card: SignInCard
    store: TokenStore
    again: Callable[[Tokens | None], Tokens]
    clock: Clock
    redact: Redactor
    unattended: bool = False
    _held: list[Kept] = field(default_factory=list, repr=False)
    _mutex: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def tokens(self) -> Tokens:
        """Tokens whose access token is good for two minutes at least. Raises CredentialError, VendorError."""
        with self._mutex:
            if not self._held or not self._good(self._held[0].tokens):
                self._held[:] = [self._fresh("")]
            return self._held[0].tokens

    def token(self) -> str:
        """The access token alone."""
        return self.tokens().access

    def renew(self, rejected: str) -> bool:
        """The vendor refused this access token: True when there is another one now.

        Raises CredentialError, VendorError.
        """
        with self._mutex:
            self._held[:] = [self._fresh(rejected)]
            return self._held[0].tokens.access != rejected

    def on_trial(self, store: TokenStore) -> SignedIn:
        """The same sign-in over another store, knowing nothing yet."""
        return replace(self, store=store, _held=[], _mutex=threading.Lock())

    def _good(self, tokens: Tokens) -> bool:
        lifetime = (tokens.expires_at - tokens.obtained_at).total_seconds()
        return tokens.lasts(self.clock.now(), min(EARLY_SECONDS, lifetime / 2))

    def _fresh(self, rejected: str) -> Kept:
        with self.store.lock():
            kept = self.store.load()
            if kept is None and not self.unattended:
                raise CredentialError(f"nobody is signed in to {self.system}", fix=self._sign_in)
            if kept is not None:
                for secret in (kept.tokens.access, kept.tokens.refresh):
                    self.redact.add(secret)
                if self._good(kept.tokens) and kept.tokens.access != rejected:
                    return kept
            return self._refreshed(kept)

    def _refreshed(self, kept: Kept | None) -> Kept:
        """Asks for new tokens and keeps them before anybody uses them."""
        if kept is not None and kept.tokens.refresh:
            self._refuse_ended(kept.tokens)
            self.store.save(replace(kept, refreshing_since=kept.refreshing_since or self.clock.now()))
        elif kept is not None and not self.unattended:
            raise CredentialError(f"the sign-in to {self.system} has ended", fix=self._sign_in)
        made = self._asked(kept)
        reach("token-rotated")
        new = Kept(made)
        self.store.save(new)
        return new

    def _asked(self, kept: Kept | None) -> Tokens:
        """One answer. An answer that got lost may have used the refresh token up: the same is sent again."""
        since = kept.refreshing_since if kept else None
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self.again(kept.tokens if kept else None)
            except AuthenticationFailed as error:
                raise self._explained(error, since) from error
            except VendorUnavailable:
                if attempt == ATTEMPTS:
                    raise
                since = since or self.clock.now()
                self.clock.sleep(PAUSE_SECONDS * attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _refuse_ended(self, tokens: Tokens) -> None:
        if tokens.refresh_expires_at is not None and tokens.refresh_expires_at <= self.clock.now():
            day = tokens.refresh_expires_at.date().isoformat()
            raise CredentialError(f"the sign-in to {self.system} ended on {day}", fix=self._sign_in)

    def _explained(self, error: AuthenticationFailed, since: datetime | None) -> AuthenticationFailed:
        """Says what happened when the new tokens never arrived here, or their process died with them."""
        if since is None or error.exchange.code != "invalid_grant":
            return error
        grace = self.card.grace_seconds
        over = f" {self.system} takes it again for {grace / 60:.0f} minutes after that, which is over." if grace else ""
        story = (
            f"{error.message}. The refresh token was sent at {since:%Y-%m-%d %H:%M} UTC, and the new one was never kept"
            f" here: the answer was lost, or the process ended.{over}"
        )
        return AuthenticationFailed(story, error.exchange, fix=self._sign_in)

    @property
    def _sign_in(self) -> str:
        return f"sign in: syncctl auth login {self.system}"


def days_left(moment: datetime | None, now: datetime) -> int | None:
    """Whole days until then; None when there is no end."""
    return None if moment is None else max(0, (moment - now) // timedelta(days=1))
