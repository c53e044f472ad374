"""The promise about fields: what is written to each writable one is what comes back. No network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from syncctl.contract.stand import Broken, Stand, decoded, keep
from syncctl.contract.subject import Kind
from syncctl.contract.trials import Trial, trials
from syncctl.errors import SyncctlError
from syncctl.fields.schema import Schema
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Change, Outcome, Raw, Ref

SHOWN: Final = 5
TROUBLE: Final = (Broken, SyncctlError, Undecodable, ValueError)
"""What a write of one field may raise without ending the trial of the others."""


def fields_come_back(stand: Stand) -> None:
    """Every writable field comes back as it was written."""
    tried = {kind.name: kind for kind in stand.subject.kinds}
    # Updates are tried at another vendor, so that a value that must be unique can be the same in both.
    other = Stand(stand.subject)
    wrong: list[str] = []
    for schema in stand.schemas.values():
        if not schema.actions & {Action.CREATE, Action.UPDATE} or schema.kind in stand.subject.untried:
            continue
        if schema.kind not in tried:
            wrong.append(f"{schema.kind} can be written, and the subject does not try it")
            continue
        kind = tried[schema.kind]
        trying, unsaid = trials(kind, schema)
        wrong += [f"{kind.name}.{why}" for why in (*unsaid, *_created(stand, kind, trying))]
        wrong += [f"{kind.name}.{why}" for why in _updated(other, kind, schema, trying)]
    more = f" (and {len(wrong) - SHOWN} more)" if len(wrong) > SHOWN else ""
    keep(not wrong, "; ".join(wrong[:SHOWN]) + more)


def _created(stand: Stand, kind: Kind, trying: list[Trial]) -> Iterator[str]:
    """Every value in a create of its own."""
    if kind.least is None:
        return
    for trial in trying:
        if trial.linked:
            continue
        for value in trial.values:
            try:
                change = stand.create(kind, {edit.path: edit.after for edit in trial.edits(value)})
                yield from (f"{why} (create)" for why in trial.differences(value, _written(stand, kind, change)))
            except TROUBLE as error:
                yield f"{trial.field.path}: {error} (create)"


def _updated(stand: Stand, kind: Kind, schema: Schema, trying: list[Trial]) -> Iterator[str]:
    """All fields in one update, as a plan sends them; those that do not come back so are tried alone."""
    if Action.UPDATE not in schema.actions:
        return
    together = [trial for trial in trying if trial.field.writable != "create"]
    for trial in _not_back(stand, kind, together):
        try:
            raw = _written(stand, kind, _update(stand, kind, [trial]))
            yield from (f"{why} (update)" for why in trial.differences(trial.values[-1], raw))
        except TROUBLE as error:
            yield f"{trial.field.path}: {error} (update)"


def _not_back(stand: Stand, kind: Kind, trying: list[Trial]) -> list[Trial]:
    """What does not come back when everything is updated at once; fields may well exclude each other."""
    if not trying:
        return []
    try:
        raw = _written(stand, kind, _update(stand, kind, trying))
        return [trial for trial in trying if any(trial.differences(trial.values[-1], raw))]
    except TROUBLE:
        return trying


def _update(stand: Stand, kind: Kind, trying: list[Trial]) -> Change:
    """An update of somebody else's record that gives each field its last value."""
    [identity] = stand.make(kind, 1)
    edits = {edit.path: edit for trial in trying for edit in trial.edits(trial.values[-1])}
    return stand.update(kind, identity, list(edits.values()))


def _written(stand: Stand, kind: Kind, change: Change) -> Raw:
    """The record after the change and all its parts. Raises Broken when one of them is not applied."""
    target: Ref | None = None
    for part in stand.connector.parts(change):
        current = None if part.action is Action.CREATE else stand.read(kind, part.target.id)
        [receipt] = stand.connector.send(stand.request(part, current=[current]))
        keep(receipt.outcome is Outcome.APPLIED, f"the write is {receipt.outcome}: {receipt.message}")
        target = target or receipt.ref
    return decoded(stand.read(kind, target.id if target is not None else change.target.id))
