"""Items that people connect one by one through a vendor's own page (banks): how a page is waited for, and how the
items' tokens are kept. I/O: the token store; network, through the connector.

An item's token does not end and cannot be asked for again: it is in the store before anything else happens.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from syncctl.auth.tokens import Form, NotTokens
from syncctl.errors import CredentialError, no_such

if TYPE_CHECKING:
    from syncctl.auth.store import Store
    from syncctl.clock import Clock

FORMAT: Final = 1


@dataclass(frozen=True, slots=True, repr=False)
class LinkedItem:
    """One connected item. `institution` is the bank's name, `connected_at` an instant as ISO 8601."""

    id: str
    token: str
    institution: str
    connected_at: str


Items: TypeAlias = Mapping[str, LinkedItem]
"""By id, in the order they were connected."""


@dataclass(frozen=True, slots=True, repr=False)
class LinkSession:
    """A page that a person may go through: `url` is opened in a browser, `token` asks what came of it."""

    token: str
    url: str
    seconds: float
    poll_seconds: float


@dataclass(frozen=True, slots=True, repr=False)
class NewItem:
    """What a finished page brought: good for one exchange."""

    public_token: str
    institution: str


@dataclass(frozen=True, slots=True)
class ItemState:
    """How the vendor says an item stands; an empty `code`: well. `ends`: when the bank's consent ends, or empty."""

    institution: str
    code: str = ""
    cause: str = ""
    ends: str = ""


class Linking(Protocol):
    """What a connector does whose vendor connects items on a page of its own."""

    def begin(self, user: str, item_token: str = "") -> LinkSession:
        """A page for a new item, or with an item's token for signing in to it again. Raises VendorError."""
        ...

    def look(self, session: LinkSession, *, again: bool) -> tuple[NewItem, ...] | None:
        """What came of the page; None while the person is not done, nothing after signing in `again`.

        Raises CredentialError when it ended without a result, VendorError.
        """
        ...

    def exchange(self, public_token: str) -> tuple[str, str]:
        """The item's id and its token. Raises VendorError."""
        ...

    def state(self, item_token: str) -> ItemState:
        """How an item stands, asked now. Raises VendorError."""
        ...

    def remove(self, item_token: str) -> None:
        """The vendor forgets the item; one that it does not know is forgotten already. Raises VendorError."""
        ...


def wait_for(linking: Linking, session: LinkSession, clock: Clock, system: str, *, again: bool) -> tuple[NewItem, ...]:
    """Looks at the vendor's pace until the page is done. Raises CredentialError, VendorError."""
    end = clock.boottime() + session.seconds
    while (found := linking.look(session, again=again)) is None:
        if clock.boottime() >= end:
            raise CredentialError(
                f"{system}: nobody finished the bank's page within {session.seconds / 60:.0f} minutes;"
                " nothing was connected",
                fix=f"start again: syncctl auth login {system}",
            )
        clock.sleep(session.poll_seconds)
    return found


@dataclass(frozen=True)
class LinkedItems:
    """The items of one system. `client` reads the client's id and secret."""

    system: str
    client: Callable[[], tuple[str, str]]
    store: Store[Items]
    _held: list[Items] = field(default_factory=list, repr=False)

    def all(self) -> tuple[LinkedItem, ...]:
        """Every item, in the order they were connected. Raises CredentialError."""
        if not self._held:
            self._held.append(self.store.load() or {})
        return tuple(self._held[0].values())

    def item(self, identity: str) -> LinkedItem:
        """One item. Raises UsageError, CredentialError."""
        held = {item.id: item for item in self.all()}
        if identity not in held:
            raise no_such("item", identity, held, otherwise=f"no bank is connected to {self.system}")
        return held[identity]

    def keep(self, item: LinkedItem) -> None:
        """Keeps an item durably before it returns. Raises CredentialError."""
        with self.store.lock():
            self._save({**(self.store.load() or {}), item.id: item})

    def forget(self, identity: str) -> None:
        """Forgets an item. Raises CredentialError."""
        with self.store.lock():
            left = {name: item for name, item in (self.store.load() or {}).items() if name != identity}
            if left:
                self._save(left)
            else:
                self.store.delete()
                self._held[:] = [{}]

    def credential(self) -> str:
        """CLIENT_ID:SECRET:TOKEN,TOKEN as a connector reads it; without items CLIENT_ID:SECRET. Raises
        CredentialError.
        """
        tokens = ",".join(item.token for item in self.all())
        return ":".join((*self.client(), *((tokens,) if tokens else ())))

    def _save(self, items: Items) -> None:
        self.store.save(items)
        self._held[:] = [items]


def _to_text(items: Items) -> str:
    written = {
        item.id: {"token": item.token, "institution": item.institution, "connected_at": item.connected_at}
        for item in items.values()
    }
    return json.dumps({"format": FORMAT, "items": written}, indent=2)


def _from_text(text: str) -> Items:
    try:
        held = json.loads(text)
        if held["format"] != FORMAT:
            raise NotTokens("it was written by another version of syncctl")
        return {
            str(name): LinkedItem(str(name), str(one["token"]), str(one["institution"]), str(one["connected_at"]))
            for name, one in held["items"].items()
        }
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, NotTokens):
            raise
        raise NotTokens("it is not what syncctl writes") from None


ITEMS: Final = Form(_to_text, _from_text)
