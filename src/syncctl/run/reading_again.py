"""Reading records again by id: what was written, what a vendor only named, what a full pull did not bring.

I/O: vendors, ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, timedelta
from typing import Final

from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.operation import Detail
from syncctl.ledger.states import State
from syncctl.model import Record, Ref
from syncctl.project import Project
from syncctl.push import differing

READ_AGAIN: Final = 100
"""Ids read again in one call of `find`; the connector cuts it to what its vendor takes."""
LAG_SECONDS_MIN: Final = 120.0
"""So long a vendor may not show by id what it has just made (an answer from a copy that lags); longer where its card
says that absence takes longer to prove."""


def nothing() -> None:
    """Nothing else is written."""


def read_again(project: Project) -> int:
    """Reads every record that was marked to be read again; what the vendor has no more is marked gone."""
    return read_refs(project, project.records.unread())


def read_refs(project: Project, refs: Sequence[Ref], also: Callable[[], object] = nothing) -> int:
    """Reads records by id; returns how many are gone. What we made a moment ago and the vendor does not show yet is
    marked to be read again: the next plan would else make a second one. What we made, never saw, and is not shown after
    that either is for a person to say.

    All that are gone go in one transaction, and so does what `also` writes (nothing, where there are no `refs`).
    """
    if not refs:
        return 0
    missing = [ref for (system, kind), group in _grouped(refs) for ref in _missing(project, system, kind, group)]
    young = _just_made(project, missing)
    away = [ref for ref in missing if ref not in young]
    with project.engine.write():
        gone = project.records.note_gone(away, _now(project))
        project.records.mark_unread(young)
        also()
    project.records.clear_unread(away)
    _ask_about(project, [ref for ref in away if project.records.number_of(ref) is None])
    return gone


def _missing(project: Project, system: str, kind: str, refs: Sequence[Ref]) -> list[Ref]:
    """Reads and stores records of one kind; returns those that the vendor does not show."""
    schema = project.schemas().get((system, kind))
    identity = schema.identity if schema is not None else "id"
    found = project.connector(system).find(kind, identity, [ref.id for ref in refs])
    project.records.store_read(found, _now(project))
    project.records.store_read(_written_since(project, found), _now(project), whatever_stamp=True)
    held = {record.ref for record in found}
    project.records.clear_unread([ref for ref in refs if ref in held])
    return [ref for ref in refs if ref not in held]


def _written_since(project: Project, found: Sequence[Record]) -> list[Record]:
    """Records that hold what a write of ours wrote and the ledger does not hold: they are from after it, whatever stamp
    they bear. A vendor whose clock was put back stamps them as older.
    """
    by_ref = {record.ref: record for record in found}
    since: dict[Ref, Record] = {}
    for operation in project.journal.operations.unchecked():
        record = by_ref.get(operation.ref or operation.change.target)
        try:
            held = project.records.raw(record.ref) if record is not None else None
        except Undecodable:  # it is a finding of its own
            continue
        if record is not None and held is not None and decode_json(record.raw) != held:
            change, base = operation.sent or operation.change, decode_json(operation.base) if operation.base else None
            if differing(change, held, base) and not differing(change, decode_json(record.raw), base):
                since[record.ref] = record
    return list(since.values())


def _now(project: Project) -> str:
    return project.clock.now().astimezone(UTC).isoformat()


def _ask_about(project: Project, refs: Sequence[Ref]) -> None:
    """Creates whose record nobody ever saw are in review: made anew by themselves, there might be two."""
    operations = project.journal.operations
    for ref, intent in operations.creators(refs).items():
        made = operations.last(intent)
        if made is None or made.state is not State.APPLIED or made.ref != ref:
            continue
        message = f"{ref.system} said that it made {ref.kind} {ref.id}, and does not show it"
        detail = Detail(code="unseen", message=message, fix="look at the vendor, then `syncctl ops settle`")
        with project.journal.write() as db:
            operations.move(db, made.run, made, State.REVIEW, detail)


def _just_made(project: Project, refs: Sequence[Ref]) -> frozenset[Ref]:
    """Of these the records that a write of ours made so short a time ago that their vendor may not show them yet."""
    now = project.clock.now()
    made = project.journal.operations.made_at(refs)
    return frozenset(ref for ref, at in made.items() if now - at < _lag(project, ref.system))


def _lag(project: Project, system: str) -> timedelta:
    return timedelta(seconds=max(LAG_SECONDS_MIN, project.connector(system).card.absence_seconds or 0))


def _grouped(refs: Sequence[Ref]) -> Iterator[tuple[tuple[str, str], list[Ref]]]:
    groups: dict[tuple[str, str], list[Ref]] = {}
    for ref in refs:
        groups.setdefault((ref.system, ref.kind), []).append(ref)
    for key, group in groups.items():
        for start in range(0, len(group), READ_AGAIN):
            yield key, group[start : start + READ_AGAIN]
