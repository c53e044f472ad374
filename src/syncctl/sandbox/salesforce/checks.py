"""What a write may hold: every value is checked before anything is stored. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from syncctl.sandbox.salesforce.fields import NUMBERS, FieldDef, ObjectDef
from syncctl.sandbox.salesforce.org import Org, Stored, stamp
from syncctl.sandbox.salesforce.refusals import Fault, Refusal, no_column

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Faulty(Exception):
    """A record cannot be written."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(one.message for one in faults))
        self.faults = faults


def values_of(org: Org, about: ObjectDef, given: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """The values as they would be stored. Raises Refusal for JSON that cannot be read, Faulty for the rest."""
    seen, found = about.seen(), dict[str, Any]()
    for name, raw in given.items():
        if name.lower() in ("attributes", "id"):
            continue
        one = seen.get(name.lower())
        if one is None:
            raise Faulty(no_column(name, about.name))
        if not one.has("c" if new else "u"):
            raise Faulty(
                Fault(
                    "INVALID_FIELD_FOR_INSERT_UPDATE",
                    f"Unable to create/update fields: {one.name}. Please check the security settings of this field "
                    "and verify that it is read/write for your profile or permission set.",
                    (one.name,),
                )
            )
        found[one.name] = _read(one, raw)
    for name, value in found.items():
        faults = list(_faults(org, about, about.fields[name], value))
        if faults:
            raise Faulty(*faults)
    return found


def _read(one: FieldDef, raw: Any) -> Any:
    """A JSON value as the field's type. A number may come as a text, as recorded traffic shows."""
    if raw is None or raw == "":
        return None
    try:
        if one.type == "boolean":
            return {True: True, False: False, "true": True, "false": False}[raw]
        if one.type in NUMBERS:
            return _number(raw)
        if one.type == "date":
            return date.fromisoformat(raw[:10] if "T" in raw else raw).isoformat()
        if one.type == "datetime":
            return _instant(raw)
        if not isinstance(raw, str):
            raise TypeError
    except (KeyError, TypeError, ValueError, InvalidOperation):
        kind = {str: "VALUE_STRING", bool: "VALUE_TRUE", dict: "START_OBJECT", list: "START_ARRAY"}.get(type(raw), "")
        message = (
            f"Cannot deserialize instance of {one.type} from {kind or 'VALUE_NUMBER'} value {raw} or request may be "
            f"missing a required field at [line:1, column:1]"
        )
        raise Refusal(400, Fault("JSON_PARSER_ERROR", message)) from None
    return raw


def _number(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise TypeError
    number = Decimal(str(raw))
    if not number.is_finite():
        raise ValueError
    return number


def _instant(raw: str) -> str:
    found = datetime.fromisoformat(raw)
    if found.tzinfo is None:
        raise ValueError
    return stamp(found)


# --- one value ------------------------------------------------------------------------------------------------------


def _faults(org: Org, about: ObjectDef, one: FieldDef, value: Any) -> Iterator[Fault]:
    label = one.label or one.name
    if value is None:
        if not one.has("n") and not one.has("d"):
            yield missing((one.name,))
        return
    if one.type == "reference":
        yield from _reference(org, about, one, str(value))
    elif one.restricted and not any(value == option for option, active in one.options if active):
        if one.name == "CurrencyIsoCode":
            yield Fault("INVALID_CURRENCY_ISO", f"{label}: invalid currency code: {value}", (one.name,))
        else:
            message = f"{label}: bad value for restricted picklist field: {value}"
            yield Fault("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (one.name,))
    elif one.type in NUMBERS:
        yield from _digits(one, value, label)
    elif isinstance(value, str) and one.size and len(value) > one.size:
        message = f"{label}: data value too large: {value} (max length={one.size})"
        yield Fault("STRING_TOO_LONG", message, (one.name,))
    elif one.type == "email" and not _EMAIL.fullmatch(str(value)):
        yield Fault("INVALID_EMAIL_ADDRESS", f"{label}: invalid email address: {value}", (one.name,))


def missing(names: tuple[str, ...]) -> Fault:
    return Fault("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)


def _digits(one: FieldDef, value: Decimal, label: str) -> Iterator[Fault]:
    precision, scale = one.digits if one.type != "int" else (9, 0)
    if abs(value) >= Decimal(10) ** (precision - scale):
        yield Fault("NUMBER_OUTSIDE_VALID_RANGE", f"{label}: value outside of valid range on numeric field: {value}")


def _reference(org: Org, about: ObjectDef, one: FieldDef, value: str) -> Iterator[Fault]:
    label = one.label or one.name
    kind = org.by_prefix(value)
    if len(value) not in (15, 18) or not value.isalnum():
        yield Fault("MALFORMED_ID", f"{label}: id value of incorrect type: {value}", (one.name,))
        return
    if kind not in one.refers_to:
        yield Fault("FIELD_INTEGRITY_EXCEPTION", f"{label}: id value of incorrect type: {value}", (one.name,))
        return
    found = org.find(kind, value)
    if found is None:
        yield Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    elif found.deleted is not None:
        yield Fault("ENTITY_IS_DELETED", "entity is deleted")
    elif kind == "User" and one.name == "OwnerId" and found.values.get("IsActive") is False:
        message = f"operation performed with inactive user [{found.id[:15]}] as owner of {about.name.lower()}"
        yield Fault("INACTIVE_OWNER_OR_USER", message, (one.name,))


# --- the whole record -----------------------------------------------------------------------------------------------


def check_record(org: Org, about: ObjectDef, record: Stored | None, values: Mapping[str, Any], *, save: bool) -> None:
    """Required fields, unique values, rules, locks, and unless `save` the duplicate rules. Raises Faulty."""
    held = {**(record.values if record is not None else {}), **values}
    if record is None:
        needed = sorted(
            one.name
            for one in about.fields.values()
            if one.has("c") and not one.has("n") and not one.has("d") and held.get(one.name) is None
        )
        if needed:
            raise Faulty(missing(tuple(needed)))
    for one in about.fields.values():
        if one.unique and values.get(one.name) is not None:
            holder = org.holder(about.name, one, values[one.name])
            if holder is not None and (record is None or holder.id != record.id):
                message = f"duplicate value found: {one.name} duplicates value on record with id: {holder.id[:15]}"
                raise Faulty(Fault("DUPLICATE_VALUE", message))
    _locks(org, about, record, held)
    _rules(org, about, held)
    if not save:
        _duplicates(org, about, record, values)


def _locks(org: Org, about: ObjectDef, record: Stored | None, held: Mapping[str, Any]) -> None:
    """A lock on a record also holds those that point to it."""
    parents = [str(held[one.name]) for one in about.fields.values() if one.type == "reference" and held.get(one.name)]
    for identity in filter(None, [record.id if record is not None else "", *parents]):
        if org.locks.get(identity, 0) > 0:
            org.locks[identity] -= 1
            message = f"unable to obtain exclusive access to this record or 1 records: {identity}"
            raise Faulty(Fault("UNABLE_TO_LOCK_ROW", message))


def _rules(org: Org, about: ObjectDef, held: Mapping[str, Any]) -> None:
    for rule in org.rules.get(about.name, ()):
        fires = all(held.get(name) == value for name, value in rule.when.items())
        if fires and (not rule.missing or held.get(rule.missing) is None):
            fields = (rule.field,) if rule.field else ()
            raise Faulty(Fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields))


def _duplicates(org: Org, about: ObjectDef, record: Stored | None, values: Mapping[str, Any]) -> None:
    for names in org.duplicate_rules.get(about.name, ()):
        wanted = [values.get(name) for name in names]
        if None in wanted:
            continue
        found = [
            other
            for other in org.live(about.name)
            if (record is None or other.id != record.id)
            and all(
                str(other.values.get(n)).casefold() == str(v).casefold() for n, v in zip(names, wanted, strict=True)
            )
        ]
        if found:
            candidates = tuple((about.name, other.id) for other in found)
            message = "Use one of these records?"
            raise Faulty(Fault("DUPLICATES_DETECTED", message, candidates=candidates))
