"""By what texts the ledger knows a person, and which other records say one of them. I/O: SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from syncctl.ledger.engine import Engine
from syncctl.model import Ref

_SPOKEN: Final = ("mail", "phone", "mobile", "fax")
SHORTEST: Final = 6
"""A shorter text is no sign of a person."""


def words_of(engine: Engine, ref: Ref) -> tuple[str, ...]:
    """What the ledger calls the person by: every mail address and phone number of the record, now and before, and its
    names in the mappings. What many share (a city, a currency) is not among them."""
    rows = engine.db.execute(
        "WITH r AS (SELECT r.id, r.raw FROM records r JOIN kinds k ON k.id = r.kind"
        " WHERE k.system = ? AND k.kind = ? AND r.rid = ?)"
        " SELECT raw FROM r UNION ALL SELECT v.raw FROM versions v JOIN r ON r.id = v.record",
        (ref.system, ref.kind, ref.id),
    ).fetchall()
    found: set[str] = set()
    for (raw,) in rows:
        try:
            _collect(json.loads(raw), "", found)
        except ValueError:  # set aside, or not JSON: it has no words
            continue
    names = engine.db.execute(
        "SELECT s.name FROM sides s JOIN records r ON r.id = s.record JOIN kinds k ON k.id = r.kind"
        " WHERE k.system = ? AND k.kind = ? AND r.rid = ?",
        (ref.system, ref.kind, ref.id),
    )
    found |= {str(name) for (name,) in names if name != ref.id}
    return tuple(sorted(word for word in found if len(word) >= SHORTEST))


def _collect(value: Any, key: str, found: set[str]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _collect(inner, f"{key}.{name}", found)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, key, found)
    elif isinstance(value, str) and ("@" in value or any(sign in key.lower() for sign in _SPOKEN)):
        found.add(value)


_NAMED: Final = (
    "SELECT k.system, k.kind, r.rid FROM records r JOIN kinds k ON k.id = r.kind WHERE instr(r.raw, CAST(?1 AS BLOB))"
    " OR r.id IN (SELECT record FROM versions WHERE instr(raw, CAST(?1 AS BLOB)))"
    " OR r.id IN (SELECT record FROM sides WHERE instr(name || char(10) || body, ?1))"
)
_WRITTEN: Final = (
    "SELECT iif(ref = '', target, ref) FROM operations"
    " WHERE instr(change || char(10) || sent || char(10) || message || char(10) || body, ?1)"
    " OR instr(base, CAST(?1 AS BLOB))"
)


def mentions(engine: Engine, ref: Ref, words: Iterable[str]) -> tuple[Ref, ...]:
    """Other records in which one of these texts stands: in the record, an earlier state of it, or a write of it."""
    found: set[Ref] = set()
    for word in words:
        for text in {word, json.dumps(word)[1:-1]}:
            found |= {Ref(*row) for row in engine.db.execute(_NAMED, (text,))}
            found |= {Ref.parse(row[0]) for row in engine.db.execute(_WRITTEN, (text,))}
    return tuple(sorted(one for one in found if one != ref and not one.provisional))
