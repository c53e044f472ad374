"""What Xero takes for each kind: names, types, words and lengths, from its OpenAPI file. No I/O.

A sign says the type: `t` text (with its longest length), `n` number, `b` true or false, `d` date, `=A|B` one of some
words, `>X` an object, `[X` a list of objects, `-` the server's own, taken and not heeded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its sign, and the shape, words or length behind it."""

    sign: str
    holds: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words of `=`."""
        return tuple(self.holds.split("|"))

    @property
    def length(self) -> int | None:
        """The longest text of `t`."""
        return int(self.holds) if self.sign == "t" and self.holds else None


_STATUSES: Final = "=DRAFT|SUBMITTED|AUTHORISED|PAID|VOIDED|DELETED"
_TAXES: Final = "=Exclusive|Inclusive|NoTax"
_OWN: Final = (
    "UpdatedDateUTC- UpdatedDateUTCString- HasAttachments- HasErrors- StatusAttributeString- ValidationErrors- "
    "Warnings- HasValidationErrors- DateString- DueDateString- "
)
_DOCUMENT: Final = (
    f"{_OWN} Contact>Contact LineItems[LineItem Date:d DueDate:d LineAmountTypes:{_TAXES} Reference:t255 "
    f"BrandingThemeID:t CurrencyCode:t3 CurrencyRate:n Status:{_STATUSES} SentToContact:b SubTotal- TotalTax- Total- "
    "FullyPaidOnDate- Payments- InvoiceAddresses- CISDeduction- CISRate- "
)
_TEXTS: Final[dict[str, str]] = {
    "Contact": _OWN
    + "ContactID:t ContactNumber:t50 AccountNumber:t50 ContactStatus:=ACTIVE|ARCHIVED|GDPRREQUEST Name:t255 "
    "FirstName:t255 LastName:t255 CompanyNumber:t50 EmailAddress:t255 ContactPersons[ContactPerson "
    "BankAccountDetails:t TaxNumber:t50 TaxNumberType:=SSN|EIN|ITIN|ATIN AccountsReceivableTaxType:t "
    "AccountsPayableTaxType:t Addresses[Address Phones[Phone IsSupplier- IsCustomer- "
    "SalesDefaultLineAmountType:=INCLUSIVE|EXCLUSIVE|NONE PurchasesDefaultLineAmountType:=INCLUSIVE|EXCLUSIVE|NONE "
    "DefaultCurrency:t3 XeroNetworkKey:t SalesDefaultAccountCode:t PurchasesDefaultAccountCode:t "
    "SalesTrackingCategories- PurchasesTrackingCategories- TrackingCategoryName:t TrackingCategoryOption:t "
    "PaymentTerms>Terms ContactGroups- Website- BrandingTheme- BatchPayments- Discount- Balances- Attachments- "
    "MergedToContactID-",
    "ContactPerson": "FirstName:t LastName:t EmailAddress:t IncludeInEmails:b",
    "Address": "AddressType:=POBOX|STREET AddressLine1:t500 AddressLine2:t500 AddressLine3:t500 AddressLine4:t500 "
    "City:t255 Region:t255 PostalCode:t50 Country:t50 AttentionTo:t255",
    "Phone": "PhoneType:=DEFAULT|DDI|MOBILE|FAX|OFFICE PhoneNumber:t50 PhoneAreaCode:t10 PhoneCountryCode:t20",
    "Terms": "Bills>Term Sales>Term",
    "Term": "Day:n Type:=DAYSAFTERBILLDATE|DAYSAFTERBILLMONTH|OFCURRENTMONTH|OFFOLLOWINGMONTH",
    "Invoice": _DOCUMENT
    + "InvoiceID:t InvoiceNumber:t255 Type:=ACCREC|ACCPAY Url:t ExpectedPaymentDate:d PlannedPaymentDate:d "
    "RepeatingInvoiceID- AmountDue- AmountPaid- AmountCredited- TotalDiscount- IsDiscounted- Prepayments- "
    "Overpayments- CreditNotes- Attachments-",
    "CreditNote": _DOCUMENT
    + "CreditNoteID:t CreditNoteNumber:t255 Type:=ACCRECCREDIT|ACCPAYCREDIT RemainingCredit- AppliedAmount- "
    "Allocations- ID-",
    "LineItem": "LineItemID:t Description:t4000 Quantity:n UnitAmount:n ItemCode:t30 AccountCode:t10 AccountID:t "
    "TaxType:t TaxAmount:n LineAmount:n Tracking[Tracking DiscountRate:n DiscountAmount:n Item- ValidationErrors- "
    "RepeatingInvoiceID- Taxability- SalesTaxCodeId- TaxBreakdown-",
    "Tracking": "TrackingCategoryID:t TrackingOptionID:t Name:t100 Option:t100",
    "Payment": _OWN
    + "PaymentID:t Invoice>Invoice CreditNote>CreditNote InvoiceNumber:t CreditNoteNumber:t Account>Account "
    "Code:t Date:d CurrencyRate:n Amount:n BankAmount:n Reference:t255 IsReconciled:b Status:=AUTHORISED|DELETED "
    "PaymentType- BatchPayment- BatchPaymentID- BankAccountNumber:t Particulars:t Details:t HasAccount- Prepayment- "
    "Overpayment-",
    "Account": _OWN
    + "AccountID:t Code:t10 Name- Type- BankAccountNumber- Status- Description- BankAccountType- CurrencyCode- "
    "TaxType- EnablePaymentsToAccount- ShowInExpenseClaims- Class- SystemAccount- ReportingCode- ReportingCodeName- "
    "AddToWatchlist-",
    "Allocation": "AllocationID- Invoice>Invoice Amount:n Date:d CreditNote- Overpayment- Prepayment- IsDeleted- "
    "StatusAttributeString- ValidationErrors-",
    "PaymentDelete": "Status:=DELETED PaymentID:t",
    "Item": _OWN + "ItemID:t Code:t30 Name:t50 IsSold:b IsPurchased:b Description:t4000 PurchaseDescription:t4000 "
    "PurchaseDetails>Price SalesDetails>Price InventoryAssetAccountCode:t IsTrackedAsInventory- TotalCostPool- "
    "QuantityOnHand-",
    "Price": "UnitPrice:n AccountCode:t COGSAccountCode:t TaxType:t",
    "BankTransaction": _OWN
    + "BankTransactionID:t Type:=RECEIVE|SPEND Contact>Contact LineItems[LineItem BankAccount>Account "
    f"IsReconciled:b Date:d Reference:t255 CurrencyCode:t3 CurrencyRate:n Url:t LineAmountTypes:{_TAXES} "
    "Status:=AUTHORISED|DELETED SubTotal- TotalTax- Total- PrepaymentID- OverpaymentID-",
    "ManualJournal": _OWN
    + "ManualJournalID:t Narration:t4000 JournalLines[JournalLine Date:d Status:=DRAFT|POSTED|DELETED|VOIDED Url:t "
    f"LineAmountTypes:{_TAXES} ShowOnCashBasisReports:b Attachments-",
    "JournalLine": "LineAmount:n AccountCode:t10 AccountID:t Description:t4000 TaxType:t Tracking[Tracking TaxAmount:n "
    "IsBlank-",
}


def _read(text: str) -> dict[str, Property]:
    found = {}
    for word in text.split():
        if word.endswith("-"):
            found[word[:-1]] = Property("-")
            continue
        at = next(place for place, sign in enumerate(word) if sign in ":>[")
        name, sign, rest = word[:at], word[at], word[at + 1 :]
        found[name] = Property(rest[0], rest[1:]) if sign == ":" else Property(sign, rest)
    return found


SHAPES: Final = {name: _read(text) for name, text in _TEXTS.items()}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One resource: its kind, id, whether it is paged, and the query parameters that a list of it takes."""

    kind: str
    identity: str
    paged: bool = False
    modified: bool = True
    listed: str = ""
    writable: bool = False
    scopes: tuple[str, ...] = ()


_BROAD: Final = "accounting.transactions"
_SETTINGS: Final = ("accounting.settings",)
ENDPOINTS: Final = {
    "Contacts": Endpoint(
        "Contact", "ContactID", True, listed="IDs includeArchived summaryOnly searchTerm", writable=True,
        scopes=("accounting.contacts",),
    ),
    "Invoices": Endpoint(
        "Invoice", "InvoiceID", True, writable=True, scopes=("accounting.invoices", _BROAD),
        listed="IDs InvoiceNumbers ContactIDs Statuses includeArchived createdByMyApp unitdp summaryOnly searchTerm",
    ),
    "CreditNotes": Endpoint(
        "CreditNote", "CreditNoteID", True, listed="unitdp", writable=True, scopes=("accounting.invoices", _BROAD)
    ),
    "Payments": Endpoint("Payment", "PaymentID", True, writable=True, scopes=("accounting.payments", _BROAD)),
    "Items": Endpoint(
        "Item", "ItemID", listed="unitdp", writable=True, scopes=("accounting.settings", "accounting.invoices")
    ),
    "BankTransactions": Endpoint(
        "BankTransaction", "BankTransactionID", True, listed="unitdp", writable=True,
        scopes=("accounting.banktransactions", _BROAD),
    ),
    "ManualJournals": Endpoint(
        "ManualJournal", "ManualJournalID", True, writable=True, scopes=("accounting.manualjournals", _BROAD)
    ),
    "Accounts": Endpoint("Account", "AccountID", scopes=_SETTINGS),
    "TaxRates": Endpoint("TaxRate", "TaxType", modified=False, scopes=_SETTINGS),
    "TrackingCategories": Endpoint(
        "TrackingCategory", "TrackingCategoryID", modified=False, listed="includeArchived", scopes=_SETTINGS
    ),
    "Organisation": Endpoint("Organisation", "OrganisationID", modified=False, scopes=_SETTINGS),
}  # fmt: skip
"""By the last step of the path. A request needs one of the scopes, with `.read` where it reads."""
IDENTITY: Final = {endpoint.kind: endpoint.identity for endpoint in ENDPOINTS.values()}
