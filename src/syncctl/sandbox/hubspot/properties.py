"""A property definition, the vendor's metadata about it, and the check of one value against it. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from syncctl.sandbox.hubspot.refusals import Invalid, Refusal, invalid_json

TYPES: Final = {
    "string": ("text", "textarea", "phonenumber", "html"),
    "number": ("number", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "enumeration": ("select", "radio", "checkbox"),
    "bool": ("booleancheckbox",),
}
"""Type and the field types that go with it (the create model of the official client)."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
UNIQUE_PROPERTIES_MAX: Final = 10
"""Per object type; the sheet has it from memory only."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of one object type. `options` are (value, label); `external`: more options live elsewhere."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    options: tuple[tuple[str, str], ...] = ()
    external: bool = False
    unique: bool = False
    read_only: bool = False
    calculated: bool = False
    builtin: bool = True
    money: bool = False
    reference: str = ""
    currency_property: str = ""
    description: str = ""

    def metadata(self, at: str) -> dict[str, Any]:
        """The property as the properties endpoint shows it."""
        shown: dict[str, Any] = {
            "createdAt": at,
            "updatedAt": at,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": _options(self.options),
            "displayOrder": -1,
            "calculated": self.calculated,
            "externalOptions": self.external,
            "archived": False,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": self.builtin,
            "formField": not self.read_only,
            "dataSensitivity": "non_sensitive",
            "modificationMetadata": {
                "archivable": not self.builtin,
                "readOnlyDefinition": self.builtin,
                "readOnlyValue": self.read_only,
            },
        }
        if self.money:
            shown["showCurrencySymbol"] = True
        if self.currency_property:
            shown["currencyPropertyName"] = self.currency_property
        if self.reference:
            shown["referencedObjectType"] = self.reference
        return shown


def _options(options: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"label": label, "value": value, "displayOrder": position, "hidden": False}
        for position, (value, label) in enumerate(options)
    ]


_CREATE_FIELDS: Final = frozenset(
    "name label type fieldType groupName description options displayOrder hasUniqueValue hidden formField "
    "externalOptions referencedObjectType calculationFormula showCurrencySymbol dataSensitivity currencyPropertyName "
    "numberDisplayHint".split()
)


def parse_property(body: Mapping[str, Any]) -> Property:
    """A custom property from a create request; raises Refusal."""
    unknown = sorted(set(body) - _CREATE_FIELDS)
    if unknown:
        raise invalid_json(f'unrecognized field "{unknown[0]}"')
    for name in ("name", "label", "type", "fieldType", "groupName"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise Refusal(400, "VALIDATION_ERROR", f"{name} is required", errors=[{"message": name, "in": name}])
    name, kind, field_type = body["name"], body["type"], body["fieldType"]
    if not _NAME.fullmatch(name):
        raise Refusal(400, "VALIDATION_ERROR", f'Property name "{name}" must be lower case, begin with a letter')
    if kind not in TYPES or field_type not in TYPES[kind]:
        raise Refusal(400, "VALIDATION_ERROR", f"Invalid type and fieldType: {kind}, {field_type}")
    if body.get("hasUniqueValue") and kind not in ("string", "number"):
        raise Refusal(400, "VALIDATION_ERROR", f"A {kind} property cannot have unique values")
    options = tuple((option["value"], option["label"]) for option in body.get("options") or ())
    if kind == "bool" and not options:
        options = (("true", "Yes"), ("false", "No"))
    if kind == "enumeration" and not options and not body.get("externalOptions"):
        raise Refusal(400, "VALIDATION_ERROR", f'Enumeration "{name}" needs options')
    return Property(
        name,
        body["label"],
        kind,
        field_type,
        body["groupName"],
        options,
        external=bool(body.get("externalOptions")),
        unique=bool(body.get("hasUniqueValue")),
        builtin=False,
        money=bool(body.get("showCurrencySymbol")),
        currency_property=body.get("currencyPropertyName") or "",
        description=body.get("description") or "",
    )


# --- values ---------------------------------------------------------------------------------------------------------


def checked(found: Property, raw: Any, allowed: Sequence[str] | None) -> str | Invalid:
    """A written value as it is stored, or why not. `allowed` are the options where they are known."""
    if isinstance(raw, bool):
        raw = "true" if raw else "false"
    if isinstance(raw, int | float | Decimal):
        raw = str(raw)
    if not isinstance(raw, str):
        return Invalid(found.name, "INVALID_STRING", f"{raw!r} is not a text")
    if raw == "":
        return ""
    if found.type == "enumeration" or found.type == "bool":
        return _option(found, raw, allowed)
    return _VALUES.get(found.type, _text)(found, raw)


def _text(found: Property, raw: str) -> str | Invalid:
    if found.name == "email":
        if not _EMAIL.fullmatch(raw):
            return Invalid("email", "INVALID_EMAIL", f"Email address {raw} is invalid")
        return raw.strip().lower()
    return raw


def _number(found: Property, raw: str) -> str | Invalid:
    try:
        value = Decimal(raw)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        return Invalid(found.name, "INVALID_DOUBLE", f"{raw} was not a valid number.")
    if found.name == "hs_exchange_rate":
        digits = value.normalize().as_tuple().exponent
        if value <= 0 or (isinstance(digits, int) and digits < -6):
            return Invalid(found.name, "INVALID_DOUBLE", f"{raw} is no exchange rate: above 0, at most 6 decimals")
    return raw


def _date(found: Property, raw: str) -> str | Invalid:
    if raw.lstrip("-").isdigit():
        moment = _EPOCH + timedelta(milliseconds=int(raw))
        if moment.time() != datetime.min.time():
            clock = moment.strftime("%H:%M:%S.%f")[:-3]
            return Invalid(found.name, "INVALID_DATE", f"{raw} is at {clock} UTC, not midnight!")
        return moment.date().isoformat()
    millis = millis_of(raw)
    if millis is None:
        return Invalid(found.name, "INVALID_DATE", f"{raw} was not a valid date.")
    return _date(found, str(millis)) if "T" in raw else raw


def _datetime(found: Property, raw: str) -> str | Invalid:
    millis = int(raw) if raw.lstrip("-").isdigit() else millis_of(raw)
    if millis is None:
        return Invalid(found.name, "INVALID_DATE", f"{raw} was not a valid datetime.")
    return instant(_EPOCH + timedelta(milliseconds=millis))


_VALUES: Final[dict[str, Callable[[Property, str], str | Invalid]]] = {
    "string": _text,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
}


def _option(found: Property, raw: str, allowed: Sequence[str] | None) -> str | Invalid:
    known = allowed if allowed is not None else [value for value, _ in found.options]
    several = raw.split(";") if found.field_type == "checkbox" else [raw]
    if allowed is None and found.external and not found.options:
        return raw
    for value in several:
        if value not in known:
            listed = ", ".join(known)
            return Invalid(found.name, "INVALID_OPTION", f"{value} was not one of the allowed options: [{listed}]")
    return raw


@lru_cache(maxsize=65_536)
def millis_of(text: str) -> int | None:
    """Milliseconds since 1970 of an ISO date or time (a date is midnight UTC); None when it is neither."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return int((moment - _EPOCH) / timedelta(milliseconds=1))


def instant(moment: datetime) -> str:
    """A time as the vendor writes it: no fraction where the milliseconds are zero (both forms are on record)."""
    shown = moment.astimezone(UTC)
    millis = shown.microsecond // 1000
    return shown.strftime("%Y-%m-%dT%H:%M:%S") + (f".{millis:03d}Z" if millis else "Z")


def parse_instant(text: str) -> datetime:
    """A time or date back from text; raises ValueError."""
    millis = millis_of(text)
    if millis is None:
        raise ValueError(f"not a time: {text!r}")
    return _EPOCH + timedelta(milliseconds=millis)
