"""Lines of a document: accounts, tax per line, tracking, totals. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from syncctl.sandbox.xero.answers import Invalid, Raw
from syncctl.sandbox.xero.store import Books, money

TRACKED_MAX: Final = 2
"""Tracking categories on a line (Xero's OpenAPI file)."""
LINE_MAX: Final = Decimal("9999999999.99")
_APPLIES: Final = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}


@dataclass(frozen=True, slots=True)
class Pricing:
    """How a document's lines are reckoned: inclusive, exclusive or without tax; the decimals of a unit price."""

    taxes: str
    decimals: int
    approved: bool
    sales: bool


def finish_lines(books: Books, sent: list[Raw], held: list[Raw], pricing: Pricing) -> list[Raw]:
    """The lines as stored. One whose LineItemID is there keeps it, any other is new; what is not sent is gone.

    Raises Invalid.
    """
    if not sent:
        raise Invalid("One or more line items must be specified")
    known = {line["LineItemID"]: line for line in held}
    found = []
    for line in sent:
        before = known.get(line.get("LineItemID", ""))
        merged = {**_kept(before, line), **line}
        identity = before["LineItemID"] if before else books.new_id("LineItem")
        found.append({**_finish(books, merged, pricing), "LineItemID": identity})
    return found


def _kept(before: Raw | None, sent: Raw) -> Raw:
    """What an updated line keeps: all but what is worked out anew from what was sent."""
    kept = {name: value for name, value in (before or {}).items() if name != "Item"}
    if {"Quantity", "UnitAmount", "LineAmount", "DiscountRate", "DiscountAmount"} & set(sent):
        kept.pop("TaxAmount", None)
        if "LineAmount" not in sent:
            kept.pop("LineAmount", None)
        elif "UnitAmount" not in sent:
            kept.pop("UnitAmount", None)
    if {"TaxType", "AccountCode"} & set(sent):
        kept.pop("TaxAmount", None)
    return kept


def _finish(books: Books, line: Raw, pricing: Pricing) -> Raw:
    line = {key: value for key, value in line.items() if value != ""}
    line = _from_item(books, line, pricing)
    if not line.get("Description") and "LineAmount" not in line and "UnitAmount" not in line:
        raise Invalid("Description must be specified for each line item")
    line["Tracking"] = _tracked(books, line.get("Tracking") or [])
    line.setdefault("Description", "")
    if "UnitAmount" not in line and "LineAmount" not in line and "Quantity" not in line:
        return {**line, "LineAmount": Decimal(0), "TaxAmount": Decimal(0)}
    line = _amounts(line, pricing)
    account = _account(books, line, pricing)
    line["TaxType"] = _tax_type(books, line, account, pricing)
    line["TaxAmount"] = money(line["TaxAmount"]) if "TaxAmount" in line else _tax(books, line, pricing)
    return line


def _from_item(books: Books, line: Raw, pricing: Pricing) -> Raw:
    code = line.get("ItemCode")
    if not code:
        return dict(line)
    item = next(books.where("Item", "Code", code), None)
    if item is None:
        raise Invalid(f"Item code '{code}' is not valid")
    details = item.get("SalesDetails" if pricing.sales else "PurchaseDetails") or {}
    given = {
        "Description": item.get("Description"),
        "UnitAmount": details.get("UnitPrice") if "LineAmount" not in line else None,
        "AccountCode": details.get("AccountCode"),
        "TaxType": details.get("TaxType"),
    }
    known = {key: value for key, value in given.items() if value not in (None, "")}
    item_shown = {"ItemID": item["ItemID"], "Name": item.get("Name", ""), "Code": item["Code"]}
    return {**known, **line, "Item": item_shown}


def _amounts(line: Raw, pricing: Pricing) -> Raw:
    quantity = line.get("Quantity", Decimal(1))
    price, total = line.get("UnitAmount"), line.get("LineAmount")
    if price is None:
        discounted = total / (1 - line.get("DiscountRate", Decimal(0)) / 100) + line.get("DiscountAmount", Decimal(0))
        price = discounted / quantity if quantity else Decimal(0)
    unit = Decimal(1).scaleb(-pricing.decimals)
    price = price.quantize(unit, ROUND_HALF_UP)
    gross = quantity * price
    discount = gross * line.get("DiscountRate", Decimal(0)) / 100 + line.get("DiscountAmount", Decimal(0))
    expected = money(gross - discount)
    if total is not None and "UnitAmount" in line and money(total) != expected:
        raise Invalid(f"The line total {money(total)} does not match the expected line total {expected}")
    amount = expected if total is None else money(total)
    if abs(amount) > LINE_MAX:
        raise Invalid(f"The line amount must be no more than {LINE_MAX}")
    return {**line, "Quantity": quantity, "UnitAmount": price, "LineAmount": amount}


def _account(books: Books, line: Raw, pricing: Pricing) -> Raw | None:
    code = line.get("AccountCode", "")
    if not code:
        if pricing.approved:
            raise Invalid("Account code or ID must be specified")
        return None
    found = next(books.where("Account", "Code", code), None)
    if found is None or found.get("SystemAccount") in ("DEBTORS", "CREDITORS") or found["Type"] == "BANK":
        raise Invalid(f"Account code '{code}' is not a valid code for this document.")
    if found["Status"] != "ACTIVE":
        raise Invalid(
            f"Account code '{code}' has been archived, or has been deleted. Each line item must reference a valid "
            "account."
        )
    return found


def _tax_type(books: Books, line: Raw, account: Raw | None, pricing: Pricing) -> str:
    code = str(line.get("TaxType") or (account or {}).get("TaxType") or "NONE")
    if pricing.taxes == "NoTax":
        code = "NONE"
    rate = books.get("TaxRate", code)
    if rate is None or rate["Status"] != "ACTIVE":
        raise Invalid(f"The TaxType code '{code}' does not exist or cannot be used.")
    if account is not None and not rate[_APPLIES[account["Class"]]]:
        raise Invalid(f"The TaxType code '{code}' cannot be used with account code '{account['Code']}'.")
    return code


def _tax(books: Books, line: Raw, pricing: Pricing) -> Decimal:
    """Rounded on each line, then added up: Xero's guide to rounding."""
    rate = books.get("TaxRate", line["TaxType"])
    percent: Decimal = rate["EffectiveRate"] if rate else Decimal(0)
    if pricing.taxes == "Inclusive":
        return money(line["LineAmount"] * percent / (100 + percent))
    return money(line["LineAmount"] * percent / 100)


def _tracked(books: Books, sent: list[Raw]) -> list[Raw]:
    if len(sent) > TRACKED_MAX:
        raise Invalid(f"A maximum of {TRACKED_MAX} tracking categories can be set on a line item")
    return [_option(books, each) for each in sent]


def _option(books: Books, sent: Raw) -> Raw:
    for category in books.all("TrackingCategory").values():
        if sent.get("TrackingCategoryID", category["TrackingCategoryID"]) != category["TrackingCategoryID"]:
            continue
        if sent.get("Name", category["Name"]) != category["Name"] or category["Status"] != "ACTIVE":
            continue
        if not sent.get("TrackingCategoryID") and not sent.get("Name"):
            continue
        for option in category["Options"]:
            by_id = sent.get("TrackingOptionID") == option["TrackingOptionID"]
            if option["Status"] == "ACTIVE" and (by_id or sent.get("Option") == option["Name"]):
                return {
                    "Name": category["Name"],
                    "Option": option["Name"],
                    "TrackingCategoryID": category["TrackingCategoryID"],
                    "TrackingOptionID": option["TrackingOptionID"],
                }
    raise Invalid(f"The tracking option '{sent.get('Option', '')}' of '{sent.get('Name', '')}' could not be found")


def totals(lines: list[Raw], taxes: str) -> Raw:
    """SubTotal, TotalTax and Total."""
    amount = sum((line["LineAmount"] for line in lines), Decimal(0))
    tax = sum((line["TaxAmount"] for line in lines), Decimal(0))
    if taxes == "Inclusive":
        return {"SubTotal": amount - tax, "TotalTax": tax, "Total": amount}
    return {"SubTotal": amount, "TotalTax": tax, "Total": amount + tax}
