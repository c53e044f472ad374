"""The live schema of every kind: the vendor's properties as Fields. No I/O but the reads it is handed.

Codecs follow the property's type: `closedate` is a datetime that people mean as a date; amounts are money in the
currency of the deal; numbers are texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.connectors.hubspot.addresses import KINDS, LINKED, OBJECTS, PLURALS, WRITABLE
from syncctl.connectors.hubspot.settings import Settings
from syncctl.fields.schema import Field, Schema
from syncctl.model import Action

_OWN_DATES: Final = frozenset({"closedate"})
_CURRENCY_PATHS: Final = {
    "deal": "properties.deal_currency_code",
    "line_item": "properties.hs_line_item_currency_code",
}
_CURRENCY_NAMES: Final = frozenset({"deal_currency_code", "hs_line_item_currency_code"})
_ACCOUNT_CURRENCY: Final = "account_currency"
"""No record has this member: money whose currency is always that of the account falls back to the default."""
_MONEY_NAMES: Final = frozenset({"amount", "hs_acv", "hs_arr", "hs_mrr", "hs_tcv", "annualrevenue", "price"})
_DATED: Final = {"deal": "closedate"}
_NAMES: Final = {
    "contact": ("hs_full_name_or_email", "email", "lastname"),
    "company": ("name", "domain"),
    "deal": ("dealname",),
    "line_item": ("name",),
    "product": ("name",),
}
_STATIC: Final = {
    "owner": ("email", "firstName", "lastName", "type"),
    "pipeline": ("label",),
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the fields of an account depend on beside the properties. `stages` are (id, label) over all pipelines."""

    currency: str
    currencies: tuple[str, ...]
    pipelines: tuple[tuple[str, str], ...]
    stages: tuple[tuple[str, str], ...]


def surroundings(details: Mapping[str, Any], pipelines: Iterable[Mapping[str, Any]]) -> Surroundings:
    """From the account's details and its deal pipelines."""
    ordered = sorted(pipelines, key=_order)
    currency = str(details.get("companyCurrency") or "")
    return Surroundings(
        currency,
        tuple(dict.fromkeys((currency, *(details.get("additionalCurrencies") or ())))),
        tuple((str(one["id"]), str(one["label"])) for one in ordered),
        _stages(ordered),
    )


def _order(pipeline: Mapping[str, Any]) -> int:
    return int(pipeline.get("displayOrder") or 0)


def _stages(pipelines: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """A label that an earlier pipeline has already gets its pipeline's name: `Closed won (Renewals)`."""
    found: dict[str, str] = {}
    for pipeline in pipelines:
        for stage in sorted(pipeline.get("stages") or (), key=_order):
            label = str(stage["label"])
            found[str(stage["id"])] = f"{label} ({pipeline['label']})" if label in found.values() else label
    return tuple(found.items())


def schemas(
    system: str, settings: Settings, definitions: Mapping[str, Sequence[Mapping[str, Any]]], around: Surroundings
) -> tuple[Schema, ...]:
    """One schema per kind. `definitions` are the properties by kind; a kind without is not there for this key."""
    return tuple(
        _object_schema(system, kind, settings, definitions[kind], around)
        if kind in OBJECTS
        else _list_schema(system, kind)
        for kind in KINDS
        if kind in definitions or kind not in OBJECTS
    )


def _object_schema(
    system: str, kind: str, settings: Settings, definitions: Sequence[Mapping[str, Any]], around: Surroundings
) -> Schema:
    fields = {one.path: one for one in _own_fields(kind)}
    for definition in definitions:
        found = property_field(kind, definition, around)
        fields[found.path] = found
    fields["hs_object_id"] = _IDENTITY
    own = fields.get(settings.external_id_property)
    if own is not None:
        fields[own.path] = replace(own, writable="never", note="syncctl names its own operation here")
    note = create_problem(settings, definitions) if kind in WRITABLE else "syncctl only reads this kind"
    actions = {Action.UPDATE, Action.ARCHIVE} if kind in WRITABLE else set()
    if kind in WRITABLE and not note:
        actions.add(Action.CREATE)
    return Schema(
        system,
        kind,
        fields,
        identity="hs_object_id",
        dated=_DATED.get(kind, "createdate"),
        amount="amount" if "amount" in fields else "",
        name=_NAMES[kind],
        actions=frozenset(actions),
        note=note,
    )


def create_problem(settings: Settings, definitions: Iterable[Mapping[str, Any]]) -> str:
    """Why nothing can be created, or the empty text: without our unique property a lost answer makes duplicates."""
    name = settings.external_id_property
    found = next((one for one in definitions if one.get("name") == name), None)
    if found is None:
        return f"creating needs the property {name} with unique values: run `syncctl setup` for this system"
    if not found.get("hasUniqueValue"):
        return (
            f"the property {name} exists without unique values, which cannot be changed later: archive it and run "
            "`syncctl setup`, or name another one in the option external_id_property"
        )
    if found.get("type") != "string":
        return f"the property {name} must be a text: name another one in the option external_id_property"
    return ""


_IDENTITY: Final = Field("hs_object_id", "id", access="id", label="Record ID", assigned=True, unique=True)


def _own_fields(kind: str) -> tuple[Field, ...]:
    links = []
    for other in LINKED[kind]:
        path = f"associations.{PLURALS[other]}"
        writable = "always" if kind in WRITABLE and other in WRITABLE else "never"
        links += [
            Field(
                path, "ref.element", target=other, writable=writable, many=True, label=f"Associated {PLURALS[other]}"
            ),
            Field(f"{path}.id", "id", many=True),
            Field(f"{path}.label", "text", many=True, note="`primary` for the primary company"),
        ]
    return (
        Field("id", "id", assigned=True, unique=True),
        Field("createdAt", "instant.iso", assigned=True),
        Field("updatedAt", "instant.iso", assigned=True),
        Field("archived", "bool", assigned=True),
        Field("archivedAt", "instant.iso", assigned=True),
        *links,
    )


def property_field(kind: str, definition: Mapping[str, Any], around: Surroundings) -> Field:
    """One property as a Field."""
    name = str(definition["name"])
    read_only = bool((definition.get("modificationMetadata") or {}).get("readOnlyValue")) or bool(
        definition.get("calculated")
    )
    options = _options(kind, definition, around)
    codec = _codec(kind, definition)
    money = codec.startswith("money")
    return Field(
        name,
        codec,
        access=f"properties.{name}",
        label=str(definition.get("label") or ""),
        currency=_currency_path(kind, definition) if money else "",
        currency_default=around.currency if money else "",
        assigned=read_only,
        target="owner" if codec == "ref" else "",
        writable="never" if read_only else "always",
        unique=bool(definition.get("hasUniqueValue")) or (kind, name) == ("contact", "email"),
        options=options,
        open_options=not options or _open(definition),
        custom=not definition.get("hubspotDefined"),
        note=str(definition.get("description") or ""),
    )


def _codec(kind: str, definition: Mapping[str, Any]) -> str:
    name, type_ = str(definition["name"]), str(definition.get("type"))
    if definition.get("referencedObjectType") == "OWNER" or name == "hubspot_owner_id":
        return "ref"
    if name in _CURRENCY_NAMES:
        return "currency"
    if definition.get("fieldType") == "booleancheckbox":
        return "bool.text"
    if type_ == "number":
        return "money.text" if _is_money(kind, definition) else "number.text"
    if type_ == "datetime":
        return "date.midnight" if name in _OWN_DATES else "instant.iso"
    return {"date": "date", "enumeration": "enum"}.get(type_, "text")


def _is_money(kind: str, definition: Mapping[str, Any]) -> bool:
    name = str(definition["name"])
    return bool(
        definition.get("showCurrencySymbol")
        or definition.get("numberDisplayHint") == "currency"
        or definition.get("currencyPropertyName")
        or name.endswith("_in_home_currency")
        or (name in _MONEY_NAMES and kind in OBJECTS)
    )


def _currency_path(kind: str, definition: Mapping[str, Any]) -> str:
    if str(definition["name"]).endswith("_in_home_currency"):
        return _ACCOUNT_CURRENCY
    if definition.get("currencyPropertyName"):
        return f"properties.{definition['currencyPropertyName']}"
    return _CURRENCY_PATHS.get(kind, _ACCOUNT_CURRENCY)


def _options(kind: str, definition: Mapping[str, Any], around: Surroundings) -> tuple[tuple[str, str], ...]:
    name = str(definition["name"])
    if kind == "deal" and name == "dealstage":
        return around.stages
    if kind == "deal" and name == "pipeline":
        return around.pipelines
    if name in _CURRENCY_NAMES:
        return tuple((code, code) for code in around.currencies)
    if definition.get("type") != "enumeration":
        return ()
    return tuple((str(one["value"]), str(one.get("label") or "")) for one in definition.get("options") or ())


def _open(definition: Mapping[str, Any]) -> bool:
    """Options that live elsewhere, or several in one value: nothing can be said to be no option."""
    name = str(definition["name"])
    if name in ("dealstage", "pipeline") or name in _CURRENCY_NAMES:
        return False
    return bool(definition.get("externalOptions")) or definition.get("fieldType") == "checkbox"


def _list_schema(system: str, kind: str) -> Schema:
    fields = [
        Field("id", "id", assigned=True, unique=True),
        Field("createdAt", "instant.iso"),
        Field("updatedAt", "instant.iso"),
        Field("archived", "bool"),
        *(Field(path, "text", unique=path == "email") for path in _STATIC[kind]),
    ]
    if kind == "pipeline":
        fields += [Field("stages.id", "id", many=True), Field("stages.label", "text", many=True)]
    return Schema(
        system,
        kind,
        {one.path: one for one in fields},
        name=_STATIC[kind][:1],
        note="syncctl only reads this kind",
    )
