"""The live schema of every object: the fields that this user sees, as Fields. No I/O.

A field that field-level security hides is not in a description at all, so it is in no schema either: a mapping that
names it fails before anything is read, and its value is never taken for empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.connectors.salesforce.complaints import HIDDEN
from syncctl.connectors.salesforce.describing import COMPOUND
from syncctl.connectors.salesforce.settings import Settings
from syncctl.connectors.salesforce.soql import NUMBERS
from syncctl.errors import ConfigError
from syncctl.fields.schema import Field, Schema
from syncctl.model import Action

CURRENCY: Final = "CurrencyIsoCode"
ACTIVE: Final = "IsActive"
NEVER_MADE: Final = {"User": "syncctl makes no users", "PricebookEntry": "syncctl sets no prices"}
"""Objects that are looked up and never created."""
_ORG_CURRENCY: Final = "org_currency"
"""No record has this member: money of an org with one currency falls back to the default."""
_DATED: Final = {"Opportunity": "CloseDate"}
_AMOUNTS: Final = {"Opportunity": "Amount", "OpportunityLineItem": "TotalPrice", "PricebookEntry": "UnitPrice"}
_TEXTS: Final = frozenset({"string", "textarea", "phone", "url", "email", "encryptedstring", "id"})
_CODECS: Final = {"boolean": "bool", "date": "date", "datetime": "instant.iso", "picklist": "enum", "id": "id"}
_NOTES: Final = {
    "percent": "50 is 50 %",
    "multipicklist": "several values separated by `;`",
}


@dataclass(frozen=True, slots=True)
class Org:
    """What fields depend on beside their object. `prefixes`: how the ids of each object begin."""

    currency: str
    prefixes: Mapping[str, str]
    kinds: tuple[str, ...]


def object_schema(system: str, settings: Settings, description: Mapping[str, Any], org: Org) -> Schema:
    """One object. Raises ConfigError for money in an org whose one currency nobody names."""
    kind = str(description["name"])
    listed = [one for one in description["fields"] if one.get("type") not in COMPOUND]
    names = {str(one["name"]) for one in listed}
    money = CURRENCY if CURRENCY in names else _ORG_CURRENCY
    if money == _ORG_CURRENCY and not org.currency and any(one.get("type") == "currency" for one in listed):
        raise ConfigError(
            f"{system}: {kind} holds amounts, and the API of an org with one currency does not say which",
            fix="set the option currency to the org's currency: options: {currency: USD}",
        )
    fields = {found.path: found for found in (one_field(one, money, org) for one in listed)}
    _mark_own(fields, settings.external_id_field)
    fields |= {found.path: found for found in _children(description, org) if found.path not in fields}
    note = create_problem(settings, kind, description)
    amount = _AMOUNTS.get(kind, "")
    return Schema(
        system,
        kind,
        fields,
        identity="Id",
        dated=next((name for name in (_DATED.get(kind, ""), "CreatedDate") if name in names), ""),
        amount=amount if amount in names else "",
        name=_names(listed),
        actions=frozenset(_actions(description, fields, note)),
        note=note,
        unseen=HIDDEN,
        stays=f"a new {kind} can only be deleted in Salesforce, and nothing here deletes",
    )


def _mark_own(fields: dict[str, Field], name: str) -> None:
    if name in fields:
        note = "syncctl names its own operation here"
        fields[name] = replace(fields[name], writable="never", required=False, note=note)


def _names(listed: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """`nameField` marks it; some descriptions mark an indexed custom field, too, so `Name` comes first."""
    marked = [str(one["name"]) for one in listed if one.get("nameField")]
    return tuple(sorted(marked, key=_not_name)) or ("Id",)


def _not_name(name: str) -> bool:
    return name != "Name"


def _actions(description: Mapping[str, Any], fields: Mapping[str, Field], note: str) -> set[Action]:
    kind, found = str(description["name"]), set[Action]()
    if description.get("updateable"):
        found.add(Action.UPDATE)
        active = fields.get(ACTIVE)
        if active is not None and active.writable == "always" and kind not in NEVER_MADE:
            found |= {Action.ARCHIVE, Action.REACTIVATE}
    if not note:
        found.add(Action.CREATE)
    return found


def create_problem(settings: Settings, kind: str, description: Mapping[str, Any]) -> str:
    """Why nothing can be created, or the empty text: without our External ID a lost answer makes duplicates."""
    if kind in NEVER_MADE:
        return NEVER_MADE[kind]
    if not description.get("createable"):
        return f"this user may not create {kind} records: an admin grants that in a permission set"
    name = settings.external_id_field
    found = next((one for one in description["fields"] if one.get("name") == name), None)
    if found is None:
        return (
            f"creating needs the field {name} on {kind}, and it is missing or hidden from this user by field-level "
            "security: run `syncctl setup` for this system, then grant read and edit on it in a permission set"
        )
    if not (found.get("externalId") and found.get("unique")):
        return f"the field {name} on {kind} must be an External ID with unique values: change it in Setup"
    if not (found.get("createable") and found.get("updateable")):
        return f"the field {name} on {kind} is read only for this user: grant edit on it in a permission set"
    return ""


# --- fields ---------------------------------------------------------------------------------------------------------


def one_field(definition: Mapping[str, Any], currency_path: str, org: Org) -> Field:
    """One field of a description."""
    name, type_ = str(definition["name"]), str(definition["type"])
    codec = _codec(name, type_)
    createable, updateable = bool(definition.get("createable")), bool(definition.get("updateable"))
    defaulted = bool(definition.get("defaultedOnCreate"))
    options = _options(definition)
    target, targets = _targets(definition, org)
    return Field(
        name,
        codec,
        label=str(definition.get("label") or ""),
        currency=currency_path if codec == "money" else "",
        currency_default=org.currency if codec == "money" and currency_path == _ORG_CURRENCY else "",
        assigned=defaulted or not (createable or updateable),
        target=target,
        targets=targets,
        writable=_writable(createable=createable, updateable=updateable),
        required=createable and not definition.get("nillable") and not defaulted,
        unique=bool(definition.get("unique")) or name == "Id",
        max_length=_length(definition, type_),
        options=options,
        open_options=type_ == "multipicklist" or not options,
        custom=bool(definition.get("custom")),
        note=_note(definition, type_, createable=createable, updateable=updateable),
    )


def _codec(name: str, type_: str) -> str:
    if name == CURRENCY:
        return "currency"
    if type_ == "reference":
        return "ref"
    if type_ == "currency":
        return "money"
    return "number" if type_ in NUMBERS else _CODECS.get(type_, "text")


def _writable(*, createable: bool, updateable: bool) -> str:
    if updateable:
        return "always"
    return "create" if createable else "never"


def _length(definition: Mapping[str, Any], type_: str) -> int | None:
    length = int(definition.get("length") or 0)
    return length if length and type_ in _TEXTS else None


def _options(definition: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The active values. Those of an open picklist, too: the API takes any text there, also a typing error."""
    listed: Sequence[Mapping[str, Any]] = definition.get("picklistValues") or ()
    return tuple((str(one["value"]), str(one.get("label") or "")) for one in listed if one.get("active"))


def _targets(definition: Mapping[str, Any], org: Org) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The object that a reference names; where it may be one of several, how the ids of each begin."""
    kinds = [str(one) for one in definition.get("referenceTo") or ()]
    if len(kinds) <= 1:
        return (kinds[0] if kinds else ""), ()
    return "", tuple((org.prefixes[kind], kind) for kind in kinds if org.prefixes.get(kind))


def _note(definition: Mapping[str, Any], type_: str, *, createable: bool, updateable: bool) -> str:
    notes = [_NOTES.get(type_, ""), str(definition.get("inlineHelpText") or "")]
    if definition.get("calculated"):
        notes.append("a formula or roll-up: it may change without a trace, so it is read whole from time to time")
    elif not createable and not updateable:
        notes.append("Salesforce, or field-level security, makes it read only for this user")
    elif not createable:
        notes.append("cannot be set while a record is made")
    return "; ".join(filter(None, notes))


def _children(description: Mapping[str, Any], org: Org) -> Iterable[Field]:
    """Lists of the records of another object that point here: `OpportunityLineItems` of an opportunity."""
    for one in description.get("childRelationships") or ():
        name, child, field = (one.get(key) for key in ("relationshipName", "childSObject", "field"))
        if name and field and child in org.kinds and not one.get("deprecatedAndHidden"):
            yield Field(str(name), "object", many=True, reverse=(str(child), str(field), "Id"))
