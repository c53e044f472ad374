"""Live schemas kept in the ledger and in `schemas/SYSTEM/KIND.yaml`, so that everything after a pull works offline.

No I/O of its own: values to plain JSON and back.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

import msgspec

from syncctl.fields.schema import Field, Schema

KEPT: Final = 256
"""Schemas whose text is read once in a process; the systems of a company have some dozens."""


def schema_to_json(schema: Schema) -> dict[str, Any]:
    """A schema as plain JSON; what is at its default is left out, so that a change reads as a change."""
    body: dict[str, Any] = msgspec.to_builtins(schema)
    body["actions"] = sorted(body["actions"])
    body["fields"] = {path: _short(field) for path, field in sorted(body["fields"].items())}
    return body


_DEFAULTS: dict[str, Any] = msgspec.to_builtins(Field(path=""))


def _short(field: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in field.items() if value != _DEFAULTS[key]}


def schema_from_json(body: dict[str, Any]) -> Schema:
    """The schema back; raises ValueError when it was written by another version."""
    fields = {path: {"path": path, **field} for path, field in body["fields"].items()}
    found: Schema = msgspec.convert({**body, "fields": fields}, Schema)
    return found


@lru_cache(maxsize=KEPT)
def read_schema(text: str) -> Schema:
    """The schema that the ledger keeps as this text. Raises ValueError as `schema_from_json` does."""
    return schema_from_json(json.loads(text))


@lru_cache(maxsize=KEPT)
def schema_text(text: str) -> str:
    """What of a kept schema goes into the versions of the mappings that look at it."""
    return str(schema_to_json(read_schema(text)))
