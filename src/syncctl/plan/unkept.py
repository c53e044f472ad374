"""Leaves alone what its vendor took before and did not keep: sent again every night, it would never come to an end.

I/O: the ledger's overlay.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncctl.ledger.findings import OpenFinding
from syncctl.mapping.language import other
from syncctl.model import FindingKind, SideName
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.judging import field_name


def written_side(row: OpenFinding) -> SideName | None:
    """The side that a plan would write for a finding about fields; None where it would write none."""
    if row.kind != FindingKind.DIFFERENCE or row.body["result"] != "write":
        return None
    return "left" if row.body["toward"] == "left" else "right"


def held_back(books: Books, mapping: int, row: OpenFinding, rows: Iterable[OpenFinding]) -> bool:
    """True when all that a plan would write for a finding was written before and not kept, and nothing moved since.

    `rows` are the open findings of the same records. One new value, and all of them are written once more.
    """
    toward = written_side(row)
    if toward is None or row.records is None:
        return False
    wanted = {field_name(each.field) for each in rows if written_side(each) == toward}
    return wanted <= books.unkept.fields(mapping, *row.records, toward)


def unkept_words(books: Books, projection: Projection, row: OpenFinding) -> str:
    """What a person reads of what its vendor did not keep; "" for every other finding."""
    toward, field = written_side(row), field_name(row.field)
    if toward is None or row.records is None:
        return ""
    mapping = books.lookups.mapping_id(projection.mapping.name)
    if field not in books.unkept.fields(mapping, *row.records, toward):
        return ""
    system = projection.mapping.side(toward)[0]
    wrote, holds = (row.body.get(side) or "nothing" for side in (other(toward), toward))
    said = "it holds other lines" if "lines" in row.body else f"we wrote {wrote}, it holds {holds}"
    return (
        f"{field}: {system} did not keep it: {said}. It is not sent again until a side changes: correct it"
        f" there, accept it (`syncctl findings accept`), or let {system} lead (`owner: {toward}`)"
    )
