"""Reads by id or by another field that Xero can look up. I/O: network, through the client."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.xero.client import Client, Query
from syncctl.connectors.xero.kinds import KINDS
from syncctl.connectors.xero.rows import read_rows
from syncctl.connectors.xero.where import any_id, any_text, longest_plain_part, quotable
from syncctl.errors import Exchange, RequestRefused
from syncctl.fields.jsontext import decode_json
from syncctl.fields.text import clean_text
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Record
from syncctl.paths import as_text, parse_path, read

LOOKED_UP: Final[dict[str, frozenset[str]]] = {
    "Contact": frozenset({"Name", "ContactNumber", "AccountNumber", "EmailAddress"}),
    "Invoice": frozenset({"InvoiceNumber", "Reference"}),
    "CreditNote": frozenset({"CreditNoteNumber", "Reference"}),
    "Payment": frozenset({"Reference"}),
    "BankTransaction": frozenset({"Reference"}),
    "ManualJournal": frozenset({"Narration"}),
    "Item": frozenset({"Code", "Name"}),
    "Account": frozenset({"Code", "Name"}),
    "TaxRate": frozenset({"Name"}),
    "TrackingCategory": frozenset({"Name"}),
    "Organisation": frozenset(),
}
"""What a kind can be looked up by, beside its id."""
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SEARCHED: Final = frozenset({"Contact", "Invoice"})
"""Lists that take a search term."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks records of one system up."""

    client: Client
    system: str

    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        """Every record, archived ones included, whose field is one of the values; a contact that was merged away is
        absent. Raises VendorError.
        """
        wanted = [value for value in dict.fromkeys(values) if value]
        if field != KINDS[kind].identity and field not in LOOKED_UP[kind]:
            known = ", ".join((KINDS[kind].identity, *sorted(LOOKED_UP[kind])))
            where = Exchange(self.system, f"GET {KINDS[kind].path} by {field}")
            raise RequestRefused(f"Xero cannot look up {kind} by {field}", where, fix=f"use one of {known}")
        if field == KINDS[kind].identity and kind != "TaxRate":
            wanted = [value for value in wanted if _UUID.fullmatch(value)]
        if not wanted:
            return ()
        keys = {_key(value) for value in wanted}
        found: dict[str, Record] = {}
        for query in self._queries(kind, field, wanted):
            for record in self._all(kind, query):
                if any(_key(value) in keys for value in _held(record, field)):
                    found[record.ref.id] = record
        return tuple(found.values())

    def _queries(self, kind: str, field: str, values: list[str]) -> Iterator[Query]:
        """The queries that together show every record with one of the values, a few values at a time."""
        if not KINDS[kind].paged:
            yield ()
            return
        plain = [value for value in values if quotable(value)]
        for some in _chunks(plain, self.client.options.ids_asked):
            if field == KINDS[kind].identity and KINDS[kind].by_ids:
                yield (("IDs", ",".join(some)),)
            elif field == KINDS[kind].identity:
                yield (("where", any_id(field, some)),)
            else:
                yield (("where", any_text(field, some)),)
        for value in values:
            if not quotable(value):
                part = longest_plain_part(value)
                yield (("searchTerm", part),) if part and kind in _SEARCHED else ()

    def _all(self, kind: str, query: Query) -> Iterator[Record]:
        """Every page of a query."""
        page = 1
        while True:
            listed = self.client.page(kind, page, more=query)
            for head, row in read_rows(self.system, kind, listed.rows):
                if isinstance(row, Record) and head is not None and not head.merged_into:
                    yield row
            page += 1
            if not KINDS[kind].paged or len(listed.rows) < self.client.options.page_rows:
                return


def _chunks(values: list[str], size: int) -> Iterator[list[str]]:
    for at in range(0, len(values), size):
        yield values[at : at + size]


def _held(record: Record, field: str) -> list[str]:
    try:
        raw = decode_json(record.raw)
    except Undecodable:
        return []
    return [as_text(value) for value in read(raw, parse_path(field))]


def _key(text: str) -> str:
    """How Xero compares: without regard to case and outer blanks."""
    return clean_text(text).casefold()
