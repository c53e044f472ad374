"""Creating, updating, merging and showing records: every value is checked before anything is stored. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncctl.sandbox.hubspot import associations
from syncctl.sandbox.hubspot.account import Account, Stored
from syncctl.sandbox.hubspot.catalog import DEFAULTS, modified_property
from syncctl.sandbox.hubspot.computed import defaults, recompute
from syncctl.sandbox.hubspot.properties import Property, checked, instant
from syncctl.sandbox.hubspot.refusals import Invalid, Refusal, invalid_json, invalid_values

_ENFORCED_FROM = "2026-09"
"""Admin rules apply to API writes from this version on (vendor's changelog)."""


def create(account: Account, kind: str, values: Mapping[str, Any], version: str) -> Stored:
    """A new record; raises Refusal."""
    passed = check(account, kind, values, {})
    require(account, kind, passed, version)
    if kind == "contact":
        _refuse_known_email(account, passed.get("email", ""))
    now = account.now()
    record = Stored(account.new_id(), kind, {}, now, now)
    _refuse_taken(account, record, passed)
    account.add(record)
    _assign(account, record, passed)
    defaults(account, record, imported=False)
    recompute(account, record)
    account.touch(record, at=now)
    return record


def update(account: Account, record: Stored, values: Mapping[str, Any], version: str) -> Stored:
    """Writes the given values; null is ignored, the empty text clears. Raises Refusal."""
    passed = check(account, record.kind, values, record.properties)
    require(account, record.kind, {**record.properties, **passed}, version)
    _refuse_taken(account, record, passed)
    _assign(account, record, passed)
    recompute(account, record)
    account.touch(record)
    return record


def _assign(account: Account, record: Stored, passed: Mapping[str, str]) -> None:
    for name, value in passed.items():
        if name in account.unique_names(record.kind):
            account.set_unique(record, name, value)
        if value:
            record.properties[name] = value
        else:
            record.properties.pop(name, None)


def check(account: Account, kind: str, values: Mapping[str, Any], held: Mapping[str, str]) -> dict[str, str]:
    """The values as they would be stored; raises Refusal with every problem at once."""
    if not isinstance(values, Mapping):
        raise invalid_json("properties must be an object")
    passed: dict[str, str] = {}
    problems: list[Invalid] = []
    for name, raw in values.items():
        found = account.properties[kind].get(name)
        if found is None:
            problems.append(Invalid(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
        elif raw is None:
            continue
        elif found.read_only:
            problems.append(Invalid(name, "READ_ONLY_VALUE", f'"{name}" is a read only property'))
        else:
            value = checked(found, raw, allowed(account, kind, found, {**held, **values}))
            if isinstance(value, Invalid):
                problems.append(value)
            else:
                passed[name] = value
    if problems:
        raise invalid_values(problems, account.portal_id)
    return passed


def allowed(account: Account, kind: str, found: Property, values: Mapping[str, Any]) -> list[str] | None:
    """The options that live outside the property: owners, pipelines, stages. None: those of the property itself."""
    if found.reference == "OWNER":
        return [owner["id"] for owner in account.owners.values() if not owner["archived"]]
    if kind == "deal" and found.name == "pipeline":
        return list(account.pipelines)
    if kind == "deal" and found.name == "dealstage":
        pipeline = values.get("pipeline") or next(iter(account.pipelines))
        return list(account.stages(pipeline)) if pipeline in account.pipelines else list(account.stages())
    return None


def require(account: Account, kind: str, values: Mapping[str, str], version: str) -> None:
    """Applies the admin's rules where the version enforces them; raises Refusal."""
    if version[:1] == "v" or version < _ENFORCED_FROM:
        return
    missing = [
        rule.property
        for rule in account.rules[kind]
        if all(values.get(name) == value for name, value in rule.when.items()) and not values.get(rule.property)
    ]
    if missing:
        raise Refusal(
            400,
            "VALIDATION_ERROR",
            f"Error writing {kind.upper()}. Some required properties were not set.",
            context={"properties": missing},
            errors=[
                {"message": f'Property "{name}" is required', "code": "REQUIRED_PROPERTY", "in": name}
                for name in missing
            ],
        )


def _refuse_known_email(account: Account, email: str) -> None:
    held = account.holder("contact", "email", email) if email else None
    if held is not None:
        raise Refusal(409, "CONFLICT", f"Contact already exists. Existing ID: {held.id}")


def _refuse_taken(account: Account, record: Stored, passed: Mapping[str, str]) -> None:
    for name in account.unique_names(record.kind):
        value = passed.get(name, "")
        held = account.holder(record.kind, name, value) if value else None
        if held is not None and held.id != record.id:
            raise Refusal(
                400,
                "VALIDATION_ERROR",
                f"Cannot set PropertyValueCoordinates{{portalId={account.portal_id}, objectTypeId=ObjectTypeId"
                f"{{legacyObjectType={record.kind.upper()}}}, propertyName={name}, value={value}}} on {record.id}. "
                f"{held.id} already has that value.",
            )


def merge(account: Account, kind: str, primary: Stored, other: Stored, *, keep_id: bool) -> Stored:
    """One record out of two: the primary's values win. A new id is minted unless the account keeps the primary's."""
    values = {**other.properties, **primary.properties}
    before = [*_merged(primary), *_merged(other), other.id]
    if keep_id:
        winner = primary
    else:
        before.insert(0, primary.id)
        winner = Stored(account.new_id(), kind, {}, primary.created, account.now())
        account.add(winner)
        _absorb(account, primary, winner)
    _absorb(account, other, winner)
    winner.properties = {}
    _assign(account, winner, {**values, "hs_merged_object_ids": ";".join(dict.fromkeys(before))})
    recompute(account, winner)
    account.touch(winner)
    return winner


def _absorb(account: Account, loser: Stored, winner: Stored) -> None:
    associations.move(account, loser, winner)
    account.drop(loser)
    account.merged_into[loser.kind][loser.id] = winner.id


def _merged(record: Stored) -> list[str]:
    return [one for one in record.properties.get("hs_merged_object_ids", "").split(";") if one]


def show(record: Stored, wanted: Sequence[str] | None, known: Iterable[str]) -> dict[str, Any]:
    """The record as an answer has it: only what was asked for, the system's own three, null where nothing is set."""
    names = set(wanted or DEFAULTS[record.kind]) & set(known)
    names |= {"createdate", modified_property(record.kind), "hs_object_id"}
    shown: dict[str, Any] = {
        "id": record.id,
        "properties": {name: record.properties.get(name) for name in sorted(names)},
        "createdAt": instant(record.created),
        "updatedAt": instant(record.updated),
        "archived": record.archived_at is not None,
    }
    if record.archived_at is not None:
        shown["archivedAt"] = instant(record.archived_at)
    return shown


def written(record: Stored, values: Mapping[str, Any], computed: Iterable[str]) -> dict[str, Any]:
    """The answer to a write: what was written and what the vendor worked out, without nulls."""
    names = {*values, *computed, *DEFAULTS[record.kind]}
    shown = show(record, sorted(names), names)
    shown["properties"] = {name: value for name, value in shown["properties"].items() if value is not None}
    return shown


def computed_names(account: Account, kind: str) -> tuple[str, ...]:
    return tuple(found.name for found in account.properties[kind].values() if found.calculated)
