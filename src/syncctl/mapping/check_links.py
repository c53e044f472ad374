"""Do references join: through `link`, or because they point into one kind of one system. No I/O."""

from __future__ import annotations

from typing import TypeAlias

from syncctl.mapping.checking import Checking, Value, names
from syncctl.mapping.language import Block, Criterion, Entry, Form
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


def _chosen(block: Block | None) -> frozenset[str]:
    """The words a line is chosen by: a selector may name a kind (`LinkedTxn.TxnType=CreditMemo`)."""
    paths = () if block is None else tuple(path for path in (block.left, block.right) if path is not None)
    return frozenset(value for path in paths for step in path.steps for one in step.selectors for value in one.values)


def _joining(checking: Checking, here: Ends, there: Ends) -> str:
    """The mapping that joins the kinds both references point to, as a fix; empty where there is none."""
    pairs = {frozenset((one, other)) for one in here for other in there}
    joins = [each.name for each in checking.world.mappings.values() if {each.left, each.right} in pairs]
    return f"link: {joins[0]}" if joins else ""
