"""Finding records by id, by a unique property or by any other, for fresh reads and probes. I/O: network."""

from __future__ import annotations

from collections.abc import Sequence

from syncctl.connectors.hubspot.addresses import OBJECTS
from syncctl.connectors.hubspot.client import Client
from syncctl.connectors.hubspot.listing import read_list
from syncctl.connectors.hubspot.pulling import SEARCH_PAGE, Stream
from syncctl.connectors.hubspot.rows import Row, split_rows
from syncctl.fields.jsontext import decode_json
from syncctl.model import Record

ID_FIELDS = ("id", "hs_object_id")
SEARCH_VALUES_MAX = 100
"""Values of one IN filter."""


def find_records(client: Client, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
    """Records, archived ones included, each once. An id that was merged away gives the record it lives on in.

    Ids and unique properties are read from the database; any other property goes through the search index, which
    lags, so it never serves to read back a write. Raises VendorError.
    """
    wanted = list(dict.fromkeys(value for value in values if value))
    field = field.removeprefix("properties.")
    if not wanted:
        return ()
    if kind not in OBJECTS:
        return _in_list(client, kind, field, wanted)
    definitions = client.definitions(kind)
    stream = Stream(client, kind, tuple(sorted(str(one["name"]) for one in definitions)))
    if field in ID_FIELDS:
        return stream.records(_by_id(stream, wanted))
    unique = {str(one["name"]) for one in definitions if one.get("hasUniqueValue")}
    if field in unique or (kind, field) == ("contact", "email"):
        return stream.records(_by_unique(stream, field, wanted))
    return stream.records(_by_search(stream, field, wanted))


def _by_id(stream: Stream, wanted: Sequence[str]) -> list[Row]:
    numbers = [identity for identity in wanted if identity.isdigit()]
    live, _ = stream.read(numbers, archived=False)
    found = {row.head.id for row in live}
    missing = [identity for identity in numbers if identity not in found]
    archived, _ = stream.read(missing, archived=True)
    return _once([*live, *archived])


def _by_unique(stream: Stream, field: str, wanted: Sequence[str]) -> list[Row]:
    live, _ = stream.read(wanted, archived=False, id_property=field)
    if len(live) >= len(wanted):
        return _once(live)
    archived, _ = stream.read(wanted, archived=True, id_property=field)
    return _once([*live, *archived])


def _by_search(stream: Stream, field: str, wanted: Sequence[str]) -> list[Row]:
    ids: list[str] = []
    for start in range(0, len(wanted), SEARCH_VALUES_MAX):
        ids += _search(stream, field, [value.lower() for value in wanted[start : start + SEARCH_VALUES_MAX]])
    rows, _ = stream.read(list(dict.fromkeys(ids)), archived=False)
    return _once(rows)


def _search(stream: Stream, field: str, values: Sequence[str]) -> list[str]:
    ids: list[str] = []
    last, more = 0, True
    while more:
        page = stream.client.search(
            stream.kind,
            {
                "filterGroups": [
                    {
                        "filters": [
                            {"propertyName": field, "operator": "IN", "values": list(values)},
                            {"propertyName": "hs_object_id", "operator": "GT", "value": str(last)},
                        ]
                    }
                ],
                "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                "properties": ["hs_object_id"],
                "limit": SEARCH_PAGE,
            },
        )
        rows, _ = split_rows(stream.client.name, stream.kind, page.results)
        found = sorted(int(row.head.id) for row in rows if row.head.id.isdigit())
        more = bool(found) and page.total > len(page.results)
        ids += map(str, found)
        last = found[-1] if found else last
    return ids


def _once(rows: Sequence[Row]) -> list[Row]:
    return list({row.head.id: row for row in rows}.values())


def _in_list(client: Client, kind: str, field: str, wanted: Sequence[str]) -> tuple[Record, ...]:
    records, _ = read_list(client, kind)
    folded = {value.casefold() for value in wanted}
    return tuple(
        record
        for record in records
        if str(decode_json(record.raw).get("id" if field == "hs_object_id" else field, "")).casefold() in folded
    )
