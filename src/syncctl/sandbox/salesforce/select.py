"""Queries answered: conditions checked against the fields, rows chosen, put in order and shown. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.salesforce.fields import NUMBERS, FieldDef, ObjectDef
from syncctl.sandbox.salesforce.org import Org, Stored, checksum
from syncctl.sandbox.salesforce.soql import Compare, Condition, Joined, Literal, Query, malformed

_LITERALS: Final = {
    **dict.fromkeys(NUMBERS, "number"),
    "boolean": "bool",
    "date": "date",
    "datetime": "datetime",
}


def choose(org: Org, query: Query, *, deleted: bool) -> tuple[ObjectDef, list[FieldDef], list[Stored]]:
    """The object, the fields asked for and the records that fit, in order. Raises Refusal."""
    about = org.visible(query.kind)
    if about is None:
        message = (
            f"sObject type '{query.kind}' is not supported. If you are attempting to use a custom object, be sure to "
            "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
            "appropriate names."
        )
        raise malformed(query.text, query.kind_at, message, "INVALID_TYPE")
    fields = [_field(about, query, name, at) for name, at in query.fields]
    _check(about, query, query.where)
    order = [(_ordered(about, query, name, at), down) for name, down, at in query.order]
    rows = [
        record
        for record in org.records[about.name].values()
        if not record.purged and (deleted or record.deleted is None) and _fits(org, about, record, query.where)
    ]
    for one, down in reversed(order):
        rows.sort(key=lambda record: _sorted(org.value(record, one)), reverse=down)
    return about, fields, rows[query.offset :][: query.limit]


def show(org: Org, about: ObjectDef, record: Stored, fields: Sequence[FieldDef], base: str) -> dict[str, Any]:
    """A record as a row: its address, then the fields asked for."""
    row: dict[str, Any] = {
        "attributes": {"type": about.name, "url": f"{base}/sobjects/{about.name}/{record.id}"},
    }
    for one in fields:
        row[one.name] = shown(org.value(record, one), one)
    return row


def shown(value: Any, one: FieldDef) -> Any:
    """Amounts and numbers always show a decimal point: `5000.0`."""
    if value is None or one.type not in NUMBERS or one.type == "int":
        return value
    number = Decimal(value)
    return number if number != number.to_integral_value() else Decimal(f"{number.to_integral_value()}.0")


def _field(about: ObjectDef, query: Query, name: str, at: int) -> FieldDef:
    found = about.seen().get(name.lower())
    if found is None:
        message = (
            f"No such column '{name}' on entity '{about.name}'. If you are attempting to use a custom field, be sure "
            "to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
            "appropriate names."
        )
        raise malformed(query.text, at, message, "INVALID_FIELD")
    return found


def _ordered(about: ObjectDef, query: Query, name: str, at: int) -> FieldDef:
    found = _field(about, query, name, at)
    if found.has("-"):
        raise malformed(query.text, at, f"field '{found.name}' can not be sorted in a query call")
    return found


def _check(about: ObjectDef, query: Query, where: Condition | None) -> None:
    if isinstance(where, Joined):
        for part in where.parts:
            _check(about, query, part)
    elif isinstance(where, Compare):
        found = _field(about, query, where.field, where.at)
        if found.has("-"):
            message = f"field '{found.name}' can not be filtered in a query call"
            raise malformed(query.text, where.at, message, "INVALID_FIELD")
        for literal in where.values:
            _suits(query, where, found, literal)


def _suits(query: Query, where: Compare, found: FieldDef, literal: Literal) -> None:
    wanted = _LITERALS.get(found.type, "text")
    if literal.type not in ("null", wanted):
        quoted = " and should be enclosed in quotes" if wanted == "text" else " and should not be enclosed in quotes"
        message = f"value of filter criterion for field '{found.name}' must be of type {found.type}{quoted}"
        raise malformed(query.text, where.at, message, "INVALID_FIELD")
    if found.type in ("id", "reference") and literal.type == "text" and len(str(literal.value)) not in (15, 18):
        message = f"invalid ID field: {literal.value}"
        raise malformed(query.text, where.at, message, "INVALID_QUERY_FILTER_OPERATOR")


def _fits(org: Org, about: ObjectDef, record: Stored, where: Condition | None) -> bool:
    if where is None:
        return True
    if isinstance(where, Joined):
        held = (_fits(org, about, record, part) for part in where.parts)
        return not next(held) if where.word == "NOT" else all(held) if where.word == "AND" else any(held)
    one = about.seen()[where.field.lower()]
    value = _comparable(org.value(record, one), one)
    wanted = [_comparable(literal.value, one) for literal in where.values]
    if where.sign in ("IN", "NOT IN"):
        return (value in wanted) is (where.sign == "IN")
    return _compare(value, where.sign, wanted[0])


def _compare(value: Any, sign: str, wanted: Any) -> bool:
    if sign in ("=", "!="):
        return bool(value == wanted) is (sign == "=")
    if value is None or wanted is None:
        return False
    if sign == "LIKE":
        pattern = re.escape(str(wanted)).replace("%", ".*").replace("_", ".")
        return re.fullmatch(pattern, str(value), re.DOTALL) is not None
    return bool({"<": value < wanted, "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[sign])


def _comparable(value: Any, one: FieldDef) -> Any:
    if value is None:
        return None
    if one.type in ("id", "reference"):
        short = str(value)[:15]
        return short + checksum(short)
    if one.type in NUMBERS:
        return Decimal(value)
    if one.type == "datetime":
        return datetime.fromisoformat(str(value))
    if one.type in ("date", "boolean"):
        return value
    return str(value) if one.case_sensitive else str(value).casefold()


def _sorted(value: Any) -> tuple[bool, Any]:
    """Nulls come first."""
    return (value is not None, value if value is not None else "")
