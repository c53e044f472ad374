"""Line edits: which lines of the target are set, added or removed so that a block agrees. No I/O of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from syncctl.diff import pair_equal, unequal_cells
from syncctl.edits import apply_edits
from syncctl.linewords import line_name, line_words
from syncctl.mapping.language import Entry, PathValue, other
from syncctl.model import Edit, Raw, SideName
from syncctl.nearness import Nearness, nearness
from syncctl.paths import Path, parse_path, write
from syncctl.projection.cells import CELL
from syncctl.projection.keys import Key
from syncctl.projection.lines import Lines
from syncctl.projection.projection import Projection
from syncctl.projection.slots import speaking
from syncctl.values.elements import element_prefix, elements_reader
from syncctl.values.locate import JOINED
from syncctl.values.scope import Scope
from syncctl.writeback import Target, Unwritable, edited, edits_for, wanted


def line_edits(
    projection: Projection, toward: SideName, source: Scope, target: Target, accepted: frozenset[str] = frozenset()
) -> Iterator[Edit]:
    """The edits that make the owned blocks of the target agree with the source, without those whose differences a
    person accepted. Raises Unwritable and Undecodable.
    """
    here = other(toward)
    sources = projection.claimed(here, source.root, source)
    targets = projection.claimed(toward, target.raw, target.scope)
    _whole_lists(projection, here, source, sources)
    for (block, wanted_lines), (_, held_lines) in zip(sources, targets, strict=True):
        if block.block.owner == here and block.name not in accepted:
            yield from _BlockEdits(projection, block, toward, source, target).run(wanted_lines, held_lines)


def _whole_lists(projection: Projection, side: SideName, scope: Scope, claimed: list[tuple[Lines, list[Any]]]) -> None:
    """An owner's list that a block uses must be claimed whole: a line that nobody claims would be lost."""
    used: dict[str, list[Any]] = {}
    for block, elements in claimed:
        path = block.block.left if side == "left" else block.block.right
        if block.block.owner == side and path is not None:
            used.setdefault(path.key, []).extend(elements)
    for key, elements in used.items():
        system, kind = projection.mapping.side(side)
        whole = elements_reader(parse_path(key), system, kind, projection.catalogue)(scope.root, scope)
        claimed_ones = set(map(id, elements))
        missed = sum(1 for element in whole if id(element) not in claimed_ones)
        if missed:
            raise Unwritable(f"{missed} of the lines in {key} fit no block of the mapping, so the record is left alone")


class _BlockEdits:
    """One block of one pair."""

    def __init__(self, projection: Projection, block: Lines, toward: SideName, source: Scope, target: Target) -> None:
        self.projection = projection
        self.block = block
        self.toward = toward
        self.here = other(toward)
        self.source = source
        self.target = target
        path = block.block.right if toward == "right" else block.block.left
        if path is None:
            raise Unwritable("a block without `left` cannot be written to the left")
        self.path: Path = path
        self.prefix = element_prefix(path, target.system, target.kind, target.catalogue)
        if self.prefix.startswith(JOINED):
            raise Unwritable(f"the lines in {path.key} are records of their own: a mapping of their kind writes them")

    def run(self, lines: list[Any], held: list[Any]) -> Iterator[Edit]:
        """Equal lines pair first; then by the block's rules, in order; what is left is added or removed."""
        lines, held = self._unequal(lines, held)
        pairs: list[tuple[Any, Any]] = []
        for rule in self.block.rules:
            found, lines, held = self._by_rule(rule, lines, held)
            pairs += found
        if not self.block.rules:
            pairs = list(zip(lines, held, strict=False))
            lines, held = lines[len(pairs) :], held[len(pairs) :]
        for line, element in pairs:
            yield from self._set(line, element)
        for line in lines:
            yield self._add(line)
        for element in held:
            yield self._remove(element)

    def _cells(self, side: SideName, element: Any) -> list[str]:
        scope = self.source if side == self.here else self.target.scope
        return [cell(element, scope) for cell in self.block.cells[side]]

    def _unequal(self, lines: list[Any], held: list[Any]) -> tuple[list[Any], list[Any]]:
        """Takes out lines that are equal as they are: nothing to do for them."""
        ours = [CELL.join(self._cells(self.here, line)) for line in lines]
        theirs = [CELL.join(self._cells(self.toward, element)) for element in held]
        if self.here == "left":
            rest, free = pair_equal(self.block, ours, theirs)
        else:
            free, rest = pair_equal(self.block, theirs, ours)
        return [lines[place] for place in rest], [held[place] for place in free]

    def _by_rule(
        self, rule: Key, lines: list[Any], held: list[Any]
    ) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
        """Pairs lines with the same key in order, as far as the rule's other criteria let them."""
        free: dict[str | None, list[Any]] = {}
        for element in held:
            free.setdefault(self._key(rule, self.toward, element), []).append(element)
        near = nearness(rule, self.target.catalogue.time_zone)
        pairs, rest = [], []
        for line in lines:
            key = self._key(rule, self.here, line)
            candidates = free.get(key, []) if key is not None else []
            place = next((n for n, each in enumerate(candidates) if self._near(near, line, each)), None)
            if place is None:
                rest.append(line)
            else:
                pairs.append((line, candidates.pop(place)))
        left_over = {id(element) for elements in free.values() for element in elements}
        return pairs, rest, [element for element in held if id(element) in left_over]

    def _key(self, rule: Key, side: SideName, element: Any) -> str | None:
        return rule.text(side, element, self.source if side == self.here else self.target.scope)

    def _near(self, near: Nearness | None, line: Any, element: Any) -> bool:
        if near is None:
            return True
        ours, theirs = (line, self.source), (element, self.target.scope)
        return near(*ours, *theirs) is not None if self.here == "left" else near(*theirs, *ours) is not None

    def _element(self, element: Any) -> Target:
        return replace(self.target, raw=element, prefix=self.prefix)

    def _changed(self, line: Any, element: Any) -> Iterator[Edit]:
        """The edits of a line that is there. Raises Unwritable when one of its values cannot be compared."""
        ours, theirs = self._cells(self.here, line), self._cells(self.toward, element)
        left, right = (ours, theirs) if self.here == "left" else (theirs, ours)
        target = self._element(element)
        for verdict in unequal_cells(self.block.slots, left, right):
            slot = self.block.slots[verdict.index]
            if verdict.result == "blocked" and slot.entry.owner != "none":
                raise Unwritable(f"{slot.name}: {verdict.hint}")
            spoken = wanted(slot, self.toward, line, self.source, target) if verdict.toward == self.toward else None
            if verdict.result == "write" and spoken is not None:
                yield from edits_for(spoken[0].form(self.toward), spoken[1], target, spoken[0], "amount")

    def _set(self, line: Any, element: Any) -> Iterator[Edit]:
        place = self._place(element, "changed alone")
        name = line_name(self.block, self.here, line, self.source, self.target.catalogue)
        for edit in self._changed(line, element):
            yield replace(edited(edit, place), field=f"{self.path.key}({name}).{edit.field}" if name else edit.field)

    def _add(self, line: Any) -> Edit:
        element = self._new_element()
        for _, slot in speaking(self.block.slots, self.here, line, self.source):
            target = self._element(element)
            spoken = wanted(slot, self.toward, line, self.source, target) if slot.entry.owner == self.here else None
            if spoken is None or spoken[1] is None:
                continue
            for edit in edits_for(spoken[0].form(self.toward), spoken[1], target, spoken[0], "amount"):
                element = apply_edits(element, [edit])
        shown = line_words(self.block, self.here, line, self.source, self.target.catalogue, element)
        return Edit(self.path.key, None, element, "add", "object", str(self.path), self.here, "amount", ("", shown))

    def _new_element(self) -> Raw:
        """A new line with its selectors' values, references by name looked up."""
        element: Raw = {}
        for selector in self.path.steps[-1].selectors:
            if selector.path.plain:
                element = write(element, selector.path, selector.values[0])
                continue
            form = PathValue(selector.path, self.block.block.at)
            entry = Entry(form, form, self.block.block.at)
            for edit in edits_for(form, selector.values[0], self._element(element), entry, ""):
                element = apply_edits(element, [edit])
        return element

    def _remove(self, element: Any) -> Edit:
        place = self._place(element, "removed")
        shown = line_words(self.block, self.toward, element, self.target.scope, self.target.catalogue)
        return Edit(place, element, None, "remove", "object", str(self.path), self.here, "amount", (shown, ""))

    def _place(self, element: Any, done: str) -> str:
        """The path of one line of the target, by its id. Raises Unwritable when it has none."""
        name = self._id_name()
        if not name or not isinstance(element, dict) or not element.get(name):
            raise Unwritable(f"a line of {self.path.key} has no id, so it cannot be {done}")
        return f"{self.path.key}({name}={element[name]})"

    def _id_name(self) -> str:
        """What this vendor calls the id of such a line: the schema's field of that type; empty where there is none."""
        inside = f"{self.path.key}."
        fields = self.target.catalogue.schema(self.target.system, self.target.kind).fields.values()
        ids = (field.path for field in fields if field.codec == "id" and field.path.startswith(inside))
        return next((path.removeprefix(inside) for path in ids if "." not in path.removeprefix(inside)), "")
