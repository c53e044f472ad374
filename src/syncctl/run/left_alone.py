"""What is not sent again of a pair: its vendor did not keep it, or it was changed back there. I/O: the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from syncctl.ledger.unkept import NotKept
from syncctl.model import Ref
from syncctl.plan.unkept import written_side
from syncctl.project import Project
from syncctl.reconciliation.judging import field_name
from syncctl.run.planning import refresh_all, whole_draft


@dataclass(frozen=True, slots=True)
class NotSent:
    """The fields of a pair that are not sent again, and the writes (ids of operations) that were changed back."""

    fields: tuple[NotKept, ...] = ()
    writes: tuple[str, ...] = ()


def left_alone(project: Project, mapping: str, left: Ref, right: Ref) -> NotSent:
    """What is told of two records as not sent again, as the ledger stands now; what a person accepted is not told.

    Raises ConfigError for a side that was never pulled.
    """
    compiled = project.projections()
    refresh_all(project, compiled)
    one, two = project.records.number_of(left), project.records.number_of(right)
    if one is None or two is None or project.lookups.partner(mapping, left) != right:
        return NotSent()
    number = project.lookups.mapping_id(mapping)
    rows = (row for row in project.books.findings.open(number) if row.records == (one, two) and not row.accepted)
    told = [NotKept(number, one, two, toward, field_name(row.field)) for row in rows if (toward := written_side(row))]
    back = whole_draft(project, compiled, frozenset({mapping})).left_alone if told else {}
    changed = {each: back.get((mapping, (one, two), each.toward, each.field)) for each in told}
    fields = [each for each in told if changed[each] or each.field in _not_kept(project, each)]
    writes = dict.fromkeys(write for found in changed.values() if found for write in found.writes)
    return NotSent(tuple(fields), tuple(writes))


def _not_kept(project: Project, field: NotKept) -> frozenset[str]:
    return project.books.unkept.fields(field.mapping, field.left, field.right, field.toward)
