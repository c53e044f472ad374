"""The JSON Schema of a mapping file, for editors: made of the table the loader checks against. No I/O."""

from __future__ import annotations

from typing import Any

from syncctl.mapping.compare import BUILT_IN
from syncctl.mapping.grammar import COMPOUNDS, SHAPES, Fragment, Key, Shape


def mapping_json_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. It knows the keys and choices; `syncctl schema check` knows the rest."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "syncctl mapping",
        **_shape(SHAPES["mapping"]),
        "$defs": {**{name: _shape(shape) for name, shape in SHAPES.items() if name != "mapping"}, **COMPOUNDS},
    }


def _shape(shape: Shape) -> Fragment:
    fragment: Fragment = {
        "type": "object",
        "description": shape.title,
        "properties": {key.name: _key(key) for key in shape.keys},
        "additionalProperties": shape.open_keys or False,
    }
    return {**fragment, "required": list(shape.required)} if shape.required else fragment


def _key(key: Key) -> Fragment:
    fragment = {**key.schema, "description": key.help}
    if key.name == "as":
        # Not an enum: an installed package may add functions.
        fragment["examples"] = sorted(BUILT_IN)
    return fragment
