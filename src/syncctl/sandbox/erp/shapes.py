"""What customers and orders look like, and which values the ERP takes. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from syncctl.sandbox.erp.refusals import malformed, missing, unknown
from syncctl.sandbox.erp.spelling import (
    amount_of,
    amount_text,
    check_choice,
    check_currency,
    check_text,
    day_of,
)

Raw = dict[str, Any]
Check = Callable[[str, Any], Any]
STATUSES: Final = ("NEW", "SHIPPED", "INVOICED", "CANCELLED")
VAT: Final[Mapping[str, Decimal]] = {"0": Decimal(0), "1": Decimal("0.19"), "2": Decimal("0.07")}


def _text(longest: int) -> Check:
    return partial(check_text, longest=longest)


def _choice(*choices: str) -> Check:
    return partial(check_choice, choices=choices)


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind: its path, the field of its id, what can be written, what only once, what must be there."""

    path: str
    identity: str
    writable: Mapping[str, Check]
    fixed: tuple[str, ...]
    required: tuple[str, ...]
    filters: tuple[str, ...]
    owned: tuple[str, ...] = ("changed_at", "rev")


def _positions(field: str, value: Any) -> None:
    if not isinstance(value, list):
        raise malformed(field, "a list", value)
    for position in value:
        _position(position)


_POSITION: Final[Mapping[str, Check]] = {
    "pos": _text(6),
    "article": _text(20),
    "text": _text(80),
    "qty": partial(amount_of, decimals=3),
    "price": partial(amount_of, decimals=4),
    "vat_key": _choice(*VAT),
    "revenue_account": _text(10),
}


def _position(position: Any) -> None:
    if not isinstance(position, dict):
        raise malformed("positions", "objects", position)
    check_values(_POSITION, position, "positions.")
    for name in ("text", "qty", "price"):
        if position.get(name) in (None, ""):
            raise missing(f"positions.{name}")


def check_values(checks: Mapping[str, Check], given: Raw, prefix: str = "") -> None:
    """Every value is known and spelled right; null empties. Raises Refusal."""
    for name, value in given.items():
        if name not in checks:
            raise unknown(prefix + name)
        if value is not None:
            checks[name](prefix + name, value)


CUSTOMER: Final = Shape(
    "customers",
    "customer_no",
    {
        "name": _text(60),
        "email": _text(80),
        "street": _text(60),
        "city": _text(40),
        "country": _text(2),
        "curr": check_currency,
        "blocked": _choice("J", "N"),
        "credit_limit": amount_of,
        "external_ref": _text(60),
    },
    fixed=("curr", "external_ref"),
    required=("name",),
    filters=("external_ref", "email"),
)
ORDER: Final = Shape(
    "orders",
    "order_no",
    {
        "customer_no": _text(10),
        "order_date": day_of,
        "due": day_of,
        "curr": check_currency,
        "tax_mode": _choice("B", "N"),
        "status": _choice(*STATUSES),
        "note": _text(200),
        "positions": _positions,
        "external_ref": _text(60),
    },
    fixed=("curr", "external_ref"),
    required=("customer_no", "order_date"),
    filters=("external_ref", "customer_no"),
    owned=("changed_at", "rev", "net_total", "gross_total"),
)
SHAPES: Final[Mapping[str, Shape]] = {"customer": CUSTOMER, "order": ORDER}


def totals(raw: Raw) -> Raw:
    """Net and gross of an order; prices hold the tax when its mode is B."""
    net = gross = Decimal(0)
    for position in raw.get("positions") or []:
        amount = amount_of("qty", position["qty"], 3) * amount_of("price", position["price"], 4)
        rate = 1 + VAT[position.get("vat_key") or "0"]
        net += amount / rate if raw["tax_mode"] == "B" else amount
        gross += amount if raw["tax_mode"] == "B" else amount * rate
    return {"net_total": amount_text(net), "gross_total": amount_text(gross)}


def shown_amounts(raw: Raw) -> Raw:
    """Amounts as the ERP gives them back, whatever the spelling they came in."""
    found = dict(raw)
    if found.get("credit_limit"):
        found["credit_limit"] = amount_text(amount_of("credit_limit", found["credit_limit"]))
    if found.get("positions"):
        found["positions"] = [
            {**one, "pos": str(10 * place), "price": amount_text(amount_of("price", one["price"], 4), 4)}
            for place, one in enumerate(found["positions"], 1)
        ]
    return found
