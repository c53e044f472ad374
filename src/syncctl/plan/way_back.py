"""How a planned change could be taken back, said before it is written. No I/O."""

from __future__ import annotations

from typing import Final

from syncctl.fields.schema import Schema
from syncctl.model import Action

ENDS: Final = (Action.VOID, Action.ARCHIVE)
"""What takes a new record back, the likelier first. Nothing here deletes."""


def way_back(action: Action, schema: Schema) -> tuple[str, str]:
    """What would take a change of this action back, and, where nothing does, why. One of the two is empty."""
    if action is Action.UPDATE:
        return Action.UPDATE, ""
    if action is Action.VOID:
        return "", f"{schema.system} cannot make a void {schema.kind} valid again"
    if action is Action.CREATE:
        end = end_of(schema)
        return (end, "") if end is not None else ("", no_end(schema))
    back = Action.REACTIVATE if action is Action.ARCHIVE else Action.ARCHIVE
    if back in schema.actions:
        return back, ""
    done = "made active again" if back is Action.REACTIVATE else "archived"
    return "", f"{schema.system}.{schema.kind} records cannot be {done} through the API"


def end_of(schema: Schema) -> Action | None:
    """What ends a record of this kind: a void, or the archive; None where the vendor has neither."""
    return next((action for action in ENDS if action in schema.actions), None)


def no_end(schema: Schema) -> str:
    """Why a new record of this kind stays."""
    return schema.stays or f"{schema.system} can neither void nor archive a {schema.kind} through the API"
