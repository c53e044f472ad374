"""Sign-ins and bank consents that end soon. I/O: token stores, the ledger; no vendor is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from syncctl.auth.signed_in import days_left
from syncctl.errors import SyncctlError
from syncctl.model import Ref

if TYPE_CHECKING:
    from syncctl.project import Project

SOON_DAYS: Final = 30
"""Whoever may sign in is not there every day: so long before the end it is told."""
ITEM: Final = "item"
CONSENT_ENDS: Final = "consent_expiration_time"
"""Where Plaid's item says when the bank's consent ends; absent where it does not."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A sign-in that ends in `days` days, 0 for today; `who` is the bank, empty where the system is signed in to."""

    system: str
    days: int
    fix: str
    who: str = ""

    @property
    def sentence(self) -> str:
        """What ends, and when."""
        what = f"the consent of {self.who} ({self.system})" if self.who else f"the sign-in to {self.system}"
        return f"{what} ends {in_days(self.days)}"


def in_days(days: int) -> str:
    """`today`, `in 1 day`, `in 12 days`."""
    return "today" if not days else f"in {days} day{'s' if days > 1 else ''}"


def soon(moment: datetime | None, now: datetime) -> int | None:
    """How many days are left, where it ends soon and has not ended yet; else None."""
    left = days_left(moment, now)
    return left if left is not None and moment is not None and moment > now and left <= SOON_DAYS else None


def endings(project: Project) -> tuple[Ending, ...]:
    """What ends within 30 days, the next first. A store that cannot be read is told where it is used."""
    found = (one for name in project.settings.systems for one in _of_system(project, name))
    return tuple(sorted(found, key=lambda one: one.days))


def _of_system(project: Project, name: str) -> Iterator[Ending]:
    try:
        if project.connects_items(name):
            yield from _consents(project, name)
        elif project.settings.systems[name].sign_in is not None:
            yield from _sign_in(project, name)
    except SyncctlError:  # whoever needs the store is told what is wrong with it
        return


def _sign_in(project: Project, name: str) -> Iterator[Ending]:
    kept = project.sign_in(name).store.load()
    days = soon(kept.tokens.refresh_expires_at, project.clock.now()) if kept is not None else None
    if days is not None:
        yield Ending(name, days, f"sign in before that: syncctl auth login {name}")


def _consents(project: Project, name: str) -> Iterator[Ending]:
    """Of the connected banks as the last pull read them."""
    for item in project.linked_items(name).all():
        raw = project.records.raw(Ref(name, ITEM, item.id)) or {}
        days = soon(moment(raw.get(CONSENT_ENDS)), project.clock.now())
        if days is not None:
            fix = f"sign in to the bank before that: syncctl auth login {name} --item {item.id}"
            yield Ending(name, days, fix, item.institution or item.id)


def moment(text: object) -> datetime | None:
    """An instant as vendors write it; None for nothing, or what is none."""
    try:
        found = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
