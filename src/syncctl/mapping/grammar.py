"""The keys of a mapping file: one table that the loader checks against and the editors' JSON Schema is made of. No I/O.

A `Shape` is one kind of map; its `Key`s say in JSON Schema what may stand under them. `later` names what is part of
the language but not of this version, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

from syncctl.mapping.language import GoneAction, Owner
from syncctl.model import Reason, SideName

Fragment: TypeAlias = "dict[str, Any]"
"""A piece of JSON Schema."""

OWNERS: Final[tuple[Owner, ...]] = get_args(Owner)
CLOSED: Final = ("block", "today")
CREATE: Final[tuple[Literal["left", "right", "both", "none"], ...]] = ("left", "right", "both", "none")
EMPTY: Final[tuple[Literal["keep", "clear", "fill"], ...]] = ("keep", "clear", "fill")
REASONS: Final[tuple[Reason, ...]] = tuple(reason for reason in get_args(Reason) if reason)
UNMATCHED: Final[tuple[Literal["report", "ignore"], ...]] = ("report", "ignore")
GONE: Final[tuple[Literal["void", "archived", "deleted", "filtered"], ...]] = (
    "void",
    "archived",
    "deleted",
    "filtered",
)
GONE_ACTIONS: Final[tuple[GoneAction, ...]] = get_args(GoneAction)
SIDES: Final[tuple[SideName, ...]] = get_args(SideName)

NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_-]*"
DAYS: Final = r"[0-9]{1,4}d"
DECIMAL: Final = r"[0-9]+(\.[0-9]+)?"
SHARE: Final = r"[0-9]+(\.[0-9]+)?%?"
WHOLE: Final = r"[0-9]{1,9}"
DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
LIMIT: Final = r"[0-9]+(\.[0-9]+)? ?[A-Z]{3}"
KIND: Final = r"[^.\s]+\.\S+"

TEXT: Final[Fragment] = {"type": ["string", "number", "boolean"]}
"""Any scalar: an editor may take `090` for a number, syncctl reads text."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what may stand under it, and what it means."""

    name: str
    schema: Fragment
    help: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of map. With `open_keys` any further key is allowed, and its value has that schema."""

    title: str
    keys: tuple[Key, ...]
    later: Mapping[str, str] = field(default_factory=dict)
    open_keys: Fragment | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The known keys."""
        return tuple(key.name for key in self.keys)

    @property
    def required(self) -> tuple[str, ...]:
        """The keys that must be there."""
        return tuple(key.name for key in self.keys if key.required)


def ref(name: str) -> Fragment:
    """The fragment of another definition."""
    return {"$ref": f"#/$defs/{name}"}


def one_of(choices: Sequence[str]) -> Fragment:
    """One of these words."""
    return {"enum": list(choices)}


def like(pattern: str) -> Fragment:
    """A scalar of this form, as a whole. A number passes: an editor cannot see how it was written."""
    return {"type": ["string", "number"], "pattern": f"^{pattern}$"}


def listed(element: Fragment) -> Fragment:
    """A list of these."""
    return {"type": "array", "items": element}


_TRUE: Final[Fragment] = {"enum": [True, "true"]}
_BOOL: Final[Fragment] = {"enum": [True, False, "true", "false"]}
_LEFT_RIGHT: Final = (
    Key("left", ref("form"), "the left value", required=True),
    Key("right", ref("form"), "the right value", required=True),
)
_HOW: Final = (
    Key("link", like(NAME), "both are references; equal if that mapping links them"),
    Key("as", TEXT, "compare through a named function"),
    Key("values", ref("table"), "a two-way table from left to right, or $tables.name"),
    Key("else", TEXT, "the right value for a left one that the table does not hold"),
    Key("tolerance", like(DECIMAL), "equal within it, in the field's unit"),
)
_CRITERION: Final = (
    *_LEFT_RIGHT,
    *_HOW,
    Key("within", like(DAYS), "equal within so many calendar days: 3d"),
    Key("similar", like(WHOLE), "texts at least so alike, 1 to 100"),
)
_RULE_LATER: Final = {
    "sum": "records that add up are a later version's: match one to one",
    "subset": "records that add up are a later version's: match one to one",
}
_ACCEPT: Final = Key("accept", one_of(("review",)), "propose only; a person decides")
_RULE_NAME: Final = Key("rule", TEXT, "what people call the rule")
_OWNER: Final = Key("owner", one_of(OWNERS), "whose value counts")
_WHEN: Final = Key("when", ref("where"), "speaks only while this holds")

_ENTRY: Final = Shape(
    "a field",
    (
        *_LEFT_RIGHT,
        _OWNER,
        Key("once", _TRUE, "written while the target is empty, then never compared"),
        *_HOW,
        Key("empty", one_of(EMPTY), "the owner's value is empty: keep the other, clear it, or fill the owner from it"),
        Key("reason", one_of(REASONS), "under which reason a difference is listed"),
        _WHEN,
    ),
    later={"if_taken": "a suffix for taken names is a later version's: remove it; a taken name blocks its row"},
)

SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "mapping": Shape(
            "a mapping",
            (
                Key("mapping", like(NAME), "the mapping's name", required=True),
                Key("left", like(KIND), "system.kind of one side", required=True),
                Key("right", like(KIND), "system.kind of the other side", required=True),
                Key("dated", ref("sided"), "the posting date, for periods and statements"),
                Key("amount", ref("sided"), "the amount, for guards and statements"),
                Key("marker", ref("sided_path"), "where a created record carries its source"),
                Key("from", like(DATE), "cutover: older records take no part"),
                Key("closed", one_of(CLOSED), "what a closed period does to a row: block it, or post it today"),
                Key("where", ref("where"), "which records take part"),
                Key("match", listed(ref("rule")), "which records are the same, tried in order"),
                Key("many", one_of(SIDES), "several records there may share one partner"),
                Key("create", one_of(CREATE), "where missing records are made"),
                Key("unmatched", ref("unmatched"), "whether a record without partner is news"),
                Key(
                    "gone",
                    {"anyOf": [{"const": "report"}, ref("gone")]},
                    "what happens to the partner of a record that went",
                ),
                Key("fields", listed(ref("field_or_group")), "what must agree"),
                Key("lines", listed(ref("block")), "the kinds of children"),
                Key("after", {"anyOf": [TEXT, listed(TEXT)]}, "also wait for these mappings"),
                Key("guards", ref("guards"), "the mapping's own limits"),
            ),
        ),
        "sided": Shape("a value per side", (Key("left", ref("form"), "left"), Key("right", ref("form"), "right"))),
        "sided_path": Shape("a path per side", (Key("left", TEXT, "left"), Key("right", TEXT, "right"))),
        "where": Shape(
            "a condition", (Key("left", ref("tests"), "on the left record"), Key("right", ref("tests"), "on the right"))
        ),
        "tests": Shape("a condition of one side", (), open_keys=ref("test")),
        "test_map": Shape(
            "a test",
            (
                Key("not", ref("test"), "none of these"),
                Key("over", like("-?" + DECIMAL), "more than this number"),
                Key("under", like("-?" + DECIMAL), "less than this number"),
                Key("from", like(DATE), "on this day or later"),
                Key("until", like(DATE), "on this day or earlier"),
                Key("starts", TEXT, "begins with this text"),
                Key("present", _BOOL, "true: not empty; false: empty"),
            ),
        ),
        "constant": Shape("a constant", (Key("constant", TEXT, "a fixed text", required=True),)),
        "first": Shape(
            "a fallback", (Key("first", listed(ref("form")), "the first value that is not empty", required=True),)
        ),
        "text": Shape(
            "a template",
            (
                Key("text", TEXT, 'a text with paths: "{firstname} {lastname}"', required=True),
                Key("split", one_of(("first", "last")), "written back: cut at the first or last separator"),
            ),
        ),
        "sum": Shape("a sum", (Key("sum", listed(ref("form")), "a signed sum: [gross, -fee]", required=True),)),
        "table_map": Shape("a table of values", (), open_keys=TEXT),
        "criterion": Shape("a pair", _CRITERION, later=_RULE_LATER),
        "pair_rule": Shape("a rule of one pair", (*_CRITERION, _RULE_NAME, _ACCEPT), later=_RULE_LATER),
        "all_rule": Shape(
            "a rule of several pairs",
            (_RULE_NAME, Key("all", listed(ref("criterion")), "all must hold", required=True), _ACCEPT),
            later=_RULE_LATER,
        ),
        "unmatched": Shape(
            "`unmatched`", tuple(Key(side, one_of(UNMATCHED), f"a {side} record without partner") for side in SIDES)
        ),
        "gone": Shape(
            "`gone`", tuple(Key(what, one_of(GONE_ACTIONS), f"the partner of a record that is {what}") for what in GONE)
        ),
        "entry": _ENTRY,
        "group": Shape(
            "a group of fields",
            (
                Key("when", ref("where"), "all of these speak only while this holds", required=True),
                Key("fields", listed(ref("field_or_group")), "the fields", required=True),
            ),
        ),
        "block": Shape(
            "a block of lines",
            (
                Key("left", TEXT, "the list on the left; without it one line is made from the record"),
                Key("right", TEXT, "the list on the right", required=True),
                _OWNER,
                _WHEN,
                Key("match", listed(ref("rule")), "which lines are the same, tried in order"),
                Key("fields", listed(ref("field_or_group")), "what must agree in each line", required=True),
            ),
        ),
        "guards": Shape(
            "`guards`",
            (
                Key("max_changes", like(WHOLE), "more changes in one run are refused"),
                Key("max_ratio", like(SHARE), "a larger share of the records is refused: 10%"),
                Key("max_amount", {"anyOf": [{"type": "string"}, listed(like(LIMIT))]}, "a larger amount is refused"),
            ),
        ),
    }
)
"""Every kind of map, by the name of its definition."""

COMPOUNDS: Final[Mapping[str, Fragment]] = MappingProxyType(
    {
        "form": {"anyOf": [TEXT, *(ref(name) for name in ("constant", "first", "text", "sum"))]},
        "test": {"anyOf": [TEXT, listed(TEXT), ref("test_map")]},
        "table": {"anyOf": [{"type": "string", "pattern": r"^\$"}, ref("table_map")]},
        "rule": {"anyOf": [ref("all_rule"), ref("pair_rule")]},
        "field_or_group": {"anyOf": [ref("group"), ref("entry")]},
    }
)
"""Where several kinds of value may stand."""
