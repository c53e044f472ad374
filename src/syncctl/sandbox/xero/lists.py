"""Items, bank transactions and manual journals. No I/O."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from syncctl.sandbox.xero.answers import Invalid, Raw
from syncctl.sandbox.xero.contacts import named, usable
from syncctl.sandbox.xero.documents import How
from syncctl.sandbox.xero.lines import Pricing, finish_lines, totals
from syncctl.sandbox.xero.moments import written_day
from syncctl.sandbox.xero.store import Books, money


def write_item(books: Books, sent: Raw, how: How) -> Raw:
    """An item created or updated: matched by id, else by code. Raises Invalid."""
    held = None
    if not how.create:
        held = books.get("Item", sent.get("ItemID", "")) or next(
            books.where("Item", "Code", sent.get("Code", "")), None
        )
    if sent.get("ItemID") and held is None and how.strict:
        raise Invalid("Item could not be found")
    if not sent.get("Code"):
        raise Invalid("Code must be specified")
    own = held["ItemID"] if held else ""
    if any(raw["ItemID"] != own for raw in books.where("Item", "Code", sent["Code"])):
        raise Invalid(f"Price List Item with Code '{sent['Code']}' already exists")
    blank: Raw = {
        "ItemID": sent.get("ItemID") or books.new_id("Item"),
        "IsTrackedAsInventory": False,
        "IsSold": True,
        "IsPurchased": True,
        "PurchaseDetails": {},
        "SalesDetails": {},
    }
    found = {**(held or blank), **sent}
    for side in ("SalesDetails", "PurchaseDetails"):
        found[side] = _priced({**(held or blank)[side], **(sent.get(side) or {})}, how.decimals)
    return books.put("Item", found)


def _priced(details: Raw, decimals: int) -> Raw:
    if details.get("UnitPrice") is None:
        return details
    unit = Decimal(1).scaleb(-decimals)
    return {**details, "UnitPrice": details["UnitPrice"].quantize(unit, ROUND_HALF_UP)}


def write_bank_transaction(books: Books, sent: Raw, how: How) -> Raw:
    """Money spent or received, created only. Raises Invalid."""
    account = books.get("Account", (sent.get("BankAccount") or {}).get("AccountID", "")) or next(
        books.where("Account", "Code", (sent.get("BankAccount") or {}).get("Code", "")), None
    )
    if account is None or account["Type"] != "BANK":
        raise Invalid("A valid bank account must be specified")
    day = sent.get("Date") or books.today()
    if how.strict:
        books.check_open(day)
    taxes = sent.get("LineAmountTypes", "Exclusive")
    pricing = Pricing(taxes, how.decimals, approved=True, sales=sent.get("Type") == "RECEIVE")
    lines = finish_lines(books, sent.get("LineItems", []), [], pricing)
    kept = {name: value for name, value in sent.items() if name not in ("Date", "LineItems", "BankAccount", "Contact")}
    found: Raw = {
        "BankTransactionID": books.new_id("BankTransaction"),
        "Status": "AUTHORISED",
        "IsReconciled": False,
        "Reference": "",
        "LineAmountTypes": taxes,
        "CurrencyCode": books.currency(sent.get("CurrencyCode", "")),
        "HasAttachments": False,
        **kept,
        "Contact": named(usable(books, sent.get("Contact") or {})),
        "BankAccount": {name: account[name] for name in ("AccountID", "Code", "Name")},
        "Date": written_day(day),
        "DateString": f"{day.isoformat()}T00:00:00",
        "LineItems": lines,
        **totals(lines, taxes),
    }
    return books.put("BankTransaction", found)


def write_journal(books: Books, sent: Raw, how: How) -> Raw:
    """A manual journal, created only. Raises Invalid."""
    lines = sent.get("JournalLines", [])
    if not sent.get("Narration"):
        raise Invalid("Narration must be specified")
    if len(lines) < 2:
        raise Invalid("At least two journal lines must be specified")
    if sum((line.get("LineAmount", Decimal(0)) for line in lines), Decimal(0)) != 0:
        raise Invalid("The total debits must equal total credits")
    day = sent.get("Date") or books.today()
    if how.strict:
        books.check_open(day)
    found: Raw = {
        "ManualJournalID": books.new_id("ManualJournal"),
        "Status": sent.get("Status", "DRAFT"),
        "LineAmountTypes": sent.get("LineAmountTypes", "NoTax"),
        "ShowOnCashBasisReports": sent.get("ShowOnCashBasisReports", True),
        "HasAttachments": False,
        "Narration": sent["Narration"],
        "Date": written_day(day),
        "JournalLines": [_journal_line(books, line) for line in lines],
    }
    return books.put("ManualJournal", found)


def _journal_line(books: Books, line: Raw) -> Raw:
    code = line.get("AccountCode", "")
    account = next(books.where("Account", "Code", code), None)
    if account is None or account["Type"] == "BANK" or account.get("SystemAccount") in ("DEBTORS", "CREDITORS"):
        raise Invalid(f"Account code '{code}' is not a valid code for this document.")
    return {
        "LineAmount": money(line.get("LineAmount", Decimal(0))),
        "AccountCode": code,
        "AccountID": account["AccountID"],
        "Description": line.get("Description", ""),
        "TaxType": line.get("TaxType", "NONE"),
        "TaxAmount": Decimal(0),
        "IsBlank": False,
    }
