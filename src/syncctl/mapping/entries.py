"""Nodes to field entries and blocks of lines. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncctl.mapping.conditions import both, read_conditions
from syncctl.mapping.forms import UNREADABLE, read_form, read_lines_path, read_table
from syncctl.mapping.grammar import EMPTY, OWNERS, REASONS
from syncctl.mapping.language import Block, Conditions, Constant, Entry, Form, Owner
from syncctl.mapping.loading import Loading
from syncctl.mapping.rules import read_as, read_link, read_rules, read_tolerance, refuse_beside_link
from syncctl.model import SideName
from syncctl.yamltext import Map, Node

ALWAYS: Final = Conditions()
OWNER_HINT: Final = "say who decides: owner: left, right, both or none; or once: true"


@dataclass(frozen=True, slots=True)
class Around:
    """What an entry stands in: a block's owner, or None in a record; the sides that have a `$parent`."""

    create: str = "none"
    owner: Owner | None = None
    parents: frozenset[SideName] = frozenset()


def read_fields(loading: Loading, node: Node | None, around: Around, when: Conditions = ALWAYS) -> tuple[Entry, ...]:
    """`fields`: entries, groups of entries taken apart."""
    found: list[Entry] = []
    for element in loading.elements(node, "fields"):
        if isinstance(element, Map) and element.get("fields") is not None:
            group = loading.map(element, "group")
            inner = read_conditions(loading, group.get("when"), around.parents)
            found += read_fields(loading, group.get("fields"), around, both(when, inner))
        else:
            found.append(_entry(loading, loading.map(element, "entry"), around, when))
    return tuple(found)


def _entry(loading: Loading, body: Map, around: Around, when: Conditions) -> Entry:
    left = read_form(loading, body.get("left"), parent="left" in around.parents)
    right = read_form(loading, body.get("right"), parent="right" in around.parents)
    once = _once(loading, body)
    found = Entry(
        left,
        right,
        body.at,
        owner=_owner(loading, body, left, right, once, around),
        once=once,
        link=read_link(loading, body),
        values=read_table(loading, body.get("values"), body.get("else")),
        as_=read_as(loading, body),
        empty=loading.choice(body.get("empty"), "empty", EMPTY) or "keep",
        tolerance=read_tolerance(loading, body),
        reason=loading.choice(body.get("reason"), "reason", REASONS) or "",
        when=both(when, read_conditions(loading, body.get("when"), around.parents)),
    )
    _sensible(loading, body, found)
    return found


def _once(loading: Loading, body: Map) -> bool:
    node = body.get("once")
    if loading.choice(node, "once", ("true", "false")) == "false" and node is not None:
        loading.problem(node, "`once: false` says nothing", "remove it, or write owner: none")
    return node is not None


def _owner(loading: Loading, body: Map, left: Form, right: Form, once: bool, around: Around) -> Owner:
    """Whose value counts. Under `once` it is the side the value comes from."""
    named = loading.choice(body.get("owner"), "owner", OWNERS)
    node = body.get("owner")
    if once:
        if node is not None:
            loading.problem(node, "`owner` beside `once`", "a value written once is not compared later: remove one")
        return _source(left, right, around)
    if named is None and node is None:
        if around.owner is None and body.pairs:
            loading.problem(body, "nobody owns this field", OWNER_HINT)
        return around.owner or "none"
    return named or "none"


def _source(left: Form, right: Form, around: Around) -> Owner:
    """Where a value that is written once comes from: the constant, else the block's owner, else not where records are
    made.
    """
    if isinstance(left, Constant):
        return "left"
    if isinstance(right, Constant):
        return "right"
    if around.owner in ("left", "right"):
        return around.owner
    return "right" if around.create == "left" else "left"


def _sensible(loading: Loading, body: Map, entry: Entry) -> None:
    """Notes what says nothing or contradicts itself."""
    refuse_beside_link(loading, body, ("as", "values", "tolerance"))
    if isinstance(entry.left, Constant) and isinstance(entry.right, Constant):
        loading.problem(body, "both sides are constants", "one side must be a field")
    if entry.values is not None and entry.values.default is not None and entry.owner in ("right", "both"):
        loading.problem(
            body.get("else") or body, "`else` makes the table one-way", "use it with owner: left, or remove it"
        )
    if body.get("empty") is not None and entry.empty != "keep":
        _sensible_empty(loading, body, entry)
    if body.get("tolerance") is not None and entry.once:
        loading.problem(body.get("tolerance") or body, "`tolerance` beside `once`", "what is never compared needs none")


def _sensible_empty(loading: Loading, body: Map, entry: Entry) -> None:
    node = body.get("empty") or body
    if entry.once or entry.owner == "none":
        loading.problem(node, f"`empty: {entry.empty}` without an owner", "only an owner's empty value is written")
    elif entry.empty == "fill" and entry.owner == "both":
        loading.problem(node, "`empty: fill` beside owner: both", "an empty side is filled anyway: remove it")


# --- lines ------------------------------------------------------------------------------------------------------------


def read_blocks(loading: Loading, node: Node | None) -> tuple[Block, ...]:
    """`lines`: the kinds of children."""
    return tuple(_block(loading, loading.map(each, "block")) for each in loading.elements(node, "lines"))


def _block(loading: Loading, body: Map) -> Block:
    left = read_lines_path(loading, body.get("left"), "left")
    parents: frozenset[SideName] = frozenset(("right",) if left is None else ("left", "right"))
    owner = loading.choice(body.get("owner"), "owner", OWNERS) or "none"
    match = body.get("match")
    if left is None and match is not None:
        loading.problem(match, "`match` in a block without `left`", "such a block is one line: its `right` finds it")
    if owner == "both":
        loading.problem(body.get("owner") or body, "lines cannot have two owners", "owner: left, right or none")
    if left is None and owner == "right":
        loading.problem(
            body.get("owner") or body, "the record's own line cannot be owned by the right side", "owner: left"
        )
    return Block(
        left,
        read_lines_path(loading, body.get("right"), "right") or UNREADABLE,
        body.at,
        owner=owner,
        when=read_conditions(loading, body.get("when"), parents),
        match=read_rules(loading, match, parents),
        fields=read_fields(loading, body.get("fields"), Around(owner=owner, parents=parents)),
    )
