"""What a file of `systems/` says, as values. No I/O. docs/rest-systems.md describes the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from syncctl.connectors.base import Limits
from syncctl.fields.schema import Field

Meaning: TypeAlias = Literal[
    "auth", "limit", "not_found", "conflict", "duplicate", "refused", "key_mismatch", "unknown"
]
"""What an error of the system means; docs/rest-systems.md says what follows from each."""
Style: TypeAlias = Literal["none", "page", "offset", "cursor", "link"]
Keys: TypeAlias = "tuple[str, ...]"
"""The steps to a place in an answer; none is the answer itself."""
Query: TypeAlias = "tuple[tuple[str, str], ...]"


@dataclass(frozen=True, slots=True)
class Call:
    """One way to ask: `path` begins behind `base_url` and may hold `{id}` or `{value}`, as may the query."""

    method: str
    path: str
    query: Query = ()


@dataclass(frozen=True, slots=True)
class Auth:
    """How requests are signed in. `name`: the user of basic, the header's name, the OAuth client's id."""

    way: Literal["bearer", "basic", "header", "oauth2"]
    name: str = ""
    prefix: str = ""
    token_url: str = ""
    scope: str = ""
    in_body: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list is cut into pages. `next` is where an answer holds the next cursor or link (none: the Link header);
    `more` where it says whether there are more pages. `rows` 0: the page's size is the server's.
    """

    style: Style = "none"
    parameter: str = ""
    size: str = ""
    rows: int = 0
    first: int = 1
    next: Keys = ()
    more: Keys = ()


@dataclass(frozen=True, slots=True)
class Idempotency:
    """How the system keeps a repeated create from making a second record. `name`: of the header, parameter or field."""

    way: Literal["none", "header", "query", "unique"] = "none"
    name: str = ""
    retention_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Errors:
    """Where an error says its code, text and request id, and what codes and statuses mean."""

    code: Keys = ()
    message: Keys = ()
    request_id: str = ""
    in_success: bool = False
    codes: Mapping[str, Meaning] = field(default_factory=dict)
    statuses: Mapping[int, Meaning] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompanyCall:
    """Which company the credential opens, where the system tells. `sandbox`: where it says that it is a test system."""

    read: Call
    id: Keys
    name: Keys = ()
    sandbox: Keys = ()


@dataclass(frozen=True, slots=True)
class Version:
    """What an update sends to say which state it was made from. Without `field` it is the ETag of a read; without
    `header` it goes back in the body.
    """

    field: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """`$state`: the field that tells it, and the word for each of its values."""

    field: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KindDeclaration:
    """One kind of record. `find` has a call per field that can be looked up, its value as `{value}`. `computed` are the
    keys that a whole record leaves out: the system sets them.
    """

    name: str
    id: str
    list: Call
    read: Call
    paging: Paging
    rows: Keys
    record: Keys
    fields: Mapping[str, Field]
    find: Mapping[str, Call] = field(default_factory=dict)
    create: Call | None = None
    update: Call | None = None
    whole_answer: bool = False
    version: Version | None = None
    updated: str = ""
    since: str = ""
    overlap_seconds: float = 600
    computed: frozenset[str] = frozenset()
    state: State | None = None
    dated: str = ""
    amount: str = ""
    marker: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class SystemDeclaration:
    """One system. `wait_seconds`: after a limit that does not say how long."""

    name: str
    base_url: str
    auth: Auth
    limits: Limits
    wait_seconds: float
    timeout_seconds: float
    idempotency: Idempotency
    errors: Errors
    kinds: Mapping[str, KindDeclaration]
    company: CompanyCall | None = None
