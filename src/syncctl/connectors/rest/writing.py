"""Changes into the exact bytes of a request. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncctl.connectors.rest.addresses import filled
from syncctl.connectors.rest.language import Idempotency, KindDeclaration, Query, SystemDeclaration
from syncctl.edits import apply_edits, touched
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.model import Action, Change, Raw, Record, Request, digest
from syncctl.paths import parse_path, read, write

OWN_MARK: Final = "syncctl-"
OWN_MARK_LENGTH: Final = 32
_JSON: Final = (("Content-Type", "application/json"), ("Accept", "application/json"))


@dataclass(frozen=True, slots=True)
class Writer:
    """Prepares the requests of one system."""

    name: str
    system: SystemDeclaration

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        """One create or update. Raises ValueError for what this system cannot be asked."""
        if not len(changes) == len(current) == len(rows) == 1:
            raise ValueError(f"{self.name} takes one record per request, not {len(changes)}")
        change, held = changes[0], current[0]
        kind = self.system.kinds[change.target.kind]
        call = {Action.CREATE: kind.create, Action.UPDATE: kind.update}.get(change.action)
        if call is None:
            raise ValueError(f"{self.name}: its file declares no {change.action} of a {kind.name}")
        new = change.action is Action.CREATE
        place = {} if new else {"id": change.target.id}
        body, headers = (self._new(kind, change), ()) if new else _changed(kind, call.method, change, held)
        key_query, key_headers = _key(self.system.idempotency, key)
        return Request(
            self.name,
            kind.name,
            change.action,
            call.method,
            _path(call.path, place, change),
            (*_placed(call.query, place), *key_query),
            (*_JSON, *headers, *key_headers),
            encode_json(body),
            key,
            tuple(rows),
        )

    def _new(self, kind: KindDeclaration, change: Change) -> Raw:
        """A whole new record, with our own value in the field that the system keeps unique."""
        made: Raw = _without_empty(apply_edits({}, change.edits))
        own = self.system.idempotency
        if own.way != "unique" or list(read(made, parse_path(own.name))):
            return made
        marked: Raw = write(made, parse_path(own.name), own_value(change, kind.fields[own.name].max_length))
        return marked


def own_value(change: Change, longest: int | None) -> str:
    """What stands in the unique field of a record that this change makes.

    Of the intent, not of the attempt: the system itself then refuses a second record of one source, whenever and
    however often it is asked for it.
    """
    mark = digest(change.intent)[: OWN_MARK_LENGTH - len(OWN_MARK)]
    return f"{OWN_MARK}{mark}" if (longest or OWN_MARK_LENGTH) >= OWN_MARK_LENGTH else mark[:longest]


def _key(idempotency: Idempotency, key: str) -> tuple[Query, Query]:
    """The key as a parameter, or as a header."""
    pair = ((idempotency.name, key),)
    return (pair if idempotency.way == "query" else (), pair if idempotency.way == "header" else ())


def _path(path: str, place: dict[str, str], change: Change) -> str:
    """Where the request goes. Raises ValueError for an id that would lead elsewhere."""
    try:
        return filled(path, place)
    except ValueError as error:
        raise ValueError(f"{change.target}: {error}") from error


def _placed(query: Query, place: dict[str, str]) -> Query:
    return tuple((name, text.replace("{id}", place["id"]) if place else text) for name, text in query)


def _changed(kind: KindDeclaration, method: str, change: Change, held: Record | None) -> tuple[Raw, Query]:
    """The body of an update and the headers that guard it: PUT takes the whole record, everything else what changed."""
    if held is None:
        raise ValueError(f"{change.target}: an update needs the fresh record")
    before = decode_json(held.raw)
    after = apply_edits(before, change.edits)
    if method == "PUT":
        # What is left out of a whole record may be emptied, so all that is not the system's own goes back as it came.
        body = {name: value for name, value in after.items() if name not in kind.computed}
    else:
        body = {name: after.get(name) for name in touched(change.edits)}
    version = kind.version
    if version is None:
        return body, ()
    if not held.version:
        raise ValueError(f"{change.target} has no version to say which state this change was made from")
    if version.header:
        return body, ((version.header, held.version),)
    return write(body, parse_path(version.field), _value(before, version.field)), ()


def _value(raw: Raw, path: str) -> Any:
    return next(iter(read(raw, parse_path(path))))


def _without_empty(values: Raw) -> Raw:
    return {name: value for name, value in values.items() if value not in (None, "", {}, [])}
