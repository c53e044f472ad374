"""The kinds of a system, from nodes to `KindDeclaration` values. No I/O."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from syncctl.connectors.rest.grammar import HEADER, STATES
from syncctl.connectors.rest.language import Call, Idempotency, Keys, KindDeclaration, Paging, State, Version
from syncctl.connectors.rest.load_paging import read_paging
from syncctl.connectors.rest.load_types import NO_FIELD, Types, listed
from syncctl.connectors.rest.loading import Declaring
from syncctl.fields.schema import Field
from syncctl.mapping.grammar import NAME
from syncctl.yamltext import Map, Node, Text, closest

OVERLAP_SECONDS: Final = 600.0
KEY_LENGTH_MIN: Final = 16
"""A unique field that holds fewer signs cannot tell two operations apart."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the file says for all kinds."""

    paging: Paging
    rows: Keys
    record: Keys
    idempotency: Idempotency


def read_kinds(
    loading: Declaring, node: Node | None, types: Types, defaults: Defaults
) -> Mapping[str, KindDeclaration]:
    """`kinds:`, by name."""
    body = loading.map(node, "kinds")
    if node is not None and not body.pairs and isinstance(node, Map):
        loading.problem(node, "there is no kind", "kinds: {order: {…}}")
    found: dict[str, KindDeclaration] = {}
    for entry in body.pairs:
        if not re.fullmatch(NAME, entry.key.text):
            loading.problem(entry.key, f"`{entry.key.text}` cannot name a kind", "letters, digits, - and _")
        found[entry.key.text] = _kind(loading, entry.key.text, loading.map(entry.value, "kind"), types, defaults)
    return found


def _kind(loading: Declaring, name: str, body: Map, types: Types, defaults: Defaults) -> KindDeclaration:
    typed = _typed(loading, body, types)
    kind = KindDeclaration(
        name,
        id=_one(loading, body, "id", typed),
        list=loading.call(body.get("list"), "list", "GET") or Call("GET", "/"),
        read=loading.call(body.get("read"), "read", "GET", "id") or Call("GET", "/"),
        paging=read_paging(loading, body.get("paging")) if body.get("paging") is not None else defaults.paging,
        rows=loading.keys(body.get("rows"), "rows") or defaults.rows,
        record=loading.keys(body.get("record"), "record") or defaults.record,
        fields=typed,
        find=_find(loading, body, typed),
        create=loading.call(body.get("create"), "create", "POST"),
        update=loading.call(body.get("update"), "update", "PATCH", "id"),
        whole_answer=loading.choice(body.get("answer"), "answer", ("id", "record")) == "record",
        version=_version(loading, body, typed),
        updated=_one(loading, body, "updated", typed, ("instant", "date")),
        since=loading.text(body.get("since"), "since") or "",
        overlap_seconds=loading.seconds(body.get("overlap"), "overlap", OVERLAP_SECONDS),
        state=_state(loading, body, typed),
        dated=_one(loading, body, "dated", typed, ("date", "instant")),
        amount=_one(loading, body, "amount", typed, ("money",)),
        marker=_one(loading, body, "marker", typed, ("text",)),
        title=_one(loading, body, "title", typed),
    )
    computed = listed(loading, body, "computed", typed) | {kind.id, kind.updated, _version_field(kind)}
    kind = replace(kind, computed=computed)
    kind = replace(kind, fields=_written(loading, body, kind, defaults.idempotency))
    _check(loading, body, kind, defaults.idempotency)
    return kind


def _typed(loading: Declaring, body: Map, types: Types) -> dict[str, Field]:
    found = [types.field(entry.key, entry.value) for entry in loading.map(body.get("fields"), "fields").pairs]
    return {field.path: field for field in found if field is not None}


def _one(loading: Declaring, body: Map, key: str, fields: Mapping[str, Field], types: Collection[str] = ()) -> str:
    """The field that a key names, of one of these types."""
    name = loading.text(body.get(key), key)
    node = body.get(key)
    if name is None or node is None:
        return ""
    if name not in fields:
        loading.problem(node, f"`{key}`: there is no field `{name}`", closest(name, fields) or "add it to `fields:`")
    elif types and fields[name].type not in types:
        loading.problem(node, f"`{key}`: `{name}` is a {fields[name].type}", f"name a field of {' or '.join(types)}")
    return name


def _find(loading: Declaring, body: Map, fields: Mapping[str, Field]) -> dict[str, Call]:
    node = body.get("find")
    found: dict[str, Call] = {}
    for entry in loading.map(node, "find").pairs if node is not None else ():
        if entry.key.text not in fields:
            loading.problem(entry.key, f"`find`: there is no field `{entry.key.text}`", closest(entry.key.text, fields))
        call = loading.call(entry.value, entry.key.text, "GET", "value")
        if call is not None:
            found[entry.key.text] = call
    return found


def _version(loading: Declaring, body: Map, fields: Mapping[str, Field]) -> Version | None:
    node = body.get("version")
    if node is None:
        return None
    if isinstance(node, Text):
        return Version(_one(loading, body, "version", fields))
    found = loading.map(node, "version")
    header = loading.like(found.get("header"), "header", HEADER, "the name of a header: If-Match") or ""
    if found.get("field") is None and not header:
        loading.problem(node, "`version` says neither field nor header", "version: rev, or {header: If-Match}")
    return Version(_one(loading, found, "field", fields), header)


def _version_field(kind: KindDeclaration) -> str:
    return kind.version.field if kind.version is not None else ""


def _state(loading: Declaring, body: Map, fields: Mapping[str, Field]) -> State | None:
    node = body.get("state")
    if node is None:
        return None
    found = loading.map(node, "state")
    words = loading.map(found.get("values"), "states").entries()
    values = {value: loading.choice(word, value, STATES) or "" for value, word in words}
    return State(_one(loading, found, "field", fields), values)


def _written(loading: Declaring, body: Map, kind: KindDeclaration, idempotency: Idempotency) -> Mapping[str, Field]:
    """The fields with what the kind's lists say of them."""
    names = {key: listed(loading, body, key, kind.fields) for key in ("writable", "at_creation", "required", "unique")}
    own = idempotency.name if idempotency.way == "unique" and kind.create is not None else ""
    if own in kind.fields and own not in names["writable"]:
        names["at_creation"] |= {own}  # the connector itself writes it, and a PUT must not lose it
    both = sorted(names["writable"] & names["at_creation"])
    if both:
        loading.problem(body, f"`{both[0]}` is `writable` and `at_creation`", "name it once")
    never = kind.computed & (names["writable"] | names["at_creation"])
    for name in sorted(never):
        loading.problem(body, f"`{name}` cannot be writable: the system sets it", "take it out of `writable`")
    return {
        path: replace(
            field,
            writable="always" if path in names["writable"] else "create" if path in names["at_creation"] else "never",
            required=path in names["required"] and path != own,
            unique=path in names["unique"] or path == own,
            assigned=path not in names["writable"] | names["at_creation"],
        )
        for path, field in kind.fields.items()
    }


def _check(loading: Declaring, body: Map, kind: KindDeclaration, idempotency: Idempotency) -> None:
    """What only several keys together can get wrong."""
    for field in kind.fields.values():
        if field.type == "money" and field.currency not in ("", NO_FIELD) and field.currency not in kind.fields:
            loading.problem(
                body.get("fields") or body, f"`{field.path}`: there is no field `{field.currency}`",
                closest(field.currency, kind.fields) or "the field that names the currency, or EUR",
            )  # fmt: skip
        if field.unique and field.path != kind.id and field.path not in kind.find:
            loading.problem(
                body, f"`{field.path}` is unique, and nothing finds a record by it",
                f'find: {{{field.path}: "/PATH?{field.path}={{value}}"}}',
            )  # fmt: skip
    if (kind.since != "") is not (kind.updated != ""):
        loading.problem(body, "`since` and `updated` go together", "the list's parameter, and the field it looks at")
    if kind.create is None and kind.update is None and any(each.writable != "never" for each in kind.fields.values()):
        loading.problem(body, "fields are writable, and nothing writes", "add `create:` or `update:`, or remove them")
    _check_idempotency(loading, body, kind, idempotency)


def _check_idempotency(loading: Declaring, body: Map, kind: KindDeclaration, idempotency: Idempotency) -> None:
    way, name = idempotency.way, idempotency.name
    if way == "unique" and kind.create is not None:
        field = kind.fields.get(name)
        if field is None:
            loading.problem(body, f"`idempotency`: `{kind.name}` has no field `{name}`", "every created kind needs it")
        elif field.type != "text" or (field.max_length or KEY_LENGTH_MIN) < KEY_LENGTH_MIN:
            loading.problem(
                body, f"`idempotency`: `{name}` is no text of {KEY_LENGTH_MIN} or more signs", "name such a field"
            )
    if way in ("header", "query") and kind.update is not None and kind.update.method == "PUT" and kind.version is None:
        loading.problem(
            body.get("update") or body,
            "a repeated PUT could undo what others changed meanwhile: it needs `version`",
            "version: the field or ETag that the system checks; or PATCH, which sends only what changed",
        )
