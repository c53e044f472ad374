"""What an org needs once: our External ID field on every object where records are made, visible to our user. No I/O.

A field made through the API is hidden from everybody until a permission set shows it; the option `permission_set` names
the one that the user of the app has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from syncctl.connectors.salesforce.addresses import Addresses
from syncctl.connectors.salesforce.schema import NEVER_MADE
from syncctl.connectors.salesforce.settings import Settings
from syncctl.fields.jsontext import encode_json
from syncctl.model import Action, Request

LENGTH: Final = 64
"""Characters of an operation's id, with room."""
_HEADERS: Final = (("content-type", "application/json"),)


def setup_requests(
    system: str,
    settings: Settings,
    at: Addresses,
    descriptions: Iterable[Mapping[str, Any]],
    hidden: Sequence[str],
) -> tuple[Request, ...]:
    """The requests that make the field where it is missing and show it where it is hidden. `hidden`: objects that have
    it, though this user does not see it."""
    found: list[Request] = []
    for description in descriptions:
        kind = str(description["name"])
        if kind in NEVER_MADE or not description.get("createable") or _has(settings, description):
            continue
        if kind not in hidden:
            found.append(_field(system, settings, at, kind))
        if settings.permission_set:
            found.append(_permission(system, settings, at, kind))
    return tuple(found)


def _has(settings: Settings, description: Mapping[str, Any]) -> bool:
    return any(one.get("name") == settings.external_id_field for one in description["fields"])


def _field(system: str, settings: Settings, at: Addresses, kind: str) -> Request:
    metadata = {
        "type": "Text",
        "label": "syncctl external ID",
        "description": "Names the syncctl operation that made this record, so that it is made once. Do not edit.",
        "length": LENGTH,
        "externalId": True,
        "unique": True,
        "caseSensitive": True,
        "required": False,
    }
    body = {"FullName": f"{kind}.{settings.external_id_field}", "Metadata": metadata}
    return _request(system, kind, at.custom_fields, body, f"setup {kind}")


def _permission(system: str, settings: Settings, at: Addresses, kind: str) -> Request:
    body = {
        "ParentId": settings.permission_set,
        "SobjectType": kind,
        "Field": f"{kind}.{settings.external_id_field}",
        "PermissionsRead": True,
        "PermissionsEdit": True,
    }
    return _request(system, kind, f"{at.objects}/FieldPermissions", body, f"show {kind}")


def _request(system: str, kind: str, path: str, body: Mapping[str, Any], row: str) -> Request:
    return Request(system, kind, Action.CREATE, "POST", path, (), _HEADERS, encode_json(body), rows=(row,))
