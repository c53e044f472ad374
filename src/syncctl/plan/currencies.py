"""Documents in another currency than the customer they name: some vendors' customers have one and keep it. I/O: the
ledger's overlay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_of
from syncctl.fields.references import decode_reference, reference_path
from syncctl.fields.schema import Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Raw, Ref, Unknown
from syncctl.paths import parse_path, read
from syncctl.plan.planning import Planning
from syncctl.values.naming import called
from syncctl.writeback import Unwritable


def refuse_other_currency(planning: Planning, ref: Ref, made: Raw) -> None:
    """Raises Unwritable when a document, as it will be, is in another currency than whoever it is for can have."""
    schema = planning.schema(ref)
    amount = schema.find(schema.amount) if schema.amount else None
    # A document that names none gets what the vendor thinks right.
    currency = currency_of(made, replace(amount, currency_default="")) if amount is not None else ""
    if not currency:
        return
    for who in _named(schema, made):
        theirs = _only_currency(planning, who)
        if theirs and theirs != currency:
            name = called(who, planning.books.lookups, planning.projection.catalogue)
            raise Unwritable(
                f"it is in {currency}, and {who.kind} {name} ({who.id}) of {who.system} can only have {theirs}: make a"
                f" second one there in {currency} under another name, `syncctl pull`, `syncctl match confirm`"
            )


def _named(schema: Schema, made: Raw) -> Iterator[Ref]:
    """The records that a document itself refers to; what its lines name is no party to it."""
    for field in schema.fields.values():
        if not field.kinds or "." in field.path:
            continue
        for raw in read(made, reference_path(field, field.place)):
            try:
                value = decode_reference(field, schema.system, raw)
            except Undecodable:  # its own field says that it cannot be read
                continue
            if isinstance(value, Unknown):
                yield value.ref
            elif isinstance(value, Ref):
                yield value


def _only_currency(planning: Planning, who: Ref) -> str:
    """The only currency of a record; "" where its kind knows no such thing, or the record does not say."""
    schema = planning.projection.catalogue.schemas.get((who.system, who.kind))
    field = schema.find(schema.one_currency) if schema is not None and schema.one_currency else None
    if field is None:
        return ""
    held = next(iter(read(planning.books.lookups.record(who) or {}, parse_path(field.place))), None)
    try:
        return str(decode(field.codec, held) or "") if held is not None else ""
    except Undecodable:  # its own field says so
        return ""
