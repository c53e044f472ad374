"""Finding records by id or by any field that can be searched by, for fresh reads and probes. I/O: network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncctl.connectors.salesforce import soql
from syncctl.connectors.salesforce.client import Client, invisible
from syncctl.connectors.salesforce.complaints import HIDDEN
from syncctl.connectors.salesforce.describing import Shape, shape_of
from syncctl.connectors.salesforce.pulling import Stream
from syncctl.connectors.salesforce.rows import split_rows
from syncctl.fields.salesforce_ids import PREFIX_LENGTH, known_id
from syncctl.model import Record


def find_records(client: Client, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
    """Live records, each once. Ids may have 15 or 18 letters; what is in the recycle bin is not there.

    Raises VendorError, also for a field that this user does not see.
    """
    wanted = list(dict.fromkeys(value for value in values if value))
    if not wanted:
        return ()
    shape = shape_of(client.describe(kind))
    ids = _ids(shape, wanted) if field == "Id" else list(_matching(client, shape, field, wanted))
    rows, _ = Stream(client, shape).read(list(dict.fromkeys(ids)))
    return Stream(client, shape).records(list({row.head.id: row for row in rows}.values()))


def _ids(shape: Shape, wanted: Sequence[str]) -> list[str]:
    """One malformed id, or one of another object, would refuse the whole request."""
    whole = (known_id(value) for value in wanted)
    return [one for one in whole if one and (not shape.prefix or one[:PREFIX_LENGTH] == shape.prefix)]


def _matching(client: Client, shape: Shape, field: str, wanted: Sequence[str]) -> Iterator[str]:
    type_ = shape.types.get(field)
    if type_ is None:
        raise invisible(client.name, shape.kind, field, HIDDEN)
    if field not in shape.filterable:
        raise invisible(client.name, shape.kind, field, "Salesforce cannot search by this field: match by another one")
    literals = []
    for value in wanted:
        try:
            literals.append(soql.literal(type_, known_id(value) or value if type_ == "reference" else value))
        except ValueError:  # what cannot be a value of this field is in no record
            continue
    for query in _queries(client, shape.kind, field, literals):
        for page in client.query(query):
            rows, _ = split_rows(client.name, shape.kind, page.rows)
            yield from (row.head.id for row in rows)


def _queries(client: Client, kind: str, field: str, literals: Sequence[str]) -> Iterator[str]:
    """As few queries as fit into an address each."""
    some: list[str] = []
    for literal in literals:
        if some and not client.fits(_query(kind, field, [*some, literal])):
            yield _query(kind, field, some)
            some = []
        some.append(literal)
    if some:
        yield _query(kind, field, some)


def _query(kind: str, field: str, literals: Sequence[str]) -> str:
    return soql.select(kind, ("Id",), (soql.one_of(field, literals),))
