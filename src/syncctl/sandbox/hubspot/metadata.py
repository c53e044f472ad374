"""The endpoints about the account: properties, property groups, pipelines, owners, details, currency. No I/O."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from syncctl.sandbox.hubspot.calls import Call, Reply, page_of
from syncctl.sandbox.hubspot.kinds import kind_of
from syncctl.sandbox.hubspot.properties import UNIQUE_PROPERTIES_MAX, Property, instant, parse_property
from syncctl.sandbox.hubspot.refusals import Refusal, invalid_json, not_found

FOUNDED = "2024-01-15T09:00:00Z"
"""When the account's own properties, pipelines and owners came to be."""


def _kind(call: Call) -> str:
    return kind_of(call.parts["type"])


def list_properties(call: Call) -> Reply:
    if call.flag("archived"):
        return 200, {"results": []}
    found = call.account.properties[_kind(call)]
    return 200, {"results": [one.metadata(FOUNDED) for one in found.values()]}


def read_property(call: Call) -> Reply:
    return 200, _property(call).metadata(FOUNDED)


def _property(call: Call) -> Property:
    found = call.account.properties[_kind(call)].get(call.parts["name"])
    if found is None:
        raise not_found(f"Unable to find property {call.parts['name']} for object type {_kind(call)}")
    return found


def create_property(call: Call) -> Reply:
    body = _loose(call)
    return 201, define(call, _kind(call), body).metadata(instant(call.account.now()))


def _loose(call: Call) -> dict[str, Any]:
    """The body as it is: the property's own check knows its fields."""
    try:
        body = json.loads(call.body)
    except ValueError as error:
        raise invalid_json(str(error)) from error
    if not isinstance(body, dict):
        raise invalid_json("not an object")
    return body


def define(call: Call, kind: str, body: dict[str, Any]) -> Property:
    """Adds a custom property; raises Refusal."""
    found = parse_property(body)
    held = call.account.properties[kind]
    if found.name in held:
        raise Refusal(409, "OBJECT_ALREADY_EXISTS", f"A property named '{found.name}' already exists.")
    if found.group not in call.account.groups[kind]:
        raise Refusal(400, "VALIDATION_ERROR", f"Property group {found.group} does not exist")
    own = sum(one.unique and not one.builtin for one in held.values())
    if found.unique and own >= UNIQUE_PROPERTIES_MAX:
        raise Refusal(400, "VALIDATION_ERROR", f"At most {UNIQUE_PROPERTIES_MAX} unique properties per object type")
    held[found.name] = found
    return found


def update_property(call: Call) -> Reply:
    found = _property(call)
    body = call.json(("label", "groupName", "description", "options", "displayOrder", "hidden", "formField"))
    if found.builtin:
        raise Refusal(400, "VALIDATION_ERROR", f"{found.name} is a read only property definition")
    options = tuple((one["value"], one["label"]) for one in body["options"]) if "options" in body else found.options
    changed = replace(found, label=body.get("label", found.label), options=options)
    call.account.properties[_kind(call)][found.name] = changed
    return 200, changed.metadata(FOUNDED)


def archive_property(call: Call) -> Reply:
    found = _property(call)
    if found.builtin:
        raise Refusal(400, "VALIDATION_ERROR", f"{found.name} cannot be archived")
    del call.account.properties[_kind(call)][found.name]
    return 204, None


def list_groups(call: Call) -> Reply:
    groups = call.account.groups[_kind(call)]
    return 200, {
        "results": [
            {"name": name, "label": label, "displayOrder": number, "archived": False}
            for number, (name, label) in enumerate(groups.items())
        ]
    }


def create_group(call: Call) -> Reply:
    body = call.json(("name", "label", "displayOrder"))
    if not body.get("name") or not body.get("label"):
        raise Refusal(400, "VALIDATION_ERROR", "name and label are required")
    call.account.groups[_kind(call)][body["name"]] = body["label"]
    return 201, {"name": body["name"], "label": body["label"], "displayOrder": -1, "archived": False}


def list_pipelines(call: Call) -> Reply:
    if _kind(call) != "deal":
        return 200, {"results": []}
    return 200, {"results": list(call.account.pipelines.values())}


def read_pipeline(call: Call) -> Reply:
    found = call.account.pipelines.get(call.parts["id"])
    if found is None:
        raise not_found()
    return 200, found


def list_owners(call: Call) -> Reply:
    limit, archived = call.limit(500) if "limit" in call.query else 100, call.flag("archived")
    email, after = call.query.get("email", "").lower(), call.after()
    found = [
        owner
        for owner in sorted(call.account.owners.values(), key=_number)
        if owner["archived"] is archived and _number(owner) > after and email in ("", owner["email"].lower())
    ]
    more = len(found) > limit
    return 200, page_of(found, limit, found[limit - 1]["id"] if more else "", more)


def _number(owner: dict[str, Any]) -> int:
    return int(owner["id"])


def read_owner(call: Call) -> Reply:
    found = call.account.owners.get(call.parts["id"])
    if found is None or found["archived"] is not call.flag("archived"):
        raise not_found()
    return 200, found


def account_details(call: Call) -> Reply:
    account = call.account
    return 200, {
        "portalId": account.portal_id,
        "accountType": call.behaviour.account_type,
        "timeZone": call.behaviour.time_zone,
        "companyCurrency": account.currency,
        "additionalCurrencies": [code for code in account.currencies if code != account.currency],
        "utcOffset": "-05:00",
        "utcOffsetMilliseconds": -18_000_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }


def company_currency(call: Call) -> Reply:
    return 200, {"currencyCode": call.account.currency}
