"""All transactions, or what changed since the cursors. I/O: network, through the client.

A cursor is an item's; all pages behind it are one update, and only its last page has a cursor that may be kept. So an
update is gathered whole and given as one page: its rows and the cursor after them are stored in one transaction. When
the transactions change meanwhile, the whole update begins again at its first cursor; when that does not help, at the
very beginning, and what is there no more is found by comparing everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from syncctl.connectors.plaid.client import Client
from syncctl.connectors.plaid.complaints import MUTATED, NOT_READY
from syncctl.connectors.plaid.rows import record_of, transaction_of
from syncctl.errors import (
    AnswerUnreadable,
    AuthenticationFailed,
    Exchange,
    LimitReached,
    RequestRefused,
    VendorError,
    VendorUnavailable,
)
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Page, Poison, Record, Ref, Window

KIND: Final = "transaction"
ACCOUNT: Final = "account"
FULL: Final = "full"
SYNC: Final = "POST /transactions/sync"
ITEM: Final = "item:"
RESTARTS_MAX: Final = 4
"""So often an update begins again at its first cursor (monetr #3126 saw the error stay with a stored cursor)."""


class Moved(Exception):
    """The transactions changed at every attempt to read an update."""


@dataclass
class Update:
    """What all pages of one update leave: rows by record id, the record id of each transaction's id, and ids that are
    gone. An empty `cursor`: not ready.
    """

    rows: dict[str, bytes] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    unread: list[bytes] = field(default_factory=list)
    cursor: str = ""

    def add(self, row: bytes) -> None:
        """A transaction that is new or changed; the newest state stays."""
        try:
            head = transaction_of(row)
        except Undecodable:
            self.unread.append(row)
        else:
            self.rows[head.id], self.ids[head.transaction_id] = row, head.id

    @property
    def gone(self) -> tuple[str, ...]:
        """Removed ids of which nothing lives on: a pending one that was posted goes on under its id."""
        return tuple(identity for identity in self.removed if identity not in self.rows)

    def remove(self, identity: str) -> None:
        """A transaction that is no more, under the id it has now."""
        self.removed[identity] = None
        held = self.ids.pop(identity, None)
        if held is not None and transaction_of(self.rows[held]).transaction_id == identity:
            del self.rows[held]
            self.removed[held] = None


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull of the transactions of all items."""

    client: Client

    def run(self, windows: Sequence[Window] | None) -> Iterator[Page]:
        """One page per item. Raises VendorError, for an item that cannot be read after the others were."""
        kept = {window.name: window for window in windows or ()}
        full = not kept or FULL in kept
        try:
            yield from self._items(kept, full=full)
        except Moved:
            try:
                yield from self._items({}, full=True)
            except Moved as error:
                where = Exchange(self.client.name, SYNC, code=MUTATED)
                fix = "pull again when the bank is quiet"
                raise VendorUnavailable(f"{self.client.name}: {error}", where, fix=fix) from error

    def _items(self, kept: dict[str, Window], *, full: bool) -> Iterator[Page]:
        items = self.client.items()
        at = {name: window for name, window in kept.items() if name.removeprefix(ITEM) in items}
        failed: VendorError | None = None
        unplaced, waiting = False, False
        for item, token in items.items():
            window = at.get(ITEM + item, Window(ITEM + item))
            try:
                update = self._update(token, window.position)
            except (AuthenticationFailed, LimitReached) as error:
                if stops_all(error):
                    raise
                failed = failed or of_bank(self.client, item, error)
                continue
            if update.cursor:
                at[window.name] = Window(window.name, update.cursor)
            waiting = waiting or not update.cursor
            unplaced = unplaced or bool(update.gone)
            done = full and item == list(items)[-1] and failed is None and not waiting
            yield self._page(update, item, at, full=full and not done, complete=done)
        if failed is not None:
            raise failed
        if unplaced and not full:
            # A posted transaction is removed under an id that the ledger need not know: only reading all tells which.
            yield from self._items({}, full=True)

    def _page(self, update: Update, item: str, at: dict[str, Window], *, full: bool, complete: bool) -> Page:
        found = [record_of(self.client.name, KIND, row, item) for row in (*update.rows.values(), *update.unread)]
        marks = (Window(FULL),) if full else ()
        return Page(
            tuple(row for row in found if isinstance(row, Record)),
            deleted=tuple(Ref(self.client.name, KIND, identity) for identity in update.gone),
            poison=tuple(row for row in found if isinstance(row, Poison)),
            windows=(*marks, *(window for name, window in at.items() if name != FULL)),
            complete=complete,
        )

    def _update(self, token: str, cursor: str) -> Update:
        """Everything behind a cursor. Raises Moved, VendorError."""
        for _ in range(RESTARTS_MAX):
            try:
                return self.gather(token, cursor)
            except RequestRefused as error:
                if error.exchange.code != MUTATED:
                    raise
        raise Moved(f"the transactions changed each of {RESTARTS_MAX} times they were read")

    def gather(self, token: str, cursor: str) -> Update:
        """All pages of one update, in order. Raises VendorError."""
        update, more = Update(), True
        while more:
            answer = self.client.sync(token, cursor)
            for row in (*answer.added, *answer.modified):
                update.add(bytes(row))
            for removed in answer.removed:
                update.remove(removed.transaction_id)
            more = answer.has_more
            if more and answer.next_cursor == cursor:
                where = Exchange(self.client.name, SYNC)
                raise AnswerUnreadable(f"{self.client.name}: the next page is this page again", where)
            update.cursor = cursor = answer.next_cursor
        return update


def of_bank(client: Client, item: str, error: AuthenticationFailed | LimitReached) -> VendorError:
    """The error with the bank in it: there are several behind one system, and the others are read."""
    message = f"{error.message} ({client.bank(item)}, item {item})"
    found: VendorError = AuthenticationFailed(message, error.exchange, fix=error.fix)
    if isinstance(error, LimitReached):
        found = LimitReached(message, error.exchange, wait_seconds=error.wait_seconds, fix=error.fix)
    found.partial = True
    return found


def stops_all(error: AuthenticationFailed | LimitReached) -> bool:
    """True for a limit of the client's own; every other trouble is that of one bank."""
    return isinstance(error, LimitReached) and error.exchange.code != NOT_READY


@dataclass(frozen=True, slots=True)
class Accounts:
    """One pull of the accounts of all items."""

    client: Client

    def run(self) -> Iterator[Page]:
        """One page with everything. Raises VendorError, for an item that cannot be read after the others were."""
        rows: list[tuple[bytes, str]] = []
        failed: VendorError | None = None
        for item, token in self.client.items().items():
            try:
                rows += [(row, item) for row in self.client.accounts(token)]
            except (AuthenticationFailed, LimitReached) as error:
                if stops_all(error):
                    raise
                failed = failed or of_bank(self.client, item, error)
        found = [record_of(self.client.name, ACCOUNT, *row) for row in rows]
        yield Page(
            tuple(row for row in found if isinstance(row, Record)),
            poison=tuple(row for row in found if isinstance(row, Poison)),
            windows=(Window("whole"),) if failed is None else (),
            complete=failed is None,
        )
        if failed is not None:
            raise failed
