"""Associations of a page of records: read in batches, one entry per associated record. I/O: network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from syncctl.connectors.hubspot.addresses import LINKED, PLURALS, PRIMARY, PRIMARY_TYPE_IDS
from syncctl.connectors.hubspot.client import Client
from syncctl.connectors.hubspot.rows import Paging, RowError, associated_json
from syncctl.errors import AnswerUnreadable, Exchange, RequestRefused
from syncctl.fields.jsontext import encode_json


class _Type(msgspec.Struct, rename="camel"):
    type_id: int
    label: str | None = None


class _Linked(msgspec.Struct, rename="camel"):
    to_object_id: int | str
    association_types: list[_Type] = []


class _From(msgspec.Struct):
    id: str | int


class _LinkRow(msgspec.Struct, rename={"source": "from"}):
    source: _From
    to: list[_Linked] = []
    paging: Paging | None = None


class _LinkPage(msgspec.Struct):
    results: list[_LinkRow]
    errors: list[RowError] = []


_pages: Final = msgspec.json.Decoder(_LinkPage)
Link = dict[str, str]
"""`{"id": "1", "label": "primary"}`; without `label` when the association has none."""
Links = dict[str, dict[str, list[Link]]]
"""By record id, then by the plural of the other kind."""


def read_links(client: Client, kind: str, ids: Sequence[str]) -> Links:
    """The associations of records, no more than `association_batch` of them. Raises VendorError."""
    found: Links = {identity: {PLURALS[other]: [] for other in LINKED[kind]} for identity in ids}
    for other in LINKED[kind]:
        for identity, linked in _read_kind(client, kind, other, ids).items():
            if identity in found:
                found[identity][PLURALS[other]] = _ordered(linked)
    return found


def links_json(kind: str, links: Links) -> dict[str, bytes]:
    """The same as JSON by record id, the empty ones sharing one text."""
    nothing = associated_json({PLURALS[other]: [] for other in LINKED[kind]})
    return {identity: associated_json(held) if any(held.values()) else nothing for identity, held in links.items()}


def _read_kind(client: Client, kind: str, other: str, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Label by associated id, by record id; the empty label where there is none."""
    found: dict[str, dict[str, str]] = {}
    inputs: list[dict[str, str]] = [{"id": identity} for identity in ids]
    while inputs:
        page = _decode(client, client.at.associations(kind, other, "batch", "read"), inputs)
        inputs = []
        for row in page.results:
            held = found.setdefault(str(row.source.id), {})
            for one in row.to:
                identity = str(one.to_object_id)
                held[identity] = _label(one.association_types) or held.get(identity, "")
            if row.paging is not None and row.paging.next is not None:
                inputs.append({"id": str(row.source.id), "after": row.paging.next.after})
    return found


def _decode(client: Client, path: str, inputs: Sequence[dict[str, str]]) -> _LinkPage:
    answer = client.http.read("POST", path, body=encode_json({"inputs": inputs}))
    where = Exchange(client.name, answer.request, answer.status)
    try:
        page = _pages.decode(answer.body)
    except msgspec.DecodeError as error:
        raise AnswerUnreadable(f"{client.name} answered {path} with no associations: {error}", where) from error
    refused = [error for error in page.errors if error.category != "OBJECT_NOT_FOUND"]
    if refused:
        raise RequestRefused(
            f"{client.name} could not read associations: {refused[0].message}",
            where,
            fix="look at them in HubSpot, then pull again",
        )
    return page


def _label(types: Sequence[_Type]) -> str:
    """One label per associated record: a primary company comes back as primary and as unlabeled (airbyte#30292)."""
    if len(types) == 1:
        return _one_label(types[0])
    labels = {_one_label(one) for one in types}
    if PRIMARY in labels:
        return PRIMARY
    return min((label for label in labels if label), default="")


def _one_label(one: _Type) -> str:
    return PRIMARY if one.type_id in PRIMARY_TYPE_IDS else one.label or ""


def _ordered(linked: dict[str, str]) -> list[Link]:
    """Primary first, then by id: the vendor's order means nothing and would make equal records differ."""
    entries = list(linked.items())
    if len(entries) > 1:
        entries.sort(key=_place)
    return [{"id": identity, "label": label} if label else {"id": identity} for identity, label in entries]


def _place(entry: tuple[str, str]) -> tuple[bool, int, str]:
    identity, label = entry
    return label != PRIMARY, int(identity) if identity.isdigit() else 0, identity
