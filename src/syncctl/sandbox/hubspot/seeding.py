"""Records, owners, pipelines, properties and rules made outside the API. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from syncctl.sandbox.hubspot import associations
from syncctl.sandbox.hubspot.account import Account, Rule, Stored
from syncctl.sandbox.hubspot.computed import defaults, recompute
from syncctl.sandbox.hubspot.kinds import PLURALS, PRIMARY, kind_of
from syncctl.sandbox.hubspot.metadata import FOUNDED
from syncctl.sandbox.hubspot.properties import instant, parse_instant, parse_property

_OWN_FIELDS: Final = ("id", "createdAt", "updatedAt", "archived", "archivedAt", "associations", "properties")

_STAGES: Final = (
    ("appointmentscheduled", "Appointment scheduled", "0.2", "false"),
    ("qualifiedtobuy", "Qualified to buy", "0.4", "false"),
    ("presentationscheduled", "Presentation scheduled", "0.6", "false"),
    ("contractsent", "Contract sent", "0.9", "false"),
    ("closedwon", "Closed won", "1.0", "true"),
    ("closedlost", "Closed lost", "0.0", "true"),
)
"""The stages of the vendor's own sales pipeline."""


def furnish(account: Account) -> None:
    """What every account has: one pipeline and one owner."""
    stages = [
        {"id": name, "label": label, "metadata": {"probability": probability, "isClosed": closed}}
        for name, label, probability, closed in _STAGES
    ]
    seed_pipeline(account, {"id": "default", "label": "Sales Pipeline", "stages": stages})
    seed_owner(account, {"id": "70000001", "email": "finance@example.com", "firstName": "Fin", "lastName": "Ance"})


def seed_pipeline(account: Account, body: Mapping[str, Any]) -> dict[str, Any]:
    """`{"id", "label", "stages": [{"id", "label", "metadata"}]}`."""
    times = {"createdAt": FOUNDED, "updatedAt": FOUNDED, "archived": False}
    stages = [
        {
            "displayOrder": number,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "metadata": {"probability": "0.0", "isClosed": "false"},
            **times,
            **stage,
        }
        for number, stage in enumerate(body.get("stages", ()))
    ]
    found = {**times, "displayOrder": len(account.pipelines), **body, "stages": stages}
    account.pipelines[str(body["id"])] = found
    return found


def seed_owner(account: Account, body: Mapping[str, Any]) -> dict[str, Any]:
    """`{"id", "email", "firstName", "lastName", "archived"}`."""
    number = int(body.get("id", 70_000_001 + len(account.owners)))
    found = {
        "email": "",
        "type": "PERSON",
        "firstName": "",
        "lastName": "",
        "userId": number - 60_000_000,
        "userIdIncludingInactive": number - 60_000_000,
        "createdAt": FOUNDED,
        "updatedAt": FOUNDED,
        "archived": False,
        **body,
        "id": str(number),
    }
    account.owners[str(number)] = found
    return found


def seed_property(account: Account, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A custom property; only `name` is needed. Raises Refusal."""
    group = next(iter(account.groups[kind]))
    field_types = {"number": "number", "date": "date", "datetime": "date", "enumeration": "select"}
    type_ = body.get("type", "string")
    whole = {
        "label": body["name"],
        "type": type_,
        "fieldType": {**field_types, "bool": "booleancheckbox"}.get(type_, "text"),
        "groupName": group,
        **body,
    }
    found = parse_property(whole)
    account.properties[kind][found.name] = found
    return found.metadata(FOUNDED)


def seed_rule(account: Account, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """`{"property": name, "when": {other: value}}`: required on writes over a path of 2026-09 or later."""
    account.rules[kind].append(Rule(body["property"], dict(body.get("when", {}))))
    return dict(body)


def seed_record(account: Account, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A record with properties beside its own fields or under `properties`; read-only ones may be given.

    `associations` is `{"companies": ["1", {"id": "2", "label": "primary"}]}`.
    """
    given = {name: value for name, value in body.items() if name not in _OWN_FIELDS} | dict(body.get("properties", {}))
    unknown = sorted(set(given) - set(account.properties[kind]))
    if unknown:
        raise ValueError(f"{kind} has no property {unknown[0]!r}")
    created = parse_instant(body["createdAt"]) if "createdAt" in body else account.now()
    record = Stored(str(body.get("id") or account.new_id()), kind, {}, created, created)
    account.add(record)
    _fill(account, record, given)
    defaults(account, record, imported=True)
    recompute(account, record)
    _fill(account, record, given)  # what was given stands, computed or not
    updated = parse_instant(body["updatedAt"]) if "updatedAt" in body else created
    _associate(account, record, body.get("associations", {}))
    account.touch(record, at=updated, at_once=True)
    if body.get("archived"):
        at = parse_instant(body["archivedAt"]) if "archivedAt" in body else None
        account.archive(record, at=at, at_once=True)
    return whole(record)


def _fill(account: Account, record: Stored, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if value in (None, ""):
            continue
        text = str(value).lower() if name == "email" else str(value)
        if name in account.unique_names(record.kind):
            account.set_unique(record, name, text)
        record.properties[name] = text


def _associate(account: Account, record: Stored, wanted: Mapping[str, Any]) -> None:
    for name, elements in wanted.items():
        other = kind_of(name)
        for element in elements:
            found = {"id": element} if isinstance(element, str) else element
            target = account.objects[other][str(found["id"])]
            types = [PRIMARY[record.kind, other]] if found.get("label") == "primary" else []
            associations.link(account, record, target, types)


def whole(record: Stored) -> dict[str, Any]:
    """The record with every property that is set."""
    shown: dict[str, Any] = {
        "id": record.id,
        "properties": dict(sorted(record.properties.items())),
        "createdAt": instant(record.created),
        "updatedAt": instant(record.updated),
        "archived": record.archived_at is not None,
    }
    if record.archived_at is not None:
        shown["archivedAt"] = instant(record.archived_at)
    return shown


def everything(account: Account) -> dict[str, Any]:
    """All records by kind and id; association types by `deal:1>company:2`."""
    found: dict[str, Any] = {
        kind: {identity: whole(record) for identity, record in account.objects[kind].items()} for kind in PLURALS
    }
    found["owner"] = dict(account.owners)
    found["pipeline"] = dict(account.pipelines)
    found["associations"] = {f"{a}:{b}>{c}:{d}": sorted(types) for (a, b, c, d), types in account.edges.items()}
    return found
