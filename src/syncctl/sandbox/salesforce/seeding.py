"""Records, objects, fields and rules made outside the API. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from syncctl.sandbox.salesforce.checks import values_of
from syncctl.sandbox.salesforce.fields import FieldDef, ObjectDef
from syncctl.sandbox.salesforce.metadata import custom_field
from syncctl.sandbox.salesforce.org import Org, Rule, Stored, checksum
from syncctl.sandbox.salesforce.select import shown

_OWN: Final = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "IsDeleted", "attributes")


def furnish(org: Org, *, name: str, org_id: str, sandbox: bool, edition: str) -> None:
    """What every org has: itself, a user, the standard price book, its currencies."""
    seed_record(
        org,
        "Organization",
        {"Id": org_id, "Name": name, "IsSandbox": sandbox, "OrganizationType": edition, "InstanceName": "USA1S"},
    )
    user = seed_record(
        org, "User", {"Username": "integration@example.com", "Email": "integration@example.com", "LastName": "Syncctl"}
    )
    org.user = str(user["Id"])
    seed_record(org, "Pricebook2", {"Name": "Standard Price Book", "IsStandard": True})
    for code in org.currencies:
        corporate = code == org.currencies[0]
        seed_record(org, "CurrencyType", {"IsoCode": code, "IsCorporate": corporate})


def seed_object(org: Org, body: Mapping[str, Any]) -> dict[str, Any]:
    """A custom object: `{"name": "Invoice__c", "prefix": "a01", "fields": {"Total__c": {"type": "currency"}}}`."""
    name = str(body["name"])
    template = org.objects["Product2"]
    own = ("Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")
    fields = {one: template.fields[one] for one in own}
    fields["Name"] = FieldDef("Name", "string", "cundN", "Name", length=80)
    if org.currencies:
        fields["CurrencyIsoCode"] = template.fields["CurrencyIsoCode"]
    fields |= {each: custom_field(each, about) for each, about in body.get("fields", {}).items()}
    prefix = str(body.get("prefix") or f"a{len(org.objects):02d}")
    org.objects[name] = ObjectDef(name, prefix, fields, str(body.get("label", name)), custom=True)
    org.records[name] = {}
    return {"name": name, "prefix": prefix}


def seed_field(org: Org, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A custom field that the user sees, unless `hidden`; only `name` is needed."""
    about, name = org.objects[kind], str(body["name"])
    about.fields[name] = custom_field(name, body)
    if body.get("hidden"):
        about.hidden.add(name)
    return about.fields[name].describe()


def seed_rule(org: Org, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """`{"message", "field", "when": {field: value}, "missing": field}`."""
    rule = Rule(str(body["message"]), dict(body.get("when", {})), body.get("field", ""), body.get("missing", ""))
    org.rules.setdefault(kind, []).append(rule)
    return dict(body)


def seed_duplicate_rule(org: Org, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """`{"match": ["Name"]}`."""
    org.duplicate_rules.setdefault(kind, []).append(tuple(body["match"]))
    return dict(body)


def seed_record(org: Org, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A record; the vendor's own fields may be given. Raises ValueError for an unknown field."""
    about = org.objects[kind]
    unknown = sorted(set(body) - set(about.fields) - set(_OWN))
    if unknown:
        raise ValueError(f"{kind} has no field {unknown[0]!r}")
    free = {one.name: _free(one) for one in about.fields.values()}
    loose = ObjectDef(kind, about.prefix, free)
    values = values_of(org, loose, {name: value for name, value in body.items() if name not in _OWN}, new=True)
    for one in about.fields.values():
        if one.default is not None:
            values.setdefault(one.name, one.default)
    if "OwnerId" in about.fields:
        values.setdefault("OwnerId", org.user)
    if "CurrencyIsoCode" in about.fields:
        values.setdefault("CurrencyIsoCode", org.currencies[0])
    created = _moment(body, "CreatedDate", org.now())
    modified = _moment(body, "LastModifiedDate", created)
    stamped = _moment(body, "SystemModstamp", modified)
    given = str(body.get("Id") or org.new_id(kind))
    record = Stored(
        given if len(given) == 18 else given + checksum(given),
        kind,
        {name: value for name, value in values.items() if value is not None},
        created,
        modified,
        stamped,
    )
    if body.get("IsDeleted"):
        record.deleted = stamped
    return whole(org, org.add(record))


def _free(one: FieldDef) -> FieldDef:
    """A field that takes any value of its type: whoever seeds knows what the vendor would have stored."""
    return FieldDef(one.name, "string" if one.type == "reference" else one.type, "cund", length=100_000)


def _moment(body: Mapping[str, Any], name: str, otherwise: datetime) -> datetime:
    return datetime.fromisoformat(str(body[name])).astimezone(UTC) if name in body else otherwise


def whole(org: Org, record: Stored) -> dict[str, Any]:
    """The record with every field that is set."""
    held = {name: shown(org.value(record, one), one) for name, one in org.objects[record.kind].fields.items()}
    return {name: value for name, value in held.items() if value is not None}


def everything(org: Org) -> dict[str, Any]:
    """All records that are not purged, by object and id."""
    return {
        kind: {identity: whole(org, one) for identity, one in records.items() if not one.purged}
        for kind, records in org.records.items()
    }
