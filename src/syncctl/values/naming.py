"""What people call a record. No I/O of its own."""

from __future__ import annotations

from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Ref
from syncctl.paths import parse_path
from syncctl.values.locate import locate
from syncctl.values.scope import Catalogue, Scope, Source


def called(ref: Ref, source: Source, catalogue: Catalogue) -> str:
    """What people call a record: the first of its schema's names that is not empty, else its id."""
    raw = source.record(ref)
    schema = catalogue.schemas.get((ref.system, ref.kind))
    if raw is None or schema is None or ref.provisional:
        return ref.id
    for name in schema.name:
        try:
            text = show(locate(parse_path(name), ref.system, ref.kind, catalogue).read(raw, Scope(ref, raw, source)))
        except Undecodable:  # a name that cannot be read is no reason not to show the record
            continue
        if text:
            return text
    return ref.id
