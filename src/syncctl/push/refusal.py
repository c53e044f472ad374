"""Whether what a vendor refused is still the same: only then it is not sent again. I/O: ledger."""

from __future__ import annotations

from dataclasses import replace

from syncctl.edits import apply_edits
from syncctl.fields.references import decode_reference, reference_path
from syncctl.fields.schema import Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Change, Edit, Record, Ref, digest
from syncctl.paths import read
from syncctl.planfile import change_to_json
from syncctl.push.means import RecordStore
from syncctl.sameness import same


def fingerprint(change: Change, records: RecordStore, schema: Schema) -> str:
    """What must move before a refused change is worth sending again: its content, its target, and what a create names.

    The content holds every value that comes from the source; the source's other bytes may change with every read (a
    signed address). `schema` is the target's.
    """
    target = None if change.target.provisional else change.target
    content = Change(
        change.intent,
        change.mapping,
        change.action,
        target or Ref(change.target.system, change.target.kind, ""),
        change.source,
        "",
        tuple(replace(edit, field="", owner="", reason="", shown=("", "")) for edit in change.edits if not _idle(edit)),
    )
    named = [_raw(records, ref) for ref in _named(schema, change)] if change.action is Action.CREATE else []
    return digest(change_to_json(content), _raw(records, target), *named)


def _idle(edit: Edit) -> bool:
    """True for an edit that writes what is there already: the next plan, which knows the value, leaves it out."""
    return edit.action == "set" and same(edit.codec, edit.before, edit.after)


def _named(schema: Schema, change: Change) -> list[Ref]:
    """The records that a new record refers to, by kind and id."""
    made = apply_edits({}, change.edits)
    found: set[Ref] = set()
    for field in schema.fields.values():
        if not field.kinds:
            continue
        for raw in read(made, reference_path(field, field.place)):
            try:
                value = decode_reference(field, schema.system, raw)
            except Undecodable:  # what cannot be read names nothing
                continue
            if isinstance(value, Ref):
                found.add(value)
    return sorted(found)


def _raw(records: RecordStore, ref: Ref | None) -> bytes:
    found: Record | None = records.record(ref) if ref and not ref.provisional else None
    return found.raw if found else b""
