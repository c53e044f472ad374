"""Invoices, credit memos, sales receipts, refund receipts: numbers, lines, tax, totals. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.quickbooks.answers import Refusal, business, missing
from syncctl.sandbox.quickbooks.checks import too_long
from syncctl.sandbox.quickbooks.lists import currency_ref, placed, reference
from syncctl.sandbox.quickbooks.store import Books, Raw, money

DEFAULT_ITEM: Final = "1"
DEFAULT_DUE_DAYS: Final = 30
_REQUIRED: Final = {
    "Invoice": ("CustomerRef", "Line"),
    "CreditMemo": ("CustomerRef", "Line"),
    "SalesReceipt": ("Line",),
    "RefundReceipt": ("Line", "DepositToAccountRef"),
}
_DEFAULTS: Final[dict[str, Raw]] = {
    "Invoice": {
        "AllowIPNPayment": False,
        "AllowOnlinePayment": False,
        "AllowOnlineCreditCardPayment": False,
        "AllowOnlineACHPayment": False,
        "LinkedTxn": [],
    }
}


def finish_sale(
    books: Books, kind: str, raw: Raw, held: Raw | None, options: Mapping[str, str], *, strict: bool
) -> Raw:
    """A sales form with everything QuickBooks computes and adds. Raises Refusal."""
    for name in _REQUIRED[kind]:
        if not raw.get(name):
            raise missing(name)
    customer = books.get("Customer", raw.get("CustomerRef", {}).get("value", "")) or {}
    raw = {
        **_DEFAULTS.get(kind, {}),
        "PrintStatus": "NeedToPrint",
        "EmailStatus": "NotSet",
        "ApplyTaxAfterDiscount": False,
        **raw,
    }
    raw.setdefault("TxnDate", books.today().isoformat())
    finish_currency(books, raw, customer)
    _finish_number(books, kind, raw, held, options, strict=strict)
    _finish_custom_fields(books, raw, held, options)
    for name in ("BillAddr", "ShipAddr"):
        if raw.get(name) or customer.get(name):
            raw[name] = placed(books, raw.get(name) or customer[name])
    if kind == "Invoice":
        raw.setdefault("DueDate", _due(books, raw))
    if kind == "SalesReceipt":
        raw.setdefault("DepositToAccountRef", undeposited(books))
    _finish_lines(books, raw, held)
    if books.rules.tax_required and strict:
        _check_taxed(raw["Line"])
    _finish_totals(books, kind, raw, held, customer)
    return raw


def undeposited(books: Books) -> Raw:
    """The account that holds payments until they are deposited. Raises Refusal when the company has none."""
    for raw in books.all("Account").values():
        if raw.get("AccountSubType") == "UndepositedFunds":
            return reference(raw)
    raise missing("DepositToAccountRef")


def finish_currency(books: Books, raw: Raw, customer: Raw) -> None:
    """CurrencyRef: the customer's, and no other. Raises Refusal."""
    home = books.rules.home_currency
    own = customer.get("CurrencyRef", {}).get("value", home)
    wanted = raw.get("CurrencyRef", {}).get("value", own)
    if wanted != home and not books.rules.multicurrency:
        raise business("multicurrency is not enabled for this company")
    if customer and wanted != own:
        raise business(f"the transaction is in {wanted} but the customer's currency is {own}")
    raw["CurrencyRef"] = currency_ref(wanted)
    if wanted != home:
        raw.setdefault("ExchangeRate", 1)


def _finish_number(
    books: Books, kind: str, raw: Raw, held: Raw | None, options: Mapping[str, str], *, strict: bool
) -> None:
    if not strict:
        if "DocNumber" not in raw:
            raw["DocNumber"] = books.next_number()
        return
    if not books.rules.custom_txn_numbers:
        raw["DocNumber"] = held["DocNumber"] if held and held.get("DocNumber") else books.next_number()
        return
    if not raw.get("DocNumber") and raw.get("AutoDocNumber"):
        raw["DocNumber"] = books.next_number()
    number = raw.get("DocNumber", "")
    others = books.number_users(kind, number) - ({held["Id"]} if held else set())
    if number and others and books.rules.warn_duplicate_numbers and "allowduplicatedocnum" not in _included(options):
        raise Refusal(
            "6140",
            "Duplicate Document Number Error",
            "Duplicate Document Number Error : You must specify a different number. This number has already been "
            f"used. DocNumber={number} is assigned to TxnType={kind} with TxnId={min(others)}",
        )


def _included(options: Mapping[str, str]) -> list[str]:
    return options.get("include", "").split(",")


def custom_values(raw: Raw) -> dict[str, str]:
    """Custom field values by definition id."""
    return {each.get("DefinitionId", ""): each.get("StringValue", "") for each in raw.get("CustomField", [])}


def _finish_custom_fields(books: Books, raw: Raw, held: Raw | None, options: Mapping[str, str]) -> None:
    """The legacy fields by definition, with or without a value; what names no known definition is dropped.

    Enhanced fields are only written by a request that includes them.
    """
    legacy = {str(place): label for place, label in enumerate(books.rules.custom_fields[:3], 1) if label}
    enhanced = dict(books.rules.enhanced_fields)
    sent, kept = custom_values(raw), custom_values(held or {})
    asked = "enhancedAllCustomFields" in _included(options)
    given = {**sent, **({} if asked else {identity: kept.get(identity, "") for identity in enhanced})}
    defined = legacy | enhanced
    longest = books.rules.custom_field_length
    found = []
    for identity, label in defined.items():
        value = given.get(identity, "")
        if len(value) > longest:
            raise too_long("StringValue", value, longest)
        made = {"DefinitionId": identity, "Name": label, "Type": "StringType"}
        found.append({**made, "StringValue": value} if value else made)
    raw["CustomField"] = found


def _due(books: Books, raw: Raw) -> str:
    term = books.get("Term", raw.get("SalesTermRef", {}).get("value", "")) or {}
    days = int(term.get("DueDays", DEFAULT_DUE_DAYS))
    return (date.fromisoformat(raw["TxnDate"]) + timedelta(days=days)).isoformat()


def _finish_lines(books: Books, raw: Raw, held: Raw | None) -> None:
    used = [int(line["Id"]) for line in (held or {}).get("Line", []) if line.get("Id", "").isdigit()]
    last = max(used, default=0)
    lines: list[Raw] = []
    for given in raw["Line"]:
        if given.get("DetailType") == "SubTotalLineDetail":
            continue
        if "Amount" not in given:
            raise missing("Line.Amount")
        if not given.get("DetailType"):
            raise missing("Line.DetailType")
        identity = given.get("Id")
        if not identity or not identity.isdigit() or int(identity) not in used:
            last += 1
            identity = str(last)
        lines.append(_finish_line(books, {**given, "Id": identity, "LineNum": len(lines) + 1}))
    if not lines:
        raise missing("Line")
    raw["Line"] = lines


def _finish_line(books: Books, line: Raw) -> Raw:
    line = {key: value for key, value in line.items() if value not in ("", [])}
    if line["DetailType"] != "SalesItemLineDetail":
        return {**line, "Amount": money(line["Amount"])}
    detail = dict(line.get("SalesItemLineDetail", {}))
    price, quantity = detail.get("UnitPrice"), detail.get("Qty")
    if price and quantity and money(Decimal(price) * Decimal(quantity)) != money(line["Amount"]):
        raise Refusal(
            "6070",
            "Amount calculation incorrect in the request",
            f"Amount is not equal to UnitPrice * Qty. Supplied value:{line['Amount']}",
        )
    item = books.get("Item", DEFAULT_ITEM)
    if "ItemRef" not in detail and item is not None:
        detail["ItemRef"] = reference(item)
    detail.setdefault("TaxCodeRef", {"value": "NON"})
    return {**line, "Amount": money(line["Amount"]), "SalesItemLineDetail": detail}


def _check_taxed(lines: list[Raw]) -> None:
    """Companies outside the United States: every line that sells something has a tax code of theirs. Raises Refusal."""
    for line in lines:
        code = line.get("SalesItemLineDetail", {}).get("TaxCodeRef", {}).get("value", "")
        if line["DetailType"] == "SalesItemLineDetail" and code in ("", "NON", "TAX"):
            raise business("make sure all your transactions have a GST/VAT rate before you save")


def _finish_totals(books: Books, kind: str, raw: Raw, held: Raw | None, customer: Raw) -> None:
    sold = _sum(raw["Line"], "SalesItemLineDetail")
    discount = _discount(raw, sold)
    tax = _tax(books, raw, customer)
    raw["Line"] = [
        *(line for line in raw["Line"] if line["DetailType"] != "DiscountLineDetail"),
        {"Amount": money(sold), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
        *(line for line in raw["Line"] if line["DetailType"] == "DiscountLineDetail"),
    ]
    raw["TxnTaxDetail"] = {
        **{key: value for key, value in raw.get("TxnTaxDetail", {}).items() if key != "TaxLine"},
        "TotalTax": money(tax),
    }
    total = sold - discount + tax
    if total < 0:
        raise business("the total of a sales form cannot be negative")
    raw["TotalAmt"] = money(total)
    applied = applied_to(kind, held)
    if total < applied:
        raise business(f"{applied} is already applied to this transaction; its total cannot be {total}")
    raw["Balance"] = money(total - applied) if kind in ("Invoice", "CreditMemo") else 0
    if kind == "CreditMemo":
        raw["RemainingCredit"] = raw["Balance"]
    if raw["CurrencyRef"]["value"] != books.rules.home_currency:
        raw["HomeTotalAmt"] = money(total * Decimal(raw["ExchangeRate"]))


def applied_to(kind: str, held: Raw | None) -> Decimal:
    """What payments already took of an invoice or credit memo."""
    if held is None or kind not in ("Invoice", "CreditMemo"):
        return Decimal(0)
    return Decimal(held["TotalAmt"]) - Decimal(held["Balance"])


def _sum(lines: list[Raw], detail_type: str) -> Decimal:
    return sum((Decimal(line["Amount"]) for line in lines if line["DetailType"] == detail_type), Decimal(0))


def _discount(raw: Raw, sold: Decimal) -> Decimal:
    total = Decimal(0)
    for line in raw["Line"]:
        if line["DetailType"] == "DiscountLineDetail":
            detail: dict[str, Any] = line.get("DiscountLineDetail", {})
            if detail.get("PercentBased"):
                line["Amount"] = money(sold * Decimal(detail.get("DiscountPercent", 0)) / 100)
            total += Decimal(line["Amount"])
    return total


def _tax(books: Books, raw: Raw, customer: Raw) -> Decimal:
    """The tax that was sent, honoured; else the rate on the taxable lines. `tax_overrides`: never the one sent."""
    sent = raw.get("TxnTaxDetail", {}).get("TotalTax")
    if sent is not None and not books.rules.tax_overrides:
        return Decimal(sent)
    if customer.get("Taxable") is False:
        return Decimal(0)
    taxable = sum(
        (
            Decimal(line["Amount"])
            for line in raw["Line"]
            if line.get("SalesItemLineDetail", {}).get("TaxCodeRef", {}).get("value") == "TAX"
        ),
        Decimal(0),
    )
    return Decimal(money(taxable * books.rules.tax_rate))


def shown(books: Books, raw: Raw, options: Mapping[str, str]) -> Raw:
    """A record as this request sees it: enhanced custom fields only where it asks for them."""
    enhanced = dict(books.rules.enhanced_fields)
    if not enhanced or "CustomField" not in raw or "enhancedAllCustomFields" in _included(options):
        return raw
    return {**raw, "CustomField": [each for each in raw["CustomField"] if each["DefinitionId"] not in enhanced]}
