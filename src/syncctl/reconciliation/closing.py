"""Up to which day a company's books are closed, and what that makes of a date that was moved. I/O: the ledger.

The schema says where a company keeps that day; a kind whose schema says nothing (a deal, a customer) is never closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from syncctl.fields.codecs import decode
from syncctl.fields.schema import Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.findings import Verdict
from syncctl.ledger.sides import SIDES
from syncctl.mapping.language import PathValue, other
from syncctl.model import Raw, Ref, SideName
from syncctl.paths import parse_path, read
from syncctl.projection.projection import Projection
from syncctl.projection.slots import Slot
from syncctl.reconciliation.books import Books
from syncctl.values.canonical import local_date
from syncctl.values.scope import Catalogue


def closed_to(books: Books, catalogue: Catalogue, schema: Schema) -> date | None:
    """The last day that the books are closed to for records of this kind; None where none is."""
    if schema.closed_by is None:
        return None
    kind, identity, *places = schema.closed_by
    keeper = Ref(schema.system, kind, identity)
    held = books.lookups.record(keeper) or {}
    days = (day_in(catalogue, catalogue.schema(schema.system, kind), place, held) for place in places)
    return max((day for day in days if day is not None), default=None)


def day_in(catalogue: Catalogue, schema: Schema, path: str, raw: Raw) -> date | None:
    """The day in a field; None where there is none, or it is known only after the apply."""
    field = schema.fields.get(path)
    found = list(read(raw, parse_path(field.place))) if field is not None else []
    if field is None or len(found) != 1 or isinstance(found[0], dict):
        return None
    try:
        return local_date(decode(field.codec, found[0]), catalogue.time_zone)
    except Undecodable:  # a date that cannot be read is told by its own field
        return None


class Posted:
    """Under `closed: today` a document stands in the open period although its source is of a closed one: that
    difference of dates is how it is meant.
    """

    def __init__(self, books: Books, projection: Projection) -> None:
        today = projection.mapping.closed == "today"
        self._days = {name: (side, day) for name, side, day in _dates(books, projection)} if today else {}

    def meant(self, verdict: Verdict, field: str) -> bool:
        """True for the finding about such a date. Canonical dates are ISO texts, which sort as days do."""
        if field not in self._days:
            return False
        side, closed = self._days[field]
        body = dict(verdict.body)
        wanted, held = body.get(other(side), ""), body.get(side, "")
        return bool(wanted) and wanted <= closed < held

    def __bool__(self) -> bool:
        return bool(self._days)


def _dates(books: Books, projection: Projection) -> Iterator[tuple[str, SideName, str]]:
    """The fields that write a posting date of closed books: their name, the side, and the last closed day."""
    for side in SIDES:
        schema = projection.catalogue.schema(*projection.mapping.side(side))
        closed = closed_to(books, projection.catalogue, schema)
        for slot in projection.slots if closed is not None else ():
            if _place(slot, side) == schema.dated:
                yield slot.name, side, str(closed)


def _place(slot: Slot, side: SideName) -> str:
    form = slot.entry.form(side)
    return form.path.key if isinstance(form, PathValue) else ""
