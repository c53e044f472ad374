"""What keeps a record that a run made from being voided or archived: what its vendor fixed, and what leans on it.

I/O: the ledger's overlay.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from syncctl.fields.references import reference_path
from syncctl.fields.schema import Schema
from syncctl.model import Action, Raw, Ref
from syncctl.paths import as_text, parse_path, read
from syncctl.plan.planning import Planning
from syncctl.settlement import settled
from syncctl.values.naming import called
from syncctl.writeback import Unwritable

SHOWN_MAX: Final = 5
"""Records listed in one message; of more, the rest are counted."""
ENDED: Final = frozenset({"void", "deleted", "archived"})


def refuse_fixed(schema: Schema, raw: Raw) -> None:
    """Raises Unwritable for a record that its vendor voids no more: it is reconciled with the bank."""
    for path, value, why in schema.fixed:
        if any(as_text(found) == value for found in read(raw, parse_path(path))):
            raise Unwritable(why)


def refuse_leaned_on(planning: Planning, ref: Ref, raw: Raw) -> None:
    """Raises Unwritable when documents name a record that would be ended: a deposit of a payment, an invoice of a
    customer. What the same plan ends is none of them, nor is what the record itself pays: Xero lists on an invoice the
    payments of it, and they go with their payment.
    """
    listed = sorted(set(_documents_of(planning, ref)) - settled(planning.schema(ref), raw).keys())
    if not listed:
        return
    lookups, catalogue = planning.books.lookups, planning.projection.catalogue
    names = ", ".join(f"{called(each, lookups, catalogue)} ({each})" for each in listed[:SHOWN_MAX])
    more = f" and {len(listed) - SHOWN_MAX} more" if len(listed) > SHOWN_MAX else ""
    raise Unwritable(
        f"in {ref.system} it is named by {names}{more}: void what names it there first, or let that name another record"
    )


def _documents_of(planning: Planning, ref: Ref) -> Iterator[Ref]:
    """The documents with an amount in the same system that name a record and still stand."""
    catalogue = planning.projection.catalogue
    for (system, kind), schema in catalogue.schemas.items():
        if system != ref.system or not schema.amount or not schema.closed_by:
            continue
        for field in schema.fields.values():
            if ref.kind not in field.kinds:
                continue
            path = str(reference_path(field, field.place))
            for document, raw in planning.books.lookups.pointing_here(system, kind, path, ref.id):
                stands = catalogue.state(document, raw) not in ENDED
                ending = any(change.action in (Action.VOID, Action.ARCHIVE) for change in planning.planned.of(document))
                if stands and not ending:
                    yield document
