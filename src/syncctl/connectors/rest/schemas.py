"""What the declared kinds offer, and the system's card. No I/O."""

from __future__ import annotations

from typing import Final

from syncctl.connectors.base import Card
from syncctl.connectors.rest.language import KindDeclaration, SystemDeclaration
from syncctl.fields.schema import Schema
from syncctl.model import Action, Raw
from syncctl.paths import as_text, parse_path, read

KEY_LENGTH: Final = 64
ABSENCE_SECONDS: Final = 120.0
READ_ONLY: Final = "its file declares neither `create` nor `update`"
NO_CREATE: Final = "its file declares no `create`"


def schema_of(system: str, kind: KindDeclaration) -> Schema:
    """The schema of one kind."""
    actions = {Action.CREATE: kind.create, Action.UPDATE: kind.update}
    return Schema(
        system,
        kind.name,
        dict(kind.fields),
        identity=kind.id,
        dated=kind.dated,
        amount=kind.amount,
        marker=kind.marker,
        name=(kind.title,) if kind.title else (kind.id,),
        actions=frozenset(action for action, call in actions.items() if call is not None),
        note=READ_ONLY if kind.create is kind.update is None else NO_CREATE if kind.create is None else "",
    )


def state_of(kind: KindDeclaration, raw: Raw) -> str:
    """The word that the file gives for the record's state; open where it says nothing."""
    if kind.state is None:
        return "open"
    values = [as_text(value) for value in read(raw, parse_path(kind.state.field))]
    return kind.state.values.get(values[0], "open") if len(values) == 1 else "open"


def card_of(system: SystemDeclaration) -> Card:
    """What the system can do. Only a field that it keeps unique ever proves that a create did not happen."""
    updated = [kind for kind in system.kinds.values() if kind.update is not None]
    return Card(
        connector="rest",
        kinds=tuple(system.kinds),
        limits=system.limits,
        retention_seconds=system.idempotency.retention_seconds,
        versions=all(kind.version is not None for kind in updated),
        key_length=KEY_LENGTH,
        absence_seconds=ABSENCE_SECONDS if system.idempotency.way == "unique" else None,
        send_seconds=system.timeout_seconds,
    )
