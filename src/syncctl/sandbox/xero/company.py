"""What a new organisation has: accounts, tax rates, tracking categories and itself. No I/O."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from syncctl.sandbox.xero.answers import Raw
from syncctl.sandbox.xero.moments import written, written_day
from syncctl.sandbox.xero.store import Books

_ACCOUNTS: Final = (
    ("090", "Business Bank Account", "BANK", "ASSET", "", False),
    ("200", "Sales", "REVENUE", "REVENUE", "", False),
    ("260", "Other Revenue", "REVENUE", "REVENUE", "", False),
    ("400", "Advertising", "EXPENSE", "EXPENSE", "", False),
    ("404", "Bank Fees", "EXPENSE", "EXPENSE", "", False),
    ("610", "Accounts Receivable", "CURRENT", "ASSET", "DEBTORS", False),
    ("800", "Accounts Payable", "CURRLIAB", "LIABILITY", "CREDITORS", False),
    ("820", "Sales Tax", "CURRLIAB", "LIABILITY", "GST", False),
    ("860", "Rounding", "CURRLIAB", "LIABILITY", "ROUNDING", False),
    ("880", "Stripe Clearing", "CURRENT", "ASSET", "", True),
)
"""Code, name, type, class, system account, whether payments may be made to it."""
_RATES: Final = (
    ("OUTPUT2", "15% Tax on Income", "15", "OUTPUT", True, False),
    ("INPUT2", "15% Tax on Expenses", "15", "INPUT", False, True),
    ("ZERORATEDOUTPUT", "Zero Rated", "0", "OUTPUT", True, False),
    ("NONE", "No Tax", "0", "NONE", True, True),
)
"""Type, name, rate, report type, whether for revenue, whether for expenses."""


def furnish(books: Books) -> None:
    """Stores them."""
    for code, name, kind, group, system, payments in _ACCOUNTS:
        books.put("Account", _account(books, code, name, kind, group, system, payments))
    for rate in _RATES:
        books.put("TaxRate", _rate(*rate), touch=False)
    for name, options in books.rules.tracking:
        books.put("TrackingCategory", category(books, name, options), touch=False)


def _account(books: Books, code: str, name: str, kind: str, group: str, system: str, payments: bool) -> Raw:
    found: Raw = {
        "AccountID": books.new_id("Account"),
        "Code": code,
        "Name": name,
        "Status": "ACTIVE",
        "Type": kind,
        "TaxType": {"REVENUE": "OUTPUT2", "EXPENSE": "INPUT2"}.get(group, "NONE"),
        "Class": group,
        "EnablePaymentsToAccount": payments,
        "ShowInExpenseClaims": False,
        "AddToWatchlist": False,
        "ReportingCode": group[:3],
        "ReportingCodeName": name,
        "HasAttachments": False,
    }
    if kind == "BANK":
        found |= {"BankAccountNumber": "0123456789", "BankAccountType": "BANK"}
        found["CurrencyCode"] = books.rules.base_currency
    if system:
        found["SystemAccount"] = system
    return found


def _rate(code: str, name: str, percent: str, report: str, revenue: bool, expenses: bool) -> Raw:
    rate = Decimal(percent)
    return {
        "Name": name,
        "TaxType": code,
        "ReportTaxType": report,
        "CanApplyToAssets": True,
        "CanApplyToEquity": True,
        "CanApplyToExpenses": expenses,
        "CanApplyToLiabilities": True,
        "CanApplyToRevenue": revenue,
        "DisplayTaxRate": rate,
        "EffectiveRate": rate,
        "Status": "ACTIVE",
        "TaxComponents": [{"Name": "Tax", "Rate": rate, "IsCompound": False, "IsNonRecoverable": False}],
    }


def category(books: Books, name: str, options: tuple[str, ...]) -> Raw:
    """A tracking category with active options."""
    return {
        "Name": name,
        "Status": "ACTIVE",
        "TrackingCategoryID": books.new_id("TrackingCategory"),
        "Options": [
            {"TrackingOptionID": books.new_id("TrackingOption"), "Name": option, "Status": "ACTIVE"}
            for option in options
        ],
    }


def organisation(books: Books, name: str) -> Raw:
    """The organisation as it is set up now; in the recorded shape."""
    rules = books.rules
    locks = {"PeriodLockDate": rules.period_lock, "EndOfYearLockDate": rules.year_lock}
    return {
        "Name": name,
        "LegalName": name,
        "PaysTax": True,
        "Version": rules.country,
        "OrganisationType": "COMPANY",
        "BaseCurrency": rules.base_currency,
        "CountryCode": rules.country,
        "IsDemoCompany": rules.demo,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 12,
        "SalesTaxBasis": "ACCRUALS",
        "SalesTaxPeriod": "QUARTERLY",
        "DefaultSalesTax": "Remember previous",
        "DefaultPurchasesTax": "Remember previous",
        **{key: written_day(date.fromisoformat(lock)) for key, lock in locks.items() if lock},
        "CreatedDateUTC": written(books.clock.now()).replace("+0000", ""),
        "OrganisationEntityType": "COMPANY",
        "Timezone": rules.timezone,
        "ShortCode": "!syncc",
        "OrganisationID": rules.tenant,
        "Edition": "BUSINESS",
        "Class": "DEMO" if rules.demo else "PREMIUM",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
