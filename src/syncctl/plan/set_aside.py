"""Holds a create back while a row that could not be read may be what it would make. I/O: the ledger's overlay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Ref, SideName
from syncctl.plan.planning import Planning
from syncctl.projection.cells import CELL
from syncctl.projection.keys import Key
from syncctl.writeback import Unwritable

TELLING_MIN: Final = 4
"""Characters. A shorter text stands in too many records to tell one of them."""
ROWS_KEPT: Final = 256
_PAIR: Final = re.compile(r"p\d+")
"""The cell of a linked reference: it names a pair of the ledger, which no vendor knows."""
_END: Final = "\x1f"


def refuse_set_aside(planning: Planning, here: SideName, record: int, fresh: Ref) -> None:
    """Raises Unwritable where a row of the new record's kind, never read so far, has the id or all texts by which a
    match rule would find the partner of `record` (its ledger number, on side `here`).
    """
    books, projection = planning.books, planning.projection
    rows = books.candidates.set_aside(books.records.kind_id(fresh.system, fresh.kind))
    if not rows:
        return
    mapping = books.lookups.mapping_id(projection.mapping.name)
    keys = [(rule, books.candidates.key(mapping, here, record, at)) for at, rule in enumerate(projection.rules)]
    for row, raw in ((Ref(fresh.system, fresh.kind, identity), raw) for identity, raw in rows):
        for rule, key in keys:
            if key and _told(rule, key, row, raw):
                by = "its id" if _texts(key) == [row.id] else ", ".join(_texts(key))
                way_out = f"correct it in {fresh.system}, then `syncctl pull`"
                raise Unwritable(f"{row} cannot be read and may be its partner, by {by}: {way_out}")


def _told(rule: Key, key: str, row: Ref, raw: bytes) -> bool:
    texts = _texts(key)
    if rule.marker is not None:
        return key == str(row) or f"syncctl {key}".casefold() in _held(raw)
    if texts == [row.id]:
        return True
    held = _held(raw)
    return any(len(text) >= TELLING_MIN for text in texts) and all(
        f"{_END}{text.casefold()}{_END}" in held for text in texts
    )


def _texts(key: str) -> list[str]:
    return [cell for cell in key.split(CELL) if not _PAIR.fullmatch(cell)]


@lru_cache(maxsize=ROWS_KEPT)
def _held(raw: bytes) -> str:
    """Every text and number of a row, each between two ends; of what is no JSON, whatever stands between quotes."""
    try:
        values = list(_scalars(decode_json(raw)))
    except (Undecodable, RecursionError):
        values = raw.decode("utf-8", "replace").split('"')
    return f"{_END}{_END.join(' '.join(str(value).casefold().split()) for value in values)}{_END}"


def _scalars(value: Any) -> Iterator[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        yield value
        return
    for each in inner:
        yield from _scalars(each)
