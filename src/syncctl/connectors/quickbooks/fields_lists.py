"""The fields of customers, items, accounts and the other lists. No I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from syncctl.connectors.quickbooks.fields_shared import (
    CREATE,
    CURRENCY,
    HEAD,
    HOME,
    NEVER,
    address,
    date,
    enum,
    flag,
    given,
    money,
    number,
    read_only,
    ref,
    text,
)
from syncctl.fields.schema import Field

ACTIVE: Final = replace(flag("Active", NEVER), default="true", note="written by archive and reactivate")
SKU_LENGTH: Final = 100
"""From the published schema."""
_UNCHANGED: Final = "QuickBooks fixes the currency of a name when it is created"

CUSTOMER: Final = (
    *HEAD,
    replace(
        text("DisplayName", required=True),
        unique=True,
        unique_with=("Vendor", "Employee"),
        note="unique among customers, vendors and employees",
    ),
    *map(text, ("CompanyName", "Title", "GivenName", "MiddleName", "FamilyName", "Suffix", "PrintOnCheckName")),
    given(text("FullyQualifiedName")),
    text("PrimaryEmailAddr.Address"),
    *(text(f"{phone}.FreeFormNumber") for phone in ("PrimaryPhone", "AlternatePhone", "Mobile", "Fax")),
    text("WebAddr.URI"),
    *address("BillAddr"),
    *address("ShipAddr"),
    text("Notes"),
    ACTIVE,
    flag("Taxable"),
    text("ResaleNum"),
    ref("DefaultTaxCodeRef", "TaxCode"),
    replace(Field(CURRENCY, "currency.value", writable=CREATE), note=_UNCHANGED),
    ref("SalesTermRef", "Term"),
    ref("PaymentMethodRef", "PaymentMethod"),
    ref("CustomerTypeRef", "CustomerType"),
    ref("ParentRef", "Customer"),
    flag("Job"),
    flag("BillWithParent"),
    enum("PreferredDeliveryMethod", "Print|Email|None"),
    given(money("Balance")),
    given(money("BalanceWithJobs")),
)

ITEM: Final = (
    *HEAD,
    replace(text("Name", required=True), unique=True),
    text("Sku", length=SKU_LENGTH),
    text("Description"),
    given(text("FullyQualifiedName")),
    enum("Type", "Service|Inventory|NonInventory|Category|Group", CREATE, required=True),
    ACTIVE,
    money("UnitPrice", currency=HOME),
    money("PurchaseCost", currency=HOME),
    text("PurchaseDesc"),
    ref("IncomeAccountRef", "Account", required=True),
    ref("ExpenseAccountRef", "Account"),
    ref("AssetAccountRef", "Account"),
    ref("SalesTaxCodeRef", "TaxCode"),
    ref("ParentRef", "Item"),
    flag("SubItem"),
    flag("Taxable"),
    flag("TrackQtyOnHand", CREATE),
    date("InvStartDate", CREATE),
    given(number("QtyOnHand")),
)

ACCOUNT: Final = read_only(
    (
        *HEAD,
        *map(text, ("Name", "FullyQualifiedName", "AcctNum", "Description", "AccountType", "AccountSubType")),
        text("Classification"),
        ACTIVE,
        ref("ParentRef", "Account"),
        flag("SubAccount"),
        Field(CURRENCY, "currency.value"),
        money("CurrentBalance"),
        money("CurrentBalanceWithSubAccounts"),
    )
)


def _named(*more: Field) -> tuple[Field, ...]:
    return read_only((*HEAD, text("Name"), ACTIVE, *more))


def _person(*more: Field) -> tuple[Field, ...]:
    names = ("DisplayName", "GivenName", "FamilyName", "PrimaryEmailAddr.Address")
    return read_only((*HEAD, *map(text, names), ACTIVE, *more))


SMALL: Final = {
    "Account": ACCOUNT,
    "Vendor": _person(text("CompanyName"), Field(CURRENCY, "currency.value")),
    "Employee": _person(),
    "Term": _named(text("Type"), number("DueDays"), number("DiscountDays"), number("DiscountPercent")),
    "PaymentMethod": _named(text("Type")),
    "Class": _named(text("FullyQualifiedName"), ref("ParentRef", "Class")),
    "Department": _named(text("FullyQualifiedName"), ref("ParentRef", "Department")),
    "CustomerType": _named(text("FullyQualifiedName")),
    "TaxCode": _named(text("Description"), flag("Taxable"), flag("TaxGroup")),
    "Preferences": read_only(
        (
            *HEAD,
            date("AccountingInfoPrefs.BookCloseDate"),
            flag("SalesFormsPrefs.CustomTxnNumbers"),
            Field("CurrencyPrefs.HomeCurrency", "currency.value"),
            flag("CurrencyPrefs.MultiCurrencyEnabled"),
            flag("TaxPrefs.UsingSalesTax"),
            flag("TaxPrefs.PartnerTaxEnabled"),
        )
    ),
    "CompanyInfo": read_only(
        (
            *HEAD,
            *map(text, ("CompanyName", "LegalName", "Country", "FiscalYearStartMonth", "SupportedLanguages")),
            date("CompanyStartDate"),
            text("Email.Address"),
            text("PrimaryPhone.FreeFormNumber"),
            *address("CompanyAddr"),
        )
    ),
}
"""The kinds that are only read."""
