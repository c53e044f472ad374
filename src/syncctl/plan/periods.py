"""Closed periods: what is dated on or before the day up to which its books are closed is not written. I/O: the ledger.

The schema says where a company keeps that day; a kind whose schema says nothing (a deal, a customer) is never closed.
"""

from __future__ import annotations

from datetime import date

from syncctl.fields.codecs import decode
from syncctl.fields.schema import Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Raw, Ref
from syncctl.paths import parse_path, read
from syncctl.plan.planning import Planning
from syncctl.values.canonical import local_date
from syncctl.writeback import Unwritable


def refuse_closed(planning: Planning, ref: Ref, *states: Raw) -> None:
    """Raises Unwritable when a record is dated in a closed period before or after the write; `states` are both."""
    schema = planning.schema(ref)
    closed_to = _closed_to(planning, schema)
    if closed_to is None:
        return
    for raw in states:
        dated = _day(planning, schema, schema.dated, raw)
        if dated is not None and dated <= closed_to:
            raise Unwritable(
                f"the books are closed to {closed_to} in {ref.system}, and this is dated {dated}: move the closing date"
                f" there, or write it in {ref.system} by hand; `from:` in the mapping leaves older records out"
            )


def _closed_to(planning: Planning, schema: Schema) -> date | None:
    if schema.closed_by is None:
        return None
    kind, identity, *places = schema.closed_by
    keeper = Ref(schema.system, kind, identity)
    held = planning.books.lookups.record(keeper) or {}
    days = (_day(planning, planning.schema(keeper), place, held) for place in places)
    return max((day for day in days if day is not None), default=None)


def _day(planning: Planning, schema: Schema, path: str, raw: Raw) -> date | None:
    """The day in a field; None where there is none, or it is known only after the apply."""
    field = schema.fields.get(path)
    found = list(read(raw, parse_path(field.place))) if field is not None else []
    if field is None or len(found) != 1 or isinstance(found[0], dict):
        return None
    try:
        return local_date(decode(field.codec, found[0]), planning.projection.catalogue.time_zone)
    except Undecodable:  # a date that cannot be read is told by its own field
        return None
