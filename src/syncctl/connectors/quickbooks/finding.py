"""Reads by id or by another field that QuickBooks can query. I/O: network, through the client."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncctl.connectors.lookups import holds_one, lookup_keys
from syncctl.connectors.quickbooks import queries
from syncctl.connectors.quickbooks.client import Client
from syncctl.connectors.quickbooks.rows import read_rows
from syncctl.errors import Exchange, RequestRefused
from syncctl.model import Record

DELETED_MARK = " (deleted)"
"""QuickBooks may append this to the name of an inactive record (recorded on an employee)."""


def find_records(client: Client, system: str, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
    """Every record, inactive ones included, whose field is one of the values. Raises VendorError."""
    wanted = [value for value in dict.fromkeys(values) if value]
    if field == "Id":
        wanted = [value for value in wanted if value.isdigit() or kind == "TaxCode"]
        return _records(system, kind, client.rows_by_id(kind, wanted).rows) if wanted else ()
    if field not in queries.LOOKED_UP.get(kind, ()):
        known = ", ".join(("Id", *sorted(queries.LOOKED_UP.get(kind, ()))))
        where = Exchange(system, f"query {kind} by {field}")
        raise RequestRefused(f"QuickBooks cannot look up {kind} by {field}", where, fix=f"use one of {known}")
    return _by_field(client, system, kind, field, wanted)


def _by_field(client: Client, system: str, kind: str, field: str, values: list[str]) -> tuple[Record, ...]:
    asked = [*values, *(value + DELETED_MARK for value in values)] if field == "DisplayName" else values
    keys = lookup_keys(asked)
    found: dict[str, Record] = {}
    for condition in queries.matches(field, asked):
        for record in _all(client, system, kind, condition):
            if holds_one(record, field, keys):
                found[record.ref.id] = record
    return tuple(found.values())


def _all(client: Client, system: str, kind: str, condition: str) -> list[Record]:
    """Every page of a query."""
    conditions, size, start = (condition, queries.everything(kind)), client.options.page_rows, 1
    found: list[Record] = []
    while True:
        text = queries.select(kind, conditions, columns=client.columns(kind), tail=queries.page(start, size))
        rows = client.query(kind, text).rows
        found += _records(system, kind, rows)
        if len(rows) < size:
            return found
        start += size


def _records(system: str, kind: str, rows: list[msgspec.Raw]) -> tuple[Record, ...]:
    return tuple(row for _, row in read_rows(system, kind, rows) if isinstance(row, Record))
