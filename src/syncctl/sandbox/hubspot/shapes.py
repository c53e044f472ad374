"""The shapes of request bodies: what cannot be deserialized is refused before anything else is looked at. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from syncctl.sandbox.hubspot.refusals import invalid_json

_SHAPES: Final[dict[str, tuple[type, ...]]] = {
    **dict.fromkeys(("properties", "from", "to"), (dict, list)),
    **dict.fromkeys(("associations", "filterGroups", "filters", "sorts", "types", "options", "inputs"), (list,)),
    **dict.fromkeys(("values", "propertiesWithHistory"), (list,)),
    **dict.fromkeys(("hidden", "formField"), (bool,)),
    **dict.fromkeys(("limit", "displayOrder"), (int,)),
}
"""Fields that are no text or number."""


def shaped(found: Any, known: Iterable[str]) -> None:
    """Refuses an element that is no object, has a field of another name or one of another type."""
    if not isinstance(found, dict):
        raise invalid_json(f"cannot deserialize {found!r} as an object")
    for name, value in found.items():
        if name not in known:
            raise invalid_json(f'unrecognized field "{name}"')
        if value is not None and not isinstance(value, _SHAPES.get(name, (str, int))):
            raise invalid_json(f"cannot deserialize {name} from {value!r}")


def identity(found: Mapping[str, Any], name: str) -> str:
    """The id in `{"from": {"id": "1"}}`; raises Refusal."""
    end = found.get(name)
    shaped(end, ("id",))
    return own_id(end)


def own_id(found: Any) -> str:
    """The id of `{"id": "1"}`; raises Refusal."""
    shaped(found, ("id",))
    if found.get("id") in (None, ""):
        raise invalid_json("an id is missing")
    return str(found["id"])


def wanted_names(body: Mapping[str, Any]) -> list[str]:
    """The properties that a read asks for; raises Refusal."""
    found = body.get("properties") or []
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise invalid_json("properties must be a list of names")
    return found
