"""The keys of a file in `systems/`: one table for the loader and for the editors' JSON Schema. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, get_args

from syncctl.connectors.rest.language import Meaning
from syncctl.mapping.grammar import TEXT, WHOLE, Fragment, Key, Shape, like, listed, one_of, ref

MEANINGS: Final[tuple[Meaning, ...]] = get_args(Meaning)
TYPES: Final = (
    "text", "id", "integer", "number", "money", "currency", "date", "instant", "boolean", "enum", "reference", "object",
    "list",
)  # fmt: skip
STATES: Final = ("draft", "open", "part_paid", "paid", "void", "archived", "deleted")
TRUTH: Final = ("true", "false")
DURATION: Final = r"[1-9][0-9]{0,5}[smhd]"
CURRENCY: Final = r"[A-Z]{3}"
CALL: Final = r"((GET|POST|PUT|PATCH) )?/\S*"
RATE: Final = r"[0-9]{1,4}(\.[0-9]{1,3})?"
HEADER: Final = r"[A-Za-z][A-Za-z0-9-]*"

_PAGING: Final = Key("paging", {"anyOf": [one_of(("none",)), ref("paging")]}, "how lists are cut into pages")
_ROWS: Final = Key("rows", TEXT, "where an answer holds the list; without it the answer is the list")
_RECORD: Final = Key("record", TEXT, "where an answer holds the one record; without it the answer is the record")
_NAMES: Final[Fragment] = {"anyOf": [TEXT, listed(TEXT)]}
_SPELLING: Final = (
    Key("type", TEXT, "a type: text, money, date, … or one of `types:`", required=True),
    Key("label", TEXT, "what people call the field"),
    Key("max", like(WHOLE), "the longest text, in characters"),
    Key("decimal", one_of((",", ".")), "number, money: kept as text with this sign before the decimals"),
    Key("group", TEXT, "number, money: the sign between thousands, read and never written"),
    Key("decimals", like("[0-9]"), "number, money: exactly so many decimals are written"),
    Key("minor", like("[0-4]"), "money: kept as whole units of so many decimals (2: cents)"),
    Key("currency", TEXT, "money: the field that names the currency, or the currency itself (EUR)"),
    Key("format", TEXT, "date, instant: DD.MM.YYYY, HH:mm:ss …, iso (default), epoch or epoch_ms"),
    Key("zone", TEXT, "instant: the time zone of a format without offset: Europe/Berlin"),
    Key("true", TEXT, "boolean: how true is spelled"),
    Key("false", TEXT, "boolean: how false is spelled"),
    Key("values", listed(TEXT), "enum: the values there are"),
    Key("to", TEXT, "reference: the kind it points to"),
    Key("as", one_of(("number",)), "boolean, enum, reference: written as a whole number instead of a text"),
)

SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "system": Shape(
            "a system",
            (
                Key("system", TEXT, "what people call the system", required=True),
                Key("base_url", TEXT, "the address in front of every path", required=True),
                Key("auth", {"anyOf": [one_of(("bearer", "basic")), ref("auth")]}, "how to sign in", required=True),
                Key("company", ref("company"), "which company the credential opens"),
                _ROWS,
                _RECORD,
                _PAGING,
                Key("limits", ref("limits"), "how fast the system may be asked"),
                Key(
                    "idempotency",
                    {"anyOf": [one_of(("none",)), ref("idempotency")]},
                    "what keeps a repeated create from making a second record",
                ),
                Key("errors", ref("errors"), "how the system words its errors"),
                Key("types", ref("types"), "types of your own, used by the fields"),
                Key("kinds", ref("kinds"), "the kinds of records", required=True),
            ),
        ),
        "auth": Shape(
            "`auth`",
            (
                Key("basic", TEXT, "user name; the credential is the password"),
                Key("header", like(HEADER), "the header that carries the credential"),
                Key("prefix", TEXT, "header: what stands before the credential"),
                Key("oauth2", TEXT, "client credentials: the address that gives tokens; the credential is the secret"),
                Key("client_id", TEXT, "oauth2: the client's id"),
                Key("scope", TEXT, "oauth2: what is asked for"),
                Key("client_in", one_of(("header", "body")), "oauth2: where id and secret are sent (default header)"),
            ),
        ),
        "company": Shape(
            "`company`",
            (
                Key("read", like(CALL), "what to read", required=True),
                Key("id", TEXT, "where the answer holds the company's id", required=True),
                Key("name", TEXT, "where it holds the name"),
                Key("sandbox", TEXT, "where it says true for a test system"),
            ),
        ),
        "paging": Shape(
            "`paging`",
            (
                Key("page", TEXT, "the parameter that takes the page's number"),
                Key("first", one_of(("0", "1")), "page: the number of the first page (default 1)"),
                Key("offset", TEXT, "the parameter that takes the number of rows to leave out"),
                Key("cursor", TEXT, "the parameter that takes the cursor of the answer before"),
                Key("next", TEXT, "cursor: where an answer holds the next cursor"),
                Key("link", TEXT, "where an answer holds the next page's address; header: in its Link header"),
                Key("size", TEXT, "the parameter that takes the number of rows on a page"),
                Key("rows", like(WHOLE), "so many rows are asked for"),
                Key("more", TEXT, "where an answer says whether there are more pages"),
            ),
        ),
        "limits": Shape(
            "`limits`",
            (
                Key("per_second", like(RATE), "requests a second (default 5)"),
                Key("per_minute", like(WHOLE), "requests a minute"),
                Key("concurrent", like("[1-9][0-9]?"), "requests at once (default 2)"),
                Key("wait", like(DURATION), "how long to wait when the system does not say (default 10s)"),
                Key("timeout", like(DURATION), "how long to wait for an answer (default 60s)"),
            ),
        ),
        "idempotency": Shape(
            "`idempotency`",
            (
                Key("header", like(HEADER), "the header that takes a key"),
                Key("query", TEXT, "the parameter that takes a key"),
                Key("retention", like(DURATION), "header, query: how long the system remembers a key"),
                Key("unique", TEXT, "a field of every created kind in which the system allows no value twice"),
            ),
        ),
        "errors": Shape(
            "`errors`",
            (
                Key("code", TEXT, "where an error holds its code"),
                Key("message", TEXT, "where an error holds its text"),
                Key("request_id", like(HEADER), "the answer's header that names the request"),
                Key("in_success", one_of(TRUTH), "true: a code in an answer with status 200 is an error too"),
                Key("codes", ref("meanings"), "what codes mean"),
                Key("statuses", ref("meanings"), "what HTTP statuses mean, where the code does not say"),
            ),
        ),
        "meanings": Shape("meanings", (), open_keys=one_of(MEANINGS)),
        "types": Shape("`types`", (), open_keys=ref("type")),
        "type": Shape("a type", _SPELLING),
        "kinds": Shape("`kinds`", (), open_keys=ref("kind")),
        "fields": Shape("`fields`", (), open_keys={"anyOf": [TEXT, ref("type")]}),
        "find": Shape("`find`", (), open_keys=like(CALL)),
        "version": Shape(
            "`version`",
            (
                Key("field", TEXT, "the field that holds it; without it the ETag of a read"),
                Key("header", like(HEADER), "the header it goes back in; without it the body"),
            ),
        ),
        "state": Shape(
            "`state`",
            (
                Key("field", TEXT, "the field that tells the state", required=True),
                Key("values", ref("states"), "the word for each of its values", required=True),
            ),
        ),
        "states": Shape("states", (), open_keys=one_of(STATES)),
        "kind": Shape(
            "a kind",
            (
                Key("id", TEXT, "the field that holds the record's id", required=True),
                Key("list", like(CALL), "the list of all records", required=True),
                Key("read", like(CALL), "one record: /orders/{id}", required=True),
                Key("find", ref("find"), "by field: where records with a {value} in it are listed"),
                Key("create", like(CALL), "makes a record: POST /orders"),
                Key("update", like(CALL), "changes one: PATCH sends what changed, PUT the whole record"),
                Key("answer", one_of(("id", "record")), "record: a write answers with the whole record (default id)"),
                Key("fields", ref("fields"), "the fields, by path, each with its type", required=True),
                Key("writable", _NAMES, "fields that can always be written"),
                Key("at_creation", _NAMES, "fields that can only be written to a new record"),
                Key("required", _NAMES, "fields that a new record must have"),
                Key("computed", _NAMES, "fields that the system sets itself: a PUT leaves them out"),
                Key("unique", _NAMES, "fields in which the system allows no value twice"),
                Key("version", {"anyOf": [TEXT, ref("version")]}, "what an update must say to change the newest state"),
                Key("updated", TEXT, "the field that holds the time of the last change"),
                Key("since", TEXT, "the list's parameter for records changed since a time"),
                Key("overlap", like(DURATION), "how far back such a list is read again (default 10m)"),
                Key("state", ref("state"), "how `$state` is told"),
                Key("dated", TEXT, "the field with the posting date"),
                Key("amount", TEXT, "the field with the amount"),
                Key("marker", TEXT, "the text field that can carry a source's name"),
                Key("title", TEXT, "the field that people know a record by"),
                _ROWS,
                _RECORD,
                _PAGING,
            ),
        ),
    }
)
"""Every kind of map, by the name of its definition."""

WAYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "auth": ("basic", "header", "oauth2"),
        "paging": ("page", "offset", "cursor", "link"),
        "idempotency": ("header", "query", "unique"),
    }
)
"""Of these keys a map has exactly one."""
ALONGSIDE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "auth": {"basic": (), "header": ("prefix",), "oauth2": ("client_id", "scope", "client_in")},
        "paging": {
            "page": ("first", "size", "rows", "more"),
            "offset": ("size", "rows", "more"),
            "cursor": ("next", "size", "rows", "more"),
            "link": ("size", "rows"),
        },
        "idempotency": {"header": ("retention",), "query": ("retention",), "unique": ()},
    }
)
"""What may stand beside each of them."""
SPELLED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "text": ("max",),
        "id": ("as",),
        "number": ("decimal", "group", "decimals"),
        "money": ("decimal", "group", "decimals", "minor", "currency"),
        "date": ("format",),
        "instant": ("format", "zone"),
        "boolean": ("true", "false", "as"),
        "enum": ("values", "as"),
        "reference": ("to", "as"),
    }
)
"""The keys that each type knows beside `type` and `label`."""


def system_json_schema() -> Fragment:
    """JSON Schema, draft 2020-12, for editors: it knows the keys and choices, the loader knows the rest."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "syncctl REST system",
        **_fragment(SHAPES["system"]),
        "$defs": {name: _fragment(shape) for name, shape in SHAPES.items() if name != "system"},
    }


def _fragment(shape: Shape) -> Fragment:
    fragment: Fragment = {
        "type": "object",
        "description": shape.title,
        "properties": {key.name: {**key.schema, "description": key.help} for key in shape.keys},
        "additionalProperties": shape.open_keys or False,
    }
    return {**fragment, "required": list(shape.required)} if shape.required else fragment
