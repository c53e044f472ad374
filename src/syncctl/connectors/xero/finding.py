"""Reads by id or by another field that Xero can look up. I/O: network, through the client."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.lookups import holds_one, lookup_keys
from syncctl.connectors.xero.allocations import ALLOCATION, note_in
from syncctl.connectors.xero.client import Client, Query
from syncctl.connectors.xero.kinds import KINDS
from syncctl.connectors.xero.listing import every_record
from syncctl.connectors.xero.where import any_id, any_text, longest_plain_part, quotable
from syncctl.errors import Exchange, RequestRefused
from syncctl.model import Record

LOOKED_UP: Final[dict[str, frozenset[str]]] = {
    "Contact": frozenset({"Name", "ContactNumber", "AccountNumber", "EmailAddress"}),
    "Invoice": frozenset({"InvoiceNumber", "Reference"}),
    "CreditNote": frozenset({"CreditNoteNumber", "Reference"}),
    "Allocation": frozenset(),
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
            wanted = [value for value in wanted if all(map(_UUID.fullmatch, value.split(".")))]
        if not wanted:
            return ()
        keys = lookup_keys(wanted)
        found: dict[str, Record] = {}
        for query in self._queries(kind, field, wanted):
            for record in every_record(self.client, self.system, kind, query=query):
                if holds_one(record, field, keys):
                    found[record.ref.id] = record
        return tuple(found.values())

    def _queries(self, kind: str, field: str, values: list[str]) -> Iterator[Query]:
        """The queries that together show every record with one of the values, a few values at a time."""
        if not KINDS[kind].paged:
            yield ()
            return
        if kind == ALLOCATION:
            field, values = KINDS[kind].lister.identity, list(dict.fromkeys(map(note_in, values)))
        plain = [value for value in values if quotable(value)]
        for some in _chunks(plain, self.client.options.ids_asked):
            if field == KINDS[kind].identity and KINDS[kind].by_ids:
                yield (("IDs", ",".join(some)),)
            elif field == KINDS[kind].lister.identity:
                yield (("where", any_id(field, some)),)
            else:
                yield (("where", any_text(field, some)),)
        for value in values:
            if not quotable(value):
                part = longest_plain_part(value)
                yield (("searchTerm", part),) if part and kind in _SEARCHED else ()


def _chunks(values: list[str], size: int) -> Iterator[list[str]]:
    for at in range(0, len(values), size):
        yield values[at : at + size]
