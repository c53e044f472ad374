"""Do references join: through `link`, or because they point into one kind of one system. No I/O."""

from __future__ import annotations

from syncctl.mapping.checking import Checking, Value, names
from syncctl.mapping.language import Block, Criterion, Entry, Form
from syncctl.yamltext import closest, short


def shown(form: Form, value: Value) -> str:
    """A form with its type, for messages."""
    return f"`{short(str(form))}` ({value.type})"


def references(checking: Checking, pair: Entry | Criterion, left: Value, right: Value, block: Block | None) -> None:
    """References compare through a link, or where they point into one kind of one system."""
    ends = {_end(left), _end(right)}
    if None in ends or len(ends) == 1 or _chosen(block) & {kind for _, kind in filter(None, ends)}:
        return
    listed = names(end for end in (_end(left), _end(right)) if end is not None)
    hint = _joining(checking, left, right) or "say through which mapping: link: NAME"
    checking.problem(pair.at, f"references into different kinds: {listed}", hint)


def _end(value: Value) -> tuple[str, str] | None:
    """Where a reference points: (system, kind); None where the field does not say."""
    targets = {(part.system, part.field.target) for part in value.parts if part.type == "ref"}
    end = targets.pop() if len(targets) == 1 else None
    return end if end is not None and end[1] else None


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
    words = _chosen(block)
    chosen = {side[0] for side in (mapping.left, mapping.right) if side[1] in words}
    ends = [None if end is None or end[0] in chosen else end for end in (_end(left), _end(right))]
    orders = ((mapping.left, mapping.right), (mapping.right, mapping.left))
    if any(all(end in (None, side) for end, side in zip(ends, sides, strict=True)) for sides in orders):
        return
    listed = names(end for end in (_end(left), _end(right)) if end is not None)
    hint = _joining(checking, left, right) or "link the mapping of these kinds"
    checking.problem(pair.at, f"`{pair.link}` joins {names(orders[0])}, not {listed}", hint)


def _chosen(block: Block | None) -> frozenset[str]:
    """The words a line is chosen by: a selector that names a kind (`LinkedTxn.TxnType=CreditMemo`) says where the
    line's reference points, whatever its field's default target.
    """
    paths = () if block is None else tuple(path for path in (block.left, block.right) if path is not None)
    return frozenset(value for path in paths for step in path.steps for one in step.selectors for value in one.values)


def _joining(checking: Checking, left: Value, right: Value) -> str:
    """The mapping that joins the kinds both references point to, as a fix; empty where there is none."""
    ends = {_end(left), _end(right)}
    joins = [each.name for each in checking.world.mappings.values() if {each.left, each.right} == ends]
    return f"link: {joins[0]}" if joins else ""
