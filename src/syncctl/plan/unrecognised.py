"""Refuses a create that may make a second record: a match rule cannot read one side, so the partner may be there.

I/O: the ledger's overlay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

from syncctl.fields.jsontext import decode_record
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import other
from syncctl.model import Raw, Ref, SideName
from syncctl.plan.planning import Blind, Known, Planning, Unrecognised
from syncctl.projection.keys import Key, Parts
from syncctl.values.scope import Scope
from syncctl.writeback import Unwritable


def refuse_unrecognised(planning: Planning, here: SideName, source: Scope) -> None:
    """Raises Unwritable when what would be made from a record of side `here` may be there already."""
    rules, ours, toward = _rules(planning), _parts(planning, here, source), other(here)
    system, _ = planning.projection.mapping.side(toward)
    for rule, parts in zip(rules, ours, strict=True):
        for why in (part for part in parts if isinstance(part, Undecodable)):
            raise Unwritable(
                f"rule {rule.name!r} cannot read it ({why}), so {system} may have it already: correct it in"
                f" {source.ref.system}, then pull"
            )
    if toward not in planning.blind:
        planning.blind[toward] = _blind(planning, toward)
    for number, one in _perhaps(planning.blind[toward], source.ref, ours):
        raise Unwritable(_words(planning, rules[number], here, source.ref, one))


def _perhaps(blind: Blind, source: Ref, ours: tuple[Parts, ...]) -> Iterator[tuple[int, Unrecognised]]:
    """What a record may belong to, with the rule's number: everything that can be read there is the same."""
    for (number, places), found in blind.spots.items():
        mine = ours[number]
        if "" in mine:  # empty is like nothing
            continue
        for one in found.get(tuple(str(mine[place]) for place in places), ()):
            if frozenset((source, one.ref)) not in blind.rejected:
                yield number, one


def _blind(planning: Planning, side: SideName) -> Blind:
    spots: dict[Known, dict[tuple[str, ...], list[Unrecognised]]] = {}
    for one in _unrecognised(planning, side):
        for number, theirs in enumerate(one.parts):
            readable = {place: part for place, part in enumerate(theirs) if isinstance(part, str)}
            looked_at = one.held and len(readable) == len(theirs)  # no rule looked at what the ledger has not
            if not looked_at and "" not in theirs:
                spots.setdefault((number, tuple(readable)), {}).setdefault(tuple(readable.values()), []).append(one)
    said = planning.books.pairs.decisions(planning.projection.mapping.name)
    return Blind(spots, frozenset(frozenset((one.left, one.right)) for one in said if one.verdict == "reject"))


def _words(planning: Planning, rule: Key, here: SideName, source: Ref, found: Unrecognised) -> str:
    said = (
        f"rule {rule.name!r} cannot read {found.ref} ({found.why}), which may be it: correct that in"
        f" {found.ref.system}, then pull"
    )
    if not found.held:
        return said
    left, right = (source, found.ref) if here == "left" else (found.ref, source)
    mapping = planning.projection.mapping.name
    return f"{said}; or say it: `syncctl match confirm {mapping} {left} {right}`, or `match reject` where they are two"


def _unrecognised(planning: Planning, side: SideName) -> Iterator[Unrecognised]:
    """What there is on a side that may still get a partner, and that a rule cannot read."""
    projection, books = planning.projection, planning.books
    mapping, (system, kind) = projection.mapping, projection.mapping.side(side)
    keyed = [number for number, rule in enumerate(projection.rules) if rule.marker is None]
    rules = None if any(rule.residual for rule in _rules(planning)) else keyed  # what has a key may be unreadable too
    number = books.lookups.mapping_id(mapping.name)
    for rid, stored in books.candidates.perhaps_unreadable(number, side, rules, mapping.many):
        ref = Ref(system, kind, rid)
        yield from _with_reason(ref, _of_record(planning, side, ref, stored))
    for rid, reason, row in books.candidates.never_read(system, kind):
        ref = Ref(system, kind, rid)
        yield Unrecognised(ref, _of_row(planning, side, ref, row, Undecodable(reason)), reason, held=False)


def _with_reason(ref: Ref, parts: tuple[Parts, ...]) -> Iterator[Unrecognised]:
    for why in [part for listed in parts for part in listed if isinstance(part, Undecodable)][:1]:
        yield Unrecognised(ref, parts, str(why), held=True)


def _of_record(planning: Planning, side: SideName, ref: Ref, stored: bytes) -> tuple[Parts, ...]:
    try:
        raw = decode_record(stored)
    except Undecodable as error:
        return tuple((error,) * rule.length for rule in _rules(planning))
    return _parts(planning, side, planning.scope(ref, raw))


def _of_row(planning: Planning, side: SideName, ref: Ref, row: bytes, why: Undecodable) -> tuple[Parts, ...]:
    """What of a row that was set aside can be read all the same; nothing there is "empty" for sure."""
    parts = _parts(planning, side, planning.scope(ref, _as_far_as_it_goes(row)))
    return tuple(tuple(part or why for part in listed) for listed in parts)


def _as_far_as_it_goes(row: bytes) -> Raw:
    """The object in the bytes of a row, with nothing where a number is none; empty where there is no object."""
    try:
        found = decode_record(row)
    except Undecodable:
        try:
            found = json.loads(row, parse_float=Decimal, parse_constant=lambda _: None)
        except (ValueError, ArithmeticError, RecursionError):
            return {}
    return found if isinstance(found, dict) else {}


def _rules(planning: Planning) -> tuple[Key, ...]:
    """The mapping's own rules; the marker is ours, and what we made the journal knows."""
    return tuple(rule for rule in planning.projection.rules if rule.marker is None)


def _parts(planning: Planning, side: SideName, scope: Scope) -> tuple[Parts, ...]:
    return tuple(rule.parts(side, scope.root, scope) for rule in _rules(planning))
