"""Whether vendors kept what was written to them. I/O: the ledger.

Some take a value and store another: rounded, cut, in small letters, or reckoned anew. Written again every night it
would never come to an end, so what was read back other than it was meant is remembered, and planning leaves it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.operation import Operation
from syncctl.ledger.unkept import NotKept
from syncctl.model import Edit
from syncctl.plan.unkept import fields_of, written_side
from syncctl.projection.projection import Projection
from syncctl.push import differing
from syncctl.reconciliation.judging import field_name
from syncctl.reconciliation.refresh import Version

if TYPE_CHECKING:
    from syncctl.project import Project


def note_unkept(project: Project, compiled: Sequence[tuple[Projection, Version]]) -> None:
    """Remembers what vendors did not keep of the writes since the last look, and forgets what moved meanwhile.

    Call it on a ledger that is up to date: what is open between a record and its partner was found already.
    """
    books, operations = project.books, project.journal.operations
    unread = frozenset(project.records.unread())
    waiting = [one for one in operations.unchecked() if one.ref not in unread]
    if not waiting and not books.unkept.any():
        return
    lost = _lost(project, waiting)
    with project.engine.write() as db:
        books.unkept.release()
        for projection, _ in compiled if any(lost.values()) else ():
            books.unkept.note(_of_mapping(project, projection, lost))
        operations.mark_checked(db, waiting)


def _lost(project: Project, operations: Iterable[Operation]) -> dict[int, list[Edit]]:
    """What records (their ledger numbers) do not hold of what applied writes wrote; an undo's is a person's."""
    lost: dict[int, list[Edit]] = {}
    for operation in operations:
        ref, change = operation.ref or operation.change.target, operation.sent or operation.change
        number = project.records.number_of(ref)
        try:
            now = project.records.raw(ref)
        except Undecodable:  # a finding of its own says so
            continue
        if number is not None and now is not None and not change.undoes:
            base = decode_json(operation.base) if operation.base else None
            lost.setdefault(number, []).extend(differing(change, now, base))
    return lost


def _of_mapping(project: Project, projection: Projection, lost: Mapping[int, Sequence[Edit]]) -> Iterator[NotKept]:
    """The open findings of a mapping that speak of what was lost, each as the field it is about."""
    mapping = project.lookups.mapping_id(projection.mapping.name)
    for row in project.books.findings.open(mapping):
        toward = written_side(row)
        if toward is None or row.records is None:
            continue
        edits = lost.get(row.records[toward == "right"], ())
        field = field_name(row.field)
        if any(field in fields_of(projection, toward, edit) for edit in edits):
            yield NotKept(mapping, *row.records, toward, field)
