"""Leaves alone what its vendor took before and did not keep, at once or later: sent again every night, it would never
come to an end.

I/O: the ledger's overlay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from syncctl.edits import apply_edits, current_value
from syncctl.ledger.findings import OpenFinding
from syncctl.ledger.unkept import Written
from syncctl.mapping.language import other
from syncctl.model import Edit, FindingKind, Raw, Ref, SideName
from syncctl.paths import parse_path, read
from syncctl.plan.planning import Planning
from syncctl.plan.registry import ChangedBack
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.judging import field_name
from syncctl.safeguards import KEPT_DAYS
from syncctl.sameness import holds, same


def written_side(row: OpenFinding) -> SideName | None:
    """The side that a plan would write for a finding about fields; None where it would write none."""
    if row.kind != FindingKind.DIFFERENCE or row.body["result"] != "write":
        return None
    return "left" if row.body["toward"] == "left" else "right"


def fields_of(projection: Projection, toward: SideName, edit: Edit) -> tuple[str, ...]:
    """The fields of a mapping that an edit is for: one, or the names of all blocks of lines in the list it writes to:
    the edit of a line does not say whose line it is.
    """
    if any(slot.name == edit.field and "(" in slot.name for slot in projection.slots):
        return (edit.field,)  # a field of the record that is kept in a list
    paths = [(lines.name, lines.block.right if toward == "right" else lines.block.left) for lines in projection.lines]
    inside = (name for name, path in paths if path and edit.path.partition("(")[0] == path.key)
    return tuple(inside) or (edit.field,)


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


# --- what was kept, and changed back later ---


def without_changed_back(
    planning: Planning, pair: tuple[int, int], toward: SideName, edits: Sequence[Edit], since: Mapping[str, str]
) -> list[Edit]:
    """The edits without those of fields that we wrote so before and that were found changed back to what they hold now,
    as often as a value is tried. What is left alone is told in `planned`. `since` says since when a field differs.

    A value that the source has since, another one that is found there, a write that was kept for longer than
    KEPT_DAYS, and a person's `match release` start anew.
    """
    mapping, (ref, now) = planning.projection.mapping.name, planning.books.records.stored(pair[toward == "right"])
    by_fields: dict[tuple[str, ...], list[Edit]] = defaultdict(list)
    for edit in edits:
        by_fields[fields_of(planning.projection, toward, edit)].append(edit)
    kept: list[Edit] = []
    for fields, ours in by_fields.items():
        found = min((since[field] for field in fields if field in since), default=planning.at)
        writes = [_changed_back(planning, ref, now, edit, found) for edit in ours]
        kept += [] if all(writes) else ours
        for field in fields if all(writes) else ():
            words = _changed_back_words(planning, pair, toward, field, ours, [one.at[:10] for one in writes[0]])
            counted = tuple(dict.fromkeys(one.operation for listed in writes for one in listed))
            planning.planned.left_alone[mapping, pair, toward, field] = ChangedBack(words, counted)
    return kept


def _changed_back(planning: Planning, ref: Ref, now: Raw, edit: Edit, found: str) -> tuple[Written, ...]:
    """The writes of the value of an edit, oldest first, as often as it is tried, each time to find there later what
    is there `now` (the last time at `found`); empty where it may be written again. Writes of other fields alone do not
    count, whatever they found; nor does a line that was added and stayed: the same once more is one more.
    """
    unkept, counted, alike = planning.books.unkept, list[Written](), _alike(now, edit)
    for was in unkept.written(ref) if unkept.tries else ():
        before = _alike(was.base, edit)
        if _days_between(was.at, found) > KEPT_DAYS or _undid(was, edit, before):
            break
        wrote = next((one for one in was.change.edits if _same_place(one, edit)), None)
        if wrote is None:
            continue
        if was.released or alike > before or not same(edit.codec, wrote.after, edit.after):
            break
        found, alike = was.at, before
        counted.append(was)
        if len(counted) == unkept.tries:
            return tuple(reversed(counted))
        if not same(edit.codec, current_value(was.base, edit), edit.before):
            break
    return ()


def _same_place(one: Edit, edit: Edit) -> bool:
    """True when an edit wrote where another one would: of lines that are added, only the same one."""
    added = edit.action != "add" or same(edit.codec, one.after, edit.after)
    return (one.path, one.action) == (edit.path, edit.action) and added


def _undid(was: Written, edit: Edit, before: int) -> bool:
    """True when a write of ours itself took off such a line as is added, of `before` there were, or added such a one as
    is removed: nobody there changed it back.
    """
    if edit.action == "add":
        return before > 0 and _alike(apply_edits(was.base, was.change.edits), edit) < before
    listed = edit.path.partition("(")[0]
    added = (one for one in was.change.edits if (one.path, one.action) == (listed, "add"))
    return edit.action == "remove" and any(holds(edit.before, one.after) for one in added)


def _alike(raw: Raw, edit: Edit) -> int:
    """How many lines of a record are like the one that an edit adds; 0 for an edit that adds none."""
    if edit.action != "add":
        return 0
    return sum(holds(element, edit.after) for element in read(raw, parse_path(edit.path)))


def _days_between(earlier: str, later: str) -> int:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).days


def _changed_back_words(
    planning: Planning, pair: tuple[int, int], toward: SideName, field: str, edits: Sequence[Edit], days: Sequence[str]
) -> str:
    system, mapping = planning.projection.mapping.side(toward)[0], planning.projection.mapping.name
    again = "again each time" if len(days) > 1 else "again"
    said = f"the same was found there {again}"
    if len(edits) == 1:
        before, after = (text or "nothing" for text in edits[0].shown)
        said = f"we wrote {after} and found {before} {again}"
    left, right = (planning.books.records.ref_of(number) for number in pair)
    times = f"{len(days)} times" if len(days) > 1 else "once"
    return (
        f"{field}: changed back in {system} {times}: {said} (written {', '.join(days)}). It is not sent again"
        f" until one of the two values moves: look in {system} for a workflow or an integration that sets it, let"
        f" {system} lead (`owner: {toward}`), or try again: `syncctl match release {mapping} {left} {right}`"
    )
