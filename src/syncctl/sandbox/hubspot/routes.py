"""Which path and method leads to which endpoint, for the dated versions and for v3 and v4. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syncctl.sandbox.hubspot import batches, linking, metadata, objects
from syncctl.sandbox.hubspot.calls import Endpoint

DATED: Final = ("2026-03", "2026-09")
"""The versions that are current or supported in November 2026."""

_FAMILIES: Final = (
    (re.compile(r"/crm/(objects|properties|associations|owners|pipelines)/(\d{4}-\d{2})(/.*)?"), "{0}{2}", 1),
    (re.compile(r"/crm/(v3)/(objects|properties|owners|pipelines)(/.*)?"), "{1}{2}", 0),
    (re.compile(r"/crm/(v4)/(objects|associations)(/.*)?"), "{1}{2}", 0),
    (re.compile(r"/account-info/(\d{4}-\d{2}|v3)/details"), "account/details", 0),
    (re.compile(r"/settings/currencies/(\d{4}-\d{2}|v3)/company-currency"), "settings/company-currency", 0),
)


def canonical(path: str) -> tuple[str, str] | None:
    """Version and the path without it: (`2026-09`, `objects/contacts/batch/read`); None for an unknown address."""
    for pattern, shape, version_at in _FAMILIES:
        found = pattern.fullmatch(path)
        if found is not None:
            groups = [group or "" for group in found.groups()]
            version = groups[version_at]
            if version[0] != "v" and version not in DATED:
                return None
            return version, shape.format(*groups).strip("/")
    return None


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `query` are the parameters it knows; `only` limits it to v3, v4 or dated paths (`d`)."""

    method: str
    path: str
    endpoint: Endpoint
    query: frozenset[str] = frozenset()
    only: str = ""
    writes: bool = False


_READ: Final = "properties propertiesWithHistory associations archived idProperty"
_BATCH: Final = "objects/{type}/batch"
_PAIR: Final = "associations/{type}/{other}"
_LINK: Final = "objects/{type}/{id}/associations/{other}"


def _route(
    method: str, path: str, endpoint: Endpoint, query: str = "", only: str = "", *, writes: bool = True
) -> Route:
    return Route(
        method,
        path,
        endpoint,
        frozenset(query.split()),
        only,
        writes=writes and method != "GET",
    )


ROUTES: Final = (
    _route("GET", "objects/{type}", objects.list_records, f"limit after {_READ}", "3d"),
    _route("POST", "objects/{type}", objects.create_record, "", "3d"),
    _route("POST", "objects/{type}/search", objects.search_records, "", "3d", writes=False),
    _route("POST", "objects/{type}/merge", objects.merge_records, "", "3d"),
    _route("POST", f"{_BATCH}/read", batches.batch_read, "archived", "3d", writes=False),
    _route("POST", f"{_BATCH}/create", batches.batch_create, "", "3d"),
    _route("POST", f"{_BATCH}/update", batches.batch_update, "", "3d"),
    _route("POST", f"{_BATCH}/upsert", batches.batch_upsert, "", "3d"),
    _route("POST", f"{_BATCH}/archive", batches.batch_archive, "", "3d"),
    _route("GET", "objects/{type}/{id}", objects.read_record, _READ, "3d"),
    _route("PATCH", "objects/{type}/{id}", objects.update_record, "idProperty", "3d"),
    _route("DELETE", "objects/{type}/{id}", objects.archive_record, "", "3d"),
    _route("GET", _LINK, linking.read_of_record, "limit after", "4d"),
    _route("PUT", "objects/{type}/{id}/associations/default/{other}/{other_id}", linking.put_default, "", "4d"),
    _route("PUT", _LINK + "/{other_id}", linking.put_labelled, "", "4d"),
    _route("DELETE", _LINK + "/{other_id}", linking.remove, "", "4d"),
    _route("POST", f"{_PAIR}/batch/read", linking.batch_read, "", "4d", writes=False),
    _route("POST", f"{_PAIR}/batch/create", linking.batch_create, "", "4d"),
    _route("POST", f"{_PAIR}/batch/associate/default", linking.batch_default, "", "4d"),
    _route("POST", f"{_PAIR}/batch/archive", linking.batch_archive, "", "4d"),
    _route("GET", f"{_PAIR}/labels", linking.labels, "", "4d"),
    _route("GET", "properties/{type}", metadata.list_properties, "archived properties dataSensitivity", "3d"),
    _route("POST", "properties/{type}", metadata.create_property, "", "3d"),
    _route("GET", "properties/{type}/groups", metadata.list_groups, "", "3d"),
    _route("POST", "properties/{type}/groups", metadata.create_group, "", "3d"),
    _route("GET", "properties/{type}/{name}", metadata.read_property, "archived properties", "3d"),
    _route("PATCH", "properties/{type}/{name}", metadata.update_property, "", "3d"),
    _route("DELETE", "properties/{type}/{name}", metadata.archive_property, "", "3d"),
    _route("GET", "pipelines/{type}", metadata.list_pipelines, "", "3d"),
    _route("GET", "pipelines/{type}/{id}", metadata.read_pipeline, "", "3d"),
    _route("GET", "owners", metadata.list_owners, "limit after archived email", "3d"),
    _route("GET", "owners/{id}", metadata.read_owner, "archived idProperty", "3d"),
    _route("GET", "account/details", metadata.account_details),
    _route("GET", "settings/company-currency", metadata.company_currency),
)

_NAME: Final = re.compile(r"\{(\w+)\}")
_COMPILED: Final = tuple((re.compile(_NAME.sub(r"(?P<\1>[^/]+)", route.path)), route) for route in ROUTES)


def find(method: str, version: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The endpoint for a canonical path; the more literal route is listed first."""
    family = version[1] if version.startswith("v") else "d"
    for pattern, route in _COMPILED:
        if route.method == method and (not route.only or family in route.only):
            found = pattern.fullmatch(path)
            if found is not None:
                return route, found.groupdict()
    return None
