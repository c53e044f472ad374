"""Reads lists, records and the lists inside them. I/O: network, through the HTTP client it is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from syncctl.connectors.http import Http
from syncctl.connectors.steps import leads_elsewhere, step
from syncctl.connectors.stripe.card import PAGE_SIZE
from syncctl.connectors.stripe.kinds import KINDS, Filter
from syncctl.connectors.stripe.rows import (
    Head,
    ListPage,
    PayoutHead,
    compact,
    identity_of,
    merged,
    read_head,
    read_page,
    record,
    stand_in,
    with_list,
)
from syncctl.errors import AnswerUnreadable, Exchange, RequestRefused
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Poison, Record

RESTARTS: Final = 3
"""Times a list inside a record is begun again because the row it stood at was deleted."""


class PositionGone(RequestRefused):
    """The record a list should go on after does not exist any more."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one system. Every method raises VendorError."""

    http: Http

    def page(self, path: str, query: Filter, after: str = "") -> ListPage:
        """One page of a list; smaller where the vendor cannot send a whole one. Raises PositionGone."""
        limit = PAGE_SIZE
        while True:
            asked = (*query, ("limit", str(limit)), *((("starting_after", after),) if after else ()))
            try:
                return self._page(path, asked)
            except AnswerUnreadable as error:
                # Seen on long invoices: 100 of them are cut short, however often the same page is asked for.
                if limit == 1:
                    return _page_of_one(error)
                limit = max(1, limit // 10)
            except RequestRefused as error:
                if after and error.exchange.code == "resource_missing":
                    raise PositionGone(error.message, error.exchange) from error
                raise

    def _page(self, path: str, query: Filter) -> ListPage:
        answer = self.http.read("GET", path, query=query)
        try:
            return read_page(answer.body)
        except Undecodable as error:
            where = Exchange(self.http.system, answer.request, answer.status, body=self.http.shown_body(answer))
            raise AnswerUnreadable(f"{self.http.system}: {error}", where) from error

    def whole_list(self, path: str, query: Filter = ()) -> list[msgspec.Raw]:
        """Every row of a list that fits in memory, begun again when the row it stands at is deleted meanwhile."""
        for _ in range(RESTARTS):
            try:
                return list(self._all(path, query))
            except PositionGone:
                continue
        return list(self._all(path, query))

    def _all(self, path: str, query: Filter) -> Iterator[msgspec.Raw]:
        after = ""
        while True:
            page = self.page(path, query, after)
            yield from page.data
            if not page.has_more:
                return
            after = page.position

    def rows(self, kind: str, rows: Sequence[msgspec.Raw]) -> tuple[list[Record], list[Poison], list[Head]]:
        """The rows of a page as records and what could not be read, with the heads of the records."""
        records, poison, heads = [], [], []
        for row in rows:
            head = read_head(self.http.system, kind, row)
            if isinstance(head, Poison):
                poison.append(head)
            elif (whole := self._complete(kind, head, row)) is not None:
                heads.append(head)
                records.append(record(self.http.system, kind, head, whole))
        return records, poison, heads

    def _complete(self, kind: str, head: Head, row: msgspec.Raw | bytes) -> bytes | None:
        """The row with its inner lists whole: answers hold only their beginning. None for a deleted record."""
        if head.deleted:
            return None
        try:
            if head.lines is not None and head.lines.has_more:
                return merged(compact(row), "lines", self.whole_list(f"{KINDS[kind].path}/{step(head.id)}/lines"))
            if isinstance(head, PayoutHead) and itemised(head):
                return with_list(compact(row), "transactions", self._transactions(head.id))
        except RequestRefused as error:
            if error.exchange.code == "resource_missing":  # deleted since the list was made
                return None
            raise
        return compact(row)

    def _transactions(self, payout: str) -> list[msgspec.Raw]:
        rows = self.whole_list(KINDS["balance_transaction"].path, (("payout", payout),))
        return [row for row in rows if msgspec.json.decode(row, type=_Source).source != payout]

    def retrieve(self, kind: str, identity: str) -> Record | Poison | None:
        """One record by id; None when it was deleted or never existed."""
        if leads_elsewhere(identity):
            return None
        path = f"{KINDS[kind].path}/{step(identity)}"
        try:
            answer = self.http.read("GET", path)
        except RequestRefused as error:
            if error.exchange.code == "resource_missing":
                return None
            raise
        except AnswerUnreadable as error:
            [row] = _page_of_one(error).data
            return Poison(self.http.system, kind, identity, error.message, bytes(row))
        records, poison, _ = self.rows(kind, [msgspec.Raw(answer.body)])
        if poison:
            return replace(poison[0], id=identity)
        return records[0] if records else None

    def by_invoice(self, kind: str, invoice: str) -> tuple[list[Record], list[Poison]]:
        """The records of a kind that belong to one invoice."""
        records, poison, _ = self.rows(kind, self.whole_list(KINDS[kind].path, (("invoice", invoice),)))
        return records, poison


def _page_of_one(error: AnswerUnreadable) -> ListPage:
    """A record that cannot be read even alone, as a row that says so. Raises the error when it is no record at all."""
    row = stand_in(error.exchange.body, error.message)
    if row is None:
        raise error
    return ListPage([row], has_more=True, position=identity_of(row))


class _Source(msgspec.Struct):
    source: Any = None


def itemised(head: PayoutHead) -> bool:
    """True when Stripe lists what the payout paid out: automatic ones, once reconciled.

    docs.stripe.com/payouts/reconciliation: manual and instant payouts cannot be itemised.
    """
    return head.automatic and head.reconciliation_status == "completed"
