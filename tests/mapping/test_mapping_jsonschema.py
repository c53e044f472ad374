"""The JSON Schema for editors accepts what the loader accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from mapping_world import HEAD
from ruamel.yaml import YAML

from syncctl.mapping.grammar import COMPOUNDS, SHAPES
from syncctl.mapping.jsonschema import mapping_json_schema

SCHEMA = mapping_json_schema()
TYPES = {"object": dict, "array": list, "string": str, "number": (int, float), "boolean": bool}


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """As much of JSON Schema as ours uses."""
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return value in schema.get("enum", [schema.get("const")])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(isinstance(value, TYPES[name]) for name in types):
        return False
    if isinstance(value, str):
        return re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, list):
        return all(fits(element, schema["items"]) for element in value)
    return not isinstance(value, dict) or fits_object(value, schema)


def fits_object(value: dict[str, Any], schema: dict[str, Any]) -> bool:
    further = schema["additionalProperties"]
    return set(schema.get("required", ())) <= set(value) and all(
        fits(inner, schema["properties"][key]) if key in schema["properties"] else further and fits(inner, further)
        for key, inner in value.items()
    )


def as_an_editor_reads(text: str | bytes) -> Any:
    plain = YAML(typ="safe", pure=True).load(text)
    return json.loads(json.dumps(plain, default=str))


@pytest.mark.vendors
def test_every_worked_mapping_fits(vendors: Path) -> None:
    files = sorted((vendors.parent / "design" / "mappings").glob("[0-9]*.yaml"))
    wrong = [file.name for file in files if not fits(as_an_editor_reads(file.read_bytes()), SCHEMA)]
    assert wrong == ["01-customers.yaml", "06c-bank-splits.yaml", "12a-people.yaml"]


@pytest.mark.parametrize(
    "text",
    ["fields: [{left: a, right: b, owner: me}]", "creat: right", "create: rihgt", "lines: [{left: a}]", "closed: never",
     "where: {left: {a: {ovr: 1}}}", "fields: [{left: {summ: [a]}, right: b}]", "from: yesterday", "left: stripe"],
)  # fmt: skip
def test_what_the_loader_refuses_is_underlined(text: str) -> None:
    head = HEAD.replace("left: stripe.invoice\n", "") if text.startswith("left") else HEAD
    assert fits(as_an_editor_reads(head), SCHEMA) or text.startswith("left")
    assert not fits(as_an_editor_reads(f"{head}{text}\n"), SCHEMA)


def test_every_reference_is_defined_and_every_definition_used() -> None:
    used = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(SCHEMA)))
    assert used == set(SCHEMA["$defs"]) == (set(SHAPES) | set(COMPOUNDS)) - {"mapping"}


def test_every_key_is_explained() -> None:
    assert all(key.help and len(key.help) < 100 for shape in SHAPES.values() for key in shape.keys)
