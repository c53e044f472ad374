"""Compares a matched pair cell by cell and says what each difference means. Pure.

Works on canonical bodies alone: no record is decoded again to be judged.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from syncctl.comparison import BLOCKED, EMPTY, SKIPPED, UNKNOWN, UNLINKED, UNTRANSLATED, within_tolerance
from syncctl.model import FindingKind, Reason
from syncctl.projection.cells import BLOCK, CELL, LINE
from syncctl.projection.lines import Lines
from syncctl.projection.projection import Projection
from syncctl.projection.slots import Slot

Result: TypeAlias = Literal["equal", "tolerated", "write", "report", "conflict", "blocked", "silent"]
"""What one cell needs. `write`: the owner's value goes over; `report`: a check that nobody writes."""


LOOKS_MAX: Final = 40_000
"""Pairs of lines that are looked at one by one."""


@dataclass(frozen=True, slots=True)
class CellVerdict:
    """One slot that is not equal. `toward` is the side that would be written; `index` the slot's number."""

    index: int
    result: Result
    left: str
    right: str
    toward: Literal["left", "right", ""] = ""
    base: str = ""
    reason: Reason = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """One block whose lines differ: lines of the left side and of the right side that have no equal."""

    block: int
    left: tuple[str, ...]
    right: tuple[str, ...]
    owner: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that is not equal in a pair. `quiet`: nothing to report, so the sides agree as they stand."""

    cells: tuple[CellVerdict, ...]
    lines: tuple[LineVerdict, ...]

    @property
    def quiet(self) -> bool:
        """True when nothing needs a write, a person or a mention (tolerated cells are mentioned, not counted)."""
        return not self.lines and all(cell.result in ("equal", "tolerated", "silent") for cell in self.cells)


def judge(projection: Projection, left: str, right: str, base: str = "{}") -> Judgement:
    """Compares two bodies of one mapping. `base` is the JSON of two-way fields at the last agreement."""
    left_cells, left_blocks = split_body(left, len(projection.lines))
    right_cells, right_blocks = split_body(right, len(projection.lines))
    agreed: dict[str, list[str]] = json.loads(base) if base != "{}" else {}
    cells = tuple(unequal_cells(projection.slots, left_cells, right_cells, agreed))
    lines = tuple(
        found
        for number, block in enumerate(projection.lines)
        if left_blocks[number] != right_blocks[number]
        and (found := _judge_block(number, block, left_blocks[number], right_blocks[number])) is not None
    )
    return Judgement(cells, lines)


def split_body(body: str, blocks: int) -> tuple[list[str], list[tuple[str, ...]]]:
    """The cells of the slots, and per block its lines."""
    parts = body.split(BLOCK)
    listed = [tuple(part.split(LINE)) if part else () for part in parts[1:]]
    return parts[0].split(CELL), listed + [()] * (blocks - len(listed))


def base_of(projection: Projection, left: str, right: str) -> str:
    """The cells of two-way fields as JSON, by the slot's name: what each side held when both agreed."""
    lefts, rights = split_body(left, 0)[0], split_body(right, 0)[0]
    held = {
        slot.name: [lefts[number], rights[number]]
        for number, slot in enumerate(projection.slots)
        if slot.entry.owner == "both" and not {lefts[number][:1], rights[number][:1]} & {SKIPPED, BLOCKED, UNKNOWN}
    }
    return json.dumps(held)


NEVER_AGREED: Final[Mapping[str, list[str]]] = {}


def unequal_cells(
    slots: Sequence[Slot], left: Sequence[str], right: Sequence[str], agreed: Mapping[str, list[str]] = NEVER_AGREED
) -> Iterator[CellVerdict]:
    """The verdicts of one record's, or one line's, slots. A slot is silent while one that goes before it speaks."""
    for number, (slot, here, there) in enumerate(zip(slots, left, right, strict=True)):
        if here == there or any(SKIPPED not in (left[each], right[each]) for each in slot.after):
            continue
        verdict = judge_cell(number, slot, here, there, agreed.get(slot.name))
        if verdict is not None:
            yield verdict


def judge_cell(index: int, slot: Slot, left: str, right: str, base: Sequence[str] | None = None) -> CellVerdict | None:
    """What one unequal slot means; None when it means nothing. `base` is what left and right held when they agreed."""
    entry = slot.entry
    if SKIPPED in (left, right):
        return None
    if entry.once and (right if entry.owner != "right" else left) == "set":
        return None
    for side, cell in (("left", left), ("right", right)):
        if cell.startswith(BLOCKED):
            return CellVerdict(index, "blocked", left, right, hint=f"{side}: {cell[1:]}")
    if entry.once:
        return _once(index, entry.owner, left, right)
    if (
        entry.tolerance is not None
        and slot.common in ("money", "number")
        and within_tolerance(left, right, entry.tolerance)
    ):
        return CellVerdict(index, "tolerated", left, right, reason=entry.reason or "rounding")
    if slot.common == "money" and _currencies_differ(left, right):
        return CellVerdict(
            index, "blocked", left, right, reason="currency", hint="the two sides are in different currencies"
        )
    match entry.owner:
        case "none":
            return _check(index, slot, left, right)
        case "both":
            return _merge(index, slot, left, right, base)
        case "left":
            return _owned(index, slot, left, right, left, "right")
        case "right":
            return _owned(index, slot, left, right, right, "left")


def _check(index: int, slot: Slot, left: str, right: str) -> CellVerdict | None:
    """A field that nobody writes. What is known only after the apply is checked then."""
    if UNKNOWN in (left[:1], right[:1]):
        return None
    entry = slot.entry
    beyond = entry.tolerance is not None  # within it, the mapping's reason would hold; beyond it, this is news
    reason = classify(slot.common) if beyond or not entry.reason else entry.reason
    return CellVerdict(index, "report", left, right, reason=reason)


def _once(index: int, owner: str, left: str, right: str) -> CellVerdict | None:
    """The target is empty: written when the source is not."""
    if (left if owner != "right" else right) == EMPTY:
        return None
    return CellVerdict(index, "write", left, right, "left" if owner == "right" else "right")


def _owned(
    index: int, slot: Slot, left: str, right: str, source: str, toward: Literal["left", "right"]
) -> CellVerdict | None:
    """The owner's value is wanted on the other side."""
    entry = slot.entry
    if source == EMPTY:
        if entry.empty == "keep":
            return None
        if entry.empty == "fill":
            toward = "left" if toward == "right" else "right"
    elif source.startswith(UNLINKED):
        return CellVerdict(
            index,
            "blocked",
            left,
            right,
            hint=f"{source.replace(UNLINKED, '')} has no partner in mapping {entry.link}",
        )
    elif entry.link and _contains(right if toward == "right" else left, source):
        return None
    return CellVerdict(index, "write", left, right, toward, reason=classify(slot.common))


def _contains(many: str, wanted: str) -> bool:
    """True when a list of references holds all the wanted ones."""
    return set(wanted.split(",")) <= set(many.split(","))


def _merge(index: int, slot: Slot, left: str, right: str, base: Sequence[str] | None) -> CellVerdict | None:
    """Three-way merge: the side that moved since the last agreement wins; both moved: a person decides."""
    if base is None:
        if EMPTY in (left, right):
            return CellVerdict(index, "write", left, right, "left" if left == EMPTY else "right")
        return CellVerdict(
            index, "conflict", left, right, hint="both sides have a value and never agreed before", reason="text"
        )
    was_left, was_right = base
    shown_base = was_left if was_left == was_right else f"{shown(was_left)} | {shown(was_right)}"
    reason = classify(slot.common)
    if left == was_left and right == was_right:
        return None  # they agreed as they stand
    if left == was_left:
        return CellVerdict(index, "write", left, right, "left", shown_base, reason)
    if right == was_right:
        return CellVerdict(index, "write", left, right, "right", shown_base, reason)
    hint = "both sides changed since they last agreed"
    return CellVerdict(index, "conflict", left, right, base=shown_base, hint=hint, reason=reason)


def _currencies_differ(left: str, right: str) -> bool:
    """Two amounts, and not in one currency; an amount whose currency nobody names is in none."""
    amounts = not {left[:1], right[:1]} & {EMPTY, UNKNOWN}
    return amounts and left.partition(" ")[2] != right.partition(" ")[2]


def classify(common: str) -> Reason:
    """The reason a difference of this type has when the mapping names none."""
    match common:
        case "money" | "number":
            return "amount"
        case "date" | "instant":
            return "timing"
        case "currency":
            return "currency"
        case _:
            return "text"


def _judge_block(number: int, block: Lines, left: tuple[str, ...], right: tuple[str, ...]) -> LineVerdict | None:
    """Lines without an equal on the other side; None when every one has one as far as the owner's entries speak."""
    unequal_left, unequal_right = pair_equal(block, left, right)
    if not unequal_left and not unequal_right:
        return None
    return LineVerdict(
        number,
        tuple(left[each] for each in unequal_left),
        tuple(right[each] for each in unequal_right),
        block.block.owner,
    )


def pair_equal(block: Lines, left: Sequence[str], right: Sequence[str]) -> tuple[list[int], list[int]]:
    """Pairs lines that need nothing and returns the places of all others: first those that are the same in every cell,
    so that twins never part, then those that are equal as far as the mapping asks.

    Beyond `LOOKS_MAX` comparisons only the same in every cell is equal.
    """
    twins: dict[str, deque[int]] = defaultdict(deque)
    for place, line in enumerate(right):
        twins[line].append(place)
    rest = []
    for place, line in enumerate(left):
        if twins[line]:
            twins[line].popleft()
        else:
            rest.append(place)
    free = sorted(place for places in twins.values() for place in places)
    if len(rest) * len(free) > LOOKS_MAX:
        return rest, free
    unequal = []
    for place in rest:
        found = next((other for other in free if lines_equal(block, left[place], right[other])), None)
        if found is None:
            unequal.append(place)
        else:
            free.remove(found)
    return unequal, free


def lines_equal(block: Lines, left: str, right: str) -> bool:
    """True when no mapped field of two lines needs a write or a mention."""
    verdicts = unequal_cells(block.slots, left.split(CELL), right.split(CELL))
    return all(verdict.result in ("tolerated", "equal", "silent") for verdict in verdicts)


FINDING_OF: Final[dict[str, FindingKind]] = {
    "write": FindingKind.DIFFERENCE,
    "report": FindingKind.DIFFERENCE,
    "tolerated": FindingKind.DIFFERENCE,
    "conflict": FindingKind.CONFLICT,
    "blocked": FindingKind.BLOCKED,
}


def shown(cell: str) -> str:
    """A cell as people see it."""
    if cell in (EMPTY, SKIPPED, ""):
        return ""
    if cell.startswith(UNLINKED):
        return f"{cell.replace(UNLINKED, '')} (no partner)"
    if cell.startswith((BLOCKED, UNTRANSLATED)):
        return cell[1:]
    if cell.startswith(UNKNOWN):
        return "(known after apply)"
    return cell


def differing(judgement: Judgement) -> Iterator[CellVerdict]:
    """The cells that a person may want to see."""
    return (cell for cell in judgement.cells if cell.result not in ("equal", "silent"))
