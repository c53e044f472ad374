"""What an account needs once: our own property with unique values, per writable kind. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncctl.connectors.hubspot.addresses import WRITABLE, Addresses
from syncctl.connectors.hubspot.settings import Settings
from syncctl.fields.jsontext import encode_json
from syncctl.model import Action, Request


def setup_requests(
    system: str, settings: Settings, at: Addresses, definitions: Mapping[str, Sequence[Mapping[str, Any]]]
) -> tuple[Request, ...]:
    """The requests that create the property where it is missing; its uniqueness cannot be added afterwards."""
    return tuple(_request(system, settings, at, kind) for kind in WRITABLE if not _has(settings, definitions[kind]))


def _has(settings: Settings, definitions: Iterable[Mapping[str, Any]]) -> bool:
    return any(one.get("name") == settings.external_id_property for one in definitions)


def _request(system: str, settings: Settings, at: Addresses, kind: str) -> Request:
    body = {
        "name": settings.external_id_property,
        "label": "syncctl external ID",
        "description": "Names the syncctl operation that made this record, so that it is made once. Do not edit.",
        "groupName": settings.group(kind),
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": True,
        "formField": False,
    }
    return Request(
        system,
        kind,
        Action.CREATE,
        "POST",
        at.properties(kind),
        headers=(("content-type", "application/json"),),
        body=encode_json(body),
        rows=(f"setup {kind}",),
    )
