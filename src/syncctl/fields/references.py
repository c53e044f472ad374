"""Which record a reference names, also where the field may name records of several kinds. No I/O."""

from __future__ import annotations

from functools import cache
from typing import Any

from syncctl.fields.codecs import decode
from syncctl.fields.schema import Field
from syncctl.model import Ref, Unknown
from syncctl.paths import Hop, Path, parse_path


@cache
def reference_path(found: Field, place: str) -> Path:
    """What `decode_reference` needs is read here: the reference, or what holds it where a neighbour tells its kind.

    An empty path is the element itself.
    """
    path = parse_path(place)
    return Path((Hop(path.steps[:-1]),)) if found.told_by else path


def decode_reference(found: Field, system: str, raw: Any) -> Ref | Unknown | str | None:
    """The record that is named; its id alone where the field does not say of which kind. Raises Undecodable."""
    if not found.told_by:
        value = decode(found.codec, raw)
        if type(value) is str and not found.targets:  # the usual case: a reference to one kind
            return Ref(system, found.target, value) if found.target else value
        return _named(found, system, value, "")
    if not isinstance(raw, dict):
        return None
    beside = raw.get(found.told_by)
    return _named(found, system, decode(found.codec, raw.get(_last(found))), str(beside or ""))


def _last(found: Field) -> str:
    return parse_path(found.place).steps[-1].name


def _named(found: Field, system: str, value: Any, beside: str) -> Ref | Unknown | str | None:
    if not isinstance(value, str):
        return value if isinstance(value, Unknown) else None
    kind = _told(found, beside) if found.told_by else _kind_of(found, value)
    return Ref(system, kind, value) if kind else value


def _told(found: Field, beside: str) -> str:
    return dict(found.targets).get(beside, "") if beside else found.target


def _kind_of(found: Field, identity: str) -> str:
    return next((kind for mark, kind in found.targets if identity.startswith(mark)), found.target)
