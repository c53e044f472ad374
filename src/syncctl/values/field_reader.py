"""One field of a record read: its raw value converted, or the list that the ledger joins for it. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_reader
from syncctl.fields.references import decode_reference, reference_path
from syncctl.fields.schema import Field
from syncctl.model import Ref, Unknown
from syncctl.paths import compile_read, parse_path
from syncctl.values.scope import Reader, Scope


def field_reader(found: Field, place: str, system: str, *, in_parent: bool) -> Reader:
    """Reads the field at a plain path of the record or line element, or of the record that holds it."""
    if found.reverse is not None:
        return joined_reader(found, system)
    get = _getter(found, place)
    convert, absent = _converter(found, system), found.default or None

    def read(raw: Any, scope: Scope) -> Any:
        value = get(scope.root if in_parent else raw)
        if value is None:
            if absent is None:
                return None
            value = absent
        if type(value) is list or type(value) is tuple:
            converted = (convert(element, scope) for element in value)
            return tuple(each for each in converted if each is not None) or None
        return convert(value, scope)

    return read


def _getter(found: Field, place: str) -> Callable[[Any], Any]:
    path = reference_path(found, place)
    if not path.steps:
        return lambda raw: raw
    get = compile_read(path)
    if found.every:
        return _of_every(get, compile_read(parse_path(found.every)))
    return (lambda raw: _single(get(raw))) if found.told_by else get


def _of_every(get: Callable[[Any], Any], others: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The value where as many elements have it as have the other."""

    def whole(raw: Any) -> Any:
        value = get(raw)
        return value if _count(value) >= _count(others(raw)) else None

    return whole


def _count(value: Any) -> int:
    if value is None:
        return 0
    return len(value) if type(value) is list or type(value) is tuple else 1


def _single(value: Any) -> Any:
    return value[0] if type(value) is list and len(value) == 1 else value


def _converter(found: Field, system: str) -> Reader:
    codec = found.codec
    if found.type == "money":
        code_of = currency_reader(found)
        return lambda raw, scope: decode(codec, raw, code_of(scope.root))
    if found.kinds:

        def reference(raw: Any, _scope: Scope) -> Any:
            value = decode_reference(found, system, raw)
            return value.ref if isinstance(value, Unknown) else value  # the id of a record that this plan creates

        return reference
    return lambda raw, _scope: decode(codec, raw)


def joined_reader(found: Field, system: str) -> Reader:
    """Reads the records that point here, as the elements of one list; None when there are none."""
    assert found.reverse is not None
    kind, there, here = found.reverse
    own = compile_read(parse_path(here))

    def read(_raw: Any, scope: Scope) -> Any:
        value = own(scope.root)
        if value is None:
            return None
        place = pointer(system, kind, there, str(value))
        if place not in scope.joined:
            pointing = scope.source.pointing_here(system, kind, there, str(value))
            scope.uses.add(place)
            scope.uses.update(ref for ref, _ in pointing)
            scope.joined[place] = tuple(raw for _, raw in pointing)
        return scope.joined[place] or None

    return read


def pointer(system: str, kind: str, path: str, value: str) -> Ref:
    """Stands for "whatever record of this kind has this value there": a use that also new records answer to."""
    return Ref(system, kind, f"{path}={value}")
