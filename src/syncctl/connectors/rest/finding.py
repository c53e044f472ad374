"""Reads by id, or by another field that the file says how to look up. I/O: network, through the client."""

from __future__ import annotations

from collections.abc import Sequence

from syncctl.connectors.lookups import holds_one, lookup_keys
from syncctl.connectors.rest.addresses import usable
from syncctl.connectors.rest.client import Client, looked_up
from syncctl.connectors.rest.language import KindDeclaration
from syncctl.connectors.rest.pulling import STALE_PAGES_MAX
from syncctl.connectors.rest.rows import read_row
from syncctl.errors import Exchange, RequestRefused
from syncctl.model import Record


def find_records(client: Client, kind: KindDeclaration, field: str, values: Sequence[str]) -> tuple[Record, ...]:
    """Every record whose field is one of the values; compared here, whatever the system matches. Raises VendorError."""
    wanted = [value for value in dict.fromkeys(values) if usable(value)]
    if field == kind.id:
        found = [client.record(kind, value) for value in wanted]
        return tuple(record for record in found if record is not None)
    if field not in kind.find:
        known = ", ".join((kind.id, *sorted(kind.find)))
        raise RequestRefused(
            f"{client.name} cannot look up {kind.name} by {field}",
            Exchange(client.name, f"find {kind.name}"),
            fix=f"use one of {known}, or declare it under `find:`",
        )
    matched = (record for value in wanted for record in _matched(client, kind, field, value))
    return tuple({record.ref: record for record in matched}.values())


def _matched(client: Client, kind: KindDeclaration, field: str, value: str) -> list[Record]:
    call, keys = looked_up(kind.find[field], value), lookup_keys([value])
    found: dict[str, Record] = {}
    position, stale = "", 0
    while stale < STALE_PAGES_MAX:
        rows, following = client.page(kind, call, position)
        before = len(found)
        for row in rows:
            record = read_row(client.name, kind, row)
            if isinstance(record, Record) and holds_one(record, field, keys):
                found[record.ref.id] = record
        stale = 0 if len(found) > before else stale + 1
        position = following.position if rows else ""
        if not position:
            break
    return list(found.values())
