"""Is this body one that QuickBooks would read? Unknown properties, types, options, lengths, references. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

from syncctl.sandbox.quickbooks.answers import Refusal, bad_reference, business, not_found
from syncctl.sandbox.quickbooks.shapes import CALLED, LENGTHS, REFERENCES, SHAPES, Property

SPECIAL_ITEMS: Final = frozenset({"SHIPPING_ITEM_ID"})


class Lookup(Protocol):
    """Finds a stored record."""

    def get(self, kind: str, identity: str) -> dict[str, Any] | None:
        """The record, or None."""
        ...


def read_body(kind: str, body: Any) -> dict[str, Any]:
    """A checked copy of a body: numbers as Decimal, nulls and empty texts gone. Raises Refusal."""
    if not isinstance(body, dict):
        raise _unreadable(f"Can not construct instance of {kind} from {type(body).__name__}")
    found = {}
    for name, value in body.items():
        known = SHAPES[kind].get(name)
        if known is None:
            raise _unknown_property(name, kind, SHAPES[kind])
        read = _read_value(known, value)
        if read is not None:
            found[name] = read
    return found


def _read_value(known: Property, value: Any) -> Any:
    if value is None:
        return None
    if known.many:
        elements = value if isinstance(value, list) else [value]
        return [_read_one(known, element) for element in elements]
    if isinstance(value, list):
        raise _unreadable(f'Can not deserialize instance of {known.name} out of START_ARRAY token "{known.name}"')
    return _read_one(known, value)


def _read_one(known: Property, value: Any) -> Any:
    if known.holds == "Any":
        return value
    if known.holds:
        return read_body(known.holds, value)
    if known.sign == ">":
        return _reference(known.name, value)
    if isinstance(value, dict | list):
        raise _unreadable(f'Can not deserialize instance of java.lang.String out of START_OBJECT token "{known.name}"')
    return _SCALARS[known.sign](known, value)


def _reference(name: str, value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict) or set(value) - {"value", "name", "type"}:
        raise _unreadable(f'Can not construct instance of com.intuit.schema.finance.v3.ReferenceType for "{name}"')
    if value.get("value") in (None, ""):
        return None
    return {"value": str(value["value"])}


def _text(known: Property, value: Any) -> str | None:
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if known.options and text not in known.options:
        if not text:
            return None
        raise Refusal("2170", "Invalid Enumeration", f"Invalid Enumeration : {text}", element=known.name)
    longest = LENGTHS.get(known.name)
    if longest is not None and len(text) > longest:
        raise too_long(known.name, text, longest)
    return text


def too_long(name: str, text: str, longest: int) -> Refusal:
    """Refuses a text that is longer than the vendor's limit."""
    return Refusal(
        "2050",
        "String length is either shorter or longer than supported by specification",
        f"String length specified does not match the supported length. Min:0 Max:{longest} supported. "
        f"Supplied length:{len(text)}",
        element=name,
    )


def _number(known: Property, value: Any) -> Decimal | int | None:
    if value == "":
        return None
    if isinstance(value, bool):
        raise _unreadable(f'Can not construct instance of java.math.BigDecimal from "{value}" for "{known.name}"')
    if isinstance(value, int):
        return value
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise _unreadable(f'Can not construct instance of java.math.BigDecimal from String value "{value}"') from error
    if not found.is_finite():
        raise _unreadable(f'Can not construct instance of java.math.BigDecimal from String value "{value}"')
    return found


def _bool(known: Property, value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    if value == "":
        return None
    raise _unreadable(f'Can not construct instance of java.lang.Boolean from "{value}" for "{known.name}"')


def _date(_: Property, value: Any) -> str | None:
    if value == "":
        return None
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError as error:
        raise _unreadable(f'Can not construct instance of java.util.Date from String value "{value}"') from error


_SCALARS: Final = {"": _text, "#": _number, "?": _bool, "@": _date, "^": _text}


def _unreadable(detail: str) -> Refusal:
    return Refusal(
        "2010",
        "Request has invalid or unsupported property",
        f"Property Name:{detail}\n specified is unsupported or invalid",
    )


def _unknown_property(name: str, kind: str, known: dict[str, Property]) -> Refusal:
    listed = ", ".join(f'"{each}"' for each in list(known)[:57])
    return _unreadable(
        f'Unrecognized field "{name}" (class com.intuit.schema.finance.v3.{kind}), not marked as ignorable '
        f"({len(known)} known properties: {listed} [truncated]])"
    )


def check_references(body: dict[str, Any], books: Lookup, *, automated_tax: bool, strict: bool = True) -> None:
    """Every reference names an active record, else 2500 (none) or 610 (inactive). Adds the names. Raises Refusal.

    Not strict: inactive ones pass, as in records that are older than the deactivation.
    """
    for name, reference in _references(body):
        kind, identity = REFERENCES[name], reference["value"]
        if name == "ItemRef" and identity in SPECIAL_ITEMS:
            continue
        if name == "TaxCodeRef" and automated_tax and identity not in ("TAX", "NON"):
            raise business("with automated sales tax a line's TaxCodeRef is TAX or NON")
        found = books.get(kind, identity)
        if found is None:
            raise bad_reference(CALLED[kind], identity, name)
        if strict and not found.get("Active", True):
            raise not_found()
        if kind != "TaxCode":
            reference["name"] = found.get("FullyQualifiedName") or found.get("DisplayName") or found.get("Name")


def _references(body: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(body, list):
        for element in body:
            yield from _references(element)
    elif isinstance(body, dict):
        for name, value in body.items():
            if name in REFERENCES and isinstance(value, dict) and value.get("value"):
                yield name, value
            elif name != "CustomField":
                yield from _references(value)
