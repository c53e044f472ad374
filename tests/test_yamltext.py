"""Strict YAML: text stays text, traps are refused by name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncctl.errors import ConfigError
from syncctl.yamltext import BYTES_MAX, PROBLEMS_MAX, List, Map, Text, closest, read_yaml, unknown_keys


def problems(text: str | bytes) -> list[str]:
    """What is refused, as people see it."""
    body = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ConfigError) as caught:
        read_yaml("x.yaml", body)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "text", ["NO", "090", "0.05", "1e400", "true", "null", "~", "2026-01-01", "0x1F", "1_000", ".inf", "12:30:45", "="]
)
def test_every_scalar_stays_text(text: str) -> None:
    found = read_yaml("x.yaml", f"a: {text}\nb: [{text}]\n{text}: c\n".encode())
    listed = found.get("b")
    assert isinstance(listed, List)
    assert [(node.text, node.quoted) for node in (found.get("a"), *listed.elements) if isinstance(node, Text)] == [
        (text, False),
        (text, False),
    ]
    assert [key for key, _ in found.entries()] == ["a", "b", text]


def test_every_node_knows_its_line_and_column() -> None:
    found = read_yaml("mappings/x.yaml", b"\n# comment\na: {b: [c, {d: e}]}\n")
    inner = found.get("a")
    assert isinstance(inner, Map)
    listed = inner.get("b")
    assert isinstance(listed, List)
    assert [str(node.at) for node in (found, inner, listed, *listed.elements)] == [
        "mappings/x.yaml:3:1",
        "mappings/x.yaml:3:4",
        "mappings/x.yaml:3:8",
        "mappings/x.yaml:3:9",
        "mappings/x.yaml:3:12",
    ]
    assert str(inner.pairs[0].key.at) == "mappings/x.yaml:3:5"


def test_nothing_differs_from_the_empty_text() -> None:
    found = read_yaml("x.yaml", b"a:\nb: ''\n")
    assert [node.quoted for _, node in found.entries() if isinstance(node, Text)] == [False, True]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3:1: `a` is here twice (first in line 1, column 1)"),
        ("a: {b: 1, b: 2}\n", "x.yaml:1:11: `b` is here twice (first in line 1, column 5)"),
        ("a: &x NO\n", "x.yaml:1:4: an anchor (`&x`) is not allowed (remove it, or quote the text)"),
        ("a: *x\n", "x.yaml:1:4: an alias (`*x`) is not allowed (write the value out, or quote the text)"),
        ("a: !!str 1\n", "x.yaml:1:4: a tag (`tag:yaml.org,2002:str`) is not allowed (every value is text: remove it)"),
        ("a: !python/object:os.system x\n", "x.yaml:1:4: a tag (`!python/object:os.system`) is not allowed"),
        ("<<: {a: 1}\n", "x.yaml:1:1: a merge key (`<<`) is not allowed (write the entries out)"),
        ("? [a]\n: b\n", "x.yaml:1:3: a key must be text, not a list"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2:1: a second document (one file, one document: remove `---`)"),
        ("%YAML 1.1\n---\na: 1\n", "x.yaml:1:1: a `%` directive is not allowed (remove the line)"),
        ("a:\n\tb: 1\n", "x.yaml:2:1: a tab before the text (indent with blanks)"),
        ("a:\tb\n", "x.yaml:1:3: a tab (use blanks)"),
        ("a: [1, 2\n", "x.yaml:1:4: this `[` is never closed (write the `]`, and quote a text that holds"),
        ("a: {left: (Crew #), right: b}\n", "x.yaml:1:4: this `{` is never closed (write the `}`, and quote"),
        ("a: 'it''s\nb: c\n", "x.yaml:1:4: this `'` is never closed (write the `'` at its end;"),
        ('a: "b', 'x.yaml:1:4: this `"` is never closed (write the `"` at its end)'),
        ("a:\n  - [{b: c]\n", "x.yaml:2:11: not valid YAML: expected ',' or '}', but got ']' inside the `{` of line 2"),
        (" a: b\nc: d\n", "x.yaml:2:1: not valid YAML: this goes on nothing before it (indent the keys of one map"),
        ("a: \x00\n", "x.yaml:1:4: a control character (U+0000) (remove it)"),
        ("a: b\n# \x1b[2J\n", "x.yaml:2:3: a control character (U+001B) (remove it)"),
        ("a: x\u202ey\n", "x.yaml:1:5: a control character (U+202E) (remove it)"),
        ('a: "\\0"\n', "x.yaml:1:4: an escape that makes a control character (U+0000) (remove it)"),
        ('a: "\\ud800"\n', "x.yaml:1:4: an escape that makes a control character (U+D800) (remove it)"),
        ('a: "\\U00110000"\n', "x.yaml:1:1: not valid YAML: chr() arg not in range(0x110000)"),
        ("", "x.yaml:1:1: the file is empty (write it, or remove it)"),
        ("# only a comment\n", "x.yaml:1:1: the file is empty"),
        ("- a\n", "x.yaml:1:1: the file holds a list, not `key: value` lines (remove the `- `"),
        ("a\n", "x.yaml:1:1: the file holds `a`, not `key: value` lines"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_by_name(text: str, problem: str) -> None:
    assert problems(text)[0].startswith(problem)


def test_bytes_that_are_no_utf_8_are_refused_where_they_stand() -> None:
    assert problems("a: b\né: ".encode() + b"\xff") == ["x.yaml:2:4: not UTF-8 (save the file as UTF-8)"]


def test_a_byte_order_mark_is_fine() -> None:
    assert [key for key, _ in read_yaml("x.yaml", b"\xef\xbb\xbfa: b").entries()] == ["a"]


def test_all_problems_come_at_once() -> None:
    assert len(problems("a: &x 1\na: *x\nb: !t 2\n<<: 3\n")) == 5


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
        "[" * 200_000,
        "a: " + "{a: " * 60_000,
        "- " * 120_000,
        "? " * 120_000,
        "&" * 250_000,
        "a: [" + "*a," * 20_000 + "]",
        "\x01" * 250_000,
        "a: 1\n" * 20_000,
        "a" * (BYTES_MAX + 1),
    ],
    ids=["laughs", "lists", "maps", "dashes", "questions", "anchor", "aliases", "controls", "twice", "long"],
)
def test_a_bomb_is_refused_in_seconds_with_a_bounded_report(text: str) -> None:
    started = time.monotonic()
    found = problems(text)
    assert time.monotonic() - started < 20
    assert 0 < len(found) <= PROBLEMS_MAX
    assert max(map(len, found)) < 300


def test_a_long_but_honest_file_is_read() -> None:
    text = "".join(f"key{number}: value\n" for number in range(2000))
    assert len(read_yaml("x.yaml", text.encode()).pairs) == 2000


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(alphabet="a:-{}[],&*!|>'\"%@#? \n\t\\0", max_size=40).map(str.encode)))
def test_no_bytes_crash_the_reader(body: bytes) -> None:
    found = outcome_of(body)
    if isinstance(found, ConfigError):
        assert found.problems
        assert all(problem.where.startswith("x.yaml") and problem.message for problem in found.problems)
    else:
        assert all(isinstance(entry.key, Text) for entry in found.pairs)


def outcome_of(body: bytes) -> Map | ConfigError:
    try:
        return read_yaml("x.yaml", body)
    except ConfigError as error:
        return error


def test_an_unknown_key_gets_the_closest_known_one() -> None:
    found = read_yaml("x.yaml", b"onwer: left\nzzz: 1\nleft: a\n")
    assert [str(problem) for problem in unknown_keys(found, ("owner", "left"))] == [
        "x.yaml:1:1: unknown key `onwer` (did you mean `owner`?)",
        "x.yaml:2:1: unknown key `zzz` (known: `left`, `owner`)",
    ]


def test_a_hint_never_lists_a_long_vocabulary() -> None:
    assert closest("zzz", [f"property_{number}" for number in range(600)]) == ""
