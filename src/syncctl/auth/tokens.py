"""What a vendor's token endpoint gave us, and how it is kept. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

Held = TypeVar("Held")
DEFAULT_SECONDS: Final = 1_800
"""Life of an access token whose answer does not tell it (RFC 6749 makes `expires_in` optional): half an hour, the
shortest of any vendor here."""
FORMAT: Final = 1


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """An access token and what came with it. `refresh` is empty for grants that simply ask again.

    `facts` are the vendor's own: which company (`realmId`), where to call (`instance_url`).
    """

    access: str
    expires_at: datetime
    obtained_at: datetime
    refresh: str = ""
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    def lasts(self, now: datetime, seconds: float) -> bool:
        """True when the access token is good for so many seconds more."""
        return now + timedelta(seconds=seconds) < self.expires_at


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """Tokens as they are stored. `refreshing_since` is set while an exchange of the refresh token is under way: when it
    is still set later, its process died between the vendor's answer and the store.
    """

    tokens: Tokens
    refreshing_since: datetime | None = None


class NotTokens(ValueError):
    """A store holds something that is not ours; the message repeats none of it."""


@dataclass(frozen=True, slots=True)
class Form(Generic[Held]):
    """How a store writes what it keeps. `read` raises NotTokens."""

    write: Callable[[Held], str]
    read: Callable[[str], Held]


def from_answer(
    answer: Mapping[str, Any], now: datetime, before: Tokens | None, refresh_seconds: float | None
) -> Tokens:
    """Reads a token endpoint's answer (RFC 6749, 5.1). What a refresh does not repeat stays as it was.

    Raises NotTokens when there is no access token in it.
    """
    access = answer.get("access_token")
    if not isinstance(access, str) or not access or not access.isprintable():
        raise NotTokens("there is no access_token")
    refresh = str(answer.get("refresh_token") or (before.refresh if before else ""))
    scope = answer.get("scope")
    named = tuple(str(scope).replace(",", " ").split()) if scope else ()
    facts = {
        **(before.facts if before else {}),
        **{name: str(answer[name]) for name in ("instance_url", "id") if answer.get(name)},
    }
    return Tokens(
        access,
        now + timedelta(seconds=_seconds(answer.get("expires_in")) or DEFAULT_SECONDS),
        now,
        refresh,
        _refresh_end(answer, now, before, refresh, refresh_seconds),
        named or (before.scopes if before else ()),
        facts,
    )


def _refresh_end(
    answer: Mapping[str, Any], now: datetime, before: Tokens | None, refresh: str, usual: float | None
) -> datetime | None:
    """When the refresh token ends: as the answer says (Intuit does), else after the vendor's usual time."""
    if not refresh:
        return None
    told = [
        seconds
        for name in ("x_refresh_token_expires_in", "x_refresh_token_hard_expires_in", "refresh_token_expires_in")
        if (seconds := _seconds(answer.get(name)))
    ]
    if told:
        return now + timedelta(seconds=min(told))
    if before is not None and before.refresh == refresh and usual is None:
        return before.refresh_expires_at
    return None if usual is None else now + timedelta(seconds=usual)


def _seconds(value: Any) -> float | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < 10**10 else None


def to_text(kept: Kept) -> str:
    """The stored form."""
    tokens = kept.tokens
    return json.dumps(
        {
            "format": FORMAT,
            "access": tokens.access,
            "expires_at": tokens.expires_at.isoformat(),
            "obtained_at": tokens.obtained_at.isoformat(),
            "refresh": tokens.refresh,
            "refresh_expires_at": _text(tokens.refresh_expires_at),
            "scopes": list(tokens.scopes),
            "facts": dict(tokens.facts),
            "refreshing_since": _text(kept.refreshing_since),
        },
        indent=2,
    )


def from_text(text: str) -> Kept:
    """Reads the stored form; raises NotTokens."""
    try:
        held = json.loads(text)
        if held["format"] != FORMAT:
            raise NotTokens("it was written by another version of syncctl")
        tokens = Tokens(
            str(held["access"]),
            datetime.fromisoformat(held["expires_at"]),
            datetime.fromisoformat(held["obtained_at"]),
            str(held["refresh"]),
            _moment(held["refresh_expires_at"]),
            tuple(map(str, held["scopes"])),
            {str(name): str(value) for name, value in held["facts"].items()},
        )
        return Kept(tokens, _moment(held["refreshing_since"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, NotTokens):
            raise
        raise NotTokens("it is not what syncctl writes") from None


TOKENS: Final = Form(to_text, from_text)
"""What a sign-in keeps."""


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
