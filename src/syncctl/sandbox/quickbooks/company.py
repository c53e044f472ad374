"""What a pretend company holds from the start: preferences, chart of accounts, items, terms. No I/O."""

from __future__ import annotations

from typing import Any, Final

from syncctl.sandbox.quickbooks.store import Books, Raw, Rules
from syncctl.sandbox.quickbooks.writing import create

ACCOUNTS: Final = (
    ("Checking", "Bank", "Checking"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("Services", "Income", "ServiceFeeIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Stripe fees", "Expense", "OtherMiscellaneousServiceCost"),
    ("Stripe subscriptions", "Expense", "OtherMiscellaneousServiceCost"),
    ("Chargebacks", "Expense", "OtherMiscellaneousServiceCost"),
)
ITEMS: Final = ("Services", "Refunds", "Credits", "Shipping")
TERMS: Final = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60))
PAYMENT_METHODS: Final = ("Cash", "Check", "Credit Card", "ACH", "Wire")
CUSTOMER_TYPES: Final = ("Small business", "Enterprise", "Other")
INCOME_ACCOUNT: Final = "5"


def furnish(books: Books) -> None:
    """Fills empty books with what a new company has."""
    outside: dict[str, str] = {}
    for code, name in (("NON", "Out of scope"), ("TAX", "Taxable"), ("2", "California"), ("3", "Tucson")):
        body = {"Id": code, "Name": name, "Taxable": code != "NON", "TaxGroup": code.isdigit()}
        create(books, "TaxCode", body, outside, strict=False)
    for name, kind, detail in ACCOUNTS:
        create(books, "Account", {"Name": name, "AccountType": kind, "AccountSubType": detail}, outside, strict=False)
    for name in ITEMS:
        item = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": INCOME_ACCOUNT}}
        create(books, "Item", item, outside, strict=False)
    for name, days in TERMS:
        create(books, "Term", {"Name": name, "Type": "STANDARD", "DueDays": days}, outside, strict=False)
    for name in PAYMENT_METHODS:
        kind = "CREDIT_CARD" if name == "Credit Card" else "NON_CREDIT_CARD"
        create(books, "PaymentMethod", {"Name": name, "Type": kind}, outside, strict=False)
    for name in CUSTOMER_TYPES:
        create(books, "CustomerType", {"Name": name}, outside, strict=False)


def company_info(rules: Rules, now: str, name: str) -> Raw:
    """The one CompanyInfo record."""
    return {
        **_singleton(now),
        "CompanyName": name,
        "LegalName": name,
        "CompanyAddr": {"Id": "1", "Line1": "123 Sierra Way", "City": "San Pablo", "CountrySubDivisionCode": "CA"},
        "CompanyStartDate": "2015-06-05",
        "FiscalYearStartMonth": "January",
        "Country": "US",
        "SupportedLanguages": "en",
        "NameValue": [{"Name": "CompanyType", "Value": "Other"}, {"Name": "Realm", "Value": rules.realm}],
    }


def preferences(rules: Rules, now: str) -> Raw:
    """The one Preferences record, as the rules say; custom fields doubly nested, as QuickBooks has them."""
    accounting: dict[str, Any] = {
        "UseAccountNumbers": False,
        "TrackDepartments": False,
        "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": True,
        "FirstMonthOfFiscalYear": "January",
        "TaxYearMonth": "January",
        "CustomerTerminology": "Customers",
    }
    if rules.book_close_date:
        accounting["BookCloseDate"] = rules.book_close_date
    return {
        **_singleton(now),
        "AccountingInfoPrefs": accounting,
        "SalesFormsPrefs": {
            "CustomField": _custom_fields(rules.custom_fields),
            "CustomTxnNumbers": rules.custom_txn_numbers,
            "AllowDeposit": True,
            "AllowDiscount": True,
            "AllowShipping": True,
            "AutoApplyCredit": False,
            "AutoApplyPayments": False,
            "DefaultTerms": {"value": "3"},
        },
        "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": rules.automated_tax},
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": rules.multicurrency,
            "HomeCurrency": {"value": rules.home_currency},
        },
        "OtherPrefs": {"NameValue": [{"Name": "SalesFormsPrefs.DefaultItem", "Value": "1"}]},
    }


def _custom_fields(labels: tuple[str, ...]) -> list[Raw]:
    used = [
        {
            "Name": f"SalesFormsPrefs.UseSalesCustom{place}",
            "Type": "BooleanType",
            "BooleanValue": place <= len(labels) and bool(labels[place - 1]),
        }
        for place in (3, 2, 1)
    ]
    named = [
        {"Name": f"SalesFormsPrefs.SalesCustomName{place}", "Type": "StringType", "StringValue": label}
        for place, label in enumerate(labels[:3], 1)
        if label
    ]
    return [{"CustomField": used}, *([{"CustomField": named}] if named else [])]


def _singleton(now: str) -> Raw:
    return {
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "0",
        "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
    }
