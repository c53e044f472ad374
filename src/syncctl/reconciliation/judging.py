"""Judges pairs whose sides differ and keeps their findings; what agrees as it stands is remembered. I/O: the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from syncctl.diff import FINDING_OF, Judgement, base_of, differing, judge, shown
from syncctl.ledger.comparing import Unequal
from syncctl.ledger.findings import Verdict
from syncctl.mapping.language import other
from syncctl.model import Action, FindingKind, SideName
from syncctl.projection.cells import CELL
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.closing import Posted
from syncctl.reconciliation.lines_shown import lines_shown


def judge_pairs(books: Books, projection: Projection, mapping: int, pairs: set[int] | None, at: str) -> int:
    """Judges pairs (None: all) and replaces their findings; sides that agree as they stand are remembered so."""
    rows = books.comparing.unequal(mapping) if pairs is None else books.comparing.unequal_of(mapping, pairs)
    judging = _Judging(projection, Posted(books, projection))
    subjects = None if pairs is None else [f"pair:{pair}" for pair in pairs]
    books.findings.replace(mapping, subjects, judging.verdicts(rows), at)
    books.pairs.agree(judging.agreements)
    if any(slot.entry.owner == "both" for slot in projection.slots):
        _agree_equal(books, projection, mapping, pairs)
    return judging.judged


class _Judging:
    """Judges rows as they come, so that no more than a few verdicts are in memory; agreements are kept for the end."""

    def __init__(self, projection: Projection, posted: Posted) -> None:
        self.projection = projection
        self.posted = posted
        self.agreements: list[tuple[int, int, str, int]] = []
        self.judged = 0

    def verdicts(self, rows: Iterable[Unequal]) -> Iterator[Verdict]:
        """What is not right in these pairs."""
        for row in rows:
            self.judged += 1
            if row.agreed:
                continue
            found = [one for one in _pair_verdicts(self.projection, row) if not self._meant(one)]
            yield from found
            if not found:
                base = base_of(self.projection, row.left_body, row.right_body)
                self.agreements.append((row.left_hash, row.right_hash, base, row.pair))

    def _meant(self, verdict: Verdict) -> bool:
        return bool(self.posted) and self.posted.meant(verdict, field_name(verdict.field))


def _agree_equal(books: Books, projection: Projection, mapping: int, pairs: set[int] | None) -> None:
    """Two-way fields need the base of the last agreement, so equal sides are remembered too."""
    rows = books.comparing.newly_equal(mapping, pairs)
    books.pairs.agree((left, right, base_of(projection, body, body), pair) for pair, left, right, body in rows)


def _pair_verdicts(projection: Projection, row: Unequal) -> Iterator[Verdict]:
    subject = f"pair:{row.pair}"
    if row.left_scope or row.right_scope:
        yield from _standing_verdicts(projection, row, subject)
        return
    judgement = judge(projection, row.left_body, row.right_body, row.base)
    yield from cell_verdicts(projection, judgement, subject, row.left, row.right)


def cell_verdicts(
    projection: Projection, judgement: Judgement, subject: str, left: int, right: int
) -> Iterator[Verdict]:
    """One verdict per cell and per block of lines that differ."""
    if judgement.quiet:
        return
    for cell in differing(judgement):
        if cell.result == "tolerated":
            continue
        slot = projection.slots[cell.index]
        body = {
            "left": shown(cell.left),
            "right": shown(cell.right),
            "base": shown(cell.base),
            "reason": cell.reason,
            "hint": cell.hint,
            "owner": slot.entry.owner,
            "toward": cell.toward,
            "records": f"{left}:{right}",
            "result": cell.result,
        }
        yield Verdict(subject, FINDING_OF[cell.result], _field(projection, slot.name, left, right), tuple(body.items()))
    for block in judgement.lines:
        lines = projection.lines[block.block].block
        name = projection.lines[block.block].name
        body = {
            "left": lines_shown(projection.lines[block.block], block.left),
            "right": lines_shown(projection.lines[block.block], block.right),
            "reason": "amount",
            "owner": lines.owner,
            "toward": "" if lines.owner == "none" else "right" if lines.owner == "left" else "left",
            "records": f"{left}:{right}",
            "result": "report" if lines.owner == "none" else "write",
            "lines": json.dumps([block.left, block.right]),
        }
        yield Verdict(subject, FindingKind.DIFFERENCE, _field(projection, name, left, right), tuple(body.items()))


def _field(projection: Projection, name: str, left: int, right: int) -> str:
    """What a finding is about, for the ledger. Where several records share a partner, they also share the pair, and
    each of them has findings of its own; `field_name` is what people see.
    """
    return f"{name}{CELL}{left}:{right}" if projection.mapping.many else name


def field_name(field: str) -> str:
    """The field of a finding as people see it."""
    return field.partition(CELL)[0]


WAYS_BACK: Final = {
    "archived": "make it active again in {here} itself, or archive the other too",
    "void": "void the other too, or enter it again in {here} and match the two (`syncctl match confirm`)",
    "deleted": "end the other too, or match it with what took its place in {here} (`syncctl match confirm`)",
    "filtered": "correct the one that is wrong, or what `where` in the mapping asks for",
    "poison": "correct it in {here}, then `syncctl pull`",
}
"""What a person does about a partner that went, by how it stands."""
MADE_ANEW: Final = "; or have a new one made: say that the two are no pair (`syncctl match reject {mapping} …`)"
"""The way out of what cannot come back, where the mapping makes such records."""
STANDING_KINDS: Final = {"filtered": FindingKind.LEFT_SCOPE, "poison": FindingKind.POISON}
QUIET_STANDING: Final = frozenset({"void", "deleted", "archived", "filtered"})


def _standing_verdicts(projection: Projection, row: Unequal, subject: str) -> Iterator[Verdict]:
    """A partner left: void, deleted, archived, or no longer what `where` asks for; or it cannot be read, which comes
    first: nothing is done to its partner meanwhile.
    """
    left, right = row.left_scope, row.right_scope
    if "before" in (left, right) or (left in QUIET_STANDING and right in QUIET_STANDING):
        return
    gone_side: SideName = "left" if left and right != "poison" else "right"
    standing = left if gone_side == "left" else right
    kind = STANDING_KINDS.get(standing, FindingKind.GONE)
    body = {
        "left": left or "open",
        "right": right or "open",
        "side": gone_side,
        "standing": standing,
        "records": f"{row.left}:{row.right}",
        "hint": _gone_hint(projection, gone_side, standing, row.left_body if gone_side == "left" else row.right_body),
    }
    yield Verdict(subject, kind, _field(projection, "$state", row.left, row.right), tuple(body.items()))


def _gone_hint(projection: Projection, gone_side: SideName, standing: str, body: str) -> str:
    (here, kind), (there, _) = projection.mapping.side(gone_side), projection.mapping.side(other(gone_side))
    if standing == "filtered":
        said = f"the {here} record is no longer what the mapping asks for, its {there} partner still is"
    elif standing == "poison":
        said = f"the {here} record cannot be read: {body}"
    else:
        said = f"the record is {standing} in {here} and not in {there}"
    if standing == "archived" and Action.REACTIVATE in projection.catalogue.schema(here, kind).actions:
        return f"{said}: make it active again in {here}, or archive the other too; no second one is made"
    anew = standing in ("void", "deleted") and projection.mapping.create in ("both", gone_side)
    ways = WAYS_BACK[standing] + MADE_ANEW * anew
    return f"{said}: {ways.format(here=here, mapping=projection.mapping.name)}"
