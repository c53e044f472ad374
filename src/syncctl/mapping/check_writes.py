"""Can be written what is owned, and can be made what is created: actions, writable fields, required ones. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from syncctl.fields.schema import Field, Schema
from syncctl.mapping.check_again import check_found_again
from syncctl.mapping.check_links import kind_said
from syncctl.mapping.checking import (
    Checking,
    Starts,
    created_sides,
    entries_and_starts,
    write_targets,
    written_sides,
)
from syncctl.mapping.language import Block, Constant, Entry, First, Form, PathValue, Template, other
from syncctl.mapping.resolve import Found
from syncctl.model import Action, SideName
from syncctl.yamltext import short

MARKER_ID_MAX: Final = 40
"""Characters of the longest id a marker has to hold; Stripe's are 27 to 33, those of the others shorter."""
SIDES: Final[tuple[SideName, ...]] = ("left", "right")


def check_writes(checking: Checking) -> None:
    """Everything that the mapping writes can be written."""
    frozen = _actions(checking)
    for entry, starts, block in entries_and_starts(checking):
        for side in written_sides(entry):
            if side not in frozen:
                _written(checking, entry, side, starts)
                kind_said(checking, entry, side, starts, block)
    for block in checking.mapping.lines:
        _list(checking, block, frozen)
    _gone(checking)
    for side in created_sides(checking.mapping):
        schema = checking.schema(side)
        if schema is not None and side not in frozen:
            _required(checking, side, schema)
            if Action.CREATE in schema.actions:
                check_found_again(checking, side, {each: _places(checking, each, None) for each in SIDES})
    for side in SIDES:
        _marker(checking, side)
    _amount(checking)


# --- actions ----------------------------------------------------------------------------------------------------------


def _actions(checking: Checking) -> frozenset[SideName]:
    """Notes what the vendor cannot do; gives the sides where nothing can be written at all."""
    frozen: set[SideName] = set()
    created = created_sides(checking.mapping)
    for side in SIDES:
        schema = checking.schema(side)
        if schema is None:
            continue
        name, made = f"{schema.system}.{schema.kind}", side in created
        if made and Action.CREATE not in schema.actions:
            checking.problem(checking.mapping.at, f"{name} cannot be created", schema.note or "create: none")
        if Action.UPDATE in schema.actions or (made and Action.CREATE in schema.actions):
            continue
        frozen.add(side)
        entry = _first_written(checking, side)
        if entry is not None and not made:
            checking.problem(
                entry.at, f"{name} cannot be written", schema.note or "make the field a check: owner: none"
            )
    return frozenset(frozen)


def _first_written(checking: Checking, side: SideName) -> Entry | None:
    found = (entry for entry, _, _ in entries_and_starts(checking) if side in written_sides(entry))
    return next(found, None)


def _gone(checking: Checking) -> None:
    """An action that no side can take."""
    sides = created_sides(checking.mapping) or SIDES
    schemas = [schema for side in sides if (schema := checking.schema(side)) is not None]
    for what, action in checking.mapping.gone:
        needed = {"void": Action.VOID, "archive": Action.ARCHIVE}.get(action)
        if needed is None or not schemas or any(needed in schema.actions for schema in schemas):
            continue
        name = " and ".join(f"{schema.system}.{schema.kind}" for schema in schemas)
        hint = "; ".join(schema.note for schema in schemas if schema.note) or f"gone: {{{what}: report}}"
        checking.problem(checking.mapping.at, f"`gone: {{{what}: {action}}}`: nobody can {action} {name}", hint)


# --- fields -----------------------------------------------------------------------------------------------------------


def _written(checking: Checking, entry: Entry, side: SideName, starts: Starts) -> None:
    """A written side can be written back, and its fields are writable."""
    form = entry.form(side)
    targets = list(write_targets(form))
    if not targets:
        checking.problem(form.at, *_one_way(form, side))
        return
    found = [checking.found(target.path, target.at, starts.side(side)) for target in targets]
    if None in found:
        return  # the missing path is noted
    reasons = [_refusal(checking, side, target, each) for target, each in zip(targets, found, strict=True) if each]
    refused = [reason for reason in reasons if reason is not None]
    if refused and (len(refused) == len(reasons) or not isinstance(form, First)):
        checking.problem(form.at, *refused[0])


def _one_way(form: Form, side: SideName) -> tuple[str, str]:
    """Why a form cannot be written back."""
    hint = f"owner: {side}, or owner: none"
    if isinstance(form, Constant):
        return f"a constant cannot be written, and {other(side)} owns this field", hint
    if isinstance(form, Template):
        return f"`{short(str(form))}` cannot be taken apart", f"add split: first or last, or {hint}"
    return f"`{short(str(form))}` cannot be written back", hint


def _refusal(checking: Checking, side: SideName, target: PathValue, found: Found) -> tuple[str, str] | None:
    """Why nothing can be written through a path; None where it can."""
    path, name = short(str(target.path)), ".".join(checking.mapping.side(side))
    check = "make it a check: owner: none"
    if found.first is None:
        return f"`{path}` cannot be written: {found.field.note}", check
    if found.in_parent:
        return f"`{path}` belongs to the record that holds the line", "write it in the mapping's own `fields`"
    if found.hops > 2 or any(hop.link or hop.state for hop in target.path.hops):
        return f"`{path}` is more than one step away", "a write can only choose the record a reference names: ref->Key"
    if found.first.writable == "never":
        note = f": {found.first.note}" if found.first.note else ""
        return f"{name}.{found.first.path} cannot be written{note}", check
    if found.first.writable == "create" and side not in created_sides(checking.mapping):
        note = found.first.note or "it is set once, when the record is made"
        return f"{name}.{found.first.path} is fixed, and this mapping makes no record there: {note}", check
    return None


def _list(checking: Checking, block: Block, frozen: frozenset[SideName]) -> None:
    """A list to which lines are added can be written."""
    if block.owner == "none":
        return
    side: SideName = "right" if block.owner == "left" else "left"
    schema, path = checking.schema(side), block.right if side == "right" else block.left
    found = None if schema is None or path is None or side in frozen else schema.find(path.key)
    if found is None:
        return
    if found.reverse is not None:
        checking.problem(block.at, f"`{found.path}` is made of other records: no line can be added", "owner: none")
    elif found.writable == "never":
        checking.problem(block.at, f"no line of `{found.path}` can be written", found.note or "owner: none")


# --- creation ---------------------------------------------------------------------------------------------------------


def _required(checking: Checking, side: SideName, schema: Schema) -> None:
    """Every field that a new record needs is written by some entry."""
    written = _places(checking, side, None)
    for found in _needed(schema, ""):
        if not _has_block(checking, side, found.path) and not _covered(found.path, written):
            hint = (
                f"add a field for it, for example {{{other(side)}: {{constant: X}}, {side}: {found.path}, once: true}}"
            )
            checking.problem(
                checking.mapping.at,
                f"a new {schema.system}.{schema.kind} needs `{found.path}`, and nothing writes it",
                hint,
            )
    for block in checking.mapping.lines:
        path = block.right if side == "right" else block.left
        if path is None or block.owner != other(side):
            continue
        chosen = {f"{path.key}.{one.path.key}" for step in path.steps for one in step.selectors}
        inside = _places(checking, side, block) | chosen
        for found in _needed(schema, f"{path.key}."):
            if not _covered(found.path, inside):
                checking.problem(
                    block.at, f"a new line needs `{found.path}`, and nothing writes it", "add a field for it"
                )


def _needed(schema: Schema, prefix: str) -> Iterator[Field]:
    """What the vendor does not fill in itself."""
    for found in schema.fields.values():
        if found.required and not found.assigned and not found.default and found.path.startswith(prefix):
            yield found


def _has_block(checking: Checking, side: SideName, path: str) -> bool:
    """True for a field inside a list whose lines a block makes: the block is looked at itself."""
    lists = [block.right if side == "right" else block.left for block in checking.mapping.lines]
    return any(path == each.key or path.startswith(f"{each.key}.") for each in lists if each is not None)


def _covered(path: str, written: set[str]) -> bool:
    """True when the field is written, or is part of something that nobody writes any part of."""
    parent = path.rpartition(".")[0]
    siblings = any(each == parent or each.startswith(f"{parent}.") for each in written)
    return path in written or bool(parent and not siblings)


def _places(checking: Checking, side: SideName, inside: Block | None) -> set[str]:
    """The places that entries of the record, or of one block, write when a record is made."""
    return {
        found.first.path
        for entry, starts, block in entries_and_starts(checking)
        if block is inside and side in written_sides(entry)
        for target in write_targets(entry.form(side))
        if (found := checking.found(target.path, target.at, starts.side(side))) is not None and found.first is not None
    }


def _marker(checking: Checking, side: SideName) -> None:
    """A marker's field is a writable text, long enough for a Ref of the other side."""
    form = checking.mapping.marker.side(side)
    found = None
    if isinstance(form, PathValue):
        found = checking.found(form.path, form.at, checking.starts().side(side))
    if form is None or found is None:
        return
    system, kind = checking.mapping.side(other(side))
    needed = len(f"syncctl {system}:{kind}:") + MARKER_ID_MAX
    if found.type != "text":
        checking.problem(form.at, f"`{found.field.path}` is a {found.type}; a marker is a text", "name a text field")
    elif found.field.writable == "never":
        checking.problem(form.at, f"`{found.field.path}` cannot be written", found.field.note or "name another field")
    elif found.field.max_length is not None and found.field.max_length < needed:
        message = f"`{found.field.path}` holds {found.field.max_length} characters; a marker takes up to {needed}"
        checking.problem(form.at, message, "name a longer field")


def _amount(checking: Checking) -> None:
    """A limit on amounts needs an amount."""
    mapping = checking.mapping
    if not mapping.guards.max_amount or mapping.amount.left is not None or mapping.amount.right is not None:
        return
    schemas = [checking.schema(side) for side in SIDES]
    if all(schema is not None and not schema.amount for schema in schemas):
        checking.problem(mapping.at, "`max_amount` without an amount to compare", "name it: amount: {right: PATH}")
