"""The fields of contacts, items, accounts and the other lists. No I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from syncctl.connectors.xero.fields_shared import (
    HOME,
    NEVER,
    UPDATED,
    date,
    enum,
    flag,
    given,
    identity,
    instant,
    many,
    money,
    number,
    read_only,
    text,
)
from syncctl.fields.schema import Field

CONTACT_NAME_LENGTH: Final = 255
CONTACT_NUMBER_LENGTH: Final = 50
ITEM_CODE_LENGTH: Final = 30
ITEM_NAME_LENGTH: Final = 50
"""Lengths: Xero's OpenAPI file, as all below."""
_ARCHIVED: Final = "written by archive; only a person can restore a contact, in Xero"
_ADDRESS: Final = (
    *(text(f"Addresses.AddressLine{line}", length=500) for line in (1, 2, 3, 4)),
    text("Addresses.City", length=255),
    text("Addresses.Region", length=255),
    text("Addresses.PostalCode", length=50),
    text("Addresses.Country", length=50),
    text("Addresses.AttentionTo", length=255),
)
_PERSON: Final = "ContactPersons is taken as a whole: a person who is left out is gone"

CONTACT: Final = (
    identity("ContactID"),
    replace(text("Name", length=CONTACT_NAME_LENGTH, required=True), unique=True, note="unique among active contacts"),
    replace(
        text("ContactNumber", length=CONTACT_NUMBER_LENGTH),
        unique=True,
        note="seen and written only through the API: a place for an id of another system",
    ),
    text("AccountNumber", length=50),
    replace(enum("ContactStatus", "ACTIVE|ARCHIVED|GDPRREQUEST", NEVER), default="ACTIVE", note=_ARCHIVED),
    text("FirstName", length=255),
    text("LastName", length=255),
    text("EmailAddress", length=255),
    text("CompanyNumber", length=50),
    text("TaxNumber", length=50),
    text("BankAccountDetails"),
    text("AccountsReceivableTaxType"),
    text("AccountsPayableTaxType"),
    Field("DefaultCurrency", "currency", writable="always"),
    enum("Addresses.AddressType", "POBOX|STREET"),
    many("Addresses"),
    *_ADDRESS,
    many("Phones"),
    enum("Phones.PhoneType", "DEFAULT|DDI|MOBILE|FAX|OFFICE"),
    text("Phones.PhoneNumber", length=50),
    text("Phones.PhoneAreaCode", length=10),
    text("Phones.PhoneCountryCode", length=20),
    many("ContactPersons"),
    *(replace(text(f"ContactPersons.{name}"), note=_PERSON) for name in ("FirstName", "LastName", "EmailAddress")),
    replace(flag("ContactPersons.IncludeInEmails"), note=_PERSON),
    many("ContactGroups"),
    given(text("ContactGroups.Name")),
    given(flag("IsCustomer"), "true once there is an invoice"),
    given(flag("IsSupplier"), "true once there is a bill"),
    text("SalesDefaultAccountCode"),
    text("PurchasesDefaultAccountCode"),
    number("PaymentTerms.Sales.Day"),
    enum("PaymentTerms.Sales.Type", "DAYSAFTERBILLDATE|DAYSAFTERBILLMONTH|OFCURRENTMONTH|OFFOLLOWINGMONTH"),
    given(text("Website")),
    given(money("Balances.AccountsReceivable.Outstanding", currency=HOME)),
    given(money("Balances.AccountsReceivable.Overdue", currency=HOME)),
    given(money("Balances.AccountsPayable.Outstanding", currency=HOME)),
    given(Field("MergedToContactID", "ref", target="Contact")),
    UPDATED,
)

ITEM: Final = (
    identity("ItemID"),
    replace(text("Code", length=ITEM_CODE_LENGTH, required=True), unique=True),
    text("Name", length=ITEM_NAME_LENGTH),
    text("Description", length=4000),
    text("PurchaseDescription", length=4000),
    flag("IsSold"),
    flag("IsPurchased"),
    *(
        field
        for side in ("SalesDetails", "PurchaseDetails")
        for field in (
            money(f"{side}.UnitPrice", currency=HOME),
            text(f"{side}.AccountCode"),
            text(f"{side}.TaxType"),
        )
    ),
    text("PurchaseDetails.COGSAccountCode"),
    text("InventoryAssetAccountCode"),
    given(flag("IsTrackedAsInventory")),
    given(number("QuantityOnHand")),
    given(money("TotalCostPool", currency=HOME)),
    UPDATED,
)

ACCOUNT: Final = read_only(
    (
        identity("AccountID"),
        *map(text, ("Code", "Name", "Type", "Class", "Description", "TaxType", "BankAccountNumber", "BankAccountType")),
        enum("Status", "ACTIVE|ARCHIVED|DELETED"),
        text("SystemAccount"),
        Field("CurrencyCode", "currency"),
        flag("EnablePaymentsToAccount"),
        flag("ShowInExpenseClaims"),
        text("ReportingCode"),
        UPDATED,
    )
)

TAX_RATE: Final = read_only(
    (
        identity("TaxType"),
        text("Name"),
        enum("Status", "ACTIVE|DELETED|ARCHIVED|PENDING"),
        text("ReportTaxType"),
        number("DisplayTaxRate"),
        number("EffectiveRate"),
        *(flag(f"CanApplyTo{what}") for what in ("Assets", "Equity", "Expenses", "Liabilities", "Revenue")),
        many("TaxComponents"),
        text("TaxComponents.Name"),
        number("TaxComponents.Rate"),
        flag("TaxComponents.IsCompound"),
    )
)

TRACKING_CATEGORY: Final = read_only(
    (
        identity("TrackingCategoryID"),
        text("Name"),
        enum("Status", "ACTIVE|ARCHIVED|DELETED"),
        many("Options"),
        text("Options.TrackingOptionID"),
        text("Options.Name"),
        enum("Options.Status", "ACTIVE|ARCHIVED|DELETED"),
    )
)

ORGANISATION: Final = read_only(
    (
        identity("OrganisationID"),
        *map(text, ("Name", "LegalName", "ShortCode", "CountryCode", "Timezone", "TaxNumber", "OrganisationStatus")),
        *map(text, ("OrganisationType", "Version", "Class", "Edition", "SalesTaxBasis", "SalesTaxPeriod")),
        Field("BaseCurrency", "currency"),
        flag("IsDemoCompany"),
        flag("PaysTax"),
        date("PeriodLockDate"),
        date("EndOfYearLockDate"),
        number("FinancialYearEndDay"),
        number("FinancialYearEndMonth"),
        instant("CreatedDateUTC"),
    )
)
