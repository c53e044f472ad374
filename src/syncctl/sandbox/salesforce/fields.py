"""Fields and objects of the pretend Salesforce, and their descriptions as the vendor sends them. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SOAP_TYPES: Final = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "currency": "xsd:double",
    "double": "xsd:double",
    "percent": "xsd:double",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
NUMBERS: Final = frozenset({"currency", "double", "percent", "int"})
_LENGTHS: Final = {
    "id": 18,
    "reference": 18,
    "string": 255,
    "textarea": 32_000,
    "picklist": 255,
    "multipicklist": 4_099,
}
_LENGTHS_MORE: Final = {"email": 80, "phone": 40, "url": 255}


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One field. `flags`: c createable, u updateable, n nillable, d defaulted on create, N the name, L id lookup,
    - neither filterable nor sortable, C calculated. `formula` is `Reference.Field` of a parent: a calculated value.
    """

    name: str
    type: str
    flags: str = ""
    label: str = ""
    length: int = 0
    precision: int = 18
    scale: int = 2
    refers_to: tuple[str, ...] = ()
    relationship: str = ""
    options: tuple[tuple[str, bool], ...] = ()
    restricted: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    custom: bool = False
    formula: str = ""
    help: str = ""
    default: Any = None

    def has(self, flag: str) -> bool:
        return flag in self.flags

    @property
    def size(self) -> int:
        """Characters that fit, 0 where that means nothing."""
        return self.length or _LENGTHS.get(self.type, 0) or _LENGTHS_MORE.get(self.type, 0)

    @property
    def digits(self) -> tuple[int, int]:
        """Precision and scale of a number."""
        return (self.precision, self.scale) if self.type in ("currency", "double", "percent") else (0, 0)

    def describe(self) -> dict[str, Any]:
        """As `describe` shows it, every member of it."""
        searchable = not self.has("-")
        precision, scale = self.digits
        return {
            **_CONSTANT,
            "aggregatable": searchable,
            "byteLength": self.size * (1 if self.type in ("id", "reference") else 3),
            "calculated": self.has("C"),
            "calculatedFormula": self.formula or None,
            "caseSensitive": self.case_sensitive,
            "createable": self.has("c"),
            "custom": self.custom,
            "defaultedOnCreate": self.has("d"),
            "digits": 9 if self.type == "int" else 0,
            "externalId": self.external_id,
            "filterable": searchable,
            "groupable": searchable,
            "idLookup": self.has("L") or self.external_id,
            "inlineHelpText": self.help or None,
            "label": self.label or self.name,
            "length": self.size,
            "name": self.name,
            "nameField": self.has("N"),
            "nillable": self.has("n"),
            "permissionable": self.custom,
            "picklistValues": [_option(value, active=active) for value, active in self.options],
            "polymorphicForeignKey": len(self.refers_to) > 1,
            "precision": precision,
            "referenceTo": list(self.refers_to),
            "relationshipName": self.relationship or None,
            "restrictedPicklist": self.restricted,
            "scale": scale,
            "soapType": SOAP_TYPES.get(self.type, "xsd:string"),
            "sortable": searchable and self.type != "address",
            "type": self.type,
            "unique": self.unique,
            "updateable": self.has("u"),
        }


_CONSTANT: Final[Mapping[str, Any]] = {
    "aiPredictionField": False,
    "autoNumber": False,
    "cascadeDelete": False,
    "compoundFieldName": None,
    "controllerName": None,
    "defaultValue": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "extraTypeInfo": None,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "mask": None,
    "maskType": None,
    "namePointing": False,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "searchPrefilterable": False,
    "writeRequiresMasterRead": False,
}


def _option(value: str, *, active: bool) -> dict[str, Any]:
    return {"active": active, "defaultValue": False, "label": value, "validFor": None, "value": value}


@dataclass
class ObjectDef:
    """One object. `hidden` are fields that field-level security takes away from the API's user."""

    name: str
    prefix: str
    fields: dict[str, FieldDef]
    label: str = ""
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    replicable: bool = True
    mergeable: bool = False
    custom: bool = False
    visible: bool = True
    hidden: set[str] = field(default_factory=set)

    def seen(self) -> dict[str, FieldDef]:
        """The fields that the user sees, by lower-case name: the API does not care about case."""
        return {name.lower(): one for name, one in self.fields.items() if name not in self.hidden}

    def head(self, base: str) -> dict[str, Any]:
        """Its entry in the list of all objects."""
        url = f"{base}/sobjects/{self.name}"
        return {
            **_OBJECT,
            "createable": self.createable,
            "custom": self.custom,
            "deletable": self.deletable,
            "keyPrefix": self.prefix,
            "label": self.label or self.name,
            "labelPlural": f"{self.label or self.name}s",
            "mergeable": self.mergeable,
            "name": self.name,
            "replicateable": self.replicable,
            "undeletable": self.deletable,
            "updateable": self.updateable,
            "urls": {"describe": f"{url}/describe", "rowTemplate": f"{url}/{{ID}}", "sobject": url},
        }

    def describe(self, base: str, children: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Everything about it that the user sees."""
        shown = [one.describe() for name, one in self.fields.items() if name not in self.hidden]
        return {**self.head(base), **_WHOLE, "childRelationships": list(children), "fields": shown}


_OBJECT: Final[Mapping[str, Any]] = {
    "activateable": False,
    "associateEntityType": None,
    "associateParentEntity": None,
    "customSetting": False,
    "deepCloneable": False,
    "deprecatedAndHidden": False,
    "feedEnabled": True,
    "hasSubtypes": False,
    "isInterface": False,
    "isSubtype": False,
    "layoutable": True,
    "mruEnabled": True,
    "queryable": True,
    "retrieveable": True,
    "searchable": True,
    "triggerable": True,
}
_WHOLE: Final[Mapping[str, Any]] = {
    "actionOverrides": [],
    "compactLayoutable": True,
    "defaultImplementation": None,
    "extendedBy": None,
    "extendsInterfaces": None,
    "implementedBy": None,
    "implementsInterfaces": None,
    "listviewable": None,
    "lookupLayoutable": None,
    "namedLayoutInfos": [],
    "networkScopeFieldName": None,
    "recordTypeInfos": [],
    "searchLayoutable": True,
    "sobjectDescribeOption": "FULL",
    "supportedScopes": [],
}


def child(one: FieldDef, of: str) -> dict[str, Any]:
    """One entry of `childRelationships`: records of `of` point here through this field."""
    return {
        "cascadeDelete": False,
        "childSObject": of,
        "deprecatedAndHidden": False,
        "field": one.name,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": CHILD_NAMES.get((of, one.name)),
        "restrictedDelete": False,
    }


CHILD_NAMES: Final = {
    ("Contact", "AccountId"): "Contacts",
    ("Opportunity", "AccountId"): "Opportunities",
    ("OpportunityLineItem", "OpportunityId"): "OpportunityLineItems",
    ("PricebookEntry", "Product2Id"): "PricebookEntries",
    ("Account", "ParentId"): "ChildAccounts",
    ("Task", "WhatId"): "Tasks",
}
