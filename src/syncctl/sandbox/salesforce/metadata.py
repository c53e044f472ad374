"""Custom fields made through the API, hidden from everybody until a permission set shows them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from syncctl.sandbox.salesforce.calls import Call, Reply
from syncctl.sandbox.salesforce.fields import FieldDef
from syncctl.sandbox.salesforce.refusals import Fault, Refusal, not_found
from syncctl.sandbox.salesforce.soql import Compare, parse

_TYPES: Final = {
    "Text": "string",
    "Number": "double",
    "Currency": "currency",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Picklist": "picklist",
}


def create_field(call: Call) -> Reply:
    """`{"FullName": "Account.X__c", "Metadata": {…}}`."""
    body = call.object()
    metadata = body.get("Metadata")
    kind, _, name = str(body.get("FullName", "")).partition(".")
    about = call.org.objects.get(kind)
    if not isinstance(metadata, Mapping) or about is None or not name.endswith("__c"):
        raise Refusal(400, Fault("FIELD_INTEGRITY_EXCEPTION", "FullName or Metadata is wrong"))
    if name in about.fields:
        message = f"There is already a field named {name.removesuffix('__c')} on {kind}."
        raise Refusal(400, Fault("DUPLICATE_DEVELOPER_NAME", message))
    if metadata.get("type") not in _TYPES:
        raise Refusal(400, Fault("FIELD_INTEGRITY_EXCEPTION", f"Unknown field type: {metadata.get('type')}"))
    about.fields[name] = custom_field(name, {**metadata, "type": _TYPES[str(metadata["type"])]})
    about.hidden.add(name)
    return Reply(201, {"id": f"00N{len(about.fields):012d}AAA", "success": True, "errors": [], "warnings": []})


def custom_field(name: str, body: Mapping[str, Any]) -> FieldDef:
    """A custom field: `{"type", "label", "length", "externalId", "unique", "options", "formula", …}`."""
    options = body.get("options", ())
    formula = str(body.get("formula", ""))
    return FieldDef(
        name,
        str(body.get("type", "string")),
        str(body.get("flags", "nC" if formula else "cun")),
        str(body.get("label", name)),
        int(body.get("length", 0)),
        int(body.get("precision", 18)),
        int(body.get("scale", 2)),
        refers_to=tuple(body.get("refers_to", ())),
        relationship=f"{name.removesuffix('__c')}__r" if body.get("refers_to") else "",
        options=tuple((one, True) if isinstance(one, str) else (one[0], bool(one[1])) for one in options),
        restricted=bool(body.get("restricted")),
        external_id=bool(body.get("externalId")),
        unique=bool(body.get("unique")),
        case_sensitive=bool(body.get("caseSensitive")),
        custom=True,
        formula=formula,
        help=str(body.get("help", "")),
    )


def show_field(call: Call) -> Reply:
    """A permission set gives the user a field: `FieldPermissions`."""
    body = call.object()
    kind, _, name = str(body.get("Field", "")).partition(".")
    about = call.org.objects.get(kind)
    if about is None or name not in about.fields or not str(body.get("ParentId", "")).startswith("0PS"):
        raise Refusal(400, Fault("FIELD_INTEGRITY_EXCEPTION", "Field or ParentId is wrong"))
    if body.get("PermissionsRead"):
        about.hidden.discard(name)
    return Reply(201, {"id": "01k000000000001AAA", "success": True, "errors": []})


def query(call: Call) -> Reply:
    """Which objects have a custom field of this name, hidden or not."""
    found = parse(call.query.get("q", ""))
    where = found.where
    if found.kind.lower() != "customfield" or not isinstance(where, Compare) or where.field != "DeveloperName":
        raise not_found()
    name = f"{where.values[0].value}__c"
    rows = [
        {"attributes": {"type": "CustomField"}, "TableEnumOrId": one.name}
        for one in call.org.objects.values()
        if name in one.fields
    ]
    return Reply(200, {"size": len(rows), "totalSize": len(rows), "done": True, "records": rows})
