"""From a wanted value to the edit that writes it: value forms backwards. No I/O of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from syncctl.comparison import Translation
from syncctl.edits import value_at
from syncctl.fields.codecs import decode, encode
from syncctl.fields.currency import currency_of
from syncctl.fields.references import decode_reference, reference_path
from syncctl.fields.schema import Field, Schema
from syncctl.fields.sharing import decides, sharers
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import Constant, Entry, First, Form, PathValue, Sum, Template, other
from syncctl.model import Edit, Money, Raw, Reason, Ref, SideName, Unknown
from syncctl.paths import as_text, parse_path, read
from syncctl.projection.projection import Projection
from syncctl.projection.slots import Slot
from syncctl.values.canonical import local_date, number_of, one
from syncctl.values.forms import compile_form
from syncctl.values.locate import Located, locate
from syncctl.values.naming import called
from syncctl.values.scope import Catalogue, Scope


class Unwritable(Exception):
    """The value cannot be written there; the message is the reason a person reads."""


class Unlinked(Unwritable):
    """A record that another mapping has to link first has no partner there."""

    def __init__(self, ref: Ref, mapping: str) -> None:
        super().__init__(f"{ref} has no partner in mapping {mapping}")
        self.ref = ref


class Taken(Unwritable):
    """Another record of the same kind has the value, and only one may: `holder`."""

    def __init__(self, message: str, holder: Ref) -> None:
        super().__init__(message)
        self.holder = holder


@dataclass(slots=True)
class Target:
    """The record (or line element) that is written, as it stands, and whose links the written values rest on."""

    system: str
    kind: str
    raw: Any
    root: Raw
    scope: Scope
    catalogue: Catalogue
    prefix: str = ""
    creating: bool = False
    rests_on: set[Ref] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    """Places of the source that the written values come from."""


def wanted(slot: Slot, toward: SideName, raw: Any, scope: Scope, target: Target) -> tuple[Entry, Any] | None:
    """Which entry speaks and the owner's canonical value as the other side wants it; None when no entry speaks.

    Raises Unwritable and Undecodable.
    """
    source = other(toward)
    if not slot.speaks(source, raw, scope):
        return None
    entry, reading = slot.entry, slot.reading(source)
    target.reads.update(part.place for part in reading.parts)
    looking = Scope(scope.ref, scope.root, scope.source, joined=scope.joined)
    value = reading.read(raw, looking)
    rests_on = target.rests_on
    rests_on |= looking.uses - {scope.ref}
    if entry.link:
        return entry, _linked(entry.link, value, scope, rests_on)
    value = one(value)
    if isinstance(value, Unknown):
        rests_on.add(value.ref)
    elif slot.table is not None and value is not None:
        value = _translated(slot.table, toward, slot.raw_compare(value), entry) or None
    return entry, value


def _linked(mapping: str, value: Any, scope: Scope, rests_on: set[Ref]) -> Any:
    if value is None:
        return None
    if isinstance(value, tuple):
        return tuple(_linked(mapping, element, scope, rests_on) for element in value)
    if not isinstance(value, Ref):
        raise Undecodable(f"not a reference: {show(value)}")
    partner = scope.source.partner(mapping, value)
    if partner is None:
        raise Unlinked(value, mapping)
    rests_on.add(partner)
    return partner


def _translated(table: Translation, toward: SideName, text: str, entry: Entry) -> str:
    if toward == "right":
        return table.to_right(text)
    if entry.values is not None and entry.values.default is not None:
        raise Unwritable("a table with `else` goes one way: it cannot be written back")
    return table.to_left(text, "")


def edits_for(form: Form, value: Any, target: Target, entry: Entry, reason: Reason) -> Iterator[Edit]:
    """The edits that make `form` read `value`. Raises Unwritable."""
    match form:
        case PathValue(path):
            yield from _edit(
                locate(path, target.system, target.kind, target.catalogue, target.prefix),
                form,
                value,
                target,
                entry,
                reason,
            )
        case First() if value is None:
            raise Unwritable(f"the {form} cannot be emptied: which of them is meant is not known")
        case First(members):
            yield from edits_for(_member(members, target), value, target, entry, reason)
        case Template():
            yield from _split(form, value, target, entry, reason)
        case Sum(terms) if len(terms) == 1:
            _refuse_several(terms[0].value, target)
            yield from edits_for(terms[0].value, _signed(terms[0].sign, value), target, entry, reason)
        case Constant() | Sum():
            raise Unwritable(f"{form} cannot be written back")


def _signed(sign: int, value: Any) -> Any:
    if sign > 0 or value is None or isinstance(value, Unknown):
        return value
    return Money(-value.amount, value.currency) if isinstance(value, Money) else -number_of(value)


def _refuse_several(form: Form, target: Target) -> None:
    """A sum is written back to the one place it comes from; over several elements it cannot be divided."""
    reading = compile_form(form, target.system, target.kind, target.catalogue, target.prefix)
    value = reading.read(target.raw, target.scope)
    if isinstance(value, tuple) and len(value) > 1:
        raise Unwritable(f"the sum of {form} is over {len(value)} elements: it cannot be written back")


def _member(members: tuple[Form, ...], target: Target) -> Form:
    """The member that supplied the value, else the first that can be written (before it, so that it will be read)."""
    supplier = next((place for place, member in enumerate(members) if _supplies(member, target)), None)
    fitting = members if supplier is None else (members[supplier], *members[:supplier])
    found = next((member for member in fitting if _takes(member, target)), None)
    if found is None:  # the reason of a path is the one that people look for
        found = next((member for member in fitting if isinstance(member, PathValue)), None)
    if found is None:
        raise Unwritable(f"{fitting[0]} comes first, and it cannot be written")
    return found


def _supplies(member: Form, target: Target) -> bool:
    reading = compile_form(member, target.system, target.kind, target.catalogue, target.prefix)
    return reading.read(target.raw, target.scope) not in (None, "")


def _takes(member: Form, target: Target) -> bool:
    """True when a form can be written back to."""
    match member:
        case PathValue(path):
            located = locate(path, target.system, target.kind, target.catalogue, target.prefix)
            return located.first is not None and not located.in_parent and not _unwritable(located.first, target)
        case First(members):
            return any(_takes(each, target) for each in members)
        case Template():
            return bool(member.split)
        case Sum(terms):
            return len(terms) == 1 and _takes(terms[0].value, target)
        case Constant():
            return False


def _split(form: Template, value: Any, target: Target, entry: Entry, reason: Reason) -> Iterator[Edit]:
    """Cuts a text at the first or last separator; a value without one goes whole to one of the two fields."""
    paths = form.paths
    if not form.split or len(paths) != 2:
        raise Unwritable(f"{form} cannot be written back without `split` and two fields")
    before, separator, after = _around(form)
    text = show(value)
    if text and not (text.startswith(before) and text.endswith(after)):
        raise Unwritable(f"{text!r} does not read like {form}")
    text = text[len(before) : len(text) - len(after)]
    head, found, tail = text.rpartition(separator) if form.split == "last" else text.partition(separator)
    if not found:
        head, tail = ("", text) if form.split == "last" else (text, "")
    for path, part in zip(paths, (head, tail), strict=True):
        yield from edits_for(PathValue(path, form.at), part or None, target, entry, reason)


def _around(form: Template) -> tuple[str, str, str]:
    """The literal text before, between and after the two fields."""
    texts = ["", "", ""]
    place = 0
    for part in form.parts:
        if isinstance(part, str):
            texts[place] += part
        else:
            place += 1
    return texts[0], texts[1], texts[2]


def _edit(
    located: Located, form: PathValue, value: Any, target: Target, entry: Entry, reason: Reason
) -> Iterator[Edit]:
    first = located.first
    if first is None or located.in_parent:
        raise Unwritable(f"{form} cannot be written to")
    _check_writable(first, target)
    if located.hops == 2:
        value = _by_key(form, first, value, target)
    elif located.hops > 2:
        raise Unwritable(f"{form} leads through too many records to be written to")
    raw_before = value_at(target.raw, parse_path(located.place))
    if first.many and value is not None:
        yield from _added_references(located, first, value, target, entry, reason)
        return
    value = _fitted(first, value, target)
    _refuse_other_currency(first, value, target)
    currency = value.currency if isinstance(value, Money) and value.currency else currency_of(target.root, first)
    try:
        after = encode(first.codec, value, currency)
    except ValueError as error:
        raise Unwritable(f"{first.path}: {error}") from error
    before_shown = _shown(located, first, target)
    yield Edit(
        located.place,
        raw_before,
        after,
        "set",
        first.codec,
        entry.name,
        _owner(entry),
        reason,
        (before_shown, _named(value, target, first)),
    )


def _refuse_other_currency(found: Field, value: Any, target: Target) -> None:
    """An amount is never written into a record of another currency."""
    held = currency_of(target.root, found) if isinstance(value, Money) and value.currency else ""
    if held and held != value.currency:
        raise Unwritable(f"{found.path}: {value} cannot be written to a record in {held}")


def _owner(entry: Entry) -> str:
    return "once" if entry.once else entry.owner


def _shown(located: Located, found: Field, target: Target) -> str:
    """What stands there now, as people read it; nothing where there are several values."""
    raws = list(read(target.raw, reference_path(found, located.place)))
    if len(raws) != 1 or isinstance(raws[0], list):
        return ""
    try:
        return _named(_decoded(found, raws[0], target), target, found)
    except Undecodable:
        return str(raws[0])


def _decoded(found: Field, raw: Any, target: Target) -> Any:
    if found.kinds:
        return decode_reference(found, target.system, raw)
    return decode(found.codec, raw, currency_of(target.root, found))


def _named(value: Any, target: Target, found: Field) -> str:
    """A value as people read it: a reference by the name of its record, an option by its label."""
    if isinstance(value, Ref):
        return called(value, target.scope.source, target.catalogue)
    text = show(value)
    return next((label for identity, label in found.options if identity == text and label), text)


def _added_references(
    located: Located, found: Field, value: Any, target: Target, entry: Entry, reason: Reason
) -> Iterator[Edit]:
    """A list of references gets those it lacks; what is there stays."""
    held = {as_text(element) for element in read(target.raw, parse_path(located.place))}
    for element in value if isinstance(value, tuple) else (value,):
        raw = encode(found.codec, element)
        if as_text(raw) in held:
            continue
        shown = ("", _named(element, target, found))
        yield Edit(located.place, None, raw, "add", found.codec, entry.name, _owner(entry), reason, shown)


def _check_writable(found: Field, target: Target) -> None:
    reason = _unwritable(found, target)
    if reason:
        raise Unwritable(reason)


def _unwritable(found: Field, target: Target) -> str:
    """Why a field cannot be written now, or nothing."""
    rule = found.writable
    if rule == "always" or (rule == "create" and target.creating):
        return ""
    if rule.startswith("while "):
        path, _, values = rule.removeprefix("while ").partition("=")
        held = [show(value) for value in read(target.root, parse_path(path))]
        if target.creating or any(value in values.split("|") for value in held):
            return ""
        return f"{found.path} can be written only while {path} is {values.replace('|', ' or ')}"
    note = f": {found.note}" if found.note else ""
    when = "after creation" if rule == "create" else "by an API client"
    return f"{target.system} does not let {found.path} be written {when}{note}"


def _by_key(form: PathValue, first: Field, value: Any, target: Target) -> Ref | Unknown | None:
    """`ref->Key` written: points to the one record with that key; never edits that record."""
    if value is None or isinstance(value, Unknown):
        return value
    key = form.path.hops[1]
    inner = locate(parse_path(str(key)), target.system, first.target, target.catalogue)
    if inner.first is None:
        raise Unwritable(f"{form} cannot be written to")
    found = target.scope.source.pointing_here(target.system, first.target, inner.place, show(value))
    if len(found) != 1:
        many = f"{len(found)} records" if found else "no record"
        raise Unwritable(f"{many} of {target.system}.{first.target} with {key} {show(value)!r}")
    target.rests_on.add(found[0][0])
    return found[0][0]


def _fitted(found: Field, value: Any, target: Target) -> Any:
    """The value as this field wants it: right kind of time, within its length and options."""
    if value is None or isinstance(value, Unknown):
        return value
    if found.type == "date":
        value = local_date(value, target.catalogue.time_zone)
    if found.type in ("text", "id", "enum"):
        value = show(value)
        if found.max_length is not None and len(value) > found.max_length:
            raise Unwritable(f"{value!r} is longer than the {found.max_length} characters {found.path} holds")
    if found.type == "enum" and found.options and not found.open_options:
        return _option(found, value)
    if found.unique and not found.unique_among and not isinstance(value, Ref):
        _check_unique(found, value, target)
    return value


def _option(found: Field, value: str) -> str:
    for identity, label in found.options:
        if value in (identity, label):
            return identity
    known = ", ".join(label or identity for identity, label in found.options[:8])
    raise Unwritable(f"{found.path} has no option {value!r}; it has {known}")


def _check_unique(found: Field, value: Any, target: Target) -> None:
    source, among = target.scope.source, sharers(found, target.root)
    for kind in (target.kind, *found.unique_with):
        for holder, held in source.pointing_here(target.system, kind, found.place, show(value)):
            if holder == target.scope.ref or sharers(found, held) != among:
                continue
            taken_by = f"{found.path} {show(value)!r} is taken by"
            taken = f"{taken_by} {holder}"
            if kind == target.kind and not holder.provisional:
                raise Taken(taken, holder)
            taken = f"{taken_by} another new {holder.kind} of {holder.system}" if holder.provisional else taken
            raise Unwritable(f"{taken}: give one of the two another name, like '{show(value)} ({target.kind.lower()})'")


def refuse_shared(schema: Schema, edits: Sequence[Edit], target: Target) -> None:
    """Raises Unwritable where a record as these edits leave it has a value that another of those it must be unique
    among has: its own may have changed, or whom it is among (a bill's number, a bill's supplier).
    """
    for found in schema.fields.values():
        if found.unique_among and any(decides(found, edit) for edit in edits):
            for value in read(target.root, parse_path(found.place)):
                _check_unique(found, value, target)


def edited(edit: Edit, prefix: str) -> Edit:
    """The edit with its path put under the path of the element it belongs to."""
    return replace(edit, path=f"{prefix}.{edit.path}")


def target_of(projection: Projection, side: SideName, ref: Ref, raw: Raw, source: Any, *, creating: bool) -> Target:
    """The record of one side as a target."""
    system, kind = projection.mapping.side(side)
    return Target(system, kind, raw, raw, Scope(ref, raw, source), projection.catalogue, creating=creating)
