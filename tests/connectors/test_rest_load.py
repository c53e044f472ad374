"""Files of systems/: the shipped one and those of the docs load; every problem is told at once, with its fix."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_world import SHIPPED, edited
from ruamel.yaml import YAML

from conftest import ROOT
from syncctl.addresses import BadAddress, check_base
from syncctl.connectors.rest.addresses import follow
from syncctl.connectors.rest.grammar import SHAPES, SPELLED, TYPES, system_json_schema
from syncctl.connectors.rest.language import SystemDeclaration
from syncctl.connectors.rest.load import load_system
from syncctl.connectors.rest.schemas import schema_of
from syncctl.errors import ConfigError
from syncctl.model import Action

ADDRESS_HINT = "write https://HOST/PATH, or http://127.0.0.1:PORT on this machine"
KEYS = sorted({key.name for shape in SHAPES.values() for key in shape.keys})
PAGE = (ROOT / "docs" / "rest-systems.md").read_text()
SHORT = """
system: Shop
base_url: https://shop.example.com
auth: bearer
kinds:
  thing:
    id: id
    list: /things
    read: /things/{id}
    fields: {id: id, name: text, on: date}
"""


def loaded(text: str) -> SystemDeclaration:
    return load_system("systems/shop.yaml", text.encode())


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(text)
    return [str(problem) for problem in caught.value.problems]


def with_(text: str, top: str = "") -> str:
    """The short file with something in its kind, and at its top."""
    return SHORT + "".join(f"    {line}\n" for line in text.splitlines()) + top


def test_the_shipped_example_and_the_docs_own_load() -> None:
    found = loaded(SHIPPED)
    assert tuple(found.kinds) == ("customer", "order")
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 1
    assert all(loaded(example).kinds for example in examples)


def test_the_docs_explain_every_key_type_and_meaning() -> None:
    keys = {key.name for shape in SHAPES.values() for key in shape.keys}
    words = set(re.findall(r"[A-Za-z_0-9]+", PAGE))
    assert keys - words == set()
    assert set(TYPES) - words == set()


def test_a_whole_system_is_thirty_lines() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    assert len(example[1].strip().splitlines()) <= 30
    found = loaded(example[1]).kinds["client"]
    assert schema_of("shop", found).actions == {Action.CREATE, Action.UPDATE}


def test_every_problem_is_told_at_once_in_the_order_of_the_file() -> None:
    text = """
sytem: Shop
base_url: ftp://shop.example.com
auth: {basic: anna, header: X-Key}
paging: {page: p, ofset: o}
kinds:
  thing:
    id: identity
    list: things
    read: /things
    fields: {id: id, on: dat, sum: money}
"""
    assert problems(text) == [
        "systems/shop.yaml:2:1: unknown key `sytem` (did you mean `system`?)",
        "systems/shop.yaml:2:1: a system needs `system` (what people call the system)",
        f"systems/shop.yaml:3:11: `base_url`: this is no web address ({ADDRESS_HINT})",
        "systems/shop.yaml:4:7: `auth` says two ways (write one of basic, header, oauth2)",
        "systems/shop.yaml:5:19: unknown key `ofset` (did you mean `offset`?)",
        "systems/shop.yaml:8:9: `id`: there is no field `identity` (known: `id`, `sum`)",
        "systems/shop.yaml:9:11: `things` is no value of `list` (a path behind base_url: /PATH)",
        "systems/shop.yaml:10:11: `read` does not say which record (put {id} where it belongs)",
        "systems/shop.yaml:11:26: there is no type `dat` (did you mean `date`?)",
        "systems/shop.yaml:11:36: an amount needs `currency` (the field that names it, or the currency itself: EUR)",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (with_("writable: [nme]"), "`writable`: there is no field `nme` (did you mean `name`?)"),
        (with_("writable: name"), "fields are writable, and nothing writes"),
        (with_("update: /things/{id}\nwritable: [id]"), "`id` cannot be writable"),
        (with_("create: GET /things"), "`create` writes, and GET does not"),
        (with_("update: PUT /things"), "put {id} where it belongs"),
        (with_("update: PUT /things/{id}/{part}"), "does not know {part}"),
        (with_("find: {name: /things?name=x}"), "put {value} where it belongs"),
        (with_("unique: name"), "nothing finds a record by it"),
        (with_("since: after"), "`since` and `updated` go together"),
        (with_("updated: name\nsince: after"), "`updated`: `name` is a text"),
        (with_("state: {field: name, values: {a: opened}}"), "did you mean `open`?"),
        (with_("version: {}"), "says neither field nor header"),
        (with_("amount: name"), "`amount`: `name` is a text"),
        (with_("list: //evil.example/x").replace("    list: /things\n", ""), "leads out of `base_url`"),
        (with_("find: {name: '/../x?n={value}'}"), "leads out of `base_url`"),
        (with_("create: /things", "idempotency: {unique: ref}\n"), "`thing` has no field `ref`"),
        (with_("create: /things", "idempotency: {unique: on}\n"), "is no text of 16"),
        (with_("create: /things", "idempotency: {unique: name}\n"), "nothing finds a record by it"),
        (with_("", "idempotency: {header: Key}\n"), "needs `retention`"),
        (with_("", "idempotency: {unique: name, retention: 24h}\n"), "means nothing beside `unique`"),
        (with_("update: PUT /things/{id}", "idempotency: {header: Key, retention: 24h}\n"), "it needs `version`"),
        (with_("", "paging: {cursor: after}\n"), "`cursor` needs `next`"),
        (with_("", "paging: {page: p, size: n}\n"), "`size` and `rows` go together"),
        (with_("", "paging: {offset: o}\n"), "`offset` needs `size` and `rows`"),
        (with_("", "paging: {page: p, rows: 1, size: n}\n"), "from 2 to 10000"),
        (with_("", "limits: {per_second: 0}\n"), "a number above 0"),
        (with_("", "errors: {codes: {A: auth}}\n"), "`codes` needs `code`"),
        (with_("", "errors: {code: c, codes: {A: authentication}}\n"), "is no value of `A`"),
        (with_("", "errors: {statuses: {99: auth}}\n"), "`99` is no HTTP status"),
        (with_("", "types: {text: {type: text}}\n"), "is a type already"),
        (SHORT.replace("on: date", "on: {type: date, format: DD.MM.YY}"), "has no YYYY"),
        (SHORT.replace("on: date", "on: {type: date, zone: UTC}"), "`zone` says nothing of a date"),
        (SHORT.replace("on: date", 'on: {type: instant, format: "DD.MM.YYYY HH:mm"}'), "in which time zone"),
        (SHORT.replace("on: date", 'on: {type: instant, format: "DD.MM.YYYY HH:mm", zone: Berlin}'), "no time zone"),
        (SHORT.replace("on: date", "on: {type: boolean, true: J}"), "needs two spellings"),
        (SHORT.replace("on: date", "on: {type: number, group: .}"), "`group` needs `decimal`"),
        (SHORT.replace("on: date", 'on: {type: number, decimal: ",", group: ","}'), "is no sign between thousands"),
        (SHORT.replace("on: date", "on: {type: money, currency: curr}"), "there is no field `curr`"),
        (SHORT.replace("on: date", "on: {type: money, currency: EUR, minor: 2, decimal: .}"), "keep `minor` or"),
        (SHORT.replace("on: date", "on: {type: reference, to: person}"), "is no value of `to`"),
        (SHORT.replace("on: date", "on: {type: enum}"), "needs `values`"),
        (SHORT.replace("on: date", '"a(b=c)": text'), "is no path"),
        (SHORT.replace("auth: bearer", "auth: {oauth2: https://x.example/t}"), "needs `client_id`"),
        (SHORT.replace("auth: bearer", "auth: {oauth2: http://x.example/t, client_id: a}"), "unencrypted"),
        (SHORT.replace("auth: bearer", "auth: {header: 'X-Key: a'}"), "the name of a header"),
        (SHORT.replace("Shop", "sk_live_1234567890abcdef"), "this is a secret"),
        (SHORT.replace("  thing:", "  a thing:"), "cannot name a kind"),
        ("system: x\nbase_url: https://x.example\nauth: bearer\nkinds: {}\n", "there is no kind"),
        (SHORT.replace("https://shop.example.com", "http://shop.example.com"), "unencrypted"),
        (SHORT.replace("https://shop.example.com", "https://169.254.169.254/latest"), "own network services"),
        (SHORT.replace("https://shop.example.com", "https://a:b@shop.example.com"), "user name or password"),
        (SHORT.replace("https://shop.example.com", "https://shop.example.com/?a=b"), "query or fragment"),
    ],
)
def test_what_cannot_work_is_refused_with_its_fix(text: str, said: str) -> None:
    found = problems(text)
    assert any(said in problem for problem in found), found
    assert all(re.match(r"systems/shop\.yaml:\d+:\d+: ", problem) for problem in found)


@pytest.mark.parametrize(
    "text",
    ["", "- a", "a: &x b", "a: *x", "a: !!python/object b", "<<: {a: b}", "system: a\nsystem: b", "a: [", "\x00",
     "a: \u202eevil", "{" * 200, "system: " + "x" * 300_000, "kinds: {thing: [1, 2]}", "kinds: {thing: {fields: x}}",
     "types: {a: {type: {b: c}}}", "paging: [a]", "errors: {codes: [x]}",
     "kinds:\n  a: {find: x, state: y, version: []}",
     "kinds: {thing: {fields: {a: {type: date, format: [x]}}}}", "auth: {oauth2: [x]}", "company: x", "limits: fast"],
)  # fmt: skip
def test_hostile_files_are_problems_and_never_crashes(text: str) -> None:
    assert problems(text)


TREES = st.recursive(
    st.text(max_size=6) | st.sampled_from(KEYS),
    lambda inner: st.dictionaries(st.sampled_from([*KEYS, *TYPES]), inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@given(TREES)
def test_any_shape_of_any_key_is_a_problem_and_never_a_crash(tree: Any) -> None:
    tops = "".join(f"{name}: {json.dumps(tree)}\n" for name in ("types", "errors", "paging", "limits", "idempotency"))
    try:
        loaded(SHORT + tops)
    except ConfigError as error:
        told = error.problems
    else:
        told = ()
    assert told or not tree or isinstance(tree, dict)


def test_one_type_is_made_of_another() -> None:
    types = "types: {day: {type: date, format: DD.MM.YYYY}}\n"
    text = SHORT.replace("on: date", "on: {type: day, label: Booked on}") + types
    field = loaded(text).kinds["thing"].fields["on"]
    assert (field.label, field.codec) == ("Booked on", 'date.declared:{"format":"DD.MM.YYYY"}')


def test_every_key_of_a_type_is_known_to_some_type() -> None:
    keys = {key.name for key in SHAPES["type"].keys} - {"type", "label"}
    assert keys == {key for known in SPELLED.values() for key in known}


@pytest.mark.parametrize("text", ["https://erp.example.com/api", "http://127.0.0.1:8105", "http://localhost/x/"])
def test_a_server_over_https_or_on_this_machine_may_be_spoken_to(text: str) -> None:
    assert check_base(text) == text.rstrip("/")


@given(st.text())
def test_no_text_is_an_address_by_accident(text: str) -> None:
    try:
        assert check_base(text).startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]"))
    except BadAddress:
        return


@given(st.text())
def test_whatever_a_link_says_it_stays_on_the_server(link: str) -> None:
    try:
        found = follow("https://erp.example.com/api", "https://erp.example.com/api/orders", link)
    except BadAddress:
        return
    assert re.match(r"https://erp\.example\.com(:443)?([/?]|$)", found, re.IGNORECASE)


def test_the_json_schema_knows_every_key_and_choice() -> None:
    schema = system_json_schema()
    used = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))
    assert used == set(schema["$defs"]) == set(SHAPES) - {"system"}
    shipped = YAML(typ="safe", pure=True).load(SHIPPED)
    assert set(shipped) <= set(schema["properties"])
    for kind in shipped["kinds"].values():
        assert set(kind) <= set(schema["$defs"]["kind"]["properties"])
    assert all(key.help and len(key.help) < 100 for shape in SHAPES.values() for key in shape.keys)


def test_a_file_without_a_version_or_unique_field_still_loads() -> None:
    assert (
        loaded(edited(SHIPPED, ("idempotency: {unique: external_ref}", "idempotency: none"))).idempotency.way == "none"
    )
