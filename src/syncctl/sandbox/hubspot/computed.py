"""What the vendor works out itself: probabilities, home amounts, counts, defaults. No I/O."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

from syncctl.sandbox.hubspot.account import Account, Stored
from syncctl.sandbox.hubspot.kinds import PRIMARY
from syncctl.sandbox.hubspot.properties import instant

_EXACT: Final = Context(prec=200)
"""Enough digits that a double times an amount stays exact: the vendor shows the whole float tail."""


def defaults(account: Account, record: Stored, *, imported: bool) -> None:
    """What a new record gets when the request leaves it out. `imported`: a record with a past of its own."""
    values = record.properties
    values.setdefault("createdate", instant(record.created))
    values.setdefault("hs_object_source", "IMPORT" if imported else "INTEGRATION")
    if record.kind == "deal":
        values.setdefault("pipeline", next(iter(account.pipelines), "default"))
        values.setdefault("deal_currency_code", account.currency)
    elif record.kind == "line_item":
        values.setdefault("quantity", "1")
        values.setdefault("hs_line_item_currency_code", account.currency)
    elif record.kind in ("contact", "company") and not imported:
        values.setdefault("lifecyclestage", "lead")


def recompute(account: Account, record: Stored) -> bool:
    """Sets every computed value of the record; True when one of them moved."""
    found = {
        **_OWN.get(record.kind, _nothing)(account, record.properties),
        **_counts(account, record),
    }
    moved = False
    for name, value in found.items():
        if record.properties.get(name, "") != value:
            moved = True
        if value:
            record.properties[name] = value
        else:
            record.properties.pop(name, None)
    return moved


def _nothing(_: Account, __: dict[str, str]) -> dict[str, str]:
    return {}


def _contact(_: Account, values: dict[str, str]) -> dict[str, str]:
    name = " ".join(part for part in (values.get("firstname"), values.get("lastname")) if part)
    email = values.get("email", "")
    return {
        "hs_full_name_or_email": name or email,
        "hs_email_domain": email.partition("@")[2],
        "hs_is_unworked": "true",
    }


def _deal(account: Account, values: dict[str, str]) -> dict[str, str]:
    stage = account.stages().get(values.get("dealstage", ""), {})
    probability = Decimal(float(stage.get("metadata", {}).get("probability", "0")))
    amount = Decimal(values["amount"]) if values.get("amount") else None
    rate = Decimal(values.get("hs_exchange_rate") or "1")
    closed = stage.get("metadata", {}).get("isClosed", "false")
    won = closed == "true" and probability == 1
    return {
        "hs_deal_stage_probability": format(probability, "f") if stage else "",
        "hs_is_closed": closed,
        "hs_is_closed_won": "true" if won else "false",
        "amount_in_home_currency": "" if amount is None else format(amount * rate, "f"),
        "hs_projected_amount": "" if amount is None else format(_EXACT.multiply(amount, probability), "f"),
        "hs_closed_amount": format(amount, "f") if won and amount is not None else "0",
    }


def _line_item(_: Account, values: dict[str, str]) -> dict[str, str]:
    price = Decimal(values.get("price") or "0") - Decimal(values.get("discount") or "0")
    return {"amount": format(price * Decimal(values.get("quantity") or "0"), "f")}


_OWN: Final = {"contact": _contact, "deal": _deal, "line_item": _line_item}

_COUNTED: Final = {
    "contact": {"num_associated_deals": "deal"},
    "company": {"num_associated_contacts": "contact", "num_associated_deals": "deal"},
    "deal": {"num_associated_contacts": "contact", "hs_num_of_associated_line_items": "line_item"},
}
_PRIMARY_PROPERTY: Final = {"contact": "associatedcompanyid", "deal": "hs_primary_associated_company"}


def _counts(account: Account, record: Stored) -> dict[str, str]:
    found = {}
    for name, other in _COUNTED.get(record.kind, {}).items():
        found[name] = str(len(account.neighbours.get((record.kind, record.id, other), ())))
    primary = _PRIMARY_PROPERTY.get(record.kind)
    if primary:
        found[primary] = primary_company(account, record)
    return found


def primary_company(account: Account, record: Stored) -> str:
    """The id of the record's primary company; empty when it has none."""
    wanted = PRIMARY[record.kind, "company"]
    for other in account.neighbours.get((record.kind, record.id, "company"), ()):
        if wanted in account.edges[record.kind, record.id, "company", other]:
            return other
    return ""
