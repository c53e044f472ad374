"""Closed periods: what is dated on or before the day up to which its books are closed is not written there. I/O: the
ledger.

Under `closed: today` a new document is posted in the open period instead, and says of which day it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from syncctl.edits import apply_edits
from syncctl.fields.codecs import encode
from syncctl.mapping.language import PathValue
from syncctl.model import Edit, Raw, Ref
from syncctl.plan.planning import Planning
from syncctl.reconciliation.closing import closed_to, day_in
from syncctl.writeback import Unwritable


def refuse_closed(planning: Planning, ref: Ref, *states: Raw) -> None:
    """Raises Unwritable when a record is dated in a closed period before or after the write; `states` are both."""
    closed = _closed_to(planning, ref)
    if closed is None:
        return
    for raw in states:
        dated = _dated(planning, ref, raw)
        if dated is not None and dated <= closed:
            raise Unwritable(
                f"the books are closed to {closed} in {ref.system}, and this is dated {dated}: move the closing date"
                f" there, or write it in {ref.system} by hand; `from:` in the mapping leaves older records out"
            )


def posted_today(planning: Planning, ref: Ref, edits: list[Edit]) -> tuple[list[Edit], str]:
    """The edits of a new record, and why its date is another than its source's: under `closed: today` it is posted on
    the first open day from today on, and its marker says of which day it is.
    """
    closed, dated = _closed_to(planning, ref), _dated(planning, ref, apply_edits({}, edits))
    if planning.projection.mapping.closed != "today" or closed is None or dated is None or dated > closed:
        return edits, ""
    today = datetime.fromisoformat(planning.at).astimezone(planning.projection.catalogue.time_zone).date()
    day = max(today, closed + timedelta(days=1))
    reason = f"posted on {day}: it is of {dated}, and the books are closed to {closed}"
    return [_posted(planning, ref, edit, day, dated) for edit in edits], reason


def _posted(planning: Planning, ref: Ref, edit: Edit, day: date, dated: date) -> Edit:
    schema = planning.schema(ref)
    field = schema.fields[schema.dated]
    if edit.path == field.place:
        return replace(edit, after=encode(field.codec, day), reason="period", shown=(edit.shown[0], str(day)))
    mapping = planning.projection.mapping
    marker = mapping.marker.side("right" if mapping.right == (ref.system, ref.kind) else "left")
    carrier = schema.find(marker.path.key) if isinstance(marker, PathValue) else None
    if carrier is None or edit.path != carrier.place or not isinstance(edit.after, str):
        return edit
    text = f"of {dated} {edit.after}"
    if carrier.max_length is not None and len(text) > carrier.max_length:
        return edit
    return replace(edit, after=text, shown=(edit.shown[0], text))


def open_edits(planning: Planning, ref: Ref, raw: Raw, edits: list[Edit]) -> list[Edit]:
    """The edits of an update without the one that would move a document into a closed period, where the mapping posts
    such documents in the open one.
    """
    closed, dated = _closed_to(planning, ref), _dated(planning, ref, raw)
    if planning.projection.mapping.closed != "today" or closed is None or dated is None or dated <= closed:
        return edits
    return [edit for edit in edits if not _moves_into(planning, ref, raw, edit, closed)]


def _moves_into(planning: Planning, ref: Ref, raw: Raw, edit: Edit, closed: date) -> bool:
    schema = planning.schema(ref)
    after = _dated(planning, ref, apply_edits(raw, [edit]))
    return edit.path == schema.fields[schema.dated].place and after is not None and after <= closed


def _closed_to(planning: Planning, ref: Ref) -> date | None:
    return closed_to(planning.books, planning.projection.catalogue, planning.schema(ref))


def _dated(planning: Planning, ref: Ref, raw: Raw) -> date | None:
    schema = planning.schema(ref)
    return day_in(planning.projection.catalogue, schema, schema.dated, raw)
