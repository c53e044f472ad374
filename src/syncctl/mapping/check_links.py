"""Do references join: through `link`, or because they point into one kind of one system. No I/O."""

from __future__ import annotations

from typing import TypeAlias

from syncctl.mapping.checking import Checking, Starts, Value, names, write_targets, written_sides
from syncctl.mapping.language import Block, Criterion, Entry, Form
from syncctl.model import SideName
from syncctl.paths import Path
from syncctl.yamltext import closest, short


def shown(form: Form, value: Value) -> str:
    """A form with its type, for messages."""
    return f"`{short(str(form))}` ({value.type})"


def references(checking: Checking, pair: Entry | Criterion, left: Value, right: Value, block: Block | None) -> None:
    """References compare through a link, or where they point into one kind of one system."""
    here, there = _ends(left, block), _ends(right, block)
    if not here or not there or here & there:
        return
    hint = _joining(checking, here, there) or "say through which mapping: link: NAME"
    checking.problem(pair.at, f"references into different kinds: {names((*here, *there))}", hint)


Ends: TypeAlias = frozenset[tuple[str, str]]
"""Where a reference may point: (system, kind); empty where the field does not say."""


def _ends(value: Value, block: Block | None) -> Ends:
    """The kinds a reference may name: those that the line's selector names, if it names any."""
    parts = [part for part in value.parts if part.type == "ref"]
    if any(not part.field.kinds for part in parts):
        return frozenset()
    ends = frozenset((part.system, kind) for part in parts for kind in part.field.kinds)
    words = _chosen(block)
    return frozenset(end for end in ends if end[1] in words) or ends


def link(
    checking: Checking, pair: Entry | Criterion, left: Value | None, right: Value | None, block: Block | None
) -> None:
    """`link` names a mapping whose sides are the kinds that both references point to."""
    mapping = checking.world.mappings.get(pair.link)
    if mapping is None:
        checking.problem(pair.at, f"there is no mapping `{pair.link}`", closest(pair.link, checking.world.mappings))
    for form, value in ((pair.left, left), (pair.right, right)):
        if value is not None and value.type != "ref":
            checking.problem(pair.at, f"{shown(form, value)} is no reference", "`link` joins two references: remove it")
    if mapping is None or left is None or right is None or {left.type, right.type} != {"ref"}:
        return
    here, there = _ends(left, block), _ends(right, block)
    orders = ((mapping.left, mapping.right), (mapping.right, mapping.left))
    if any((not here or one in here) and (not there or other in there) for one, other in orders):
        return
    hint = _joining(checking, here, there) or "link the mapping of these kinds"
    checking.problem(pair.at, f"`{pair.link}` joins {names(orders[0])}, not {names((*here, *there))}", hint)


def kind_said(checking: Checking, entry: Entry, side: SideName, starts: Starts, block: Block | None) -> None:
    """Where a neighbour of the id says which kind a reference names, a write says it too: a bare id names nothing."""
    for target in write_targets(entry.form(side)):
        found = checking.found(target.path, target.at, starts.side(side))
        if found is None or found.first is None or not found.first.told_by:
            continue
        beside = ".".join((*found.first.path.split(".")[:-1], found.first.told_by))
        words = _chosen(block) | _selected(target.path)
        if words & frozenset(found.first.kinds) or beside in _written_beside(checking, side, starts, block):
            continue
        example = f"{found.first.told_by}={found.first.kinds[0]}"
        checking.problem(
            target.at,
            f"`{short(str(target.path))}` may name {' or '.join(found.first.kinds)}, and nothing says which",
            f"choose the lines by it (`…{example}`), or write {beside} beside it",
        )


def _written_beside(checking: Checking, side: SideName, starts: Starts, block: Block | None) -> frozenset[str]:
    """The fields that the same record or line is written with."""
    entries = checking.mapping.fields if block is None else block.fields
    written = (
        checking.found(target.path, target.at, starts.side(side))
        for entry in entries
        if side in written_sides(entry)
        for target in write_targets(entry.form(side))
    )
    return frozenset(one.first.path for one in written if one is not None and one.first is not None)


def _chosen(block: Block | None) -> frozenset[str]:
    """The words a line is chosen by: a selector may name a kind (`LinkedTxn.TxnType=CreditMemo`)."""
    paths = () if block is None else tuple(path for path in (block.left, block.right) if path is not None)
    return frozenset(word for path in paths for word in _selected(path))


def _selected(path: Path) -> frozenset[str]:
    steps = (step for hop in path.hops for step in hop.steps)
    return frozenset(value for step in steps for one in step.selectors for value in one.values)


def _joining(checking: Checking, here: Ends, there: Ends) -> str:
    """The mapping that joins the kinds both references point to, as a fix; empty where there is none."""
    pairs = {frozenset((one, other)) for one in here for other in there}
    joins = [each.name for each in checking.world.mappings.values() if {each.left, each.right} in pairs]
    return f"link: {joins[0]}" if joins else ""
