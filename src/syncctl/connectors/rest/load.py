"""systems/*.yaml to `SystemDeclaration` values, every problem at once. No I/O: takes bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from syncctl.connectors.base import Limits
from syncctl.connectors.rest.grammar import HEADER, MEANINGS, RATE
from syncctl.connectors.rest.language import (
    Auth,
    Call,
    CompanyCall,
    Errors,
    Idempotency,
    Meaning,
    SystemDeclaration,
)
from syncctl.connectors.rest.load_kinds import Defaults, read_kinds
from syncctl.connectors.rest.load_paging import read_paging
from syncctl.connectors.rest.load_types import Types
from syncctl.connectors.rest.loading import Declaring
from syncctl.errors import ConfigError
from syncctl.mapping.grammar import WHOLE
from syncctl.mapping.load import in_order_of_place
from syncctl.yamltext import PROBLEMS_MAX, Map, Node, Text, read_yaml

DEFAULT_LIMITS: Final = Limits(per_second=5, concurrent=2)
"""Nothing is known of the system: slow enough for an old server."""
WAIT_SECONDS: Final = 10.0
TIMEOUT_SECONDS: Final = 60.0
RETENTION_HINT: Final = "how long the system remembers a key, from its own documentation: retention: 24h"


def load_system(name: str, text: bytes) -> SystemDeclaration:
    """One file. `name` is how problems call it. Raises ConfigError with every problem found."""
    root = read_yaml(name, text)
    loading = Declaring(name)
    loading.refuse_secrets(root)
    found = _system(loading, root)
    if loading.problems:
        problems = in_order_of_place(loading.problems)
        counted = f"{name} has {len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise ConfigError(counted, problems[:PROBLEMS_MAX])
    return found


def _system(loading: Declaring, root: Map) -> SystemDeclaration:
    body = loading.map(root, "system")
    limits = loading.map(body.get("limits"), "limits")
    kinds = body.get("kinds")
    names = [entry.key.text for entry in kinds.pairs] if isinstance(kinds, Map) else []
    idempotency = _idempotency(loading, body.get("idempotency"))
    defaults = Defaults(
        read_paging(loading, body.get("paging")),
        loading.keys(body.get("rows"), "rows"),
        loading.keys(body.get("record"), "record"),
        idempotency,
    )
    return SystemDeclaration(
        loading.text(body.get("system"), "system") or "",
        loading.base(body.get("base_url"), "base_url"),
        _auth(loading, body.get("auth")),
        _limits(loading, limits),
        loading.seconds(limits.get("wait"), "wait", WAIT_SECONDS),
        loading.seconds(limits.get("timeout"), "timeout", TIMEOUT_SECONDS),
        idempotency,
        _errors(loading, body.get("errors")),
        read_kinds(loading, kinds, Types(loading, body.get("types"), names), defaults),
        _company(loading, body.get("company")),
    )


def _auth(loading: Declaring, node: Node | None) -> Auth:
    if node is None:
        return Auth("bearer")
    if isinstance(node, Text):
        found = loading.choice(node, "auth", ("bearer", "basic"))
        return Auth("basic" if found == "basic" else "bearer")
    body = loading.map(node, "auth")
    match loading.way(body, "auth"):
        case "basic":
            return Auth("basic", loading.text(body.get("basic"), "basic") or "")
        case "header":
            name = loading.like(body.get("header"), "header", HEADER, "the name of a header: X-Api-Key") or ""
            prefix = body.get("prefix")
            return Auth("header", name, prefix=prefix.text if isinstance(prefix, Text) else "")
        case "oauth2":
            if body.get("client_id") is None:
                loading.problem(body, "`oauth2` needs `client_id`", "the client's id; its secret is the credential")
            return Auth(
                "oauth2",
                loading.text(body.get("client_id"), "client_id") or "",
                token_url=loading.base(body.get("oauth2"), "oauth2"),
                scope=loading.text(body.get("scope"), "scope") or "",
                in_body=loading.choice(body.get("client_in"), "client_in", ("header", "body")) == "body",
            )
    return Auth("bearer")


def _limits(loading: Declaring, body: Map) -> Limits:
    default = DEFAULT_LIMITS
    minute = body.get("per_minute")
    return Limits(
        loading.number(body.get("per_second"), "per_second", RATE, default.per_second),
        loading.number(minute, "per_minute", WHOLE, 0) or None if minute is not None else None,
        loading.whole(body.get("concurrent"), "concurrent", low=1, high=20) or default.concurrent,
    )


def _idempotency(loading: Declaring, node: Node | None) -> Idempotency:
    if node is None or isinstance(node, Text):
        loading.choice(node, "idempotency", ("none",))
        return Idempotency()
    body = loading.map(node, "idempotency")
    way = loading.way(body, "idempotency")
    if way == "unique":
        return Idempotency("unique", loading.text(body.get("unique"), "unique") or "")
    if way not in ("header", "query"):
        return Idempotency()
    if body.get("retention") is None:
        loading.problem(body, f"`{way}` needs `retention`", RETENTION_HINT)
    name = loading.text(body.get(way), way) or ""
    retention = loading.seconds(body.get("retention"), "retention", 0)
    return Idempotency("header" if way == "header" else "query", name, retention)


def _errors(loading: Declaring, node: Node | None) -> Errors:
    if node is None:
        return Errors()
    body = loading.map(node, "errors")
    code = loading.keys(body.get("code"), "code")
    for needs in ("codes", "in_success"):
        if body.get(needs) is not None and not code:
            loading.problem(body.get(needs) or body, f"`{needs}` needs `code`", "where an error holds its code")
    statuses = _meanings(loading, body.get("statuses"))
    for written in statuses:
        if not re.fullmatch("[2-5][0-9]{2}", written):
            loading.problem(body.get("statuses") or body, f"`{written}` is no HTTP status", "409, 422, …")
    return Errors(
        code,
        loading.keys(body.get("message"), "message"),
        (loading.like(body.get("request_id"), "request_id", HEADER, "the name of a header") or "").lower(),
        loading.truth(body.get("in_success"), "in_success"),
        _meanings(loading, body.get("codes")),
        {int(status): meaning for status, meaning in statuses.items() if status.isdigit()},
    )


def _meanings(loading: Declaring, node: Node | None) -> Mapping[str, Meaning]:
    if node is None:
        return {}
    found = ((name, loading.choice(each, name, MEANINGS)) for name, each in loading.map(node, "meanings").entries())
    return {name: meaning for name, meaning in found if meaning is not None}


def _company(loading: Declaring, node: Node | None) -> CompanyCall | None:
    if node is None:
        return None
    body = loading.map(node, "company")
    read = loading.call(body.get("read"), "read", "GET") or Call("GET", "/")
    return CompanyCall(read, *(loading.keys(body.get(name), name) for name in ("id", "name", "sandbox")))
