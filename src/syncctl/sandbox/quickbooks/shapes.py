"""Which properties each QuickBooks entity knows, as minor version 75 has them. No I/O.

One word per property, its ending tells the type: nothing text, # number, ? true or false, @ date, ^ time, > reference,
=Type an object, {A|B} one of these texts; * after it: a list. Names come from Intuit's published schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ENTITY = "Id SyncToken MetaData=MetaData CustomField=CustomField* AttachableRef=Any* domain status sparse?"
_NAME = (
    "Active? AlternatePhone=Phone CompanyName DefaultTaxCodeRef> DisplayName FamilyName Fax=Phone FullyQualifiedName "
    "GivenName IntuitId MiddleName Mobile=Phone Organization? OtherContactInfo=Any* PrimaryEmailAddr=Email "
    "PrimaryPhone=Phone PrintOnCheckName Suffix Title UserId V4IDPseudonym WebAddr=Web Notes CurrencyRef> AcctNum "
    "Balance# BillAddr=Address ShipAddr=Address OtherAddr=Address* Source ParentRef> ContactName AltContactName"
)
_TRANSACTION = (
    "CurrencyRef> DepartmentRef> DocNumber ExchangeRate# HomeTotalCostAmount# Line=Line* LinkedTxn=LinkedTxn* "
    "PrivateNote ProjectRef> RecurDataRef> RecurringInfo=Any Tag=Any* TaxFormNum TaxFormType TotalCostAmount# "
    "TransactionLocationType TxnApprovalInfo=Any TxnDate@ TxnSource TxnStatus TxnTaxDetail=Tax TotalAmt# HomeTotalAmt#"
)
_SALES = (
    "ARAccountRef> ApplyTaxAfterDiscount? AutoDocNumber? Balance# BillAddr=Address BillEmail=Email BillEmailBcc=Email "
    "BillEmailCc=Email CheckPayment=Any ClassRef> CreditCardPayment=Any CustomerMemo=Memo CustomerRef> "
    "DeliveryInfo=Any DepositToAccountRef> DiscountAmt# DiscountRate# DueDate@ "
    "EmailStatus{NotSet|NeedToSend|EmailSent} FOB FinanceCharge? FreeFormAddress? "
    "GlobalTaxCalculation{TaxInclusive|TaxExcluded|NotApplicable} GovtTxnRefIdentifier HomeBalance# PONumber "
    "PaymentMethodRef> PaymentRefNum PaymentType PrintStatus{NotSet|NeedToPrint|PrintComplete} RemitToRef> "
    "SalesRepRef> SalesTermRef> ShipAddr=Address ShipDate@ ShipFromAddr=Address ShipMethodRef> "
    "ShippingTaxIncludedInTotalTax? TaxExemptionRef> TemplateRef> TrackingNum"
)
_ACCOUNT_TYPES = (
    "Bank|Accounts Receivable|Other Current Asset|Fixed Asset|Other Asset|Accounts Payable|Credit Card|"
    "Other Current Liability|Long Term Liability|Equity|Income|Cost of Goods Sold|Expense|Other Income|Other Expense|"
    "Non-Posting"
)
_ITEM_TYPES = (
    "Assembly|Category|Fixed Asset|Group|Inventory|NonInventory|Other Charge|Payment|Service|Subtotal|Discount|Tax|"
    "Tax Group|Bundle"
)
_DETAIL_TYPES = (
    "PaymentLineDetail|DiscountLineDetail|TaxLineDetail|SalesItemLineDetail|ItemBasedExpenseLineDetail|"
    "AccountBasedExpenseLineDetail|DepositLineDetail|JournalEntryLineDetail|GroupLineDetail|DescriptionOnly|"
    "SubTotalLineDetail"
)
_ITEM_DETAIL = (
    "ClassRef> InventorySiteRef> ItemAccountRef> ItemRef> MarkupInfo=Any PriceLevelRef> Qty# RatePercent# "
    "TaxClassificationRef> TaxCodeRef> UOMRef=Any UnitCostPrice# UnitPrice#"
)

_WORDS: Final[dict[str, str]] = {
    "Customer": f"{_ENTITY} {_NAME} ARAccountRef> BalanceWithJobs# BillWithParent? BusinessNumber CCDetail=Any "
    "ClientCompanyId ClientEntityId CreditLimit# CustomerTypeRef> GSTIN GSTRegistrationType IsCISContractor? "
    "IsProject? Job? JobInfo=Any Level# OpenBalanceDate@ OverDueBalance# PaymentMethodRef> "
    "PreferredDeliveryMethod PriceLevelRef> PrimaryTaxIdentifier ResaleNum RootCustomerRef> SalesRepRef> "
    "SalesTermRef> SecondaryTaxIdentifier TDSEnabled? TaxExemptionReasonId TaxGroupCodeRef> TaxRateRef> "
    "TaxRegime Taxable? TotalExpense# TotalRevenue#",
    "Vendor": f"{_ENTITY} {_NAME} APAccountRef> BillRate# BusinessNumber CostRate# CreditLimit# GSTIN HasTPAR? "
    "TaxIdentifier TermRef> Vendor1099? VendorTypeRef>",
    "Employee": f"{_ENTITY} {_NAME} BillRate# BillableTime? BirthDate@ CostRate# EmployeeNumber EmployeeType "
    "HiredDate@ PrimaryAddr=Address ReleasedDate@ SSN",
    "Item": f"{_ENTITY} AbatementRate# Active? AssetAccountRef> AvgCost# BuildPoint# COGSAccountRef> ClassRef> "
    "CustomExtensions=Any* DeferredRevenue? DepositToAccountRef> Description ExpenseAccountRef> FullyQualifiedName "
    "IncomeAccountRef> InvStartDate@ ItemAssemblyDetail=Any ItemCategoryType ItemGroupDetail=Any Level# ManPartNum "
    "Name ParentRef> PaymentMethodRef> PercentBased? PrefVendorRef> PrintGroupedItems? PurchaseCost# PurchaseDesc "
    "PurchaseTaxCodeRef> PurchaseTaxIncluded? QtyOnHand# QtyOnPurchaseOrder# QtyOnSalesOrder# RatePercent# "
    "ReorderPoint# ReverseChargeRate# SalesTaxCodeRef> SalesTaxIncluded? ServiceType Sku Source SpecialItem? "
    f"SpecialItemType SubItem? TaxClassificationRef> Taxable? TrackQtyOnHand? Type{{{_ITEM_TYPES}}} UOMSetRef> "
    "UQCDisplayText UQCId UnitPrice#",
    "Invoice": f"{_ENTITY} {_TRANSACTION} {_SALES} AllowIPNPayment? AllowOnlineACHPayment? "
    "AllowOnlineCreditCardPayment? AllowOnlinePayPalPayment? AllowOnlinePayment? AutoPayEligible? CfdiUse# "
    "ConvenienceFeeDetail=Any Deposit# EInvoiceStatus GratuityEnabled? InvoiceLink InvoiceLinkExpiryDate@ "
    "InvoiceLinkSecurityCode LessCIS# PaymentDetailsMessage invoiceStatus invoiceStatusLog=Any* callToAction",
    "CreditMemo": f"{_ENTITY} {_TRANSACTION} {_SALES} InvoiceRef> RemainingCredit#",
    "RefundReceipt": f"{_ENTITY} {_TRANSACTION} {_SALES} RemainingCredit#",
    "SalesReceipt": f"{_ENTITY} {_TRANSACTION} {_SALES} LessCIS#",
    "Payment": f"{_ENTITY} {_TRANSACTION} ARAccountRef> CheckPayment=Any CreditCardPayment=Any CustomerRef> "
    "DepositToAccountRef> PaymentExtendedType PaymentMethodRef> PaymentRefNum PaymentType ProcessPayment? "
    "RemitToRef> UnappliedAmt#",
    "Deposit": f"{_ENTITY} {_TRANSACTION} CashBack=Any DepositToAccountRef> GlobalTaxCalculation",
    "JournalEntry": f"{_ENTITY} {_TRANSACTION} Adjustment? EnteredInHomeCurrency? GlobalTaxCalculation "
    "HomeCurrencyAdjustment?",
    "Account": f"{_ENTITY} AccountAlias AccountPurposes>* AccountSubType AccountType{{{_ACCOUNT_TYPES}}} AcctNum "
    "AcctNumExtn Active? BankNum Classification CurrencyRef> CurrentBalance# CurrentBalanceWithSubAccounts# "
    "Description FIName FullyQualifiedName JournalCodeRef> Name OnlineBankingEnabled? OpeningBalance# "
    "OpeningBalanceDate@ ParentRef> SubAccount? TaxAccount? TaxCodeRef> TxnLocationType",
    "Term": f"{_ENTITY} Active? DayOfMonthDue# DiscountDayOfMonth# DiscountDays# DiscountPercent# DueDays# "
    "DueNextMonthDays# Name Type",
    "PaymentMethod": f"{_ENTITY} Active? Name Type",
    "TaxCode": f"{_ENTITY} Active? Description Hidden? Name PurchaseTaxRateList=Any SalesTaxRateList=Any "
    "TaxCodeConfigType TaxGroup? Taxable?",
    "Class": f"{_ENTITY} Active? FullyQualifiedName Name ParentRef> SubClass?",
    "Department": f"{_ENTITY} Active? Address=Address FullyQualifiedName Name ParentRef> SubDepartment?",
    "CustomerType": f"{_ENTITY} Active? FullyQualifiedName Name ParentRef>",
    "CompanyInfo": f"{_ENTITY} CompanyAddr=Address CompanyName CompanyStartDate@ Country CustomerCommunicationAddr="
    "Address DefaultTimeZone Email=Email EmployerId FiscalYearStartMonth LegalAddr=Address LegalName NameValue=Any* "
    "PrimaryPhone=Phone SupportedLanguages WebAddr=Web",
    "Preferences": f"{_ENTITY} AccountingInfoPrefs=Any CurrencyPrefs=Any EmailMessagesPrefs=Any OtherPrefs=Any "
    "ProductAndServicesPrefs=Any ReportPrefs=Any SalesFormsPrefs=Any TaxPrefs=Any TimeTrackingPrefs=Any "
    "VendorAndPurchasesPrefs=Any",
    "MetaData": "CreateTime^ LastUpdatedTime^ CreatedByRef> LastModifiedByRef> LastChangedInQB^ Synchronized?",
    "CustomField": "DefinitionId Name Type{StringType|BooleanType|NumberType|DateType} StringValue BooleanValue? "
    "DateValue@ NumberValue#",
    "Address": "Id Line1 Line2 Line3 Line4 Line5 City Country CountryCode CountrySubDivisionCode County PostalCode "
    "PostalCodeSuffix Lat Long Note Tag",
    "Email": "Id Address Default? Tag",
    "Phone": "Id AreaCode CountryCode Default? DeviceType ExchangeCode Extension FreeFormNumber Tag",
    "Web": "Id URI Default? Tag",
    "Memo": "value",
    "LinkedTxn": "TxnId TxnType TxnLineId",
    "Tax": "DefaultTaxCodeRef> TaxLine=Line* TaxReviewStatus TotalTax# TxnTaxCodeRef> UseAutomatedSalesTax?",
    "Line": "Id LineNum# Description Amount# CostAmount# HomeCostAmount# Received# "
    f"DetailType{{{_DETAIL_TYPES}}} LinkedTxn=LinkedTxn* CustomField=CustomField* CustomExtensions=Any* LineEx=Any "
    "ProjectRef> SalesItemLineDetail=SalesItem DiscountLineDetail=Discount DepositLineDetail=DepositLine "
    "JournalEntryLineDetail=JournalLine SubTotalLineDetail=SubTotal DescriptionLineDetail=Description "
    "TaxLineDetail=Any GroupLineDetail=Any PaymentLineDetail=Any ItemBasedExpenseLineDetail=Any "
    "AccountBasedExpenseLineDetail=Any",
    "SalesItem": f"{_ITEM_DETAIL} DeferredRevenue? DiscountAmt# DiscountRate# ServiceDate@ TaxInclusiveAmt#",
    "Discount": "DiscountAccountRef> DiscountPercent# DiscountRef> PercentBased? ClassRef> ServiceDate@ TaxCodeRef>",
    "DepositLine": "AccountRef> CheckNum ClassRef> Entity> PaymentMethodRef> TaxApplicableOn TaxCodeRef> TxnType",
    "JournalLine": "AccountRef> BillableStatus ClassRef> DepartmentRef> Entity=EntityType JournalCodeRef> "
    "PostingType{Credit|Debit} TaxAmount# TaxApplicableOn TaxCodeRef> TaxInclusiveAmt# TaxRateRef>",
    "EntityType": "Type EntityRef>",
    "SubTotal": "ItemRef> ServiceDate@",
    "Description": "ServiceDate@ TaxCodeRef>",
}


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its type's sign, the object type it holds, its options."""

    name: str
    sign: str = ""
    holds: str = ""
    options: tuple[str, ...] = ()
    many: bool = False


_WORD = re.compile(r"([A-Za-z0-9]+)(?:([#?@^>])|=([A-Za-z]+)|\{([^}]*)\})?(\*?)")


def _properties(words: str) -> dict[str, Property]:
    found = {}
    for name, sign, holds, options, many in _WORD.findall(words):
        made = Property(name, sign, holds, tuple(options.split("|")) if options else (), bool(many))
        found[name] = made
    return found


SHAPES: Final[dict[str, dict[str, Property]]] = {name: _properties(words) for name, words in _WORDS.items()}

NAMES: Final = ("Customer", "Vendor", "Employee")
SALES: Final = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")
TRANSACTIONS: Final = (*SALES, "Payment", "Deposit", "JournalEntry")
LISTS: Final = (*NAMES, "Item", "Account", "Term", "PaymentMethod", "TaxCode", "Class", "Department", "CustomerType")
KINDS: Final = (*TRANSACTIONS, *LISTS, "CompanyInfo", "Preferences")
BY_PATH: Final = {kind.lower(): kind for kind in KINDS}
NOT_IN_CDC: Final = ("TaxCode", "CompanyInfo", "Preferences")

LENGTHS: Final = {
    # The published schema's own lengths, where they are QuickBooks Online's and not the desktop's.
    "DocNumber": 21,
    "PONumber": 25,
    "Sku": 100,
}

REFERENCES: Final = {
    "CustomerRef": "Customer",
    "ItemRef": "Item",
    "ARAccountRef": "Account",
    "DepositToAccountRef": "Account",
    "DiscountAccountRef": "Account",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
    "AccountRef": "Account",
    "SalesTermRef": "Term",
    "PaymentMethodRef": "PaymentMethod",
    "TaxCodeRef": "TaxCode",
    "DefaultTaxCodeRef": "TaxCode",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "CustomerTypeRef": "CustomerType",
}
"""The kind that a reference property points to; others are not checked."""

CALLED: Final = {
    "Customer": "Names", "Vendor": "Names", "Employee": "Names", "Account": "Accounts", "Item": "Items",
    "Class": "Klasses", "Department": "Depts", "Term": "Terms", "PaymentMethod": "PaymentMethods",
    "TaxCode": "TaxCodes", "CustomerType": "CustomerTypes",
}  # fmt: skip
"""What an "element id N not found" calls each kind."""

SERVER_OWNED: Final = frozenset(
    "Id SyncToken MetaData domain sparse status Balance BalanceWithJobs HomeBalance HomeTotalAmt UnappliedAmt "
    "RemainingCredit CurrentBalance CurrentBalanceWithSubAccounts FullyQualifiedName OverDueBalance Classification "
    "V4IDPseudonym InvoiceLink".split()
)
"""What a write may carry and QuickBooks overwrites without a word."""
